"""What depends on what: models of sequences as graphs, and a network unrolled over a few tokens."""

from __future__ import annotations

from playground.config import ModelConfig
from playground.models.gates import stack_names
from playground.records import Edge, Graph, Node


def unrolled(config: ModelConfig, steps: int) -> Graph:
    """A `LanguageModel` over so many tokens; the scores at a step are for the next token.

    With `objective=masked` they are for the step's own token, from the states on both sides of it.

    Args:
        config: The network's settings.
        steps: T, the tokens that are read; at least 1.
    """
    ways = (False, True) if config.bidirectional else (False,)
    apart = config.objective == "masked"
    top = config.num_layers - 1
    edges: list[Edge] = []
    for t in range(1, steps + 1):
        entering = Node("token", t)
        if config.input == "embedding":
            edges.append(Edge(entering, Node("embedded", t), "embed.weight"))
            entering = Node("embedded", t)
        for layer in range(config.num_layers):
            for way in ways:
                name, state = stack_names(config, layer, int(way)), Node("state", t, layer, way)
                below = [Node("state", t, layer - 1, other) for other in ways if other == way or not apart]
                edges += [
                    Edge(node, state, name.format("weight_ih")) for node in (below if layer else [entering])
                ]
                before = _state(t + 1 if way else t - 1, layer, steps, backward=way)
                edges.append(Edge(before, state, name.format("weight_hh")))
        for way in ways:
            at = t if not apart else t + 1 if way else t - 1
            edges.append(Edge(_state(at, top, steps, backward=way), Node("scores", t), "head.weight"))
    return Graph(tuple(edges))


def markov(steps: int) -> Graph:
    """Every token depends on the one before it alone: order 1."""
    return Graph(tuple(Edge(Node("token", t - 1), Node("token", t)) for t in range(2, steps + 1)))


def history(steps: int) -> Graph:
    """Every token depends on all that stand before it."""
    return Graph(
        tuple(
            Edge(Node("token", s), Node("token", t))
            for t in range(2, steps + 1)
            for s in reversed(range(1, t))
        )
    )


def latent(steps: int) -> Graph:
    """A state sums up what stood before: it reads a token, and the next one depends on the state alone."""
    edges: list[Edge] = []
    for t in range(1, steps):
        state = Node("state", t)
        if t > 1:
            edges.append(Edge(Node("state", t - 1), state))
        edges += [Edge(Node("token", t), state), Edge(state, Node("token", t + 1))]
    return Graph(tuple(edges))


def _state(step: int, layer: int, steps: int, *, backward: bool) -> Node:
    """The state at a step; outside the text it is zero."""
    return Node("state" if 1 <= step <= steps else "zero", step, layer, backward)
