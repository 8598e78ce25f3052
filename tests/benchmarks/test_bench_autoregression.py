"""`python -m playground bench autoregression` on a few seeds."""

import dataclasses
import json

import pytest
from typer.testing import CliRunner

from playground.benchmarks import autoregression
from playground.cli import app
from playground.lesson_settings import PREDICTORS, ForecastConfig
from playground.toys.autoregression.forecast import forecast


@pytest.fixture(scope="module")
def measured():
    return autoregression.measure("mlp", 2)


def test_every_seeds_figures_are_the_forecasts_own(measured):
    for seed in (0, 1):
        result = forecast(ForecastConfig(seed=seed))
        assert [measured.errors[k][seed] for k in (1, 4, 16, 64)] == [result.error(k) for k in (1, 4, 16, 64)]
        assert measured.last[64][seed] == result.last_error(64)
        assert (measured.mean[seed], measured.noise[seed]) == (result.mean_error, result.noise_error)


def test_one_slow_training_does_not_pass(measured):
    assert measured.passed
    slow = dataclasses.replace(measured, seconds=(0.01, 2.01))
    assert not slow.passed
    assert [row[-1] for row in autoregression.table([measured, slow]).rows] == ["yes", "NO", "–", "–", "–"]


def test_the_command_tells_every_predictor(monkeypatch, measured):
    def compare(predictors, *, seeds):
        assert (predictors, seeds) == (PREDICTORS, 2)
        return [dataclasses.replace(measured, predictor=predictor) for predictor in predictors]

    monkeypatch.setattr(autoregression, "compare", compare)
    result = CliRunner().invoke(app, ["bench", "autoregression", "--seeds", "2", "--json"])
    assert result.exit_code == 0
    told = json.loads(result.stdout.splitlines()[-1])
    assert [cell["predictor"] for cell in told["cells"]] == list(PREDICTORS)
    assert told["passed"]
