"""A row that cannot be read is named with its reason and can be deleted; every other run works."""

import json
import sqlite3

import numpy as np
import pytest
from safetensors.numpy import save_file

from playground.errors import CorpusError, RunDamaged, RunStateError, StoreDamaged
from playground.records import RunStatus
from playground.store.copies import copy_run
from playground.store.database import Database
from playground.store.doctor import Finding
from playground.store.export import export_files
from playground.store.messages import CheckpointSaved, VocabBuilt
from playground.store.repair import repair
from playground.store.run_store import RunStore
from playground.text.vocab import Vocab
from playground.training.events import EpochDone, SampleMade, Started, StepDone
from playground.web.history import run_history, to_json
from tests.helpers import curve, tiny_config
from tests.store.test_run_store import FACTS


def config_with(part: str, **changed: object) -> str:
    config = json.loads(tiny_config().model_dump_json())
    config[part] |= changed
    return json.dumps(config)


DAMAGE = {
    "a newer setting": ("config", config_with("model", flux=3), "flux is not a setting"),
    "a narrowed range": ("config", config_with("model", hidden_size=10**6), "hidden_size is 1000000"),
    "a cell that is gone": ("config", config_with("model", cell="qrnn"), "cell is 'qrnn'"),
    "broken JSON": ("config", '{"model": {"cell"', "settings are damaged"),
    "no settings": ("config", "", "settings are damaged"),
    "settings of another kind": ("config", "[1]", "settings are damaged"),
    "bytes for settings": ("config", b"\x00\xff", "settings are damaged"),
    "an unknown status": ("status", "dreaming", "'dreaming' is not known"),
    "facts that are cut": ("facts", '{"device": "cp', "trained on is damaged"),
    "facts without a vocabulary": ("facts", json.dumps({"device": "cpu"}), "trained on is damaged"),
    "a name of bytes": ("name", b"\xff\xfe\x00", "name"),
    "a step of words": ("step", "three", "step"),
    "a moment beyond all dates": ("created_at", 1e300, "created_at"),
    "a loss of words": ("train_loss", "low", "train_loss"),
    "an epoch without end": ("epoch", 9e999, "epoch"),
}


def made(store: RunStore, name: str = "Mine") -> str:
    id = store.create(tiny_config(), name).id
    store.append(id, [VocabBuilt(Vocab(["a", "b"], "char").to_json()), Started(FACTS)])
    store.append(id, [CheckpointSaved(0.25, 1, True, "step-1.weights", "step-1.training")])
    store.append(id, [StepDone(n, n / 4, 2.0, 1.0, 1.0, 900.0, n / 10) for n in range(1, 5)])
    store.append(id, [EpochDone(1, 4, 1.75, 2.25, 0.2), SampleMade(1.0, 4, "ti", "de")])
    store.set_status(id, RunStatus.STOPPED)
    return id


def spoil(store: RunStore, id: str, column: str, value: object) -> None:
    with sqlite3.connect(store.directory / "playground.sqlite3") as db:
        db.execute(f"UPDATE runs SET {column} = ? WHERE id = ?", (value, id))
    db.close()


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_row_is_left_out_named_and_can_be_deleted_and_others_work(store, kind):
    column, value, reason = DAMAGE[kind]
    sound, id, late = made(store, "Sound"), made(store), made(store, "Late")
    before = store.get(sound)
    spoil(store, id, column, value)
    assert [run.id for run in store.all()] == [late, sound]
    assert [run.id for run in store.with_weights()] == [late, sound]
    assert store.get(sound) == before
    assert store.find("latest").id == late
    (damaged,) = store.damaged()
    assert (damaged.id, damaged.name) == (id, id if column == "name" else "Mine")
    assert reason in str(damaged.reason)
    with pytest.raises(RunDamaged, match="doctor --repair"):
        store.get(id)
    with pytest.raises(RunDamaged):
        store.find(id)
    assert store.recover() == []
    store.delete(id)
    assert store.damaged() == []
    assert [run.id for run in store.all()] == [late, sound]


def test_a_row_whose_id_is_damaged_can_be_deleted_and_nothing_outside_is(store):
    id = made(store)
    (store.directory / "precious").mkdir()
    spoil(store, id, "id", "../precious")
    (damaged,) = store.damaged()
    assert (damaged.id.startswith("row-"), damaged.name) == (True, "Mine")
    store.delete(damaged.id)
    assert store.damaged() == []
    assert (store.directory / "precious").is_dir()


def test_a_name_that_is_no_longer_utf_8_is_shown_with_signs_and_stops_nothing(store):
    id, sound = made(store), made(store, "Sound")
    with sqlite3.connect(store.directory / "playground.sqlite3") as db:
        db.execute("UPDATE runs SET name = CAST(x'6361ff66' AS TEXT) WHERE id = ?", (id,))
    db.close()
    assert [run.name for run in store.all()] == ["Sound", "ca\ufffdf"]
    assert store.get(sound).name == "Sound"


def test_a_reason_that_is_damaged_costs_a_sentence_and_not_the_run(store):
    for broken in (
        '{"message": "{a}"}',
        '{"message": 7}',
        "[",
        '{"message": "{a:99999999999}", "params": {"a": 1}}',
    ):
        id = made(store)
        spoil(store, id, "reason", broken)
        assert store.get(id).reason is None


def test_a_vocabulary_that_is_damaged_is_one_sentence(store):
    for broken in ("{", '{"level": "char"}', '{"level": "rune", "tokens": []}', b"\xff", "7"):
        id = made(store)
        spoil(store, id, "vocab", broken)
        with pytest.raises(RunDamaged, match="vocabulary of the run 'Mine'"):
            store.vocab(id)


