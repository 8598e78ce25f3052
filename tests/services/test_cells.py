"""A run's units and what they follow, from the run to the finding; traces are made once and can go."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from playground.config import Surgery, WriteConfig, parse_surgery
from playground.errors import ConfigError, CorpusError, StoreError
from playground.inference import held_units
from playground.inference.unit_scores import parts_of
from playground.models.gates import trace_gates
from playground.records import FIRST_LAYER, LayerPlace, RunStatus
from playground.services import corpus_traces, formations
from playground.services.cells import CellService
from playground.services.checkpoints import CheckpointCache
from playground.services.surgery import MOST_WRITTEN, SurgeryService
from playground.services.text import TextService
from playground.store.trace_files import TraceFiles
from playground.text.own_annotations import OwnIdea
from tests.helpers import some_text, tiny_config

SHORT = WriteConfig(length=30, temperature=0.8)


@pytest.fixture
def service(store) -> CellService:
    return CellService(CheckpointCache(store))


@pytest.fixture
def theatre(service) -> SurgeryService:
    return SurgeryService(service.traces.checkpoints, service)


@pytest.fixture
def train(store, make_manager):
    """Trains a small run on a text that is long enough; gives it with its newest checkpoint."""

    def call(text: str | None = None, **settings: object):
        corpus = store.library.add("Another", text or some_text(3_000)).id
        manager = make_manager()
        config = tiny_config(**{"corpus": corpus, "sample_every": 0, "epochs": 2, "num_steps": 20} | settings)
        run = manager.wait(manager.start(config).id, 60)
        assert run.status is RunStatus.FINISHED
        return run, store.newest_checkpoint(run.id)

    return call


def calls(monkeypatch):
    """How often a text is read."""
    made, read = [], corpus_traces.trace_corpus
    monkeypatch.setattr(corpus_traces, "trace_corpus", lambda *a, **k: made.append(1) or read(*a, **k))
    return made


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"num_layers": 2},
        {"bidirectional": True, "num_layers": 2},
        {"bidirectional": True, "objective": "masked"},
    ],
    ids=str,
)
def test_a_trace_is_the_whole_text_as_the_network_read_it(service, train, cell, more):
    run, checkpoint = train(cell=cell, **more)
    weights, vocab = (
        service.traces.checkpoints.weights(run, checkpoint),
        service.traces.checkpoints.vocab(run),
    )
    for layer in range(more.get("num_layers", 1)):
        for way in range(1 + bool(more.get("bidirectional"))):
            trace = service.trace(run, checkpoint, LayerPlace(layer, way))
            assert "".join(trace.text(0, trace.count)) == some_text(3_000)
            assert (trace.count, trace.of, trace.trained) == (3_000, 3_000, 2_700)
            exact = trace_gates(weights, run.config.model, vocab.ids(some_text(3_000))).layers[layer][way]
            for name, values in trace.values.items():
                assert_allclose(values.T, exact.shown[name], atol=2e-3 + 2 * trace.seam)


def test_a_text_is_read_once_a_checkpoint_and_found_on_the_disk_by_the_next_program(
    service, train, store, monkeypatch
):
    run, checkpoint = train()
    made = calls(monkeypatch)
    first = service.trace(run, checkpoint)
    service.find(run, checkpoint)
    assert len(made) == 1
    again = CellService(CheckpointCache(store)).trace(run, checkpoint)
    assert len(made) == 1
    for name, values in first.values.items():
        assert_array_equal(again.values[name], values)
    assert again.seam == first.seam


def test_a_trace_that_is_damaged_or_gone_is_made_anew(service, train, store, monkeypatch):
    run, checkpoint = train()
    service.trace(run, checkpoint)
    (file,) = (store.directory / "cache" / "traces" / run.id).glob("*.npy")
    made = calls(monkeypatch)
    for damage in (
        lambda: file.write_bytes(file.read_bytes()[:500]),
        file.unlink,
        lambda: file.with_suffix(".json").write_text("["),
    ):
        damage()
        CellService(CheckpointCache(store)).trace(run, checkpoint)
        assert made.pop()


def test_where_the_disk_has_no_room_a_trace_is_kept_in_memory_and_says_how_much_it_read(
    train, store, monkeypatch
):
    run, checkpoint = train()
    monkeypatch.setattr(store.space, "free", lambda: store.space.least)
    monkeypatch.setattr(corpus_traces, "MEMORY_BYTES", 2 * 6 * 8 * 1_500)  # LSTM: i f g o c h
    trace = CellService(CheckpointCache(store)).trace(run, checkpoint)
    assert (trace.count, trace.of) == (1_500, 3_000)
    assert not list(store.directory.glob("cache/traces/*/*"))


def test_a_long_text_is_read_as_far_as_the_limit_allows(train, store):
    run, checkpoint = train()
    traces = corpus_traces.CorpusTraces(CheckpointCache(store), trace_bytes=2 * 6 * 8 * 2_000)
    trace = traces.trace(run, checkpoint)
    assert (trace.count, trace.of) == (2_000, 3_000)


def test_all_traces_together_stay_within_their_limit_and_a_deleted_runs_go(train, store):
    runs = [train(seed=seed) for seed in range(3)]
    size = 2 * 6 * 8 * 3_000
    service = CellService(CheckpointCache(store))
    service.traces._files = TraceFiles(store.directory, store.space, most=int(2.5 * size))
    for run, checkpoint in runs:
        service.trace(run, checkpoint)
    kept = {file.parent.name for file in store.directory.glob("cache/traces/*/*.npy")}
    assert kept == {run.id for run, _checkpoint in runs[1:]}  # what was used longest ago went
    store.delete(runs[2][0].id)
    assert {file.parent.name for file in store.directory.glob("cache/traces/*/*")} == {runs[1][0].id}


def test_a_text_that_is_gone_or_too_short_is_told(service, train, store):
    run, checkpoint = train()
    store.library.remove(run.config.corpus.corpus)
    with pytest.raises(CorpusError, match=r"The text of the run .* is gone"):
        service.find(run, checkpoint)
    short, checkpoint = train(some_text(900))
    with pytest.raises(ConfigError, match="has 900 tokens; at least 1,000 are needed"):
        service.find(short, checkpoint)


def test_what_is_kept_of_a_text_that_is_gone_is_not_shown(service, theatre, train, store):
    """Nobody can say any more whose it was, and who may read it."""
    run, checkpoint = train()
    place = FIRST_LAYER
    service.find(run, checkpoint)
    theatre.effects(run, checkpoint, parse_surgery("h1=0", run.config.model))
    for file in store.library.directory.glob(f"{run.config.corpus.corpus}*"):
        file.unlink()
    asked = [
        lambda: service.trace(run, checkpoint),
        lambda: service.annotations(run, checkpoint),
        lambda: service.passage(run, checkpoint, place, "space"),
        lambda: service.match(run, checkpoint, place, "h", 5, 9, 0.0),
        lambda: theatre.effects(run, checkpoint, parse_surgery("h2=0", run.config.model)),
    ]
    for ask in asked:
        with pytest.raises(CorpusError, match="is gone"):
            ask()


def test_the_loss_table_reads_the_whole_text_where_the_trace_does_not(train, store):
    run, checkpoint = train(held_out=0.4)
    cells = CellService(CheckpointCache(store))
    cells.traces = corpus_traces.CorpusTraces(CheckpointCache(store), trace_bytes=2 * 6 * 8 * 1_200)
    effects = SurgeryService(cells.traces.checkpoints, cells).effects(
        run, checkpoint, parse_surgery("h1=mean", run.config.model)
    )
    assert cells.trace(run, checkpoint).count == 1_200
    assert effects.is_held_out
    assert 1_190 < effects.tokens < 1_200


def test_a_moment_that_cannot_be_read_leaves_the_others(service, train, store):
    run, checkpoint = train(epochs=3, hidden_size=24)
    finding = next(f for f in service.find(run, checkpoint) if f.best)
    first, *others = store.checkpoints(run.id)
    (store.run_directory(run.id) / first.weights_file).unlink()
    points = service.formation(run, finding)
    assert [point.epoch for point in points] == [each.epoch for each in others]


def test_a_person_s_own_idea_is_found_and_checked_like_any_other(service, train):
    run, checkpoint = train(epochs=8, hidden_size=24)
    idea = OwnIdea("regex", "before a k", "[a-z](?=k)")
    own, *others = service.find(run, checkpoint, own=(idea,))
    assert own.is_own
    assert own.title == "before a k"
    assert others == list(service.find(run, checkpoint))
    if own.best is not None:
        assert service.check(run, checkpoint, own, own=(idea,)) is not None
    with pytest.raises(ConfigError):
        service.find(run, checkpoint, own=(OwnIdea("regex", "x", "("),))


def test_what_somebody_has_found_is_known_at_once_and_nothing_else_is(service, train):
    run, checkpoint = train()
    assert service.known(run, checkpoint) is None
    findings = service.find(run, checkpoint)
    assert service.known(run, checkpoint) == findings


@pytest.mark.parametrize(
    "more", [{"bidirectional": True}, {"bidirectional": True, "objective": "masked"}], ids=str
)
def test_a_network_that_does_not_predict_the_next_token_is_found_in_but_not_cut(
    service, theatre, train, more
):
    run, checkpoint = train(**more)
    for way in (0, 1):
        finding = next(f for f in service.find(run, checkpoint, LayerPlace(0, way)) if f.best)
        assert service.check(run, checkpoint, finding, LayerPlace(0, way)) is None
    with pytest.raises(ConfigError, match="does not predict the next token"):
        theatre.effects(run, checkpoint, Surgery())


def test_how_a_unit_came_to_follow_something_has_a_point_a_checkpoint_and_ends_at_what_was_found(
    service, train, store
):
    run, checkpoint = train(epochs=4, hidden_size=24)
    finding = next(f for f in service.find(run, checkpoint) if f.verdict == "followed")
    points = service.formation(run, finding)
    assert [point.epoch for point in points] == [c.epoch for c in store.checkpoints(run.id)]
    assert points[-1].score == pytest.approx(finding.strength, abs=1e-3)  # the text is short: read whole
    assert points[-1].chance == pytest.approx(finding.chance, abs=1e-3)
    assert all(0 <= point.best <= 1 and not math.isnan(point.score) for point in points)


def test_what_is_pasted_for_a_whole_text_is_read_where_its_end_alone_is(service, train, monkeypatch):
    monkeypatch.setattr(formations, "TOKENS", 1_500)
    run, checkpoint = train(some_text(4_000), epochs=3, hidden_size=24)
    long = OwnIdea("csv", "every third", "\n".join("001"[i % 3] for i in range(4_000)))
    findings = service.find(run, checkpoint, own=(long,))
    scored = parts_of(4_000)[1].start
    assert scored <= 4_000 - 1_500 // 3  # by what the curve is scored on, nothing was chosen
    for finding in findings:
        if finding.best is not None:
            assert len(service.formation(run, finding, own=(long,))) == 4


def test_an_idea_that_was_refused_is_not_searched_again(service, train, monkeypatch):
    run, checkpoint = train()
    searched, search = [], corpus_traces.own_annotation
    monkeypatch.setattr(corpus_traces, "own_annotation", lambda *a: searched.append(1) or search(*a))
    for _look in range(3):
        with pytest.raises(ConfigError, match="cannot be read"):
            service.find(run, checkpoint, own=(OwnIdea("regex", "x", "("),))
    assert searched == [1]


def test_the_layers_below_are_read_from_files_that_are_gone_afterwards(service, train, store):
    run, checkpoint = train(num_layers=3)
    service.trace(run, checkpoint, LayerPlace(2, 0))
    assert [file.suffix for file in sorted((store.directory / "cache" / "traces").glob("*/*"))] == [
        ".json",
        ".npy",
    ]
    assert not list((store.directory / "cache" / "traces").glob("*.part"))


def test_a_trace_of_another_format_is_made_anew(service, train, store, monkeypatch):
    run, checkpoint = train()
    service.trace(run, checkpoint)
    made = calls(monkeypatch)
    monkeypatch.setattr(corpus_traces, "FORMAT", corpus_traces.FORMAT + 1)
    CellService(CheckpointCache(store)).trace(run, checkpoint)
    assert made


def test_a_network_too_large_to_be_checked_in_time_is_not(service, train, monkeypatch):
    run, checkpoint = train(epochs=3, hidden_size=24)
    finding = next(f for f in service.find(run, checkpoint) if f.best)
    assert service.can_check(run)
    assert service.check(run, checkpoint, finding) is not None
    monkeypatch.setattr(held_units, "_MOST_WORK", 1)
    assert not service.can_check(run)


def test_a_passage_shows_what_it_is_asked_for(service, train):
    run, checkpoint = train()
    start, stop = service.passage(run, checkpoint, FIRST_LAYER, "space", length=60)
    text = "".join(service.trace(run, checkpoint).text(start, stop))
    assert stop - start == 60
    assert " " in text
    assert service.passage(run, checkpoint, FIRST_LAYER, "no such idea") == (2_000, 2_160)


def test_a_marked_stretch_is_found_elsewhere_by_name_of_its_quantity(service, train):
    run, checkpoint = train()
    found = service.match(run, checkpoint, FIRST_LAYER, "h", 100, 104, 0.0)
    assert found.quantity == "h"
    assert all(match.stop - match.start == 4 for match in found.found)
    assert not any(96 < match.start < 104 for match in found.found)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_nothing_done_writes_the_same_text_and_costs_nothing(service, theatre, train, cell):
    run, checkpoint = train(cell=cell)
    plain = list(TextService(service.traces.checkpoints).write(run, checkpoint, "tide ", SHORT))
    assert theatre.write(run, checkpoint, "tide ", SHORT, Surgery()) == plain
    effects = theatre.effects(run, checkpoint, Surgery())
    assert all(loss.change == 0 for loss in effects.classes)
    assert effects.changed == ()


def test_a_held_unit_costs_what_its_class_needs_it_for(service, theatre, train):
    run, checkpoint = train(epochs=8, hidden_size=16, held_out=0.4)
    everything = parse_surgery("h*=0", run.config.model)
    effects = theatre.effects(run, checkpoint, everything)
    losses = {loss.name: loss for loss in effects.classes}
    assert effects.is_held_out
    assert losses["all"].after > losses["all"].before + 0.2
    assert losses["all"].tokens == effects.tokens == losses["space"].tokens + losses["not space"].tokens
    assert len(effects.changed) == 20
    # with h = 0 throughout, every prediction is the head's bias alone
    bias = service.traces.checkpoints.weights(run, checkpoint)["head.bias"].astype(np.float64)
    p = np.exp(bias - bias.max()) / np.exp(bias - bias.max()).sum()
    vocab = service.traces.checkpoints.vocab(run)
    for change in effects.changed:
        assert change.after == pytest.approx(p[vocab.ids([change.token])[0]], rel=1e-4)


def test_a_unit_held_at_its_mean_is_held_at_its_mean_over_the_text(service, theatre, train):
    run, checkpoint = train()
    mean = float(service.trace(run, checkpoint).values["h"][3].mean(dtype=np.float64))
    by_word = theatre.write(run, checkpoint, "tide ", SHORT, parse_surgery("h3=mean", run.config.model))
    by_number = theatre.write(
        run, checkpoint, "tide ", SHORT, parse_surgery(f"h3={mean!r}", run.config.model)
    )
    assert [t.id for t in by_word] == [t.id for t in by_number]
    assert [t.bits for t in by_word] == pytest.approx([t.bits for t in by_number])


def test_another_sentences_state_makes_a_text_go_on_from_that_sentence(theatre, train):
    run, checkpoint = train(cell="lstm", epochs=6)
    swapped = parse_surgery("h*=donor, c*=donor", run.config.model, start=4, donor="brass lamp ")
    mine = theatre.write(run, checkpoint, "tide ", SHORT, swapped)
    theirs = theatre.write(run, checkpoint, "brass lamp ", SHORT, Surgery())
    assert [t.token for t in mine] == [t.token for t in theirs]
    with pytest.raises(ConfigError, match="put in once"):
        theatre.effects(run, checkpoint, swapped)


def test_a_text_too_long_to_be_compared_is_told_with_the_figures(theatre, train):
    run, checkpoint = train()
    with pytest.raises(ConfigError, match=f"{MOST_WRITTEN + 1:,} tokens is too long"):
        theatre.write(run, checkpoint, "tide", WriteConfig(length=MOST_WRITTEN + 1), Surgery())


def test_states_beyond_what_a_number_holds_are_told(service, train, store):
    run, checkpoint = train(cell="rnn", nonlinearity="relu")
    weights = service.traces.checkpoints.weights(run, checkpoint)
    weights["rnn.weight_hh_l0"][:] = 3.0
    weights["rnn.bias_hh_l0"][:] = 1.0
    with pytest.raises(StoreError, match="grow beyond what is kept of them"):
        service.trace(run, replace(checkpoint))
