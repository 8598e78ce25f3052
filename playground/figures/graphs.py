"""Graphs of what depends on what: circles, squares and arrows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from playground.figures.theme import Translate
from playground.records import Edge, Graph, Node, WeightShape

_INK = "#1c2430"
"""Of a node's letter: nodes are pale on both themes."""
_LOOKS = {
    "token": ("square", "#f7d488", "x"),
    "embedded": ("diamond", "#f7d488", "e"),
    "state": ("circle", "#9cc9ea", "h"),
    "zero": ("circle", "#dfe3ea", "0"),
    "scores": ("hexagon", "#e3b6d3", "o"),
}
"""Kind → symbol, fill, letter."""
_ARROWS = {
    "reads": ("#7d8899", "solid"),
    "on": ("#2f83c5", "solid"),
    "back": ("#d55e00", "dash"),
    "predicts": ("#a8508a", "dot"),
}
"""What an arrow is for → colour and dash."""
_SIDE = 0.24
"""Of a step: how far the states of both directions stand from its middle."""
_RADIUS = 12
"""Of a node, in pixels."""
Spot = tuple[float, float]


def model_figure(graph: Graph, _: Translate = str) -> go.Figure:
    """A model of sequences: tokens in a line, states above them.

    Arrows between neighbours are straight; those that skip a token are bows above.
    """
    deep = any(node.kind == "state" for node in graph.nodes)
    spots = {node: (float(node.step), 1.0 if node.kind == "state" else 0.0) for node in graph.nodes}
    steps = max(node.step for node in graph.nodes)
    layout: dict[str, Any] = _layout(170, steps, (-0.35, 1.4), margin={"l": 8, "r": 8, "t": 8, "b": 8})
    layout["xaxis"]["range"] = [0.6, steps + 0.4]
    return _draw(graph, spots, layout | {"showlegend": False}, _, bows=not deep)


def unrolled_figure(graph: Graph, weights: Sequence[WeightShape], _: Translate = str) -> go.Figure:
    """A network over a few tokens: every layer and direction a row, every step a column.

    Args:
        graph: What depends on what in the network.
        weights: The network's arrays, for the sizes that rows and arrows tell.
    """
    steps = max(node.step for node in graph.nodes if node.kind == "token")
    both = any(node.backward for node in graph.nodes)
    layers = 1 + max(node.layer for node in graph.nodes)
    embeds = any(node.kind == "embedded" for node in graph.nodes)
    ground = 1.0 if embeds else 0.0
    apart = any(weight.name.startswith("rnn_reverse.") for weight in weights)
    top = ground + layers + 1 + (0.6 if apart else 0.2 if both else 0.0)

    def height(node: Node) -> float:
        if node.kind in ("token", "embedded"):
            return 0.0 if node.kind == "token" else 1.0
        if node.kind == "scores":
            return top
        return ground + 1 + node.layer + (0.45 if node.backward else 0.0)

    def aside(node: Node) -> float:
        if not both or node.kind not in ("state", "zero"):
            return float(node.step)
        inwards = 0.3 if node.kind == "zero" else 0.0  # what stands before the text needs no whole column
        return node.step + (_SIDE - inwards if node.backward else inwards - _SIDE)

    spots = {node: (aside(node), height(node)) for node in graph.nodes}
    layout = _layout(
        round(74 * (top + 0.7)) + 84, steps, (-0.35, top + 0.35), margin={"l": 94, "r": 8, "t": 44, "b": 40}
    )
    layout["xaxis"] |= {
        "range": [-0.15, steps + (1.15 if both else 0.5)],
        "tickvals": list(range(1, steps + 1)),
        "showticklabels": True,
        "title": {"text": _("time step")},
    }
    rows = _rows(graph, weights, _)
    layout["yaxis"] |= {
        "tickvals": [height(node) for node in rows],
        "ticktext": list(rows.values()),
        "showticklabels": True,
    }
    return _draw(graph, spots, layout, _, {weight.name: weight.shape for weight in weights})


def _rows(graph: Graph, weights: Sequence[WeightShape], _: Translate) -> dict[Node, str]:
    """What stands at the left of each row: a node of it → words, and how many numbers it is."""
    sizes = {weight.part: weight.shape for weight in weights}
    both = any(node.backward for node in graph.nodes)
    labels: dict[Node, str] = {}
    for node in graph.nodes:
        if node.step != 1 or node.kind == "zero":
            continue
        if node.kind == "token":
            labels[node] = _("token")
        elif node.kind == "embedded":
            labels[node] = _("embedding") + f" · {sizes['embedding'][1]:,}"
        elif node.kind == "scores":
            labels[node] = _("scores") + f" · {sizes['scores'][0]:,}"
        else:
            way = "" if not both else " ←" if node.backward else " →"
            labels[node] = _("layer {n}").format(n=node.layer + 1) + way + f" · {sizes['recurrent'][1]:,}"
    return labels


