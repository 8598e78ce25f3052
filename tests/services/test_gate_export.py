"""A traced sentence as files that anybody can read without this project."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from playground.cells import CELLS
from playground.config import Cell
from playground.records import GateTrace, LayerTrace
from playground.services.gate_export import csv_text, named_layers, named_quantities, npz_bytes

H = 3
SHOWN = {"rnn": ["a", "h"], "gru": ["r", "z", "n", "h"], "lstm": ["i", "f", "g", "o", "c", "tanh_c", "h"]}


def trace_of(
    tokens: list[str], cell: Cell = "lstm", *, both: bool = False, dtype: type = np.float32
) -> GateTrace:
    """Random numbers under the right names, in two layers."""
    rng = np.random.default_rng(len(tokens))

    def some() -> np.ndarray:
        return rng.standard_normal((len(tokens), H)).astype(dtype)

    def layer() -> LayerTrace:
        gates = {name: some() for name in CELLS[cell].gate_names}
        memory = some() if cell == "lstm" else None
        return LayerTrace(cell, gates, some(), memory, some(), memory, gates, gates)

    layers = tuple(tuple(layer() for _ in range(1 + both)) for _ in range(2))
    return GateTrace(tuple(tokens), tuple(token != "?" for token in tokens), layers)


def read_npz(trace: GateTrace) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(npz_bytes(trace)), allow_pickle=False) as arrays:
        return dict(arrays)


def read_csv(trace: GateTrace) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_text(trace), newline="")))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_arrays_come_back_to_the_last_bit_under_their_names(cell, both, dtype):
    trace = trace_of(["a", "?", "雨"], cell, both=both, dtype=dtype)
    arrays = read_npz(trace)
    directions = ["forward", "backward"][: 1 + both]
    names = {f"layer{layer}.{way}.{name}" for layer in (0, 1) for way in directions for name in SHOWN[cell]}
    assert set(arrays) == names | {"tokens", "known"}
    for number, pair in enumerate(trace.layers):
        for way, layer in zip(directions, pair, strict=True):
            for name, values in layer.shown.items():
                back = arrays[f"layer{number}.{way}.{name.replace(' ', '_')}"]
                assert back.dtype == dtype
                assert_array_equal(back, values)
    assert arrays["known"].tolist() == [True, False, True]
    assert arrays["known"].dtype == bool


@given(
    st.lists(
        st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1), min_size=1, max_size=9
    )
)
def test_tokens_come_back_as_they_were(tokens):
    tokens_back = read_npz(trace_of(tokens, "rnn"))["tokens"]
    assert tokens_back.dtype.kind == "U"
    assert tokens_back.tolist() == tokens


def test_the_same_trace_is_the_same_file():
    assert npz_bytes(trace_of(["a", "b"])) == npz_bytes(trace_of(["a", "b"]))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("both", [False, True])
def test_the_table_has_a_row_for_every_layer_direction_quantity_and_position(cell, both):
    trace = trace_of(["a", "?", "雨", "a"], cell, both=both)
    rows = iter(read_csv(trace))
    for number, direction, layer in named_layers(trace):
        for name, values in named_quantities(layer).items():
            for position, token in enumerate(trace.tokens):
                row = next(rows)
                assert list(row) == [
                    "layer",
                    "direction",
                    "position",
                    "token",
                    "known",
                    "quantity",
                    "unit0",
                    "unit1",
                    "unit2",
                ]
                told = (
                    row["layer"],
                    row["direction"],
                    row["quantity"],
                    row["position"],
                    row["token"],
                    row["known"],
                )
                assert told == (str(number), direction, name, str(position), token, "01"[token != "?"])
                assert_allclose([float(row[f"unit{unit}"]) for unit in range(H)], values[position], rtol=1e-5)
    assert not list(rows)


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=1, max_size=9))
def test_any_token_stays_in_its_cell_of_the_table(tokens):
    back = [row["token"] for row in read_csv(trace_of(tokens, "rnn"))[: len(tokens)]]
    assert back == [f"'{token}" if token[0] in "=+-@\t\r＝＋－＠" else token for token in tokens]


@pytest.mark.parametrize("token", ["=1+1", "+", "-", "@SUM(A1)", "\t=1", "\r=1", "\r\n", "＝1"])
def test_no_token_of_the_table_is_a_formula(token):
    (first, *_) = read_csv(trace_of([token]))
    assert first["token"] == "'" + token


@pytest.mark.parametrize("token", ["\n", ",", '"', " ", " \t", "a\nb", "a\r\nb"])
def test_a_token_that_is_a_mark_of_the_table_itself_comes_back(token):
    assert {row["token"] for row in read_csv(trace_of([token, token]))} == {token}
