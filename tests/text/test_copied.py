"""What is copied: the same as by comparing every piece with every place."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.text import copied as module
from playground.text.copied import copied
from tests.helpers import ROOT

TIDE = (ROOT / "assets/corpora/the_tide_clock.txt").read_text(encoding="utf-8")
FEW_LETTERS = st.text("ab雨𝄞\ud800", max_size=30)


def by_brute_force(text: str, training: str, least: int):
    covered = {
        place
        for start in range(len(text) - least + 1)
        if text[start : start + least] in training
        for place in range(start, start + least)
    }
    edges = [place for place in range(len(text) + 1) if (place in covered) != (place - 1 in covered)]
    pieces = [
        (start, stop)
        for start in range(len(text) + 1)
        for stop in range(start, len(text) + 1)
        if text[start:stop] in training
    ]
    longest = max(pieces, key=lambda piece: (piece[1] - piece[0], -piece[0]))
    return tuple(zip(edges[::2], edges[1::2], strict=True)), longest


@pytest.fixture(params=["usual", "small blocks", "numbers that are often equal"])
def way(request, monkeypatch):
    """A block of a text may end anywhere, and different pieces may have one number: nothing changes."""
    if request.param == "small blocks":
        monkeypatch.setattr(module, "_BLOCK", 5)
    if request.param == "numbers that are often equal":
        monkeypatch.setattr(module, "_BASE", 1)
        monkeypatch.setattr(module, "_BLOCK", 7)


@pytest.mark.usefixtures("way")
@given(FEW_LETTERS, FEW_LETTERS, st.integers(1, 6))
def test_it_is_what_brute_force_finds(text, training, least):
    found = copied(text, training, least)
    assert (found.stretches, found.longest) == by_brute_force(text, training, least)
    start, stop = found.longest
    assert found.found_at == training.find(text[start:stop]) >= 0
    assert (found.text, found.least) == (text, least)
    assert 0 <= found.share <= 1


@given(FEW_LETTERS, FEW_LETTERS, FEW_LETTERS)
def test_what_was_copied_is_found_wherever_it_stands(before, piece, after):
    found = copied(piece, before + piece + after, least=1)
    assert found.longest == (0, len(piece))
    assert found.share == (1 if piece else 0)


def test_a_text_that_was_mixed_is_told_apart():
    rng = random.Random(0)
    noise = "".join(rng.choices("zqxj", k=30))
    text = TIDE[5_000:5_050] + noise + TIDE[900:974] + noise
    found = copied(text, TIDE)
    assert [text[start:stop].strip("zqxj") for start, stop in found.stretches] == [
        TIDE[5_000:5_050],
        TIDE[900:974],
    ]
    assert found.longest[1] - found.longest[0] == pytest.approx(
        74, abs=1
    )  # the noise may go on as the text does
    assert TIDE[found.found_at :].startswith(text[slice(*found.longest)])


def test_a_written_page_is_judged_while_nobody_waits():
    training = TIDE * 4  # 164,000 characters; 0.02 s alone on one core
    rng = random.Random(1)
    text = TIDE[700:1_700] + "".join(rng.choices("abcdefgh ", k=1_000))
    began = time.perf_counter()
    assert copied(text, training).share == 0.5
    assert time.perf_counter() - began < 0.3
