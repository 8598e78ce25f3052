"""Every state of the lesson of reach, without a browser."""

from __future__ import annotations

import json

import pytest

from playground.config import flatten, from_flat
from playground.records import Explosion, RunStatus
from playground.services import brackets
from tests.helpers import tiny_config
from tests.pages.helpers import choose, linked, said

MASKED = {"bidirectional": True, "objective": "masked"}


@pytest.fixture
def reach(page):
    return lambda **link: page("gradients", view="reach", **{"show": "fresh", **link})


def charts(app) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def names(app, chart: int = 0) -> list[str]:
    return [trace["name"] for trace in charts(app)[chart]["data"]]


def table(app):
    return app.dataframe[0].value


def test_without_a_run_fresh_cells_of_one_size_stand_side_by_side(reach):
    app = reach()
    assert names(app) == ["RNN · x", "GRU · x", "LSTM · x"]
    assert "20 tokens back, of the norm at k = 0 there is left: " in said(app)
    assert list(table(app)["network"]) == names(app)
    assert all(float(value) < 3 for value in table(app)["tokens back until half is left"])
    assert "shrinks" in table(app)["each token further back multiplies by"][0]


def test_every_chart_has_a_text_alternative(reach):
    app = reach(path="c")
    (chart,) = app.get("plotly_chart")
    assert chart.proto.alt.endswith("of RNN (h), GRU (h), LSTM (c).")


def test_the_gain_turns_the_rnn_from_shrinking_to_growing_and_is_its_eigenvalue(reach):
    app = reach(gain=0.8)
    assert table(app)["largest |eigenvalue|"][0] == "a 0.80"
    assert "shrinks" in table(app)["each token further back multiplies by"][0]
    app.slider(key="reach_gain").set_value(1.6).run()
    assert linked(app)["gain"] == "1.6"
    assert table(app)["largest |eigenvalue|"][0] == "a 1.60"
    assert table(app)["largest singular value"][1] == "r 1.60 · z 1.60 · n 1.60"
    assert "grows" in table(app)["each token further back multiplies by"][0]
    assert "The activation’s slope, at most 1, takes away the rest." in said(app)
    app.toggle(key="reach_gain_switch").set_value(False).run()
    assert "gain" not in linked(app)


def test_a_forget_bias_and_other_weights_are_kept_in_the_link(reach):
    app = choose(reach(), "reach_forget_bias", "2")
    assert linked(app)["forget_bias"] == "2"
    assert "LSTM has most" in said(app)
    before = list(table(app)["norm at k = 0"])
    app.button(key="reach_again").click().run()
    assert linked(app)["seed"].isdecimal()
    assert list(table(app)["norm at k = 0"]) != before


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ({"gain": "abc"}, "Initialisation gain is 'abc'; give a number above 0, up to 10, or off."),
        ({"gain": "-1"}, "give a number above 0"),
        ({"forget_bias": "1e308"}, "Forget bias is '1e308'; give a number from -10 to 10, or off."),
    ],
)
def test_what_a_link_cannot_have_is_told_and_the_usual_value_taken(reach, link, sentence):
    app = reach(**link)
    assert sentence in said(app).replace("\\", "")
    assert "The usual value is used instead." in said(app)
    assert len(names(app)) == 3


def test_a_link_may_have_what_no_button_offers(reach):
    app = reach(gain="0.3", forget_bias="1.5", hidden_size="24")
    assert app.slider(key="reach_gain").value == 0.3
    assert table(app)["largest |eigenvalue|"][0] == "a 0.30"
    assert linked(app)["forget_bias"] == "1.5"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("ab", "at least 3 tokens; the text has 2"), ("a" * 1001, "at most 1,000 can be looked at")],
)
def test_a_text_that_cannot_be_measured_is_told(reach, trained, text, sentence):
    trained()
    for show in ("fresh", "runs"):
        app = reach(show=show)
        app.text_area(key="reach_text").set_value(text).run()
        assert sentence in said(app)


