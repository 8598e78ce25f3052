"""Options and figures that several commands share."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from playground.errors import ConfigError
from playground.records import RunRecord, perplexity
from playground.runs.store import RunStore, default_directory

DataDir = Annotated[
    Path | None,
    typer.Option(
        help="Where runs are kept.", show_default="$PLAYGROUND_DATA, else the user's data directory"
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")]
Run = Annotated[str, typer.Argument(help="A run's id, the beginning of it, or `latest`.", metavar="RUN")]

Checkpoint = Annotated[
    str | None,
    typer.Option("--checkpoint", help="Its epoch.", show_default="the newest", metavar="EPOCH"),
]


def epoch_of(text: str | None) -> float | None:
    """`--checkpoint` as a number.

    Raises:
        ConfigError: It is none.
    """
    try:
        return None if text is None else float(text)
    except ValueError:
        raise ConfigError("checkpoint is {value}; give an epoch, such as 10.", value=repr(text)) from None


def open_store(data_dir: Path | None) -> RunStore:
    """Open a data directory, with runs whose process is gone marked as interrupted."""
    store = RunStore(data_dir or default_directory())
    store.recover()
    return store


def summary(record: RunRecord) -> dict[str, object]:
    """One run for `--json`."""
    return {
        "run_id": record.id,
        "status": record.status.value,
        "epochs": round(record.epoch, 4),
        "steps": record.step,
        "train_perplexity": _finite(record.train_loss),
        "heldout_perplexity": _finite(record.heldout_loss),
        "tokens_per_second": round(record.tokens_per_second, 1) if record.tokens_per_second else None,
        "seconds": round(record.seconds, 3),
        "device": record.machine.device if record.machine else None,
        "threads": record.machine.threads if record.machine else None,
    }


def _finite(loss: float | None) -> float | None:
    """Perplexity for JSON, which has no infinity."""
    value = math.inf if loss is None else perplexity(loss)
    return value if math.isfinite(value) else None


def shown(loss: float | None) -> str:
    """Perplexity for a table."""
    return "-" if loss is None else f"{perplexity(loss):.3g}"
