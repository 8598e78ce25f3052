"""What the measuring commands share: options, a manager with the book, and how they end."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Protocol

import typer

from playground.benchmarks.machine import MachineDescription
from playground.benchmarks.report import Table
from playground.cells import CELLS
from playground.config import check
from playground.errors import ConfigError
from playground.format import perplexity_text
from playground.presets import PRESETS
from playground.records import RunRecord
from playground.runs.launch import launch
from playground.runs.manager import RunManager
from playground.store.run_store import default_corpora
from playground.terminal import fetch_if_missing, say_json, show, tell, working
from playground.text.corpora import TIME_MACHINE

TEXTBOOK_CELLS = tuple(cell for cell in CELLS if f"d2l_{cell}" in PRESETS)
"""Cells that d2l has, and so something to be measured against."""
Threads = Annotated[
    str | None, typer.Option(help="OpenMP threads.", show_default="cores - 1, at least 1", metavar="VALUE")
]
Out = Annotated[Path | None, typer.Option("--out", help="Write the tables into this Markdown file.")]
KeptIn = Annotated[Path | None, typer.Option(help="Keep the runs here.", show_default="a temporary folder")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")]


@contextmanager
def manager_with_book(
    data_dir: Path | None, *, with_book: bool = True
) -> Iterator[tuple[RunManager, Callable[[str, RunRecord], None]]]:
    """A manager that has The Time Machine if asked, and what says on the terminal how far a run is."""
    with tempfile.TemporaryDirectory() as folder, working("starting") as say_now:
        manager = launch(data_dir or Path(folder), inline=True, corpora=default_corpora())

        def watch(title: str, run: RunRecord) -> None:
            loss = "-" if run.train_loss is None else perplexity_text(run.train_loss)
            say_now(f"{title}: epoch {run.epoch:.0f} of {run.config.train.epochs}, perplexity {loss}")

        try:
            if with_book:
                fetch_if_missing(manager.store.library, TIME_MACHINE)
            yield manager, watch
        finally:
            manager.close()


def choose(names: str, known: Sequence[str]) -> list[str]:
    """The wanted ones in their own order.

    Raises:
        ConfigError: One that does not exist, or none at all.
    """
    wanted = {name.strip() for name in names.split(",")} - {""}
    unknown = sorted(wanted - set(known))
    if unknown or not wanted:
        raise ConfigError(
            "There is no {name} here. Choose among {known}.",
            name=repr(unknown[0][:40]) if unknown else "empty choice",
            known=", ".join(known),
        )
    return [name for name in known if name in wanted]


def threads_of(text: str | None) -> int:
    """Threads as they were typed; without, those of a run."""
    from playground.training.devices import default_threads

    return check("threads", text) or default_threads()


class Measured(Protocol):
    """One cell's figures."""

    @property
    def passed(self) -> bool:
        """It did what was asked."""
        ...

    def to_json(self) -> dict[str, object]:
        """For `--json`."""
        ...


def end(
    machine: MachineDescription, table: Table, cells: Sequence[Measured], out: Path | None, as_json: bool
) -> None:
    """Print what was measured of each cell; exit 1 when one of them did not do what was asked."""
    print_tables(str(machine), [table], out)
    passed = all(cell.passed for cell in cells)
    if as_json:
        report = {"machine": asdict(machine), "passed": passed, "cells": [cell.to_json() for cell in cells]}
        say_json(report)
    if not passed:
        raise typer.Exit(1)


def print_tables(machine: str, tables: Sequence[Table], out: Path | None) -> None:
    """Tables and the machine, on the terminal and, if asked, in a Markdown file."""
    show(*(table.to_rich() for table in tables), machine)
    if out is not None:
        out.write_text(
            "\n".join(["Measured on " + machine + ".\n", *(t.to_markdown() for t in tables)]), "utf-8"
        )
        tell(f"Written: {out}")
