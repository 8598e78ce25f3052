"""Every state of the gate lens, without a browser."""

from __future__ import annotations

import json

import pytest
import streamlit as st

from pages.gates import moments, panel
from playground.format import epoch_text
from playground.services.gates import MAX_TOKENS
from tests.helpers import tiny_config
from tests.pages.helpers import choose, linked, panels, said, sent


@pytest.fixture
def lens(page, trained):
    """Train, then open the lens with a link."""

    def open_lens(cell="lstm", link=(), **settings):
        run = trained(cell=cell, **settings)
        return page("gates", run=run, **{"view": "heatmap"} | dict(link))

    return open_lens


def keys(app) -> list[str]:
    return [chart["key"] for chart in sent(app)["charts"]]


def test_without_a_run_the_page_says_where_to_get_one(page):
    app = page("gates")
    assert "No run has weights yet" in said(app)
    assert not panels(app)


def test_a_run_that_waits_cannot_be_looked_at_yet(page, manager):
    manager.store.create(tiny_config(), "waits")
    assert "No run has weights yet" in said(page("gates"))


def test_an_lstm_shows_its_gates_its_unit_and_its_formulas(lens):
    app = lens("lstm")
    assert keys(app) == ["overview", "map", "unit"]
    assert "The forget gate shrinks the memory" in said(app)
    assert "at spaces" in said(app)
    (formula,) = app.get("latex") or app.get("markdown")
    assert r"c_t &= f_t \odot c_{t-1} + i_t \odot g_t" in formula.value
    assert sent(app)["sentence"]["tokens"][0]["text"] == "t"


def test_a_gru_tells_where_pytorch_and_the_book_differ(lens):
    app = lens("gru")
    assert "The update gate at 1 keeps the old state" in said(app)
    assert "the reset gate acts after the matrix product" in said(app)


def test_a_plain_rnn_gets_an_honest_page(lens):
    app = lens("rnn")
    assert "A plain RNN has no gates" in said(app)
    assert keys(app) == ["overview", "map", "unit"]
    view = next(group for group in app.get("button_group") if group.key == "lens_view")
    assert "Saturation and memory" not in view.options
    assert "All gates" in view.options


@pytest.mark.parametrize(
    ("view", "drawn"),
    [
        ("all", ["overview", "all", "unit"]),
        ("memory", ["overview", "unit", "saturation i", "saturation f", "saturation o", "memory"]),
        ("compare", ["first", "second"]),
    ],
)
def test_every_view_draws_its_figures(lens, view, drawn):
    assert keys(lens("lstm", link={"view": view})) == drawn


def test_two_directions_and_layers_can_be_chosen(lens):
    app = lens("lstm", num_layers=2, bidirectional=True)
    forward = sent(app)["charts"][1]["figure"]["data"][1]["z"]
    choose(app, "lens_direction", 1)
    backward = sent(app)["charts"][1]["figure"]["data"][1]["z"]
    choose(app, "lens_layer", 1)
    assert (
        len({forward["steps"], backward["steps"], sent(app)["charts"][1]["figure"]["data"][1]["z"]["steps"]})
        == 3
    )


def test_unknown_tokens_are_named(lens):
    assert "“é” (2), “ß” (5)" in said(lens(link={"text": "téa ß"}))


def test_an_empty_sentence_is_told_and_the_controls_stay(lens):
    app = lens(link={"text": ""})
    app.text_area(key="lens_text").set_value("").run()
    assert "The text is empty" in said(app)
    app.text_area(key="lens_text").set_value("tide").run()
    assert keys(app) == ["overview", "map", "unit"]


def test_a_sentence_that_is_too_long_is_told_with_the_figures(lens):
    app = lens(link={"text": "a" * (MAX_TOKENS + 25)})
    assert f"The text has {MAX_TOKENS + 25} tokens; at most {MAX_TOKENS}" in said(app)
    assert app.text_area(key="lens_text").value == "a" * (MAX_TOKENS + 25)


