"""A run's network at work on text."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from safetensors.numpy import load_file, save_file

from playground.config import WriteConfig
from playground.errors import ConfigError, PlaygroundError, StoreError
from playground.inference.cloze import fill
from playground.inference.generate import Stepper, write
from playground.inference.surprise import accuracy, surprise
from playground.inference.trap import leak, write_anyway
from playground.records import RunStatus
from playground.services import text as module
from playground.services.checkpoints import CheckpointCache
from playground.services.text import MOST_CLOZE, MOST_LEAK, MOST_PREFIX, MOST_READ, TextService
from playground.text.prepare import prepare
from tests.helpers import some_text, tiny_config

MASKED = {"objective": "masked", "bidirectional": True}
TRAP = {"bidirectional": True}
SENTENCE = "a brass clock"
SHORT = WriteConfig(length=12, temperature=0.8)


@pytest.fixture
def service(store) -> TextService:
    return TextService(CheckpointCache(store))


@pytest.fixture
def train(store, text_id, make_manager):
    """Trains a small run to its end; gives it with its newest checkpoint."""

    def call(text: str | None = None, **settings: object):
        corpus = text_id if text is None else store.library.add("Another", text).id
        manager = make_manager()
        config = tiny_config(**{"corpus": corpus, "sample_every": 0, "epochs": 1} | settings)
        run = manager.wait(manager.start(config).id, 60)
        assert run.status is RunStatus.FINISHED
        return run, store.newest_checkpoint(run.id)

    return call


def material(service, run, checkpoint):
    """What the engine's own functions want."""
    checkpoints = service._checkpoints
    return checkpoints.weights(run, checkpoint), run.config.model, checkpoints.vocab(run)


def do(service, run, checkpoint, method: str, text: str):
    """Call a method that takes a text."""
    more = {"write": [SHORT], "write_anyway": [5]}.get(method, [])
    return getattr(service, method)(run, checkpoint, text, *more)


# each method is the engine's function on the run's own weights and tokens -----------------------------


@pytest.mark.parametrize("level", ["char", "word", "segmented"])
def test_it_writes_what_the_network_writes_after_the_prefix(service, train, level):
    run, last = train(token_level=level)
    weights, model, vocab = material(service, run, last)
    expected = write(Stepper(weights, model), vocab.tokens, vocab.encode("brass clock"), SHORT)
    assert list(service.write(run, last, "brass clock", SHORT)) == list(expected)


@pytest.mark.parametrize("sides", [{}, MASKED], ids=["one-way", "masked"])
def test_it_is_surprised_as_the_network_is_and_marks_what_it_does_not_know(service, train, sides):
    run, last = train(**sides)
    weights, model, vocab = material(service, run, last)
    told = service.surprise(run, last, "tÄd雨 clock")
    assert told.tokens == tuple("tÄd雨 clock")
    assert [t for t, known in zip(told.tokens, told.known, strict=True) if not known] == ["Ä", "雨"]
    again = surprise(
        weights, model, vocab.encode("tÄd雨 clock"), tokens=told.tokens, known=told.known, names=vocab.tokens
    )
    assert_array_equal(told.bits, again.bits)
    assert told.likeliest == again.likeliest


@pytest.mark.parametrize("sides", [{}, MASKED], ids=["one-way", "masked"])
def test_it_fills_the_blanks_and_marks_what_it_does_not_know(service, train, sides):
    run, last = train(**sides)
    weights, model, vocab = material(service, run, last)
    told = service.fill(run, last, "_i雨e cl_", most=3)
    assert told.tokens == (None, "i", "雨", "e", " ", "c", "l", None)
    assert told.known == (True, True, False, True, True, True, True, True)
    assert told.blanks == (0, 7)
    ids = [None, *vocab.encode("i雨e cl"), None]
    assert list(told.fills) == fill(weights, model, ids, hole=0, names=vocab.tokens, most=3)
    assert [len(fills) for fills in told.fills] == [3, 3]


def test_words_have_their_blanks_too(service, train):
    run, last = train(token_level="word", **MASKED)
    told = service.fill(run, last, "tide _ brass ___\n lamp_ moth")
    assert told.tokens == ("tide", None, "brass", None, None, "moth")
    assert told.known == (True,) * 5 + (False,)


