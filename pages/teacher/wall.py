"""The wall: every run as a card with a small curve, which a browser keeps up to date by itself."""

from __future__ import annotations

from dataclasses import asdict
from functools import lru_cache
from typing import Any

import streamlit as st

from pages.shared import people, problems
from pages.shared.i18n import _, language, status_label
from pages.shared.panels import Panel
from pages.shared.state import runs_here
from pages.shared.texts import titles
from playground.config import RUN_FORM
from playground.controls import control_of
from playground.errors import PlaygroundError, StoreBusy, gettext_noop
from playground.records import RunStatus
from playground.records.wall import Caveat, Trouble

_PANEL = Panel("wall")
TROUBLES = {
    Trouble.FAILED: gettext_noop("failed"),
    Trouble.DIVERGED: gettext_noop("diverged"),
    Trouble.EXPLODED: gettext_noop("exploded"),
    Trouble.SILENT: gettext_noop("says nothing"),
    Trouble.STUCK: gettext_noop("stuck at guessing"),
}


def follow_press() -> None:
    """Go to the run whose card was pressed, if one was."""
    opened = st.session_state.pop("wall_opened", None)
    if opened is not None:
        st.switch_page("train/page.py", query_params={"run": opened, "lang": language()})


def wall() -> None:
    """Draw the wall."""
    _PANEL.draw(
        "wall",
        {
            "path": "/api/wall",
            "labels": _labels(),
            "settings": _settings(language()),
            "texts": titles(),
            "refused": st.session_state.get("wall_refused", {}),
        },
        on_open_change=_open,
        on_stop_change=_stop,
    )


def _open() -> None:
    st.session_state.wall_opened = st.session_state.wall.open


def _stop() -> None:
    problems.attempt(_end, st.session_state.wall.stop or "")


def _end(id: str) -> None:
    try:
        runs_here().stop(id)
    except StoreBusy:
        raise  # it is asked again when the database is free
    except PlaygroundError:
        refused = st.session_state.setdefault("wall_refused", {})
        # its card's Stop, which waits for an answer, can be pressed again
        refused[id] = refused.get(id, 0) + 1
        raise


@lru_cache(8)
def _settings(language: str) -> dict[str, dict[str, Any]]:
    """Each setting's label, and what its values are called on the Train page: behind the label, or without it.

    The language decides them, so it belongs to the key.
    """
    controls = {name: control_of(info) for name, info in RUN_FORM.fields.items()}
    return {
        name: {
            "label": _(control.label),
            "words": {
                "false": _("off"),
                "null": _(control.empty) if control.empty else _("off"),
                "": _(control.empty),
            }
            | {_as_json(value): _(word) for value, word in control.words.items()},
            "alone": {"true": _(control.label)}
            | ({"null": _(control.switch.label)} if control.switch and control.switch.on_is_off else {}),
        }
        for name, control in controls.items()
        if control is not None
    }


def _as_json(value: object) -> str:
    """How JavaScript spells what it looks up."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _labels() -> dict[str, Any]:
    return {
        "filter": _("Search the runs"),
        "sort": _("Order"),
        "orders": {
            "trouble": _("What needs a look first"),
            "newest": _("Newest first"),
            "perplexity": _("Lowest perplexity first"),
            "owner": _("By owner"),
        },
        "counts": {
            "trouble": _("{n} to look at"),
            "running": _("{n} training"),
            "queued": _("{n} waiting"),
            "paused": _("{n} paused"),
        },
        "left_off": _("{n} older ones are not shown"),
        "nothing": _("Nobody has started a run within the last hour. They appear here by themselves."),
        "no_match": _("No run matches the search."),
        "statuses": {status.value: status_label(status) for status in RunStatus},
        "troubles": {trouble.value: _(word) for trouble, word in TROUBLES.items()},
        "place": _("waiting, place {n}"),
        "in_turns": _("training, in turns"),
        "people": asdict(people.words()),
        "caveats": {Caveat.TRAP.value: "⚠ " + _("trap"), Caveat.BLANKS.value: _("fill in the blank")},
        "chips": _("In frames: the settings in which a run differs from most of those shown."),
        "epoch": _("epoch"),
        "train": _("train"),
        "heldout": _("held out"),
        "guessing": _("guessing"),
        "curve": _("Perplexity over time, {n} at last"),
        "open": _("Open"),
        "stop": _("Stop"),
    }
