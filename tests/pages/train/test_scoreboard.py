"""n-grams beside a network's own curves, without a browser."""

from __future__ import annotations

import pytest

from pages.shared.state import ngram_service
from tests.pages.helpers import linked, said, sent


def test_the_ladder_is_drawn_up_to_its_best_rung_when_it_is_wanted(page, trained, manager):
    id = trained(held_out=0.2)
    app = page(run=id)
    assert sent(app)["scoreboard"] is None
    app.toggle(key="scoreboard").set_value(True).run()
    assert linked(app)["scoreboard"] == "on"
    board = sent(app)["scoreboard"]
    ladder = ngram_service().ladder(manager.store.get(id).config.corpus)
    assert board["held_out"]
    assert [rung["n"] for rung in board["rungs"]] == list(range(1, ladder.best + 1))
    assert [rung["perplexity"] for rung in board["rungs"]] == list(ladder.heldout[: ladder.best])
    assert board["rungs"][0]["label"] == f"1-gram: {ladder.heldout[0]:.2f}"
    assert "memorisation" in said(app)
    app.toggle(key="scoreboard").set_value(False).run()
    assert sent(app)["scoreboard"] is None
    assert "scoreboard" not in linked(app)


def test_where_nothing_is_held_out_the_page_says_what_the_lines_are(page, trained):
    app = page(run=trained(held_out=0), scoreboard="on")
    board = sent(app)["scoreboard"]
    assert not board["held_out"]
    assert len(board["rungs"]) == 7
    assert "Nothing is held out" in said(app)


def test_controls_put_back_to_the_usual_set_up_stay_there_beside_the_scoreboard(page, trained):
    app = page(run=trained(), scoreboard="on")
    assert app.session_state["hidden_size"] == 8
    app.pills("preset").select("quick").run()
    assert set(linked(app)) == {
        "run",
        "scoreboard",
    }
    assert app.session_state["hidden_size"] == 128
    app.run()
    assert app.session_state["hidden_size"] == 128


@pytest.mark.parametrize("objective", ["next", "masked"])
def test_a_network_that_reads_both_sides_is_not_measured_by_n_grams(page, trained, objective):
    app = page(run=trained(bidirectional=True, objective=objective), scoreboard="on")
    assert sent(app)["scoreboard"] is None
    assert "n-grams read from the left alone" in said(app)


def test_a_text_that_is_gone_is_told(page, trained, manager):
    id = trained()
    corpus = manager.store.get(id).config.corpus.corpus
    for file in manager.store.library.directory.glob(f"{corpus}*"):
        file.unlink()
    app = page(run=id, scoreboard="on")
    assert sent(app)["scoreboard"] is None
    assert corpus in said(app)
