"""The table of cells, and what a cell's file may not get wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from playground.cells import CELLS, HIDDEN, SIGMOID, Quantity

LSTM = CELLS["lstm"]


def test_the_table_goes_from_the_fewest_gates_to_the_most():
    assert list(CELLS) == ["rnn", "gru", "lstm"]
    assert [cell.name for cell in CELLS.values()] == list(CELLS)


def test_what_follows_from_a_cells_quantities():
    assert [cell.gate_names for cell in CELLS.values()] == [("a",), ("r", "z", "n"), ("i", "f", "g", "o")]
    assert list(LSTM.quantities) == ["i", "f", "g", "o", "c", "tanh c", "h"]
    assert [cell.has_memory for cell in CELLS.values()] == [False, False, True]
    assert [cell.is_gated for cell in CELLS.values()] == [False, True, True]
    assert [cell.looked_at_first for cell in CELLS.values()] == ["h", "z", "f"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"gates": ()}, "need names"),
        ({"gates": (HIDDEN,)}, "each its own"),
        ({"gates": LSTM.gates * 2}, "each its own"),
        ({"states": ()}, "h last"),
        ({"states": LSTM.states[::-1]}, "h last"),
        ({"states": (Quantity("m", "memory", "The memory.", SIGMOID), HIDDEN)}, "give some of"),
        ({"keeper": "z"}, "has no gates"),
        ({"forget_gate": "c"}, "has no gates"),
        ({"scaled_recurrence": ("n",)}, "has no gates"),
    ],
)
def test_names_that_do_not_fit_are_told_when_the_file_is_imported(wrong, sentence):
    with pytest.raises(ValueError, match=sentence):
        replace(LSTM, **wrong)
