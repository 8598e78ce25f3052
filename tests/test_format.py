"""Numbers as people read them; the cases are the browser's too."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground import format as written
from tests.helpers import ROOT

CASES = json.loads((ROOT / "tests" / "number_cases.json").read_text("utf-8"))
_FLAT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")


def read_back(text: str) -> float:
    factor, _, power = text.replace(",", "").translate(_FLAT).partition(" × 10")
    return float(f"{factor}e{power or 0}")


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_every_case_is_written_as_the_browser_writes_it(name, arguments, expected):
    values = [float(argument) if isinstance(argument, str) else argument for argument in arguments]
    assert getattr(written, name)(*values) == expected


@given(st.floats(-1e300, 1e300).filter(lambda x: abs(x) > 1e-300), st.integers(3, 8))
def test_a_number_read_back_is_near_by_half_of_its_last_digit(value, digits):
    text = written.number(value, digits)
    assert "e" not in text
    kept = max(2, digits - 1)  # beside a power of ten
    assert math.isclose(read_back(text), value, rel_tol=0.5 * 10 ** (1 - kept) * 1.001)


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_a_larger_number_is_never_written_as_a_smaller_one(value, other):
    low, high = sorted((value, other))
    assert read_back(written.number(low)) <= read_back(written.number(high))


@given(st.floats(-600, 600))
def test_a_perplexity_is_its_losss_exponential(loss):
    assert math.isclose(math.log(read_back(written.perplexity_text(loss))), loss, abs_tol=0.051)


@given(st.floats(0, 1e5))
def test_an_epoch_is_written_as_an_address_has_it(epoch):
    assert float(written.epoch_text(epoch)) == pytest.approx(epoch, abs=5.1e-5)


@given(st.floats(-1e9, 1e9))
def test_a_chosen_number_keeps_its_digits(value):
    assert read_back(written.exact(value)) == pytest.approx(value, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize(
    ("value", "shown"), [(0.25, "+0.250"), (-0.0004, "+0.000"), (-2.5, "−2.500"), (4000, "+4,000")]
)
def test_fixed_numbers_line_up_and_say_their_sign(value, shown):
    assert written.fixed(value, 3, plus=True) == shown
