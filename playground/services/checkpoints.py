"""Runs' weights in memory, as arrays, and what was computed from them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import TypeVar

from threadpoolctl import threadpool_limits

from playground.cache import Cache
from playground.config import ModelConfig
from playground.errors import StoreError
from playground.format import epoch_text
from playground.records import Array, CheckpointRecord, Reason, RunRecord, RunStatus
from playground.settings import to_text
from playground.store.run_store import RunStore
from playground.store.weights import load_arrays, require_fit
from playground.text.vocab import Vocab

_WEIGHT_BYTES = 128 * 2**20
V = TypeVar("V")
Weights = dict[str, Array]
"""Arrays by the names that a `LanguageModel` gives them."""


class CheckpointCache:
    """Keeps the latest weights that were read. Every method may be called from any thread.

    Args:
        store: The store that the runs are in.
    """

    def __init__(self, store: RunStore) -> None:
        self.store = store
        self._weights: Cache[Weights] = Cache(_WEIGHT_BYTES, weight_bytes)
        # two threads of a product spin for each other: beside a run that trains they take ten times as long as one
        threadpool_limits(1, user_api="blas")

    def weights(self, run: RunRecord, checkpoint: CheckpointRecord) -> Weights:
        """A checkpoint's weights by name.

        Raises:
            StoreError: It cannot be read (a rolling one may have been replaced meanwhile).
        """
        file = self.store.run_directory(run.id) / checkpoint.weights_file

        def load() -> Weights:
            arrays = load_arrays(file, has_diverged=run.status.may_have_diverged)
            require_fit(file, arrays, run.config.model, len(self.vocab(run)))
            return arrays

        return self._weights.get(run.key_at(checkpoint.step), load)

    def vocab(self, run: RunRecord) -> Vocab:
        """A run's tokens.

        Raises:
            StoreError: It has not started yet.
        """
        vocab = self.store.vocab(run.id)
        if vocab is None:
            raise StoreError("The run {name!r} has no weights yet. Wait until it has started.", name=run.name)
        return vocab


class ResultCache(Cache[V]):
    """Results that were computed from runs' weights.

    Args:
        checkpoints: The cache that the weights come from.
        capacity: How much is kept, in the units of `size`.
        size: The size of a result; 1 each without it.
        lock: Held while a result is computed.
    """

    def __init__(
        self,
        checkpoints: CheckpointCache,
        capacity: int,
        size: Callable[[V], int] = lambda value: 1,
        *,
        lock: threading.Lock | None = None,
    ) -> None:
        super().__init__(capacity, size, lock=lock)
        self._checkpoints = checkpoints

    def of(
        self,
        run: RunRecord,
        checkpoint: CheckpointRecord,
        compute: Callable[[Weights, ModelConfig], V],
        *question: Hashable,
    ) -> V:
        """Return the result of a checkpoint, or compute it; when that raises, nothing is kept.

        Args:
            run: The run whose weights are read.
            checkpoint: A checkpoint of the run.
            compute: Called with the weights and the network's settings.
            question: Whatever else decides the result.

        Raises:
            StoreError: The checkpoint cannot be read.
        """
        key = (*run.key_at(checkpoint.step), *question)
        return self.get(key, lambda: compute(self._checkpoints.weights(run, checkpoint), run.config.model))


def checkpoint_at(store: RunStore, run: RunRecord, epoch: float | None) -> CheckpointRecord:
    """The checkpoint of an epoch; None is the newest.

    Raises:
        StoreError: No checkpoint yet, or none of that epoch.
    """
    checkpoints = store.checkpoints(run.id)
    if not checkpoints:
        raise StoreError("The run {name!r} has no weights yet. Wait until it has started.", name=run.name)
    if epoch is None:
        return checkpoints[-1]
    nearest = min(checkpoints, key=lambda checkpoint: abs(checkpoint.epoch - epoch))
    if abs(nearest.epoch - epoch) < 1e-4:  # a page, and the sentence below, write four decimals
        return nearest
    raise StoreError(
        "The run {name!r} has no checkpoint of epoch {epoch}. It has those of {epochs}.",
        name=run.name,
        epoch=to_text(epoch),
        epochs=[epoch_text(checkpoint.epoch) for checkpoint in checkpoints],
    )


def weights_remark(run: RunRecord, checkpoint: CheckpointRecord) -> Reason | None:
    """What has to be known of a run's newest weights, where they are not of its last step; None where they are.

    Args:
        run: The run that was opened without naming a moment.
        checkpoint: Its newest checkpoint.
    """
    if run.status.is_active or checkpoint.step >= run.step:
        return None
    params = {"epoch": epoch_text(checkpoint.epoch), "reached": epoch_text(run.epoch, 1)}
    if run.status is not RunStatus.DIVERGED:
        return Reason(
            "The run reached epoch {reached}, and its newest weights that were kept are those of epoch {epoch}: they "
            "are used here.",
            params,
        )
    if checkpoint.step == 0:
        return Reason(
            "The run diverged at epoch {reached}, before any trained weights were kept. Used here are those of epoch "
            "0, from before the first step: they know nothing of the text yet.",
            params,
        )
    return Reason(
        "The run diverged at epoch {reached}, which ruined its weights. Used here are the newest from before that: "
        "those of epoch {epoch}.",
        params,
    )


def weight_bytes(weights: Weights) -> int:
    """Memory that a network's arrays take."""
    return sum(array.nbytes for array in weights.values())
