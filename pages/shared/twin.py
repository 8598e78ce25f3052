"""The same run with or without clipping, beside it on the same charts."""

from __future__ import annotations

import streamlit as st

from pages.shared import address, problems
from pages.shared.i18n import _
from pages.shared.state import runs_here
from playground.access import Action
from playground.config import RunConfig, flatten, from_flat, with_clipping
from playground.format import exact, number
from playground.records import RunRecord

_USUAL = 1.0
"""θ of the twin of a run that began without clipping, as d2l has it."""


def twin_config(run: RunRecord) -> RunConfig:
    """The same settings and seed without clipping; with it for a run that began without.

    Without clipping it ends by itself once it is beyond saving: it must not hold the slot for all its epochs.
    """
    if run.config.train.max_grad_norm is None:
        return with_clipping(run.config, _USUAL)
    free = with_clipping(run.config, None)
    return from_flat(flatten(free) | {"stop_exploded": True})


def shown_twin(run: RunRecord) -> tuple[RunRecord, str] | None:
    """The twin that the link shows beside a run, and what it is called; None shows none."""
    if address.word("twin") != "on":
        return None
    twin = find_twin(run)
    return None if twin is None else (twin, called(twin))


def called(twin: RunRecord) -> str:
    """What a twin's curve is called."""
    limit = twin.config.train.max_grad_norm
    return (
        _("twin without clipping") if limit is None else _("twin with θ = {limit}").format(limit=exact(limit))
    )


def button(run: RunRecord) -> None:
    """One press starts the twin, or brings it back; another one hides it."""
    if shown_twin(run) is not None:
        st.button(
            _("Hide the twin"),
            key="twin_hide",
            icon=":material/visibility_off:",
            on_click=address.write,
            args=({"twin": None},),
        )
        return
    if not runs_here().may(Action.TWIN, run) and find_twin(run) is None:
        return
    free = run.config.train.max_grad_norm is None
    st.button(
        _("Twin with clipping") if free else _("Twin without clipping"),
        key="twin",
        icon=":material/call_split:",
        on_click=_show,
        args=(run,),
        help=_("The same settings and seed, once more, on the same charts: see what clipping does."),
    )


def find_twin(run: RunRecord) -> RunRecord | None:
    """The newest twin of a run that ended of itself, or is under way."""
    wanted = _as_trained(twin_config(run))
    return next(
        (
            candidate
            for candidate in runs_here().all()
            if _as_trained(candidate.config) == wanted and is_plain(candidate)
        ),
        None,
    )


def _as_trained(config: RunConfig) -> RunConfig:
    """Without what decides only when it ends."""
    return from_flat(flatten(config) | {"stop_exploded": False})


def is_plain(run: RunRecord) -> bool:
    """It ended of itself or is under way, and nobody has moved its θ: fit to be compared by its settings."""
    return not run.status.is_resumable and not runs_here().clipping.moved(run)


def is_the_same(run: RunRecord) -> bool:
    """It has ended and no gradient of it was clipped: without clipping it would be the same run."""
    ended = run.has_started and not run.status.is_active and run.config.train.max_grad_norm is not None
    return ended and not runs_here().clipping.was_clipped(run)


def told_the_same(run: RunRecord) -> None:
    """Say, where that was asked for, that a twin would be the same run; it can be trained all the same."""
    if st.session_state.get("twin_refused") != run.id:
        return
    st.info(
        _(
            "θ = {limit} was never reached: in {steps} steps the longest gradient had norm {norm}. Without "
            "clipping it would be the very same run."
        ).format(
            limit=exact(run.config.train.max_grad_norm),
            steps=exact(run.step),
            norm=number(runs_here().clipping.longest(run)),
        )
    )
    st.button(_("Train it all the same"), key="twin_anyway", on_click=_show, args=(run, True))


def _show(run: RunRecord, anyway: bool = False) -> None:
    problems.attempt(_start, run, anyway)


def _start(run: RunRecord, anyway: bool) -> None:
    st.session_state.pop("twin_refused", None)
    if find_twin(run) is None:
        if is_the_same(run) and not anyway:
            st.session_state.twin_refused = run.id
            return
        runs_here().start_twin(run, twin_config(run))
    if address.word("run", run.id) == run.id:  # another one may have been opened since the press
        address.write({"twin": "on"})
