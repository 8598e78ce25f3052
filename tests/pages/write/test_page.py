"""Every state of the Write page, without a browser."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from playground.records import RunStatus
from playground.services.checkpoints import checkpoint_at
from playground.services.text import MOST_PREFIX, MOST_READ
from tests.helpers import some_text, tiny_config, until
from tests.pages.helpers import choose, linked, panels, said, sent


@pytest.fixture
def writes(page, trained):
    """Train, then open the page with a link."""

    def open_page(link=(), **settings):
        return page("write", run=trained(**settings), **dict(link))

    return open_page


def asked(app, lane: int = 0) -> dict[str, str]:
    """What a lane asks the server for."""
    return {
        name: value for name, (value,) in parse_qs(urlsplit(sent(app)["lanes"][lane]["path"]).query).items()
    }


def test_without_a_run_the_page_says_where_to_get_one(page):
    assert "No run has weights yet" in said(page("write"))


def test_a_run_writes_at_once_from_its_own_beginning_with_the_usual_settings(writes):
    app = writes()
    (lane,) = sent(app)["lanes"]
    assert lane["path"].startswith("/api/runs/")
    assert asked(app) == {
        "prefix": "tide clock rain",
        "length": "200",
        "temperature": "0.7",
        "seed": "0",
        "epoch": "2",
    }


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_panel_has_the_words_for_what_is_copied_with_a_place_for_every_figure(writes, lang):
    labels = sent(writes({"lang": lang}))["labels"]
    fields = ("{share}", "{least}", "{longest}", "{piece}")
    assert [field for field in fields if field in labels["copiedShare"]] == list(fields)
    assert [field for field in fields if field in labels["copiedLittle"]] == list(fields[1:])
    assert not [field for field in fields if field in labels["copiedNothing"]]


def test_controls_reach_the_address_and_the_server(writes):
    app = writes()
    app.slider(key="write_temperature").set_value(0.0).run()
    app.number_input(key="write_length").set_value(50).run()
    app.number_input(key="write_top_k").set_value(3).run()
    app.number_input(key="write_top_p").set_value(0.5).run()
    app.text_area(key="write_prefix").set_value("lamp ").run()
    told = {"prefix": "lamp ", "length": "50", "temperature": "0", "top_k": "3", "top_p": "0.5"}
    assert told.items() <= linked(app).items()
    assert asked(app) == told | {"seed": "0", "epoch": "2", "temperature": "0.0"}
    app.number_input(key="write_top_k").set_value(None).run()
    assert "top_k" not in asked(app)
    assert "top_k" not in linked(app)


def test_a_link_brings_everything_back(writes):
    link = {
        "prefix": "moon",
        "temperature": "1.5",
        "length": "70",
        "top_k": "4",
        "top_p": "0.9",
        "seed": "7",
        "epoch": "0",
    }
    app = writes(link=link)
    assert asked(app) == link
    assert app.slider(key="write_temperature").value == 1.5


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ({"temperature": "nan"}, "Temperature is 'nan'; give a number from 0 to 10."),
        ({"temperature": "-1"}, "Temperature is '-1'; give a number from 0 to 10."),
        ({"temperature": "99"}, "Temperature is '99'; give a number from 0 to 10."),
        ({"length": "0"}, "Length is '0'; give a whole number from 1 to 10,000."),
        ({"length": "1000000"}, "Length is '1000000'; give a whole number from 1 to 10,000."),
        ({"top_p": "0"}, "Top-p is '0'; give a number above 0, up to 1, or off."),
    ],
)
def test_a_wrong_setting_is_told_and_the_usual_one_taken(writes, link, sentence):
    app = writes(link=link)
    assert sentence in said(app)
    assert "The usual value is used instead." in said(app)
    (name,) = link
    assert asked(app).get(name) == {"temperature": "0.7", "length": "200", "top_p": None}[name]


def test_a_temperature_beyond_the_slider_of_a_link_is_kept(writes):
    app = writes(link={"temperature": "5"})
    assert app.slider(key="write_temperature").max == 5.0
    assert asked(app)["temperature"] == "5.0"


def test_an_empty_prefix_is_told_and_the_field_stays(writes):
    app = writes()
    app.text_area(key="write_prefix").set_value("").run()
    assert "The text is empty" in said(app)
    app.text_area(key="write_prefix").set_value("salt").run()
    assert asked(app)["prefix"] == "salt"


def test_a_prefix_that_is_too_long_is_told_with_the_figures(writes):
    app = writes(link={"prefix": "a" * (MOST_PREFIX + 1)})
    assert "The text has 1,001 tokens; at most 1,000" in said(app)


def test_unknown_characters_of_the_prefix_are_named(writes):
    assert "the network does not know “é”, “ß”" in said(writes(link={"prefix": "é tide ßé"}))


def test_another_press_takes_another_seed(writes):
    app = writes()
    app.button(key="write_again").click().run()
    assert asked(app)["seed"] == linked(app)["seed"] != "0"


def test_the_same_seed_at_several_moments(writes):
    app = writes(link={"view": "training"}, epochs=12)
    assert [lane["title"] for lane in sent(app)["lanes"]] == ["epoch 1", "epoch 2", "epoch 10", "epoch 12"]
    assert [asked(app, i)["epoch"] for i in range(4)] == ["1", "2", "10", "12"]
    assert len({asked(app, i)["seed"] for i in range(4)}) == 1
    app.multiselect(key="write_moments").set_value([0, 3]).run()
    assert [asked(app, i)["epoch"] for i in range(2)] == ["0", "5"]
    assert linked(app)["moments"] == "0 5"
    app.multiselect(key="write_moments").set_value([5, 4, 2, 1]).run()  # the usual ones, in another order
    assert "moments" not in linked(app)


def test_surprise_shows_every_token_with_its_bits_and_candidates(writes):
    app = writes(link={"view": "surprise", "text": "tide é"})
    (lane,) = sent(app)["lanes"]
    assert [token[0] for token in lane["tokens"]] == list("tide é")
    assert [token[3] for token in lane["tokens"]] == [True] * 5 + [False]
    assert lane["tokens"][0][1:3] == [None, []]
    assert all(token[1] > 0 and len(token[2]) in (5, 6) for token in lane["tokens"][1:])
    assert "bits a token, so the perplexity is 2" in said(app)
    assert not sent(app)["streams"]


def test_every_token_has_its_own_bar_also_beyond_the_likeliest(writes):
    tokens = sent(writes(link={"view": "surprise", "text": "tide é zxqj clock"}))["lanes"][0]["tokens"]
    lengths = set()
    for token, bits, bars, known in tokens[1:]:
        (own,) = [p for name, p, _shaped in bars if name == (token if known else "<unk>")]
        assert own == pytest.approx(2**-bits, rel=0.01, abs=2e-5)
        lengths.add(len(bars))
    assert lengths == {5, 6}


def test_a_text_that_is_too_long_to_be_surprised_by_is_told(writes):
    assert f"The text has {MOST_READ + 1:,} tokens" in said(
        writes(link={"view": "surprise", "text": "a" * (MOST_READ + 1)})
    )


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"bidirectional": True, "num_layers": 2}, "This run cannot write"),
        ({"bidirectional": True, "objective": "masked"}, "This run fills in blanks"),
    ],
)
def test_a_run_that_cannot_write_is_refused_with_the_way_out(writes, settings, words):
    app = writes(**settings)
    assert words in said(app)
    assert not panels(app)
    assert any(link.label == "Two directions" for link in app.get("page_link"))


def test_without_a_link_the_newest_run_that_can_write_is_taken(page, trained):
    able = trained()
    trained(bidirectional=True)
    app = page("write")
    assert linked(app)["run"] == able


def test_a_view_is_chosen_by_a_press_and_kept_in_the_link(writes):
    app = writes()
    choose(app, "write_view", "surprise")
    assert linked(app)["view"] == "surprise"
    choose(app, "write_view", "write")
    assert "view" not in linked(app)


def test_words_are_joined_by_spaces(writes):
    assert sent(writes(token_level="word"))["between"] == " "


def test_a_run_that_is_paused_is_not_said_to_train(page, manager):
    corpus = manager.store.library.add("Some text", some_text(600)).id
    run = manager.start(tiny_config(corpus=corpus, epochs=None))
    until(lambda: manager.store.newest_checkpoint(run.id))
    manager.pause(run.id)
    until(lambda: manager.store.get(run.id).status is RunStatus.PAUSED)
    told = said(page("write", run=run.id))
    assert "It still trains" not in told
    assert "It is paused. Its newest weights: " in told
    manager.stop(run.id)
    assert manager.wait(run.id, 60).status is RunStatus.STOPPED


def test_a_run_that_trains_is_asked_for_its_newest_weights(page, manager, monkeypatch):
    asked_for = []
    monkeypatch.setattr(manager, "request_checkpoint", asked_for.append)
    corpus = manager.store.library.add("Some text", some_text(600)).id
    run = manager.start(tiny_config(corpus=corpus, epochs=None))
    until(lambda: manager.store.newest_checkpoint(run.id))
    try:
        app = page("write", run=run.id)
        assert asked_for == [run.id]
        assert "It still trains. Its newest weights: epoch" in said(app)
    finally:
        manager.stop(run.id)
        manager.wait(run.id, 60)
    page("write", run=run.id)
    assert asked_for == [run.id]  # it has ended


def test_a_run_without_weights_is_told(page, manager):
    waiting = manager.store.create(tiny_config(), "waits")
    manager.store.create(tiny_config(), "waits too")
    assert "No run has weights yet" in said(page("write", run=waiting.id))


def test_no_moment_at_all_is_told_and_too_many_are_cut(writes):
    app = writes(link={"view": "training"}, epochs=30)
    app.multiselect(key="write_moments").set_value([]).run()
    assert "Choose at least one moment." in said(app)
    app = writes(link={"view": "training", "moments": " ".join(map(str, range(31)))}, epochs=30)
    assert len(sent(app)["lanes"]) <= 8


def test_a_number_out_of_its_range_is_told_in_a_sentence(writes):
    app = writes()
    app.number_input(key="write_length").set_value(1_000_000).run()
    assert "Length is 1000000; give a whole number from 1 to 10,000." in said(app)
    assert asked(app)["length"] == "200"
    assert app.number_input(key="write_length").value == 1_000_000  # as it was typed, to be mended


def test_a_small_top_p_of_a_link_stands_in_its_field(writes):
    app = writes(link={"top_p": "0.001"})
    assert app.number_input(key="write_top_p").value == 0.001


def test_a_long_text_stays_out_of_the_address_and_in_its_field(writes):
    app = writes(link={"view": "surprise"})
    app.text_area(key="write_text").set_value("tide " * 200).run()
    assert "text" not in linked(app)
    assert len(sent(app)["lanes"][0]["tokens"]) == 1_000
    app.run()
    assert app.text_area(key="write_text").value == "tide " * 200


def test_a_single_token_has_no_surprise(writes):
    assert "A single token" in said(writes(link={"view": "surprise", "text": "t"}))


def test_a_run_stopped_within_an_epoch_writes_from_its_last_weights(page, manager):
    corpus = manager.store.library.add("Some text", some_text(3_000)).id
    run = manager.start(tiny_config(corpus=corpus, epochs=None))
    until(lambda: manager.store.get(run.id).step > 3)
    manager.stop(run.id)
    ended = manager.wait(run.id, 60)
    assert ended.epoch % 1
    epoch = asked(page("write", run=run.id))["epoch"]
    assert checkpoint_at(manager.store, ended, float(epoch)) == manager.store.newest_checkpoint(run.id)


@pytest.mark.parametrize(
    ("prefix", "told"),
    [("ÜberX 日 tide", "berx tide"), ("Tide  clock", None), ("the tide's clock", "the tide s clock")],
)
def test_what_letters_leave_of_a_prefix_is_said(writes, prefix, told):
    app = writes({"prefix": prefix}, normalize="letters")
    sentence = f"this text is read as: {told}"
    assert (sentence in said(app)) == (told is not None)
    assert ("is read as" in said(app)) == (told is not None)


def test_line_breaks_of_a_prefix_are_kept_in_the_field_the_link_and_what_the_server_is_asked(writes):
    verse = "tide in,\nclock out,\n"
    app = writes(sample_prefix=verse)
    assert app.text_area(key="write_prefix").value == verse
    assert asked(app)["prefix"] == verse
    app.text_area(key="write_prefix").set_value("lamp\n\nsalt\n").run()
    assert linked(app)["prefix"] == asked(app)["prefix"] == "lamp\n\nsalt\n"


def test_the_usual_prefix_of_a_text_of_short_lines_keeps_their_ends(page, manager):
    corpus = manager.store.library.add("Tune", "X:1\nT:Rain\nK:G\n" + "GAB c2|\n" * 60).id
    run = manager.start(tiny_config(corpus=corpus, epochs=1))
    manager.wait(run.id, 60)
    app = page("write", run=run.id)
    assert app.text_area(key="write_prefix").value.startswith("X:1\nT:Rain\nK:G")
    assert asked(app)["prefix"].startswith("X:1\nT:Rain\nK:G")
