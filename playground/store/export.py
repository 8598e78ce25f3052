"""A run as files that anybody can read without this project."""

from __future__ import annotations

import io
import sqlite3
import zipfile
from collections import deque
from pathlib import Path
from typing import Any

from playground.errors import StoreError
from playground.reasons import reason_of
from playground.records import RunRecord, Threshold, perplexity
from playground.store.run_store import RunStore
from playground.store.weights import load_arrays
from playground.tables import CsvWriter

WEIGHTS = "weights.safetensors"


def export_files(store: RunStore, id: str) -> dict[str, bytes]:
    """`weights.safetensors`, `config.json`, `vocab.json`, `metrics.csv`, `metrics.txt` and `clipping.csv` of a run.

    Raises:
        RunNotFound: No such run.
        StoreError: It has no weights yet, or they are damaged.
    """
    record = store.get(id)
    checkpoint, vocab = store.newest_checkpoint(id), store.vocab(id)
    if checkpoint is None or vocab is None:
        raise StoreError("The run {name!r} has no weights yet. Wait until it has started.", name=record.name)
    weights = store.run_directory(id) / checkpoint.weights_file
    load_arrays(weights, has_diverged=record.status.may_have_diverged)  # says what is wrong with it
    return {
        WEIGHTS: weights.read_bytes(),
        "config.json": record.config.model_dump_json(indent=2).encode(),
        "vocab.json": vocab.to_json().encode(),
        "metrics.csv": _metrics(store, record).encode(),
        "metrics.txt": _about_metrics(store, record).encode(),
        "clipping.csv": _clipping(store, record).encode(),
    }


def export_to(store: RunStore, id: str, folder: Path) -> list[Path]:
    """Write the files of `export_files` into a folder; errors as there."""
    files = export_files(store, id)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)
    except OSError as error:
        raise StoreError(
            "The folder {folder} cannot be written ({reason}). Choose another with --out.",
            folder=str(folder),
            reason=reason_of(error),
        ) from error
    return [folder / name for name in files]


def export_zip(store: RunStore, id: str) -> bytes:
    """The same files in one archive; errors as `export_files`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in export_files(store, id).items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _clipping(store: RunStore, record: RunRecord) -> str:
    """Where θ stood: as the run began, and a row for each move; `off` clips nothing."""
    began = Threshold(0.0, 0, record.config.train.max_grad_norm)
    buffer = io.StringIO()
    writer = CsvWriter(buffer, "\n")
    writer.writerow(["step", "epoch", "max_grad_norm"])
    for at in (began, *store.clipping.moves(record)):
        writer.writerow([at.step, at.epoch, "off" if at.max_grad_norm is None else at.max_grad_norm])
    return buffer.getvalue()


_METRICS = (
    *("step", "epoch", "loss", "perplexity", "grad_norm", "scale", "max_grad_norm", "heldout_loss"),
    *("tokens_per_second", "seconds", "steps", "loss_min", "loss_max", "grad_norm_min", "grad_norm_max"),
)


def _metrics(store: RunStore, record: RunRecord) -> str:
    """One row a step, or a bucket of them where the curve is thinned; `_about_metrics` says what stands in it."""
    older, older_epochs = store.thinned(record.id)
    ends = deque(
        (row["step"], row["heldout_loss_mean"] if row["heldout_loss_count"] else "") for row in older_epochs
    )
    ends.extend(
        (row["step"], "" if row["heldout_loss"] is None else row["heldout_loss"])
        for row in store.epoch_rows(record.id)
    )
    moves = deque(store.clipping.moves(record))
    limit = record.config.train.max_grad_norm
    buffer = io.StringIO()
    writer = CsvWriter(buffer, "\n")
    writer.writerow(_METRICS)
    for row in (*map(_of_bucket, older), *map(_of_step, store.step_rows(record.id))):
        while moves and moves[0].step < row["step"]:  # `step` of a move: steps done before it
            limit = moves.popleft().max_grad_norm
        heldout: object = ""
        while ends and ends[0][0] <= row["step"]:
            heldout = ends.popleft()[1]
        told = {"max_grad_norm": "off" if limit is None else limit, "heldout_loss": heldout}
        cells = {**row, **told, "perplexity": perplexity(row["loss"])}
        writer.writerow([cells[name] for name in _METRICS])
    return buffer.getvalue()


def _of_step(row: sqlite3.Row) -> dict[str, Any]:
    norm, loss = "inf" if row["grad_norm"] is None else row["grad_norm"], row["loss"]
    return dict(row) | {
        **{"steps": 1, "loss_min": loss, "loss_max": loss},
        **{"grad_norm": norm, "grad_norm_min": norm, "grad_norm_max": norm},
    }


def _of_bucket(row: sqlite3.Row) -> dict[str, Any]:
    same = (
        "step",
        "epoch",
        "tokens_per_second",
        "seconds",
        "loss_min",
        "loss_max",
        "grad_norm_min",
        "grad_norm_max",
    )
    points = row["points"]
    return {name: row[name] for name in same} | {
        "loss": row["loss_mean"],
        "grad_norm": row["grad_norm_mean"],
        "scale": (points - row["clipped"] + row["scale_sum"]) / points,
        "steps": points,
    }


def _about_metrics(store: RunStore, record: RunRecord) -> str:
    """What stands in `metrics.csv`, and what was thinned."""
    older, older_epochs = store.thinned(record.id)
    about = [
        "metrics.csv: losses in nats a token, grad_norm before clipping, scale what a gradient was multiplied by,",
        "max_grad_norm the clipping threshold, seconds of training so far. heldout_loss stands in the row in which",
        "its epoch ends.",
        "",
    ]
    if not older:
        return "\n".join([*about, f"One row a step: nothing was thinned ({record.step:,} steps).", ""])
    about += [
        f"This run is long, and its curve was thinned as it was written: of {record.step:,} steps,",
        f"1 to {older[-1]['step']:,} are kept in {len(older):,} rows of up to {older[0]['width']:,} steps each (column steps), the",
        "later ones one by one. In such a row loss, grad_norm and scale are means, perplexity is that of the mean loss,",
        "loss_min, loss_max, grad_norm_min and grad_norm_max are the extremes, and the rest is as at its last step.",
    ]
    if older_epochs:
        about += [
            f"Of the epochs, 1 to {older_epochs[-1]['epoch']:,} are kept in groups of up to {older_epochs[0]['width']:,}: there",
            "heldout_loss is the mean of a group, in the row in which the group ends.",
        ]
    return "\n".join([*about, "Where several epochs end in a row, heldout_loss is the last one's.", ""])
