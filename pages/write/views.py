"""The three views of the Write page."""

from __future__ import annotations

import streamlit as st

from pages.shared import query
from pages.shared.checkpoints import label, nearest, pick, require, written
from pages.shared.i18n import _
from pages.shared.state import checkpoint_cache, moved_on, put, run_manager, text_service
from pages.shared.unknown_tokens import read_as, unknown
from pages.write import controls
from pages.write.panel import Lane, draw, lane
from playground.records import RunRecord

_LANES = 4
"""Moments that are shown side by side until a person chooses."""
_MOST_LANES = 8
_POWERS = (1, 10, 100, 1_000, 10_000)
_WATCH_SECONDS = 2.0


def write(run: RunRecord) -> None:
    """One text from one moment."""
    if run.status.is_active:
        run_manager().request_checkpoint(run.id)
        st.fragment(_watch, run_every=_WATCH_SECONDS)(run)
    prefix = controls.prefix(run)
    checkpoint = pick(run, query.number("epoch"), "write_epoch")
    settings = controls.settings()
    read_as(prefix, text_service().prefix(run, prefix), run.config.corpus)
    unknown(run, text_service().prefix(run, prefix))
    draw([lane(run, checkpoint, prefix, settings)], run, f"written-{run.id}.txt")


def _watch(run: RunRecord) -> None:
    """Of a run that trains: say how new its text is, and draw the page anew when the run has ended."""
    if moved_on(run):
        st.rerun()
    newest = run_manager().store.newest_checkpoint(run.id)
    if newest is not None:
        st.caption(
            _("It still trains. Its newest weights are of epoch {n}; “Write again” takes them.").format(
                n=written(round(newest.epoch, 1))
            )
        )


def training(run: RunRecord) -> None:
    """The same prefix and the same seed at several moments of training."""
    prefix = controls.prefix(run)
    checkpoints = require(run)
    epochs = [one.epoch for one in checkpoints]
    chosen = _moments(run, epochs)
    settings = controls.settings()
    read_as(prefix, text_service().prefix(run, prefix), run.config.corpus)
    unknown(run, text_service().prefix(run, prefix))
    if not chosen:
        st.info(_("Choose at least one moment."))
        return
    lanes = [lane(run, checkpoints[i], prefix, settings, label(epochs, i, run)) for i in chosen]
    draw(lanes, run, f"written-{run.id}-through-training.txt")


def surprise(run: RunRecord) -> None:
    """What each token of any text costs."""
    text = controls.text(run)
    checkpoint = pick(run, query.number("epoch"), "write_epoch")
    trace = text_service().surprise(run, checkpoint, text)
    read_as(text, trace.tokens, run.config.corpus)
    unknown(run, trace.tokens)
    if len(trace.tokens) > 1:
        st.text(
            _(
                "{bits} bits a token, so the perplexity is 2^{bits} = {perplexity}; guessing would be "
                "{vocab}."
            ).format(
                bits=f"{trace.mean_bits:.3f}",
                perplexity=f"{trace.perplexity:.3g}",
                vocab=len(checkpoint_cache().vocab(run)),
            )
        )
    else:
        st.info(
            _(
                "A single token: nothing stands before it that could make it likely or not. Type a "
                "longer text."
            )
        )
    draw([Lane(trace=trace)], run, f"surprise-{run.id}.txt")


def _moments(run: RunRecord, epochs: list[float]) -> list[int]:
    """Draw which moments to show; at first a few from early to last."""
    usual = sorted({nearest(epochs, epoch) for epoch in _milestones(epochs)})
    now = usual
    if "moments" in st.query_params:
        given = [n for n in query.given("moments").split(" ") if n.replace(".", "", 1).isdecimal()]
        now = sorted({nearest(epochs, float(n)) for n in given})[:_MOST_LANES]
    labels = [label(epochs, i, run) for i in range(len(epochs))]
    put("write_moments", now, *labels)

    def chosen() -> None:
        picked = sorted(st.session_state.write_moments)
        query.keep("moments", None if picked == usual else " ".join(written(epochs[i]) for i in picked), None)

    st.multiselect(
        _("Moments of training"),
        range(len(epochs)),
        key="write_moments",
        on_change=chosen,
        format_func=lambda i: labels[i] if i < len(labels) else "",
        max_selections=_MOST_LANES,
    )
    return now


def _milestones(epochs: list[float]) -> list[float]:
    """Epochs 1, 10, 100 … and the last, filled up with what lies between."""
    powers = [epoch for epoch in epochs if epoch in _POWERS][-(_LANES - 1) :]
    chosen = list(dict.fromkeys([*powers, epochs[-1]]))
    others = [epoch for epoch in epochs[1:] if epoch not in chosen]  # but for epoch 0
    missing = max(0, _LANES - len(chosen))
    return chosen + others[:: max(1, len(others) // (missing or 1))][:missing]
