"""Texts with blanks: what is one, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.config import CorpusConfig
from playground.text.cloze import cut_cloze, write_cloze
from playground.text.prepare import cut_sentence


@pytest.mark.parametrize("settings", [{}, {"normalize": "letters"}], ids=["none", "letters"])
@pytest.mark.parametrize("level", ["char", "word", "segmented"])
@given(st.text(st.characters(exclude_characters="_＿—（\ufeff"), max_size=40))
def test_without_a_blank_a_text_is_cut_as_any_sentence(level, settings, text):
    config = CorpusConfig(token_level=level, **settings)
    assert cut_cloze(text, config) == cut_sentence(text, config)


@pytest.mark.parametrize(
    ("settings", "text", "tokens"),
    [
        ({}, "_a_ B", [None, "a", None, " ", "B"]),
        ({"normalize": "letters"}, " The _lock, _: 9", [*"the ", None, *"lock ", None]),
        ({"normalize": "letters"}, "__", [None, None]),
        ({"token_level": "word"}, "The _ cl_ck, ___", ["The", None, None, None]),
        ({"token_level": "word", "normalize": "letters"}, "The, _? clock!", ["the", None, "clock"]),
    ],
)
def test_a_blank_is_one_character_or_one_word(settings, text, tokens):
    assert cut_cloze(text, CorpusConfig(**settings)) == tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("雨＿了", ["雨", None, "了"]),
        ("雨（）了（　）", ["雨", None, "了", None]),
        ("雨（ ）了", ["雨", None, "了"]),
        ("雨——了", ["雨", None, "了"]),
        ("雨————了", ["雨", None, None, "了"]),
        ("（雨）—", list("（雨）—")),
        ("snake\\_case", list("snake_case")),
        ("雨\\——了", list("雨——了")),
        ("雨\\（）了", list("雨（）了")),
        ("雨\\＿", list("雨＿")),
        ("\\\\_", ["\\", None]),
        ("\\\\\\_", ["\\", "_"]),
        ("\\n \\\\ a", list("\\n \\\\ a")),
        ("\ufeffa_", ["a", None]),
    ],
)
def test_blanks_of_chinese_and_signs_that_are_meant_as_they_stand(text, tokens):
    assert cut_cloze(text, CorpusConfig()) == tokens


def test_a_word_with_a_written_underscore_is_no_blank():
    config = CorpusConfig(token_level="word")
    assert cut_cloze("my\\_name = （ ） or _x", config) == ["my_name", "=", None, "or", None]


@given(st.lists(st.sampled_from([None, *"ab_＿—（）\\ 　\n"]), max_size=30))
def test_what_is_written_is_read_as_it_was_meant(tokens):
    assert cut_cloze(write_cloze(tokens), CorpusConfig()) == tokens


@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\ufeff"), max_size=40))
def test_any_text_can_be_written_without_a_blank(text):
    assert cut_cloze(write_cloze([text]), CorpusConfig()) == list(text)
