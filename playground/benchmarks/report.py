"""A table of figures, for the terminal and for a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table as RichTable


@dataclass(frozen=True)
class Table:
    """Headings and rows of finished text."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]

    def to_rich(self) -> RichTable:
        """For the terminal."""
        table = RichTable(title=self.title, title_justify="left")
        for heading in self.headings:
            table.add_column(heading)
        for row in self.rows:
            table.add_row(*row)
        return table

    def to_markdown(self) -> str:
        """With a heading above; ends with a line break."""
        lines = [self.headings, ["---"] * len(self.headings), *self.rows]
        cells = ("| " + " | ".join(_escaped(cell) for cell in line) + " |" for line in lines)
        return f"### {self.title}\n\n" + "\n".join(cells) + "\n"


def _escaped(cell: str) -> str:
    return cell.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")


def verdict(passed: bool) -> str:
    """One word for a table."""
    return "yes" if passed else "NO"
