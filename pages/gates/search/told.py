"""What the panel is told: the passage, what is marked, which units are on through it, and where else they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pages.gates.search.look import SearchLook, theta_of
from pages.gates.search.passage import LENGTH, first_of, found_in
from pages.gates.search.tracks import Track, tracks_of
from pages.shared.i18n import _
from playground.cells import Quantity
from playground.config import TokenLevel
from playground.figures.scales import scale_of
from playground.figures.sentence import colours
from playground.format import fixed, percent
from playground.records import Annotation, Array, CorpusTrace, Match, Matches

AROUND = 30
"""Tokens that are shown on either side of a match."""


@dataclass(frozen=True)
class Search:
    """What is looked for in a text, and what was found."""

    trace: CorpusTrace
    quantity: Quantity
    look: SearchLook
    stretch: tuple[int, int] | None
    matches: Matches | None
    """None where nothing is marked."""
    level: TokenLevel

    @property
    def units(self) -> tuple[int, ...]:
        """On all through the marked stretch."""
        return self.matches.units if self.matches else ()

    @property
    def highest(self) -> float | None:
        """The largest θ at which some unit would be on through the marked stretch; None where nothing is marked."""
        if self.stretch is None:
            return None
        return float(self.trace.values[self.quantity.name][:, slice(*self.stretch)].min(axis=1).max())

    def counts(self, start: int, stop: int) -> list[int]:
        """How many of the units are on at each token."""
        values = self.trace.values[self.quantity.name][list(self.units), start:stop]
        counts: list[int] = (values >= theta_of(self.look, self.quantity)).sum(axis=0).tolist()
        return counts


def passage(search: Search) -> dict[str, Any]:
    """The passage's tokens, with the colours of a unit or with how many are on."""
    start = first_of(search.look, search.trace)
    tokens = search.trace.text(start, start + LENGTH)
    told: dict[str, Any] = {
        "start": start,
        "tokens": tokens,
        "found": [int(is_found) for is_found in found_in(tokens, search.level, search.look.find)],
    }
    unit = search.look.colour
    if unit is not None:
        values = _values(search, unit, start, start + LENGTH)
        told["colours"] = [
            (background, text, fixed(value, 3))
            for (background, text), value in zip(
                colours(values, scale_of(search.quantity, values)), values, strict=True
            )
        ]
    elif search.units:
        told["counts"] = search.counts(start, start + LENGTH)
    return told


def largest(search: Search) -> float:
    """The end of the colours' scale, of a passage that is coloured by a unit."""
    start = first_of(search.look, search.trace)
    values = _values(search, search.look.colour or 0, start, start + LENGTH)
    return scale_of(search.quantity, values).high


def matches(search: Search, annotations: Sequence[Annotation]) -> list[Mapping[str, Any]]:
    """Every match with its surroundings."""
    found = search.matches.found if search.matches else ()
    count = search.trace.count
    shown = [(max(0, match.start - AROUND), min(count, match.stop + AROUND)) for match in found]
    tracks = tracks_of(annotations, [(m.start, m.stop) for m in found], shown)
    return [_match(search, match, span, tracks) for match, span in zip(found, shown, strict=True)]


def _match(
    search: Search, match: Match, shown: tuple[int, int], tracks: Sequence[Track]
) -> Mapping[str, Any]:
    start, stop = shown
    return {
        "start": match.start,
        "stop": match.stop,
        "overlap": match.overlap,
        "place": _("token {n}, {share} into the text").format(
            n=f"{match.start:,}", share=percent(match.start / search.trace.count, 0)
        ),
        "shown": start,
        "tokens": search.trace.text(start, stop),
        "counts": search.counts(start, stop),
        "tracks": [track.told(start, stop) for track in tracks if track.varies(start, stop)],
    }


def _values(search: Search, unit: int, start: int, stop: int) -> Array:
    of = search.trace.values[search.quantity.name]
    values: Array = np.asarray(of[min(unit, len(of) - 1), start:stop], np.float64)
    return values
