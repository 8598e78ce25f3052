"""Tokens ↔ ids."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.errors import CorpusError
from playground.text.vocab import UNK, UNK_ID, Vocab, split

LEVELS = ["char", "word", "segmented"]


def of_text(text: str, level: str = "char", **limit: int) -> Vocab:
    """The vocabulary of a text that is not cut yet."""
    return Vocab.from_tokens(split(text, level), level, **limit)


TEXTS = st.text(min_size=1).filter(lambda t: t.split() not in ([], [UNK]))


@given(TEXTS)
def test_characters_come_back_exactly(text):
    vocab = of_text(text, "char")
    assert vocab.decode(vocab.encode(text)) == text


@given(TEXTS)
def test_words_come_back_up_to_white_space(text):
    vocab = of_text(text, "word")
    assert vocab.decode(vocab.encode(text)) == " ".join(text.split())


@pytest.mark.parametrize("level", LEVELS)
@given(text=TEXTS, other=st.text())
def test_every_id_is_below_the_size_and_strangers_are_unknown(level, text, other):
    vocab = of_text(text, level)
    ids = vocab.encode(other)
    assert all(0 <= i < len(vocab) for i in ids)
    known = set(split(text, level))
    assert [i == UNK_ID for i in ids] == [t not in known or t == UNK for t in split(other, level)]


@pytest.mark.parametrize("level", LEVELS)
@given(text=TEXTS, limit=st.integers(2, 8))
def test_the_cap_keeps_the_commonest(level, text, limit):
    vocab = of_text(text, level, limit=limit)
    counts = Counter(t for t in split(text, level) if t != UNK)
    assert len(vocab) == min(limit, len(counts) + 1)
    kept = [counts[token] for token in vocab.tokens[1:]]
    assert kept == sorted(counts.values(), reverse=True)[: limit - 1]


@given(TEXTS)
def test_equally_common_tokens_keep_their_order_of_appearance(text):
    counts = Counter(text)
    expected = sorted(counts, key=lambda t: (-counts[t], text.index(t)))
    assert list(of_text(text, limit=50_000).tokens[1:]) == expected


@pytest.mark.parametrize("level", LEVELS)
@given(text=TEXTS)
def test_json_there_and_back_is_the_same_vocabulary(level, text):
    vocab = of_text(text, level)
    back = Vocab.from_json(vocab.to_json())
    assert back == vocab
    assert back.encode(text) == vocab.encode(text)


def test_chinese_is_cut_into_characters():
    vocab = of_text("雨街雨铺")
    assert vocab.encode("雨街铺钟") == [1, 2, 3, UNK_ID]
    assert vocab.tokens == (UNK, "雨", "街", "铺")


@pytest.mark.parametrize(("text", "level"), [("", "char"), ("", "word"), (" \n", "word"), (UNK, "word")])
def test_a_text_without_tokens_is_a_corpus_error(text, level):
    with pytest.raises(CorpusError, match="no tokens"):
        of_text(text, level)


def test_the_unknown_token_written_in_a_text_gets_no_second_id():
    vocab = of_text(f"rain {UNK} rain", "word")
    assert vocab.tokens == (UNK, "rain")
    assert vocab.encode(f"rain {UNK}") == [1, UNK_ID]


def test_levels_with_the_same_tokens_are_different_vocabularies():
    assert Vocab(["a"], "char") != Vocab(["a"], "word")
