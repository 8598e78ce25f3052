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
        predictors: Which.
        seeds: How many, from 0.
    """
    return measure_alone(measure, predictors, seeds)


def measure(predictor: Predictor, seeds: int) -> Forecasts:
    """Measure one predictor in this process."""
    from playground.toys.autoregression.forecast import forecast

    found = [forecast(ForecastConfig(predictor=predictor, seed=seed)) for seed in range(seeds)]
    return Forecasts(
        predictor,
        tuple(one.seconds for one in found),
        {k: tuple(one.error(k) for one in found) for k in STEPS},
        {k: tuple(one.last_error(k) for one in found) for k in STEPS},
        tuple(one.mean_error for one in found),
        tuple(one.noise_error for one in found),
        sum(one.ending == "constant" for one in found),
    )


def table(found: Sequence[Forecasts]) -> Table:
    """Medians over the seeds, and in brackets the lowest and the highest."""
    seeds = len(found[0].seconds)
    trivial = [
        ("the last value seen", "–", *(spread(found[0].last[k], ".3g") for k in STEPS), "–", "–"),
        ("the mean", "–", *(spread(found[0].mean, ".3g") for _ in STEPS), "–", "–"),
        ("the noise alone", "–", *(spread(found[0].noise, ".3g") for _ in STEPS), "–", "–"),
    ]
    return Table(
        f"A noisy sine, τ = 4, {seeds} seeds: held-out RMSE",
        ("predictor", "training, ms", *(f"k = {k}" for k in STEPS), "ends in a constant", "passed"),
        [
            (
                one.predictor,
                spread([1_000 * s for s in one.seconds], ".0f"),
                *(spread(one.errors[k], ".3g") for k in STEPS),
                f"{one.constant} of {seeds}",
                verdict(one.passed),
            )
            for one in found
        ]
        + trivial,
    )
