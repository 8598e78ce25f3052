"""Watch a run train in the terminal."""

from __future__ import annotations

import json
import sys
from contextlib import suppress

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from playground.cli.common import shown, summary, unknown_shares, warn_of_unknown
from playground.errors import RunStateError
from playground.format import fixed
from playground.records import RunRecord, RunStatus
from playground.runs.manager import RunManager
from playground.terminal import err

_WATCH_SECONDS = 0.2


def watch(manager: RunManager, record: RunRecord, as_json: bool) -> None:
    """Show progress until the run has ended, then say how."""
    epochs = record.config.train.epochs
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("epoch {task.fields[epoch]}"),
        TextColumn("perplexity {task.fields[perplexity]}"),
        TextColumn("{task.fields[speed]} tokens/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err) as progress:
        task = progress.add_task(record.name, total=epochs, epoch="0", perplexity="-", speed="-")
        ended = False
        while not ended:
            try:
                latest = manager.wait(record.id, _WATCH_SECONDS)
                ended = not latest.status.is_active
                progress.update(
                    task,
                    completed=latest.epoch,
                    epoch=f"{latest.epoch:.1f}",
                    perplexity=shown(latest.step_loss),
                    speed=f"{latest.tokens_per_second or 0:,.0f}",
                )
            except KeyboardInterrupt:
                err.print("Stopping after this step …")
                with suppress(RunStateError):  # it has ended meanwhile
                    manager.stop(record.id)
                manager.wait(record.id)
    record = manager.wait(record.id)
    manager.close()
    manager.store.close()
    if record.reason:
        err.print(str(record.reason))
    if record.config.is_trap:
        err.print(
            "A trap: with two directions the network has seen the token to be predicted. It cannot write."
        )
    err.print(f"{record.status} · {record.id} · {_reached(record)}")
    if record.facts is not None:
        parts = record.facts.train_part, record.facts.heldout_part
        err.print(unknown_shares(*parts))
        warn_of_unknown(*parts, record.config.corpus.max_vocab)
    if as_json:
        sys.stdout.flush()
        typer.echo(json.dumps(summary(record)))
    if record.status is RunStatus.FAILED:
        raise typer.Exit(1)


def _reached(record: RunRecord) -> str:
    """Perplexities, and bits a character, which do not depend on how the text is cut."""
    told = []
    for part, loss, bits in (
        ("train", record.train_loss, record.train_bits),
        ("held-out", record.heldout_loss, record.heldout_bits),
    ):
        if part == "train" or loss is not None:
            beside = "" if bits is None else f" ({fixed(bits, 2)} bits a character)"
            told.append(f"{part} perplexity {shown(loss)}{beside}")
    return " · ".join(told)
