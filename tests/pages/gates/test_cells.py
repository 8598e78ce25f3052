"""Every state of the list of what units follow, without a browser."""

from __future__ import annotations

import json
import re

import pytest

from pages.gates.cells import actions, words
from pages.gates.cells.words import Unmeasured
from pages.shared import state
from playground.records import AblationCheck, Finding, RunStatus, UnitScore
from tests.helpers import DIVERGES, some_text, tiny_config
from tests.pages.helpers import choose, panels, said, sent
from tests.people import ALI, MEI

LINES = 'the tide, "clock rain lamp" said\nBrass wheel moon.\n"Salt glass, door" 7\n'


@pytest.fixture
def run(manager):
    """Train on a text with lines, quotes and commas; the run's id."""

    def make(text=LINES * 40, owner=None, **settings):
        corpus = manager.store.library.add("A text", text, *([owner] if owner else [])).id
        config = tiny_config(**{"corpus": corpus, "normalize": "none", "epochs": 2, **settings})
        id = manager.start(config, **({"owner": owner} if owner else {})).id
        manager.wait(id, 60)
        return id

    return make


def settled(app, most=6):
    """As if the page's own clock struck until everything is measured."""
    for _ in range(most):
        if not app.session_state["cells_wait"]:
            return app
        app.run()
        assert not app.exception
    raise AssertionError("still measuring")


def row(app, name: str) -> dict:
    return next(row for row in sent(app, "cells")["rows"] if row["name"] == name)


def test_without_a_run_the_page_says_where_to_get_one(page):
    app = page("gates")
    assert "No run has weights yet" in said(app)
    assert not panels(app)


def test_the_list_is_drawn_before_losses_are_measured_and_then_with_them(page, run):
    app = page("gates", run=run())
    first = sent(app, "cells")
    assert first["rows"]
    assert all("is being measured" in row["says"] for row in first["rows"])
    assert not any(row["kind"] == "cell" for row in first["rows"])
    settled(app)
    assert all("is being measured" not in row["says"] for row in sent(app, "cells")["rows"])
    assert "being measured" not in sent(app, "cells")["summary"]
    assert any("nats a token" in row["says"] for row in sent(app, "cells")["rows"])


def test_what_has_to_be_remembered_stands_before_what_tokens_say_themselves(page, run):
    groups = [row["group"] for row in sent(page("gates", run=run()), "cells")["rows"]]
    assert groups == sorted(groups)
    assert "token" in groups


def test_a_class_of_tokens_of_ones_own_stands_with_what_tokens_say_themselves(page, run):
    app = page("gates", run=run(), pattern="[aeiou]", idea="my vowels")
    groups = {row["title"]: row["group"] for row in sent(app, "cells")["rows"]}
    assert groups["my vowels"] == groups["vowel"] == "token"
    assert groups.get("position in the word", "memory") == "memory"


def test_what_is_found_of_an_own_idea_is_told_below_its_field(page, run):
    id = run()
    app = page("gates", run=id, pattern="[aeiou]", idea="my vowels")
    assert re.search(r"my vowels holds at [\d,]+ of [\d,]+ tokens. Closest: ", said(app))
    app = page("gates", run=id, pattern="zzz", idea="never")
    assert "never holds at 0 of" in said(app)
    assert "too rare in this text" in said(app)
    app.text_area(key="cells_table").set_value("1\n0\n1").run()
    assert "never has a value for 3 of" in said(app)
    app = page("gates", run=id, pattern="(")
    assert len(app.warning) == 2  # on the page, and under the field that may cover it


def test_how_much_was_read_is_told(page, run):
    assert re.search(r"All [\d,]+ tokens of the text are read.", said(page("gates", run=run())))


def test_a_passage_has_a_colour_a_value_and_a_mark_a_token(page, run):
    data = sent(page("gates", run=run()), "cells")
    for passage in (row["passage"] for row in data["rows"]):
        count = len(passage["tokens"])
        assert 0 < count <= 160
        assert len(passage["levels"]) == len(passage["values"]) == count
        assert all(0 <= level <= data["levels"] for level in passage["levels"])
        assert passage["holds"] is None or len(passage["holds"]) == count
        assert passage["palette"] in data["palettes"]


def test_ideas_that_nothing_follows_are_told_in_words(page, run):
    told = {idea["title"]: idea["says"] for idea in sent(page("gates", run=run()), "cells")["rest"]}
    assert all("too rare" in says or "no better than chance" in says for says in told.values())


