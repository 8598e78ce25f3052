"""Matched brackets: a text on which only a long memory helps, trained on and asked about here."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.gradients.reach.series import run_name
from pages.shared import problems
from pages.shared.checkpoints import require
from pages.shared.i18n import _, join, plain
from pages.shared.lesson import start_button
from pages.shared.run_picker import watch
from pages.shared.site import page_link
from pages.shared.state import bracket_service, runs_here
from playground.cells import CELLS
from playground.figures.reach import MOST_CURVES, recall_figure
from playground.format import number, percent, perplexity_text
from playground.records import Recall, RunRecord
from playground.services import brackets
from playground.tables import guarded_unseen
from playground.text.brackets import LONGEST, PAIRS, SHORTEST, bracket_text

_SHOWN = 76
_EDGES = (SHORTEST, 10, 20, LONGEST + 1)


def view() -> None:
    """The text, a press to add it, a press to train on it, and what came of it."""
    st.markdown(
        _(
            "In this text, which we generate from a seed, the letters between two brackets are drawn "
            "at random. Only one thing can "
            "be known: which bracket closes, from the one that opened {low} to {high} letters before."
        ).format(low=SHORTEST, high=LONGEST)
    )
    st.code(bracket_text()[:_SHOWN] + " …", language=None, wrap_lines=True)
    library = runs_here().texts
    if not brackets.is_here(library):
        st.button(
            _("Add this text to the library"),
            key="brackets_add",
            icon=":material/add:",
            type="primary",
            on_click=problems.attempt,
            args=(brackets.add, library),
        )
        return
    runs = [run for run in runs_here().all() if brackets.is_about(run)]
    active = [run for run in runs if run.status.is_active]
    for run in active[:1]:
        st.caption(
            plain(
                _("{n} still to come; the figures join by themselves.").format(n=join(r.name for r in active))
            )
        )
        watch(run)
    ready = {run.id for run in runs_here().with_weights()}
    ended = [run for run in runs if run.id in ready and not run.status.is_active]
    missing = [cell for cell in CELLS if all(run.config.model.cell != cell for run in [*active, *ended])]
    if missing:
        st.caption(_("40 epochs with 64 units each: about a quarter of a minute a cell on a laptop."))
        start_button(
            _("Train {cells} on it").format(cells=join(cell.upper() for cell in missing)),
            "brackets_train",
            *(brackets.config_of(cell) for cell in missing),
            opens=False,
        )
    if ended:
        _asked(ended[:MOST_CURVES])


def _asked(runs: Sequence[RunRecord]) -> None:
    """What each run knows at closing brackets of a text that none was trained on."""
    runs = sorted(runs, key=lambda run: list(CELLS).index(run.config.model.cell))
    moments = [require(run)[-1] for run in runs]
    recalls = [
        bracket_service().recall(run, checkpoint) for run, checkpoint in zip(runs, moments, strict=True)
    ]
    names = [run_name(run, checkpoint) for run, checkpoint in zip(runs, moments, strict=True)]
    st.plotly_chart(
        recall_figure(names, [recall.shares(_EDGES) for recall in recalls], _EDGES, 1 / len(PAIRS), _),
        key="brackets_recall",
        width="stretch",
        config={"displayModeBar": False},
        alt=_(
            "Line chart: how often the closing bracket is of the right kind, by its distance from the "
            "opening one."
        ),
    )
    best = max(zip(recalls, names, strict=True), key=lambda pair: pair[0].share)
    worst = min(zip(recalls, names, strict=True), key=lambda pair: pair[0].share)
    st.text(
        _("Right in {n} closing brackets of another such text: {parts}. Guessing would be {guess}.").format(
            n=len(best[0].right),
            guess=percent(1 / len(PAIRS), 0),
            parts=join(
                f"{name} {percent(recall.share, 0)}" for recall, name in zip(recalls, names, strict=True)
            ),
        )
    )
    if best[0].share - worst[0].share > 0.1:
        st.text(
            _("{name} remembers more than {other}: here the difference is real.").format(
                name=best[1], other=worst[1]
            )
        )
    elif len(recalls) > 1:
        st.text(_("Here they hardly differ."))
    _table(runs, names, recalls)


def _table(runs: Sequence[RunRecord], names: Sequence[str], recalls: Sequence[Recall]) -> None:
    rows = pd.DataFrame(
        {
            _("network"): [guarded_unseen(name) for name in names],
            _("right"): [percent(recall.share, 0) for recall in recalls],
            _("opening bracket / newest token"): [number(recall.influence, 2) for recall in recalls],
            _("held-out perplexity"): [perplexity_text(run.heldout_loss) for run in runs],
        }
    )
    st.dataframe(
        rows,
        key="brackets_table",
        hide_index=True,
        alt=_("Table: right brackets, influence of the opening bracket, perplexity"),
    )
    st.caption(
        _(
            "Opening bracket / newest token: the right bracket’s lead over the other kinds, by what "
            "stood there, where more than 20 "
            "letters lie between; the median."
        )
    )
    run = max(zip(recalls, runs, strict=True), key=lambda pair: pair[0].share)[1]
    with st.container(horizontal=True):
        page_link(
            "gradients",
            label=_("See it in a sentence"),
            icon=":material/arrow_forward:",
            query_params={"view": "reach", "show": "map", "of": run.id, "text": bracket_text()[:60]},
        )
        page_link(
            "gradients",
            label=_("See their curves"),
            icon=":material/arrow_forward:",
            query_params={"view": "reach", "show": "runs", "runs": " ".join(run.id for run in runs)},
        )
