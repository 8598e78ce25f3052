"""Filling in blanks: every token from all the others, and never from itself."""

from itertools import product

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from torch import nn
from torch.testing import assert_close

from playground.cells import CELLS
from playground.config import ModelConfig, RunConfig, from_flat
from playground.errors import ConfigError
from playground.models.gates import trace_gates
from playground.models.language_model import LanguageModel

V, E, H, T = 7, 6, 9, 8
KINDS = [("rnn", "tanh"), ("rnn", "relu"), ("gru", "tanh"), ("lstm", "tanh")]
STOCK = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-12}
every_network = pytest.mark.parametrize(
    "settings",
    [
        {"cell": cell, "nonlinearity": bend, "num_layers": layers, "input": entry}
        for (cell, bend), layers, entry in product(KINDS, (1, 2, 3), ("one-hot", "embedding"))
    ],
    ids=lambda s: "-".join(map(str, s.values())),
)
carried_or_not = pytest.mark.parametrize("carried", [False, True], ids=["from-zero", "carried"])


def tiny_config(**settings: object) -> ModelConfig:
    base = {"hidden_size": H, "embedding_size": E, "bidirectional": True, "objective": "masked"}
    return ModelConfig(**base | settings)


def tiny_model(dtype: torch.dtype = torch.float64, **settings: object) -> LanguageModel:
    torch.manual_seed(5)
    return LanguageModel(tiny_config(**settings), V).to(dtype).eval()


def some_ids(rows: int = 2, steps: int = T) -> torch.Tensor:
    return torch.randint(V, (rows, steps), generator=torch.Generator().manual_seed(2))


def some_state(model: LanguageModel, rows: int = 2):
    """What a text before has left."""
    return model(some_ids(rows, 5).flip(1))[1]


def stock(model: LanguageModel, settings, *, reverse: bool = False) -> nn.RNNBase:
    """One of its two stacks as PyTorch has it, of the weights by their names."""
    prefix = "rnn_reverse." if reverse else "rnn."
    weights = {k.removeprefix(prefix): v for k, v in model.state_dict().items() if k.startswith(prefix)}
    size = E if settings["input"] == "embedding" else V
    bend = {"nonlinearity": settings["nonlinearity"]} if settings["cell"] == "rnn" else {}
    made = STOCK[settings["cell"]](size, H, num_layers=settings["num_layers"], **bend)
    made.load_state_dict(weights)
    return made.to(model.head.weight.dtype)


def entered(model: LanguageModel, ids: torch.Tensor) -> torch.Tensor:
    """(B, T) → (T, B, E) by stock means."""
    return F.one_hot(ids.t(), V).to(model.head.weight.dtype) if model.embed is None else model.embed(ids.t())


# what is seen ---------------------------------------------------------------------------------------


@every_network
@carried_or_not
@torch.no_grad()
def test_a_token_never_changes_its_own_prediction_and_changes_all_the_others(settings, carried):
    model = tiny_model(**settings)
    state = some_state(model) if carried else None
    ids = some_ids()
    as_it_is = model(ids, state)[0]
    for place in range(T):
        changed = ids.clone()
        changed[:, place] = (ids[:, place] + 1) % V
        logits = model(changed, state)[0]
        assert torch.equal(logits[:, place], as_it_is[:, place])
        others = [t for t in range(T) if t != place]
        assert (logits[:, others] != as_it_is[:, others]).any(dim=-1).all()


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2, 3])
@torch.no_grad()
def test_the_traps_tokens_do_change_their_own_prediction(cell, layers):
    """The prediction of a token stands one place before it."""
    trap = tiny_model(cell=cell, num_layers=layers, objective="next")
    ids = some_ids()
    changed = ids.clone()
    changed[:, 4] = (ids[:, 4] + 1) % V
    assert (trap(changed)[0][:, 3] != trap(ids)[0][:, 3]).any(dim=-1).all()


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [2, 3])
@torch.no_grad()
def test_layers_that_were_joined_would_pass_the_token_on(cell, layers):
    """Why there are two stacks: stock `bidirectional=True` leaks even when each output is shifted by one."""
    joined = STOCK[cell](V, H, num_layers=layers, bidirectional=True).double()

    def shifted(ids: torch.Tensor) -> torch.Tensor:
        hidden = joined(F.one_hot(ids, V).double())[0]
        return torch.cat([hidden[2, :H], hidden[4, H:]])  # what both know beside token 3

    ids = some_ids()[0]
    changed = ids.clone()
    changed[3] = (ids[3] + 1) % V
    assert not torch.equal(shifted(ids), shifted(changed))


@pytest.mark.parametrize("cell", CELLS)
@torch.no_grad()
def test_the_carried_state_reaches_every_place_and_the_first_one_too(cell):
    model = tiny_model(cell=cell, num_layers=2)
    assert (model(some_ids())[0] != model(some_ids(), some_state(model))[0]).any(dim=-1).all()


