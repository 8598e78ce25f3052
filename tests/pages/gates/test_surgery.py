"""Every state of the view that operates, without a browser."""

from __future__ import annotations

import random
import re

import pytest

from pages.gates.surgery.diff import difference
from pages.shared import state
from playground.cells import CELLS
from playground.config import WriteConfig
from playground.records import RunStatus
from tests import toy_cell
from tests.helpers import some_text, tiny_config, until
from tests.pages.helpers import choose, linked, panels, said, sent
from tests.people import ALI, MEI


@pytest.fixture
def run(manager):
    """Train on a text that is long enough to be measured on; its id."""

    def make(text: str | None = None, **settings) -> str:
        corpus = manager.store.library.add("Another text", text or some_text(6_000)).id
        config = tiny_config(**{"corpus": corpus, "epochs": 2, "cell": "lstm"} | settings)
        run = manager.start(config)
        assert manager.wait(run.id, 60).status is RunStatus.FINISHED
        return run.id

    return make


@pytest.fixture
def surgery(page, run):
    """Open the view with a link."""

    def open_surgery(link=(), **settings):
        return page("gates", run=run(**settings), **{"view": "surgery", "length": 60} | dict(link))

    return open_surgery


def texts(app) -> list[str]:
    return ["".join(p["text"] for p in lane["pieces"]) for lane in sent(app, "surgery")["lanes"]]


def losses(app) -> list[dict]:
    return sent(app, "surgery_losses")["losses"]


def pressed(app) -> list[str]:
    """What the chips say is changed."""
    return [b.label for b in app.button if b.key and b.key.startswith("surgery_chip_")]


def drawn(app) -> set[str]:
    return {panel.proto.component_name for panel in panels(app)}


def test_without_a_run_the_page_says_where_to_get_one(page):
    app = page("gates", view="surgery")
    assert "No run has weights yet" in said(app)
    assert not panels(app)


def test_before_anything_is_changed_the_untouched_text_stands_alone(surgery):
    app = surgery()
    assert len(texts(app)) == 1
    assert len(texts(app)[0]) == 60
    assert "Nothing is changed yet" in said(app)
    assert drawn(app) == {"surgery"}
    assert not pressed(app)


@pytest.mark.parametrize(
    ("cell", "labels"),
    [
        (
            "lstm",
            [
                "f = 1: nothing is forgotten",
                "f = 0: all is forgotten",
                "i = 0: nothing is written",
                "o = 0: nothing is shown",
            ],
        ),
        (
            "gru",
            [
                "r = 0: the past is thrown away",
                "z = 1: the old state is kept",
                "z = 0: the candidate takes its place",
            ],
        ),
        ("rnn", ["h = 0: nothing is remembered"]),
    ],
)
def test_every_cell_has_the_books_sentences_as_switches(surgery, cell, labels):
    app = surgery(cell=cell)
    assert [b.label for b in app.button if b.key and b.key.startswith("surgery_switch_")] == labels
    app.button(key="surgery_switch_0").click().run()
    assert not app.exception and not app.error
    assert len(texts(app)) == 2
    assert losses(app)[0]["title"] == "all predictions"


def test_a_cell_that_no_book_is_quoted_for_has_its_gates_shut_and_opened(monkeypatch, surgery):
    monkeypatch.setitem(CELLS, "toy", toy_cell.CELL)
    app = surgery(cell="toy")
    assert [b.label for b in app.button if b.key and b.key.startswith("surgery_switch_")] == [
        "k = 0",
        "k = 1",
    ]
    app.button(key="surgery_switch_1").click().run()
    assert len(texts(app)) == 2


def test_both_texts_are_what_the_services_write(surgery, manager):
    app = surgery({"cut": "f*=0"})
    run = manager.store.get(linked(app)["run"])
    checkpoint = manager.store.newest_checkpoint(run.id)
    prefix = sent(app, "surgery")["prefix"]
    settings = WriteConfig(length=60)
    before = "".join(t.token for t in state.text_service().write(run, checkpoint, prefix, settings))
    assert texts(app)[0] == before
    assert texts(app)[1] != before
    marked = [piece for piece in sent(app, "surgery")["lanes"][1]["pieces"] if not piece["isSame"]]
    assert marked


