"""Every state of the Basics page's lessons on autoregression, latent state and partitioning, without a browser."""

from __future__ import annotations

import json

import pytest

from playground.cells import CELLS
from playground.lesson_settings import ForecastConfig, NetworkConfig
from playground.models.shapes import weight_shapes
from playground.records import RunStatus
from playground.toys.autoregression.forecast import forecast
from tests.helpers import tiny_config
from tests.pages.helpers import choose, linked, said


@pytest.fixture
def basics(page):
    """Open the page with a link; not by way of the Train page, which would rewrite settings of the same names."""

    def open_page(**link):
        app = page("basics")
        if link:
            for name, value in link.items():
                app.query_params[name] = str(value)
            app.run()
            assert not app.exception
        return app

    return open_page


def charts(app) -> list[dict]:
    """What is drawn, from the top down."""
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def names(figure: dict) -> list[str]:
    return [trace["name"] for trace in figure["data"] if "name" in trace]


def alts(app) -> list[str]:
    return [chart.proto.alt for chart in app.get("plotly_chart")]


def table(app) -> dict[str, list]:
    (dataframe,) = app.dataframe
    return dataframe.value.to_dict("list")


def test_the_page_begins_with_d2ls_own_parameters(basics):
    app = basics()
    result = forecast(ForecastConfig())
    assert names(charts(app)[0])[2:] == ["k = 1", "k = 4", "k = 16", "k = 64", "on its own"]
    told = said(app)
    assert (
        f"One step ahead the error is {result.error(1):.3f}; the noise alone is {result.noise_error:.3f}."
        in told
    )
    assert f"64 steps ahead the error is {result.error(64):.3g}: worse than always saying the mean" in told
    assert "it comes to rest: it says −0.74" in told
    assert table(app)["the trained predictor"] == [f"{result.error(k):.3g}" for k in (1, 4, 16, 64)]
    assert all(alts(app))
    assert "64 steps ahead the error is" in alts(app)[0]


def test_controls_of_the_forecast_reach_the_link_and_the_figure(basics):
    app = basics()
    app.slider(key="forecast_ahead").set_value(10).run()
    app.slider(key="forecast_tau").set_value(2).run()
    app.slider(key="forecast_noise").set_value(0.1).run()
    choose(app, "forecast_predictor", "rnn")
    assert {"ahead": "10", "tau": "2", "noise": "0.1", "predictor": "rnn"}.items() <= linked(app).items()
    assert names(charts(app)[0])[2:] == ["k = 1", "k = 4", "k = 10", "on its own"]
    result = forecast(ForecastConfig(ahead=10, tau=2, noise=0.1, predictor="rnn"))
    assert table(app)["the trained predictor"] == [f"{result.error(k):.3g}" for k in (1, 4, 10)]
    app.slider(key="forecast_ahead").set_value(64).run()
    assert "ahead" not in linked(app)


def test_another_series_has_another_seed(basics):
    app = basics()
    before = said(app)
    app.button(key="forecast_again").click().run()
    assert int(linked(app)["seed"]) > 0
    assert said(app) != before


def test_one_step_alone_is_told_once(basics):
    told = said(basics(ahead=1))
    assert "One step ahead" in told
    assert "1 steps ahead" not in told


def test_a_predictor_that_runs_away_is_told(basics):
    app = basics(predictor="linear", seed=4)
    assert "it runs away; its error is" in said(app)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"ahead": 4}, "better than repeating the last value seen"),
        ({"ahead": 16}, "worse than repeating the last value seen"),
        ({"tau": 1, "seed": 0}, "64 steps ahead the error is"),
    ],
)
def test_what_many_steps_cost_is_judged_by_trivial_predictors(basics, settings, sentence):
    assert sentence in said(basics(**settings))


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ({"tau": "99"}, "'Values that it sees, τ' is '99'; give a whole number from 1 to 16."),
        ({"noise": "loud"}, "Noise is 'loud'; give a number from 0 to 1."),
        ({"predictor": "oracle"}, "Predictor is 'oracle'; choose one of linear, mlp, rnn."),
        ({"view": "partitioning", "batch_size": "0"}, "Batch size is '0'; give a whole number from 1 to 6."),
        ({"view": "partitioning", "state": "kept"}, "State between minibatches is 'kept'; choose one of"),
        ({"view": "latent", "hidden_size": "5"}, "Hidden units is '5'; give a whole number from 8 to 1,024."),
        (
            {"view": "latent", "vocab_size": "1"},
            "Different tokens is '1'; give a whole number from 2 to 50,000.",
        ),
        ({"view": "latent", "objective": "masked"}, "Turn bidirectional on, or choose objective=next."),
    ],
)
def test_a_wrong_value_in_the_link_is_told_and_the_usual_one_taken(basics, link, sentence):
    app = basics(**link)
    (told,) = app.warning
    assert sentence in told.value.replace("\\", "")
    assert "The usual value is used instead." in told.value
    assert charts(app)


def test_three_models_and_the_usual_network(basics):
    app = basics(view="latent")
    assert [markdown.value for markdown in app.get("markdown") if markdown.value.startswith("**")] == [
        "**Markov**",
        "**Autoregressive**",
        "**With a latent state**",
    ]
    assert len(app.latex) == 3
    shapes = weight_shapes(NetworkConfig(), 28)
    assert table(app)["Weights"] == [shape.name for shape in shapes]
    assert table(app)["Shape"][:2] == ["1,024 × 28", "1,024 × 256"]
    assert app.metric[0].value == f"{sum(shape.count for shape in shapes):,}"
    assert "layer 1 · 256" in charts(app)[3]["layout"]["yaxis"]["ticktext"]
    assert all(alts(app))


