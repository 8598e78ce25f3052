"""What each token of a text is: against the plainest loops, and by hand."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.text.annotations import annotate, joined
from playground.text.brackets import bracket_pairs, bracket_text
from playground.text.enclosed import bracket_depth, comment_style, inside_comments, inside_quotes
from playground.text.vocab import split
from tests.helpers import ROOT

TIDE = (ROOT / "assets/corpora/the_tide_clock.txt").read_text(encoding="utf-8")
PYTHON = (ROOT / "playground/text/prepare.py").read_text(encoding="utf-8")
SCRIPT = (ROOT / "assets/js/write.js").read_text(encoding="utf-8")
SOME_TEXT = st.text(st.sampled_from("aEé9 \n\n,，.“”\"'()[]{}<>、雨「」#/*;"), min_size=1, max_size=60)


def tracks(tokens, level="char"):
    return {annotation.name: annotation for annotation in annotate(tokens, level)}


def shown(text: str, name: str) -> str:
    """A binary track below its text."""
    return "".join("x" if value else "." for value in tracks(list(text))[name].values)


@given(SOME_TEXT)
def test_positions_are_counted_as_a_plain_loop_counts_them(text):
    line = word = comma = 0
    expected = []
    for character in text:
        line = 0 if character == "\n" else line + 1
        word = word + 1 if character.isalpha() and character != "雨" else 0
        comma = 0 if character in ",，、" else comma + 1
        expected.append((line, word, comma))
    found = tracks(list(text))
    for name, values in zip(
        ("line_position", "word_position", "since_comma"), zip(*expected, strict=True), strict=True
    ):
        if name in found:
            assert not found[name].is_binary
            np.testing.assert_array_equal(found[name].values, np.array(values, np.float32))


@given(SOME_TEXT, st.sampled_from(["char", "word"]))
def test_every_track_has_a_value_a_token_and_varies(text, level):
    tokens = split(text, level)
    for annotation in annotate(tokens, level):
        told = annotation.values[~np.isnan(annotation.values)]
        assert annotation.values.shape == (len(tokens),)
        assert annotation.values.dtype == np.float32
        assert told.min() < told.max()
        assert not annotation.is_binary or set(told.tolist()) == {0, 1}


@given(SOME_TEXT)
def test_a_word_is_what_its_last_character_is(text):
    """Quotes and brackets of words equal those of the same text's characters, read at each word's end."""
    words = text.split()
    if not words:
        return
    whole, ends = joined(words, "word")
    found = tracks(words, "word")
    for name, by_character in (("quotes", inside_quotes(whole)), ("brackets", bracket_depth(whole) > 0)):
        at_ends = by_character[ends - 1].astype(np.float32)
        assert (name in found) == (at_ends.min() < at_ends.max())
        if name in found:
            np.testing.assert_array_equal(found[name].values, at_ends)


def test_a_closing_quote_is_predicted_from_inside():
    assert shown('"No," he said. "It\'s\nlate."', "quotes") == "xxxx...........xxxxxxxxxxx."
    assert shown("“外「内」外”外”", "quotes") == "xxxxxx..."


def test_german_and_french_quotes_are_quotes():
    assert shown("a „b“ c „d", "quotes") == "..xx....xx"
    assert shown("a «b» c", "quotes") == "..xx..."
    assert shown("a “b” c", "quotes") == "..xx..."


def test_a_forgotten_quote_ends_with_its_paragraph():
    assert shown('a "b\nc\n \nd "e"', "quotes") == "..xxxxxx...xx."
    assert shown("“one\n\n“two” b", "quotes") == "xxxxx.xxxx..."


def test_apostrophes_are_no_quotes():
    assert "quotes" not in tracks(list("the keeper's 'own' clocks"))


def test_of_brackets_only_those_that_are_closed_count():
    assert shown("a) b (c", "punctuation") == ".x...x."
    assert "brackets" not in tracks(list("a) b (c"))
    assert bracket_depth("(a[b(c]d)e").tolist() == [1, 1, 2, 2, 2, 2, 1, 1, 0, 0]


def test_depth_is_told_where_it_says_more_than_inside():
    assert "bracket_depth" not in tracks(list("a(b)c"))
    assert tracks(list("a(b(c))"))["bracket_depth"].values.tolist() == [0, 1, 1, 2, 2, 1, 0]


def test_the_text_of_matched_brackets_is_inside_from_each_opening_to_its_closing():
    text = bracket_text(3_000)
    inside = np.ones(len(text))
    for _opening, closing in bracket_pairs(text):
        inside[closing] = 0
    np.testing.assert_array_equal(tracks(list(text))["brackets"].values, inside)


@pytest.mark.parametrize(("text", "style"), [(PYTHON, "hash"), (SCRIPT, "slash"), (TIDE, None)])
def test_code_is_told_from_prose_and_only_it_has_comments(text, style):
    assert comment_style(text) == style
    assert ("comment" in tracks(list(text))) == (style is not None)
    assert "comment" not in tracks(text.split(), "word")


@pytest.mark.parametrize(
    ("style", "text", "comment"),
    [
        ("hash", 'a = "#"  # b\nc', ".........xxx.."),
        ("hash", "a = 'it\\'s #'\n#", "..............x"),
        ("slash", "a; // b\nc", "....xxx.."),
        ("slash", "a /* b\n// */ c", "...xxxxxxxx..."),
        ("slash", "'//'; /* never closed", ".......xxxxxxxxxxxxxx"),
    ],
)
def test_a_comment_begins_with_its_mark_and_not_in_a_string(style, text, comment):
    told = "".join("x" if value else "." for value in inside_comments(text, style))
    assert told == comment


def test_classes_are_those_of_the_script():
    assert shown("Été 9!\n", "vowel") == "x.x...."
    assert shown("Été 9!\n", "capital") == "x......"
    assert shown("Été 9!\n", "digit") == "....x.."
    assert shown("Été 9!\n", "space") == "...x..."
    assert shown("Été 9!\n", "newline") == "......x"
    assert shown("Été 9!\n", "punctuation") == ".....x."
    assert shown("他说：“好。”", "zh_punctuation") == "..xx.xx"
    assert "punctuation" not in tracks(list("他说：“好。”"))
    assert shown("“so” 。", "punctuation") == "x..x.."


def test_words_have_what_makes_sense_of_them():
    found = tracks(["“Tide,", "he", "said,", "9", "<unk>", "times”"], "word")
    assert found["quotes"].values.tolist() == [1, 1, 1, 1, 1, 0]
    assert found["capital"].values.tolist() == [1, 0, 0, 0, 0, 0]
    assert found["digit"].values.tolist() == [0, 0, 0, 1, 0, 0]
    assert found["since_comma"].values.tolist() == [0, 1, 0, 1, 2, 3]
    assert found["punctuation"].values.tolist() == [1, 0, 1, 0, 0, 1]
    assert set(found) == {"quotes", "capital", "digit", "since_comma", "punctuation"}


@pytest.mark.parametrize("level", ["char", "word"])
def test_an_unknown_token_has_neither_brackets_nor_letters(level):
    found = tracks(["<unk>", "a", "<unk>", "B"], level)
    assert "brackets" not in found
    assert "punctuation" not in found
    assert found["capital"].values.tolist() == [0, 0, 0, 1]
    if level == "char":
        assert found["word_position"].values.tolist() == [0, 1, 0, 1]


def test_a_text_without_tokens_has_none():
    assert annotate([], "char") == ()


def test_a_book_is_annotated_in_less_than_a_second():
    tokens = list(TIDE * 4)  # 164,000 characters; 0.1 s alone on one core
    began = time.perf_counter()
    annotate(tokens, "char")
    assert time.perf_counter() - began < 1