def test_a_switch_of_the_same_gate_takes_the_others_place_and_goes_off_by_a_second_press(surgery):
    app = surgery()
    app.button(key="surgery_switch_0").click().run()
    assert linked(app)["cut"] == "f*=1"
    app.button(key="surgery_switch_1").click().run()
    assert linked(app)["cut"] == "f*=0"
    app.button(key="surgery_switch_2").click().run()
    assert linked(app)["cut"] == "f*=0, i*=0"
    assert pressed(app) == ["f = 0", "i = 0"]
    app.button(key="surgery_switch_1").click().run()
    assert linked(app)["cut"] == "i*=0"


def test_a_chip_takes_its_change_out_undo_brings_it_back_and_clear_takes_all(surgery):
    app = surgery({"cut": "h3=0,  c1+2 = mean"})
    assert pressed(app) == ["h of unit 3 = 0", "c of 2 units (1, 2) = its mean"]
    app.button(key="surgery_chip_0").click().run()
    assert linked(app)["cut"] == "c1+2=mean"
    app.button(key="surgery_undo").click().run()
    assert pressed(app) == ["h of unit 3 = 0", "c of 2 units (1, 2) = its mean"]
    app.button(key="surgery_clear").click().run()
    assert "cut" not in linked(app)
    app.button(key="surgery_undo").click().run()
    assert len(pressed(app)) == 2


def test_a_change_of_ones_own_is_added(surgery):
    app = surgery()
    app.text_input(key="surgery_units").set_value("3, 5").run()
    app.selectbox(key="surgery_value").set_value("number").run()
    app.number_input(key="surgery_number").set_value(-0.5).run()
    app.button(key="surgery_add").click().run()
    assert linked(app)["cut"] == "h3+5=-0.5"
    app.text_input(key="surgery_units").set_value("").run()
    app.selectbox(key="surgery_value").set_value("mean").run()
    app.selectbox(key="surgery_name").set_value("o").run()
    app.button(key="surgery_add").click().run()
    assert linked(app)["cut"] == "h3+5=-0.5, o*=mean"


@pytest.mark.parametrize(
    ("units", "value", "told"),
    [("900", "0", "There is no unit 900"), ("x", "0", "has no hx"), ("1", "number", "lies between")],
)
def test_a_change_that_cannot_be_is_told_and_changes_nothing(surgery, units, value, told):
    app = surgery()
    app.text_input(key="surgery_units").set_value(units).run()
    app.selectbox(key="surgery_value").set_value(value).run()
    if value == "number":
        app.number_input(key="surgery_number").set_value(4.0).run()
    app.button(key="surgery_add").click().run()
    assert told in said(app)
    assert "cut" not in linked(app)


def test_changes_that_another_cell_does_not_have_are_told_and_can_be_cleared(surgery):
    app = surgery({"cut": "f*=1"}, cell="gru")
    assert "This network has no f" in said(app)
    assert len(texts(app)) == 1  # the untouched one stands
    app.button(key="surgery_clear").click().run()
    assert not app.error
    assert len(texts(app)) == 1


def test_the_losses_are_sorted_by_harm_with_everything_first(surgery):
    rows = losses(surgery({"cut": "h*=0"}))
    assert rows[0]["name"] == "all"
    shares = [row["share"] for row in rows[1:]]
    assert shares == sorted(shares, reverse=True)
    assert max(map(abs, shares)) == 1
    titles = {row["title"] for row in rows}
    assert {"space", "not: space", "position in the word: large", "position in the word: small"} <= titles


def test_what_happened_is_a_sentence_and_the_text_is_named(surgery):
    app = surgery({"cut": "h*=0", "start": 7}, held_out=0.2)
    told = said(app)
    assert "With h = 0 a prediction costs" in told
    assert re.search("It hurts (most|least) here: “", told)
    assert "in text that was held out from training" in told
    assert "Here the changes hold from the first token on" in told
    assert "The changes begin at token 7" in told


def test_a_change_that_does_nothing_is_told(surgery):
    app = surgery({"cut": "h0=0", "start": 3_000})
    assert "It writes the same text, token for token." in sent(app, "surgery")["lanes"][1]["note"]


def test_the_tables_are_files(surgery):
    app = surgery({"cut": "h*=0"})
    buttons = {button.key: button for button in app.get("download_button")}
    assert set(buttons) == {"surgery_losses_csv", "surgery_changed_csv"}


