"""A run as files that anybody can read without this project."""

import csv
import io
import json
import math
import zipfile

import pytest
from safetensors.torch import load as load_safetensors

from playground.config import parse_json
from playground.errors import RunNotFound, StoreError
from playground.records import RunStatus
from playground.store.export import export_files, export_to, export_zip
from playground.text.vocab import Vocab
from playground.training.events import StepDone
from tests.helpers import curve, final_weights, same_bits, tiny_config

FOUR = {"weights.safetensors", "config.json", "vocab.json", "metrics.csv"}


@pytest.fixture
def run(store, text_id, make_manager):
    manager = make_manager()
    record = manager.wait(manager.start(tiny_config(corpus=text_id, cell="gru"), "Mine").id, 60)
    assert record.status is RunStatus.FINISHED
    return record


def test_the_four_files_say_what_the_store_knows(store, run):
    files = export_files(store, run.id)
    assert set(files) == FOUR
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


def test_numbers_beyond_a_float_are_written_as_inf(store, run):
    store.append(run.id, [StepDone(999, 9.0, 800.0, math.inf, 0.5, 1.0, 1.0)])
    last = export_files(store, run.id)["metrics.csv"].decode().splitlines()[-1].split(",")
    assert (last[3], last[4]) == ("inf", "inf")


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
