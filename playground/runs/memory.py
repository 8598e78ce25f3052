"""How much memory a run will need, before it is started.

The law was fitted to the peaks of real workers (`docs/benchmarks.md`): what the process takes by itself, the weights
with their gradients and copies, what each step keeps for the way back, and the scores of every token.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from playground.cells import CELLS
from playground.config import CorpusConfig, ModelConfig, RunConfig, flatten, from_flat
from playground.errors import ConfigError
from playground.models.shapes import weight_shapes
from playground.runs.machine_memory import MachineMemory
from playground.text.encode import blocks
from playground.text.vocab import split

_WORKER_BYTES = 350_000_000
"""A worker with torch that has trained nothing yet."""
FLOAT = 4
"""Bytes."""
LARGE_BYTES = 10**9
LARGE_SHARE = 0.25
"""Of what is free."""
_LETTERS = 28
"""The vocabulary of a text that is normalised: a-z, the space and `<unk>`."""
_LOOKED_AT = 2**20
"""Characters of a text whose different tokens are counted."""
_TEXT_BYTES = 14
"""A character: the text as it was read, its tokens, and their ids as torch looks them up."""


def estimate_memory(config: RunConfig, vocab_size: int, characters: int = 0) -> int:
    """About how many bytes a run's worker takes at its peak, on the CPU.

    >>> config = from_flat({"hidden_size": 256, "batch_size": 32, "num_steps": 35})
    >>> f"{estimate_memory(config, 28) / 1e6:.0f} MB"
    '371 MB'

    Args:
        config: The settings of the run.
        vocab_size: V, or the largest that it may be.
        characters: Length of the text.
    """
    return _WORKER_BYTES + device_memory(config, vocab_size) + _TEXT_BYTES * characters


def count_parameters(model: ModelConfig, vocab_size: int) -> int:
    """P: the weights of all layers."""
    return sum(math.prod(shape.shape) for shape in weight_shapes(model, vocab_size))


def device_memory(config: RunConfig, vocab_size: int) -> int:
    """As `estimate_memory`, of what lies on the device alone: weights, their gradients, a step's activations."""
    model, train = config.model, config.train
    cell, embeds = CELLS[config.model.cell], model.input == "embedding"
    parameters = count_parameters(model, vocab_size)
    of_weights = 5.5 + (6 if train.optimizer == "adamw" else 0) + (4 if train.weight_averaging else 0)
    kept = 1 + 2.4 * len(cell.gates)  # for the way back, by each unit of each layer at each step
    if not isinstance(cell.torch, str):
        kept *= 2  # taken step by step, nothing is fused
    units = model.hidden_size * (2 if model.bidirectional else 1) * (1.5 + model.num_layers * kept)
    entering = 0.0 if embeds else 1.3
    tokens = train.batch_size * train.num_steps
    return int(FLOAT * (of_weights * parameters + tokens * (units + vocab_size * (3 + entering))))


def most_tokens(config: CorpusConfig) -> int:
    """The largest vocabulary that a text may have, without a look at it."""
    letters = config.token_level == "char" and config.normalize != "none"
    return min(config.max_vocab, _LETTERS if letters else config.max_vocab)


def count_vocabulary(text: str, config: CorpusConfig) -> int:
    """About how large a text's vocabulary is, by its first million characters."""
    most = most_tokens(config)
    kinds: set[str] = set()
    for block in blocks(text[:_LOOKED_AT], config.token_level):
        kinds.update(split(block, config.token_level))
        if len(kinds) >= most:
            return most
    return min(most, len(kinds) + 1)


def is_large(needed: int, memory: MachineMemory) -> bool:
    """It is worth a person's attention."""
    return needed > LARGE_BYTES or needed > LARGE_SHARE * memory.free


def require_fitting(config: RunConfig, total: int, estimate: Callable[[RunConfig], int]) -> None:
    """Raise ConfigError where a run can never fit, with the largest that can.

    Args:
        config: The settings of the run.
        total: Bytes that there are.
        estimate: Bytes that settings need.
    """
    needed = estimate(config)
    if needed <= total:
        return
    hidden = largest("hidden_size", config.model.hidden_size, 8, config, total, estimate)
    batch = largest("batch_size", config.train.batch_size, 1, config, total, estimate)
    params = {"needed": needed / 1e9, "has": total / 1e9, "hidden": hidden, "batch": batch}
    if hidden and batch:
        raise ConfigError(
            "This set-up needs about {needed:.1f} GB of memory, and there are {has:.1f} GB here. With this batch size "
            "{hidden:,} hidden units fit, or with these hidden units a batch size of {batch:,}.",
            **params,
        )
    if hidden:
        raise ConfigError(
            "This set-up needs about {needed:.1f} GB of memory, and there are {has:.1f} GB here. With {hidden:,} hidden "
            "units it fits.",
            **params,
        )
    if batch:
        raise ConfigError(
            "This set-up needs about {needed:.1f} GB of memory, and there are {has:.1f} GB here. With a batch size of "
            "{batch:,} it fits.",
            **params,
        )
    raise ConfigError(
        "This set-up needs about {needed:.1f} GB of memory, and there are {has:.1f} GB here. Choose fewer hidden units "
        "and a smaller batch together, fewer time steps, or a smaller vocabulary.",
        **params,
    )


def largest(
    name: str, value: int, least: int, config: RunConfig, total: int, estimate: Callable[[RunConfig], int]
) -> int | None:
    """The largest value of a setting that fits, found by halves; None where not even the least does."""

    def fits(candidate: int) -> bool:
        return estimate(from_flat(flatten(config) | {name: candidate})) <= total

    if not fits(least):
        return None
    low, high = least, value  # low fits, high does not
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low
