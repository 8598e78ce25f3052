"""What the changes cost: a row a class of predictions, and the predictions that changed most."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.shared.i18n import _
from pages.shared.panels import Panel
from playground.format import fixed, percent, perplexity_text
from playground.records import ChangedPrediction, ClassLoss, Effects, perplexity
from playground.tables import CsvWriter

_PANEL = Panel("surgery_losses")
ALL = "all"
"""The name of the class of all predictions."""
_NOT = "not "
_CONTEXT_SHOWN = 24


def title_of(loss: ClassLoss, is_binary: Mapping[str, bool]) -> str:
    """What a class is called.

    Args:
        loss: The class.
        is_binary: Of each annotation, whether it holds or does not; the others are numbers.
    """
    if loss.name == ALL:
        return _("all predictions")
    title = loss.title if loss.is_own else _(loss.title)
    is_elsewhere = loss.name.startswith(_NOT)
    if is_binary.get(loss.name.removeprefix(_NOT), True):
        return _("not: {title}").format(title=title) if is_elsewhere else title
    return (_("{title}: small") if is_elsewhere else _("{title}: large")).format(title=title)


def worst_first(effects: Effects) -> list[ClassLoss]:
    """All predictions, then class by class, the one that has lost most first."""
    first, *others = effects.classes
    return [first, *sorted(others, key=lambda loss: -loss.change)]


def draw(effects: Effects, is_binary: Mapping[str, bool], *, may_read: bool, between: str) -> None:
    """Draw both tables.

    Args:
        effects: What was measured.
        is_binary: As in `title_of`.
        may_read: Whoever looks may read the text, so contexts are shown.
        between: What stands between two tokens.
    """
    losses = worst_first(effects)
    largest = max((abs(loss.change) for loss in losses), default=0.0)
    _PANEL.draw(
        "surgery_losses",
        {
            "losses": [_row(loss, is_binary, largest) for loss in losses],
            "changed": [_changed(each, between) for each in effects.changed] if may_read else [],
            "labels": {
                "table": _("What predictions cost, class by class; the worst first"),
                "class": _("Predictions made here"),
                "count": _("predictions"),
                "before": _("nats before"),
                "after": _("nats after"),
                "change": _("change in nats"),
                "perplexity": _("perplexity"),
                "changed": _("The predictions that changed most"),
                "context": _("After this text"),
                "token": _("comes this"),
                "probability": _("its probability"),
                "position": _("token {n} of the text"),
            },
        },
    )


def downloads(effects: Effects, is_binary: Mapping[str, bool], name: str, *, may_read: bool) -> None:
    """Draw the buttons that give both tables as files.

    Args:
        effects: What was measured.
        is_binary: As in `title_of`.
        name: What the files' names begin with.
        may_read: As in `draw`.
    """
    with st.container(horizontal=True):
        _download(
            _("Losses by class (.csv)"),
            lambda: _losses_csv(effects, is_binary),
            f"{name}-losses.csv",
            "losses",
        )
        if may_read:
            _download(
                _("Changed predictions (.csv)"),
                lambda: _changed_csv(effects),
                f"{name}-predictions.csv",
                "changed",
            )


def _row(loss: ClassLoss, is_binary: Mapping[str, bool], largest: float) -> dict[str, Any]:
    return {
        "name": loss.name,
        "title": title_of(loss, is_binary),
        "tokens": f"{loss.tokens:,}",
        "before": fixed(loss.before, 3),
        "after": fixed(loss.after, 3),
        "change": fixed(loss.change, 3, plus=True),
        "share": loss.change / largest if largest else 0.0,
        "perplexity": f"{perplexity_text(loss.before)} → {perplexity_text(loss.after)}",
    }


def _changed(each: ChangedPrediction, between: str) -> dict[str, Any]:
    return {
        "context": between.join(each.context[-_CONTEXT_SHOWN:]),
        "token": each.token,
        "before": percent(each.before),
        "after": percent(each.after),
        "is_worse": each.after < each.before,
        "position": f"{each.position:,}",
    }


def _download(label: str, make: Any, file: str, key: str) -> None:
    st.download_button(
        label,
        lambda: make().encode("utf-8-sig"),
        file,
        "text/csv",
        key=f"surgery_{key}_csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _losses_csv(effects: Effects, is_binary: Mapping[str, bool]) -> str:
    out = io.StringIO()
    table = CsvWriter(out)
    table.writerow(
        (
            "class",
            "title",
            "predictions",
            "nats_before",
            "nats_after",
            "change",
            "perplexity_before",
            "perplexity_after",
        )
    )
    for loss in worst_first(effects):
        table.writerow(
            (
                loss.name,
                title_of(loss, is_binary),
                loss.tokens,
                loss.before,
                loss.after,
                loss.change,
                perplexity(loss.before),
                perplexity(loss.after),
            )
        )
    return out.getvalue()


def _changed_csv(effects: Effects) -> str:
    out = io.StringIO()
    table = CsvWriter(out)
    table.writerow(("position", "context", "token", "probability_before", "probability_after"))
    for each in effects.changed:
        table.writerow((each.position, "|".join(each.context), each.token, each.before, each.after))
    return out.getvalue()
