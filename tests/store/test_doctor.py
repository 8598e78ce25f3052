"""A lost or damaged database costs no weights: runs are rebuilt from their folders, from `lost/` and from backups."""

import json
import shutil
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from playground.config import ChallengeLimits, CorpusConfig
from playground.errors import DirectoryInUse, StoreDamaged
from playground.records import Account, RunStatus
from playground.runs.executors import InlineExecutor
from playground.runs.manager import RunManager
from playground.store import backups, run_notes
from playground.store.backups import EVERY_SECONDS, Backups
from playground.store.database import DATABASE, Database
from playground.store.doctor import examine
from playground.store.repair import bring_back, repair
from playground.store.run_store import RunStore
from tests.helpers import Clock, curve, final_weights, same_bits, some_text, tiny_config, until


def trained(directory: Path, **settings: object) -> str:
    """Train a small run to its end in a data directory; return its id."""
    store = RunStore(directory)
    manager = RunManager(store, InlineExecutor())
    corpus = store.library.add("Some text", some_text()).id
    run = manager.start(tiny_config(corpus=corpus, **settings), "Mine")
    assert manager.wait(run.id, 60).status is RunStatus.FINISHED
    manager.close()
    store.close()
    return run.id


def opened(directory: Path) -> RunStore:
    store = RunStore(directory)
    store.recover()
    return store


def forget_backups(directory: Path) -> None:
    shutil.rmtree(directory / "backups", ignore_errors=True)


def weight_files(directory: Path) -> set[str]:
    return {file.name for file in directory.rglob("*.weights.safetensors")}


@pytest.mark.parametrize("times", [1, 3])
def test_a_lost_database_costs_no_weights_however_often_it_is_opened(tmp_path, times):
    trained(tmp_path)
    before = weight_files(tmp_path)
    (tmp_path / DATABASE).rename(tmp_path / "elsewhere")
    for _ in range(times):
        store = opened(tmp_path)
        assert store.all() == []
        store.close()
    assert weight_files(tmp_path) == before
    assert not list((tmp_path / "runs").iterdir())


@pytest.mark.parametrize("opens", [0, 1])
def test_a_run_is_rebuilt_from_its_folder_without_any_database(tmp_path, opens):
    id = trained(tmp_path, epochs=4)
    store = opened(tmp_path)
    before, vocab, checkpoints = store.get(id), store.vocab(id), store.checkpoints(id)
    weights = final_weights(store, id)
    store.close()
    (tmp_path / DATABASE).unlink()
    forget_backups(tmp_path)
    for _ in range(opens):
        opened(tmp_path).close()
    assert [f.what for f in examine(tmp_path) if f.is_wrong] != []
    assert all(finding.is_mended for finding in repair(tmp_path))
    store = opened(tmp_path)
    assert store.get(id) == before
    assert store.vocab(id) == vocab
    assert store.checkpoints(id) == checkpoints
    assert same_bits(final_weights(store, id), weights)
    assert store.history(id).step_loss.size == 0
    assert store.clipping.explosion(store.get(id)) is None
    assert "were lost with its database" in str(store.lost_curve(store.get(id)))
    store.close()
    assert [f for f in examine(tmp_path) if f.is_wrong] == []
    assert repair(tmp_path) == []


def test_a_rebuilt_run_goes_on_bit_for_bit(tmp_path):
    whole = trained(tmp_path / "whole", epochs=100)
    store = RunStore(tmp_path / "cut")
    manager = RunManager(store, InlineExecutor())
    corpus = store.library.add("Some text", some_text()).id
    id = manager.start(tiny_config(corpus=corpus, epochs=100)).id
    until(lambda: store.get(id).step > 5)
    manager.stop(id)
    assert manager.wait(id, 60).status is RunStatus.STOPPED
    manager.close()
    store.close()
    (tmp_path / "cut" / DATABASE).unlink()
    forget_backups(tmp_path / "cut")
    opened(tmp_path / "cut").close()
    repair(tmp_path / "cut")
    store, other = RunStore(tmp_path / "cut"), RunStore(tmp_path / "whole")
    manager = RunManager(store, InlineExecutor())
    manager.resume(id)
    assert manager.wait(id, 60).status is RunStatus.FINISHED
    assert "begins where it was resumed" in str(store.lost_curve(store.get(id)))
    assert other.lost_curve(other.get(whole)) is None
    assert same_bits(final_weights(store, id), final_weights(other, whole))
    assert store.get(id).train_loss == other.get(whole).train_loss
    manager.close()
    store.close()
    other.close()


