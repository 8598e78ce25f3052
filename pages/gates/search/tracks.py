"""Annotations as strips below what was found: those that go with it most closely, the same ones below every match."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pages.shared.i18n import _
from playground.format import number
from playground.records import Annotation

MOST_TRACKS = 5
_STEPS = 9
_SAYS_NOTHING = "-"


@dataclass(frozen=True)
class Track:
    """One annotation over a text."""

    annotation: Annotation

    def varies(self, start: int, stop: int) -> bool:
        """It is not the same at all of these tokens."""
        values = self.annotation.values[start:stop]
        says = values[~np.isnan(values)]
        return len(says) > 0 and bool(says.min() < says.max())

    def told(self, start: int, stop: int) -> dict[str, str]:
        """Its title, its values in a sentence, and a digit a token: 0 the smallest here, 9 the largest."""
        values = self.annotation.values[start:stop]
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        span = (high - low) or 1.0
        digits = "".join(
            _SAYS_NOTHING if np.isnan(value) else str(round(_STEPS * (value - low) / span))
            for value in values.tolist()
        )
        told = (
            _("holds at {n} of {of} tokens").format(n=int(np.nansum(values > 0.5)), of=len(values))
            if self.annotation.is_binary
            else _("from {low} to {high}").format(low=number(low), high=number(high))
        )
        return {"title": _(self.annotation.title), "told": told, "digits": digits}


def tracks_of(
    annotations: Sequence[Annotation],
    stretches: Sequence[tuple[int, int]],
    shown: Sequence[tuple[int, int]],
) -> list[Track]:
    """The annotations that differ most between what was found and what stands around it, in their own order.

    Args:
        annotations: Over the whole text.
        stretches: Start and stop of every match.
        shown: Of every match, what is shown of the text.
    """
    if not stretches:
        return []
    inside = np.concatenate([np.arange(*stretch) for stretch in stretches])
    every = np.concatenate([np.arange(*span) for span in shown])
    ranked = sorted(annotations, key=lambda each: -_difference(each, inside, every))[:MOST_TRACKS]
    return [Track(each) for each in annotations if any(each is chosen for chosen in ranked)]


def _difference(annotation: Annotation, inside: np.ndarray, every: np.ndarray) -> float:
    """Of the means, in standard deviations."""
    within, around = annotation.values[inside], annotation.values[every]
    if np.isnan(within).all() or np.isnan(around).all():
        return -1.0
    spread = float(np.nanstd(around))
    return abs(float(np.nanmean(within)) - float(np.nanmean(around))) / spread if spread else 0.0
