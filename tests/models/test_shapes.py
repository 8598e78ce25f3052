"""Weights by their shapes alone, and what a network's scores depend on."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from playground.cells import CELLS
from playground.config import ModelConfig
from playground.inference.reach import connectivity
from playground.models.graphs import history, latent, markov, unrolled
from playground.models.language_model import LanguageModel
from playground.models.shapes import weight_shapes
from playground.records import Node

V = 11
WAYS = {
    "one": {},
    "both": {"bidirectional": True},
    "masked": {"bidirectional": True, "objective": "masked"},
}


def behind(graph, node: Node) -> set[Node]:
    """Everything that a node depends on, however far away."""
    reached, ends = set(), {node}
    while ends:
        ends = {edge.start for edge in graph.edges if edge.end in ends} - reached
        reached |= ends
    return reached


@pytest.mark.parametrize("input", ["one-hot", "embedding"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("num_layers", [1, 2, 3, 4])
@pytest.mark.parametrize("cell", CELLS)
def test_shapes_are_the_real_networks(cell, num_layers, way, input):
    config = ModelConfig(
        cell=cell, num_layers=num_layers, hidden_size=8, input=input, embedding_size=5, **WAYS[way]
    )
    model = LanguageModel(config, V)
    shapes = weight_shapes(config, V)
    assert [(shape.name, shape.shape) for shape in shapes] == [
        (name, tuple(value.shape)) for name, value in model.state_dict().items()
    ]
    assert sum(shape.count for shape in shapes) == sum(p.numel() for p in model.parameters())


def test_every_part_is_told_apart():
    config = ModelConfig(num_layers=2, hidden_size=8, input="embedding", embedding_size=5, **WAYS["both"])
    parts = {shape.name: (shape.part, shape.layer, shape.backward) for shape in weight_shapes(config, V)}
    assert parts["embed.weight"] == ("embedding", None, False)
    assert parts["rnn.weight_ih_l1_reverse"] == ("input", 1, True)
    assert parts["rnn.weight_hh_l0"] == ("recurrent", 0, False)
    assert parts["rnn.bias_hh_l1"] == ("bias", 1, False)
    assert parts["head.weight"][0] == "scores"
    assert parts["head.bias"][0] == "scores bias"


@pytest.mark.parametrize("num_layers", [1, 2, 3])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("input", ["one-hot", "embedding"])
def test_the_drawn_arrows_lead_where_gradients_flow(input, way, num_layers):
    """The oracle: ∂scores_t/∂x_s of a real network is 0 exactly where no path leads from s to t."""
    steps, config = 4, ModelConfig(cell="gru", num_layers=num_layers, hidden_size=8, input=input, **WAYS[way])
    torch.manual_seed(0)
    model = LanguageModel(config, V).double()
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    flows = connectivity(weights, config, [3, 1, 4, 2]) > 0
    graph = unrolled(config, steps)
    drawn = np.array(
        [
            [Node("token", s) in behind(graph, Node("scores", t)) for s in range(1, steps + 1)]
            for t in range(1, steps + 1)
        ]
    )
    np.testing.assert_array_equal(drawn, flows)


@pytest.mark.parametrize("way", WAYS)
@given(num_layers=st.integers(1, 4), steps=st.integers(1, 4), embeds=st.booleans())
def test_every_matrix_is_drawn_once_a_step_and_no_other(way, num_layers, steps, embeds):
    config = ModelConfig(num_layers=num_layers, input="embedding" if embeds else "one-hot", **WAYS[way])
    named = [edge.weight for edge in unrolled(config, steps).edges]
    matrices = {shape.name for shape in weight_shapes(config, V) if "bias" not in shape.part}
    assert set(named) == matrices
    assert {name: named.count(name) for name in matrices if ".weight_hh" in name} == {
        name: steps for name in matrices if ".weight_hh" in name
    }
    (direct,) = {named.count(name) for name in matrices if name.endswith(("weight_ih_l0", "l0_reverse"))}
    assert direct == steps


def test_what_stands_before_the_text_is_zero():
    graph = unrolled(ModelConfig(**WAYS["both"]), 3)
    zeros = {node for node in graph.nodes if node.kind == "zero"}
    assert zeros == {Node("zero", 0), Node("zero", 4, backward=True)}
    assert not any(edge.end in zeros for edge in graph.edges)


@given(steps=st.integers(2, 7))
def test_three_models_by_what_stands_under_a_prediction(steps):
    tokens = [Node("token", t) for t in range(1, steps + 1)]
    for t in range(2, steps + 1):
        last, earlier = tokens[t - 2], tokens[: t - 1]

        def asked(graph, t=t):
            return {edge.start for edge in graph.edges if edge.end == tokens[t - 1]}

        assert asked(markov(steps)) == {last}
        assert asked(history(steps)) == set(earlier)
        assert asked(latent(steps)) == {Node("state", t - 1)}
        assert behind(latent(steps), tokens[t - 1]) >= set(earlier)  # the state has read them all
