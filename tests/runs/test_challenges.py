"""Challenges of a class: who makes them, what is measured when, and who sees what."""

import math
import threading

import pytest

from playground.access import Sharing
from playground.config import ChallengeLimits, CorpusConfig
from playground.errors import (
    ChallengeEnded,
    ChallengeNotFound,
    ConfigError,
    CorpusError,
    LimitReached,
    NotAllowed,
    StoreBusy,
)
from playground.records import MACHINE, Exclusion, RunStatus, TrainingFacts
from playground.runs.challenge_rules import refusal
from playground.runs.challenges import Challenges
from playground.runs.deletions import Deletions
from playground.training.events import EpochDone, Finished, Started
from tests.helpers import Clock, some_text, tiny_config
from tests.people import ALI, MEI, TEACHER

FREE = ChallengeLimits(most_parameters=None, most_minutes=None)
FACTS = TrainingFacts("cpu", "a cpu", 1, "2.13.0", 321, 18, 4, 160, 40)


@pytest.fixture
def class_of(class_of):
    """The same, whose boards are worked out anew at each look."""

    def make(**settings):
        server = class_of(**settings)
        server.challenges = Challenges(server.manager.store, server.classroom, clock=Clock(each_look=2.0))
        return server

    return make


@pytest.fixture
def server(class_of):
    return class_of()


def begin(server, text_id, limits=FREE, **data):
    teacher = server.classroom.person(TEACHER)
    return server.challenges.make(teacher, "Rain", CorpusConfig(corpus=text_id, **data), limits)


def enter(server, challenge, owner=MEI, **settings) -> str:
    """A run of a challenge that nobody trains, so that a test tells what it measures."""
    config = tiny_config(corpus=challenge.corpus.corpus, **settings)
    id = server.manager.store.create(config, "Mine", owner, challenge.id).id
    server.manager.store.append(id, [Started(FACTS)])
    return id


def measure(server, id, *points):
    """Tell perplexities and the training seconds at which they were measured."""
    done = len(server.manager.store.epoch_rows(id))
    server.manager.store.append(
        id, [EpochDone(done + n, 4 * (done + n), 2.0, math.log(p), s) for n, (p, s) in enumerate(points, 1)]
    )


def board(server, challenge, who=MEI):
    return server.challenges.board(server.classroom.person(who), challenge.id)


def test_only_a_teacher_makes_lists_and_ends_one(server, text_id):
    challenge = begin(server, text_id)
    for who in (MEI, None):
        person = server.classroom.person(who)
        for act in (
            lambda p: server.challenges.make(p, "", CorpusConfig(corpus=text_id), FREE),
            lambda p: server.challenges.end(p, challenge.id),
            server.challenges.all,
        ):
            with pytest.raises(NotAllowed, match="Only the teacher"):
                act(person)
    assert server.challenges.get(challenge.id).is_open
    server.challenges.end(MACHINE, challenge.id)
    assert not server.challenges.get(challenge.id).is_open


def test_it_is_kept_as_it_was_made(server, text_id):
    limits = ChallengeLimits(most_parameters=2_000, most_minutes=1.5)
    made = begin(server, text_id, limits, token_level="word", held_out=0.25)
    kept = server.challenges.get(made.id)
    assert kept == made and (kept.most_parameters, kept.most_seconds) == (2_000, 90.0)
    assert kept.corpus == CorpusConfig(corpus=text_id, token_level="word", held_out=0.25)
    unnamed = server.challenges.make(MACHINE, " ", CorpusConfig(corpus=text_id), FREE)
    assert unnamed.title == "Some text"
    assert [c.id for c in server.challenges.all(MACHINE)] == [unnamed.id, made.id]


def test_a_run_is_measured_by_its_own_seconds_and_keeps_its_best_in_time(server, text_id):
    challenge = begin(server, text_id, ChallengeLimits(most_parameters=None, most_minutes=1))
    id = enter(server, challenge)
    assert board(server, challenge).lines[0].rank is None
    measure(server, id, (9, 10), (6, 30), (7, 40), (5, 60), (2, 60.1))
    (line,) = board(server, challenge).lines
    assert (line.rank, line.best.perplexity, line.best.seconds) == (1, "5.00", 60.0)
    assert (line.best.parameters, line.best.network, line.best.id) == (321, "LSTM 8", id)


