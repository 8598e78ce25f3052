"""Every state of the view that searches, without a browser."""

from __future__ import annotations

import re

import pytest

from pages.gates.search.look import MOST_MARKED
from pages.gates.search.passage import LENGTH
from playground.records import RunStatus
from tests.helpers import some_text, tiny_config, until
from tests.pages.helpers import choose, linked, panels, said, sent
from tests.people import ALI, MEI


@pytest.fixture
def run(manager):
    """Train on a text that is long enough to be searched; its id."""

    def make(text: str | None = None, **settings) -> str:
        corpus = manager.store.library.add("Another text", text or some_text(3_000)).id
        config = tiny_config(**{"corpus": corpus, "epochs": 2, "cell": "lstm"} | settings)
        run = manager.start(config)
        assert manager.wait(run.id, 60).status is RunStatus.FINISHED
        return run.id

    return make


@pytest.fixture
def search(page, run):
    """Open the view with a link."""

    def open_search(link=(), **settings):
        return page("gates", run=run(**settings), **{"view": "search"} | dict(link))

    return open_search


MARKED = {"from": 105, "to": 109, "theta": "-0.2", "passage": 50}


def test_without_a_run_the_page_says_where_to_get_one(page):
    app = page("gates", view="search")
    assert "No run has weights yet" in said(app)
    assert not panels(app)


def test_a_passage_is_shown_and_nothing_is_marked(search):
    app = search()
    shown = sent(app, "search")
    assert "".join(shown["passage"]["tokens"]) == some_text(3_000)[:LENGTH]
    assert (shown["mark"], shown["units"], shown["found"]) == (None, [], [])
    assert shown["summary"] == "Nothing is marked yet."
    assert "All 3,000 tokens of the text are searched" in said(app)


def test_a_marked_stretch_tells_its_units_and_where_else_they_are_on(search):
    shown = sent(search(MARKED), "search")
    assert shown["mark"] == {"from": 105, "to": 109}
    assert 0 < shown["of"] == len(shown["units"]) <= 8
    assert shown["found"]
    text = some_text(3_000)
    for match in shown["found"]:
        assert "".join(match["tokens"]) == text[match["shown"] : match["shown"] + len(match["tokens"])]
        inside = match["counts"][match["start"] - match["shown"] :][: match["stop"] - match["start"]]
        assert min(inside) >= match["overlap"] > 0  # those that are on all through it are on at each token
        assert all(len(track["digits"]) == len(match["tokens"]) for track in match["tracks"])
    overlaps = [match["overlap"] for match in shown["found"]]
    assert overlaps == sorted(overlaps, reverse=True)
    assert not any(match["start"] < 109 and match["stop"] > 105 for match in shown["found"])


def test_the_units_through_the_stretch_are_counted_in_the_passage(search):
    shown = sent(search(MARKED), "search")
    counts = shown["passage"]["counts"][105 - 50 : 109 - 50]
    assert counts == [shown["of"]] * 4


def test_a_unit_colours_the_passage_instead(search):
    shown = sent(search(MARKED | {"colour": 3}), "search")
    assert len(shown["passage"]["colours"]) == LENGTH
    assert "counts" not in shown["passage"]
    assert shown["labels"]["legend"].startswith("Coloured by unit 3, h hidden state")


def test_where_no_unit_is_on_the_page_says_so_and_how(search):
    app = search(MARKED | {"theta": "0.95"})
    shown = sent(app, "search")
    assert (shown["of"], shown["found"]) == (0, [])
    told = re.fullmatch(
        "No unit's h is at least 0.95 at all 4 marked tokens. Lower θ to (.*), or mark fewer tokens. A unit that is low .*",
        shown["summary"],
    )
    app.slider(key="search_theta").set_value(float(told[1].replace("−", "-"))).run()
    assert sent(app, "search")["of"] > 0


def test_where_units_are_on_before_and_after_too_the_page_says_which_switch_to_move(search):
    shown = sent(search(MARKED | {"theta": "-1", "before": "true"}), "search")
    assert (shown["of"], shown["found"]) == (0, [])
    assert "Do without “off just before”" in shown["summary"]


def test_off_just_before_and_after_leave_fewer_units(search):
    every = {unit["unit"] for unit in sent(search(MARKED), "search")["units"]}
    fewer = {u["unit"] for u in sent(search(MARKED | {"before": "true", "after": "true"}), "search")["units"]}
    assert fewer < every


def test_each_unit_is_a_link_to_the_lens(search):
    app = search(MARKED | {"quantity": "f", "theta": "0.3"})
    first = sent(app, "search")["units"][0]
    assert first["link"].startswith("gates?run=" + linked(app)["run"])
    assert "view=heatmap&gate=f&step=20&text=" in first["link"]
    assert first["link"].endswith(f"&unit={first['unit']}")


def test_a_quantity_has_its_own_range_and_threshold(search):
    app = search(MARKED)
    choose(app, "search_quantity", "f")
    slider = app.slider(key="search_theta")
    assert (slider.min, slider.max, slider.value) == (0.0, 1.0, 0.7)
    assert "theta" not in linked(app)
    choose(app, "search_quantity", "c")
    assert app.slider(key="search_theta").min < -1


