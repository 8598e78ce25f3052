"""The replay is what stock PyTorch computes, gate by gate."""

import math
from itertools import product

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from playground.cells import CELLS
from playground.config import ModelConfig
from playground.models.gates import trace_gates
from playground.models.language_model import LanguageModel
from tests.models.kinds import KINDS

V, E, H, T = 7, 6, 9, 11
WRITTEN_OUT = [("rnn", "tanh"), ("rnn", "relu"), ("gru", "tanh"), ("lstm", "tanh")]
"""Cells whose equations stand here a second time; `KINDS` has every cell."""
TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-12}
every_network = pytest.mark.parametrize(
    "settings",
    [
        {"cell": cell, "nonlinearity": bend, "num_layers": layers, "bidirectional": both, "input": entry}
        for (cell, bend), layers, both, entry in product(
            KINDS, (1, 2, 3, 4), (False, True), ("one-hot", "embedding")
        )
    ],
    ids=lambda s: "-".join(map(str, s.values())),
)


def tiny_config(**settings: object) -> ModelConfig:
    return ModelConfig(**{"hidden_size": H, "embedding_size": E} | settings)


def tiny_model(config: ModelConfig, dtype: torch.dtype) -> LanguageModel:
    torch.manual_seed(6)
    return LanguageModel(config, V).to(dtype).eval()


def weights_of(model: LanguageModel) -> dict[str, np.ndarray]:
    return {name: value.numpy() for name, value in model.state_dict().items()}


def some_ids(steps: int = T, seed: int = 2) -> list[int]:
    return np.random.default_rng(seed).integers(V, size=steps).tolist()


def some_state(config: ModelConfig, dtype: torch.dtype = torch.float64) -> tuple[torch.Tensor, ...]:
    slots = config.num_layers * (1 + config.bidirectional)
    generator = torch.Generator().manual_seed(3)
    count = 2 if CELLS[config.cell].has_memory else 1
    return tuple(torch.randn(slots, H, generator=generator).to(dtype) for _ in range(count))


def seeded_weights(config: ModelConfig, seed: int, scale: float = 1.0) -> dict[str, np.ndarray]:
    """Normal weights in float64, without torch."""
    rng = np.random.default_rng(seed)
    gates, directions = len(CELLS[config.cell].gates), 1 + config.bidirectional
    weights = {}
    for layer, ending in product(range(config.num_layers), ["", "_reverse"][:directions]):
        size = V if layer == 0 else H * directions
        for name, shape in {
            "weight_ih": (gates * H, size),
            "weight_hh": (gates * H, H),
            "bias_ih": (gates * H,),
            "bias_hh": (gates * H,),
        }.items():
            weights[f"rnn.{name}_l{layer}{ending}"] = scale * rng.standard_normal(shape)
    return weights


@every_network
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("carried", [False, True], ids=["from-zero", "carried"])
@torch.no_grad()
def test_hidden_and_last_states_equal_stock_pytorch(settings, dtype, carried):
    config = tiny_config(**settings)
    model = tiny_model(config, dtype)
    state = some_state(config, dtype) if carried else None
    trace = trace_gates(
        weights_of(model), config, some_ids(), state=state and tuple(part.numpy() for part in state)
    )
    ids = torch.tensor(some_ids())
    entered = F.one_hot(ids, V).to(dtype) if model.embed is None else model.embed(ids)
    given_state = None if state is None else state if len(state) == 2 else state[0]
    hidden, last = model.rnn(entered, given_state)  # unbatched: (T, H·D), (L·D, H)
    near = {"rtol": 0, "atol": TOLERANCE[dtype]}
    assert_allclose(
        np.concatenate([layer.hidden for layer in trace.layers[-1]], axis=1), hidden.numpy(), **near
    )
    last_hidden, *last_memory = last if isinstance(last, tuple) else (last,)
    read = [
        (layer, -1 if direction == 0 else 0) for pair in trace.layers for direction, layer in enumerate(pair)
    ]
    assert_allclose([layer.hidden[end] for layer, end in read], last_hidden.numpy(), **near)
    if last_memory:
        assert_allclose([layer.memory[end] for layer, end in read], last_memory[0].numpy(), **near)
    assert {layer.hidden.dtype for layer, _ in read} == {hidden.numpy().dtype}


