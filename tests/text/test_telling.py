"""A first stretch that has something to follow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.text.telling import telling_stretch

TEXT = 'the tide came in and out, and\nhe said:\n"Mistaken," no more of the salt lamp.\n' * 3


@pytest.mark.parametrize("most", [12, 21, 40])
def test_a_stretch_is_whole_words_of_the_text_and_no_longer_than_asked(most):
    stretch = telling_stretch(TEXT, most)
    assert 0 < len(stretch) <= most
    assert f" {stretch} ".split() == stretch.split()
    at = f" {TEXT} ".index(stretch)
    assert f" {TEXT} "[at - 1].isspace()
    assert f" {TEXT} "[at + len(stretch)].isspace()


def test_every_kind_is_in_it_where_there_is_room():
    stretch = telling_stretch(TEXT, 30)
    assert {'"', "\n", ","} <= set(stretch)
    assert "Mistaken" in stretch


def test_of_equals_the_first_is_taken():
    assert telling_stretch("one, two, three, four", 8) == "one, two,"[:8].rsplit(" ", 1)[0]


@pytest.mark.parametrize("text", ["", "   ", "all of it so plain", "\n\n"])
def test_a_text_without_anything_to_follow_has_none(text):
    assert telling_stretch(text, 12) == ""


def test_what_a_network_does_not_know_is_left_out():
    assert telling_stretch('"é," a\nand then "so," b', 8, known=frozenset('"so, ab\nandthe')) == '"so," b'


def test_a_script_without_spaces_is_cut_between_any_two_signs():
    stretch = telling_stretch("潮水来了,他说:“没有人看见海”。夜里下雨了,没有人。", 8)
    assert "“" in stretch
    assert len(stretch) <= 8


@given(st.text('ab,"\n 海', max_size=60), st.integers(1, 20))
def test_a_stretch_is_part_of_its_text(text, most):
    stretch = telling_stretch(text, most)
    assert stretch in text
    assert len(stretch) <= most
    assert stretch == stretch.strip()
