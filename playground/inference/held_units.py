"""Every unit of a layer held once, all side by side: which one a network needs, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playground.config import ModelConfig
from playground.inference.surgery import STRETCH, costs, stretches_of
from playground.inference.unit_scores import parts_of
from playground.models.edits import Edit
from playground.records import AblationCheck, Array, CorpusTrace

DRAWS = 200
"""Random units that a finding's ablation is measured against."""
PERCENTILE = 95
LEAST_INSIDE = 20
"""Predictions of a class from which a mean says something."""
_SEED = 82
_FLOPS = 120e9
"""Of all copies together: over fewer tokens of a larger network."""
_LEAST_TOKENS, _MOST_TOKENS = STRETCH, 4_000
_LEAST_HELD_OUT = 1_000
_COLUMNS = 3_200
"""Of a step: more take longer and fill memory."""


@dataclass(frozen=True)
class HeldCosts:
    """What predictions cost as the network is, and with each unit of a layer held at its mean."""

    at: NDArray[np.intp]
    """The token after which each prediction is made, (S, length)."""
    plain: Array
    """Nats, (S, length)."""
    held: Array
    """(H, S, length)."""
    is_held_out: bool
    """The predictions are of text that was never trained on."""

    @property
    def nbytes(self) -> int:
        """Memory that the arrays take."""
        return self.at.nbytes + self.plain.nbytes + self.held.nbytes


def hold_each_unit(
    weights: Mapping[str, Array], config: ModelConfig, trace: CorpusTrace, layer: int
) -> HeldCosts:
    """Read stretches of held-out text, or where there is little of the part of the text that scores, once a unit.

    Args:
        weights: The weights of a `LanguageModel`, by name.
        config: The settings of a network with one direction.
        trace: What the layer does over the text, for its units' means.
        layer: The layer, from 0.
    """
    size = trace.hidden_size
    a_token = 2 * size * (config.num_layers * len(trace.spec.gates) * size + len(trace.tokens))
    tokens = int(np.clip(_FLOPS / (a_token * size), _LEAST_TOKENS, _MOST_TOKENS))
    is_held_out = trace.count - trace.trained >= _LEAST_HELD_OUT
    part = slice(trace.trained, trace.count) if is_held_out else parts_of(trace.count)[1]
    starts, length = stretches_of(part, tokens)
    means = np.asarray(trace.values["h"].mean(axis=1, dtype=np.float32))
    plain = costs(weights, config, trace.ids, starts, length)[0]
    held = single_unit_costs(weights, config, trace.ids, starts, length, np.arange(size), means, layer)
    return HeldCosts(starts[:, None] + np.arange(length), plain, held.astype(np.float32), is_held_out)


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


def check_unit(costs: HeldCosts, unit: int, inside: Array) -> AblationCheck:
    """Whether holding a unit hurts predictions of a class more than holding others does.

    Args:
        costs: With every unit held once.
        unit: The one that is checked.
        inside: Which predictions are of the class, (S, length).
    """
    plain, held = costs.plain, costs.held
    others = [other for other in range(len(held)) if other != unit]
    drawn = np.random.default_rng(_SEED).choice(others, DRAWS) if others else np.zeros(0, np.intp)
    rises = held[:, inside].mean(axis=1, dtype=np.float64) - plain[inside].mean()  # (H,)
    return AblationCheck(
        inside=float(rises[unit]),
        outside=float(held[unit][~inside].mean(dtype=np.float64) - plain[~inside].mean())
        if (~inside).any()
        else 0.0,
        chance=float(np.percentile(rises[drawn], PERCENTILE)) if others else 0.0,
        draws=len(drawn),
        tokens=int(inside.sum()),
        is_held_out=costs.is_held_out,
    )
