"""A corpus → what is trained on and what is held out."""

import math
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.config import CorpusConfig, Normalize, TrainConfig
from playground.errors import CorpusError
from playground.records import TextPart
from playground.text.corpora import Corpus
from playground.text.normalize import normalize_letters, normalize_spaced
from playground.text.prepare import (
    count_training_tokens,
    cut_sentence,
    first_sentence,
    prepare,
    require_enough,
)
from tests.helpers import some_text


def of(text: str, **settings: object):
    return prepare(Corpus("mine", "Mine", text), CorpusConfig(**settings))


def test_the_time_machine_has_d2ls_numbers(time_machine):
    text = prepare(time_machine, CorpusConfig(normalize="letters", held_out=0))
    assert len(time_machine.text.splitlines()) == 3_221
    assert len(normalize_letters(time_machine.text)) == len(text.train) == 170_580
    assert len(text.vocab) == 28
    assert text.vocab.decode(text.train[:30]) == "the time machine by h g wellsi"


def test_d2ls_first_ten_thousand_characters_are_the_texts_own_beginning(time_machine):
    text = prepare(time_machine, CorpusConfig(normalize="letters", max_tokens=10_000, held_out=0))
    assert text.vocab.decode(text.train) == normalize_letters(time_machine.text)[:10_000]
    assert len(text.vocab) == 28  # of the whole book, as in d2l


@given(st.text())
def test_letters_leaves_only_letters_and_single_spaces(text):
    kept = normalize_letters(text)
    assert set(kept) <= set("abcdefghijklmnopqrstuvwxyz ")
    assert all("  " not in normalize_letters(line) for line in text.split("\n"))
    assert normalize_letters(kept) == kept.strip()


def test_the_time_machine_with_its_lines_apart_is_longer_by_the_spaces_between_them(time_machine):
    text = prepare(time_machine, CorpusConfig(normalize="spaced", held_out=0))
    assert len(normalize_spaced(time_machine.text)) == len(text.train) == 173_427
    assert text.vocab.decode(text.train[:30]) == "the time machine by h g wells "


@given(st.text())
def test_spaced_and_letters_differ_in_spaces_alone(text):
    kept = normalize_spaced(text)
    assert kept.replace(" ", "") == normalize_letters(text).replace(" ", "")
    assert kept == " ".join(kept.split())


@pytest.mark.parametrize(
    "settings", [{"normalize": "letters", "token_level": "word"}, {"normalize": "spaced"}]
)
@given(text=st.text(st.sampled_from("aB -\n"), min_size=1).filter(lambda t: t.strip(" -\n")))
def test_words_of_neighbouring_lines_stay_apart(settings, text):
    made = of(text, held_out=0, **settings)
    expected = text.replace("-", " ").lower().split()
    assert made.vocab.decode(made.train).split() == expected


@pytest.mark.parametrize("level", ["char", "word", "segmented"])
@given(held_out=st.floats(0, 0.5), max_tokens=st.integers(100, 300) | st.none())
def test_the_two_parts_put_together_are_the_text(level, held_out, max_tokens):
    text = some_text(900)
    made = of(text, held_out=held_out, max_tokens=max_tokens, token_level=level)
    ids = made.vocab.encode(text)[:max_tokens]
    assert [*made.train, *made.heldout] == ids
    assert len(made.heldout) == int(len(ids) * held_out)


def test_nothing_is_held_out_when_it_is_off():
    assert of(some_text(), held_out=0).heldout.tolist() == []


@pytest.mark.parametrize("level", ["char", "word", "segmented"])
def test_the_opening_is_the_texts_own_beginning(level):
    text = some_text()
    assert text.startswith(of(text, token_level=level).opening)


@pytest.mark.parametrize("level", ["char", "word", "segmented"])
@pytest.mark.parametrize("normalize", ["letters", "spaced"])
def test_a_text_without_letters_says_what_to_choose(level, normalize):
    with pytest.raises(CorpusError, match=r"'Mine' has no letters a-z.*normalisation: none"):
        of("雨街钟表铺 123", normalize=normalize, token_level=level)


def test_a_hostile_text_cannot_blow_up_the_vocabulary():
    every = "".join(map(chr, range(0x4E00, 0x4E00 + 9_000)))
    made = of(every)
    assert len(made.vocab) == 5_000
    assert 0 in made.train
    assert max([*made.train, *made.heldout]) < 5_000


@given(b=st.integers(1, 9), t=st.integers(2, 9), more=st.integers(-5, 5))
def test_too_little_text_for_one_batch_is_told_with_the_figures(b, t, more):
    needed = b * t + 1
    tokens = max(1, needed + more)
    text, train = of(some_text(tokens), held_out=0), TrainConfig(batch_size=b, num_steps=t)
    if tokens >= needed:
        assert require_enough(text.name, len(text.train), train) is None
        return
    with pytest.raises(CorpusError) as caught:
        require_enough(text.name, len(text.train), train)
    assert str(caught.value) == (
        f"'Mine' has {tokens} training tokens; {b} rows (batch size) of {t} tokens (time steps) need {needed}. "
        "Choose a longer text, a smaller batch or fewer steps."
    )


def test_what_is_held_out_does_not_count_as_training_text():
    text = of(some_text(100), held_out=0.5)
    with pytest.raises(CorpusError, match="50 training tokens"):
        require_enough(text.name, len(text.train), TrainConfig(batch_size=5, num_steps=10))


def test_the_opening_is_where_the_prose_begins():
    text = "A TITLE\n\nChapter 1\n\nThe rain had fallen on the town for eleven days.\n" * 2
    assert prepare(Corpus("x", "x", text), CorpusConfig()).opening == "The rain had"
    assert prepare(Corpus("x", "x", text), CorpusConfig(token_level="word")).opening == "The rain had"
    assert prepare(Corpus("x", "x", "only a title"), CorpusConfig()).opening == "only a title"


