"""A cell that one file adds is offered, drawn and told of on every page."""

from __future__ import annotations

import json

import pytest

from playground.cells import CELLS
from playground.lesson_settings import NetworkConfig
from playground.models.shapes import weight_shapes
from tests import toy_cell
from tests.pages.helpers import choose, linked, said, sent


@pytest.fixture(autouse=True)
def toy(monkeypatch):
    """In the table while a test runs."""
    monkeypatch.setitem(CELLS, toy_cell.CELL.name, toy_cell.CELL)


def option_labels(app, key: str) -> list[str]:
    return list(next(group for group in app.get("button_group") if group.key == key).options)


def test_the_lens_shows_it_with_its_meanings_and_formulas(page, trained):
    run = trained(cell="toy", num_layers=2)
    app = page("gates", run=run, view="heatmap")
    assert [chart["key"] for chart in sent(app)["charts"]] == ["overview", "map", "unit"]
    assert option_labels(app, "lens_gate") == ["k keep gate", "w new value", "h hidden state"]
    for sentence in (
        "A toy: one gate that keeps.",
        "The keep gate at 1 keeps the old state.",
        "at spaces",
        "(1 − k)·w = ",
        "Nobody's formulas but the toy's.",
    ):
        assert sentence in said(app)
    assert "they are the book's" not in said(app)
    (formula,) = app.get("latex")
    assert r"w_t &= \tanh(W_{xw} x_t" in formula.value
    for gate in ("w", "h"):
        choose(app, "lens_gate", gate)
        assert linked(app)["gate"] == gate


@pytest.mark.parametrize(
    ("view", "drawn"),
    [
        ("all", ["overview", "all", "unit"]),
        ("memory", ["overview", "unit", "saturation k", "memory"]),
        ("compare", ["first", "second"]),
    ],
)
def test_every_view_of_the_lens_draws_it(page, trained, view, drawn):
    app = page("gates", run=trained(cell="toy", bidirectional=True), view=view)
    assert [chart["key"] for chart in sent(app)["charts"]] == drawn


def test_it_is_compared_with_a_cell_that_has_other_gates(page, trained):
    other = trained(cell="lstm")
    app = page("gates", run=trained(cell="toy"), view="compare", **{"with": other})
    titles = [chart["figure"]["layout"]["title"]["text"] for chart in sent(app)["charts"]]
    assert [title.split(" · ")[0] for title in titles] == ["k", "f"]


def test_the_train_page_offers_it_and_links_to_it(page):
    app = page()
    assert option_labels(app, "cell") == ["RNN", "GRU", "LSTM", "TOY"]
    choose(app, "cell", "toy")
    assert linked(app)["cell"] == "toy"
    assert not any(group.key == "nonlinearity" for group in app.get("button_group"))
    assert next(group for group in page(cell="toy").get("button_group") if group.key == "cell").value == "toy"


def test_a_wrong_cell_in_a_link_is_told_with_every_name(page):
    assert "choose one of rnn, gru, lstm, toy" in said(page(cell="mlp"))


def test_the_unrolled_network_counts_its_weights(page):
    app = page("basics", view="latent", cell="toy")
    shapes = weight_shapes(NetworkConfig(cell="toy"), 28)
    assert app.metric[0].value == f"{sum(shape.count for shape in shapes):,}"
    assert "bias of k, w" in set(app.dataframe[0].value["What for"])


def test_its_reach_stands_beside_the_others(page, trained):
    app = page("gradients", view="reach", show="fresh")
    (chart,) = app.get("plotly_chart")
    assert [trace["name"] for trace in json.loads(chart.proto.spec)["data"]][-1] == "TOY · x"
    run = trained(cell="toy")
    for link in ({"show": "map", "of": "toy"}, {"show": "map", "of": run}, {"show": "runs", "runs": run}):
        app = page("gradients", view="reach", **link)
        assert app.get("plotly_chart")
        assert not app.error


def test_it_writes_and_fills_blanks(page, trained):
    run = trained(cell="toy")
    assert sent(page("write", run=run))["lanes"]
    assert "bits" in said(page("write", run=run, view="surprise")).lower()
    both = trained(cell="toy", bidirectional=True, objective="masked")
    assert not page("directions", view="blanks", run=both).error
