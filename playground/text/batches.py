"""Token ids → minibatches, by d2l's two ways (chapter 8.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from playground.config import TrainConfig
from playground.text.partition import most_offset, pieces, random_starts, row_length, sequential_starts


@dataclass(frozen=True)
class Batch:
    """One training step's tokens; targets are the inputs one token later."""

    inputs: Tensor
    """(B, T), int64."""
    targets: Tensor
    """(B, T), int64."""
    carries_state: bool
    """Row i goes on where row i of the batch before it ended."""


def steps_per_epoch(tokens: int, batch_size: int, num_steps: int, sampling: str) -> int:
    """Most batches one epoch can have; the random offset can cost one."""
    if sampling == "random":
        return max(1, (tokens - 1) // num_steps // batch_size)
    return max(1, (tokens - 1) // batch_size // num_steps)


def batches(ids: Tensor, config: TrainConfig, generator: torch.Generator) -> Iterator[Batch]:
    """One epoch's batches, cut as a run's settings say; arguments as `sequential_batches`."""
    cut = sequential_batches if config.sampling == "sequential" else random_batches
    return cut(ids, config.batch_size, config.num_steps, generator)


def sequential_batches(
    ids: Tensor, batch_size: int, num_steps: int, generator: torch.Generator
) -> Iterator[Batch]:
    """Cut the text into `batch_size` long rows and walk along them together.

    The text starts at a random offset of 0 … num_steps, so that the cuts move
    from epoch to epoch. Every batch but the first carries state.

        >>> for batch in sequential_batches(torch.arange(13), 2, 3, torch.Generator().manual_seed(0)):
        ...     print(batch.inputs.tolist(), batch.targets.tolist(), batch.carries_state)
        [[0, 1, 2], [6, 7, 8]] [[1, 2, 3], [7, 8, 9]] False
        [[3, 4, 5], [9, 10, 11]] [[4, 5, 6], [10, 11, 12]] True

    Args:
        ids: The text, (N,), N ≥ batch_size × num_steps + 1.
        batch_size: Rows.
        num_steps: Tokens a batch takes of each row.
        generator: Draws the offset; on the CPU.
    """
    tokens = ids.numel()
    offset = _draw(most_offset(tokens, batch_size, num_steps, "sequential") + 1, generator)
    per_row = row_length(tokens, batch_size, offset)
    end = offset + batch_size * per_row
    inputs = ids[offset:end].view(batch_size, per_row)
    targets = ids[offset + 1 : end + 1].view(batch_size, per_row)
    starts = sequential_starts(tokens, batch_size, num_steps, offset)
    for i, first in enumerate(starts[:, 0].tolist()):  # of the first row; the others stand below it
        here = slice(first - offset, first - offset + num_steps)
        yield Batch(inputs[:, here], targets[:, here], carries_state=i > 0)


def random_batches(
    ids: Tensor, batch_size: int, num_steps: int, generator: torch.Generator
) -> Iterator[Batch]:
    """Cut the text into pieces of `num_steps` and take them in random order.

    The text starts at a random offset of 0 … num_steps − 1; no piece is taken
    twice in an epoch. No batch carries state. Arguments as `sequential_batches`.
    """
    tokens = ids.numel()
    offset = _draw(most_offset(tokens, batch_size, num_steps, "random") + 1, generator)
    order = torch.randperm(pieces(tokens, num_steps, offset), generator=generator)
    starts = random_starts(tokens, batch_size, num_steps, offset, order.numpy())
    first, within = torch.from_numpy(starts).to(ids.device), torch.arange(num_steps, device=ids.device)
    for i in range(len(starts)):
        places = first[i, :, None] + within  # (B, T)
        yield Batch(ids[places], ids[places + 1], carries_state=False)


def _draw(count: int, generator: torch.Generator) -> int:
    return int(torch.randint(count, (1,), generator=generator).item())
