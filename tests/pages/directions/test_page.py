"""Every state of the Two directions page, without a browser."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest

from pages.directions import features
from pages.shared import run_picker, state
from playground.config import one_direction
from playground.presets import preset
from playground.records import FeatureMap, Reason, RunStatus
from tests.helpers import tiny_config
from tests.pages.helpers import choose, linked, panels, said

TRAP = {"bidirectional": True, "num_layers": 2}
BLANKS = {"bidirectional": True, "objective": "masked"}


def panel(app) -> dict:
    """What the panel of the blanks was given."""
    protos = [component.proto for component in panels(app)]
    data = [json.loads(p.mixed.json if p.HasField("mixed") else p.json) for p in protos]
    return next(props for props in data if "blanks" in props)


def metrics(app) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_without_a_trap_the_lesson_offers_to_train_one(page):
    app = page("directions")
    assert "Two layers, two directions" in said(app)
    assert not app.metric


def test_a_press_trains_the_preset(page, manager, monkeypatch):
    started = []
    real = manager.start
    monkeypatch.setattr(
        manager, "start", lambda config, *name, **more: started.append(config) or real(config, *name, **more)
    )
    app = page("directions")
    app.button(key="trap_train").click().run()
    assert started == [preset("trap")]
    manager.stop(linked(app)["run"])


def test_a_trap_that_has_learnt_is_put_to_the_test(page, trained):
    app = page("directions", run=trained(**TRAP))
    shown = metrics(app)
    assert list(shown) == [
        "perplexity of the text as it is",
        "with what follows scrambled",
        "it names whatever we put there",
    ]
    assert not app.code
    app.button(key="trap_generate").click().run()
    (wrote,) = app.code
    assert wrote.value.startswith("tide clock")
    assert len(wrote.value) == 10 + 50


def test_the_sentence_of_the_trap_is_checked(page, trained):
    app = page("directions", run=trained(**TRAP), text="a" * 121)
    assert "The text has 121 tokens; at most 120" in said(app)
    app.text_area(key="trap_text").set_value("t").run()
    assert "a single token" in said(app)
    app.text_area(key="trap_text").set_value("tide").run()
    assert len(app.metric) == 3


def test_an_empty_prefix_of_the_trap_is_told(page, trained):
    id = trained(**TRAP)
    app = page("directions", run=id)
    app.text_area(key=f"trap_prefix_{id}").set_value("").run()
    app.button(key="trap_generate").click().run()
    assert "The text is empty" in said(app)


def test_the_first_lesson_leads_a_run_to_the_lesson_that_it_is_for(page, trained):
    app = page("directions", run=trained(**BLANKS))
    assert "is not for this lesson." in said(app)
    (link,) = [link for link in app.get("page_link") if "Open it in" in link.proto.label]
    assert link.proto.label == "Open it in “Fill in the blank”"
    assert "view=blanks" in link.proto.query_string


def test_without_a_run_the_blanks_offer_to_train_both(page):
    app = page("directions", view="blanks")
    assert "its twin with one direction" in said(app)


def test_every_blank_gets_five_fills_from_both_sides_and_from_the_left(page, trained):
    twin = trained()
    id = trained(**BLANKS)
    app = page("directions", view="blanks", run=id, text="ti_e clo_k")
    told = panel(app)
    assert [token for token, _known, _hidden in told["tokens"]] == [*"ti", None, *"e clo", None, "k"]
    assert [[len(side["fills"]) for side in blank["sides"]] for blank in told["blanks"]] == [[5, 5], [5, 5]]
    assert told["blanks"][0]["around"] == ["ti", "e clo_k"]
    assert "points better" in metrics(app)
    assert twin != id


def test_the_usual_blanks_know_their_answers_and_mark_them(page, trained, manager):
    trained()
    id = trained(**BLANKS)
    app = page("directions", view="blanks", run=id)
    whole = state.gate_service().usual_sentence(manager.store.get(id))
    told = panel(app)
    assert len(told["blanks"]) == 2
    assert [blank["was"] for blank in told["blanks"]] == [
        letter for letter, (token, *_) in zip(whole, told["tokens"], strict=True) if token is None
    ]
    for blank in told["blanks"]:
        for side in blank["sides"]:
            assert [name for name, *_bars in side["fills"]].count(blank["was"]) == 1


def test_what_stood_at_a_blank_of_ones_own_is_not_known(page, trained):
    told = panel(page("directions", view="blanks", run=trained(**BLANKS), text="ti_e"))
    assert [blank["was"] for blank in told["blanks"]] == [None]


def test_the_twin_that_a_press_trains_is_the_runs_own_with_one_direction(page, manager, trained):
    id = trained(**BLANKS, cell="gru")
    app = page("directions", view="blanks", run=id)
    app.button(key="twin_train").click().run()
    (twin,) = (run for run in manager.store.all() if run.id != id)
    manager.wait(twin.id, 60)
    assert twin.config == one_direction(manager.store.get(id).config)
    assert (twin.config.model.cell, twin.config.can_write) == ("gru", True)
    assert linked(app)["run"] == id
    app.run()
    assert "points better" in metrics(app)


def test_without_a_twin_the_page_offers_one(page, trained):
    app = page("directions", view="blanks", run=trained(**BLANKS))
    assert [len(blank["sides"]) for blank in panel(app)["blanks"]] == [1, 1]
    assert "No run with one direction" in said(app)
    assert list(metrics(app)) == ["from both sides"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("tide", "The text has no blank. Type"),
        ("", "The text is empty"),
        ("_" * 401, "The text has 401 tokens; at most 400"),
    ],
)
def test_a_sentence_that_cannot_be_filled_is_told(page, trained, text, sentence):
    app = page("directions", view="blanks", run=trained(**BLANKS), text="ti_e")
    app.text_area(key="blanks_text").set_value(text).run()
    assert sentence in said(app)


def test_without_held_out_text_there_is_no_score(page, trained):
    app = page("directions", view="blanks", run=trained(**BLANKS, held_out=0))
    assert not app.metric


def test_features_need_a_run_with_two_directions(page, trained):
    trained()
    assert "No run with two directions" in said(page("directions", view="features"))


@pytest.mark.parametrize("settings", [TRAP, BLANKS])
def test_features_are_drawn_and_can_be_taken_away(page, trained, settings):
    app = page("directions", view="features", run=trained(**settings), text="tide clock é")
    (chart,) = app.get("plotly_chart")
    names = [trace["name"] for trace in json.loads(chart.proto.spec)["data"]]
    assert names == ["vowel", "consonant", "space", "&lt;unk&gt;"]
    assert {button.label for button in app.get("download_button")} == {
        "Table (.csv): tokens and places",
        "Figure (.html): opens without this server",
    }


def test_too_few_tokens_for_a_map_are_told(page, trained):
    app = page("directions", view="features", run=trained(**BLANKS), text="ab")
    assert "A map needs at least 3 tokens; the text has 2." in said(app)


def test_every_lesson_keeps_a_sentence_of_its_own(page, trained):
    app = page("directions", view="blanks", run=trained(**BLANKS), text="ti_e")
    choose(app, "lesson", "features")
    assert linked(app)["view"] == "features"
    assert "text" not in linked(app)
    choose(app, "lesson", "blanks")
    assert linked(app)["text"] == "ti_e"


def test_without_a_blank_the_sentence_stays_to_be_clicked(page, trained):
    told = panel(page("directions", view="blanks", run=trained(**BLANKS), text="tide"))
    assert [token for token, _known, _hidden in told["tokens"]] == list("tide")
    assert told["blanks"] == []


def test_a_sign_of_a_blank_in_the_usual_sentence_is_no_blank(page, manager):
    corpus = manager.store.library.add("Code", "def to_text(value): return some_name——value\n" * 40).id
    run = manager.start(tiny_config(**BLANKS, corpus=corpus, epochs=1))
    manager.wait(run.id, 60)
    app = page("directions", view="blanks", run=run.id)
    assert "to\\_text" in app.text_area(key="blanks_text").value
    assert "\\——" in app.text_area(key="blanks_text").value
    told = panel(app)
    assert len(told["blanks"]) == 2
    assert [token for token, _known, _hidden in told["tokens"]].count("_") == 2


def test_full_width_signs_are_blanks(page, trained):
    told = panel(page("directions", view="blanks", run=trained(**BLANKS), text="t＿de （） ——"))
    assert len(told["blanks"]) == 3


def test_what_a_click_hid_belongs_to_that_sentence_alone(page, trained):
    app = page("directions", view="blanks", run=trained(**BLANKS), text="t_de")
    app.session_state["cloze_hidden"] = (("t", None, "d", "e"), {1: "i"})
    app.run()
    assert panel(app)["blanks"][0]["was"] == "i"
    app.text_area(key="blanks_text").set_value("l_mp").run()
    assert panel(app)["blanks"][0]["was"] is None


@pytest.mark.parametrize(("view", "settings"), [("trap", TRAP), ("blanks", BLANKS)])
def test_a_run_that_ended_before_it_had_weights_is_no_dead_end(page, manager, view, settings):
    record = manager.store.create(tiny_config(**settings), "failed")
    manager.store.set_status(record.id, RunStatus.FAILED, Reason("Memory ran out."))
    app = page("directions", view=view)
    assert any(button.key in ("trap_train", "blanks_train") for button in app.button)


def test_a_run_of_another_kind_is_replaced_with_a_word(page, trained):
    other = trained()
    trained(**TRAP)
    assert "is not for this lesson" in said(page("directions", run=other))


def test_a_run_that_was_deleted_is_told(page, trained):
    trained(**TRAP)
    assert "There is no run" in said(page("directions", run="0b28dce73f1a"))


def test_the_twin_most_alike_is_taken_and_both_epochs_are_told(page, trained):
    alike = trained(epochs=2)
    trained(epochs=1)
    app = page("directions", view="blanks", run=trained(**BLANKS, epochs=2))
    assert app.selectbox(key="blanks_twin").value == alike
    assert "After 2 epochs from both sides and 2 from the left." in said(app)


@pytest.mark.parametrize(("value", "opened"), [("abc", ["abc"]), ("LSTM 8 · training", []), (None, [])])
def test_a_box_that_hands_back_a_label_opens_nothing(monkeypatch, value, opened):
    """As a browser's does when a run has ended and its label has changed meanwhile."""
    heard = []
    monkeypatch.setattr(run_picker, "open_run", heard.append)
    monkeypatch.setattr(run_picker.st, "session_state", {"box": value})
    run_picker.open_chosen("box", ("abc", "def"))
    assert heard == opened


def test_another_lesson_is_no_reproach_about_the_run(page, trained):
    trained(**BLANKS)
    id = trained(**TRAP)
    app = page("directions", run=id)
    choose(app, "lesson", "blanks")
    assert "is not for this lesson" not in said(app)
    choose(app, "lesson", "trap")
    assert linked(app)["run"] == id


def test_the_table_of_features_has_numbers_and_no_formula():
    points = FeatureMap(np.array([[-0.5, 1.0], [2.0, -3.0]]), (0.6, 0.3), ("mark", "vowel"))
    rows = list(csv.DictReader(io.StringIO(features.table(("=1+1", "a"), points).decode("utf-8-sig"))))
    assert [row["token"] for row in rows] == ["'=1+1", "a"]
    assert [(row["position"], row["kind"]) for row in rows] == [("1", "mark"), ("2", "vowel")]
    assert [float(row["component_1"]) for row in rows] == [-0.5, 2.0]
    assert [float(row["component_2"]) for row in rows] == [1.0, -3.0]