def test_a_damaged_point_costs_a_point_and_not_the_curve(store, make_manager):
    id = made(store)
    with sqlite3.connect(store.directory / "playground.sqlite3") as db:
        db.execute("UPDATE steps SET loss = 'low' WHERE run_id = ? AND step = 2", (id,))
        db.execute("UPDATE epochs SET train_loss = 'low', heldout_loss = x'00' WHERE run_id = ?", (id,))
        db.execute("UPDATE samples SET text = x'ff' WHERE run_id = ?", (id,))
        db.execute("INSERT INTO thresholds VALUES (?, 900, 'one', 0.5, 1.0)", (id,))
        db.execute("UPDATE checkpoints SET weights_file = '../../etc/passwd' WHERE run_id = ?", (id,))
    db.close()
    assert store.history(id).step_loss.tolist() == [2.0, 2.0, 2.0]
    assert len(store.history(id).samples) == 0
    assert [step for step, *_ in curve(store, id)] == [1, 3, 4]
    assert store.checkpoints(id) == []
    assert store.clipping.explosion(store.get(id)) is None
    assert json.loads(to_json(run_history(make_manager(), id, 0)))["epochs"]["epoch"] == []


def test_export_of_a_run_with_a_damaged_point_has_the_others(store):
    id = made(store)
    with sqlite3.connect(store.directory / "playground.sqlite3") as db:
        db.execute("UPDATE steps SET loss = 'low' WHERE run_id = ? AND step = 2", (id,))
    db.close()
    store.run_directory(id).mkdir(parents=True)
    save_file({"w": np.zeros(1)}, store.run_directory(id) / "step-1.weights")
    lines = export_files(store, id)["metrics.csv"].decode().splitlines()
    assert [line.split(",")[0] for line in lines] == ["step", "1", "3", "4"]


def test_a_page_of_the_file_that_cannot_be_read_leaves_the_runs_on_other_pages(tmp_path):
    store = RunStore(tmp_path)
    ids = [made(store, f"Run {n} " + "x" * 60) for n in range(12)]
    store.close()
    file = tmp_path / "playground.sqlite3"
    with sqlite3.connect(file) as db:
        db.execute("PRAGMA page_size")
        (page,) = (
            db.execute(
                "SELECT pageno FROM dbstat WHERE name = 'runs' AND pagetype = 'leaf' LIMIT 1"
            ).fetchone()
            if _has_dbstat(db)
            else (None,)
        )
        (size,) = db.execute("PRAGMA page_size").fetchone()
    db.close()
    if page is None:
        pytest.skip("this SQLite has no dbstat to find a page by")
    with file.open("r+b") as out:
        out.seek((page - 1) * size)
        out.write(b"\xee" * size)
    store = RunStore(tmp_path)
    readable, damaged = store.all(), store.damaged()
    assert len(readable) + len(damaged) == len(ids)
    assert 0 < len(damaged) < len(ids)
    assert "cannot be read" in str(damaged[0].reason)
    assert store.get(readable[0].id).name.startswith("Run")
    store.close()


def _has_dbstat(db: sqlite3.Connection) -> bool:
    return ("ENABLE_DBSTAT_VTAB",) in db.execute("PRAGMA compile_options").fetchall()


def test_a_run_that_is_under_way_is_not_deleted(store):
    id = made(store)
    store.set_status(id, RunStatus.RUNNING)
    with pytest.raises(RunStateError):
        store.delete(id)


def test_a_text_that_a_damaged_run_reads_stays(store):
    text = store.library.add("Mine", "the tide clock " * 20).id
    id = store.create(tiny_config(corpus=text), "Reader").id
    spoil(store, id, "status", "levitating")
    with pytest.raises(CorpusError, match="the run 'Reader' reads it"):
        store.remove_text(text)
    store.delete(id)
    store.remove_text(text)


def test_an_index_that_lacks_a_run_is_damage_and_no_raw_exception(tmp_path):
    store = RunStore(tmp_path)
    id = made(store, "Mine")
    store.close()
    file = tmp_path / "playground.sqlite3"
    with sqlite3.connect(file) as db:
        db.execute("PRAGMA writable_schema = ON")
        # a list that is read row by row has it; the index of ids, which is another's now, has not
        (root,) = db.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_people_1'"
        ).fetchone()
        db.execute("UPDATE sqlite_master SET rootpage = ? WHERE name = 'sqlite_autoindex_runs_1'", (root,))
    db.close()
    source, target = Database(file), Database(tmp_path / "other" / "playground.sqlite3")
    assert not source.rows("SELECT 1 FROM runs WHERE id = ?", id)
    with pytest.raises(StoreDamaged, match="index of the runs"):
        copy_run(source, target, id)
    source.close()
    target.close()
    lost = tmp_path / "lost"
    lost.mkdir(exist_ok=True)
    file.rename(lost / file.name)
    assert all(isinstance(finding, Finding) for finding in repair(tmp_path))


def test_rows_that_cannot_be_read_together_are_still_only_those_that_were_asked_for(store, monkeypatch):
    trained, fresh = made(store, "Trained"), made(store, "Fresh")
    store.set_status(trained, RunStatus.FINISHED)
    rows = store._database.rows

    def reading(sql, *values):
        if "ORDER BY created_at DESC, rowid DESC" in sql:
            raise StoreDamaged("a page of it cannot be read")
        return rows(sql, *values)

    monkeypatch.setattr(store._database, "rows", reading)
    assert {run.id for run in store.all()} == {trained, fresh}
    assert [run.id for run in store.table.everything(f"AND status = '{RunStatus.FINISHED}'")] == [trained]
    assert len(store.table.everything(most=1)) == 1
