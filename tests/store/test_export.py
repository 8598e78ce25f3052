"""A run as files that anybody can read without this project."""

import csv
import io
import json
import math
import zipfile

import numpy as np
import pytest
from safetensors.numpy import save_file
from safetensors.torch import load as load_safetensors

from playground.config import parse_json
from playground.errors import RunNotFound, StoreError
from playground.records import RunStatus
from playground.store.export import export_files, export_to, export_zip
from playground.store.messages import CheckpointSaved
from playground.store.series import STEPS
from playground.store.weights import load_arrays
from playground.text.vocab import Vocab
from playground.training.events import StepDone
from tests.helpers import curve, final_weights, same_bits, tiny_config, until

SIX = {"weights.safetensors", "config.json", "vocab.json", "metrics.csv", "metrics.txt", "clipping.csv"}


@pytest.fixture
def run(store, text_id, make_manager):
    manager = make_manager()
    record = manager.wait(manager.start(tiny_config(corpus=text_id, cell="gru"), "Mine").id, 60)
    assert record.status is RunStatus.FINISHED
    return record


def test_the_six_files_say_what_the_store_knows(store, run):
    files = export_files(store, run.id)
    assert set(files) == SIX
    assert same_bits(load_safetensors(files["weights.safetensors"]), final_weights(store, run))
    assert parse_json(files["config.json"].decode()) == run.config
    assert Vocab.from_json(files["vocab.json"].decode()) == store.vocab(run.id)
    assert "tide" not in json.dumps(json.loads(files["vocab.json"])["tokens"])


def test_the_table_of_metrics_is_the_curve_with_held_out_loss_at_each_epochs_end(store, run):
    rows = list(csv.DictReader(io.StringIO(export_files(store, run.id)["metrics.csv"].decode())))
    told = [(int(r["step"]), float(r["loss"]), float(r["grad_norm"])) for r in rows]
    assert told == curve(store, run.id)
    assert all(math.exp(float(r["loss"])) == float(r["perplexity"]) for r in rows)
    held_out = {int(r["step"]): float(r["heldout_loss"]) for r in rows if r["heldout_loss"]}
    assert held_out == {e["step"]: e["heldout_loss"] for e in store.epoch_rows(run.id)}


def test_every_move_of_the_threshold_is_exported_and_each_step_has_the_one_that_clipped_it(
    store, text_id, make_manager
):
    manager = make_manager()
    id = manager.start(tiny_config(corpus=text_id, epochs="off", sample_every=0, max_grad_norm=1.5)).id
    for limit in (0.0625, None):
        before = store.get(id).step
        until(lambda before=before: store.get(id).step > before + 2)
        manager.clip(id, limit)
        until(lambda limit=limit: store.get(id).max_grad_norm == limit)
    manager.stop(id)
    manager.wait(id, 60)
    files = {name: list(csv.DictReader(io.StringIO(data.decode()))) for name, data in export_files(store, id).items()
             if name.endswith(".csv")}  # fmt: skip
    first, second = store.history(id).thresholds
    assert [(int(row["step"]), row["max_grad_norm"]) for row in files["clipping.csv"]] == [
        (0, "1.5"),
        (first.step, "0.0625"),
        (second.step, "off"),
    ]
    assert {row["max_grad_norm"] for row in files["metrics.csv"]} >= {"1.5", "0.0625"}
    for row in files["metrics.csv"]:
        limit = math.inf if row["max_grad_norm"] == "off" else float(row["max_grad_norm"])
        assert float(row["scale"]) == pytest.approx(min(1, limit / float(row["grad_norm"])))


def test_numbers_beyond_a_float_are_written_as_inf(store, run):
    store.append(run.id, [StepDone(999, 9.0, 800.0, math.inf, 0.5, 1.0, 1.0)])
    last = export_files(store, run.id)["metrics.csv"].decode().splitlines()[-1].split(",")
    assert (last[3], last[4]) == ("inf", "inf")


def test_a_thinned_run_says_what_was_thinned_and_its_rows_stand_for_every_step(store, run):
    told: list = [
        StepDone(n, n / 9, 2 + n % 3, 1.0 + n % 7, 0.5 if n % 2 else 1.0, 900.0, n / 10)
        for n in range(1, 20_001)
    ]
    newest = store.newest_checkpoint(run.id)

    def saved(step: int) -> CheckpointSaved:
        return CheckpointSaved(step / 9, step, True, newest.weights_file, newest.training_file)

    store.append(run.id, [*(s for s in told if s.step > run.step), saved(20_000)])
    while store.thinned(run.id)[0][-1:] == [] or store.thinned(run.id)[0][-1]["step"] < 20_000 - STEPS.tail:
        store.append(run.id, [saved(20_000)])
    files = export_files(store, run.id)
    rows = list(csv.DictReader(io.StringIO(files["metrics.csv"].decode())))
    assert sum(int(row["steps"]) for row in rows) == 20_000
    assert [int(row["step"]) for row in rows] == np.cumsum([int(row["steps"]) for row in rows]).tolist()
    later = [row for row in rows if int(row["step"]) > run.step + 4]
    for row in later:
        group = told[int(row["step"]) - int(row["steps"]) : int(row["step"])]
        losses, norms = [s.loss for s in group], [s.grad_norm for s in group]
        assert (float(row["loss_min"]), float(row["loss_max"])) == (min(losses), max(losses))
        assert (float(row["grad_norm_min"]), float(row["grad_norm_max"])) == (min(norms), max(norms))
        assert float(row["loss"]) == pytest.approx(np.mean(losses))
        assert float(row["scale"]) == pytest.approx(np.mean([s.scale for s in group]))
    about = files["metrics.txt"].decode()
    assert "thinned as it was written: of 20,000 steps" in about
    assert f"1 to {20_000 - STEPS.tail:,} are kept in" in about


def test_a_run_that_is_whole_says_so(store, run):
    assert f"nothing was thinned ({run.step} steps)" in export_files(store, run.id)["metrics.txt"].decode()


def test_a_folder_and_an_archive_hold_the_same_files(store, run, tmp_path):
    files = export_files(store, run.id)
    written = export_to(store, run.id, tmp_path / "new" / "folder")
    assert {path.name: path.read_bytes() for path in written} == files
    with zipfile.ZipFile(io.BytesIO(export_zip(store, run.id))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == files


def test_a_folder_that_cannot_be_written_is_a_store_error(store, run, tmp_path):
    (tmp_path / "in-the-way").write_text("")
    with pytest.raises(StoreError, match="--out"):
        export_to(store, run.id, tmp_path / "in-the-way")


def test_a_run_without_weights_says_to_wait(store):
    id = store.create(tiny_config(), "Mine").id
    with pytest.raises(StoreError, match="'Mine' has no weights yet"):
        export_files(store, id)


def test_a_run_that_does_not_exist_is_not_found(store):
    with pytest.raises(RunNotFound):
        export_zip(store, "nonsense")


def test_weights_of_a_run_that_goes_beyond_numbers_are_given_out_while_it_trains(store, run):
    file = store.run_directory(run.id) / store.newest_checkpoint(run.id).weights_file
    arrays = {name: np.full_like(array, np.inf) for name, array in load_arrays(file).items()}
    save_file(arrays, file)  # as before there were checksums
    with pytest.raises(StoreError):
        export_files(store, run.id)
    store.set_status(run.id, RunStatus.RUNNING)
    assert export_files(store, run.id)["weights.safetensors"] == file.read_bytes()
