"""The text of matched brackets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from playground.text.brackets import LETTERS, LONGEST, PAIRS, SHORTEST, bracket_pairs, bracket_text

OPENING, CLOSING = zip(*PAIRS, strict=True)


@given(st.integers(40, 3_000), st.integers(0, 99))
def test_every_bracket_is_closed_by_its_own_kind_after_letters_alone(characters, seed):
    text = bracket_text(characters, seed)
    assert characters - LONGEST - 2 < len(text) <= characters
    rebuilt = ""
    for opening, closing in bracket_pairs(text):
        between = text[opening + 1 : closing]
        assert (text[opening], text[closing]) in PAIRS
        assert set(between) <= set(LETTERS)
        assert SHORTEST <= len(between) <= LONGEST
        rebuilt += text[opening : closing + 1]
    assert rebuilt == text  # nothing stands outside


def test_all_kinds_and_lengths_come():
    text = bracket_text()
    pairs = bracket_pairs(text)
    assert {text[opening] for opening, _closing in pairs} == set(OPENING)
    lengths = [closing - opening - 1 for opening, closing in pairs]
    assert (min(lengths), max(lengths)) == (SHORTEST, LONGEST)
    assert bracket_text() != bracket_text(seed=1)


def test_a_text_may_begin_and_end_anywhere():
    assert bracket_pairs("ab](ab)<b") == [(3, 6)]
    assert bracket_pairs("(ab]{b}") == [(4, 6)]
    assert bracket_pairs("") == []