GATES = {"rnn": "a", "gru": "rzn", "lstm": "ifgo"}
"""PyTorch's order."""


def naive(cell, weights, ending, xs, *, relu=False, reset="after"):
    """Every quantity, one unit and one step at a time; returns a list of dicts a step.

    `reset`: d2l's GRU resets the state before the matrix product, PyTorch what comes out of it.
    """
    w_i, w_h, b_i, b_h = (
        weights[f"rnn.{name}{ending}"].tolist() for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )

    gates = GATES[cell]

    def sigmoid(a):
        return 1 / (1 + math.exp(-a))

    def enters(name, unit, x):
        row = gates.index(name) * H + unit
        return sum(w * value for w, value in zip(w_i[row], x, strict=True)) + b_i[row]

    def recurs(name, unit, h):
        row = gates.index(name) * H + unit
        return sum(w * value for w, value in zip(w_h[row], h, strict=True)) + b_h[row]

    h, c, steps = [0.0] * H, [0.0] * H, []
    for x in xs:
        now = {}
        for name in (name for name in gates if name in "iforz"):
            now[name] = [sigmoid(enters(name, u, x) + recurs(name, u, h)) for u in range(H)]
        if cell == "lstm":
            now["g"] = [math.tanh(enters("g", u, x) + recurs("g", u, h)) for u in range(H)]
            now["c"] = [now["f"][u] * c[u] + now["i"][u] * now["g"][u] for u in range(H)]
            now["tanh c"] = [math.tanh(value) for value in now["c"]]
            now["h"] = [now["o"][u] * now["tanh c"][u] for u in range(H)]
            c = now["c"]
        elif cell == "gru":
            if reset == "after":
                inner = [now["r"][u] * recurs("n", u, h) for u in range(H)]
            else:
                inner = [
                    recurs("n", u, [r * old for r, old in zip(now["r"], h, strict=True)]) for u in range(H)
                ]
            now["n"] = [math.tanh(enters("n", u, x) + inner[u]) for u in range(H)]
            now["h"] = [(1 - now["z"][u]) * now["n"][u] + now["z"][u] * h[u] for u in range(H)]
        else:
            now["a"] = [enters("a", u, x) + recurs("a", u, h) for u in range(H)]
            now["h"] = [max(a, 0.0) if relu else math.tanh(a) for a in now["a"]]
        h = now["h"]
        steps.append(now)
    return steps


def one_hot(ids):
    return [[float(column == id) for column in range(V)] for id in ids]


@pytest.mark.parametrize(("cell", "bend"), WRITTEN_OUT)
def test_every_quantity_of_every_layer_and_direction_equals_the_naive_oracle(cell, bend):
    config = tiny_config(cell=cell, nonlinearity=bend, num_layers=2, bidirectional=True)
    weights = seeded_weights(config, seed=4, scale=0.5)
    ids = some_ids(steps=5)
    trace = trace_gates(weights, config, ids)
    xs = one_hot(ids)
    for layer, pair in enumerate(trace.layers):
        forward = naive(cell, weights, f"_l{layer}", xs, relu=bend == "relu")
        backward = naive(cell, weights, f"_l{layer}_reverse", xs[::-1], relu=bend == "relu")[::-1]
        for traced, expected in zip(pair, (forward, backward), strict=True):
            assert list(traced.shown) == [*GATES[cell], *(["c", "tanh c"] if cell == "lstm" else []), "h"]
            for name, values in traced.shown.items():
                assert_allclose(values, [step[name] for step in expected], rtol=1e-12, atol=1e-12)
        xs = [left["h"] + right["h"] for left, right in zip(forward, backward, strict=True)]


def test_the_gru_resets_after_the_matrix_product_as_pytorch_and_unlike_d2l():
    config = tiny_config(cell="gru")
    weights = seeded_weights(config, seed=5)
    hidden = trace_gates(weights, config, some_ids()).layers[0][0].hidden
    pytorch, d2l = (
        np.array([step["h"] for step in naive("gru", weights, "_l0", one_hot(some_ids()), reset=reset)])
        for reset in ("after", "before")
    )
    assert_allclose(hidden, pytorch, rtol=0, atol=1e-12)
    assert np.abs(hidden - d2l).max() > 0.01


