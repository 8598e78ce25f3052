"""The wall as a table for a spreadsheet."""

from __future__ import annotations

import io
from collections.abc import Sequence

import streamlit as st

from pages.shared import people
from pages.shared.i18n import _
from pages.shared.run_labels import outcome_label
from pages.shared.state import runs_here, server
from playground.config import flatten
from playground.records import RunRecord, perplexity
from playground.tables import CsvWriter


def download() -> None:
    """Draw the button; the file is made when it is pressed for, of what is on the wall then."""
    st.download_button(
        _("Table (.csv)"),
        lambda: csv_of(server().wall.runs(runs_here().person)),
        "runs.csv",
        "text/csv",
        key="wall_csv",
        icon=":material/download:",
        on_click="ignore",
    )


def csv_of(runs: Sequence[RunRecord]) -> bytes:
    """A row a run, with its owner, how it stands, and every setting."""
    owners = people.owners(list(runs))
    settings = list(dict.fromkeys(name for run in runs for name in flatten(run.config)))
    out = io.StringIO()
    writer = CsvWriter(out)
    figures = ("parameters", "epoch", "step", "seconds", "train_perplexity", "heldout_perplexity")
    writer.writerow(["run", "owner", "name", "status", *figures, *settings])
    for run in runs:
        flat = flatten(run.config)
        losses = (run.train_loss, run.heldout_loss)
        writer.writerow(
            [
                run.id,
                owners[run.id],
                run.name,
                outcome_label(run),
                "" if run.facts is None else run.facts.parameters,
                run.epoch,
                run.step,
                run.seconds,
                *("" if loss is None else perplexity(loss) for loss in losses),
                *(flat.get(name, "") for name in settings),
            ]
        )
    return out.getvalue().encode("utf-8-sig")
