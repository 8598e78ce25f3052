"""Mark a stretch of text, get the units that are on through it, and find where else they are on together."""

from __future__ import annotations

import numpy as np

from playground.records import Array, Match, Matches


@np.errstate(over="ignore", invalid="ignore")  # a threshold beyond half precision
def select_units(
    values: Array, start: int, stop: int, threshold: float, *, before: bool = False, after: bool = False
) -> Array:
    """The units that are on through a stretch.

    Args:
        values: One quantity over a text, (H, T).
        start: The stretch's first token.
        stop: After its last one.
        threshold: A unit is on where it has at least this.
        before: Only units that are off at the token just before; at the text's beginning that is every unit.
        after: Only units that are off at the token just after; at its end every unit.

    Returns:
        Their numbers, ascending.

    Source: Strobelt et al. 2018 (LSTMVis).
    """
    on = values[:, start:stop] >= threshold
    chosen = on.all(axis=1)
    if before and start > 0:
        chosen &= values[:, start - 1] < threshold
    if after and stop < values.shape[1]:
        chosen &= values[:, stop] < threshold
    return np.flatnonzero(chosen)


@np.errstate(over="ignore", invalid="ignore")
def find_matches(
    values: Array,
    units: Array,
    length: int,
    threshold: float,
    *,
    before: bool = False,
    after: bool = False,
    most: int = 50,
    without: tuple[int, int] | None = None,
) -> tuple[Match, ...]:
    """Stretches of the same length, ranked by how many of the units are on through them.

    A unit counts where it is on at every token of a stretch, and, where that is asked, off just before or after it.
    The best stretch is taken first, of equals the earliest, and nothing that shares a token with it is taken again.

    Args:
        values: One quantity over a text, (H, T), in half precision or more.
        units: Those that count, (U,).
        length: Tokens of a stretch.
        threshold: As in `select_units`.
        before: As there.
        after: As there.
        most: So many stretches at most.
        without: Start and stop of what is not to be found again, such as the marked stretch itself.

    Returns:
        The best first; only stretches in which at least one unit counts.
    """
    tokens = values.shape[1]
    places = tokens - length + 1
    if places < 1 or not len(units):
        return ()
    overlap = np.zeros(places, np.uint16)
    for unit in units.tolist():
        on = np.asarray(values[unit] >= threshold)
        counts = _through(on, length)
        if before:
            counts[1:] &= ~on[: places - 1]
        if after:
            counts[: places - 1] &= ~on[length : length + places - 1]
        overlap += counts
    if without is not None:
        overlap[max(0, without[0] - length + 1) : without[1]] = 0
    return tuple(Match(place, place + length, int(overlap[place])) for place in _apart(overlap, length, most))


def matches(
    values: Array,
    quantity: str,
    start: int,
    stop: int,
    threshold: float,
    *,
    before: bool = False,
    after: bool = False,
    most: int = 50,
) -> Matches:
    """Both: the units of a marked stretch, and where else they are on.

    Args:
        values: The quantity over a text, (H, T).
        quantity: Its name.
        start: The stretch's first token.
        stop: After its last one.
        threshold: As in `select_units`, as are `before` and `after`.
        before: Off just before.
        after: Off just after.
        most: As in `find_matches`.
    """
    units = select_units(values, start, stop, threshold, before=before, after=after)
    found = find_matches(
        values, units, stop - start, threshold, before=before, after=after, most=most, without=(start, stop)
    )
    return Matches(quantity, tuple(units.tolist()), found)


def _through(on: Array, length: int) -> Array:
    """(T,) → (T - length + 1,): whether all tokens of the stretch that begins there are on."""
    reached, result = 1, on.copy()
    while reached < length:  # twice as long a stretch is two beside each other
        further = min(reached, length - reached)
        result = result[: len(result) - further] & result[further:]
        reached += further
    return result


def _apart(overlap: Array, length: int, most: int) -> list[int]:
    """The places with the largest overlap, of equals the first, no two nearer than a stretch."""
    free = np.ones(len(overlap), bool)
    taken: list[int] = []
    for level in range(int(overlap.max(initial=0)), 0, -1):
        for place in np.flatnonzero((overlap == level) & free).tolist():
            if free[place]:
                taken.append(place)
                if len(taken) == most:
                    return taken
                free[max(0, place - length + 1) : place + length] = False
    return taken
