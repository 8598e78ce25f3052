"""Who trains when."""

import pytest

from playground.errors import CorpusError, RunNotFound, RunStateError
from playground.records import RunStatus, default_name
from playground.runs.executors import InlineExecutor
from playground.runs.manager import RunManager
from playground.training.trainer import Trainer
from tests.helpers import DIVERGES, curve, final_weights, same_bits, tiny_config, until

S = RunStatus
ENDLESS = {"epochs": "off", "sample_every": 0}


class Listening(InlineExecutor):
    """The real thing, which also notes what was started in which order."""

    def __init__(self) -> None:
        self.started: list[str] = []

    def run(self, job, control):
        self.started.append(job.directory.name)
        return super().run(job, control)


@pytest.fixture
def executor() -> Listening:
    return Listening()


@pytest.fixture
def manager(store, executor):
    made = RunManager(store, executor)
    yield made
    made.close()


@pytest.fixture
def start(manager, text_id):
    return lambda **settings: manager.start(tiny_config(corpus=text_id, **settings)).id


@pytest.fixture
def until_status(store):
    def wait(run: str, status: RunStatus) -> bool:
        return until(lambda: store.get(run).status is status)

    return wait


def test_a_run_trains_to_its_end_and_everything_is_kept(manager, start, store):
    run = manager.wait(start(), 60)
    assert (run.status, run.epoch, run.step) == (S.FINISHED, 3.0, len(store.step_rows(run.id)))
    assert [row["epoch"] for row in store.epoch_rows(run.id)] == [1, 2, 3]
    assert store.newest_checkpoint(run.id).step == run.step
    assert store.history(run.id).samples


def test_runs_start_first_in_first_out(manager, start, executor):
    first = start(**ENDLESS)
    rest = [start() for _ in range(4)]
    assert [manager.queue_position(id) for id in (first, *rest)] == [None, 1, 2, 3, 4]
    manager.stop(first)
    assert [manager.wait(id, 60).status for id in rest] == [S.FINISHED] * 4
    assert executor.started == [first, *rest]


def test_one_slot_trains_one_run_at_a_time(manager, start, store, until_status):
    first, second = start(**ENDLESS), start()
    until_status(first, S.RUNNING)
    until(lambda: store.get(first).step > 50)
    assert store.get(second).status is S.QUEUED
    assert not store.step_rows(second)
    manager.stop(first)
    assert manager.wait(second, 60).status is S.FINISHED


def test_a_queued_run_can_be_stopped_and_leaves_the_queue(manager, start, executor, store):
    first, second, third = start(**ENDLESS), start(), start()
    manager.stop(second)
    assert store.get(second).status is S.STOPPED
    assert (manager.queue_position(second), manager.queue_position(third)) == (None, 1)
    manager.stop(first)
    assert manager.wait(third, 60).status is S.FINISHED
    assert executor.started == [first, third]


def test_a_paused_run_gives_its_slot_away_and_waits_for_it_first_when_resumed(
    manager, start, store, until_status
):
    first, second, third = start(**ENDLESS), start(**ENDLESS), start()
    until_status(first, S.RUNNING)
    manager.pause(first)
    until_status(first, S.PAUSED)
    until_status(second, S.RUNNING)
    stood = len(store.step_rows(first))
    manager.resume(first)
    assert store.get(first).status is S.QUEUED
    assert [manager.queue_position(id) for id in (first, third)] == [1, 2]
    until(lambda: store.get(second).step > 20)
    assert len(store.step_rows(first)) == stood
    manager.stop(second)
    until_status(first, S.RUNNING)
    until(lambda: len(store.step_rows(first)) > stood)
    assert store.get(third).status is S.QUEUED
    manager.stop(first)
    assert manager.wait(third, 60).status is S.FINISHED
    assert manager.wait(first, 60).status is S.STOPPED


def test_a_paused_run_can_be_stopped_and_keeps_its_last_weights(manager, start, store, until_status):
    id = start(**ENDLESS)
    until_status(id, S.RUNNING)
    manager.pause(id)
    until_status(id, S.PAUSED)
    manager.stop(id)
    run = manager.wait(id, 60)
    assert run.status is S.STOPPED
    assert store.newest_checkpoint(id).step == run.step == len(store.step_rows(id))


def test_a_resumed_pause_that_waits_in_the_queue_can_be_stopped(manager, start, until_status):
    first, second = start(**ENDLESS), start(**ENDLESS)
    until_status(first, S.RUNNING)
    manager.pause(first)
    until_status(second, S.RUNNING)
    manager.resume(first)
    manager.stop(first)
    assert manager.queue_position(first) is None
    assert manager.wait(first, 60).status is S.STOPPED


def test_pausing_and_resuming_at_once_loses_no_step(manager, start, store, until_status):
    id = start(epochs=30)
    until_status(id, S.RUNNING)
    for _ in range(20):
        if store.get(id).status.is_active:
            try:
                manager.pause(id)
                manager.resume(id)
            except RunStateError:
                break  # it has ended meanwhile
    run = manager.wait(id, 60)
    assert run.status is S.FINISHED
    assert [step for step, *_ in curve(store, id)] == list(range(1, run.step + 1))


def test_a_stopped_run_resumes_to_where_an_undisturbed_one_ends(manager, start, store):
    settings = {"epochs": 25, "dropout": 0.3, "num_layers": 2, "sample_every": 0}
    whole, broken = manager.wait(start(**settings), 60), start(**settings)
    for at in (20, 200):
        until(lambda at=at: store.get(broken).step >= at)
        manager.stop(broken)
        assert manager.wait(broken, 60).status is S.STOPPED
        manager.resume(broken)
    assert manager.wait(broken, 60).status is S.FINISHED
    assert curve(store, broken) == curve(store, whole.id)
    assert same_bits(final_weights(store, broken), final_weights(store, whole))
    assert store.get(broken).revision == 2


