"""No cell of a table is a formula, and numbers stay numbers."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.tables import CsvWriter, guarded, guarded_unseen

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
    "＋",
    "－",
    "＠",
    '=HYPERLINK("http://e.co")',
]


def written(*cells) -> str:
    out = io.StringIO()
    CsvWriter(out).writerow(cells)
    return out.getvalue()


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_begins_like_a_formula_is_guarded(text):
    assert guarded(text) == f"'{text}"
    assert guarded_unseen(text) == f"\u2060{text}"
    (row,) = csv.reader(io.StringIO(written(text, "tide"), newline=""))
    assert row == [f"'{text}", "tide"]


def test_numbers_are_written_as_numbers():
    assert written(-1, -0.5, 1e-7, float("-inf"), None) == "-1,-0.5,1e-07,-inf,\r\n"


@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=2, max_size=5))
def test_any_text_stays_in_its_cell(cells):
    (row,) = csv.reader(io.StringIO(written(*cells), newline=""))
    assert [cell.removeprefix("'") for cell in row] == [cell.removeprefix("'") for cell in cells]
    assert not any(cell[:1] in tuple("=+-@\t\r") for cell in row)