traced = given(
    kind=st.sampled_from(WRITTEN_OUT),
    both=st.booleans(),
    layers=st.integers(1, 3),
    ids=st.lists(st.integers(0, V - 1), min_size=1, max_size=12),
    seed=st.integers(0, 999),
    scale=st.sampled_from([0.1, 1.0, 5.0]),
)
"""Any network of any weights over any text."""


def any_trace(kind, both, layers, ids, seed, scale):
    cell, bend = kind
    config = tiny_config(cell=cell, nonlinearity=bend, num_layers=layers, bidirectional=both)
    trace = trace_gates(seeded_weights(config, seed, scale), config, ids)
    return [layer for pair in trace.layers for layer in pair]


@traced
def test_gates_stay_in_their_ranges(**drawn):
    for layer in any_trace(**drawn):
        for name, values in layer.gates.items():
            assert values.shape == layer.hidden.shape == (len(drawn["ids"]), H)
            limits = layer.spec.quantities[name].range
            if limits is not None:
                assert (values >= limits[0]).all()
                assert (values <= limits[1]).all()
        if drawn["kind"][1] == "tanh":
            assert (np.abs(layer.hidden) <= 1).all()


@traced
def test_the_new_state_follows_from_the_gates_and_the_state_before(**drawn):
    for layer in any_trace(**drawn):
        gates, near = layer.gates, {"rtol": 1e-12, "atol": 1e-12}
        if layer.cell == "lstm":
            assert_allclose(layer.memory, gates["f"] * layer.memory_before + gates["i"] * gates["g"], **near)
            assert_allclose(layer.hidden, gates["o"] * np.tanh(layer.memory), **near)
        elif layer.cell == "gru":
            mixed = (1 - gates["z"]) * gates["n"] + gates["z"] * layer.hidden_before
            assert_allclose(layer.hidden, mixed, **near)
        else:
            bend = np.tanh if drawn["kind"][1] == "tanh" else lambda a: np.maximum(a, 0)
            assert_allclose(layer.hidden, bend(gates["a"]), **near)


@traced
def test_what_the_token_says_and_what_the_state_says_make_up_each_gate(**drawn):
    for layer in any_trace(**drawn):
        for name, values in layer.gates.items():
            entering, recurring = layer.entering[name], layer.recurring[name]
            if name == "n":
                recurring = layer.gates["r"] * recurring
            a = entering + recurring
            squashed = {"a": a, "n": np.tanh(a), "g": np.tanh(a)}
            made = squashed.get(name, 0.5 * (1 + np.tanh(0.5 * a)))
            assert_allclose(values, made, rtol=1e-12, atol=1e-12)


@traced
def test_the_state_before_is_the_neighbours_state_in_the_order_of_reading(**drawn):
    traces = any_trace(**drawn)
    for i, layer in enumerate(traces):
        pairs = [(layer.hidden, layer.hidden_before)]
        if layer.memory is not None:
            pairs.append((layer.memory, layer.memory_before))
        step = -1 if drawn["both"] and i % 2 else 1
        for after, before in pairs:
            assert_array_equal(before[::step][1:], after[::step][:-1])
            assert not before[::step][0].any()


@traced
def test_reading_backward_is_reading_the_reversed_text_forward_with_the_same_weights(**drawn):
    cell, bend = drawn["kind"]
    both = tiny_config(cell=cell, nonlinearity=bend, bidirectional=True)
    weights = seeded_weights(both, drawn["seed"], drawn["scale"])
    turned = {name.removesuffix("_reverse"): w for name, w in weights.items() if name.endswith("_reverse")}
    backward = trace_gates(weights, both, drawn["ids"]).layers[0][1]
    alone = both.model_copy(update={"bidirectional": False})
    forward = trace_gates(turned, alone, drawn["ids"][::-1]).layers[0][0]
    for name, values in backward.shown.items():
        assert_allclose(values, forward.shown[name][::-1], rtol=1e-9, atol=1e-9)


