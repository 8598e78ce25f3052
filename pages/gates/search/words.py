"""What a search says in sentences."""

from __future__ import annotations

from math import floor

from pages.gates.search.look import MOST_MARKED, SearchLook, theta_of
from pages.gates.search.told import Search, largest
from pages.shared.i18n import _, sentences
from playground.figures.scales import name_of
from playground.format import exact, fixed, number


def summary(search: Search) -> str:
    """What was found, or what to do where nothing was."""
    if search.matches is None:
        return _("Nothing is marked yet.")
    start, stop = search.stretch or (0, 0)
    quantity, count = search.quantity.name, len(search.units)
    theta = exact(theta_of(search.look, search.quantity))
    if not count:
        return sentences(
            _("No unit's {name} is at least {theta} at all {n} marked tokens.").format(
                name=quantity, theta=theta, n=stop - start
            ),
            _nothing_on(search),
        )
    told = _(
        "Units whose {name} is at least {theta} all through the {n} marked tokens: {count} of {of}."
    ).format(name=quantity, theta=theta, n=stop - start, count=count, of=search.trace.hidden_size)
    found, exactly = len(search.matches.found), search.matches.exact
    if not found:
        return sentences(told, _("Nowhere else in the text is any of them on for so long."))
    if not exactly:
        return sentences(
            told,
            _("Nowhere else are all of them on together; the nearest places have {n} of {of}.").format(
                n=search.matches.found[0].overlap, of=count
            ),
        )
    if exactly == found:
        return sentences(
            told, _("All of them are on together elsewhere, too. Places shown: {n}.").format(n=found)
        )
    return sentences(
        told, _("Places where all of them are on: {n}. Then those that share most.").format(n=exactly)
    )


def _nothing_on(search: Search) -> str:
    """What to do where no unit is on."""
    theta, highest = theta_of(search.look, search.quantity), search.highest
    if highest is not None and highest >= theta:  # units are on through it, and just before or after it too
        return _("Do without “off just before” and “off just after”, or mark the whole stretch.")
    reachable = floor(20 * (highest or 0.0)) / 20
    return sentences(
        _("Lower θ to {theta}, or mark fewer tokens.").format(theta=fixed(reachable, 2)),
        _("A unit that is low all through does not count as on: mark a stretch where it is high."),
    )


def legend(search: Search) -> str:
    """What the passage's colours mean, where it is coloured by a unit."""
    unit = search.look.colour
    if unit is None:
        return ""
    unit = min(unit, search.trace.hidden_size - 1)  # of a link to a larger network
    name = name_of(search.quantity, _)
    if search.quantity.is_gate:
        return _("Coloured by unit {unit}, {name}: blue 0, yellow 1.").format(unit=unit, name=name)
    return _("Coloured by unit {unit}, {name}: blue −{limit}, white 0, red +{limit}.").format(
        unit=unit, name=name, limit=number(largest(search))
    )


def extent(search: Search) -> str:
    """How much of the text is searched."""
    trace = search.trace
    if trace.count < trace.of:
        return _("The first {count} of the text's {of} tokens are searched; more are not kept.").format(
            count=f"{trace.count:,}", of=f"{trace.of:,}"
        )
    told = _("All {count} tokens of the text are searched.").format(count=f"{trace.count:,}")
    held_out = trace.count - trace.trained
    if not held_out:
        return told
    return sentences(told, _("The last {n} were held out from training.").format(n=f"{held_out:,}"))


def cut_short(look: SearchLook, stretch: tuple[int, int] | None, count: int) -> str:
    """What a link has marked and this text does not have, or not all of; empty where it has."""
    if look.start is None or look.stop is None:
        return ""
    if stretch is None:
        return _("The link marks tokens {start} to {stop}, and the text that is read has {count}.").format(
            start=f"{look.start:,}", stop=f"{look.stop:,}", count=f"{count:,}"
        )
    if stretch[1] < look.stop:
        return _(
            "The link marks {asked} tokens; the first {n} of them are marked, at most {most} can be."
        ).format(asked=f"{look.stop - look.start:,}", n=stretch[1] - stretch[0], most=MOST_MARKED)
    return ""
