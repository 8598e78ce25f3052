"""How long a run will take alone, told before it is started: from runs of this machine, else from its settings."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping

from playground.cache import Cache
from playground.config import RunConfig
from playground.records import Reason, RunRecord
from playground.runs.speed import FORWARD_SHARE, step_seconds
from playground.store.run_store import RunStore
from playground.text.prepare import count_training_tokens

_LEAST_SECONDS = 2.0
"""That a run has to have trained for its speed to count."""
_ALIKE, _ANY = 5, 20
"""The newest runs that are looked at: those of the same settings, and others."""
_NEWEST = 200
"""Runs among which those are."""
_FRESH_SECONDS = 5.0
"""For how long what was read of them is used: a page asks at each rerun."""
_KEPT = 256
_NEAR = 1.25
"""A vocabulary that is so many times larger or smaller is as good as the same."""


class TimeCheck:
    """Looks at set-ups before they are started. Every method may be called from any thread.

    Args:
        store: Keeps the runs and the texts.
        vocab_size: The tokens of a set-up's vocabulary.
        missing_devices: As an executor's.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        store: RunStore,
        vocab_size: Callable[[RunConfig], int],
        missing_devices: Callable[[float], Mapping[str, Reason] | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._vocab_size = vocab_size
        self._missing_devices = missing_devices
        self._clock = clock
        self._tokens: Cache[int] = Cache(_KEPT)
        self._newest: tuple[float, list[RunRecord]] = (-math.inf, [])

    def epoch_seconds(self, config: RunConfig) -> float | None:
        """About how long an epoch takes when the run is alone; None where nothing is known of its like.

        Raises:
            CorpusError: The text does not exist.
        """
        device, vocab_size = self._device(config), self._vocab_size(config)
        runs = [run for run in self._trained() if _is_measured(run, device)]
        alike = [run for run in runs if is_alike(run, config, vocab_size)][:_ALIKE]
        if alike:
            return self._training_tokens(config) / statistics.median(map(_tokens_per_second, alike))
        step = step_seconds(config, vocab_size)
        if device != "cpu" or step is None:
            return None
        factors = [factor for run in runs[:_ANY] if (factor := _slowness(run)) is not None]
        slowness = statistics.median(factors) if factors else 1.0
        return slowness * _epoch(config, step, self._training_tokens(config))

    def _trained(self) -> list[RunRecord]:
        read_at, runs = self._newest
        now = self._clock()
        if now - read_at >= _FRESH_SECONDS:
            runs = self._store.table.trained(_LEAST_SECONDS, _NEWEST)
            self._newest = (now, runs)
        return runs

    def _device(self, config: RunConfig) -> str:
        device = config.train.device
        if device != "auto":
            return device
        missing = self._missing_devices(0.0)
        return "cpu" if missing is None else next((d for d in ("cuda", "mps") if d not in missing), "cpu")

    def _training_tokens(self, config: RunConfig) -> int:
        corpus = config.corpus
        return self._tokens.get(
            corpus, lambda: count_training_tokens(self._store.library.load(corpus.corpus), corpus)
        )


def is_alike(run: RunRecord, config: RunConfig, vocab_size: int) -> bool:
    """A run's speed is that of a set-up's: the same network and batches, and about as many tokens."""
    known = 0 if run.facts is None else run.facts.vocab_size
    return known / _NEAR <= vocab_size <= known * _NEAR and _shape(run.config) == _shape(config)


def _shape(config: RunConfig) -> tuple[object, ...]:
    train = config.train
    of_train = (train.batch_size, train.num_steps, train.optimizer, train.weight_averaging is None)
    return (config.model, *of_train, train.threads, round(config.corpus.held_out, 1))


def _is_measured(run: RunRecord, device: str) -> bool:
    return (
        run.facts is not None
        and run.facts.device == device
        and run.seconds >= _LEAST_SECONDS
        and run.step > 0
    )


def _tokens_per_second(run: RunRecord) -> float:
    return run.tokens / run.seconds


def _slowness(run: RunRecord) -> float | None:
    """How many times longer a run took than its settings say."""
    assert run.facts is not None
    step = step_seconds(run.config, run.facts.vocab_size)
    if step is None:
        return None
    said = _epoch(run.config, step, run.facts.train_tokens) * run.tokens / run.facts.train_tokens
    return run.seconds / said


def _epoch(config: RunConfig, step: float, training_tokens: int) -> float:
    """Seconds of an epoch, with the pass over what is held out."""
    train = config.train
    held_out = config.corpus.held_out
    read = 1 + FORWARD_SHARE * held_out / (1 - held_out)
    return read * step * training_tokens / (train.batch_size * train.num_steps)