def test_what_is_measured_after_the_end_does_not_count_and_no_run_begins(server, text_id):
    challenge = begin(server, text_id)
    id, unmeasured = enter(server, challenge), enter(server, challenge, ALI)
    measure(server, id, (9, 10))
    server.challenges.end(MACHINE, challenge.id)
    measure(server, id, (4, 20))
    measure(server, unmeasured, (4, 20))
    told = board(server, challenge)
    assert not told.is_open and [line.best.perplexity for line in told.lines] == ["9.00"]
    assert [(e.run.id, e.why) for e in told.excluded] == [(unmeasured, Exclusion.ENDED)]
    with pytest.raises(ChallengeEnded, match="has ended"):
        server.runs_of(MEI).start(tiny_config(corpus=text_id), challenge=challenge.id)
    with pytest.raises(ChallengeEnded):
        server.manager.store.create(tiny_config(corpus=text_id), "Late", MEI, challenge.id)
    assert len(server.manager.store.all()) == 2


def test_a_measurement_outlives_a_thinned_curve_and_a_resume(server, text_id):
    challenge = begin(server, text_id)
    id = enter(server, challenge)
    measure(server, id, (3, 10), (8, 20))
    server.manager.store.set_status(id, RunStatus.INTERRUPTED)
    server.manager.store.rewind(id)
    measure(server, id, (8, 5))
    assert board(server, challenge).lines[0].best.perplexity == "3.00"


def test_a_loss_that_is_no_number_is_no_measurement(server, text_id):
    challenge = begin(server, text_id)
    id = enter(server, challenge)
    server.manager.store.append(
        id, [EpochDone(1, 4, 2.0, math.inf, 1.0), EpochDone(2, 8, 2.0, math.nan, 2.0)]
    )
    assert board(server, challenge).lines[0].best.loss is None


def test_a_run_that_was_not_started_in_it_is_none_of_its(server, text_id):
    challenge = begin(server, text_id)
    id = server.manager.store.create(tiny_config(corpus=text_id), "Beside", MEI).id
    measure(server, id, (1.5, 1))
    assert board(server, challenge).lines == ()


def test_what_does_not_count_stands_below_with_its_reason(server, text_id):
    challenge = begin(server, text_id, held_out=0.1)
    trap = enter(server, challenge, bidirectional=True)
    other = enter(server, challenge, ALI, held_out=0.5)
    for id in (trap, other):
        measure(server, id, (1.1, 1))
    told = board(server, challenge)
    assert told.lines == ()
    assert {(e.run.id, e.why, e.is_own) for e in told.excluded} == {
        (trap, Exclusion.TRAP, True),
        (other, Exclusion.HELD_OUT, False),
    }


def test_a_real_run_is_started_measured_and_ranked(server, text_id):
    challenge = begin(server, text_id)
    run = server.runs_of(MEI).start(tiny_config(corpus=text_id, epochs=2), challenge=challenge.id)
    ended = server.manager.wait(run.id, 60)
    (line,) = board(server, challenge).lines
    best = min(row["heldout_loss"] for row in server.manager.store.epoch_rows(run.id))
    assert ended.status is RunStatus.FINISHED and line.best.loss == best
    assert line.best.parameters == ended.facts.parameters and line.is_own


def test_a_network_that_is_too_large_is_refused_and_what_is_told_to_fit_starts(server, text_id):
    challenge = begin(server, text_id, ChallengeLimits(most_parameters=3_000, most_minutes=None))
    config = tiny_config(corpus=text_id, hidden_size=64, epochs=1)
    with pytest.raises(LimitReached, match="3,000") as refused:
        server.runs_of(MEI).start(config, challenge=challenge.id)
    assert str(refusal(challenge, config)) == str(refused.value)
    assert server.manager.store.all() == []
    fitting = tiny_config(corpus=text_id, hidden_size=refused.value.params["hidden"], epochs=1)
    assert refusal(challenge, fitting) is None
    run = server.runs_of(MEI).start(fitting, challenge=challenge.id)
    assert server.manager.wait(run.id, 60).facts.parameters <= 3_000


