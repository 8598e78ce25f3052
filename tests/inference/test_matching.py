"""A marked stretch is found elsewhere as counting every stretch and every unit finds it."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.inference.matching import find_matches, matches, select_units
from playground.records import Match


def counted(values, units, start, length, threshold, before, after):
    """How many of the units are on through one stretch, by looking at each token."""
    tokens, total = values.shape[1], 0
    for unit in units:
        on = all(values[unit, t] >= threshold for t in range(start, start + length))
        if before and start > 0:
            on = on and values[unit, start - 1] < threshold
        if after and start + length < tokens:
            on = on and values[unit, start + length] < threshold
        total += on
    return total


def brute_force(values, start, stop, threshold, before, after, most):
    length, tokens = stop - start, values.shape[1]
    units = [u for u in range(len(values)) if counted(values, [u], start, length, threshold, before, after)]
    scores = {
        place: counted(values, units, place, length, threshold, before, after)
        for place in range(tokens - length + 1)
        if place + length <= start or place >= stop
    }
    found = []
    while len(found) < most:
        free = {
            place: score
            for place, score in scores.items()
            if score and all(abs(place - match.start) >= length for match in found)
        }
        if not free:
            break
        place = max(free, key=lambda p: (free[p], -p))
        found.append(Match(place, place + length, free[place]))
    return tuple(units), tuple(found)


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_matches_are_those_of_brute_force(data):
    tokens, hidden = data.draw(st.integers(2, 40)), data.draw(st.integers(1, 6))
    seed = data.draw(st.integers(0, 9_999))
    rng = np.random.default_rng(seed)
    values = rng.choice([-1, 0.25, 0.5, 1], size=(hidden, tokens), p=[0.3, 0.2, 0.2, 0.3]).astype(np.float16)
    start = data.draw(st.integers(0, tokens - 1))
    stop = data.draw(st.integers(start + 1, min(tokens, start + 7)))
    threshold = data.draw(st.sampled_from([-2.0, 0.25, 0.5, 0.75]))
    before, after = data.draw(st.booleans()), data.draw(st.booleans())
    most = data.draw(st.sampled_from([1, 3, 50]))
    told = matches(values, "h", start, stop, threshold, before=before, after=after, most=most)
    units, found = brute_force(values, start, stop, threshold, before, after, most)
    assert told.units == units
    assert told.found == found
    assert told.exact == sum(match.overlap == len(units) for match in found)


def test_a_stretch_that_was_planted_three_times_is_found_three_times():
    rng = np.random.default_rng(0)
    values = rng.uniform(-1, 0.4, (30, 2_000))
    for place in (100, 700, 1_500):
        values[4:9, place : place + 6] = 0.9
    told = matches(values, "c", 100, 106, 0.5, before=True, after=True)
    assert told.units == (4, 5, 6, 7, 8)
    assert [match.start for match in told.found[:2]] == [700, 1_500]
    assert told.exact == 2


def test_no_unit_or_too_long_a_stretch_finds_nothing():
    values = np.zeros((3, 10))
    assert find_matches(values, np.array([], np.intp), 2, 0.5) == ()
    assert find_matches(values, np.array([0]), 11, 0.5) == ()
    assert select_units(values, 2, 5, 0.5).tolist() == []