def test_a_backup_brings_the_curve_back_too(tmp_path):
    id = trained(tmp_path)
    store = opened(tmp_path)
    assert store.backups.make()
    before, points = store.get(id), curve(store, id)
    store.close()
    (tmp_path / DATABASE).unlink()
    opened(tmp_path).close()  # an empty one takes its place; the backups of the old one are kept
    another = trained(tmp_path)
    store = opened(tmp_path)
    store.backups.make()
    store.backups.make()
    store.close()
    assert all(finding.is_mended for finding in repair(tmp_path))
    store = opened(tmp_path)
    assert {run.id for run in store.all()} == {id, another}
    assert store.get(id) == before
    assert curve(store, id) == points
    store.close()


@pytest.mark.parametrize("damage", ["not a database", "a cut file", "pages of zeros"])
def test_a_damaged_database_is_set_aside_and_its_runs_come_back(tmp_path, damage):
    id, other = trained(tmp_path), trained(tmp_path, seed=2)
    store = opened(tmp_path)
    assert store.backups.make()
    before = {run.id: run for run in store.all()}
    points = curve(store, id)
    store.close()
    file = tmp_path / DATABASE
    data = file.read_bytes()
    spoilt = {
        "not a database": b"\x00" * len(data),
        "a cut file": data[: len(data) // 3],
        "pages of zeros": data[:8192] + bytes(len(data) - 8192),
    }
    file.write_bytes(spoilt[damage])
    assert any(finding.what == DATABASE for finding in examine(tmp_path))
    assert file.read_bytes() == spoilt[damage]
    findings = repair(tmp_path)
    assert all(finding.is_mended for finding in findings)
    store = opened(tmp_path)
    assert {run.id: run for run in store.all()} == before
    assert curve(store, id) == points
    store.close()
    assert spoilt[damage] in [path.read_bytes() for path in (tmp_path / "lost").glob("*.sqlite3")]
    assert other in before


def test_a_damaged_row_and_vocabulary_are_mended_from_the_folder_and_the_curve_stays(tmp_path):
    id = trained(tmp_path)
    forget_backups(tmp_path)
    store = opened(tmp_path)
    before, vocab, points = store.get(id), store.vocab(id), curve(store, id)
    store.close()
    for column, value in (("config", '{"mod'), ("status", "dreaming"), ("vocab", "{"), ("facts", b"\xff")):
        with sqlite3.connect(tmp_path / DATABASE) as db:
            db.execute(f"UPDATE runs SET {column} = ?", (value,))
        db.close()
        assert id in [finding.what for finding in examine(tmp_path)]
        assert all(finding.is_mended for finding in repair(tmp_path))
        store = opened(tmp_path)
        assert store.get(id) == before
        assert (store.vocab(id), curve(store, id)) == (vocab, points)
        store.close()


@pytest.mark.parametrize("how", ["gone", "cut"])
def test_a_checkpoint_that_is_gone_or_cut_is_taken_off_the_list_and_the_others_stay(tmp_path, how):
    id = trained(tmp_path, epochs=4)
    store = opened(tmp_path)
    first, *rest = store.checkpoints(id)
    store.close()
    file = tmp_path / "runs" / id / first.weights_file
    data = file.read_bytes()
    file.unlink() if how == "gone" else file.write_bytes(data[:-7])
    assert [(f.what, first.weights_file in str(f.reason)) for f in examine(tmp_path)] == [(id, True)]
    assert all(finding.is_mended for finding in repair(tmp_path))
    store = opened(tmp_path)
    assert store.checkpoints(id) == rest
    store.close()
    if how == "cut":
        assert data[:-7] in [path.read_bytes() for path in (tmp_path / "lost").rglob("*.safetensors")]


def test_a_folder_without_a_note_is_left_where_it_is_and_told(tmp_path):
    (tmp_path / "runs" / "0123456789ab").mkdir(parents=True)
    (tmp_path / "runs" / "0123456789ab" / "step-000000001.weights.safetensors").write_bytes(b"x")
    (finding,) = repair(tmp_path)
    assert (finding.what, finding.is_mended) == ("0123456789ab", False)
    assert "no run.json" in str(finding.reason)
    assert weight_files(tmp_path)


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"{",
        b'{"run": 7}',
        b'{"run": {"id": "../x"}}',
        b'{"run": {"id": "abc", "name": ["x"]}}',
        b'{"run": {"id": "abc", "step": 1e999}, "checkpoints": {"a": 1}}',
        b'{"run": {"id": "abc", "name": "x", "config": "{}", "status": "finished", "created_at": 1e300}}',
        b'{"run": {"id": "abc", "revision": 99999999999999999999}}',
    ],
)
def test_a_damaged_note_is_told_and_adds_no_run(tmp_path, note):
    folder = tmp_path / "runs" / "abc"
    folder.mkdir(parents=True)
    (folder / "run.json").write_bytes(note)
    (folder / "vocab.json").write_bytes(b'{"level": "char", "tokens": ["a"]}')
    assert not any(finding.is_mended for finding in repair(tmp_path))
    store = RunStore(tmp_path)
    assert (store.all(), store.damaged()) == ([], [])
    store.close()