def test_the_link_names_what_was_chosen(lens):
    app = lens("lstm")
    choose(app, "lens_gate", "o")
    choose(app, "lens_order", "mean")
    link = linked(app)
    assert (link["gate"], link["order"]) == ("o", "mean")


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ({"epoch": "nan"}, {"epoch": 2}),
        ({"epoch": "77"}, {"epoch": 2}),
        ({"epoch": "0.2"}, {"epoch": 0}),
        ({"layer": "9"}, {}),
        ({"direction": "5"}, {}),
        ({"unit": "99999999"}, {"selected": {"step": 0, "unit": 0}}),
        ({"unit": "500"}, {"selected": {"step": 0, "unit": 7}}),
        ({"step": "-3"}, {"selected": {"step": 0, "unit": 0}}),
        ({"gate": "<b>"}, {"look": "heatmap f"}),
        ({"order": "nosuch"}, {"look": "heatmap f"}),
        ({"with": "nosuch", "view": "compare"}, {"look": "compare f"}),
    ],
)
def test_a_wrong_link_gives_the_nearest_look(lens, link, shown):
    app = lens(link=link)
    assert not app.error
    assert shown.items() <= sent(app).items()


def test_the_slider_goes_back_to_epoch_0(lens):
    app = lens()
    assert sent(app)["epoch"] == 2
    app.select_slider(key="lens_epoch").set_value(0).run()
    assert sent(app)["epoch"] == 0
    assert app.query_params["epoch"] in ("0", ["0"])


def test_another_language_leaves_the_moment_where_it_was(lens):
    app = lens()
    app.select_slider(key="lens_epoch").set_value(1).run()
    choose(app, "lang", "zh")
    assert (sent(app)["epoch"], app.select_slider(key="lens_epoch").value) == (1, 1)


def test_markup_in_a_sentence_and_a_name_stays_text(page, trained, manager):
    run = trained(token_level="word", num_steps=2, batch_size=2)
    manager.store.rename(run, "<img src=y>")
    app = page("gates", run=run, text="<img src=x> ![z](https://z/z.png)", view="compare")
    figures = json.dumps([chart["figure"] for chart in sent(app)["charts"]])
    assert "&lt;img" in figures
    assert "<img" not in figures
    choose(app, "lens_view", "heatmap")
    assert not any("![" in option for option in app.select_slider(key="lens_step").options)


def test_a_run_that_waits_is_not_swapped_for_another(page, trained, manager):
    trained()
    mine = manager.store.create(tiny_config(), "mine").id
    app = page("gates", run=mine)
    assert "has no weights yet" in said(app)
    assert linked(app)["run"] == mine


def test_a_link_to_a_deleted_run_is_told(page, trained):
    trained()
    app = page("gates", run="deadbeef0000", view="heatmap")
    assert "There is no run" in said(app)
    assert sent(app)["charts"]


def test_a_comparison_outlives_the_other_run(page, trained, manager):
    id, other = trained(), trained(seed=1)
    app = page("gates", run=id, view="compare", **{"with": other, "at": "1"})
    manager.store.delete(other)
    app.run()
    assert not app.exception
    assert keys(app) == ["first", "second"]


def test_moments_are_told_apart_and_have_no_exponent():
    assert [epoch_text(e) for e in (0.0, 100.0, 100.04, 12345.0, 2.3333333)] == [
        "0",
        "100",
        "100.04",
        "12345",
        "2.3333",
    ]


def test_a_relu_state_is_drawn_in_its_own_range(lens):
    app = lens("rnn", nonlinearity="relu", lr=0.01)
    (top,) = {
        chart["figure"]["layout"]["yaxis2"]["range"][1]
        for chart in sent(app)["charts"]
        if chart["key"] == "overview"
    }
    assert top >= 1


def test_a_backward_direction_names_the_step_to_its_right(lens):
    app = lens("lstm", bidirectional=True, link={"direction": "1"})
    (formula,) = app.get("latex") or app.get("markdown")
    assert "t+1" in formula.value
    assert "t-1" not in formula.value


def test_another_run_is_compared_at_its_newest_weights_and_can_be_taken_back(lens, trained):
    other = trained(seed=1, epochs=3)
    app = lens(link={"view": "compare"})
    slider = app.select_slider(key="lens_other_epoch")
    assert (slider.value, slider.options) == (
        0,
        ["epoch 0", "epoch 1", "epoch 2"],
    )  # itself, before it learnt
    app.selectbox(key="lens_other").set_value(other).run()
    slider = app.select_slider(key="lens_other_epoch")
    assert (slider.value, slider.options[-1]) == (3, "epoch 3")
    assert titles(app)[1].endswith("epoch 3")
    slider.set_value(1).run()
    assert linked(app)["at"] == "1"
    assert titles(app)[1].endswith("epoch 1")
    app.select_slider(key="lens_other_epoch").set_value(0).run()
    assert linked(app)["at"] == "0"
    assert titles(app)[1].endswith("epoch 0")


