"""The one door to the terminal: what a person or a file wrote is printed as it stands, and changes nothing.

No text is read as Rich's markup or as an emoji's name, and no control character gets through: an escape sequence in
a run's name would move the cursor or recolour the rest. Ruff forbids the other doors (`typer.echo`, `rich.console`).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console, ConsoleOptions, RenderableType  # noqa: TID251
from rich.measure import Measurement
from rich.progress import TextColumn  # noqa: TID251
from rich.segment import Segment
from rich.table import Column, Table
from rich.text import Text

from playground.errors import EncodingCandidate, EncodingUndecided, PlaygroundError
from playground.text.corpora import TIME_MACHINE, CorpusLibrary
from playground.text.decoding import show_control

_TURNS = re.compile("[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Beside control characters: what breaks a line or turns its direction, and halves of a character."""


def clean(text: str) -> str:
    r"""A text that a terminal shows and does not obey; line feeds and tabs stay.

    >>> clean("a\x1b[31mb\u202ec")
    'a␛[31mb\\u202ec'
    """
    text = _TURNS.sub(lambda match: f"\\u{ord(match.group()):04x}", text)
    return show_control(text.replace("\r", "␍"))


_ANY_WIDTH = 10_000
"""Columns that no terminal has."""


class PlainConsole(Console):
    """Rich's console, for tables and progress, with every text as it stands."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, markup=False, emoji=False, highlight=False)

    def render_str(self, text: str, **options: Any) -> Text:
        """Make text of a cell, a title or a line, before its width is measured."""
        return super().render_str(clean(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Draw; the console's own sequences are marked as such, and pass."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(clean(segment.text), segment.style)


err = PlainConsole(stderr=True)
"""Progress and remarks go here, so that standard output holds only the result."""


def say(text: object = "", *, end: str = "\n") -> None:
    """Write a result to standard output."""
    sys.stdout.write(clean(str(text)) + end)
    sys.stdout.flush()


def say_json(value: object) -> None:
    """Write a result for programs: one line, in ASCII."""
    say(json.dumps(value))


def show(*results: RenderableType) -> None:
    """Write tables to standard output."""
    console = PlainConsole()
    for result in results:
        console.print(result)


def show_fitting(
    heads: Sequence[str], rows: Sequence[Sequence[str]], *, spared: Sequence[str], whole: Collection[str]
) -> None:
    """Write a table, on a narrow terminal without the columns that can be spared.

    Args:
        heads: The columns.
        rows: What stands in them.
        spared: Those that can be left out, first those that are missed least.
        whole: Those that are never broken.
    """
    console = PlainConsole()
    unbounded = console.options.update(max_width=_ANY_WIDTH)
    left_out = 0
    while True:
        kept = [at for at, head in enumerate(heads) if head not in spared[:left_out]]
        table = Table(*(Column(heads[at], no_wrap=heads[at] in whole) for at in kept))
        for row in rows:
            table.add_row(*(row[at] for at in kept))
        if left_out == len(spared) or Measurement.get(console, unbounded, table).maximum <= console.width:
            break
        left_out += 1
    console.print(table)
    if left_out:
        tell(f"Left out on a terminal of {console.width} columns: {', '.join(spared[:left_out])}.")


def tell(text: object) -> None:
    """Write a remark to standard error: one line, however long."""
    err.print(str(text), soft_wrap=True)


def confirm(question: str) -> bool:
    """Ask for yes or no."""
    return typer.confirm(clean(question))  # noqa: TID251


def plain_column(format: str) -> TextColumn:
    """A column of a progress line, a template with `task` as in Rich, whose text is no markup."""
    return TextColumn(format, markup=False)


@contextmanager
def working(text: str = "…") -> Iterator[Callable[[str], None]]:
    """Show on standard error that something is under way; yields what changes the text."""
    with err.status(Text(text)) as status:
        yield lambda text: status.update(Text(text))


@contextmanager
def exit_on_error() -> Iterator[None]:
    """Turn one of our errors, or a lack of memory, into a sentence and exit code 2."""
    offered: tuple[EncodingCandidate, ...] = ()
    try:
        yield
    except PlaygroundError as error:
        sentence = str(error)
        if isinstance(error, EncodingUndecided):
            offered = error.candidates
    except MemoryError:
        sentence = "Memory ran out. Choose a shorter text or a smaller network, or close other programs."
    else:
        return
    tell("Error: " + sentence.replace("\n", "␊"))
    for candidate in offered:
        tell(f"  --encoding {candidate.name:<14} {_told(candidate)}")
    raise typer.Exit(2)


def _told(candidate: EncodingCandidate) -> str:
    return candidate.preview + (f"  ({candidate.replaced:,} bytes replaced)" if candidate.replaced else "")


def fetch_if_missing(library: CorpusLibrary, corpus: str) -> None:
    """Download The Time Machine when it is the text asked for and not on this machine yet.

    Raises:
        DownloadError: Offline, broken off, or not the expected file.
    """
    ready = {info.id for info in library.all() if info.ready}
    if corpus == TIME_MACHINE and TIME_MACHINE not in ready:
        tell("Fetching The Time Machine (175 KB) …")
        library.fetch_time_machine()