def test_before_the_first_step_nothing_has_been_learnt(page, run):
    app = page("gates", run=run(), epoch="0")
    assert "nothing has been learnt" in sent(app, "cells")["summary"]


def test_a_run_with_epoch_0_alone_says_so(page, manager):
    corpus = manager.store.library.add("A text", LINES * 40).id
    id = manager.start(tiny_config(corpus=corpus, normalize="none", epochs="off")).id
    manager.stop(id)
    manager.wait(id, 60)
    app = page("gates", run=id, epoch="0")
    assert not app.error
    assert "nothing has been learnt" in sent(app, "cells")["summary"]


def test_a_text_that_is_too_short_is_told(page, run):
    app = page("gates", run=run(text=some_text(600)))
    assert "at least 1,000 are needed" in said(app)
    assert not panels(app)
    assert not app.error
    choose(app, "lens_view", "heatmap")
    assert sent(app, "lens")["charts"]


def test_a_text_that_is_gone_is_told(page, run, manager):
    id = run()
    corpus = manager.store.get(id).config.corpus.corpus
    for file in manager.store.library.directory.glob(f"{corpus}*"):
        file.unlink()
    app = page("gates", run=id)
    assert not app.exception
    assert "is gone" in said(app) or "not here" in said(app)
    assert not app.error
    assert not panels(app)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_plain_rnn_has_its_own_notice_and_a_list(page, run, lang):
    app = page("gates", run=run(cell="rnn"), lang=lang)
    assert app.info
    assert sent(app, "cells")["rows"]


def test_two_directions_are_chosen_and_losses_are_not_measured(page, run):
    app = page("gates", run=run(bidirectional=True, objective="masked"))
    assert all("does not predict the next token" in row["says"] for row in sent(app, "cells")["rows"])
    assert not app.session_state["cells_wait"]
    assert "surgery" not in {action for row in sent(app, "cells")["rows"] for action in row["actions"]}
    forward = sent(app, "cells")["rows"]
    choose(app, "lens_direction", 1)
    assert sent(app, "cells")["rows"] != forward


def test_a_network_that_diverged_is_told(page, run, manager):
    id = run(**DIVERGES)
    assert manager.store.get(id).status is RunStatus.DIVERGED
    app = page("gates", run=id)
    assert not app.exception
    assert "diverged" in said(app)


def test_damaged_weights_are_told(page, run, manager):
    id = run()
    checkpoint = manager.store.newest_checkpoint(id)
    (manager.store.run_directory(id) / checkpoint.weights_file).write_bytes(b"broken")
    app = page("gates", run=id)
    assert app.error
    assert not panels(app)


def test_how_it_formed_is_read_after_the_list_is_drawn(page, run):
    id = run()
    name = sent(page("gates", run=id), "cells")["rows"][0]["name"]
    app = page("gates", run=id, formed=name)
    assert sent(app, "cells")["opened"] == name
    assert sent(app, "cells")["formation"] is None
    settled(app)
    unit = sent(app, "cells")["formation"]["data"][1]
    assert unit["x"] == [0, 1, 2]


def test_a_link_to_something_that_nothing_is_known_of_shows_the_list(page, run):
    app = page("gates", run=run(), formed="nosuch", view="nosuch", unit="7777")
    assert sent(app, "cells")["opened"] is None


def test_an_own_expression_is_found_and_one_that_cannot_be_read_leaves_the_list(page, run):
    id = run()
    app = page("gates", run=id, idea="<b>long</b>", pattern=r"\w{5,}")
    data = sent(app, "cells")
    titles = [row["title"] for row in data["rows"]] + [idea["title"] for idea in data["rest"]]
    assert "<b>long</b>" in titles
    app = page("gates", run=id, pattern="(")
    assert app.warning
    assert sent(app, "cells")["rows"]


def test_a_table_is_taken_as_an_idea(page, run, manager):
    app = page("gates", run=run())
    record = manager.store.all()[0]
    count = state.cell_service().trace(record, manager.store.newest_checkpoint(record.id)).count
    app.text_area(key="cells_table").set_value("\n".join("01"[i % 7 > 3] for i in range(count))).run()
    assert not app.exception
    data = sent(app, "cells")
    assert "your table" in [row["title"] for row in [*data["rows"], *data["rest"]]]


