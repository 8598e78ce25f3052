"""Holding units is what a masked stock layer of PyTorch does, and holding none changes no bit."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from playground.cells import CELLS
from playground.models.edits import Edit, by_layer
from playground.models.parallel_reader import ParallelReader
from playground.models.reader import Reader
from tests.models.kinds import KINDS
from tests.models.test_reader import H, network, some_ids

UNITS = np.array([1, 4, 7])


def edit(quantity, value=0.0, units=UNITS, **more):
    return Edit(quantity, units, np.full(len(units), value), **more)


def read(weights, config, ids, edits=()):
    reader = Reader(weights, config, edits=edits)
    return np.stack([reader.feed(id) for id in ids])


def read_side_by_side(weights, config, columns, edits=()):
    reader = ParallelReader(weights, config, len(columns), edits)
    return np.stack([reader.feed(ids) for ids in np.array(columns).T], axis=-1)  # (H, B, T)


@torch.no_grad()
def masked_stock(model, config, ids, hold):
    """nn.LSTM, nn.GRU or nn.RNN one token at a time; between two steps `hold` changes its state."""
    state = None
    outs = []
    for id in ids:
        x = model.embed(torch.tensor([[id]])) if config.input == "embedding" else None
        if x is None:
            x = torch.nn.functional.one_hot(torch.tensor([[id]]), model.head.out_features).to(
                model.head.weight.dtype
            )
        _out, state = model.rnn(x, state)
        state = hold(state)
        h = state[0] if isinstance(state, tuple) else state
        outs.append(h[-1, 0].numpy().copy())
    return np.stack(outs)


@pytest.mark.parametrize(("cell", "nonlinearity"), KINDS)
@pytest.mark.parametrize("entry", ["one-hot", "embedding"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_holding_h_is_a_masked_stock_layer(cell, nonlinearity, entry, dtype):
    model, weights, config = network(dtype, cell=cell, nonlinearity=nonlinearity, input=entry)
    ids = some_ids(30)

    def hold(state):
        h = state[0] if isinstance(state, tuple) else state
        h[0, 0, UNITS] = 0.25
        return state

    expected = masked_stock(model, config, ids, hold)
    edits = [edit("h", 0.25)]
    assert_allclose(read(weights, config, ids, edits), expected, atol=1e-6)
    assert_allclose(read_side_by_side(weights, config, [ids], edits)[:, 0].T, expected, atol=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_holding_c_at_zero_is_a_stock_lstm_with_masked_memory(dtype):
    model, weights, config = network(dtype, cell="lstm")
    ids = some_ids(30)

    def hold(state):
        for part in state:  # a memory of 0 shows as 0
            part[0, 0, UNITS] = 0
        return state

    expected = masked_stock(model, config, ids, hold)
    assert_allclose(read(weights, config, ids, [edit("c")]), expected, atol=1e-6)


@torch.no_grad()
def test_the_forget_gate_at_one_is_a_stock_lstm_whose_bias_forgets_nothing():
    model, _weights, config = network(cell="lstm")
    ids = some_ids(30)
    rows = H + UNITS  # i f g o
    for name in ("weight_ih_l0", "weight_hh_l0"):
        getattr(model.rnn, name)[rows] = 0
    model.rnn.bias_ih_l0[rows] = 1e4
    x = torch.nn.functional.one_hot(torch.tensor(ids), 7).double()[:, None]
    expected = model.rnn(x)[0][:, 0].numpy()
    clean = network(cell="lstm")[1]
    assert_allclose(read(clean, config, ids, [edit("f", 1.0)]), expected, atol=1e-12)


def test_an_update_gate_at_one_keeps_a_units_state_and_a_reset_gate_at_zero_forgets_the_past():
    _model, weights, config = network(cell="gru")
    ids = some_ids(20)
    kept = read(weights, config, ids, [edit("z", 1.0, start=5)])
    assert_array_equal(kept[5:, UNITS], np.broadcast_to(kept[4, UNITS], (15, 3)))
    # with r = 0 and z = 0 the state is what the token alone makes of it, whatever stood before
    everything = np.arange(H)
    alone = [edit("r", 0.0, everything), edit("z", 0.0, everything)]
    first, second = read(weights, config, [0, 1, 2, 3], alone), read(weights, config, [4, 5, 6, 3], alone)
    assert_array_equal(first[-1], second[-1])
    assert not np.array_equal(*(read(weights, config, text)[-1] for text in ([0, 1, 2, 3], [4, 5, 6, 3])))


@pytest.mark.parametrize(
    ("cell", "quantity", "value"),
    [(name, gate, value) for name, c in CELLS.items() for gate in c.gate_names for value in (0.0, 0.25, 1.0)],
)
def test_a_clamped_gate_is_what_it_is_clamped_to(cell, quantity, value):
    spec, rng = CELLS[cell], np.random.default_rng(1)
    _model, _weights, config = network(cell=cell)
    x, r = rng.normal(size=(2, len(spec.gates) * H))
    h, c = rng.normal(size=(2, H))
    edits = by_layer([edit(quantity, value)], config)[0]
    gates, _h, _c = spec.step(*edits.before(0, x, r), h, c, "tanh")
    rows = spec.gate_names.index(quantity) * H + UNITS
    assert_allclose(gates[rows], value, atol=0 if value != 0.25 else 1e-12)


@pytest.mark.parametrize(("cell", "nonlinearity"), KINDS)
def test_doing_nothing_changes_no_bit(cell, nonlinearity):
    _model, weights, config = network(torch.float32, cell=cell, nonlinearity=nonlinearity, num_layers=2)
    ids = some_ids(25)
    plain = read(weights, config, ids)
    nobody = Edit("h", np.zeros(0, np.intp), np.zeros(0))
    assert_array_equal(read(weights, config, ids, [nobody]), plain)
    assert_array_equal(read(weights, config, ids, [edit("h", start=10**9)]), plain)
    columns = [some_ids(25, seed) for seed in range(3)]
    beside = read_side_by_side(weights, config, columns)
    held = edit("h", columns=np.full(3, 1))
    touched = read_side_by_side(weights, config, columns, [held])
    assert_array_equal(touched[:, [0, 2]], beside[:, [0, 2]])
    assert not np.array_equal(touched[:, 1], beside[:, 1])


@pytest.mark.parametrize(("cell", "nonlinearity"), KINDS)
def test_columns_side_by_side_are_texts_read_one_by_one(cell, nonlinearity):
    _model, weights, config = network(cell=cell, nonlinearity=nonlinearity, num_layers=2, input="embedding")
    columns = [some_ids(12, seed) for seed in range(3)]
    together = read_side_by_side(weights, config, columns)
    for column, ids in enumerate(columns):
        assert_allclose(together[:, column].T, read(weights, config, ids), atol=1e-12)


@pytest.mark.parametrize(("layer", "once"), [(0, False), (0, True), (1, False), (1, True)])
def test_an_edit_acts_in_its_layer_from_its_start_on_or_once(layer, once):
    _model, weights, config = network(cell="lstm", num_layers=2)
    ids = some_ids(12)
    plain, held = (
        read(weights, config, ids, edits) for edits in ([], [edit("h", 0.9, layer=layer, start=4, once=once)])
    )
    assert_array_equal(held[:4], plain[:4])
    assert not np.array_equal(held[4], plain[4])
    if layer == 1:
        at_value = (held[4:, UNITS] == 0.9).all(axis=1)
        assert at_value.tolist() == [True] + [not once] * 7


def test_a_state_that_is_given_makes_the_text_go_on_from_there():
    _model, weights, config = network(cell="lstm")
    donor = Reader(weights, config)
    for id in some_ids(9, 5):
        donor.feed(id)
    everything = np.arange(H)
    edits = [Edit(name, everything, values, start=3, once=True) for name, values in donor.state(0).items()]
    patched = read(weights, config, [*some_ids(4), 1, 2], edits)
    assert_array_equal(patched[3], donor.hidden)
    assert_array_equal(patched[4], donor.feed(1))
    assert_array_equal(patched[5], donor.feed(2))
