"""d2l's rows and the quick look, as data."""

import math
import re

import pytest

from playground.config import flatten, from_flat, with_clipping
from playground.errors import ConfigError
from playground.presets import PRESETS, preset, preset_in, recognise
from playground.text.corpora import CorpusLibrary
from playground.text.prepare import prepare, require_enough
from playground.training.control import RunControl
from playground.training.events import EpochDone
from playground.training.trainer import Trainer


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_a_config_and_survives_the_way_through_a_url(name):
    config = preset(name)
    assert from_flat({key: str(value) for key, value in flatten(config).items()}) == config
    assert {key: flatten(config)[key] for key in PRESETS[name]} == dict(PRESETS[name])


@pytest.mark.parametrize("name", [name for name in PRESETS if name.startswith("d2l")])
def test_d2l_rows_share_the_books_data_and_batches(name):
    config = preset(name)
    assert (config.corpus.corpus, config.corpus.normalize) == ("time_machine", "letters")
    assert (config.corpus.max_tokens, config.corpus.held_out) == (10_000, 0.0)
    assert (config.train.batch_size, config.train.num_steps, config.train.max_grad_norm) == (32, 35, 1.0)
    assert (config.model.hidden_size, config.model.input, config.train.sampling) == (
        256,
        "one-hot",
        "sequential",
    )


def test_only_the_bidirectional_row_is_the_trap():
    assert [name for name in PRESETS if preset(name).is_trap] == ["d2l_bilstm", "trap", "trap_zh"]


def test_the_scoreboards_network_reads_the_whole_book_but_its_last_tenth(time_machine):
    config = preset("beat_5gram")
    assert (config.corpus.corpus, config.corpus.max_tokens, config.corpus.held_out) == (
        "time_machine",
        None,
        0.1,
    )
    assert config.can_write
    text = prepare(time_machine, config.corpus)
    assert (len(text.train), len(text.heldout), len(text.vocab)) == (156_085, 17_342, 28)
    require_enough(text.name, len(text.train), config.train)


def test_the_race_differs_from_d2l_in_its_optimiser_alone():
    ours, book = flatten(preset("d2l_quick")), flatten(preset("d2l_lstm"))
    assert {key for key in ours if ours[key] != book[key]} == {"optimizer", "lr", "epochs"}


def test_the_quick_look_needs_no_download_and_holds_text_out(tmp_path):
    config = preset("quick")
    text = prepare(CorpusLibrary(tmp_path).load(config.corpus.corpus), config.corpus)
    require_enough(text.name, len(text.train), config.train)
    assert len(text.heldout) > 1_000
    assert "<unk>" not in text.vocab.decode(text.vocab.encode(config.train.sample_prefix))


@pytest.mark.parametrize(("name", "marks"), [("quote_cell", '"'), ("quote_cell_zh", "“”")])
def test_what_grows_a_quote_cell_needs_no_download_and_sees_most_speeches_whole(tmp_path, name, marks):
    config = preset(name)
    corpus = CorpusLibrary(tmp_path).load(config.corpus.corpus)
    text = prepare(corpus, config.corpus)
    require_enough(text.name, len(text.train), config.train)
    assert set(marks) <= set(text.vocab.tokens)
    speeches = sorted(len(speech) for speech in re.findall(r'"[^"]*"|“[^”]*”', corpus.text))
    assert speeches[len(speeches) * 3 // 4] < config.train.num_steps  # no gradient reaches further back


def test_what_grows_a_quote_cell_is_read_in_the_readers_language():
    english, chinese = preset_in("quote_cell", "en"), preset_in("quote_cell", "zh")
    assert (english.corpus.corpus, chinese.corpus.corpus) == ("mallow_quay", "liuwan_dukou")
    assert recognise(chinese, ["quick", "quote_cell"], "zh") == "quote_cell"


@pytest.mark.parametrize("seed", [0, 1])
def test_without_clipping_the_preset_explodes_and_its_clipped_twin_learns(tmp_path, seed):
    """Ten of its forty epochs: each half takes about a second and a half."""
    free = from_flat(
        flatten(preset("explodes")) | {"epochs": 10, "sample_every": 0, "seed": seed, "stop_exploded": False}
    )
    text = prepare(CorpusLibrary(tmp_path).load(free.corpus.corpus), free.corpus)
    losses = {
        limit: [
            event.train_loss
            for event in Trainer(with_clipping(free, limit), text).run(RunControl())
            if isinstance(event, EpochDone)
        ]
        for limit in (None, 1.0)
    }
    guessing = math.log(len(text.vocab))
    assert max(losses[None]) > guessing + 1  # worse than guessing by far, and every number finite
    assert len(losses[None]) == 10
    assert max(losses[1.0]) < guessing
    assert losses[1.0][-1] < losses[1.0][0]


def test_a_preset_that_does_not_exist_is_told_with_those_that_do():
    with pytest.raises(ConfigError, match=r"no preset called nothing.*d2l_rnn"):
        preset("nothing")


def test_presets_cannot_be_changed_by_accident():
    with pytest.raises(TypeError):
        PRESETS["quick"] = {}
