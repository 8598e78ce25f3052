"""The address bar and the controls, kept in step.

A link holds setting names and values as the command line has them, the same in
every language; what stands at its usual value is left out.
"""

from __future__ import annotations

import streamlit as st

from pages.shared.i18n import _, explain, plain
from pages.shared.state import run_manager
from pages.train import controls
from playground.config import FIELDS, RunConfig, check, flatten, from_flat
from playground.errors import ConfigError
from playground.records import RunRecord


def read_link(run: RunRecord | None) -> None:
    """Put the link into the controls when it is not what we wrote; call before they are drawn.

    Args:
        run: The run on show; a link that names only a run, or a click in the list, brings its settings.
    """
    adopts = st.session_state.pop("adopt", False)
    given = {name: st.query_params[name] for name in FIELDS if name in st.query_params}
    if given != st.session_state.get("link"):
        st.session_state.link, st.session_state.link_is_new = given, True
        values, st.session_state.link_problems = _parse(given)
        controls.load(values)
        adopts = adopts or not given
    if adopts and run is not None:
        controls.load_config(run.config)


def problems() -> list[str]:
    """What the link asked for and could not have, one sentence each; until a control is moved."""
    found: list[str] = st.session_state.link_problems
    return found


def write_link(config: RunConfig) -> None:
    """Write the controls into the link; other parts of it stay."""
    now = {
        name: "off" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in flatten(config).items()
        if value != controls.DEFAULTS[name]
    }
    is_new = st.session_state.pop("link_is_new", False)
    if now != st.session_state.link:
        if not is_new:  # a control was moved since: what was wrong with the link is no longer news
            st.session_state.link_problems = []
        st.session_state.link = now
        rest = {name: value for name, value in st.query_params.items() if name not in FIELDS}
        st.query_params.from_dict(rest | now)


def _parse(given: dict[str, str]) -> tuple[dict[str, object], list[str]]:
    """Every setting's value, the usual one where the link's is wrong."""
    values, problems = dict(controls.DEFAULTS), []
    for name, text in given.items():
        try:
            values[name] = check(name, text)
        except ConfigError as error:
            problems.append(explain(error))
    if all(info.id != values["corpus"] for info in run_manager().store.library.all()):
        told = _("The link names the text {name}, which is not here.").format(name=repr(values["corpus"]))
        problems.append(plain(told))
        values["corpus"] = controls.DEFAULTS["corpus"]
    try:
        from_flat(values)
    except ConfigError as error:
        problems.append(explain(error))
        values |= {name: controls.DEFAULTS[name] for name in ("nonlinearity", "objective")}
    return values, problems
