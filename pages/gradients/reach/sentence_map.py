"""Which token of a sentence still moves which prediction."""

from __future__ import annotations

import streamlit as st

from pages.gradients.reach import comparable, controls
from pages.shared.checkpoints import pick
from pages.shared.controls import Bound
from pages.shared.i18n import _
from pages.shared.run_labels import run_labels
from pages.shared.state import opened_or_none, reach_service, runs_here
from pages.shared.texts import usual_sentence
from pages.shared.unknown_tokens import unknown, unread
from playground.cells import CELLS
from playground.figures.reach import connectivity_figure
from playground.figures.sentence import short
from playground.format import number
from playground.lesson_settings import ReachLook
from playground.records import Array, RunRecord, furthest_link
from playground.services.reach import MOST_MAP

_USUAL_LENGTH = 40
"""Characters of the usual sentence: so many can be told apart on a phone."""
_COUNTS = 0.01
"""A link counts from this part of the strongest one on."""


def view(look: Bound[ReachLook]) -> None:
    """A heatmap of the sentence, of a run or of a fresh cell."""
    runs = {run.id: run for run in runs_here().with_weights()}
    chosen = _of(look, runs)
    run = runs.get(chosen)
    text = _sentence(look, run)
    if run is None:
        fresh, cell = controls.fresh().settings, next(cell for cell in CELLS if cell == chosen)
        tokens, norms = reach_service().fresh_sentence(fresh, cell, text)
        unread(reach_service().fresh_vocab(fresh), tokens)
        st.caption(controls.describe(fresh))
    else:
        checkpoint = pick(run, look, key="reach_map_epoch")
        tokens, norms = reach_service().sentence(run, checkpoint, text)
        unknown(run, tokens)
    by_word = run is not None and run.config.corpus.token_level != "char"
    both_ways = run is not None and run.config.model.bidirectional
    fills = run is not None and run.config.model.objective == "masked"
    st.plotly_chart(
        connectivity_figure(tokens, norms, by_word=by_word, fills=fills, both_ways=both_ways, _=_),
        key="reach_map",
        width="stretch",
        config={"displayModeBar": False},
        alt=_("Heatmap: how strongly the prediction at each token of the sentence depends on each token."),
    )
    _say(tokens, norms)
    st.caption(_explained(run, fills=fills))


def _of(look: Bound[ReachLook], runs: dict[str, RunRecord]) -> str:
    """Draw whose map it is: a run, or a fresh cell by its name."""
    labels = run_labels(runs.values())
    labels |= {cell: _("a fresh {cell}").format(cell=cell.upper()) for cell in CELLS}
    opened = opened_or_none()
    sound = [id for id, run in runs.items() if comparable.is_sound(run)] or list(labels)
    usual = opened.id if opened is not None and opened.id in sound else sound[0]
    usual = usual if runs else "lstm"
    chosen = look.settings.of or usual
    if chosen not in labels:
        st.caption(_("The network that the link names is not here; this is another one."))
        chosen = usual
    look.keep(of=chosen)  # the newest run of today is not that of tomorrow
    look.choice("of", labels, widget=st.selectbox, value=chosen, key="reach_of")
    if chosen in runs:
        comparable.warn([runs[chosen]])
    return chosen


def _sentence(look: Bound[ReachLook], run: RunRecord | None) -> str:
    usual = (
        reach_service().fresh_usual_sentence(controls.fresh().settings, _USUAL_LENGTH)
        if run is None
        else usual_sentence(run, _USUAL_LENGTH)
    )
    told = _("What the network reads, at most {n} tokens. Press Ctrl+Enter.").format(n=MOST_MAP)
    return look.text("text", usual, key="reach_sentence", help=told)


def _say(tokens: tuple[str, ...], norms: Array) -> None:
    """The longest link that still counts."""
    link = furthest_link(norms, _COUNTS)
    if link is None:
        st.text(_("No token moves a prediction here."))
        return
    to, source = link
    st.text(
        _(
            "The longest link that still has a hundredth of the strongest: “{token}” at {source} "
            "moves the prediction at {to}, "
            "{apart} tokens apart, by {norm}; the strongest has {most}."
        ).format(
            token=short(tokens[source]),
            source=source + 1,
            to=to + 1,
            apart=abs(to - source),
            norm=number(norms[to, source], 2),
            most=number(norms.max(), 2),
        )
    )


def _explained(run: RunRecord | None, *, fills: bool) -> str:
    if fills:
        return _(
            "A cell: how much the score of the likeliest token at the row’s place moves with the "
            "column’s token. From both sides "
            "both triangles are filled; the diagonal is empty, for no token may tell itself."
        )
    if run is not None and run.config.model.bidirectional:
        return _(
            "A cell: how much the score of the likeliest next token moves with the column’s token. "
            "Both triangles are filled, "
            "for the second direction has read what comes after."
        )
    return _(
        "A cell: how much the score of the likeliest next token moves with the column’s token. Above "
        "the diagonal nothing "
        "stands: what comes later cannot move what was said before."
    )