@pytest.mark.parametrize("level", ["char", "word", "segmented"])
@pytest.mark.parametrize("normalize", get_args(Normalize))
@pytest.mark.parametrize("max_tokens", [None, 100])
def test_counting_the_training_tokens_agrees_with_preparing_them(level, normalize, max_tokens):
    corpus = Corpus("x", "x", "The rain, it fell: 11 days!\nAnd the clock stood still. " * 9)
    config = CorpusConfig(token_level=level, normalize=normalize, max_tokens=max_tokens, held_out=0.15)
    assert count_training_tokens(corpus, config) == len(prepare(corpus, config).train)


def test_a_byte_order_mark_that_was_pasted_is_no_token():
    assert cut_sentence("\ufefftide \ufeffin", CorpusConfig()) == list("tide in")
    assert cut_sentence("\ufefftide", CorpusConfig(token_level="word")) == ["tide"]


@given(st.text(st.characters(exclude_characters="\ufeff", exclude_categories=("Cs",)), max_size=60))
def test_a_sentence_is_cut_into_the_characters_it_has_or_into_its_words(text):
    assert cut_sentence(text, CorpusConfig()) == list(text)
    assert cut_sentence(text, CorpusConfig(token_level="word")) == text.split()


@pytest.mark.parametrize("normalize", ["letters", "spaced"])
@given(text=st.text(max_size=60))
def test_a_sentence_for_letters_has_only_letters_and_single_spaces_between_them(normalize, text):
    as_letters = "".join(cut_sentence(text, CorpusConfig(normalize=normalize)))
    assert set(as_letters) <= set("abcdefghijklmnopqrstuvwxyz ")
    assert as_letters == " ".join(as_letters.split())
    assert cut_sentence(text, CorpusConfig(normalize=normalize, token_level="word")) == as_letters.split()


@pytest.mark.parametrize(
    "settings", [{}, {"normalize": "letters"}, {"normalize": "spaced"}, {"token_level": "word"}]
)
@pytest.mark.parametrize("most", [20, 70])
def test_the_first_sentence_is_short_and_ends_with_a_whole_word(settings, most):
    text = some_text(300)
    sentence = first_sentence(Corpus("mine", "Mine", text), CorpusConfig(**settings), most=most)
    assert most // 2 < len(sentence) <= most
    assert text.split()[: len(sentence.split())] == sentence.split()


def test_a_text_without_spaces_is_cut_where_the_limit_is():
    corpus = Corpus("mine", "Mine", "雨下了一整夜" * 20)
    assert first_sentence(corpus, CorpusConfig(), most=10) == "雨下了一整夜雨下了一"


def test_a_title_is_not_taken_for_the_first_sentence():
    corpus = Corpus("mine", "Mine", "THE TITLE\n\n" + some_text(50))
    assert first_sentence(corpus, CorpusConfig()) == some_text(50).strip()


def test_what_a_vocabulary_leaves_out_is_counted_in_both_parts():
    words = [f"w{i:04}" for i in range(1_999)] * 3 + [f"rare{i:05}" for i in range(54_008)]
    made = of(" ".join(words), token_level="word", max_vocab=2_000)
    assert len(words) == 60_005
    assert made.heldout_part == TextPart(6_000, 6_000 * 10, 6_000)
    assert made.heldout_part.unknown_share == 1
    assert made.train_part.unknown == 54_008 - 6_000
    assert made.train_part.hides_much


def test_a_vocabulary_of_every_token_leaves_nothing_out():
    made = of(some_text(900))
    assert (made.train_part, made.heldout_part) == (TextPart(810, 810, 0), TextPart(90, 90, 0))
    assert not made.heldout_part.hides_much


def test_two_ways_to_cut_a_text_that_cost_the_same_bits_have_the_same_bits_a_character():
    text = "rain tide " * 100
    by_character, by_word = of(text, held_out=0), of(text, held_out=0, token_level="word")
    nats = 700.0  # of the whole text
    bits = [
        part.bits_per_character(nats / part.tokens) for part in (by_character.train_part, by_word.train_part)
    ]
    assert bits == pytest.approx([nats / math.log(2) / 1_000] * 2)


def test_without_a_loss_or_characters_there_are_no_bits():
    assert TextPart(10, 10, 0).bits_per_character(None) is None
    assert TextPart(10, None, None).bits_per_character(1.0) is None
    assert (TextPart(0, 0, 0).unknown_share, TextPart(10, None, None).unknown_share) == (None, None)


@pytest.mark.parametrize(
    ("text", "opening"),
    [
        ("I was thirteen when the tide took it. " * 9, "I was thirteen"),
        ("the tide came in and took the boats. " * 9, "the tide came"),
        ("白河镇在南方，一条河从镇子中间流过。" * 9, "白河镇在南方，一条河从镇"),
    ],
)
def test_the_opening_does_not_end_inside_a_word(text, opening):
    assert prepare(Corpus("x", "X", text), CorpusConfig()).opening == opening


def test_the_first_sentence_can_be_one_of_known_tokens_alone():
    text = (
        "他说龘，然后一条小河就从镇子的中间慢慢地流过去了很久很久。那一天镇上没有人说话，雨下了很久很久。" * 3
    )
    corpus, config = Corpus("x", "X", text), CorpusConfig()
    known = set(text) - {"龘"}
    assert first_sentence(corpus, config, most=40, known=known).startswith("那一天")
    assert first_sentence(corpus, config, most=40, known=set(text)) == first_sentence(corpus, config, most=40)
    assert first_sentence(corpus, config, most=40, known=set()) == first_sentence(corpus, config, most=40)
