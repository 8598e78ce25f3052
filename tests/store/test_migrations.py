"""The database's shape."""

import json
import sqlite3

import pytest

from playground.errors import StoreError
from playground.records import RunStatus, TextPart
from playground.store.database import Database
from playground.store.migrations import MIGRATIONS, migrate
from playground.store.run_store import RunStore
from playground.training.events import StepDone
from tests.helpers import tiny_config

FILE = "playground.sqlite3"


def database_of(version: int, file) -> sqlite3.Connection:
    """A database as an older version of the playground left it."""
    connection = sqlite3.connect(file)
    for script in MIGRATIONS[:version]:
        connection.executescript(script)
    connection.execute(f"PRAGMA user_version = {version}")
    return connection


def shape(connection: sqlite3.Connection) -> list[tuple]:
    return connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()


@pytest.mark.parametrize("version", range(len(MIGRATIONS) + 1))
def test_every_version_migrates_to_the_same_shape(tmp_path, version):
    old, new = database_of(version, tmp_path / "old"), database_of(0, tmp_path / "new")
    migrate(old)
    migrate(new)
    assert shape(old) == shape(new)
    assert old.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    old.close()
    new.close()


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_a_run_of_any_older_version_is_kept_with_its_curve(tmp_path, version):
    config = tiny_config(cell="gru", seed=7)
    old = database_of(version, tmp_path / FILE)
    old.execute(
        "INSERT INTO runs (id, name, config, status, created_at) VALUES ('abc', 'Old', ?, 'stopped', 12.5)",
        (config.model_dump_json(),),
    )
    old.execute(
        f"INSERT INTO steps (run_id, seq, step, epoch, loss, grad_norm, {'clipped' if version < 2 else 'scale'},"
        " tokens_per_second, seconds) VALUES ('abc', 1, 1, 0.5, 3.25, 1.5, 1, 900, 0.1)"
    )
    old.commit()
    old.close()
    store = RunStore(tmp_path)
    run = store.get("abc")
    assert (run.name, run.config, run.status, run.created_at) == ("Old", config, RunStatus.STOPPED, 12.5)
    assert store.history("abc").step_loss.tolist() == [3.25]
    store.append("abc", [StepDone(2, 1.0, 3.0, 1.0, 1.0, 900.0, 0.2)])
    assert store.history("abc").step_loss.tolist() == [3.25, 3.0]
    store.close()


def test_what_a_step_was_clipped_to_is_worked_out_for_older_runs(tmp_path):
    old = database_of(1, tmp_path / FILE)
    for id, limit in (("clipped", 0.5), ("free", "off")):
        old.execute(
            "INSERT INTO runs (id, name, config, status, created_at) VALUES (?, 'Old', ?, 'stopped', 12.5)",
            (id, tiny_config(max_grad_norm=limit).model_dump_json()),
        )
        for seq, norm, clipped in ((1, 0.25, 0), (2, 2.0, 1), (3, None, 1)):
            old.execute(
                "INSERT INTO steps VALUES (?, ?, ?, 0.5, 3.25, ?, ?, 900, 0.1)",
                (id, seq, seq, norm, clipped and limit != "off"),
            )
    old.commit()
    old.close()
    store = RunStore(tmp_path)
    assert [row["scale"] for row in store.step_rows("clipped")] == [1, 0.25, 0]
    assert [row["scale"] for row in store.step_rows("free")] == [1, 1, 1]
    store.close()


def test_the_reason_why_an_older_run_ended_is_still_told(tmp_path):
    old = database_of(2, tmp_path / FILE)
    reason = '{"message": "Gone after {n} steps.", "figures": {"n": 7, "name": "é; –"}}'
    old.execute(
        "INSERT INTO runs (id, name, config, status, created_at, reason) VALUES ('abc', 'Old', ?, "
        "'failed', 12.5, ?)",
        (tiny_config().model_dump_json(), reason),
    )
    old.commit()
    old.close()
    store = RunStore(tmp_path)
    told = store.get("abc").reason
    assert (str(told), told.params["name"]) == ("Gone after 7 steps.", "é; –")
    store.close()


def test_migrating_twice_changes_nothing(tmp_path):
    connection = database_of(0, tmp_path / FILE)
    migrate(connection)
    once = shape(connection)
    migrate(connection)
    assert shape(connection) == once
    connection.close()


def test_a_step_that_fails_is_undone_as_a_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "playground.store.migrations.MIGRATIONS",
        [*MIGRATIONS, "CREATE TABLE half (a); CREATE TABLE half (a);"],
    )
    connection = sqlite3.connect(tmp_path / FILE)
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection)
    connection.close()
    connection = sqlite3.connect(tmp_path / FILE)  # as the next start finds it
    assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    assert not [name for _, name, _ in shape(connection) if name == "half"]
    connection.close()


def test_a_newer_versions_database_is_left_alone(tmp_path):
    newer = database_of(len(MIGRATIONS), tmp_path / FILE)
    newer.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    newer.close()
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(StoreError, match="newer version"):
        RunStore(tmp_path)
    assert (tmp_path / FILE).read_bytes() == before


def test_a_file_that_is_no_database_is_a_store_error(tmp_path):
    (tmp_path / FILE).write_bytes(b"not a database at all, but long enough to be one" * 40)
    with pytest.raises(StoreError, match="PLAYGROUND_DATA"):
        RunStore(tmp_path)


def test_a_folder_that_cannot_be_made_is_a_store_error(tmp_path):
    (tmp_path / "in-the-way").write_text("")
    with pytest.raises(StoreError, match="PLAYGROUND_DATA"):
        RunStore(tmp_path / "in-the-way" / "data")


def test_a_transaction_that_fails_leaves_nothing_and_the_next_one_works(tmp_path):
    database = Database(tmp_path / FILE)
    with pytest.raises(ZeroDivisionError), database.write() as db:
        db.execute("CREATE TABLE half (a)")
        raise ZeroDivisionError
    with database.write() as db:
        db.execute("CREATE TABLE half (a)")
    assert database.rows("SELECT count(*) FROM half")[0][0] == 0
    database.close()


def test_what_follows_from_an_older_runs_facts_is_filled_in(tmp_path):
    old = database_of(3, tmp_path / FILE)
    facts = {"device": "cpu", "device_name": "a cpu", "threads": 1, "torch_version": "2", "parameters": 9}
    facts |= {"steps_per_epoch": 2, "train_tokens": 90, "heldout_tokens": 10}
    for id, vocab_size, settings in (
        ("every", 28, {}),
        ("capped", 5_000, {}),
        ("words", 700, {"token_level": "word"}),
    ):
        old.execute(
            "INSERT INTO runs (id, name, config, status, created_at, facts) VALUES (?, 'Old', ?, 'finished', 1, ?)",
            (id, tiny_config(**settings).model_dump_json(), json.dumps(facts | {"vocab_size": vocab_size})),
        )
    old.commit()
    old.close()
    store = RunStore(tmp_path)
    parts = {
        id: (store.get(id).facts.train_part, store.get(id).facts.heldout_part)
        for id in ("every", "capped", "words")
    }
    assert parts["every"] == (TextPart(90, 90, 0), TextPart(10, 10, 0))
    assert parts["capped"] == (TextPart(90, 90, None), TextPart(10, 10, None))
    assert parts["words"] == (TextPart(90, None, None), TextPart(10, None, None))
    store.close()