@traced
def test_two_halves_with_the_carried_state_equal_the_whole(**drawn):
    cell, bend = drawn["kind"]
    config = tiny_config(cell=cell, nonlinearity=bend, num_layers=drawn["layers"])
    calm = min(drawn["scale"], 0.5)  # a strong network is chaotic: another order of rounding would grow
    weights, ids = seeded_weights(config, drawn["seed"], calm), drawn["ids"] * 2
    whole = trace_gates(weights, config, ids)
    left = trace_gates(weights, config, ids[: len(drawn["ids"])])
    state = (np.array([pair[0].hidden[-1] for pair in left.layers]),)
    if cell == "lstm":
        state += (np.array([pair[0].memory[-1] for pair in left.layers]),)
    right = trace_gates(weights, config, ids[len(drawn["ids"]) :], state=state)
    for layer, (trace,) in enumerate(whole.layers):
        for name, values in trace.shown.items():
            parts = [half.layers[layer][0].shown[name] for half in (left, right)]
            assert_allclose(np.concatenate(parts), values, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("size", [1e3, 1e30])
def test_gates_of_extreme_weights_are_at_their_ends_and_nothing_warns(cell, size):
    config = tiny_config(cell=cell, num_layers=2, bidirectional=True)
    weights = {name: w.astype(np.float32) for name, w in seeded_weights(config, 7, size).items()}
    for pair in trace_gates(weights, config, some_ids()).layers:
        for layer in pair:
            assert all(np.isfinite(values).all() for values in layer.shown.values())
            for name in (gate.name for gate in layer.spec.gates if gate.is_gate):
                assert np.isin(layer.gates[name], [0, 1]).mean() > 0.9


@torch.no_grad()
def test_a_relu_state_that_overflows_does_so_as_in_pytorch_and_nothing_warns():
    config = tiny_config(cell="rnn", nonlinearity="relu", num_layers=2)
    model = tiny_model(config, torch.float32)
    weights = {name: np.abs(w) * 50 for name, w in weights_of(model).items()}
    model.load_state_dict({name: torch.tensor(w) for name, w in weights.items()})
    ids = some_ids(steps=60)
    hidden = trace_gates(weights, config, ids).layers[1][0].hidden
    assert np.isfinite(hidden[0]).all()
    assert np.isinf(hidden[-1]).all()
    assert_allclose(hidden, model.rnn(F.one_hot(torch.tensor(ids), V).float())[0].numpy(), rtol=1e-5)


def test_one_hot_input_equals_an_embedding_whose_table_is_the_identity():
    for layers, both in product((1, 2), (False, True)):
        config = tiny_config(num_layers=layers, bidirectional=both)
        weights = seeded_weights(config, seed=10)
        entered = tiny_config(num_layers=layers, bidirectional=both, input="embedding", embedding_size=V)
        left = trace_gates(weights, config, some_ids())
        right = trace_gates(weights | {"embed.weight": np.eye(V)}, entered, some_ids())
        for left_layer, right_layer in zip(sum(left.layers, ()), sum(right.layers, ()), strict=True):
            assert_allclose(left_layer.hidden, right_layer.hidden, rtol=1e-12, atol=1e-12)


def test_tokens_and_known_stand_beside_the_ids_and_default_to_the_numbers():
    config = tiny_config(cell="gru")
    weights = seeded_weights(config, seed=8)
    trace = trace_gates(weights, config, [3, 0], tokens=["a", "?"], known=[True, False])
    assert (trace.tokens, trace.known) == (("a", "?"), (True, False))
    assert (trace.cell, trace.hidden_size) == ("gru", H)
    bare = trace_gates(weights, config, [3, 0])
    assert (bare.tokens, bare.known) == (("3", "0"), (True, True))


def test_the_memory_a_trace_takes_is_at_least_that_of_what_is_shown():
    config = tiny_config(cell="gru", num_layers=2)
    trace = trace_gates(seeded_weights(config, seed=9), config, some_ids())
    shown = [values for pair in trace.layers for layer in pair for values in layer.shown.values()]
    assert trace.nbytes >= sum(values.nbytes for values in shown)
