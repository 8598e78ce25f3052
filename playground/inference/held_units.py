"""Units of a layer held one at a time, side by side: which one a network needs, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playground.cells import CELLS
from playground.config import ModelConfig
from playground.inference.surgery import STRETCH, WARM_UP, classes_of, costs, measured_part, stretches_of
from playground.models.edits import Edit
from playground.records import AblationCheck, Annotation, Array

DRAWS = 200
"""Random units that a finding's ablation is measured against."""
PERCENTILE = 95
LEAST_INSIDE = 20
"""Predictions of a class from which a mean says something."""
LEAST_UNITS = 40
"""That are held: against fewer a percentile means nothing."""
_SEED = 82
_WORK = 120e9
"""Operations with which every unit is held over as many tokens as fit."""
_MOST_WORK = 480e9
"""Beyond which a layer is too large: eight seconds of a core."""
_LEAST_TOKENS, _MOST_TOKENS = STRETCH, 4_000
_COLUMNS = 3_200
"""Of a step: more take longer and fill memory."""


@dataclass(frozen=True)
class HeldCosts:
    """What predictions cost as the network is, and with units of a layer held at their means, one at a time."""

    at: NDArray[np.intp]
    """The token after which each prediction is made, (S, length)."""
    plain: Array
    """Nats, (S, length)."""
    units: NDArray[np.intp]
    """Those that were held, (U,): all of the layer, or as many at random as there is time for."""
    held: Array
    """(U, S, length)."""
    is_held_out: bool
    """The predictions are of text that was never trained on."""

    @property
    def nbytes(self) -> int:
        """Memory that the arrays take."""
        return self.at.nbytes + self.plain.nbytes + self.held.nbytes


def can_hold(config: ModelConfig, vocab_size: int) -> bool:
    """A layer is small enough for its units to be held, one at a time, while somebody waits."""
    return _in_time(config, vocab_size)[1] > 0


def _in_time(config: ModelConfig, vocab_size: int) -> tuple[int, int]:
    """Over how many tokens how many units can be held; no unit where they would be too few to be compared."""
    size = config.hidden_size
    a_token = 2 * size * (config.num_layers * len(CELLS[config.cell].gates) * size + vocab_size)
    tokens = int(np.clip(_WORK / (a_token * size), _LEAST_TOKENS, _MOST_TOKENS))
    units = min(size, int(_MOST_WORK / (a_token * (tokens + WARM_UP * -(-tokens // STRETCH)))))
    return tokens, units if units >= min(size, LEAST_UNITS) else 0


def hold_units(
    weights: Mapping[str, Array],
    config: ModelConfig,
    ids: Array,
    trained: int,
    means: Array,
    layer: int,
    only: NDArray[np.intp] | None = None,
) -> HeldCosts | None:
    """Read stretches of the measured part of a text, once a unit.

    Args:
        weights: The weights of a `LanguageModel`, by name.
        config: The settings of a network with one direction.
        ids: The whole text, (T,).
        trained: So many of its first tokens were trained on.
        means: What each unit is held at, (H,).
        layer: The layer, from 0.
        only: Units that are wanted, over the same predictions; None is all, or a sample of them.

    Returns:
        None where the layer is so large that too few could be held in time.
    """
    tokens, most = _in_time(config, len(weights["head.bias"]))
    if not most:
        return None
    part, is_held_out = measured_part(len(ids), trained)
    starts, length = stretches_of(part, tokens)
    units = only if only is not None else np.sort(np.random.default_rng(_SEED).permutation(len(means))[:most])
    plain = costs(weights, config, ids, starts, length)[0]
    held = single_unit_costs(weights, config, ids, starts, length, units, means[units], layer)
    return HeldCosts(starts[:, None] + np.arange(length), plain, units, held.astype(np.float32), is_held_out)


def single_unit_costs(
    weights: Mapping[str, Array],
    config: ModelConfig,
    ids: Array,
    starts: NDArray[np.intp],
    length: int,
    units: NDArray[np.intp],
    means: Array,
    layer: int,
) -> Array:
    """As `costs`, with one unit's h held at its mean in each copy, (U, S, length) for U units.

    Args:
        weights: As there, as are config, ids, starts and length.
        config: The settings.
        ids: The text.
        starts: The stretches.
        length: Of each.
        units: Those that are held, one at a time, (U,).
        means: What each is held at, (U,).
        layer: The layer that they are in.
    """
    many = max(1, _COLUMNS // len(starts))
    results = []
    for first in range(0, len(units), many):
        some, held = units[first : first + many], means[first : first + many]
        edit = Edit(
            "h",
            np.repeat(some, len(starts)),
            np.repeat(held, len(starts)),
            np.arange(len(some) * len(starts)),
            layer,
        )
        results.append(costs(weights, config, ids, starts, length, [edit], len(some)))
    return np.concatenate(results)


def check_unit(
    costs: HeldCosts, unit: int, annotation: Annotation, own: HeldCosts | None = None
) -> AblationCheck | None:
    """Whether holding a unit hurts predictions where an annotation holds more than holding others does.

    Args:
        costs: With units of the layer held.
        unit: The one that is checked.
        annotation: Over the whole text.
        own: The same with that unit held, where it is not among them.

    Returns:
        None where fewer than `LEAST_INSIDE` predictions are made where it holds.
    """
    inside, outside = classes_of(annotation, costs.at)
    if inside.sum() < LEAST_INSIDE:
        return None
    among = np.flatnonzero(costs.units == unit)
    mine = costs.held[among[0]] if len(among) else own.held[0] if own is not None else None
    assert mine is not None, "a unit that nobody has held"
    others = np.flatnonzero(costs.units != unit)
    drawn = np.random.default_rng(_SEED).choice(others, DRAWS) if len(others) else np.zeros(0, np.intp)
    rises = costs.held[:, inside].mean(axis=1, dtype=np.float64) - costs.plain[inside].mean()  # (U,)

    def rise(where: Array) -> float:
        return float(mine[where].mean(dtype=np.float64) - costs.plain[where].mean()) if where.any() else 0.0

    return AblationCheck(
        inside=rise(inside),
        outside=rise(outside),
        chance=float(np.percentile(rises[drawn], PERCENTILE)) if len(drawn) else 0.0,
        draws=len(drawn),
        tokens=int(inside.sum()),
        is_held_out=costs.is_held_out,
    )