@pytest.mark.parametrize("sides", [{}, MASKED], ids=["one-way", "masked"])
@pytest.mark.parametrize("settings", [{}, {"token_level": "word"}, {"normalize": "letters"}], ids=str)
def test_its_score_is_counted_on_what_was_never_trained_on(service, store, train, sides, settings):
    run, last = train(some_text(900), held_out=0.3, **settings, **sides)
    weights, model, vocab = material(service, run, last)
    text = prepare(store.library.load(run.config.corpus.corpus), run.config.corpus)
    assert text.vocab == vocab
    score = service.score(run, last)
    assert score == accuracy(weights, model, text.heldout.tolist(), unknown=0)
    assert score.of == sum(id != 0 for id in text.heldout[1:-1])


def test_a_trap_is_caught_on_any_sentence(service, train):
    run, last = train(**TRAP)
    weights, model, vocab = material(service, run, last)
    told, expected = (
        service.leak(run, last, SENTENCE),
        leak(weights, model, vocab.encode(SENTENCE), tokens=tuple(SENTENCE)),
    )
    assert told.tokens == tuple(SENTENCE)
    assert_array_equal(told.bits, expected.bits)
    assert_array_equal(told.scrambled, expected.scrambled)
    written = service.write_anyway(run, last, SENTENCE, 9)
    ids = write_anyway(weights, model, vocab.encode(SENTENCE))
    assert written == [vocab.tokens[next(ids)] for _ in range(9)]


# errors ----------------------------------------------------------------------------------------------------

LIMITS = {
    "write": ({}, MOST_PREFIX),
    "surprise": ({}, MOST_READ),
    "fill": (MASKED, MOST_CLOZE),
    "leak": (TRAP, MOST_LEAK),
    "write_anyway": (TRAP, MOST_PREFIX),
}


@pytest.mark.parametrize("method", LIMITS)
def test_a_text_has_at_least_one_token_and_at_most_the_limit(service, train, method):
    sides, most = LIMITS[method]
    run, last = train(**sides)
    blank = "_" if method == "fill" else "t"
    with pytest.raises(ConfigError, match="The text is empty"):
        do(service, run, last, method, "")
    with pytest.raises(ConfigError, match=rf"has {most + 1:,} tokens; at most {most:,} .* by 1\."):
        do(service, run, last, method, blank + "t" * most)
    if method != "leak":  # which reads the sentence anew for each of its tokens
        assert do(service, run, last, method, blank + "t" * (most - 1)) is not None
    with pytest.raises(ConfigError, match="at most"):
        do(service, run, last, method, blank + "t" * 100_000)


@pytest.mark.parametrize("method", LIMITS)
def test_a_run_on_letters_says_that_a_text_has_none(service, train, method):
    run, last = train(normalize="letters", **LIMITS[method][0])
    with pytest.raises(ConfigError, match="the letters a-z are read here"):
        do(service, run, last, method, "雨 12?")
    with pytest.raises(ConfigError, match="is empty"):
        do(service, run, last, method, " \n ")


@pytest.mark.parametrize(
    ("sides", "method", "told"),
    [
        (
            TRAP,
            "write",
            "already seen what it is asked for.* Choose a run with one direction, or one that fills",
        ),
        (TRAP, "surprise", "already seen what it is asked for"),
        (TRAP, "fill", "already seen what it is asked for"),
        (MASKED, "write", "cannot continue a text. Choose a run with one direction"),
        (MASKED, "leak", "is no trap. Choose one with two directions"),
        (MASKED, "write_anyway", "is no trap"),
        ({}, "leak", "is no trap"),
        ({}, "write_anyway", "is no trap"),
    ],
)
def test_a_run_that_cannot_do_it_is_refused_with_a_way_out_before_any_text_is_looked_at(
    service, train, sides, method, told
):
    run, last = train(**sides)
    for text in ("tide_", ""):
        with pytest.raises(ConfigError, match=told):
            do(service, run, last, method, text)


def test_the_trap_has_no_score(service, train):
    with pytest.raises(ConfigError, match="already seen"):
        service.score(*train(**TRAP))


def test_a_text_without_a_blank_has_no_fills(service, train):
    run, last = train(**MASKED)
    told = service.fill(run, last, SENTENCE)
    assert (told.tokens, told.blanks, told.fills) == (tuple(SENTENCE), (), ())


def test_a_single_token_predicts_nothing(service, train):
    run, last = train(**TRAP)
    with pytest.raises(ConfigError, match="a single token"):
        service.leak(run, last, "a")


