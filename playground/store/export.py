"""A run as files that anybody can read without this project."""

from __future__ import annotations

import io
import zipfile
from collections import deque
from pathlib import Path

from playground.errors import StoreError
from playground.reasons import reason_of
from playground.records import RunRecord, Threshold, perplexity
from playground.store.run_store import RunStore
from playground.tables import CsvWriter

WEIGHTS = "weights.safetensors"


def export_files(store: RunStore, id: str) -> dict[str, bytes]:
    """`weights.safetensors`, `config.json`, `vocab.json`, `metrics.csv` and `clipping.csv` of a run, by name.

    Raises:
        RunNotFound: No such run.
        StoreError: It has no weights yet.
    """
    record = store.get(id)
    checkpoint, vocab = store.newest_checkpoint(id), store.vocab(id)
    if checkpoint is None or vocab is None:
        raise StoreError("The run {name!r} has no weights yet. Wait until it has started.", name=record.name)
    return {
        WEIGHTS: (store.run_directory(id) / checkpoint.weights_file).read_bytes(),
        "config.json": record.config.model_dump_json(indent=2).encode(),
        "vocab.json": vocab.to_json().encode(),
        "metrics.csv": _metrics(store, record).encode(),
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


def _metrics(store: RunStore, record: RunRecord) -> str:
    """One row a step; `heldout_loss` stands on the last step of each epoch, `max_grad_norm` is θ at that step."""
    ends = {row["step"]: row["heldout_loss"] for row in store.epoch_rows(record.id)}
    moves = deque(store.clipping.moves(record))
    limit = record.config.train.max_grad_norm
    buffer = io.StringIO()
    writer = CsvWriter(buffer, "\n")
    writer.writerow(
        [
            "step",
            "epoch",
            "loss",
            "perplexity",
            "grad_norm",
            "scale",
            "max_grad_norm",
            "heldout_loss",
            "tokens_per_second",
            "seconds",
        ]
    )
    for row in store.step_rows(record.id):
        while moves and moves[0].step < row["step"]:  # `step` of a move: steps done before it
            limit = moves.popleft().max_grad_norm
        writer.writerow(
            [
                row["step"],
                row["epoch"],
                row["loss"],
                perplexity(row["loss"]),
                "inf" if row["grad_norm"] is None else row["grad_norm"],
                row["scale"],
                "off" if limit is None else limit,
                ends.get(row["step"], ""),
                row["tokens_per_second"],
                row["seconds"],
            ]
        )
    return buffer.getvalue()
