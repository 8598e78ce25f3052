"""Every state of the Train page, without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from playground.config import RunConfig, flatten, from_flat
from playground.presets import PRESETS
from playground.records import Reason, RunStatus, TrainingFacts
from playground.runs.machine_memory import MachineMemory
from playground.runs.memory_check import MemoryCheck
from playground.store.messages import Failed
from playground.training.events import EpochDone, Finished, Paused, Started, StepDone
from tests.pages.helpers import said, sent

ROOT = Path(__file__).parents[2]
SMALL = {"cell": "rnn", "hidden_size": 8, "batch_size": 2, "num_steps": 5, "epochs": 1, "max_tokens": 100}
STARTED = Started(TrainingFacts("cpu", "a processor", 1, "2.13.0", 1000, 64, 8, 90, 10))
STEP = StepDone(1, 0.125, 3.5, 0.5, 1.0, 1000.0, 0.1)


def make_run(manager, status: RunStatus, *messages, **settings) -> str:
    """A run as a worker would have left it."""
    run = manager.store.create(from_flat(SMALL | settings), "a run")
    manager.store.append(run.id, list(messages))
    if messages == () or not isinstance(messages[-1], Finished | Failed | Paused):
        manager.store.set_status(run.id, status)
    assert manager.store.get(run.id).status is status
    return run.id


def button(app: AppTest, key: str):
    return next((b for b in app.button if b.key == key), None)


def enabled(app: AppTest) -> set[str]:
    return {b.key for b in app.button if b.key in ("start", "pause", "resume", "stop") and not b.disabled}


def linked(app: AppTest) -> dict[str, str]:
    """The link, one value a name."""
    return {name: v[0] if isinstance(v, list) else v for name, v in app.query_params.items()}


def listed(app: AppTest) -> list[dict]:
    """The rows of the list of runs."""
    panels = [p for p in app.get("bidi_component") if p.proto.component_name == "run_list"]
    return sent(app, "run_list")["rows"] if panels else []


def texts(app: AppTest) -> str:
    return "\n".join(str(e.value) for kind in ("text", "warning", "error", "info") for e in app.get(kind))


def test_without_a_run_only_start_can_be_pressed(page):
    app = page()
    assert enabled(app) == {"start"}
    assert "LSTM" in texts(app)
    assert not listed(app)


@pytest.mark.parametrize(
    ("status", "messages", "wanted"),
    [
        (RunStatus.QUEUED, (), {"start", "stop"}),
        (RunStatus.STARTING, (), {"start", "stop"}),
        (RunStatus.RUNNING, (STARTED, STEP), {"start", "pause", "stop"}),
        (RunStatus.PAUSED, (STARTED, STEP, Paused(1)), {"start", "resume", "stop"}),
        (RunStatus.FINISHED, (STARTED, STEP, Finished(RunStatus.FINISHED, 1, 1.0, 0.1)), {"start"}),
        (RunStatus.STOPPED, (STARTED, STEP, Finished(RunStatus.STOPPED, 1, 0.1, 0.1)), {"start", "resume"}),
        (RunStatus.DIVERGED, (STARTED, STEP, Finished(RunStatus.DIVERGED, 2, 0.2, 0.1)), {"start"}),
        (RunStatus.FAILED, (STARTED, Failed(Reason("Memory ran out."))), {"start", "resume"}),
        (RunStatus.INTERRUPTED, (STARTED, STEP), {"start", "resume"}),
    ],
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_each_status_offers_what_can_be_done(manager, page, status, messages, wanted, lang):
    app = page(run=make_run(manager, status, *messages), lang=lang)
    assert enabled(app) == wanted
    assert len(listed(app)) == 1


@pytest.mark.parametrize(("limit", "advice"), [("off", "Turn gradient clipping on"), (0.5, "clipped at 0.5")])
def test_a_diverged_run_says_where_and_what_to_try(manager, page, limit, advice):
    told = (STARTED, STEP, Finished(RunStatus.DIVERGED, 2, 0.2, 0.1))
    app = page(run=make_run(manager, RunStatus.DIVERGED, *told, max_grad_norm=limit))
    assert "after step 1 " in app.warning[0].value
    assert advice in app.warning[0].value


def test_a_failed_run_gives_its_reason_and_the_way_on(manager, page):
    reason = Reason(
        "The run {name!r} is {status}, so it cannot be paused.", {"name": "x", "status": "queued"}
    )
    app = page(run=make_run(manager, RunStatus.FAILED, STARTED, Failed(reason)))
    assert app.error[0].value.startswith("The run 'x' is waiting, so it cannot be paused.")
    assert "Resume" in app.error[0].value


def test_a_run_in_two_directions_is_called_a_trap(manager, page):
    app = page(
        run=make_run(
            manager,
            RunStatus.FINISHED,
            STARTED,
            Finished(RunStatus.FINISHED, 1, 1.0, 1.0),
            bidirectional=True,
        )
    )
    assert "trap" in app.warning[0].value


def test_start_trains_what_the_controls_say(manager, page):
    app = page(**SMALL, seed=5)
    button(app, "start").click().run()
    assert not app.exception
    (run,) = manager.store.all()
    assert run.config == from_flat({**PRESETS["quick"], **SMALL, "seed": 5})
    assert linked(app)["run"] == run.id
    assert manager.wait(run.id, 30).status is RunStatus.FINISHED


def test_too_little_text_is_told_with_the_figures_and_nothing_is_lost(manager, page):
    app = page(**(SMALL | {"batch_size": 1024, "num_steps": 512}))
    button(app, "start").click().run()
    assert "need 524,289" in app.error[0].value
    assert manager.store.all() == []
    assert app.session_state["batch_size"] == 1024


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("max_grad_norm", "0"),
        ("max_grad_norm", "-1"),
        ("max_grad_norm", "abc"),
        ("max_grad_norm", "1e308"),
        ("lr", "inf"),
        ("epochs", "1.5"),
        ("bidirectional", "maybe"),
        ("nonlinearity", "relu"),
        ("seed", "-1"),
    ],
)
def test_a_wrong_value_in_a_link_becomes_the_usual_one_and_is_told(page, name, wrong, lang):
    app = page(lang=lang, **{name: wrong})
    assert len(app.warning) == 1
    assert enabled(app) == {"start"}
    assert linked(app).get(name) != wrong


@pytest.mark.parametrize(
    ("name", "wrong", "told"),
    [
        ("hidden_size", "99999", "Hidden units is '99999'; give a whole number from 8 to 1,024."),
        ("max_grad_norm", "nan", "Clipping threshold θ is 'nan'; give a number above 0"),
        ("cell", "<b>x</b>", "Cell is '<b>x</b>'; choose one of rnn, gru, lstm."),
        ("corpus", "nosuch", "The link names the text 'nosuch', which is not here."),
        ("run", "nosuch", "There is no run 'nosuch'."),
    ],
)
def test_a_wrong_word_of_a_link_is_told_in_a_sentence_with_its_figures(page, name, wrong, told):
    app = page(**{name: wrong})
    assert told in app.warning[0].value.replace("\\", "")
    assert enabled(app) == {"start"}
    assert name not in app.query_params


def test_a_wrong_link_is_told_in_the_language_that_is_chosen_since(page):
    app = page(seed="-1")
    assert "give a whole number" in app.warning[0].value
    app.segmented_control("lang").select("zh").run()
    assert "随机种子" in app.warning[0].value
    assert "give a whole number" not in app.warning[0].value


def test_off_in_a_link_turns_the_switch(page):
    app = page(max_grad_norm="off", epochs="off")
    assert not app.toggle("max_grad_norm_switch").value
    assert app.toggle("epochs_switch").value
    app.toggle("max_grad_norm_switch").set_value(True).run()
    assert "max_grad_norm" not in app.query_params
    assert linked(app)["epochs"] == "off"


def test_a_preset_fills_every_control_and_the_link_says_so(page):
    app = page()
    app.pills("preset").select("d2l_lstm2").run()
    assert not app.exception
    assert linked(app)["num_layers"] == "2"
    assert linked(app)["corpus"] == "time_machine"
    again = page(**linked(app))
    assert again.pills("preset").value == "d2l_lstm2"


def test_averaging_is_off_until_a_number_is_typed_and_the_link_carries_it(page):
    app = page()
    assert app.number_input("weight_averaging").value is None
    app.number_input("weight_averaging").set_value(0.998).run()
    assert linked(app)["weight_averaging"] == "0.998"
    again = page(**linked(app))
    assert again.number_input("weight_averaging").value == 0.998
    assert "running average" in texts(again)
    again.number_input("weight_averaging").set_value(None).run()
    assert "weight_averaging" not in again.query_params
    assert "running average" not in texts(again)


def test_the_scoreboards_preset_is_offered_and_comes_back_from_its_link(page):
    app = page()
    app.pills("preset").select("beat_5gram").run()
    assert not app.exception
    again = page(**linked(app))
    assert again.pills("preset").value == "beat_5gram"
    assert again.segmented_control("normalize").value == "spaced"


def test_the_page_of_a_run_can_give_its_settings_back(manager, page):
    app = page(
        run=make_run(
            manager,
            RunStatus.FINISHED,
            STARTED,
            STEP,
            EpochDone(1, 1, 3.0, None, 0.1),
            Finished(RunStatus.FINISHED, 1, 1.0, 1.0),
            seed=99,
        )
    )
    button(app, "reuse").click().run()
    assert app.session_state["seed"] == 99
    assert app.session_state["cell"] == "rnn"
    assert linked(app)["seed"] == "99"


def test_a_pasted_text_is_added_and_chosen(manager, page):
    app = page()
    app.text_area("pasted").set_value("to be or not to be, " * 30)
    app.text_input("pasted_title").set_value("a *question*")
    button(app, "add_pasted").click().run()
    assert not app.exception
    chosen = app.session_state["corpus"]
    assert chosen.startswith("text-")
    assert manager.store.library.load(chosen).title == "a *question*"
    assert linked(app)["corpus"] == chosen


@pytest.mark.parametrize("text", ["", "   \n", "\x00" * 50])
def test_a_useless_paste_is_refused_in_a_sentence(manager, page, text):
    app = page()
    app.text_area("pasted").set_value(text)
    button(app, "add_pasted").click().run()
    assert len(app.error) == 1
    assert app.session_state["corpus"] == "the_tide_clock"


def test_an_uploaded_archive_is_refused_with_its_kind(page):
    app = page()
    archive = ("book.zip", b"PK\x03\x04" + bytes(200), "application/zip")
    app.file_uploader("upload").set_value(archive).run()
    assert not app.exception
    assert "This is a file of the kind ZIP" in app.error[0].value
    assert app.session_state["corpus"] == "the_tide_clock"


def test_control_characters_are_shown_not_swallowed(page):
    app = page()
    app.text_area("pasted").set_value("a\x00b" + "some plain words " * 20)
    button(app, "add_pasted").click().run()
    assert "a␀b" in app.code[0].value


def test_a_run_that_is_gone_is_told(page):
    app = page(run="nosuchrun")
    assert "There is no run 'nosuchrun'" in app.warning[0].value
    assert "run" not in app.query_params


def test_the_usual_set_up_is_an_empty_link(page):
    assert linked(page()) == {}


def test_the_command_lines_usual_set_up_can_be_linked(page):
    link = {
        name: "off" if value is None else str(value).lower() for name, value in flatten(RunConfig()).items()
    }
    app = page(**link)
    assert not app.warning
    assert app.session_state["lr"] == 1.0


def test_a_link_with_relu_for_an_rnn_brings_both_back(page):
    app = page(cell="rnn", nonlinearity="relu")
    assert not app.warning
    assert app.session_state["nonlinearity"] == "relu"
    assert linked(app)["nonlinearity"] == "relu"


def test_a_link_that_names_only_a_run_brings_its_settings(manager, page):
    app = page(
        run=make_run(manager, RunStatus.FINISHED, STARTED, Finished(RunStatus.FINISHED, 1, 1.0, 1.0), seed=77)
    )
    assert app.session_state["seed"] == 77
    assert linked(app)["cell"] == "rnn"


def test_start_takes_a_value_that_was_typed_just_before_the_press(manager, page):
    app = page(**SMALL)
    app.number_input("hidden_size").set_value(9)
    button(app, "start").click().run()
    (run,) = manager.store.all()
    assert run.config.model.hidden_size == 9


def test_an_emptied_number_counts_as_its_usual_value(manager, page):
    app = page(**SMALL)
    app.number_input("hidden_size").set_value(None).run()
    assert not app.exception
    assert "hidden_size" not in linked(app)


def test_another_optimiser_brings_its_usual_step_size_but_keeps_a_chosen_one(page):
    app = page()
    app.segmented_control("optimizer").select("sgd").run()
    assert app.session_state["lr"] == 1.0
    app.number_input("lr").set_value(0.3).run()
    app.segmented_control("optimizer").select("adamw").run()
    assert app.session_state["lr"] == 0.3


def test_a_controls_change_takes_the_links_warning_away(page):
    app = page(seed="-1")
    assert len(app.warning) == 1
    app.number_input("seed").set_value(3).run()
    assert not app.warning


def test_the_list_gives_each_column_what_it_is_sorted_by(manager, page):
    """Written, 1.4 × 10¹² stands between 1.3 and 2.4; a run without a held-out text has nothing to sort by."""
    for loss in (0.88, 28.0, 0.28):
        make_run(
            manager,
            RunStatus.FINISHED,
            STARTED,
            STEP,
            EpochDone(1, 1, loss, None, 0.1),
            Finished(RunStatus.FINISHED, 1, 1.0, 0.1),
        )
    rows = listed(page())
    by_value = sorted(rows, key=lambda row: row["cells"]["train"]["by"])
    assert [row["cells"]["train"]["text"] for row in by_value] == ["1.32", "2.41", "1.4 × 10¹²"]
    assert {row["cells"]["heldout"]["by"] for row in rows} == {None}
    ages = [row["cells"]["started"]["by"] for row in rows]
    assert ages == sorted(ages, reverse=True)


def test_the_list_marks_the_open_run_and_those_whose_perplexity_has_seen_the_future(manager, page):
    trap = make_run(manager, RunStatus.FINISHED, STARTED, STEP, bidirectional=True)
    make_run(manager, RunStatus.FINISHED, STARTED, STEP)
    newest, oldest = listed(page(run=trap))
    assert (newest["is_open"], oldest["is_open"]) == (False, True)
    assert newest["cells"]["name"]["note"] is None
    assert "trap" in oldest["cells"]["name"]["note"]


def test_start_refuses_what_a_field_holds_and_says_why(manager, page):
    app = page(**SMALL)
    app.number_input("hidden_size").set_value(5000)
    button(app, "start").click().run()
    assert "Hidden units is 5000; give a whole number from 8 to 1,024." in app.error[0].value
    assert manager.store.all() == []
    assert app.number_input("hidden_size").value == 5000


def test_a_sample_prefix_keeps_its_line_breaks(manager, page):
    app = page(**SMALL)
    app.text_area(key="sample_prefix").set_value("X:1\nT:Rain\n").run()
    assert linked(app)["sample_prefix"] == "X:1\nT:Rain\n"
    assert page(**linked(app)).text_area(key="sample_prefix").value == "X:1\nT:Rain\n"
    button(app, "start").click().run()
    (run,) = manager.store.all()
    assert run.config.train.sample_prefix == "X:1\nT:Rain\n"


def test_a_run_by_words_of_a_text_without_white_space_is_told_before_start(page):
    app = page(corpus="yujie_zhongbiao", token_level="word")
    assert "hardly any white space" in texts(app)
    button(app, "_level_notice_segmented").click().run()
    assert linked(app)["token_level"] == "segmented"
    assert "hardly any white space" not in texts(app)
    assert "hardly any white space" not in texts(page(corpus="the_tide_clock", token_level="word"))


def test_a_perplexity_that_unknown_tokens_make_small_is_warned_of(page, trained):
    assert "easy to guess" not in texts(page(run=trained()))
    capped = page(run=trained(token_level="word", max_vocab=3, num_steps=2, batch_size=2))
    assert "tokens are `<unk>`, which is easy to guess" in texts(capped)


def test_a_first_visit_says_what_this_is_and_shows_what_perplexity_means(manager, page):
    app = page()
    assert "reads a text letter by letter and guesses what comes next" in said(app)
    (picture,) = (html.value for html in app.get("html") if "<figure" in html.value)
    assert picture.count("opacity:0.85") == 64 + 4  # torn between all of them, then between a few
    assert picture.count("opacity:0.15") == 64 - 4
    opened = page(run=make_run(manager, RunStatus.FINISHED, STARTED, STEP))
    assert not any("<figure" in html.value for html in opened.get("html"))


def test_beat_the_5_gram_shows_what_is_to_be_beaten(page):
    app = page()
    app.pills("preset").select("beat_5gram").run()
    assert linked(app)["scoreboard"] == "on"


def test_a_page_without_a_held_out_text_says_why_the_figure_is_none(manager, page):
    without = make_run(manager, RunStatus.FINISHED, STARTED, STEP, held_out=0)
    assert sent(page(run=without))["has_heldout"] is False
    assert sent(page(run=make_run(manager, RunStatus.FINISHED, STARTED, STEP)))["has_heldout"] is True


def test_what_a_field_holds_is_told_beside_the_set_up_too_but_not_of_a_field_that_is_gone(manager, page):
    app = page(**SMALL, input="embedding")
    app.number_input("embedding_size").set_value(0).run()
    told = [caption.value for caption in app.caption if "Embedding size is 0" in caption.value]
    assert len(told) == 2  # at the field, which a phone hides in its drawer, and above Start's set-up
    next(g for g in app.get("button_group") if g.key == "input").set_value("one-hot").run()
    assert not [caption.value for caption in app.caption if "Embedding size" in caption.value]
    button(app, "start").click().run()
    assert not app.error
    (run,) = manager.store.all()
    assert manager.wait(run.id, 30).status is RunStatus.FINISHED


LARGE = {"cell": "lstm", "hidden_size": 1024, "num_layers": 4, "batch_size": 64, "num_steps": 100}


def test_what_a_large_set_up_needs_is_told_before_start_in_both_languages(manager, page):
    for lang, needs in (("en", ("GB of memory", "119 MB on the disk")), ("zh", ("GB 内存", "占磁盘 119 MB"))):
        told = "\n".join(
            caption.value for caption in page(lang=lang, corpus="the_tide_clock", **LARGE).caption
        )
        assert all(words in told for words in needs), told
    small = "\n".join(caption.value for caption in page().caption)
    assert "GB of memory" not in small
    assert "on the disk" not in small


def test_a_set_up_that_cannot_fit_is_a_warning_with_the_figures_of_the_refusal(manager, page, monkeypatch):
    monkeypatch.setattr(manager.memory, "_memory", lambda: MachineMemory(10**9, 10**9))
    app = page(corpus="the_tide_clock", **LARGE)
    told = [warning.value for warning in app.warning]
    app.button(key="start").click().run()
    assert app.error[0].value in told and not app.warning  # once
    assert not any("GB of memory" in caption.value for caption in app.caption)


def test_a_value_out_of_range_leaves_no_promise_of_what_start_trains(manager, page, trained):
    app = page(run=trained(), hidden_size=9)
    assert "Start trains" in said(app)
    app.number_input(key="hidden_size").set_value(10**6).run()
    assert any(caption.value.startswith(":red[") for caption in app.caption)
    assert "Start trains" not in said(app)


def test_an_open_run_of_the_same_set_up_is_not_told_what_a_start_would_need(manager, page):
    run = make_run(manager, RunStatus.STOPPED, **LARGE | {"max_tokens": None})
    assert not [c for c in page(run=run).caption if "GB of memory" in c.value or "on the disk" in c.value]


def test_what_can_never_fit_is_refused_with_the_way_out_and_no_run_is_made(manager, page, monkeypatch):
    tiny = MemoryCheck(
        manager.store.library, manager._executor.missing_devices, lambda: MachineMemory(10**9, 10**9)
    )
    monkeypatch.setattr(manager, "memory", tiny)
    app = page(corpus="the_tide_clock", **LARGE)
    button(app, "start").click().run()
    assert "there are 1.0 GB here" in app.error[0].value
    assert not manager.store.all()


def test_a_set_up_that_differs_in_how_long_it_trains_alone_reads_otherwise_than_the_run(trained, page):
    app = page(run=trained())
    app.number_input(key="epochs").set_value(7).run()
    lines = [text.value for text in app.text]
    assert any("Start trains" in line and "7 epochs" in line for line in lines)
    assert any("2 epochs" in line and "7 epochs" not in line for line in lines)
