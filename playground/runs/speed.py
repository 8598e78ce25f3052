"""How long a step takes on one thread of a processor, by a run's settings alone.

A law with few terms, fitted to real steps (`tests/benchmarks/time_of_runs.py`): what every step costs, what every time
step costs whatever its size, multiplications, what is done to each unit, to each score, and to each weight.
"""

from __future__ import annotations

from playground.cells import CELLS
from playground.config import RunConfig
from playground.models.shapes import weight_shapes

_COSTS: dict[str, tuple[float, ...]] = {
    "LSTM": (2_660_000, 10_700, 0.0996, 0.274, 62.4, 13.3, 8.01, 4.31),
    "GRU": (2_960_000, 229_000, 0.0758, 2.31, 104, 16.3, 2.08, 4.71),
    "RNN": (3_950_000, 95_200, 0.107, 1.35, 25.5, 7.99, 0.959, 4.5),
}
"""PyTorch's class → nanoseconds of each of `terms`, on the processor that they were measured on."""
FORWARD_SHARE = 1 / 3
"""Of a training token's time, for a token that is only read: the way back costs twice the way there."""


def step_seconds(config: RunConfig, vocab_size: int) -> float | None:
    """About how long one training step takes; None for a cell that PyTorch has no class for.

    Args:
        config: The settings of the run.
        vocab_size: V.
    """
    kind = CELLS[config.model.cell].torch
    costs = _COSTS.get(kind) if isinstance(kind, str) else None
    if costs is None:
        return None
    return 1e-9 * sum(cost * term for cost, term in zip(costs, terms(config, vocab_size), strict=True))


def terms(config: RunConfig, vocab_size: int) -> tuple[float, ...]:
    """What a step's time grows with.

    In turn: 1; time steps of all layers; multiplications; weights that are read anew at each time step; units; scores;
    weights; what the optimiser and the average keep of them.
    """
    model, train = config.model, config.train
    tokens = train.batch_size * train.num_steps
    rows = model.num_layers * (2 if model.bidirectional else 1)
    shapes = weight_shapes(model, vocab_size)
    multiplied = sum(shape.count for shape in shapes if shape.part in ("input", "recurrent", "scores"))
    recurrent = sum(shape.count for shape in shapes if shape.part == "recurrent")
    parameters = sum(shape.count for shape in shapes)
    copies = (2 if train.optimizer == "adamw" else 0) + (1 if train.weight_averaging else 0)
    scored = tokens * vocab_size * (1 if model.input == "embedding" else 2)
    return (
        1.0,
        float(train.num_steps * rows),
        float(tokens * multiplied),
        float(train.num_steps * recurrent),
        float(tokens * rows * model.hidden_size),
        float(scored),
        float(parameters),
        float(parameters * copies),
    )
