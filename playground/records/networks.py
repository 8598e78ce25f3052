"""A network's weights by their shapes, and models of sequences as graphs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class WeightShape:
    """One array of a network's weights."""

    name: str
    """As in `weights.safetensors`."""
    shape: tuple[int, ...]
    part: Literal["embedding", "input", "recurrent", "bias", "scores", "scores bias"]
    """What it is for: `input` and `recurrent` are a layer's matrices by what they multiply."""
    layer: int | None = None
    """From 0; None outside the recurrent layers."""
    backward: bool = False
    """Of a reader from the end."""

    @property
    def count(self) -> int:
        """Numbers in it."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Node:
    """One quantity at one step."""

    kind: Literal["token", "embedded", "state", "zero", "scores"]
    """`zero`: a state before anything has been read."""
    step: int
    """From 1; of `zero` 0, or one after the last for a reader from the end."""
    layer: int = 0
    """Of a state; from 0."""
    backward: bool = False
    """A state of a reader from the end."""


@dataclass(frozen=True)
class Edge:
    """`end` is computed from `start`, or stands under a probability given it."""

    start: Node
    end: Node
    weight: str | None = None
    """Name of the matrix between them."""


@dataclass(frozen=True)
class Graph:
    """What depends on what."""

    edges: tuple[Edge, ...]

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All of them, each once, in the order in which edges name them."""
        return tuple(dict.fromkeys(node for edge in self.edges for node in (edge.start, edge.end)))
