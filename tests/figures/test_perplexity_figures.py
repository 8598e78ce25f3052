"""A perplexity on a ruler and in formulas."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.figures.perplexity import ruler_figure, worked_out
from playground.records import SurpriseTrace


def trace(*bits: float) -> SurpriseTrace:
    known = (True,) * (len(bits) + 1)
    return SurpriseTrace(("a",) * len(known), known, np.array([np.nan, *bits]), ((),) * len(known))


def test_the_three_marks_are_on_the_ruler_and_infinity_is_its_end():
    figure = ruler_figure(28, 5.0, math.inf)
    axis = figure.layout.xaxis
    assert [text.split("<br>")[0] for text in axis.ticktext] == ["1", "V = 28", "∞"]
    assert list(axis.tickvals)[:2] == [1, 28]
    now, changed = figure.data
    assert now.x[0] == pytest.approx(5)
    assert changed.x[0] == axis.tickvals[2]
    assert np.log10(changed.x[0]) < axis.range[1]
    assert (now.marker.symbol, changed.marker.symbol) == ("diamond", "x")


@given(st.floats(1, 1e300), st.integers(2, 50_000))
def test_every_perplexity_has_its_place_left_of_infinity(perplexity, vocab_size):
    figure = ruler_figure(vocab_size, perplexity)
    (now,) = figure.data
    assert now.x[0] == pytest.approx(perplexity, rel=1e-6)
    assert now.x[0] < figure.layout.xaxis.tickvals[2]


def test_the_numbers_are_worked_out():
    product, mean, result = worked_out(trace(1.0, 2.0, 3.0))
    assert product.endswith("2^{-6} = 0.01563")
    assert mean.endswith(r"\tfrac{6}{3} = 2")
    assert result.endswith(r"2^{2} = \mathbf{4}")


def test_many_bits_and_few_are_written_without_an_exponent_in_programmers_spelling():
    assert worked_out(trace(12_345.0))[0].startswith(r"\prod_t p_t = 2^{-12{,}345} = ")
    assert worked_out(trace(2_000_000.0))[0].startswith(r"\prod_t p_t = 2^{-2.00 \times 10^{6}} = ")
    assert worked_out(trace(1e-5))[1].endswith(r"= 1.00 \times 10^{-5}")


def test_a_product_too_small_for_a_number_is_still_told():
    assert worked_out(trace(2_000.0, 2_000.0))[0].endswith(r"2^{-4{,}000} = 7.59 \times 10^{-1205}")


def test_an_impossible_token_makes_the_product_nothing_and_the_perplexity_infinite():
    product, mean, result = worked_out(trace(1.0, math.inf))
    assert product.endswith("= 0")
    assert mean.endswith(r"\infty")
    assert result.endswith(r"\mathbf{\infty}")