def titles(app) -> list[str]:
    return [chart["figure"]["layout"]["title"]["text"] for chart in sent(app)["charts"]]


@pytest.mark.parametrize("view", ["heatmap", "all", "memory", "compare"])
def test_a_gate_is_asked_for_where_it_changes_something(lens, view):
    app = lens(link={"view": view})
    assert any(group.key == "lens_gate" for group in app.get("button_group")) == (view != "memory")
    assert ("The forget gate shrinks the memory" in said(app)) == (view != "memory")


def playing(app) -> bool:
    return app.session_state["lens_playing"]


def tick(app, monkeypatch) -> None:
    """The next moment: as if the page's own clock had struck."""
    with monkeypatch.context() as later:
        later.setattr(moments, "PLAY_SECONDS", 0.0)
        app.run()
    assert not app.exception


def test_play_goes_from_the_first_moment_to_the_last_and_ends(lens, monkeypatch):
    app = lens(epochs=3)
    app.button(key="lens_play").click().run()
    seen = [sent(app)["epoch"]]
    while playing(app):
        tick(app, monkeypatch)
        seen.append(sent(app)["epoch"])
    assert seen == [0, 1, 2, 3]


def test_a_browser_that_has_not_got_the_new_moment_yet_does_not_end_play(lens, monkeypatch):
    app = lens(epochs=3)
    app.button(key="lens_play").click().run()
    with monkeypatch.context() as interrupted:
        interrupted.setattr(panel, "draw", lambda *args: st.stop())  # the next tick comes before the end
        tick(app, monkeypatch)
    app.select_slider(key="lens_epoch").set_value(0)  # what the browser still has
    tick(app, monkeypatch)
    assert playing(app)
    assert sent(app)["epoch"] == 2
    tick(app, monkeypatch)
    assert not playing(app)
    assert sent(app)["epoch"] == 3


def test_a_hand_on_the_slider_ends_play_where_it_is(lens, monkeypatch):
    app = lens(epochs=4)
    app.button(key="lens_play").click().run()
    tick(app, monkeypatch)
    tick(app, monkeypatch)
    app.select_slider(key="lens_epoch").set_value(0).run()
    assert not playing(app)
    assert sent(app)["epoch"] == 0


@pytest.mark.parametrize(
    "text", ["the tide came in and no man looked at the sea", "潮水来了没有人看见海" * 5]
)
def test_the_usual_sentence_fits_a_phone_without_scrolling(page, manager, text):
    corpus = manager.store.library.add("A text", (text + "\n") * 20).id
    settings = {"corpus": corpus, "normalize": "none", "epochs": 1, "num_steps": 5, "batch_size": 2}
    run = manager.start(tiny_config(**settings))
    manager.wait(run.id, 60)
    app = page("gates", run=run.id, view="heatmap")
    assert sent(app)["steps"] >= 10
    assert max(chart["least"] or 0 for chart in sent(app)["charts"]) <= 340


def test_the_usual_sentence_has_a_few_words_and_fits_a_desktop(page, trained):
    app = page("gates", view="heatmap", run=trained(token_level="word", num_steps=2, batch_size=2))
    assert 4 <= sent(app)["steps"] <= 8
    assert max(chart["least"] or 0 for chart in sent(app)["charts"]) <= 810


@pytest.mark.parametrize(
    ("view", "keys"),
    [
        ("heatmap", "↑ and ↓ the unit"),
        ("memory", "↑ and ↓ the unit"),
        ("compare", "← and → choose the token"),
    ],
)
def test_the_keys_are_told_where_all_can_read_it(lens, view, keys):
    assert keys in sent(lens(link={"view": view}))["hint"]


def test_the_lines_name_their_unit(lens):
    app = lens(link={"unit": "3"})
    (lines,) = (chart["figure"]["layout"] for chart in sent(app)["charts"] if chart["key"] == "unit")
    assert lines["legend"]["title"]["text"] == "<b>unit 3</b>"
    assert lines["xaxis"]["unifiedhovertitle"]["text"] == "%{x} · unit 3"
