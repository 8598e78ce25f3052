"""The three views of the Write page."""

from __future__ import annotations

import streamlit as st

from pages.shared.checkpoints import labels, moment_name, nearest, pick, require
from pages.shared.controls import Bound
from pages.shared.i18n import _
from pages.shared.patience import patiently
from pages.shared.state import checkpoint_cache, runs_here, text_service
from pages.shared.unknown_tokens import read_as, unknown
from pages.write import controls
from pages.write.controls import WriteLook
from pages.write.panel import Lane, draw, lane
from playground.format import epoch_text, fixed, number
from playground.records import RunRecord, RunStatus

_LANES = 4
"""Moments that are shown side by side until a person chooses."""
_MOST_LANES = 8
_POWERS = (1, 10, 100, 1_000, 10_000)
_WATCH_SECONDS = 2.0


def write(look: Bound[WriteLook], run: RunRecord) -> None:
    """One text from one moment."""
    if run.status.is_active:
        runs_here().request_checkpoint(run.id)
        st.fragment(patiently(_watch), run_every=_WATCH_SECONDS)(run)
    prefix = controls.prefix(look, run)
    checkpoint = pick(run, look)
    settings = controls.settings()
    read_as(prefix, text_service().prefix(run, prefix), run.config.corpus)
    unknown(run, text_service().prefix(run, prefix))
    draw([lane(run, checkpoint, prefix, settings)], run, f"written-{run.id}.txt")


def _watch(run: RunRecord) -> None:
    """Of a run that trains: say how new its text is."""
    newest = runs_here().newest_checkpoint(run.id)
    if newest is None:
        return
    moment = moment_name(newest.epoch)
    if run.status is RunStatus.PAUSED:
        st.caption(_("It is paused. Its newest weights: {moment}.").format(moment=moment))
    else:
        st.caption(
            _("It still trains. Its newest weights: {moment}; “Write again” takes them.").format(
                moment=moment
            )
        )


def training(look: Bound[WriteLook], run: RunRecord) -> None:
    """The same prefix and the same seed at several moments of training."""
    prefix = controls.prefix(look, run)
    checkpoints = require(run)
    epochs = [checkpoint.epoch for checkpoint in checkpoints]
    chosen = _moments(look, run, epochs)
    settings = controls.settings()
    read_as(prefix, text_service().prefix(run, prefix), run.config.corpus)
    unknown(run, text_service().prefix(run, prefix))
    if not chosen:
        st.info(_("Choose at least one moment."))
        return
    called = labels(epochs, run)
    lanes = [lane(run, checkpoints[i], prefix, settings, called[i]) for i in chosen]
    draw(lanes, run, f"written-{run.id}-through-training.txt")


def surprise(look: Bound[WriteLook], run: RunRecord) -> None:
    """What each token of any text costs."""
    text = controls.text(look, run)
    checkpoint = pick(run, look)
    trace = text_service().surprise(run, checkpoint, text)
    read_as(text, trace.tokens, run.config.corpus)
    unknown(run, trace.tokens)
    if len(trace.tokens) > 1:
        st.text(
            _(
                "{bits} bits a token, so the perplexity is 2^{bits} = {perplexity}; guessing would be "
                "{vocab}."
            ).format(
                bits=fixed(trace.mean_bits, 3),
                perplexity=number(trace.perplexity),
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


def _moments(look: Bound[WriteLook], run: RunRecord, epochs: list[float]) -> list[int]:
    """Draw which moments to show; at first a few from early to last."""
    usual = sorted({nearest(epochs, epoch) for epoch in _milestones(epochs)})
    chosen = usual
    if look.settings.moments is not None:
        asked = [word for word in look.settings.moments.split() if word.replace(".", "", 1).isdecimal()]
        chosen = sorted({nearest(epochs, float(word)) for word in asked})[:_MOST_LANES]

    def store(picked: list[int]) -> str | None:
        return None if sorted(picked) == usual else " ".join(epoch_text(epochs[i]) for i in sorted(picked))

    look.choice(
        "moments",
        labels(epochs, run),
        widget=st.multiselect,
        value=chosen,
        store=store,
        max_selections=_MOST_LANES,
    )
    return chosen


def _milestones(epochs: list[float]) -> list[float]:
    """Epochs 1, 10, 100 … and the last, filled up with what lies between."""
    powers = [epoch for epoch in epochs if epoch in _POWERS][-(_LANES - 1) :]
    chosen = list(dict.fromkeys([*powers, epochs[-1]]))
    others = [epoch for epoch in epochs[1:] if epoch not in chosen]  # but for epoch 0
    missing = max(0, _LANES - len(chosen))
    return chosen + others[:: max(1, len(others) // (missing or 1))][:missing]
