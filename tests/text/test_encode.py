"""Encoding and normalising by blocks is what they are defined as, in time that grows as the text does."""

import re
import time
import tracemalloc
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.config import CorpusConfig
from playground.errors import CorpusError
from playground.text import encode as encoding
from playground.text import normalize
from playground.text.corpora import Corpus
from playground.text.decoding import decode
from playground.text.encode import blocks, count, encode
from playground.text.normalize import normalize_letters, normalize_spaced
from playground.text.prepare import count_training_tokens, prepare
from playground.text.vocab import UNK, split

LEVELS = ["char", "word", "segmented"]
AWKWARD = st.text(
    st.sampled_from("aBz -\n\r\t.\u0301\x1c\u2028é的河水涨到了街上。！，1\U0001f600") | st.characters()
)
SIZE = 20_000_000
ADVERSARIAL = {
    "line ends": "\n" * (SIZE - 1) + "a",
    "spaces": " " * (SIZE - 1) + "a",
    "one long line": "abcdefgh" * (SIZE // 8),
    "marks": "a!" * (SIZE // 2),
    "letters apart": "a\n" * (SIZE // 2),
    "words": "the tide clock \n" * (SIZE // 16),
}
every_kind = pytest.mark.parametrize(
    "kind", ["line ends", *(pytest.param(kind, marks=pytest.mark.slow) for kind in [*ADVERSARIAL][1:])]
)
"""Each takes seconds; the one that took a server twenty is tried at every run."""


@pytest.fixture(params=[3, 1000], ids=["blocks of 3", "blocks of 1000"])
def block(request, monkeypatch):
    for module in (normalize, encoding):
        monkeypatch.setattr(module, "BLOCK", request.param)


def of_lines(text: str) -> str:
    """d2l's own definition."""
    return "".join(re.sub("[^A-Za-z]+", " ", line).strip().lower() for line in text.split("\n"))


def by_counting(text: str, level: str, limit: int) -> tuple[list[str], list[int]]:
    """The definition: count, sort, look up."""
    tokens = split(text, level)
    counts = Counter(token for token in tokens if token != UNK)
    known = [UNK, *(token for token, _ in counts.most_common(limit - 1))]
    return known, [known.index(token) if token in known else 0 for token in tokens]


@pytest.mark.usefixtures("block")
@given(AWKWARD)
def test_normalising_by_blocks_is_d2ls_definition(text):
    assert normalize_letters(text) == of_lines(text)
    assert normalize_spaced(text) == re.sub("[^A-Za-z]+", " ", text).strip().lower()


@pytest.mark.usefixtures("block")
@pytest.mark.parametrize("level", LEVELS)
@given(text=AWKWARD, limit=st.integers(2, 9), most=st.none() | st.integers(1, 20), share=st.floats(0, 1))
def test_encoding_by_blocks_is_counting_sorting_and_looking_up(level, text, limit, most, share):
    text = text.encode(errors="replace").decode()
    known, ids = by_counting(text, level, limit)
    if known == [UNK]:
        with pytest.raises(CorpusError, match="no tokens"):
            encode(text, level, limit=limit, most=most, cut=len)
        return
    made = encode(text, level, limit=limit, most=most, cut=lambda tokens: round(tokens * share))
    assert list(made.vocab.tokens) == known
    assert np.concatenate(made.parts).tolist() == ids[:most]
    tokens = split(text, level)[:most]
    border = round(len(tokens) * share)
    assert len(made.parts[0]) == border
    assert made.characters == (sum(map(len, tokens[:border])), sum(map(len, tokens[border:])))


@pytest.mark.usefixtures("block")
@pytest.mark.parametrize("level", LEVELS)
@given(text=AWKWARD)
def test_no_token_is_cut_between_two_blocks(level, text):
    text = text.encode(errors="replace").decode()
    parts = list(blocks(text, level))
    assert "".join(parts) == text
    assert [token for part in parts for token in split(part, level)] == split(text, level)
    assert count(text, level) == len(split(text, level))


@pytest.mark.parametrize("level", LEVELS)
@given(held_out=st.floats(0, 0.5), enough=st.integers(1, 60), max_tokens=st.none() | st.integers(100, 150))
def test_counting_ends_once_there_is_enough_and_not_before(level, held_out, enough, max_tokens):
    corpus = Corpus("mine", "Mine", "the tide clock 河水涨到了街上。\n" * 9)
    config = CorpusConfig(token_level=level, held_out=held_out, max_tokens=max_tokens)
    whole = len(prepare(corpus, config).train)
    counted = count_training_tokens(corpus, config, enough=enough)
    assert min(counted, enough) == min(whole, enough)
    assert counted <= whole


def seconds_and_bytes(work) -> tuple[float, int]:
    """What some work takes; the seconds are measured apart, for looking at memory costs time."""
    started = time.process_time()
    work()
    seconds = time.process_time() - started
    tracemalloc.start()
    try:
        work()
        return seconds, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("settings", [{}, {"normalize": "letters"}, {"normalize": "spaced"}], ids=str)
@every_kind
def test_twenty_megabytes_are_prepared_in_two_seconds_and_five_times_their_size(kind, settings):
    corpus, config = Corpus("mine", "Mine", ADVERSARIAL[kind]), CorpusConfig(**settings)
    seconds, most = seconds_and_bytes(lambda: prepare(corpus, config))
    assert seconds < 4  # 2 s, and as much again for a machine that does other things
    assert most <= 5 * SIZE


@pytest.mark.parametrize("level", ["word", "segmented"])
@every_kind
def test_so_are_words(kind, level):
    size = SIZE if level == "word" else SIZE // 10  # the dictionary takes its time
    corpus = Corpus("mine", "Mine", ADVERSARIAL[kind][-size:])
    seconds, most = seconds_and_bytes(lambda: prepare(corpus, CorpusConfig(token_level=level)))
    assert most <= max(5 * size, 40_000_000)  # the dictionary's own among them
    assert seconds < 4


@pytest.mark.parametrize("kind", ADVERSARIAL)
def test_start_looks_at_no_more_of_a_text_than_it_needs(kind):
    corpus = Corpus("mine", "Mine", ADVERSARIAL[kind])
    for settings in ({}, {"token_level": "word"}, {"normalize": "letters"}):
        config = CorpusConfig(**settings)
        seconds, most = seconds_and_bytes(lambda c=config: count_training_tokens(corpus, c, enough=1121))
        assert seconds < 1
        assert most <= 5 * SIZE


@pytest.mark.parametrize("kind", ADVERSARIAL)
def test_reading_its_bytes_is_linear_too(kind):
    data = ADVERSARIAL[kind].encode()
    seconds, most = seconds_and_bytes(lambda: decode(data))
    assert seconds < 4
    assert most <= 5 * SIZE