def test_an_unknown_one_is_told_and_no_run_begins(server, text_id):
    with pytest.raises(ChallengeNotFound):
        server.runs_of(MEI).start(tiny_config(corpus=text_id), challenge="nothing")
    with pytest.raises(ChallengeNotFound):
        server.manager.store.create(tiny_config(corpus=text_id), "Mine", MEI, "nothing")
    for look in (
        lambda: server.challenges.board(MACHINE, "nothing"),
        lambda: server.challenges.end(MACHINE, "x"),
    ):
        with pytest.raises(ChallengeNotFound):
            look()
    assert server.manager.store.all() == []


def test_nothing_is_held_out_or_not_shared_is_refused_with_a_way_out(server):
    own = server.runs_of(TEACHER).texts
    text = own.add("Mine", some_text(300)).id
    with pytest.raises(ConfigError, match="Share it"):
        begin(server, text)
    own.share(text, True)
    with pytest.raises(ConfigError, match="Hold a part"):
        begin(server, text, held_out=0.0)
    assert begin(server, text).title == "Rain"


def test_where_runs_are_private_the_board_has_names_and_figures_and_no_way_to_others_runs(class_of, text_id):
    server = class_of(sharing=Sharing.PRIVATE.value)
    server.classroom.rename(server.classroom.person(MEI), "Mei")
    challenge = begin(server, text_id)
    id = enter(server, challenge)
    measure(server, id, (4, 9))
    seen = {who: board(server, challenge, who).lines[0] for who in (MEI, ALI, TEACHER, None)}
    assert {line.owner.name for line in seen.values()} == {"Mei"}
    assert {line.best.perplexity for line in seen.values()} == {"4.00"}
    assert {who: line.best.id for who, line in seen.items()} == {MEI: id, TEACHER: id, ALI: None, None: None}
    assert {who: line.is_own for who, line in seen.items()} == {
        MEI: True,
        TEACHER: False,
        ALI: False,
        None: False,
    }


def test_a_deleted_run_leaves_the_board_and_comes_back_with_an_undo(server, text_id):
    challenge = begin(server, text_id)
    id = enter(server, challenge)
    measure(server, id, (4, 9))
    server.manager.store.append(id, [Finished(RunStatus.FINISHED, 4, 1.0, 9.0)])
    Deletions(server.manager.store).delete(id)
    assert board(server, challenge).lines == ()
    server.manager.store.bring_back(id)
    assert len(board(server, challenge).lines) == 1
    server.manager.store.delete(id)
    assert server.manager.store.challenges.entries(challenge.id) == []


def test_the_board_of_an_ended_one_outlives_its_runs_and_names_are_those_of_now(server, text_id):
    server.classroom.rename(server.classroom.person(MEI), "Mei")
    challenge = begin(server, text_id)
    winner, other, trap = (
        enter(server, challenge),
        enter(server, challenge, ALI),
        enter(server, challenge, ALI, bidirectional=True),
    )
    for id, perplexity in ((winner, 4), (other, 6), (trap, 1.1)):
        measure(server, id, (perplexity, 9))
        server.manager.store.append(id, [Finished(RunStatus.FINISHED, 4, 1.0, 9.0)])
    server.challenges.end(MACHINE, challenge.id)
    before = board(server, challenge)
    server.classroom.rename(server.classroom.person(MEI), "Mei Li")
    Deletions(server.manager.store).delete(winner)
    for id in (other, trap):
        server.manager.store.delete(id)
    after = board(server, challenge)
    assert [(line.rank, line.best.perplexity) for line in after.lines] == [(1, "4.00"), (2, "6.00")]
    assert [(line.owner.name, line.is_own) for line in after.lines] == [("Mei Li", True), ("", False)]
    assert [line.best.id for line in before.lines] == [winner, other]
    assert [line.best.id for line in after.lines] == [None, None]
    assert [(told.why, told.run.id) for told in after.excluded] == [(Exclusion.TRAP, None)]
    server.manager.store.bring_back(winner)
    assert board(server, challenge).lines[0].best.id == winner


def test_a_kept_board_that_is_damaged_is_worked_out_anew(server, text_id):
    challenge = begin(server, text_id)
    id = enter(server, challenge)
    measure(server, id, (4, 9))
    server.challenges.end(MACHINE, challenge.id)
    for damaged in ("{", '{"lines": [{"rank": 1}], "excluded": []}', "[]", 7, None):
        with server.manager.store._database.write() as db:
            db.execute("UPDATE challenges SET board = ? WHERE id = ?", (damaged, challenge.id))
        assert [line.best.id for line in board(server, challenge).lines] == [id]


