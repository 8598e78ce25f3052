"""A stepped stack is what PyTorch's own class is: the oracle is the class of a cell that has one."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from playground.cells import CELLS
from playground.models.stacks import SteppedRNN

E, H, B, T = 5, 7, 3, 6


def lstm_step(x, r, h, c, nonlinearity):
    i, f, g, o = (x + r).chunk(4, dim=-1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def gru_step(x, r, h, c, nonlinearity):
    (x_r, x_z, x_n), (r_r, r_z, r_n) = x.chunk(3, dim=-1), r.chunk(3, dim=-1)
    z = (x_z + r_z).sigmoid()
    return (1 - z) * (x_n + (x_r + r_r).sigmoid() * r_n).tanh() + z * h, c


def rnn_step(x, r, h, c, nonlinearity):
    return getattr(torch, nonlinearity)(x + r), c


KINDS = [
    ("lstm", lstm_step, nn.LSTM, "tanh"),
    ("gru", gru_step, nn.GRU, "tanh"),
    ("rnn", rnn_step, nn.RNN, "tanh"),
    ("rnn", rnn_step, nn.RNN, "relu"),
]
every_stack = pytest.mark.parametrize(
    ("kind", "layers", "both"),
    [*product(KINDS, (1, 3), (False, True))],
    ids=lambda value: f"{value[0]}-{value[3]}" if isinstance(value, tuple) else str(value),
)


def pair(kind, layers: int, both: bool, dropout: float = 0.0) -> tuple[SteppedRNN, nn.RNNBase]:
    """Ours and PyTorch's with the same weights."""
    name, step, stock_class, bend = kind
    torch.manual_seed(4)
    more = {"nonlinearity": bend} if name == "rnn" else {}
    stock = stock_class(E, H, layers, bidirectional=both, **more).double()
    ours = SteppedRNN(
        CELLS[name], step, E, H, layers, bidirectional=both, dropout=dropout, nonlinearity=bend
    ).double()
    ours.load_state_dict(stock.state_dict())
    return ours, stock


@every_stack
@pytest.mark.parametrize("carried", [False, True], ids=["from-zero", "carried"])
def test_outputs_states_and_gradients_equal_pytorchs(kind, layers, both, carried):
    ours, stock = pair(kind, layers, both)
    x = torch.randn(T, B, E, dtype=torch.float64)
    part = torch.randn(layers * (1 + both), B, H, dtype=torch.float64)
    state = None if not carried else (part, part.flip(0)) if kind[0] == "lstm" else part
    results = []
    for stack in (ours, stock):
        hidden, after = stack(x, state)
        stack.zero_grad()
        hidden.square().sum().backward()
        results.append((hidden, after, {name: p.grad for name, p in stack.named_parameters()}))
    assert_close(results[0], results[1])


@every_stack
def test_weights_have_pytorchs_names_shapes_and_order(kind, layers, both):
    ours, stock = pair(kind, layers, both)
    assert [(name, p.shape) for name, p in ours.named_parameters()] == [
        (name, p.shape) for name, p in stock.named_parameters()
    ]


def test_dropout_falls_between_layers_while_training_and_never_after():
    x = torch.randn(T, B, E, dtype=torch.float64)
    one_layer, _ = pair(KINDS[1], 1, False, dropout=0.5)
    assert_close(one_layer(x), one_layer(x))
    two_layers, stock = pair(KINDS[1], 2, False, dropout=0.5)
    assert not torch.equal(two_layers(x)[0], two_layers(x)[0])
    assert_close(two_layers.eval()(x), stock(x))
