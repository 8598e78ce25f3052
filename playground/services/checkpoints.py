"""Runs' weights in memory, as arrays: several rooms look through the same network."""

from __future__ import annotations

from playground.cache import Cache
from playground.errors import StoreError
from playground.records import Array, CheckpointRecord, RunRecord
from playground.store.run_store import RunStore
from playground.store.weights import load_arrays
from playground.text.vocab import Vocab

_WEIGHT_BYTES = 128 * 2**20


class CheckpointCache:
    """Keeps the latest weights that were read. Every method may be called from any thread.

    Args:
        store: Where the runs are.
    """

    def __init__(self, store: RunStore) -> None:
        self.store = store
        self._weights: Cache[dict[str, Array]] = Cache(_WEIGHT_BYTES, _size)

    def weights(self, run: RunRecord, checkpoint: CheckpointRecord) -> dict[str, Array]:
        """A checkpoint's weights by name.

        Raises:
            StoreError: It cannot be read (a rolling one may have been replaced meanwhile).
        """
        file = self.store.run_directory(run.id) / checkpoint.weights_file
        key = (file, run.revision)  # a resumed run may write a step's file anew
        return self._weights.get(key, lambda: load_arrays(file))

    def vocab(self, run: RunRecord) -> Vocab:
        """A run's tokens.

        Raises:
            StoreError: It has not started yet.
        """
        vocab = self.store.vocab(run.id)
        if vocab is None:
            raise StoreError("The run {name!r} has no weights yet. Wait until it has started.", name=run.name)
        return vocab


def checkpoint_at(store: RunStore, run: RunRecord, epoch: float | None) -> CheckpointRecord:
    """The checkpoint of an epoch; None is the newest.

    Raises:
        StoreError: No checkpoint yet, or none of that epoch.
    """
    found = store.checkpoints(run.id)
    if not found:
        raise StoreError("The run {name!r} has no weights yet. Wait until it has started.", name=run.name)
    if epoch is None:
        return found[-1]
    nearest = min(found, key=lambda one: abs(one.epoch - epoch))
    if (
        abs(nearest.epoch - epoch) < 1e-4 or f"{nearest.epoch:g}" == f"{epoch:g}"
    ):  # as a page, or the sentence below, has written it
        return nearest
    raise StoreError(
        "The run {name!r} has no checkpoint of epoch {epoch:g}. It has those of {epochs}.",
        name=run.name,
        epoch=epoch,
        epochs=", ".join(f"{one.epoch:g}" for one in found),
    )


def _size(weights: dict[str, Array]) -> int:
    return sum(array.nbytes for array in weights.values())