def test_a_run_that_was_deleted_a_moment_ago_is_not_built_anew(tmp_path):
    id = trained(tmp_path)
    store = opened(tmp_path)
    store.hide(id)
    store.close()
    assert repair(tmp_path) == []
    store = RunStore(tmp_path)
    assert store.all() == []
    store.close()


def test_a_deleted_run_does_not_come_back_from_a_backup(tmp_path):
    gone, stays = trained(tmp_path), trained(tmp_path, seed=2)
    store = opened(tmp_path)
    store.backups.make()
    store.delete(gone)
    store.close()
    assert repair(tmp_path) == []
    store = opened(tmp_path)
    assert [run.id for run in store.all()] == [stays]
    store.close()


def test_notes_are_written_for_runs_from_before_there_were_any(tmp_path):
    id = trained(tmp_path)
    for name in ("run.json", "vocab.json"):
        (tmp_path / "runs" / id / name).unlink()
    opened(tmp_path).close()
    assert json.loads((tmp_path / "runs" / id / "run.json").read_text())["run"]["name"] == "Mine"
    assert (tmp_path / "runs" / id / "vocab.json").exists()


def test_a_new_name_is_in_the_note(tmp_path):
    id = trained(tmp_path)
    store = opened(tmp_path)
    store.rename(id, "Yours")
    store.close()
    (tmp_path / DATABASE).unlink()
    forget_backups(tmp_path)
    repair(tmp_path)
    store = opened(tmp_path)
    assert store.get(id).name == "Yours"
    store.close()


def test_a_run_that_was_under_way_is_interrupted_when_it_comes_back(tmp_path):
    id = trained(tmp_path)
    note = tmp_path / "runs" / id / "run.json"
    told = json.loads(note.read_text())
    told["run"]["status"] = "running"
    note.write_text(json.dumps(told))
    (tmp_path / DATABASE).unlink()
    forget_backups(tmp_path)
    repair(tmp_path)
    store = RunStore(tmp_path)
    assert store.get(id).status is RunStatus.INTERRUPTED
    assert "database was lost" in str(store.get(id).reason)
    store.close()


def test_a_directory_that_another_program_owns_is_not_repaired(tmp_path):
    store = RunStore(tmp_path)
    store.ownership.acquire()
    with pytest.raises(DirectoryInUse, match="is in use by"):
        repair(tmp_path)
    store.close()
    assert repair(tmp_path) == []


def test_a_backup_is_made_when_a_run_has_ended_and_two_are_kept_the_second_an_hour_older(tmp_path):
    trained(tmp_path)
    assert len(backups.found(tmp_path)) == 1
    clock = Clock()
    database = Database(tmp_path / DATABASE)
    made = Backups(database, tmp_path, clock=clock)
    newest = backups.found(tmp_path)[0]
    at, first = newest.stat().st_mtime, newest.read_bytes()
    for hours in (0.0, 0.5, 0.9):  # many runs in an hour, many backups
        clock.now = at + hours * EVERY_SECONDS
        assert made.make()
        assert backups.found(tmp_path)[1].read_bytes() == first
    clock.now = at + 2.5 * EVERY_SECONDS
    before = newest.stat().st_ino
    assert made.make()
    assert sorted(path.name for path in (tmp_path / "backups").iterdir()) == [
        "playground-1.sqlite3",
        "playground-2.sqlite3",
    ]
    assert backups.found(tmp_path)[1].stat().st_ino == before
    database.close()


def test_a_backup_is_due_after_an_hour_and_not_before(tmp_path):
    trained(tmp_path)
    database = Database(tmp_path / DATABASE)
    clock = Clock()
    made = Backups(database, tmp_path, clock=clock)
    newest = backups.found(tmp_path)[0]
    at = newest.stat().st_mtime
    for later, is_newer in ((EVERY_SECONDS - 1, False), (EVERY_SECONDS + 1, True)):
        clock.now = at + later
        before = newest.stat().st_ino
        made.make_if_due()
        made.wait()
        assert (newest.stat().st_ino != before) == is_newer
    database.close()


