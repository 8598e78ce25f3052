"""Whether a run fits into memory: told beside Start where it is large, refused where it never can."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from playground.cache import Cache, Fresh
from playground.config import RunConfig
from playground.errors import ConfigError, gettext_noop
from playground.records import Reason
from playground.runs.machine_memory import MachineMemory, machine_memory
from playground.runs.memory import (
    FLOAT,
    count_parameters,
    count_vocabulary,
    device_memory,
    estimate_memory,
    is_large,
    most_tokens,
    require_fitting,
)
from playground.store.keeping import MEGABYTE, how_many
from playground.text.corpora import CorpusLibrary

_WAIT_SECONDS = 10.0
"""Until a worker that has just been started can say whether there is a graphics card."""
_KEPT = 256
_FRESH_SECONDS = 1.0
"""For which what is free counts: a page asks several times, and thirty draw theirs at once."""
_LARGE_WEIGHTS = 10 * MEGABYTE
"""Bytes of a checkpoint from which it is told."""


class MemoryCheck:
    """Looks at set-ups before they are started. Every method may be called from any thread.

    Args:
        library: The texts.
        missing_devices: As an executor's.
        memory: What there is.
    """

    def __init__(
        self,
        library: CorpusLibrary,
        missing_devices: Callable[[float], Mapping[str, Reason] | None],
        memory: Callable[[], MachineMemory] = machine_memory,
    ) -> None:
        self._library = library
        self._missing_devices = missing_devices
        self._memory = Fresh(memory, _FRESH_SECONDS).get
        self._texts: Cache[tuple[int, int]] = Cache(_KEPT)

    def needed(self, config: RunConfig) -> int:
        """About how many bytes a run's worker takes; the text is read only where that matters.

        Raises:
            CorpusError: The text does not exist.
        """
        most = estimate_memory(config, most_tokens(config.corpus))
        return most if not is_large(most, self._memory()) else self._precisely(config)

    def told(self, config: RunConfig) -> Reason | None:
        """What a person should know before such a run is started; None where it is not much.

        Raises:
            CorpusError: The text does not exist.
        """
        memory, needed = self._memory(), self.needed(config)
        if not is_large(needed, memory) or not self._is_in_memory(config, 0.0):
            return None
        return Reason(
            gettext_noop("This set-up will need about {needed:.1f} GB of memory; {free:.1f} GB are free."),
            {"needed": needed / 1e9, "free": memory.free / 1e9},
        )

    def told_of_weights(self, config: RunConfig) -> Reason | None:
        """What a run's checkpoints take on the disk, and how many its budget keeps; None where that is not much.

        Raises:
            CorpusError: The text does not exist.
        """
        most = count_parameters(config.model, most_tokens(config.corpus)) * FLOAT
        if most < _LARGE_WEIGHTS:
            return None
        weights = count_parameters(config.model, self._text_size(config)[0]) * FLOAT
        if weights < _LARGE_WEIGHTS:
            return None
        copies = _copies(config)
        budget = config.train.checkpoint_megabytes * MEGABYTE
        return Reason(
            gettext_noop(
                "Each checkpoint will take about {size:.0f} MB on the disk, and the newest {beside:.0f} MB more to go on "
                "from. Checkpoints kept within {budget} MB a run (under “More”): {count}."
            ),
            {
                "size": weights / MEGABYTE,
                "beside": copies * weights / MEGABYTE,
                "count": how_many(budget, weights, copies * weights),
                "budget": config.train.checkpoint_megabytes,
            },
        )

    def vocab_size(self, config: RunConfig) -> int:
        """About how many tokens a run's vocabulary has.

        Raises:
            CorpusError: The text does not exist.
        """
        return self._text_size(config)[0]

    def least_on_disk(self, config: RunConfig) -> int:
        """About how many bytes a run's folder takes at the least: its first and its last weights, and what training needs.

        Raises:
            CorpusError: The text does not exist.
        """
        weights = count_parameters(config.model, self._text_size(config)[0]) * FLOAT
        return (2 + _copies(config)) * weights

    def refusal(self, config: RunConfig) -> ConfigError | None:
        """What `require` would say, without waiting for a card to be found; None where a run may fit.

        Raises:
            CorpusError: The text does not exist.
        """
        total = self._memory().total
        if self.needed(config) <= total or not self._is_in_memory(config, 0.0):
            return None
        try:
            require_fitting(config, total, self._precisely)
        except ConfigError as refused:
            return refused
        return None

    def require(self, config: RunConfig) -> None:
        """Raise ConfigError where a run can never fit, with the largest that can; a worker looks at a card itself."""
        total = self._memory().total
        if self.needed(config) > total and self._is_in_memory(config, _WAIT_SECONDS):
            require_fitting(config, total, self._precisely)

    def _precisely(self, config: RunConfig) -> int:
        vocab_size, characters = self._text_size(config)
        return estimate_memory(config, vocab_size, characters)

    def _text_size(self, config: RunConfig) -> tuple[int, int]:
        """Its vocabulary's tokens, and its characters."""
        corpus = config.corpus

        def compute() -> tuple[int, int]:
            text = self._library.load(corpus.corpus).text
            return count_vocabulary(text, corpus), len(text)

        key = (corpus.corpus, corpus.token_level, corpus.normalize, corpus.max_vocab)
        return self._texts.get(key, compute)

    def _is_in_memory(self, config: RunConfig, seconds: float) -> bool:
        """It trains in the machine's own memory, as a graphics processor of `mps` does too."""
        device = config.train.device
        if device == "auto":
            missing = self._missing_devices(seconds)
            return missing is None or "cuda" in missing
        return device != "cuda"


def _copies(config: RunConfig) -> int:
    """Of the weights, in what training needs to go on from."""
    return (2 if config.train.optimizer == "adamw" else 0) + (1 if config.train.weight_averaging else 0)


def require_fitting_card(config: RunConfig, vocab_size: int) -> None:
    """Raise ConfigError where a run does not fit on the graphics card that it is to train on.

    Args:
        config: The settings of the run.
        vocab_size: V.
    """
    import torch

    from playground.training.devices import pick_device

    device = pick_device(config.train.device)
    if device.type == "cuda":
        total = torch.cuda.get_device_properties(device).total_memory
        require_fitting(config, total, lambda other: device_memory(other, vocab_size))