def test_a_text_that_is_not_shared_is_not_shown_and_not_searched(page, run, seen_by):
    secret = LINES.replace("tide", "xyzzy")
    seen_by(MEI)
    id = run(text=secret * 40, owner=MEI)
    assert "xyzzy" in "".join(
        "".join(row["passage"]["tokens"]) for row in sent(page("gates", run=id), "cells")["rows"]
    )
    seen_by(ALI)
    app = page("gates", run=id, idea="guess", pattern="xyzzy")
    data = sent(app, "cells")
    assert not data["may_read"]
    assert all(row["passage"] is None for row in data["rows"])
    assert "guess" not in json.dumps(data)
    assert not [field for field in app.text_input if field.key == "lens_pattern"]


@pytest.mark.parametrize("view", ["heatmap", "all", "compare"])
def test_units_are_named_in_the_lens_once_they_are_known(page, run, view):
    id = run()
    app = page("gates", run=id, view=view, order="follows")
    assert "not known yet" in said(app)
    page("gates", run=id)
    app = page("gates", run=id, view=view, order="follows")
    assert "not known yet" not in said(app)
    if view == "heatmap":
        (figure,) = (c["figure"] for c in sent(app, "lens")["charts"] if c["key"] == "map")
        names = [note["text"] for note in figure["layout"]["annotations"]]
        assert names
        assert figure["data"][1]["y"][-1] in {name.split()[0] for name in names}
        assert len({c["figure"]["layout"]["margin"]["l"] for c in sent(app, "lens")["charts"]}) == 1


def test_the_usual_sentence_has_what_units_may_follow(page, run):
    app = page("gates", run=run(), view="heatmap")
    text = app.text_area(key="lens_text").value
    assert '"' in text
    assert "\n" in text


# words --------------------------------------------------------------------------------------------


def finding(verdict="followed", measure="auc", score=0.02) -> Finding:
    unit = UnitScore("c", 82, score, score)
    return Finding("quotes", "inside quotes", False, measure, (unit,), 0.6, verdict, False)


NEEDED = AblationCheck(inside=0.3, outside=0.01, chance=0.1, draws=200, tokens=90, is_held_out=True)
NOT_NEEDED = AblationCheck(inside=0.05, outside=0.01, chance=0.1, draws=200, tokens=90, is_held_out=True)


@pytest.mark.parametrize(
    ("verdict", "loss", "is_cell"),
    [
        ("followed", NEEDED, True),
        ("followed", NOT_NEEDED, False),
        ("followed", Unmeasured.UNDER_WAY, False),
        ("followed", Unmeasured.CANNOT_WRITE, False),
        ("weak", NEEDED, False),
    ],
)
def test_a_unit_is_called_a_cell_only_if_it_follows_and_is_needed(verdict, loss, is_cell):
    found = finding(verdict)
    told = [
        words.badge(found, loss),
        words.loss(found, loss),
        words.summary([found], [loss], is_untrained=False),
    ]
    assert words.is_cell(found, loss) == is_cell
    assert any(" cell" in part or "Cells" in part for part in told) == is_cell


def test_chance_is_told_on_the_side_of_the_score():
    low = finding(score=0.02)
    assert (words.score(low.best, low), words.chance(low)) == ("AUC 0.98", "by chance up to 0.60")
    assert words.chance(finding(score=0.9)) == "by chance up to 0.60"
    assert words.chance(finding(measure="rho", score=-0.7)) == "by chance down to −0.60"


def test_a_negative_result_is_told_in_plain_words():
    told = words.nothing(finding("none", score=0.59))
    assert told == "none. The best is c · unit 82, AUC 0.59: no better than chance, by chance up to 0.60."
    assert words.summary([finding("none")], [NEEDED], is_untrained=False).startswith("No unit follows")


def test_nothing_is_switched_off_in_a_network_that_has_learnt_nothing(manager, run):
    record = manager.store.get(run())
    assert "surgery" not in actions.offered(record, 0)
    assert actions.offered(record, 2)[0] == "lens"


def test_while_nothing_is_measured_nothing_is_said_of_what_is_needed():
    told = words.summary([finding()], [words.Unmeasured.TRAINING], is_untrained=False)
    assert told.startswith("Followed closely: ")
    assert "needs" not in told


def test_what_comes_before_the_list_does_not_move_it(page, run):
    id = run()
    fresh, known = page("gates", run=id), page("gates", run=id)  # the second time no text is read
    refused = page("gates", run=id, pattern="(")
    assert list(_paths(fresh)) == list(_paths(known)) == list(_paths(refused)) != []


def _paths(app, block=None, path=()):
    """Where each panel stands among everything that is drawn."""
    block = app.main if block is None else block
    for index, child in block.children.items():
        if hasattr(child, "children"):
            yield from _paths(app, child, (*path, index))
        elif child.type == "bidi_component":
            yield (*path, index)