def test_every_run_that_has_ended_is_in_a_backup_however_soon_the_server_ends(tmp_path):
    ids = {trained(tmp_path), trained(tmp_path, seed=2), trained(tmp_path, seed=3)}
    with sqlite3.connect(backups.found(tmp_path)[0]) as copy:
        assert {id for (id,) in copy.execute("SELECT id FROM runs WHERE status = 'finished'")} == ids
    copy.close()


def test_short_runs_one_after_the_other_share_a_backup_which_the_last_one_is_in(tmp_path):
    store = RunStore(tmp_path)
    manager = RunManager(store, InlineExecutor())
    corpus = store.library.add("Some text", some_text()).id
    made = []
    make = store.backups.make
    store.backups.make = lambda: (made.append(1), make())[1]
    for seed in range(1, 5):
        run = manager.start(tiny_config(corpus=corpus, seed=seed))
        assert manager.wait(run.id, 60).status is RunStatus.FINISHED
    assert len(made) <= 1
    manager.close()
    store.close()  # what waited for its minute is made now
    assert len(made) == 2
    with sqlite3.connect(backups.found(tmp_path)[0]) as copy:
        assert copy.execute("SELECT count(*) FROM runs WHERE status = 'finished'").fetchone() == (4,)
    copy.close()


def test_a_run_that_was_resumed_and_ended_again_is_due_for_a_backup(tmp_path):
    id = trained(tmp_path)
    database = Database(tmp_path / DATABASE)
    made = Backups(database, tmp_path)
    assert not made._is_due()
    with database.write() as db:
        db.execute("UPDATE runs SET step = step + 1, revision = revision + 1 WHERE id = ?", (id,))
    assert made._is_due()
    database.close()


def test_an_empty_database_and_a_damaged_one_replace_no_backup(tmp_path):
    trained(tmp_path)
    before = [path.read_bytes() for path in backups.found(tmp_path)]
    database = Database(tmp_path / DATABASE)
    made = Backups(database, tmp_path)
    with (tmp_path / DATABASE).open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xee" * 4096 * 4)
    database.close()
    database = Database(tmp_path / DATABASE)
    made = Backups(database, tmp_path)
    with suppress(StoreDamaged):
        assert not made.make()
    assert [path.read_bytes() for path in backups.found(tmp_path)] == before
    assert len(list((tmp_path / "backups").iterdir())) == len(before)
    database.close()
    empty = RunStore(tmp_path / "empty")
    assert not empty.backups.make()
    empty.close()


