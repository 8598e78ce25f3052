"""`copied`: what of a text stands in what a run was trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from playground.cli.common import DataDir, Json, Run, open_store, read_text
from playground.errors import ConfigError
from playground.format import percent
from playground.records.cells import Copied
from playground.services.checkpoints import CheckpointCache
from playground.services.copies import CopyService
from playground.terminal import exit_on_error, say, say_json

Text = Annotated[str | None, typer.Option("--text", help="The text that is compared.", show_default=False)]
File = Annotated[
    Path | None, typer.Option("--file", help="Or a file that has it.", metavar="PATH", show_default=False)
]


def copied(
    run: Run, text: Text = None, file: File = None, data_dir: DataDir = None, as_json: Json = False
) -> None:
    """Tell how much of a text stands in what a run was trained on, and the longest piece that does."""
    with exit_on_error():
        given = _given(text, file)
        store = open_store(data_dir)
        record = store.find(run)
        service = CopyService(CheckpointCache(store))
        found = service.copied(record, service.as_read(record, given))
    if as_json:
        say_json({"run_id": record.id} | _summary(found))
        return
    for line in _told(found):
        say(line)


def _given(text: str | None, file: Path | None) -> str:
    if (text is None) == (file is None):
        raise ConfigError("Give the text that is compared: either --text or --file.")
    return read_text(file, encoding=None) if file else text or ""


def _summary(found: Copied) -> dict[str, object]:
    start, stop = found.longest
    return {
        "text": found.text,
        "least": found.least,
        "share": found.share,
        "stretches": found.stretches,
        "longest": found.longest,
        "longest_text": found.text[start:stop],
        "found_at": found.found_at,
    }


def _told(found: Copied) -> list[str]:
    start, stop = found.longest
    return [
        f"Copied in pieces of {found.least} characters or more: {percent(found.share)} of {len(found.text):,} characters.",
        f"Longest: {stop - start:,} characters, at {found.found_at:,} in the training text: {found.text[start:stop]!r}",
        *(f"{start:,}–{stop:,}: {found.text[start:stop]!r}" for start, stop in found.stretches),
    ]
