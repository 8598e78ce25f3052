"""`corpora …`: the texts that are here; fetch The Time Machine before a class, add and remove texts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from playground.cli.common import DataDir, Encoding, Json, open_store, read_text
from playground.errors import DownloadError
from playground.terminal import exit_on_error, say, say_json, show, tell
from playground.text import time_machine
from playground.text.corpora import TIME_MACHINE

app = typer.Typer(help="Look at, fetch, add and remove texts.", no_args_is_help=True)
Corpus = Annotated[str, typer.Argument(help="A text's id, as `corpora list` tells it.", metavar="ID")]


@app.command("list")
def corpora_list(data_dir: DataDir = None, as_json: Json = False) -> None:
    """All texts, with the ids that `--corpus` takes."""
    with exit_on_error():
        library = open_store(data_dir).library
        texts, damaged = library.all(), library.damaged()
    if as_json:
        sound = [{"id": info.id, "title": info.title, "ready": info.ready} for info in texts]
        others = [{"id": t.id, "title": t.title, "ready": False, "damaged": str(t.reason)} for t in damaged]
        say_json(sound + others)
        return
    table = Table("id", "title", "here")
    for info in texts:
        table.add_row(info.id, info.title, "yes" if info.ready else "no: corpora fetch")
    for text in damaged:
        table.add_row(text.id, text.title, "damaged")
    show(table)
    for text in damaged:
        tell(f"{text.id} is damaged: {text.reason}.")
    if damaged:
        tell(
            "Repair: python -m playground doctor --repair, or add it again. "
            "Remove: python -m playground corpora remove ID."
        )


@app.command("fetch")
def corpora_fetch(data_dir: DataDir = None, as_json: Json = False) -> None:
    """Download The Time Machine (175 KB), which the presets of d2l's rows read; best before a class."""
    with exit_on_error():
        library = open_store(data_dir).library
        if library.find_time_machine() is None:
            tell(f"Fetching The Time Machine (175 KB) from {len(library.urls)} addresses in turn …")
            library.fetch_time_machine()
        file = library.find_time_machine()
        if file is None:  # somebody has removed it meanwhile
            raise DownloadError("The Time Machine is not here any more. Fetch it again.")
    if as_json:
        say_json({"id": TIME_MACHINE, "title": time_machine.TITLE, "file": str(file)})
    else:
        say(f"The Time Machine is here: {file}")


@app.command("add")
def corpora_add(
    file: Annotated[Path, typer.Argument(help="A plain text file.", metavar="FILE")],
    title: Annotated[str, typer.Option(help="What to call it.", show_default="the file's name")] = "",
    encoding: Encoding = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Keep a text of one's own; a copy of The Time Machine becomes The Time Machine."""
    with exit_on_error():
        text = read_text(file, encoding)
        library = open_store(data_dir).library
        count = len(library.all())
        corpus = library.add(title or file.stem, text)
        is_known = len(library.all()) == count
        twin = library.same_but_form(corpus)
    if twin is not None:
        tell(
            f"It differs from {twin.title!r} ({twin.id}) only in how its characters are composed (NFC, NFD)."
        )
    if is_known and corpus.id != TIME_MACHINE:
        tell(f"This text is already here, under its first title: {corpus.title!r}.")
    if as_json:
        about = {"id": corpus.id, "title": corpus.title, "characters": len(corpus.text)}
        say_json(about | {"sha256": corpus.sha256})
    else:
        say(f"{corpus.id}  {corpus.title}  ({len(corpus.text):,} characters)")


@app.command("remove")
def corpora_remove(corpus: Corpus, data_dir: DataDir = None) -> None:
    """Remove a text that was added and that no run reads."""
    with exit_on_error():
        open_store(data_dir).remove_text(corpus)
    say(f"Removed {corpus}.")
