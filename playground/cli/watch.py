"""Watch a run train in the terminal."""

from __future__ import annotations

from contextlib import suppress

import typer
from rich.progress import BarColumn, Progress, TimeRemainingColumn

from playground.cli.common import outcome, shown, summary, unknown_shares, warn_of_unknown
from playground.cli.trained_here import log_file
from playground.errors import RunStateError, StoreError
from playground.format import fixed
from playground.records import RunRecord, RunStatus
from playground.runs.manager import RunManager
from playground.terminal import err, plain_column, say_json, tell

_WATCH_SECONDS = 0.2


def watch(manager: RunManager, record: RunRecord, as_json: bool) -> None:
    """Show progress until the run has ended, then say how."""
    try:
        _follow(manager, record)
        record = manager.wait(record.id)
    finally:  # whatever happens to the terminal, the run ends in order and keeps its weights
        manager.close()
        record = manager.store.get(record.id)
        how, about = outcome(manager.store, record), summary(manager.store, record)
        manager.store.close()
    if record.reason:
        tell(record.reason)
    if record.status is RunStatus.FAILED:
        tell(f"The log: {log_file(manager.store.directory)}")
    if record.status.is_resumable and (record.reason is None or record.reason.resume):
        tell(f"To go on from the last checkpoint: python -m playground runs resume {record.id}")
    if record.config.is_trap:
        tell("A trap: with two directions the network has seen the token to be predicted. It cannot write.")
    tell(f"{how} · {record.id} · {_reached(record)}")
    if record.facts is not None:
        parts = record.facts.train_part, record.facts.heldout_part
        tell(unknown_shares(*parts))
        warn_of_unknown(*parts, record.config.corpus.max_vocab)
    if as_json:
        say_json(about)
    if record.status is RunStatus.FAILED:
        raise typer.Exit(1)


def _follow(manager: RunManager, record: RunRecord) -> None:
    """Draw a line of progress until the run has ended; Ctrl-C ends it after the step under way."""
    columns = (
        plain_column("{task.description}"),
        BarColumn(),
        plain_column("epoch {task.fields[epoch]}"),
        plain_column("perplexity {task.fields[perplexity]}"),
        plain_column("{task.fields[speed]} tokens/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err) as progress:
        task = progress.add_task(
            record.name, total=record.config.train.epochs, epoch="0", perplexity="-", speed="-"
        )
        ended = told = False
        while not ended:
            try:
                latest = manager.wait(record.id, _WATCH_SECONDS)
                if latest.status is RunStatus.PAUSED and latest.reason:  # the disk is full
                    if not told:
                        tell(latest.reason)
                        tell("Waiting for room …")
                    with suppress(RunStateError, StoreError):  # there is none yet
                        manager.resume(record.id)
                told = latest.status is RunStatus.PAUSED
                ended = not latest.status.is_active
                progress.update(
                    task,
                    completed=latest.epoch,
                    epoch=f"{latest.epoch:.1f}",
                    perplexity=shown(latest.step_loss),
                    speed=f"{latest.tokens_per_second or 0:,.0f}",
                )
            except KeyboardInterrupt:
                tell("Stopping after this step …")
                with suppress(RunStateError):  # it has ended meanwhile
                    manager.stop(record.id)
                manager.wait(record.id)


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