def test_unknown_characters_are_named_and_read_as_unk(reach, trained):
    trained()
    for show in ("fresh", "runs"):
        app = reach(show=show, losses="tide clock 潮 rain")
        assert "the network does not know “潮”" in said(app)
        assert charts(app)


def test_without_a_run_the_page_leads_to_one_and_to_fresh_cells(reach):
    app = reach(show="runs")
    assert "No run with one direction has weights yet." in said(app)
    assert not charts(app)


def test_the_newest_run_of_each_cell_stands_on_one_chart_with_the_truncation(reach, trained):
    trained(cell="lstm")
    trained(cell="rnn", num_steps=7)
    trained(cell="gru")
    trained(**MASKED)
    app = reach(show="runs")
    assert len(linked(app)["runs"].split()) == 3
    assert names(app) == ["RNN 8 · epoch 2 · x", "GRU 8 · epoch 2 · x", "LSTM 8 · epoch 2 · x"]
    assert [line["x0"] for line in charts(app)[0]["layout"]["shapes"]] == [5, 7]
    assert "The dotted line: backpropagation through time was truncated here" in said(app)


def test_runs_moment_path_scale_and_k_come_back_with_the_link(reach, trained):
    id, other = trained(), trained(num_layers=2)
    app = reach(show="runs", runs=f"{other} {id}", epoch=0, path="h", scale="absolute", k=25, layer=2)
    assert names(app) == ["2 × LSTM 8 · epoch 0 · h", "LSTM 8 · epoch 0 · h"]
    (chart,) = charts(app)
    assert chart["layout"]["yaxis"]["title"]["text"] == "gradient’s norm"
    assert chart["layout"]["xaxis"]["range"] == [-0.5, 25.5]
    app.select_slider(key="reach_epoch").set_value(len(app.select_slider(key="reach_epoch").options) - 1)
    app.run()
    assert "epoch" not in linked(app)
    assert names(app)[0] == "2 × LSTM 8 · epoch 2 · h"


def test_runs_are_picked_and_none_is_told(reach, trained):
    id, other = trained(), trained(cell="gru")
    app = reach(show="runs", runs=id)
    app.multiselect(key="reach_runs").set_value([id, other]).run()
    assert linked(app)["runs"] == f"{id} {other}"
    assert len(names(app)) == 2
    app.multiselect(key="reach_runs").set_value([]).run()
    assert "Choose at least one run." in said(app)


def test_a_run_of_two_directions_in_the_link_is_sent_to_the_sentence(reach, trained):
    id, both = trained(), trained(bidirectional=True)
    app = reach(show="runs", runs=f"{id} {both} 0b28dce73f1a")
    assert "reads from both ends, so its losses reach both ways: look at a sentence." in said(app)
    assert "There is no run" in said(app)
    assert len(names(app)) == 1


def test_a_run_without_weights_is_told(reach, manager, trained):
    trained()
    waiting = manager.store.create(tiny_config(), "waiting")
    app = reach(show="runs", runs=waiting.id)
    assert "waiting has no weights yet." in said(app)


@pytest.mark.parametrize("settings", [{}, {"bidirectional": True}, MASKED])
def test_a_sentence_has_a_map_with_one_direction_and_with_two(reach, trained, settings):
    app = reach(show="map", of=trained(**settings), text="tide clock é")
    (chart,) = charts(app)
    assert chart["data"][0]["text"][2][0].startswith(
        "“t” at 1 still moves the prediction at 3, 2 characters later: "
    )
    above = chart["data"][0]["text"][0][2]
    assert above.startswith("“d” at 3 already moves the prediction at 1, 2 characters earlier: ") == bool(
        settings
    )
    assert "the network does not know “é”" in said(app)
    assert "The longest link that still has a hundredth of the strongest: " in said(app)


