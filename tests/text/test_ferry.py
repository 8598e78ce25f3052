"""The texts of the ferry, in which only the quotation mark says how a sentence goes on."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.text.ferry import chinese_ferry, english_ferry

FERRIES = {"en": english_ferry, "zh": chinese_ferry}
SPEECH = re.compile(r'"[^"\n]*"|“[^“”\n]*”')


@pytest.mark.parametrize("language", FERRIES)
@given(characters=st.integers(1_000, 4_000), seed=st.integers(0, 99))
def test_every_speech_is_closed_in_its_paragraph(language, characters, seed):
    text = FERRIES[language](characters, seed)
    assert characters - 700 < len(text) <= characters
    paragraphs = text.removesuffix("\n").split("\n\n")
    assert all(len(SPEECH.findall(paragraph)) == 1 for paragraph in paragraphs)
    assert not re.search(r'["“”\n]', SPEECH.sub("", "".join(paragraphs)))


def test_i_speak_inside_alone_and_nobody_else_does():
    speeches = "\n".join(SPEECH.findall(english_ferry()))
    tale = SPEECH.sub("", english_ferry())
    assert re.search(r"\bI\b|\bmy\b", tale) is None
    assert re.search(r"\bThe\b", speeches) is None
    past = re.compile(r"\b(?:mended|hid|kept|sang|rose)\b")
    assert set(past.findall(tale)) == {"mended", "hid", "kept", "sang", "rose"}
    assert not past.search(speeches)
    assert "我" not in SPEECH.sub("", chinese_ferry())
    assert all("我" in speech for speech in SPEECH.findall(chinese_ferry()))


@pytest.mark.parametrize(("language", "characters", "least"), [("en", 80_000, 60), ("zh", 40_000, 20)])
def test_a_third_is_speech_and_it_is_long_enough_to_be_remembered(language, characters, least):
    text = FERRIES[language]()
    lengths = [len(speech) for speech in SPEECH.findall(text)]
    assert characters - 700 < len(text) <= characters
    assert 0.3 < sum(lengths) / len(text) < 0.45
    assert sum(lengths) / len(lengths) > least


def test_the_texts_stay_as_they_are():
    """A run knows its text by its digest: a changed sentence makes every run on it a stranger to it."""
    digests = {
        language: hashlib.sha256(ferry().encode()).hexdigest()[:16] for language, ferry in FERRIES.items()
    }
    assert digests == {"en": "88dda6329191c44f", "zh": "949591b5384e2054"}