def _draw(
    graph: Graph,
    spots: Mapping[Node, Spot],
    layout: dict[str, Any],
    _: Translate,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    *,
    bows: bool = False,
) -> go.Figure:
    names = {
        "reads": _("reads"),
        "on": _("state") + " →",
        "back": "← " + _("state"),
        "predicts": _("predicts"),
    }
    traces: list[dict[str, Any]] = []
    for use, (colour, dash) in _ARROWS.items():
        edges = [edge for edge in graph.edges if _use(edge) == use]
        if edges:
            traces.append(_arrows(edges, spots, names[use], colour, dash, _path(bows=bows)))
    if shapes is not None:
        traces.append(_weight_labels(graph.edges, spots, shapes))
    for kind, (symbol, colour, letter) in _LOOKS.items():
        nodes = [node for node in graph.nodes if node.kind == kind]
        if nodes:
            traces.append(
                {
                    "type": "scatter",
                    "mode": "markers+text",
                    "showlegend": False,
                    "hoverinfo": "skip",
                    "x": [spots[n][0] for n in nodes],
                    "y": [spots[n][1] for n in nodes],
                    "text": ["0" if kind == "zero" else f"{letter}<sub>{n.step}</sub>" for n in nodes],
                    "textfont": {"color": _INK, "size": 11},
                    "marker": {
                        "symbol": symbol,
                        "color": colour,
                        "size": 2 * _RADIUS * (0.7 if kind == "zero" else 1),
                        "opacity": 1,
                        "line": {"width": 1, "color": "#7d8899"},
                    },
                }
            )
    return go.Figure({"data": traces, "layout": layout})


def _use(edge: Edge) -> str:
    """What an arrow is for."""
    if edge.end.kind in ("token", "scores"):
        return "predicts"
    if edge.start.kind in ("state", "zero") and edge.start.layer == edge.end.layer:
        return "back" if edge.end.backward else "on"
    return "reads"


def _arrows(
    edges: Sequence[Edge],
    spots: Mapping[Node, Spot],
    name: str,
    colour: str,
    dash: str,
    path: Callable[[Spot, Spot], list[Spot]],
) -> dict[str, Any]:
    """One trace of all arrows of a kind: lines with a head at their last point."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    heads: list[int] = []
    for edge in edges:
        points = path(spots[edge.start], spots[edge.end])
        xs += [*(x for x, _y in points), None]
        ys += [*(y for _x, y in points), None]
        heads += [0] * (len(points) - 1) + [9, 0]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": xs,
        "y": ys,
        "hoverinfo": "skip",
        "line": {"color": colour, "dash": dash, "width": 1.8},
        "marker": {
            "symbol": "arrow",
            "angleref": "previous",
            "size": heads,
            "opacity": 1,
            "color": colour,
            "standoff": [_RADIUS if size else 0 for size in heads],
            "line": {"width": 0},
        },
    }


def _path(*, bows: bool) -> Callable[[Spot, Spot], list[Spot]]:
    def path(start: Spot, end: Spot) -> list[Spot]:
        width = end[0] - start[0]
        if not bows or abs(width) < 1.5 or start[1] != end[1]:
            return [start, end]
        rise = 0.4 * abs(width)
        return [(start[0] + width * i / 16, start[1] + rise * 4 * (i / 16) * (1 - i / 16)) for i in range(17)]

    return path


def _weight_labels(
    edges: Sequence[Edge], spots: Mapping[Node, Spot], shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, Any]:
    """Which matrix every arrow is, at its middle."""
    named = [edge for edge in edges if edge.weight is not None]
    return {
        "type": "scatter",
        "mode": "markers",
        "showlegend": False,
        "x": [(spots[e.start][0] + spots[e.end][0]) / 2 for e in named],
        "y": [(spots[e.start][1] + spots[e.end][1]) / 2 for e in named],
        "text": [f"{e.weight}<br>{' × '.join(f'{n:,}' for n in shapes[e.weight or ''])}" for e in named],
        "marker": {"size": 16, "opacity": 0},
        "hovertemplate": "%{text}<extra></extra>",
    }


def _layout(height: int, steps: int, rows: Spot, *, margin: dict[str, int]) -> dict[str, Any]:
    plain = {
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "showticklabels": False,
        "ticks": "",
        "automargin": False,
        "tickfont": {"size": 11},
    }
    return {
        "height": height,
        "margin": margin,
        "hovermode": "closest",
        "dragmode": False,
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1.02,
            "yanchor": "bottom",
            "font": {"size": 11},
            "entrywidth": 60,
        },
        "xaxis": dict(plain),
        "yaxis": plain | {"range": list(rows)},
    }
