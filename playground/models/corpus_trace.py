"""What one layer does over a whole text: stretches side by side, so that a step is one product of matrices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from playground.cells import CELLS
from playground.config import ModelConfig
from playground.models.gates import stack_names
from playground.records import Array

FORMAT = 1
"""Of what is kept: raised whenever the same network and text are read otherwise than before."""
WARM_UP = 200
"""Tokens that every stretch but the first reads before its own, from a zero state."""
_STRETCH = 1_000
"""Tokens of a stretch, at least: the warm-up is read in vain."""
_MOST_STRETCHES = 64
_AT_ONCE = 64
"""Steps whose values are turned round and written together."""


@dataclass(frozen=True)
class TracedText:
    """The values of one layer, and how well its stretches fit together."""

    values: Mapping[str, Array]
    """By name, (H, T) each."""
    seam: float
    """As `CorpusTrace.seam`."""


def traced_names(config: ModelConfig) -> tuple[str, ...]:
    """What a text's trace holds: gates, c, h."""
    cell = CELLS[config.cell]
    return (*cell.gate_names, *(("c",) if cell.has_memory else ()), "h")


@np.errstate(
    over="ignore", invalid="ignore"
)  # a relu state can grow without end, and half precision ends early
def trace_corpus(
    weights: Mapping[str, Array],
    config: ModelConfig,
    ids: Array,
    *,
    layer: int = 0,
    direction: int = 0,
    allocate: Callable[[tuple[int, int, int]], Array] = lambda shape: np.empty(shape, np.float16),
    scratch: Callable[[tuple[int, int, int], np.dtype[Any]], Array] = np.empty,
    stretches: int | None = None,
    warm_up: int = WARM_UP,
) -> TracedText:
    """Read a text with one layer in one direction.

    The text is cut into stretches that are read side by side, each after a warm-up on what stands before it. A state
    that remembers longer than the warm-up is another one at a stretch's beginning than in one piece; `seam` says by how much.

    Args:
        weights: A `LanguageModel`'s, by name, in float32.
        config: The network's settings.
        ids: T token ids, at least one.
        layer: From 0.
        direction: 0 forward, 1 backward.
        allocate: Gives the array (quantities, H, T and a few more) that is filled; half precision in memory without it.
        scratch: Gives arrays for what the layers below put out, which are needed until this one has been read.
        stretches: How many are read side by side; None is as many as pay.
        warm_up: Tokens before each.

    Returns:
        Every quantity of `traced_names`, in text order.
    """
    count = stretches or max(1, min(_MOST_STRETCHES, len(ids) // _STRETCH))
    x, seam = [np.asarray(ids)], 0.0  # of the layers below, one array a direction

    def as_weights(shape: tuple[int, int, int]) -> Array:
        return scratch(shape, weights["head.weight"].dtype)

    both = range(2 if config.bidirectional else 1)
    apart = config.objective == "masked"  # two stacks that know nothing of each other
    for below in range(layer):
        ways: Sequence[int] = (direction,) if apart else both
        read = [
            _Layer(weights, config, below, way).read(x, ("h",), as_weights, count, warm_up) for way in ways
        ]
        x = [hidden[0] for hidden, _seam in read]
        seam = max(seam, *(each for _hidden, each in read))
    names = traced_names(config)
    values, own_seam = _Layer(weights, config, layer, direction).read(x, names, allocate, count, warm_up)
    return TracedText(dict(zip(names, values, strict=True)), max(seam, own_seam))


class _Layer:
    """One layer in one direction that reads stretches side by side."""

    def __init__(self, weights: Mapping[str, Array], config: ModelConfig, layer: int, direction: int) -> None:
        names = stack_names(config, layer, direction)
        parts = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        self._w_i, self._w_h, b_i, b_h = (weights[names.format(part)] for part in parts)
        self._b_i, self._b_h = b_i[:, None], b_h[:, None]
        self._cell, self._nonlinearity = CELLS[config.cell], config.nonlinearity
        self._size, self._backward = config.hidden_size, direction == 1
        self._embedded = weights["embed.weight"] if layer == 0 and config.input == "embedding" else None

    def read(
        self,
        x: Sequence[Array],
        names: Sequence[str],
        allocate: Callable[[tuple[int, int, int]], Array],
        count: int,
        warm_up: int,
    ) -> tuple[Array, float]:
        """Read a text; the values (quantities, H, T) in text order, and the seam.

        Args:
            x: Token ids (T,), or what the directions of the layer below put out, (H, T) each; in text order.
            names: The quantities that are kept.
            allocate: As in `trace_corpus`.
            count: B, the stretches.
            warm_up: Tokens before each.
        """
        tokens = x[0].shape[-1]
        length = -(-tokens // count)
        whole = allocate((len(names), self._size, count * length))
        in_order = whole.reshape(len(names), self._size, count, length)
        if self._backward:
            in_order = in_order[:, :, ::-1, ::-1]
        warm_up = min(warm_up, length) if count > 1 else 0
        starts = np.arange(count) * length
        hidden = np.zeros((self._size, count), self._w_h.dtype)
        memory, warmed = np.zeros_like(hidden), hidden
        block = np.empty((min(_AT_ONCE, length), len(names), self._size, count), whole.dtype)
        filled = 0
        for step in range(-warm_up, length):
            places = np.minimum(starts + step, tokens - 1)
            text_places = tokens - 1 - np.maximum(places, 0) if self._backward else np.maximum(places, 0)
            gates, hidden, memory = self._step(x, text_places, hidden, memory)
            if step < 0:
                hidden[:, places < 0] = 0.0  # the text has not begun: its first stretch starts from zero
                memory[:, places < 0] = 0.0
                warmed = hidden
                continue
            self._put(block[filled], names, gates, hidden, memory)
            filled += 1
            if filled == len(block) or step == length - 1:
                in_order[..., step + 1 - filled : step + 1] = block[:filled].transpose(1, 2, 3, 0)
                filled = 0
        seam = float(np.abs(hidden[:, :-1] - warmed[:, 1:]).max()) if warm_up else 0.0
        first = whole.shape[2] - tokens if self._backward else 0  # what is too much lies where reading ends
        return whole[:, :, first : first + tokens], seam

    def _put(self, into: Array, names: Sequence[str], gates: Array, h: Array, c: Array) -> None:
        """Write one step's quantities, (H, B) each."""
        count = len(self._cell.gates)
        into[-1] = h
        if len(names) > 1:
            into[:count] = gates.reshape(count, *h.shape)
            if self._cell.has_memory:
                into[-2] = c

    def _step(self, x: Sequence[Array], places: Array, h: Array, c: Array) -> tuple[Array, Array, Array]:
        if self._embedded is not None:
            entering = self._w_i @ self._embedded[x[0][places]].T
        elif x[0].ndim == 1:  # a one-hot product picks columns
            entering = self._w_i[:, x[0][places]]
        else:
            parts = np.split(self._w_i, len(x), axis=1)
            entering = parts[0] @ x[0][:, places]
            for part, below in zip(parts[1:], x[1:], strict=True):
                entering += part @ below[:, places]
        entering += self._b_i
        recurring = self._w_h @ h
        recurring += self._b_h
        return self._cell.step(entering, recurring, h, c, self._nonlinearity)
