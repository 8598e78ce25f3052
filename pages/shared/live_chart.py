"""The live panel: progress, figures, curves and samples of one run, drawn in the browser."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import streamlit as st

from pages.shared import problems, text_measure
from pages.shared.i18n import _, clauses, language, sentence_gap, status_label
from pages.shared.panels import Panel
from pages.shared.state import runs_here
from playground.access import Action
from playground.figures.curves import norm_figure, perplexity_figure
from playground.figures.theme import spec
from playground.records import RunRecord, RunStatus

_PANEL = Panel("live_chart")


def live_chart(
    run: RunRecord | None,
    twin: tuple[RunRecord, str] | None = None,
    scoreboard: dict[str, Any] | None = None,
) -> None:
    """Draw the panel; it follows the run by itself and reruns the page when the status changes.

    Args:
        run: None shows what to do first.
        twin: A second run for the same charts, and what it is called there.
        scoreboard: What n-grams reach on the run's text, as `scoreboard` gives it.
    """
    problems.tell()
    _PANEL.draw(
        "live_chart",
        {
            "run": run.id if run else None,
            "status": run.status.value if run else None,
            "history": f"/api/runs/{run.id}/history" if run else None,
            "labels": _labels(bool(runs_here().all())),
            "exploded": bool(run and runs_here().clipping.explosion(run)),
            "may_move": bool(run and runs_here().may(Action.CLIP, run)),
            "first_limit": run.config.train.max_grad_norm if run else None,
            "has_heldout": run is None or run.config.corpus.held_out > 0,
            "scoreboard": scoreboard,
            "twin": _twin(*twin) if twin else None,
            "figures": _figures(language(), twin[1] if twin else None),
        },
        on_status_change=lambda: None,  # the rerun itself is what is wanted
        on_twin_change=lambda: None,
        on_theta_change=_move_threshold,
    )


def _move_threshold() -> None:
    """What a hand on the line, the switch or the field asks for."""
    moved = st.session_state.live_chart.theta
    if moved:
        problems.attempt(lambda: runs_here().clip(moved["run"], moved["limit"]))


def _twin(twin: RunRecord, name: str) -> dict[str, Any]:
    return {
        "id": twin.id,
        "name": name,
        "status": twin.status.value,
        "exploded": runs_here().clipping.explosion(twin) is not None,
        "history": f"/api/runs/{twin.id}/history",
    }


@lru_cache(64)
def _figures(language: str, twin: str | None) -> dict[str, Any]:
    """Both charts without points; the language decides the words, so it belongs to the key."""
    return {"perplexity": spec(perplexity_figure(_, twin=twin)), "norm": spec(norm_figure(_, twin=twin))}


def _labels(any_run: bool) -> dict[str, Any]:
    return {
        "names": {
            "train": _("train perplexity"),
            "heldout": _("held-out perplexity"),
            "loss": _("loss = ln perplexity"),
            "speed": _("tokens per second"),
            "epoch": _("epoch"),
            "device": _("device"),
            "sample": _("What it writes now"),
            "earlier": _("Earlier samples"),
            "clip": _("Clip while it trains"),
        },
        "clipped": _(
            "{share} of the last epoch's steps were clipped, to {scale} of their length on average."
        ),
        "none_clipped": _("No step of the last epoch was clipped."),
        "unclipped": _("Clipping is off."),
        "theta_off": _("θ off"),
        "threshold": _("Clipping threshold θ"),
        "move": _("Drag it, or press ↑ and ↓: it counts from the next step on"),
        "status": {status.value: status_label(status) for status in RunStatus},
        "waiting": _("waiting, place {n} in the queue"),
        "turns": {
            "people": _("taking turns with {n} people"),
            "person": _("taking turns with one other person"),
            "runs": _("taking turns with {n} other runs of the same person"),
            "run": _("taking turns with another run of the same person"),
            "next": _("next turn in about {time}"),
        },
        "held": _("waits until the teacher resumes all runs"),
        "left": _("{time} left"),
        "busy": _("another program has had the database locked for {time}: new points are kept in memory"),
        "locked": _("Another program has locked the database; what the run tells waits in memory."),
        "guessing": _("guessing: {n}"),
        "bits": _("{n} bits/character"),
        "beside": text_measure.explained(),
        "beyond": {
            "perplexity": _("perplexity goes on to {n}"),
            "norm": _("the gradient norm goes on to {n}"),
        },
        "between": clauses(["", ""]),
        "all": _("Show all"),
        "less": _("Show the lower part"),
        "torn": _("Perplexity {n}: as torn as between {n} equally likely tokens."),
        "gap": sentence_gap(),
        "nothing_held": _(
            "Held-out has no figure: nothing of this text was kept apart, so the curve shows memorisation. (Text, More, "
            "Held out)"
        ),
        "below": _(
            "Held-out is below train here: it is measured at an epoch's end, train is the mean over the epoch, "
            "while the network was still worse; and dropout hinders only training."
        ),
        "at_epoch": _("epoch {n}"),
        "threads": _("{n} CPU threads"),
        "second": _("s"),
        "minute": _("min"),
        "hour": _("h"),
        "nothing": _("No run is open.\nChoose a set-up and press Start, or click a run in the list below.")
        if any_run
        else _("Nothing has been trained yet.\nPress Start: the curve appears within a second or two."),
    }
