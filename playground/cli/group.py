"""What stands around every command: streams that survive, and arguments that can be told."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import typer
from typer.core import TyperGroup

from playground.cli.streams import safe_streams
from playground.terminal import clean, tell

_UsageError = cast(type[typer.BadParameter], typer.BadParameter.__base__)
"""Typer brings its own Click; the class has no public name."""


class CommandLine(TyperGroup):
    """All commands."""

    def main(self, args: Sequence[str] | None = None, *more: Any, **options: Any) -> Any:
        """Run the command that the arguments name."""
        words = list(sys.argv[1:] if args is None else args)
        with safe_streams():
            for word in words:
                _require_text(word)
            return super().main(words, *more, **options)

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        """Read the arguments of the whole."""
        with _told_cleanly():
            return super().make_context(*arguments, **options)

    def invoke(self, context: Any) -> Any:
        """Read a command's own arguments, and run it."""
        with _told_cleanly():
            return super().invoke(context)


def _require_text(word: str) -> None:
    """End with a sentence where the bytes of an argument are no text in this system's encoding."""
    wrong = next((place for place, char in enumerate(word) if "\ud800" <= char <= "\udfff"), None)
    if wrong is not None:
        shown = "".join(f"\\x{ord(c) - 0xDC00:02x}" if "\udc80" <= c <= "\udcff" else c for c in word)[:80]
        tell(
            f"Error: The argument {shown} is no text in {sys.getfilesystemencoding().upper()} (character "
            f"{wrong + 1}). Type it again; a file or folder of that name has to be renamed first."
        )
        sys.exit(2)


@contextmanager
def _told_cleanly() -> Iterator[None]:
    """Clean the sentence about a wrong argument, which has the argument in it."""
    try:
        yield
    except _UsageError as error:
        error.message = clean(error.message)
        raise