@every_network
@torch.no_grad()
def test_the_left_reader_goes_on_where_it_stopped(settings):
    """Its state after two parts is that after the whole, and each place's left half is the same."""
    model = tiny_model(**settings)
    model.head.weight[:, H:] = 0  # only what stands to the left counts
    ids = some_ids(2, 12)
    whole, end = model(ids)
    left, state = model(ids[:, :5])
    right, last = model(ids[:, 5:], state)
    assert_close(torch.cat([left, right], dim=1), whole, rtol=0, atol=1e-12)
    assert_close(last, end, rtol=0, atol=1e-12)


# stock PyTorch ----------------------------------------------------------------------------------------


@every_network
@carried_or_not
@torch.no_grad()
def test_both_halves_load_into_stock_layers_and_give_equal_outputs(settings, carried):
    model = tiny_model(**settings)
    ids, state = some_ids(), some_state(model) if carried else None
    x = entered(model, ids)
    hidden, after = stock(model, settings)(x, state)
    turned = stock(model, settings, reverse=True)(x.flip(0))[0].flip(0)
    top = (
        torch.zeros_like(hidden[0])
        if state is None
        else (state if settings["cell"] != "lstm" else state[0])[-1]
    )
    rows = []
    for t in range(T):
        before = hidden[t - 1] if t else top
        behind = turned[t + 1] if t + 1 < T else torch.zeros_like(hidden[0])
        rows.append(model.head(torch.cat([before, behind], dim=-1)))
    logits, own_state = model(ids, state)
    assert_close(logits, torch.stack(rows, dim=1), rtol=0, atol=1e-12)
    assert_close(own_state, after, rtol=0, atol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_there_are_two_stacks_of_stock_names_and_nothing_else(cell):
    one_way = LanguageModel(tiny_config(cell=cell, bidirectional=False, objective="next", num_layers=2), V)
    names = {name for name in one_way.state_dict() if name.startswith("rnn.")}
    both = names | {name.replace("rnn.", "rnn_reverse.") for name in names}
    assert tiny_model(cell=cell, num_layers=2).state_dict().keys() == both | {"head.weight", "head.bias"}


@every_network
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@torch.no_grad()
def test_a_trace_is_each_stacks_own_output_in_text_order(settings, dtype):
    model = tiny_model(dtype, **settings)
    ids = some_ids(1)
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    trace = trace_gates(weights, tiny_config(**settings), ids[0].tolist())
    assert [len(pair) for pair in trace.layers] == [2] * settings["num_layers"]
    x = entered(model, ids)
    near = {"rtol": 0, "atol": TOLERANCE[dtype]}
    for direction in (0, 1):
        made = stock(model, settings, reverse=direction == 1)
        hidden, last = made(x.flip(0) if direction else x)
        told = trace.layers[-1][direction].hidden
        assert_allclose(told, (hidden.flip(0) if direction else hidden)[:, 0].numpy(), **near)
        end = 0 if direction else -1
        last_hidden, *memory = last if isinstance(last, tuple) else (last,)
        for layer, pair in enumerate(trace.layers):
            assert_allclose(pair[direction].hidden[end], last_hidden[layer, 0].numpy(), **near)
            if memory:
                assert_allclose(pair[direction].memory[end], memory[0][layer, 0].numpy(), **near)


@given(place=st.integers(0, T - 1), layers=st.integers(1, 3), cell=st.sampled_from(list(CELLS)))
def test_in_a_trace_no_state_of_one_reader_depends_on_what_the_other_has_read(place, layers, cell):
    config = tiny_config(cell=cell, num_layers=layers)
    model = tiny_model(cell=cell, num_layers=layers)
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    ids = some_ids(1)[0].tolist()
    changed = [*ids[:place], (ids[place] + 1) % V, *ids[place + 1 :]]
    for pair, other in zip(
        trace_gates(weights, config, ids).layers, trace_gates(weights, config, changed).layers, strict=True
    ):
        assert_array_equal(pair[0].hidden[:place], other[0].hidden[:place])
        assert_array_equal(pair[1].hidden[place + 1 :], other[1].hidden[place + 1 :])
        assert np.abs(pair[0].hidden[place] - other[0].hidden[place]).max() > 0


# settings ---------------------------------------------------------------------------------------------


def test_masked_without_two_directions_is_refused_with_a_way_out():
    with pytest.raises(
        ConfigError, match=r"objective=masked .* Turn bidirectional on, or choose objective=next"
    ):
        from_flat({"objective": "masked"})
    with pytest.raises(ConfigError, match="objective=masked"):
        RunConfig(model=ModelConfig(objective="masked"))


@pytest.mark.parametrize(
    ("objective", "both", "trap", "writes"),
    [("next", False, False, True), ("next", True, True, False), ("masked", True, False, False)],
)
def test_only_one_direction_writes_and_only_both_on_the_next_token_is_the_trap(objective, both, trap, writes):
    config = from_flat({"objective": objective, "bidirectional": both})
    assert (config.is_trap, config.can_write) == (trap, writes)
