"""What every command shares: errors as sentences, and a download that a command asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from playground.errors import EncodingCandidate, EncodingUndecided, PlaygroundError
from playground.text.corpora import TIME_MACHINE, CorpusLibrary

err = Console(stderr=True)
"""Progress and remarks go here, so that standard output holds only the result."""


@contextmanager
def exit_on_error() -> Iterator[None]:
    """Turn one of our errors into a sentence and exit code 2."""
    try:
        yield
    except PlaygroundError as error:
        typer.echo(f"Error: {error}", err=True)
        if isinstance(error, EncodingUndecided):
            for candidate in error.candidates:
                typer.echo(f"  --encoding {candidate.name:<14} {_told(candidate)}", err=True)
        raise typer.Exit(2) from None


def _told(candidate: EncodingCandidate) -> str:
    return candidate.preview + (f"  ({candidate.replaced:,} bytes replaced)" if candidate.replaced else "")


def fetch_if_missing(library: CorpusLibrary, corpus: str) -> None:
    """Download The Time Machine when it is the text asked for and not on this machine yet.

    Raises:
        DownloadError: Offline, broken off, or not the expected file.
    """
    ready = {info.id for info in library.all() if info.ready}
    if corpus == TIME_MACHINE and TIME_MACHINE not in ready:
        err.print("Fetching The Time Machine (175 KB) …")
        library.fetch_time_machine()
