"""What the states of both directions know about each token: a map."""

from __future__ import annotations

import io
from collections.abc import Sequence

import streamlit as st

from pages.shared.checkpoints import require
from pages.shared.controls import Bound
from pages.shared.i18n import _, html_language
from pages.shared.lesson import lesson_run, sentence
from pages.shared.panels import modebar
from pages.shared.site import page_link
from pages.shared.state import gate_service, runs_here
from playground.figures.standalone import page_of
from playground.figures.text import feature_figure
from playground.format import percent
from playground.inference.feature_map import feature_map
from playground.lesson_settings import SentenceLook
from playground.records import FeatureMap, RunRecord
from playground.services.gates import MAX_TOKENS
from playground.tables import CsvWriter


def lesson() -> None:
    """A sentence as points on a plane."""
    st.markdown(
        _(
            "At every token the two readers hold a state each: what stood before, and what comes "
            "after. Side by side they "
            "are **features** of that token, which a tagger or a translator can use. Here is their "
            "shadow on a plane: the "
            "first two principal components. Tokens that the network takes for alike lie together."
        )
    )
    run = lesson_run(_has_features, "features_run")
    if run is None:
        st.info(_("No run with two directions has weights yet. Train one in “Fill in the blank”."))
        page_link(
            "directions",
            label=_("Fill in the blank"),
            icon=":material/arrow_forward:",
            query_params={"view": "blanks"},
        )
        return
    text = sentence(
        Bound(SentenceLook, "features"),
        run,
        "features_text",
        _("What the network reads, at most {n} tokens. Press Ctrl+Enter.").format(n=MAX_TOKENS),
    )
    trace = gate_service().trace(run, require(run)[-1], text)
    points, words = feature_map(trace), modebar()
    figure = feature_figure(points, trace.tokens, _)
    st.plotly_chart(
        figure,
        key="features",
        width="stretch",
        config={"displayModeBar": False},
        alt=_("Scatter: every token of the sentence at the place of its two-direction state, by kind."),
    )
    st.caption(
        _(
            "The plane holds {share} of the variance of {size} numbers a token: near may still be far "
            "in the rest."
        ).format(share=percent(sum(points.explained), 0), size=2 * trace.hidden_size)
    )
    with st.container(horizontal=True):
        st.download_button(
            _("Table (.csv): tokens and places"),
            lambda: table(trace.tokens, points),
            f"features-{run.id}.csv",
            "text/csv",
            key="features_csv",
            on_click="ignore",
            icon=":material/download:",
        )
        st.download_button(
            _("Figure (.html): opens without this server"),
            lambda: page_of([figure], title=f"{run.name} · {text}", language=html_language(), words=words),
            f"features-{run.id}.html",
            "text/html",
            key="features_html",
            on_click="ignore",
            icon=":material/download:",
        )


def _has_features(run: RunRecord) -> bool:
    return run.config.model.bidirectional and bool(runs_here().checkpoints(run.id))


def table(tokens: Sequence[str], points: FeatureMap) -> bytes:
    """The map as CSV: a row a token."""
    buffer = io.StringIO()
    writer = CsvWriter(buffer)
    writer.writerow(["position", "token", "kind", "component_1", "component_2"])
    for position, row in enumerate(zip(tokens, points.kinds, points.points.tolist(), strict=True), 1):
        token, kind, place = row
        writer.writerow([position, token, kind, *place])
    return buffer.getvalue().encode("utf-8-sig")
