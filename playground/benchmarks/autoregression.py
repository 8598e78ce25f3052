"""d2l's k-step-ahead figure over many seeds: what it costs, and how wrong it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from playground.benchmarks.alone import measure_alone, spread
from playground.benchmarks.report import Table, verdict
from playground.lesson_settings import ForecastConfig, Predictor

ASKED_SECONDS = 2.0
"""Of a training."""
STEPS = (1, 4, 16, 64)


@dataclass(frozen=True)
class Forecasts:
    """One predictor on d2l's series; one figure a seed."""

    predictor: Predictor
    seconds: tuple[float, ...]
    """Of training alone."""
    errors: dict[int, tuple[float, ...]]
    """k → held-out RMSE."""
    last: dict[int, tuple[float, ...]]
    """k → of repeating the last value seen."""
    mean: tuple[float, ...]
    noise: tuple[float, ...]
    constant: int
    """How many seeds come to rest at a constant when left on their own."""

    @property
    def passed(self) -> bool:
        """The longest training is as quick as asked."""
        return max(self.seconds) <= ASKED_SECONDS

    def to_json(self) -> dict[str, object]:
        """For `--json`."""
        return {**asdict(self), "passed": self.passed}


def compare(predictors: Sequence[Predictor], *, seeds: int) -> list[Forecasts]:
    """Measure each in a process of its own, with one thread.

    Args:
        predictors: The predictors that are measured, in this order.
        seeds: How many, from 0.
    """
    return measure_alone(measure, predictors, seeds)


def measure(predictor: Predictor, seeds: int) -> Forecasts:
    """Measure one predictor in this process."""
    from playground.toys.autoregression.forecast import forecast

    forecasts = [forecast(ForecastConfig(predictor=predictor, seed=seed)) for seed in range(seeds)]
    return Forecasts(
        predictor,
        tuple(each.seconds for each in forecasts),
        {k: tuple(each.error(k) for each in forecasts) for k in STEPS},
        {k: tuple(each.last_error(k) for each in forecasts) for k in STEPS},
        tuple(each.mean_error for each in forecasts),
        tuple(each.noise_error for each in forecasts),
        sum(each.ending == "constant" for each in forecasts),
    )


def table(results: Sequence[Forecasts]) -> Table:
    """Medians over the seeds, and in brackets the lowest and the highest."""
    seeds = len(results[0].seconds)
    trivial = [
        ("the last value seen", "–", *(spread(results[0].last[k], ".3g") for k in STEPS), "–", "–"),
        ("the mean", "–", *(spread(results[0].mean, ".3g") for _ in STEPS), "–", "–"),
        ("the noise alone", "–", *(spread(results[0].noise, ".3g") for _ in STEPS), "–", "–"),
    ]
    return Table(
        f"A noisy sine, τ = 4, {seeds} seeds: held-out RMSE",
        ("predictor", "training, ms", *(f"k = {k}" for k in STEPS), "ends in a constant", "passed"),
        [
            (
                result.predictor,
                spread([1_000 * s for s in result.seconds], ".0f"),
                *(spread(result.errors[k], ".3g") for k in STEPS),
                f"{result.constant} of {seeds}",
                verdict(result.passed),
            )
            for result in results
        ]
        + trivial,
    )
