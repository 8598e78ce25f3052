"""The wall as a table for a spreadsheet."""

from __future__ import annotations

import io

import streamlit as st

from pages.shared import people
from pages.shared.i18n import _
from pages.shared.state import server, told_person
from playground.config import flatten
from playground.records import Person, perplexity
from playground.runs.server import Server
from playground.tables import CsvWriter

_FIGURES = ("parameters", "epoch", "step", "seconds", "train_perplexity", "heldout_perplexity")


def download() -> None:
    """Draw the button; the file is made when it is pressed for, of what is on the wall then."""
    who, words = told_person(), people.words()  # later there is no page to ask
    st.download_button(
        _("Table (.csv)"),
        lambda: csv_of(server(), who, words),
        "runs.csv",
        "text/csv",
        key="wall_csv",
        icon=":material/download:",
        on_click="ignore",
    )


def csv_of(server: Server, who: str | None, words: people.Words) -> bytes:
    """A row a run, with its owner, how it stands, and every setting.

    Args:
        server: Has the wall.
        who: Id of whoever asks.
        words: What people without a name are called.

    Raises:
        NotAllowed: They are no teacher.
    """
    here, everybody = server.runs_of(who), server.classroom.everybody()
    person, titles = here.person, here.texts.titles()
    runs = server.wall.runs(person)
    troubles = {card.id: card.trouble for card in server.wall.look(person).cards}
    flat = [flatten(run.config) for run in runs]
    settings = list(dict.fromkeys(name for values in flat for name in values))
    out = io.StringIO()
    writer = CsvWriter(out)
    writer.writerow(["run", "owner", "name", "status", "trouble", "text", *_FIGURES, *settings])
    for run, values in zip(runs, flat, strict=True):
        owner = Person(None) if run.owner is None else everybody.get(run.owner, Person(run.owner))
        writer.writerow(
            [
                run.id,
                words.called(owner),
                run.name,
                run.status.value,
                troubles.get(run.id) or "",
                titles.get(run.config.corpus.corpus, ""),
                None if run.facts is None else run.facts.parameters,
                run.epoch,
                run.step,
                run.seconds,
                *(None if loss is None else perplexity(loss) for loss in (run.train_loss, run.heldout_loss)),
                *(values.get(name) for name in settings),
            ]
        )
    return out.getvalue().encode("utf-8-sig")