@pytest.mark.parametrize("cell", CELLS)
def test_the_drawn_network_is_the_chosen_one(basics, cell):
    app = basics(view="latent")
    choose(app, "latent_cell", cell)
    choose(app, "latent_num_layers", 3)
    choose(app, "latent_input", "embedding")
    app.toggle(key="latent_bidirectional").set_value(True).run()
    choose(app, "latent_objective", "masked")
    app.number_input(key="latent_hidden_size").set_value(40).run()
    app.number_input(key="latent_embedding_size").set_value(12).run()
    app.number_input(key="latent_vocab_size").set_value(90).run()
    config = NetworkConfig(
        cell=cell,
        num_layers=3,
        input="embedding",
        bidirectional=True,
        objective="masked",
        hidden_size=40,
        embedding_size=12,
        vocab_size=90,
    )
    shapes = weight_shapes(config, 90)
    assert table(app)["Weights"] == [shape.name for shape in shapes]
    assert app.metric[0].value == f"{sum(shape.count for shape in shapes):,}"
    rows = charts(app)[3]["layout"]["yaxis"]["ticktext"]
    assert {"embedding · 12", "layer 3 ← · 40", "scores · 90"} <= set(rows)
    assert "its own token" in said(app)
    app.toggle(key="latent_bidirectional").set_value(False).run()
    assert not {"bidirectional", "objective"} & linked(app).keys()
    assert not app.warning


def test_two_directions_that_predict_the_next_token_are_called_a_trap(basics):
    assert "already seen: a trap" in said(basics(view="latent", bidirectional="true"))


def test_a_number_out_of_range_is_told_and_an_empty_field_is_the_usual(basics):
    app = basics(view="latent")
    app.number_input(key="latent_hidden_size").set_value(4).run()
    assert "give a whole number from 8 to 1,024" in said(app)
    app.number_input(key="latent_hidden_size").set_value(None).run()
    assert not app.warning
    assert app.number_input(key="latent_hidden_size").value == 256


def test_a_runs_own_network_is_drawn_and_left_again(basics, trained, manager):
    id = trained(cell="gru", num_layers=2, hidden_size=24)
    app = basics(view="latent", run=id)
    assert app.selectbox(key="latent_run").value == id
    assert app.metric[0].value == f"{manager.store.get(id).facts.parameters:,}"
    assert "layer 2 · 24" in charts(app)[3]["layout"]["yaxis"]["ticktext"]
    assert not app.number_input
    app.selectbox(key="latent_run").set_value("own").run()
    assert "run" not in linked(app)
    assert app.metric[0].value == "300,060"
    app.selectbox(key="latent_run").set_value(id).run()
    assert linked(app)["run"] == id


def test_a_run_that_is_gone_or_has_not_begun_is_told(basics, manager):
    assert "There is no run" in said(basics(view="latent", run="0b28dce73f1a"))
    waiting = manager.store.create(tiny_config(), "waiting")
    manager.store.set_status(waiting.id, RunStatus.STOPPED)
    app = basics(view="latent", run=waiting.id)
    assert "has not begun to train" in said(app)
    assert app.metric[0].value == "300,060"


def test_d2ls_toy_is_walked_through(basics):
    app = basics(view="partitioning")
    assert "Every epoch begins with a state of zeros." in said(app)
    assert "(0–1, 17, 33–34)" in said(app)
    app.slider(key="partition_minibatch_at").set_value(2).run()
    assert linked(app)["minibatch"] == "2"
    assert "which has read 5 tokens by now" in said(app)
    assert "Minibatch 2 reads 7–11, 23–27." in alts(app)[0]
    assert "have to predict 8–12, 24–28." in alts(app)[1]
    choose(app, "partition_state", "reset")
    assert "what it has read before is forgotten" in said(app)
    choose(app, "partition_sampling", "random")
    assert "every state begins at zero" in said(app)
    assert {"sampling": "random", "state": "reset"}.items() <= linked(app).items()


def test_sliders_of_the_toy_cut_it_anew(basics):
    app = basics(view="partitioning")
    app.slider(key="partition_batch_size").set_value(3).run()
    app.slider(key="partition_num_steps").set_value(4).run()
    app.slider(key="partition_epoch").set_value(7).run()
    assert {"batch_size": "3", "num_steps": "4", "deal": "7"}.items() <= linked(app).items()
    marks = {note["text"] for note in charts(app)[0]["layout"]["annotations"]}
    assert {"2·3", "<b>1·1</b>"} <= marks


def test_too_large_a_minibatch_for_the_toy_is_told(basics):
    app = basics(view="partitioning", batch_size=6, num_steps=8)
    assert "are 49 tokens; the text has 35. Take fewer rows or steps." in said(app)
    app.slider(key="partition_num_steps").set_value(2).run()
    assert not app.error


@pytest.mark.parametrize(
    ("asked", "told", "shown"),
    [
        ("9", "There is no minibatch 9 in this epoch, which has 3; here is the nearest", 3),
        ("0", "Minibatch is '0'; give a whole number from 1", 1),
        ("two", "Minibatch is 'two'; give a whole number from 1", 1),
    ],
)
def test_a_minibatch_that_is_not_there_is_told(basics, asked, told, shown):
    app = basics(view="partitioning", minibatch=asked)
    assert told in said(app)
    assert app.slider(key="partition_minibatch_at").value == shown


def test_a_single_minibatch_needs_no_slider(basics):
    app = basics(view="partitioning", batch_size=4, num_steps=8)
    assert "partition_minibatch_at" not in {slider.key for slider in app.slider}
    assert len(charts(app)) == 2


def test_every_lesson_is_in_the_link(basics):
    app = basics()
    choose(app, "lesson", "partitioning")
    assert linked(app)["view"] == "partitioning"
    choose(app, "lesson", "autoregression")
    assert "view" not in linked(app)
