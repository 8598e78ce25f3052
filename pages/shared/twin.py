"""The same run with or without clipping, beside it on the same charts."""

from __future__ import annotations

import streamlit as st

from pages.shared import address
from pages.shared.i18n import _
from pages.shared.state import run_manager
from playground.config import RunConfig, with_clipping
from playground.errors import PlaygroundError
from playground.format import exact
from playground.records import RunRecord

_USUAL = 1.0
"""θ of the twin of a run that began without clipping, as d2l has it."""


def twin_config(run: RunRecord) -> RunConfig:
    """The same settings and seed without clipping; with it for a run that began without."""
    return with_clipping(run.config, _USUAL if run.config.train.max_grad_norm is None else None)


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
    wanted = twin_config(run)
    return next(
        (
            candidate
            for candidate in run_manager().store.all()
            if candidate.config == wanted and is_plain(candidate)
        ),
        None,
    )


def is_plain(run: RunRecord) -> bool:
    """It ended of itself or is under way, and nobody has moved its θ: fit to be compared by its settings."""
    return not run.status.is_resumable and not run_manager().store.clipping.moved(run)


def _show(run: RunRecord) -> None:
    try:
        if find_twin(run) is None:
            run_manager().start(twin_config(run))
        address.write({"twin": "on"})
    except PlaygroundError as error:
        st.session_state.run_problem = error
