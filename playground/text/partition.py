"""Where minibatches begin in a text, by d2l's two ways (chapter 8.3): places alone, without torch."""

from __future__ import annotations

import numpy as np

from playground.errors import ConfigError
from playground.lesson_settings import PartitionConfig
from playground.records import Array, Partition

TOY = 35
"""Tokens of d2l's toy text, 0 … 34."""


def most_offset(tokens: int, batch_size: int, num_steps: int, sampling: str) -> int:
    """The largest offset that an epoch may draw: all from 0 to this one are as likely.

    Args:
        tokens: The length of the text, N ≥ batch_size × num_steps + 1.
        batch_size: Rows, B.
        num_steps: Tokens a row, T.
        sampling: `sequential` (0 … T, as d2l) or `random` (0 … T - 1); less where the text is short.
    """
    slack = tokens - (batch_size * num_steps + 1)
    return min(num_steps if sampling == "sequential" else num_steps - 1, slack)


def row_length(tokens: int, batch_size: int, offset: int) -> int:
    """Tokens of each of the B long rows that `sequential_starts` walks along."""
    return (tokens - offset - 1) // batch_size


def sequential_starts(tokens: int, batch_size: int, num_steps: int, offset: int) -> Array:
    """Cut the text into B long rows and walk along them together.

    Args:
        tokens: The length of the text, as in `most_offset`.
        batch_size: Rows.
        num_steps: Tokens a minibatch takes of each row.
        offset: Tokens left out at the beginning.

    Returns:
        (minibatches, B), int64: the first token of every row of every minibatch.
    """
    per_row = row_length(tokens, batch_size, offset)
    steps = np.arange(per_row // num_steps) * num_steps
    return offset + steps[:, None] + np.arange(batch_size) * per_row


def random_starts(tokens: int, batch_size: int, num_steps: int, offset: int, order: Array) -> Array:
    """Cut the text into pieces of T tokens and take B at a time, in a random order.

    Pieces that fill no minibatch are left out.

    Args:
        tokens: The length of the text, as in `most_offset`.
        batch_size: Rows.
        num_steps: Tokens a piece.
        offset: Tokens left out at the beginning.
        order: A permutation of 0 … `pieces` - 1.

    Returns:
        As `sequential_starts`.
    """
    whole = len(order) // batch_size * batch_size
    return (offset + order[:whole] * num_steps).reshape(-1, batch_size)


def pieces(tokens: int, num_steps: int, offset: int) -> int:
    """How many pieces `random_starts` takes from."""
    return (tokens - offset - 1) // num_steps


def partition(tokens: int, config: PartitionConfig) -> Partition:
    """One epoch's minibatches of a toy text; its number decides offset and order.

    Args:
        tokens: The length of the text.
        config: How it is cut.

    Raises:
        ConfigError: The text is too short for one minibatch.
    """
    size, steps, sampling = config.batch_size, config.num_steps, config.sampling
    if tokens < size * steps + 1:
        raise ConfigError(
            "{batch_size} rows of {num_steps} tokens and one more for the last target are {needed} "
            "tokens; the text has {tokens}. "
            "Take fewer rows or steps.",
            batch_size=size,
            num_steps=steps,
            needed=size * steps + 1,
            tokens=tokens,
        )
    rng = np.random.default_rng(config.epoch)
    offset = int(rng.integers(most_offset(tokens, size, steps, sampling) + 1))
    if sampling == "sequential":
        starts = sequential_starts(tokens, size, steps, offset)
    else:
        order = rng.permutation(pieces(tokens, steps, offset))
        starts = random_starts(tokens, size, steps, offset, order)
    carries = sampling == "sequential" and config.state == "carried"
    return Partition(tokens, steps, offset, starts, sampling, carries)
