"""A person's own idea: what a regular expression matches, what a table says, and what cannot be read."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.errors import ConfigError
from playground.text.own_annotations import MOST_PATTERN, MOST_SOURCE, OwnIdea, _unrolled, own_annotation

TOKENS = list("the tide, the clock")


def values(kind, source, tokens=TOKENS, level="char"):
    return own_annotation(OwnIdea(kind, "mine", source), tokens, level).values.tolist()


@given(
    st.text("ab \n", min_size=1, max_size=40),
    st.sampled_from([r"a+", r"b\b", r"^a", r"a|ba", r"(?<=a)b", r"x*", r"a$"]),
)
def test_a_token_is_marked_where_a_match_has_one_of_its_characters(text, pattern):
    covered = {place for found in re.finditer(pattern, text, re.MULTILINE) for place in range(*found.span())}
    assert values("regex", pattern, list(text)) == [float(place in covered) for place in range(len(text))]
    words = text.split()
    covered = {
        place
        for found in re.finditer(pattern, " ".join(words), re.MULTILINE)
        for place in range(*found.span())
    }
    starts = [sum(len(word) + 1 for word in words[:i]) for i in range(len(words))]
    expected = [
        float(any(start + i in covered for i in range(len(word))))
        for start, word in zip(starts, words, strict=True)
    ]
    if words:
        assert values("regex", pattern, words, "word") == expected


def test_an_unknown_token_is_one_mark():
    assert values("regex", r"[<>]|\w+", ["a", "<unk>", "b"]) == [1, 0, 1]
    assert values("regex", r"b", ["a", "<unk>", "b", "c"], "word") == [0, 0, 1, 0]


def test_an_idea_is_ones_own_and_is_known_by_what_it_says():
    first = own_annotation(OwnIdea("regex", "<b>the</b>", "the"), TOKENS, "char")
    second = own_annotation(OwnIdea("regex", "called otherwise", "the"), TOKENS, "char")
    other = own_annotation(OwnIdea("regex", "<b>the</b>", "tide"), TOKENS, "char")
    assert (first.is_own, first.is_binary, first.title) == (True, True, "<b>the</b>")
    assert first.name == second.name != other.name
    assert re.fullmatch(r"own[0-9a-f]{8}", first.name)


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*[bc]", "(?b)(?:abcdef){e}", "(a|aa)+$b?c"])
def test_an_expression_that_would_search_for_ever_is_ended_and_says_the_way_out(pattern):
    began = time.process_time()  # regex counts the processor's time: others use the machine too
    with pytest.raises(ConfigError, match="still searching") as told:
        values("regex", pattern, list("a" * 20_000))
    assert time.process_time() - began < 2
    assert "matched in one way alone" in str(told.value)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(", "at character 1 (“(”)"),
        ("the[", "at character 4 (“[”)"),
        ("a**", "at character 3 (“*”)"),
        (r"\p{Nonsense}", "cannot be read at character"),
        ("(" * 450 + ")" * 450, "nested too deeply"),
        ("(?R)a|b", "calls itself"),
        ("(a(?1)?b)", "calls itself"),
        ("(?P<q>(?P&q)*a)", "calls itself"),
        (r"\\\\(?R)?", "calls itself"),
        ("(?a)(?u)a", "cannot be read at character"),
        ("(?:(?:a{100}){100}){100}", "repeats more than 20,000 times"),
        ("(?:[^{]{150}){150}", "repeats more than 20,000 times"),
        ("(a{2,200}?){,200}", "repeats more than 20,000 times"),
        (" ", "is empty"),
        ("a" * (MOST_PATTERN + 1), f"1,001 characters; at most {MOST_PATTERN:,}"),
    ],
)
def test_an_expression_that_cannot_be_read_is_told_where(pattern, said):
    with pytest.raises(ConfigError) as told:
        values("regex", pattern)
    assert said in str(told.value)


@given(st.text("()[]{}*+?|\\^$.abc<>=!:P0&~R", min_size=1, max_size=12))
def test_whatever_is_typed_is_an_annotation_or_one_sentence(pattern):
    try:
        told = own_annotation(OwnIdea("regex", "mine", pattern), TOKENS, "char")
    except ConfigError:
        return
    assert set(told.values.tolist()) <= {0.0, 1.0}


@given(st.lists(st.floats(-1e6, 1e6, width=32) | st.none(), min_size=1, max_size=len(TOKENS)))
def test_a_table_is_what_was_pasted_either_way(column):
    expected = np.array(
        [np.nan if value is None else value for value in column] + [np.nan] * (len(TOKENS) - len(column))
    )
    if all(value is None for value in column):
        return
    one_a_line = "\n".join("nan" if value is None else repr(value) for value in column)
    rows = "".join(f"{place};{value!r}\r\n" for place, value in enumerate(column) if value is not None)
    for source in (one_a_line, "value\n" + one_a_line, rows, "position;value\n" + rows, "\ufeff" + rows):
        np.testing.assert_array_equal(values("csv", source), expected.astype(np.float32))


def test_a_table_of_zeros_and_ones_is_binary():
    assert own_annotation(OwnIdea("csv", "mine", "0\n1\n\n1"), TOKENS, "char").is_binary
    assert not own_annotation(OwnIdea("csv", "mine", "0\n1\n2"), TOKENS, "char").is_binary


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("1\n2\nmany", "Line 3 of the table is “many”"),
        ("value\n1\n2,3", "Line 3 of the table is “2,3”"),
        ("0,1\n1,1,1", "Line 2 of the table is “1,1,1”"),
        ("0,1\n-1,1", "Line 2 of the table is “-1,1”"),
        ("0,1\n1.5,1", "Line 2 of the table is “1.5,1”"),
        ("1\ninf", "Line 2 of the table is “inf”"),
        ("1\n1e39", "Line 2 of the table is “1e39”"),
        ("0,1\n19,1", "Line 2 of the table names position 19; the text has 19 tokens"),
        ("0,1\n" + "9" * 5_000 + ",1", "Line 2 of the table names position 999,999,999,999"),
        ("3,1\n\n3,1", "Lines 1 and 3 of the table both have a value for position 3"),
        ("1\n" * 20, "The table has 20 values; the text has 19 tokens. Remove the last 1."),
        ("position,value\n", "The table has no values"),
        ("\n\n", "is empty"),
        ("1\n" * MOST_SOURCE, f"at most {MOST_SOURCE:,}"),
    ],
)
def test_a_table_that_cannot_be_read_is_told_by_its_line(source, said):
    with pytest.raises(ConfigError) as told:
        values("csv", source)
    assert said in str(told.value)


def test_a_table_of_a_megabyte_is_read():
    tokens = ["a"] * (MOST_SOURCE // 2)
    assert sum(values("csv", "1\n" * len(tokens), tokens)) == len(tokens)


@pytest.mark.parametrize(
    ("pattern", "size"),
    [
        ("abc", 3),
        ("a{3}b", 4),
        ("(ab){2}(c|d){3}", 13),
        (r"\{{4}", 4),
        ("[{}]{5}x", 6),
        ("a{b}", 4),
        ("a{,7}", 7),
        ("a*b+", 4),
    ],
)
def test_repeats_are_written_out(pattern, size):
    assert _unrolled(pattern) == size