def test_the_link_carries_what_was_chosen(search):
    app = search(MARKED)
    app.toggle(key="search_before").set_value(True).run()
    app.slider(key="search_theta").set_value(0.1).run()
    assert {"before": "true", "theta": "0.1", "from": "105", "to": "109"}.items() <= linked(app).items()


def test_an_rnn_is_searched_by_its_state(search):
    app = search(MARKED | {"theta": "-0.8"}, cell="rnn")
    (group,) = [g for g in app.get("button_group") if g.key == "search_quantity"]
    assert group.options == ["h hidden state", "a pre-activation"]
    assert sent(app, "search")["found"]


def test_two_directions_and_layers_can_be_chosen(search):
    app = search(MARKED, num_layers=2, bidirectional=True, objective="masked")
    found = [sent(app, "search")["units"]]
    for key in ("search_direction", "search_layer"):
        choose(app, key, 1)
        found.append(sent(app, "search")["units"])
    assert {"layer": "1", "direction": "1"}.items() <= linked(app).items()
    assert found[0] != found[1] != found[2]


def test_a_run_that_trains_can_be_searched(manager, page):
    corpus = manager.store.library.add("Another text", some_text(3_000)).id
    id = manager.start(tiny_config(corpus=corpus, epochs="off")).id
    until(lambda: manager.store.newest_checkpoint(id))
    app = page("gates", run=id, view="search", **MARKED)
    assert sent(app, "search")["passage"]["tokens"]
    manager.stop(id)
    manager.wait(id, 60)


def test_passages_follow_one_another(search):
    app = search()
    app.button(key="search_later").click().run()
    assert sent(app, "search")["passage"]["start"] == LENGTH
    app.button(key="search_earlier").click().run()
    assert sent(app, "search")["passage"]["start"] == 0
    assert app.button(key="search_earlier").disabled
    app.button(key="search_another").click().run()
    assert 0 <= sent(app, "search")["passage"]["start"] <= 3_000 - LENGTH


def test_a_word_is_jumped_to_from_place_to_place(search):
    text = some_text(3_000)
    places = [at for at in range(len(text)) if text.startswith("brass", at)]
    app = search()
    app.text_input(key="search_find").set_value("BRASS").run()
    for place in places[:4]:
        shown = sent(app, "search")["passage"]
        at = place - shown["start"]
        assert "".join(shown["tokens"][at : at + 5]) == "brass"
        assert all(shown["found"][at : at + 5])
        app.button(key="search_next").click().run()


def test_a_word_that_is_not_there_is_told(search):
    app = search()
    app.text_input(key="search_find").set_value("zebra*").run()
    assert r"“zebra\*” does not stand in the text" in said(app)
    assert sent(app, "search")["passage"]["start"] == 0


@pytest.mark.parametrize(
    ("link", "mark"),
    [
        ({"from": 99_999, "to": 100_003}, None),
        ({"from": 20, "to": 20}, None),
        ({"from": 30}, None),
        ({"from": 20, "to": 2_000}, {"from": 20, "to": 20 + MOST_MARKED}),
        ({"from": 2_998, "to": 4_000}, {"from": 2_998, "to": 3_000}),
        ({"from": "x", "to": "5"}, None),
        ({"quantity": "nosuch", "from": 20, "to": 22}, {"from": 20, "to": 22}),
        ({"passage": 400_000, "colour": 1_000}, None),
    ],
)
def test_a_wrong_link_gives_the_nearest_look(search, link, mark):
    app = search(link)
    assert not app.error
    assert sent(app, "search")["mark"] == mark


def test_words_are_parted(search):
    shown = sent(search(MARKED, token_level="word", text=some_text(9_000)), "search")
    assert shown["between"] == " "
    assert shown["passage"]["tokens"][0] == some_text(9_000).split()[50]


def test_a_text_that_is_gone_is_told(manager, page, run):
    id = run()
    manager.store.library.remove(manager.store.get(id).config.corpus.corpus)
    app = page("gates", run=id, view="search")
    assert "is gone" in said(app)
    assert not panels(app)


def test_a_text_that_is_too_short_is_told(search):
    assert "at least 1,000 are needed" in said(search(text=some_text(400)))


def test_a_text_of_somebody_else_is_not_shown(manager, page, seen_by):
    seen_by(MEI)
    corpus = manager.store.library.add("A diary", some_text(3_000), owner=MEI).id
    id = manager.start(tiny_config(corpus=corpus, epochs=2), owner=MEI).id
    manager.wait(id, 60)
    assert sent(page("gates", run=id, view="search", **MARKED), "search")
    seen_by(ALI)
    app = page("gates", run=id, view="search", **MARKED)
    assert "somebody else's and not shared" in said(app)
    assert not [panel for panel in panels(app) if panel.proto.component_name == "search"]
    assert "brass" not in said(app)


def test_a_page_of_matches_stays_small(search):
    app = search(MARKED | {"from": 60, "to": 60 + MOST_MARKED, "theta": "-1", "passage": 0})
    (panel,) = panels(app)
    shown = sent(app, "search")
    assert len(shown["found"]) > 10
    assert len(str(panel.proto)) < 200_000 * 1.2