def test_a_run_that_has_not_started_and_a_file_that_is_damaged_are_store_errors(service, store, train):
    run, last = train()
    waiting = store.create(tiny_config(), "Mine")
    with pytest.raises(StoreError, match="'Mine' has no weights yet"):
        service.write(waiting, last, SENTENCE, SHORT)
    (store.run_directory(run.id) / last.weights_file).write_bytes(b"half a file")
    for method in ("write", "surprise"):
        with pytest.raises(StoreError, match="cannot be read"):
            do(service, run, last, method, SENTENCE)


@pytest.mark.parametrize("method", ["write", "surprise", "fill"])
def test_a_network_that_overflows_is_a_sentence(service, store, train, method):
    run, last = train(cell="rnn", nonlinearity="relu", lr=0.01)
    file = store.run_directory(run.id) / last.weights_file
    save_file({name: np.float32(1e20) * np.abs(value) for name, value in load_file(file).items()}, file)
    with pytest.raises(PlaygroundError, match=r"has diverged\. Choose an earlier checkpoint"):
        list(do(service, run, last, method, "tide and the cl_"))


# prefixes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "text", "tokens"),
    [
        ({}, " The Tide ", list(" The Tide ")),
        ({"normalize": "letters"}, "The TIDE", list("the tide")),
        ({"normalize": "letters"}, "The TIDE ", list("the tide ")),
        ({"normalize": "spaced"}, "The TIDE ", list("the tide ")),
        ({"normalize": "letters"}, "  the tide, \n", list("the tide ")),
        ({"normalize": "letters"}, "the tide,", list("the tide")),
        ({"token_level": "word"}, "the tide ", ["the", "tide"]),
        ({"token_level": "word", "normalize": "letters"}, "The tide, ", ["the", "tide"]),
    ],
)
def test_a_space_at_a_prefixs_end_is_kept_for_letters_because_a_word_begins_after_it(
    service, store, text_id, settings, text, tokens
):
    run = store.create(tiny_config(corpus=text_id, **settings), "Mine")
    assert service.prefix(run, text) == tokens


def test_what_is_written_after_the_space_differs_from_what_is_written_before_it(service, train):
    run, last = train(normalize="letters", epochs=3)
    first = [next(service.write(run, last, text, SHORT)).likeliest for text in ("tide", "tide ", "tide  ")]
    assert first[0] != first[1]
    assert first[1] == first[2]


# what is kept ------------------------------------------------------------------------------------------------


def counted(monkeypatch, name: str) -> list:
    calls, plain = [], getattr(module, name)
    monkeypatch.setattr(module, name, lambda *a, **k: [calls.append(a), plain(*a, **k)][1])
    return calls


def test_a_score_is_counted_once_a_checkpoint(service, store, train, monkeypatch):
    calls = counted(monkeypatch, "accuracy")
    run, last = train(some_text(600), epochs=2)
    first = store.checkpoints(run.id)[0]
    scores = [service.score(run, checkpoint) for checkpoint in (first, last, first, last)]
    assert len(calls) == 2
    assert scores[:2] == scores[2:]
    service.score(replace(run, revision=run.revision + 1), last)  # a resumed run's weights may be others
    assert len(calls) == 3


def test_a_leak_is_looked_for_once_a_sentence(service, train, monkeypatch):
    calls = counted(monkeypatch, "leak")
    run, last = train(**TRAP)
    result = service.leak(run, last, "brass")
    assert service.leak(run, last, "brass") is result
    assert service.leak(run, last, "clock") is not result
    assert service.leak(replace(run, revision=run.revision + 1), last, "brass") is not result
    assert len(calls) == 3


@pytest.mark.parametrize("held_out", [0.0, 0.01])
def test_without_text_that_was_held_out_there_is_no_score(service, train, held_out):
    assert service.score(*train(held_out=held_out)) is None


def test_when_its_text_was_deleted_there_is_no_score_but_everything_else(service, store, train):
    run, last = train()
    for file in store.library.directory.iterdir():
        file.unlink()
    assert service.score(run, last) is None
    assert len(list(service.write(run, last, SENTENCE, SHORT))) == SHORT.length
    assert service.fill(run, last, "t_de").blanks == (1,)


def test_a_long_text_is_scored_on_its_first_held_out_tokens(service, train, monkeypatch):
    monkeypatch.setattr(module, "SCORED", 40)
    assert service.score(*train(some_text(600))).of == 38