def test_another_sentences_state_is_put_in_and_no_loss_is_told(surgery):
    app = surgery({"cut": "h*=donor, c*=donor", "start": 5})
    assert app.text_area(key="surgery_donor").value
    assert len(texts(app)) == 2
    assert "no loss over a whole text" in said(app)
    assert drawn(app) == {"surgery"}


def test_layers_can_be_chosen(surgery):
    app = surgery({"cut": "h*=0"}, num_layers=2)
    first = texts(app)
    choose(app, "surgery_layer", 1)
    assert linked(app)["layer"] == "1"
    assert texts(app)[0] == first[0]


@pytest.mark.parametrize("more", [{"objective": "masked"}, {}])
def test_two_directions_cannot_write_and_the_page_says_so(surgery, more):
    app = surgery({"cut": "h*=0"}, bidirectional=True, **more)
    assert "This run reads from both ends" in said(app)
    assert not panels(app)


def test_a_run_that_trains_can_be_operated_on(manager, page):
    corpus = manager.store.library.add("Another text", some_text(6_000)).id
    id = manager.start(tiny_config(corpus=corpus, epochs="off")).id
    until(lambda: manager.store.newest_checkpoint(id))
    app = page("gates", run=id, view="surgery", cut="h*=0", length=20)
    assert len(texts(app)) == 2
    manager.stop(id)
    manager.wait(id, 60)


def test_where_the_text_is_gone_it_still_writes(manager, page, run):
    id = run()
    manager.store.library.remove(manager.store.get(id).config.corpus.corpus)
    app = page("gates", run=id, view="surgery", cut="h*=0", length=20)
    assert len(texts(app)) == 2
    assert "is gone" in said(app)
    assert drawn(app) == {"surgery"}


def test_a_text_that_is_too_short_is_told(surgery):
    app = surgery({"cut": "h*=0"}, text=some_text(400))
    assert "at least 1,000 are needed" in said(app)
    assert len(texts(app)) == 2


def test_predictions_in_a_text_of_somebody_else_are_not_shown(manager, page, seen_by):
    seen_by(MEI)
    corpus = manager.store.library.add("A diary", some_text(6_000), owner=MEI).id
    id = manager.start(tiny_config(corpus=corpus, epochs=2), owner=MEI).id
    manager.wait(id, 60)
    link = {"run": id, "view": "surgery", "cut": "h*=0", "length": 20, "prefix": "tide"}
    assert sent(page("gates", **link), "surgery_losses")["changed"]
    seen_by(ALI)
    app = page("gates", **link)
    assert sent(app, "surgery_losses")["changed"] == []
    assert losses(app)
    assert "single predictions are not shown" in said(app)
    assert [b.key for b in app.get("download_button")] == ["surgery_losses_csv"]


def test_a_text_that_is_too_long_to_be_compared_is_told(surgery):
    assert "is too long to be compared" in said(surgery({"length": 5_000, "cut": "h*=0"}))


def test_chinese_has_words_of_its_own_for_everything(surgery):
    app = surgery({"cut": "h*=0", "lang": "zh"})
    assert not app.exception


@pytest.mark.parametrize("seed", range(8))
def test_a_difference_keeps_both_texts_and_parts_where_they_first_differ(seed):
    rng = random.Random(seed)
    before = tuple(rng.choices("ab ", k=80))
    after = before[:30] + tuple(rng.choices("ab ", k=rng.randrange(60)))
    found = difference(before, after, 4)
    assert tuple(t for piece in found.before for t in piece.tokens) == before
    assert tuple(t for piece in found.after for t in piece.tokens) == after
    same = [[p.tokens for p in side if p.kind == "same"] for side in (found.before, found.after)]
    assert sum(map(len, same[0])) == sum(map(len, same[1]))
    assert "".join(map("".join, same[0])) == "".join(map("".join, same[1]))
    if found.parts_at is not None:
        assert before[: found.parts_at] == after[: found.parts_at]
        assert before[found.parts_at : found.parts_at + 1] != after[found.parts_at : found.parts_at + 1]


def test_equal_texts_do_not_differ():
    found = difference(tuple("tide"), tuple("tide"), 4)
    assert (found.parts_at, found.share, len(found.after)) == (None, 0.0, 1)
