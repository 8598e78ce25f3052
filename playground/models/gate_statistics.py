"""What can be said about gates in few numbers."""

from __future__ import annotations

from typing import Literal

import numpy as np

from playground.records import (
    Array,
    Contrast,
    GateStrip,
    GateTrace,
    LayerTrace,
    Saturation,
)

NEARLY_SHUT, NEARLY_OPEN = 0.1, 0.9
"""Karpathy, Johnson & Fei-Fei 2015: left- and right-saturated."""
UnitOrder = Literal["index", "mean", "variance", "similarity"]


def strip(values: Array) -> GateStrip:
    """Mean and spread over the units.

    Args:
        values: A gate or state, (T, H).
    """
    return GateStrip(values.mean(axis=1), values.std(axis=1))


def saturation(layer: LayerTrace) -> dict[str, Saturation]:
    """How often each unit's gates are nearly shut and nearly open; empty for a cell without gates.

    Source: Karpathy, Johnson & Fei-Fei 2015, figure 3.
    """
    return {
        name: Saturation((values < NEARLY_SHUT).mean(axis=0), (values > NEARLY_OPEN).mean(axis=0))
        for name, values in layer.gates.items()
        if layer.spec.quantities[name].is_gate
    }


def memory_lengths(layer: LayerTrace) -> Array | None:
    """Tokens until a unit's memory has shrunk to about a third, 1 / (1 - mean f) or 1 / (1 - mean z).

    Returns:
        (H,), each at least 1 and infinite for a gate that never closes; None for a cell without a gate that
        keeps the memory.
    """
    keeper = layer.spec.keeper
    if keeper is None:
        return None
    forgotten = 1 - layer.gates[keeper].mean(axis=0, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return np.where(forgotten > 0, 1 / np.maximum(forgotten, 0), np.inf)


def unit_order(values: Array, by: UnitOrder) -> Array:
    """Units in the order of their index, mean, variance, or similarity.

    Args:
        values: A gate or state, (T, H).
        by: `similarity` puts units that go up and down together beside each other
            (SciPy's average linkage with optimal leaf order).

    Returns:
        (H,): the unit that stands first, second …
    """
    if by == "index":
        return np.arange(values.shape[1])
    if by == "similarity":
        return _by_similarity(values)
    key = values.mean(axis=0) if by == "mean" else values.var(axis=0)
    return np.argsort(-key, kind="stable")  # the largest on top


def _by_similarity(values: Array) -> Array:
    if values.shape[1] < 3:
        return np.arange(values.shape[1])
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering  # half a second to import
    from scipy.spatial.distance import pdist

    columns = np.ascontiguousarray(values.T, np.float64)  # (H, T)
    distances = pdist(columns)
    tree = linkage(distances, "average")
    if len(columns) <= _LEAVES_TO_ORDER:
        tree = optimal_leaf_ordering(tree, distances)
    return leaves_list(tree).astype(np.intp)


_LEAVES_TO_ORDER = 300
"""More units than that take seconds to order well; their plain order is good enough."""


def contrast(trace: GateTrace, values: Array) -> Contrast | None:
    """A gate's mean at spaces and at all other tokens; None where the sentence has only one kind.

    Args:
        trace: The sentence whose tokens are told apart.
        values: The gate, (T, H).
    """
    spaces = np.array([token.isspace() for token in trace.tokens])
    if spaces.all() or not spaces.any():
        return None
    return Contrast(float(values[spaces].mean()), float(values[~spaces].mean()))