def test_others_read_and_write_while_a_backup_is_made(tmp_path):
    store = RunStore(tmp_path)
    id = store.create(tiny_config(), "Mine").id
    with store._database.write() as db:
        rows = [(id, n, n, n / 9, 2.0, 1.0, 900.0, n / 10, 1.0) for n in range(1, 60_000)]
        names = "run_id, seq, step, epoch, loss, grad_norm, tokens_per_second, seconds, scale"
        db.executemany(f"INSERT INTO steps ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    written, wrote = 0, threading.Event()
    thread = threading.Thread(target=store.backups.make)
    thread.start()
    while thread.is_alive():
        store.rename(id, f"Name {written}")
        written += 1
        wrote.set()
    thread.join()
    assert wrote.is_set()
    assert written > 1
    store.close()
    (copy,) = backups.found(tmp_path)
    assert backups.is_sound(copy)
    database = Database(copy)
    assert database.rows("SELECT count(*) AS n FROM steps")[0]["n"] == 59_999
    database.close()


def test_what_cannot_be_mended_is_told_once(tmp_path):
    id = trained(tmp_path)
    with sqlite3.connect(tmp_path / DATABASE) as db:
        db.execute("UPDATE runs SET status = 'levitating'")
    db.close()
    (tmp_path / "runs" / id / "run.json").unlink()
    opened(tmp_path).close()  # its note is written anew, and says the same
    forget_backups(tmp_path)
    assert [finding.what for finding in repair(tmp_path) if not finding.is_mended] == [id]


def test_a_database_that_is_being_written_is_looked_at_as_of_one_moment(tmp_path):
    store = opened(tmp_path)
    id = store.create(tiny_config(), "Written").id
    with store._database.write() as db:
        db.execute("UPDATE runs SET step = 7")
        assert examine(tmp_path) == []
    assert store.get(id).step == 7
    store.close()


def test_nobody_but_the_owner_makes_a_database_or_moves_backups(tmp_path):
    trained(tmp_path)
    store = opened(tmp_path)
    store.backups.make()
    store.ownership.acquire()
    (tmp_path / DATABASE).unlink()  # as in a repair, between two databases
    with pytest.raises(DirectoryInUse):
        RunStore(tmp_path)
    assert backups.found(tmp_path)
    assert not (tmp_path / DATABASE).exists()
    store._database._connection.close()
    store.ownership.release()


def test_people_and_limits_come_back_with_a_lost_database(tmp_path):
    trained(tmp_path)
    store = opened(tmp_path)
    for id, name in (("mei" * 10, "Mei"), ("ali" * 10, "Ali")):
        store.people.rename(id, name)
    store.settings.put({"runs_per_person": 7})
    store.logins.begin("b" * 32, Account("mei" * 10), 1.0, forget_before=0.0)
    store.logins.end("b" * 32)
    challenge = store.challenges.make("Rain", CorpusConfig(), 28, ChallengeLimits())
    over = store.challenges.make("Over", CorpusConfig(), 28, ChallengeLimits())
    store.challenges.end(over.id, lambda *ended: "as it ended")
    assert Backups(store._database, tmp_path).make()
    store.close()
    (tmp_path / DATABASE).unlink()
    repair(tmp_path)
    back = opened(tmp_path)
    assert [(person.number, person.name) for person in back.people.all().values()] == [(1, "Mei"), (2, "Ali")]
    assert back.settings.get().runs_per_person == 7
    assert back.logins.all()["b" * 32].is_ended  # a copy of its cookie is worth nothing now, either
    assert back.challenges.get(challenge.id) == challenge
    assert back.challenges.kept_board(over.id) == "as it ended"
    back.close()


def test_people_of_now_keep_their_numbers_and_limits_of_now_stay(tmp_path):
    trained(tmp_path)
    store = opened(tmp_path)
    store.people.rename("mei" * 10, "Mei")
    store.settings.put({"runs_per_person": 7})
    store.close()
    (tmp_path / "lost").mkdir(exist_ok=True)
    (tmp_path / DATABASE).rename(tmp_path / "lost" / DATABASE)
    now = opened(tmp_path)  # a server that was started without it
    now.people.rename("ali" * 10, "Ali")
    now.close()
    repair(tmp_path)
    back = opened(tmp_path)
    assert [(person.number, person.name) for person in back.people.all().values()] == [(1, "Ali"), (2, "Mei")]
    assert back.settings.get().runs_per_person == 3
    back.close()


def test_a_deletion_that_was_undone_after_the_backup_costs_no_curve(tmp_path):
    id = trained(tmp_path)
    forget_backups(tmp_path)
    store = opened(tmp_path)
    before = curve(store, id)
    store.hide(id)
    assert Backups(store._database, tmp_path).make()
    store.bring_back(id)
    store.close()
    (tmp_path / DATABASE).unlink()
    repair(tmp_path)
    back = opened(tmp_path)
    assert curve(back, id) == before and before
    back.close()


def test_bringing_some_runs_back_reads_no_other_folder(tmp_path, monkeypatch):
    first, second = trained(tmp_path), trained(tmp_path, hidden_size=9)
    (tmp_path / DATABASE).unlink()
    store = opened(tmp_path)
    read = []
    monkeypatch.setattr(run_notes, "read", lambda folder: read.append(folder.name.split(".")[0]))
    forget_backups(tmp_path)
    bring_back(store._database, tmp_path, [first])
    assert set(read) == {first} != {second}
    store.close()


def test_people_who_come_back_with_their_runs_are_known_at_once(tmp_path):
    trained(tmp_path)
    store = opened(tmp_path)
    store.people.rename("mei" * 10, "Mei")
    assert store.backups.make()
    store.close()
    (tmp_path / DATABASE).unlink()
    server = opened(tmp_path)
    assert server.people.get("mei" * 10).name == ""
    assert server.lost_runs.bring_back()
    assert server.people.get("mei" * 10).name == "Mei"
    server.close()


def test_a_log_out_counts_after_a_server_was_started_without_its_database(tmp_path):
    trained(tmp_path)
    store = opened(tmp_path)
    mei = Account("mei" * 10)
    store.logins.begin("b" * 32, mei, 1.0, forget_before=0.0)
    store.logins.end("b" * 32)
    assert store.backups.make()
    store.close()
    (tmp_path / DATABASE).unlink()
    server = opened(tmp_path)
    server.logins.begin("b" * 32, mei, 2.0, forget_before=0.0)  # a copy of the cookie
    assert server.lost_runs.bring_back()
    assert server.logins.all()["b" * 32].is_ended
    server.close()