def test_closing_interrupts_what_is_under_way_and_another_manager_takes_it_up(manager, start, store):
    settings = {
        "epochs": 30,
        "dropout": 0.3,
        "optimizer": "adamw",
        "lr": 0.01,
        "cell": "gru",
        "sampling": "random",
    }
    whole, broken, waiting = manager.wait(start(**settings), 60), start(**settings), start(**settings)
    until(lambda: store.get(broken).step > 30)
    manager.close()
    assert [store.get(id).status for id in (broken, waiting)] == [S.INTERRUPTED] * 2
    assert all("server stopped" in str(store.get(id).reason) for id in (broken, waiting))
    last = store.newest_checkpoint(broken)
    assert last.step == store.get(broken).step  # with a checkpoint, so nothing is lost
    second = RunManager(store, InlineExecutor())
    for id in (broken, waiting):
        second.resume(id)
        assert second.wait(id, 60).status is S.FINISHED
        assert curve(store, id) == curve(store, whole.id)
        assert same_bits(final_weights(store, id), final_weights(store, whole))
    second.close()


def test_a_paused_run_is_interrupted_by_closing_and_can_be_resumed(manager, start, store, until_status):
    id = start(**ENDLESS)
    until_status(id, S.RUNNING)
    manager.pause(id)
    until_status(id, S.PAUSED)
    manager.close()
    assert store.get(id).status is S.INTERRUPTED
    second = RunManager(store, InlineExecutor())
    before = store.get(id).step
    second.resume(id)
    until(lambda: store.get(id).step > before)
    second.close()


def test_a_closed_manager_takes_no_run(manager, start, text_id):
    manager.close()
    with pytest.raises(RunStateError, match="The server is stopping"):
        start()


def test_a_run_refused_by_a_closing_manager_leaves_nothing_waiting_for_ever(manager, start, store):
    manager.close()
    with pytest.raises(RunStateError):
        start()
    assert not [run for run in store.all() if run.status.is_active]


def test_divergence_is_an_end_with_the_curve_and_a_reason(manager, start, store):
    run = manager.wait(start(**DIVERGES), 60)
    assert run.status is S.DIVERGED
    assert len(curve(store, run.id)) == run.step > 0
    assert f"after step {run.step}" in str(run.reason)


def test_a_run_that_fails_keeps_its_reason_and_the_next_one_trains(manager, start, store):
    first, failing, third = start(**ENDLESS), start(), start()
    (store.directory / "runs").mkdir(exist_ok=True)
    (store.directory / "runs" / failing).write_text("in the way of its weights")
    manager.stop(first)
    run = manager.wait(failing, 60)
    assert (run.status, run.reason.message[:32]) == (S.FAILED, "A checkpoint cannot be written (")
    assert manager.wait(third, 60).status is S.FINISHED
    (store.directory / "runs" / failing).unlink()
    manager.resume(failing)
    assert manager.wait(failing, 60).status is S.FINISHED


def test_a_bug_in_training_fails_the_run_and_not_the_server(manager, start, monkeypatch, caplog):
    def broken(self, batch):
        raise ZeroDivisionError("a {bug} in here")

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_take_step", broken)
        run = manager.wait(start(), 60)
    assert run.status is S.FAILED
    assert "ZeroDivisionError: a {bug} in here" in str(run.reason)
    assert "ZeroDivisionError" in caplog.text
    assert manager.wait(start(), 60).status is S.FINISHED


@pytest.mark.parametrize("settings", [{"batch_size": 50}, {"corpus": "nonsense"}])
def test_a_text_that_cannot_be_used_is_told_at_once_and_makes_no_run(manager, text_id, store, settings):
    with pytest.raises(CorpusError):
        manager.start(tiny_config(**({"corpus": text_id} | settings)))
    assert store.all() == []


@pytest.mark.parametrize("ask", ["pause", "resume", "stop", "snapshot"])
def test_what_a_finished_run_cannot_do_is_refused_in_a_sentence(manager, start, ask):
    id = manager.wait(start(), 60).id
    with pytest.raises(RunStateError, match="is finished"):
        getattr(manager, ask)(id)
    with pytest.raises(RunNotFound):
        getattr(manager, ask)("nonsense")


@pytest.mark.parametrize("ask", ["pause", "resume", "snapshot"])
def test_what_a_queued_run_cannot_do_is_refused_in_a_sentence(manager, start, ask):
    start(**ENDLESS)
    with pytest.raises(RunStateError, match="is queued"):
        getattr(manager, ask)(start())


def test_a_snapshot_is_written_while_training_and_while_paused(manager, start, store, until_status):
    id = start(**ENDLESS)
    until(lambda: store.get(id).step > 1)
    before = store.newest_checkpoint(id).step
    manager.snapshot(id)
    until(
        lambda: (
            [c for c in store.checkpoints(id) if not c.kept and c.step > before]
            or store.newest_checkpoint(id).step > before
        )
    )
    manager.pause(id)
    until_status(id, S.PAUSED)
    manager.snapshot(id)
    manager.stop(id)
    run = manager.wait(id, 60)
    assert store.newest_checkpoint(id).step == run.step


def test_waiting_ends_at_the_timeout(manager, start):
    assert manager.wait(start(**ENDLESS), 0.01).status.is_active


def test_a_run_is_named_after_its_network():
    assert default_name(tiny_config()) == "LSTM 8"
    assert default_name(tiny_config(cell="gru", num_layers=2, bidirectional=True)) == "2 × bi-GRU 8"