def test_ending_an_ended_one_again_keeps_its_board(server, text_id):
    challenge = begin(server, text_id)
    id = enter(server, challenge)
    measure(server, id, (4, 9))
    server.manager.store.append(id, [Finished(RunStatus.FINISHED, 4, 1.0, 9.0)])
    server.challenges.end(MACHINE, challenge.id)
    server.manager.store.delete(id)
    server.challenges.end(MACHINE, challenge.id)
    assert [line.best.perplexity for line in board(server, challenge).lines] == ["4.00"]


def test_the_open_challenge_of_a_run_is_known_until_it_ends(server, text_id):
    challenge = begin(server, text_id)
    id = enter(server, challenge)
    beside = server.manager.store.create(tiny_config(corpus=text_id), "Beside", MEI).id
    assert server.challenges.open_of(id) == challenge and server.challenges.open_of(beside) is None
    server.challenges.end(MACHINE, challenge.id)
    assert server.challenges.open_of(id) is None


def test_a_board_is_worked_out_once_a_second_however_many_look(server, text_id, monkeypatch):
    clock = Clock()
    challenges = Challenges(server.manager.store, server.classroom, clock=clock)
    challenge = begin(server, text_id)
    looks = []
    entries = server.manager.store.challenges.entries
    monkeypatch.setattr(
        server.manager.store.challenges, "entries", lambda wanted: looks.append(wanted) or entries(wanted)
    )
    for who in (MEI, ALI, TEACHER) * 10:
        challenges.board(server.classroom.person(who), challenge.id)
    assert len(looks) == 1
    clock.now += 1.0
    challenges.board(MACHINE, challenge.id)
    assert len(looks) == 2
    challenges.end(MACHINE, challenge.id)
    assert not challenges.board(MACHINE, challenge.id).is_open


def test_a_damaged_challenge_costs_nothing_but_itself(server, text_id):
    sound, damaged = begin(server, text_id), begin(server, text_id)
    with server.manager.store._database.write() as db:
        db.execute("UPDATE challenges SET corpus = '{' WHERE id = ?", (damaged.id,))
    assert [c.id for c in server.challenges.all(MACHINE)] == [sound.id]
    for look in (server.challenges.get, lambda broken: server.challenges.board(MACHINE, broken)):
        with pytest.raises(ChallengeNotFound):
            look(damaged.id)


def test_the_text_of_an_open_challenge_stays_and_stays_shared(server):
    mei = server.runs_of(MEI).texts
    id = mei.add("Mei's rain", some_text(600, seed=5)).id
    mei.share(id, True)
    challenge = begin(server, id)
    for refused in (
        lambda: mei.share(id, False),
        lambda: mei.remove(id),
        lambda: server.manager.store.remove_text(id),
    ):
        with pytest.raises(CorpusError, match=r"the challenge 'Rain' is on it\. End the challenge first"):
            refused()
    assert server.runs_of(ALI).texts.load(id).title == "Mei's rain"
    server.challenges.end(MACHINE, challenge.id)
    mei.share(id, False)
    mei.remove(id)


def test_a_challenge_is_made_once_also_where_reading_has_to_wait(server, text_id, monkeypatch):
    def locked(*args):
        raise StoreBusy("locked")

    monkeypatch.setattr(server.manager.store.challenges, "get", locked)
    made = begin(server, text_id)
    monkeypatch.undo()
    assert server.challenges.all(MACHINE) == [made] == [server.challenges.get(made.id)]


def test_a_board_that_has_to_wait_holds_up_no_other(server, text_id, monkeypatch):
    slow, quick = begin(server, text_id), begin(server, text_id)
    entries, begun, go = server.manager.store.challenges.entries, threading.Event(), threading.Event()

    def reading(id):
        if id == slow.id:
            begun.set()
            assert go.wait(30)
        return entries(id)

    monkeypatch.setattr(server.manager.store.challenges, "entries", reading)
    waiting = threading.Thread(target=lambda: board(server, slow))
    waiting.start()
    assert begun.wait(30)
    assert board(server, quick).lines == ()  # or this would hang
    go.set()
    waiting.join(30)
