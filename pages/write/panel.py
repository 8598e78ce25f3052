"""The panel that shows text token by token: streamed from the server, or at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import numpy as np

from pages.shared.i18n import _
from pages.shared.panels import Panel
from playground.config import WriteConfig
from playground.format import epoch_text
from playground.records import CheckpointRecord, RunRecord, RunStatus, SurpriseTrace
from playground.text.vocab import UNK

_PANEL = Panel("write", style="text")


@dataclass(frozen=True)
class Lane:
    """One text."""

    title: str = ""
    path: str | None = None
    """Where the server streams it from."""
    trace: SurpriseTrace | None = None
    """Or what it is."""


def lane(
    run: RunRecord, checkpoint: CheckpointRecord, prefix: str, settings: WriteConfig, title: str = ""
) -> Lane:
    """What a run writes at a moment."""
    query = {"prefix": prefix, **{n: v for n, v in settings.model_dump().items() if v is not None}}
    if checkpoint.kept or run.status is not RunStatus.RUNNING:
        query["epoch"] = epoch_text(checkpoint.epoch)  # a rolling one may be replaced before it is asked for
    return Lane(title, path=f"/api/runs/{run.id}/write?{urlencode(query)}")


def draw(lanes: Sequence[Lane], run: RunRecord, file: str) -> None:
    """Show the lanes side by side, below each other where a screen is narrow.

    Args:
        lanes: At least one.
        run: For how its tokens are joined.
        file: What a download is called.
    """
    streams = any(text.path for text in lanes)
    _PANEL.draw(
        "write_panel",
        {
            "lanes": [_told(text) for text in lanes],
            "streams": streams,
            "between": run.config.corpus.between,
            "file": file,
            "labels": {
                "panel": _("What the network writes; the arrow keys ← and → move through it"),
                "stop": _("Stop"),
                "goOn": _("Go on"),
                "all": _("All at once"),
                "speed": _("speed"),
                "colours": _("colour by surprise"),
                "copy": _("Copy"),
                "copied": _("Copied"),
                "bits": _("{n} bits"),
                "save": _("Download"),
                "legend": _("Surprise in bits, by colour and underline:"),
                "place": _("Token {n}, “{token}”: {bits} bits. It was chosen among")
                if streams
                else _("Token {n}, “{token}”: {bits} bits. The likeliest here"),
                "hover": _(
                    "Point at a token or tap it, or press ← and →, to see what else could have stood there."
                ),
                "hint": _(
                    "Point at a token or tap it, or press ← and →. Bar: what the choice is made with; tick: the "
                    "network's own probability."
                )
                if streams
                else "",
                "queued": _(
                    "Many texts are being written at the moment. This one begins by itself when its turn has come."
                ),
                "copiedShare": _(
                    "Copied: {share} stands in the training text in pieces of {least} characters or more; the "
                    "longest has {longest}: “{piece}”."
                ),
                "copiedLittle": _(
                    "Nothing copied: no piece of {least} characters stands in the training text; the longest that "
                    "does has {longest} characters: “{piece}”."
                ),
                "copiedNothing": _("Nothing copied: not one of its characters stands in the training text."),
                "failed": _("The text could not be fetched. Press “Write again”."),
            },
        },
    )


def _told(text: Lane) -> dict[str, Any]:
    told: dict[str, Any] = {"title": text.title}
    if text.trace is None:
        return told | {"path": text.path}
    trace = text.trace
    told["tokens"] = [
        (
            token,
            None if np.isnan(bits) else round(float(bits), 3),
            [(c.token, round(c.own, 5), round(c.probability, 5)) for c in likeliest]
            + _itself(token if known else UNK, p, [c.token for c in likeliest]),
            known,
        )
        for token, known, bits, p, likeliest in zip(
            trace.tokens, trace.known, trace.bits, trace.probabilities, trace.likeliest, strict=True
        )
    ]
    return told


def _itself(token: str, p: float, likeliest: Sequence[str]) -> list[tuple[str, float, float]]:
    """The token that stands there, where it is not among the likeliest."""
    return [(token, round(p, 8), round(p, 8))] if likeliest and token not in likeliest else []