def test_a_fresh_cell_has_a_map_without_a_run(reach):
    app = reach(show="map", of="gru", hidden_size=16)
    assert len(charts(app)[0]["data"][0]["text"]) == len(app.text_area(key="reach_sentence").value)
    assert "16 hidden units" in said(app)
    app.text_area(key="reach_sentence").set_value("").run()
    assert "The text is empty" in said(app)
    app.text_area(key="reach_sentence").set_value("a" * 121).run()
    assert "at most 120" in said(app)


def test_the_link_holds_whose_map_it_is_even_when_nobody_chose(reach, trained):
    assert linked(reach(show="map"))["of"] == "lstm"
    id = trained()
    assert linked(reach(show="map"))["of"] == id


def test_a_network_of_the_link_that_is_gone_is_told(reach):
    app = reach(show="map", of="0b28dce73f1a")
    assert "The network that the link names is not here" in said(app)
    assert charts(app)


def test_the_search_for_a_longer_reach_tells_what_it_finds(reach):
    app = reach(show="longer")
    assert [len(chart["data"]) for chart in charts(app)] == [3, 6]
    told = said(app)
    assert "Beyond the first token all three fall alike" in told
    assert "LSTM +3 has most" in told
    assert "Brackets remembered" in [link.proto.label for link in app.get("page_link")]


def test_a_trained_lstm_is_measured_through_c_too(reach, trained):
    id = trained()
    app = reach(show="longer", lstm=id)
    assert names(app) == [f"LSTM 8 · epoch 2 · {path}" for path in "xhc"]


def test_reach_opens_with_brackets_which_are_added_trained_on_and_asked_about(page, manager, monkeypatch):
    small = {"epochs": 1, "hidden_size": 8, "max_tokens": 2_000, "threads": 1, "device": "cpu"}
    real = brackets.config_of
    monkeypatch.setattr(brackets, "config_of", lambda cell: from_flat(flatten(real(cell)) | small))
    app = page("gradients", view="reach")
    app.button(key="brackets_add").click().run()
    assert brackets.is_here(manager.store.library)
    app.button(key="brackets_train").click().run()
    for run in manager.store.all():
        assert manager.wait(run.id, 60).status is RunStatus.FINISHED
    app.run()
    assert names(app) == ["RNN 8 · epoch 1", "GRU 8 · epoch 1", "LSTM 8 · epoch 1", "guessing"]
    assert "Guessing would be 25%." in said(app)
    assert not any(button.key == "brackets_train" for button in app.button)


def test_the_view_is_kept_when_it_is_turned(reach):
    app = choose(reach(), "reach_show", "longer")
    assert linked(app)["show"] == "longer"
    choose(app, "reach_show", "brackets")
    assert "show" not in linked(app)


def test_runs_that_exploded_or_have_not_ended_are_not_compared_unasked(reach, trained, manager, monkeypatch):
    mine = [trained(cell="lstm"), trained(cell="gru")]
    larger, exploded = trained(cell="gru", hidden_size=12), trained(cell="gru", seed=5)
    told = Explosion(30, 3.4, 1, 99.0, 99.0, 3, 1e9, None)
    monkeypatch.setattr(manager.store.clipping, "explosion", lambda run: told if run.id == exploded else None)
    app = reach(show="runs")
    assert set(linked(app)["runs"].split()) == set(mine)
    assert not app.warning
    app.multiselect(key="reach_runs").set_value([mine[0], larger, exploded]).run()
    assert "Exploded or diverged: GRU 8" in said(app)
    assert "These runs differ in more than the cell: hidden units." in said(app)
    assert linked(reach(show="map"))["of"] == larger


def test_an_exploded_run_that_was_open_is_not_taken_unasked(reach, trained, manager, monkeypatch):
    sound, exploded = trained(cell="lstm"), trained(cell="gru")
    told = Explosion(30, 3.4, 1, 99.0, 99.0, 3, 1e9, None)
    monkeypatch.setattr(manager.store.clipping, "explosion", lambda run: told if run.id == exploded else None)
    assert linked(reach(show="runs", run=exploded))["runs"] == sound
