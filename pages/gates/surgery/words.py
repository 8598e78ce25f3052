"""What surgery did, in sentences."""

from __future__ import annotations

from collections.abc import Mapping

from pages.gates.surgery.losses import ALL, title_of
from pages.shared.i18n import _, sentences
from playground.format import fixed, perplexity_text
from playground.records import Effects

_NOTHING = 5e-4
"""Nats a token below which nothing has changed: it would be written as 0.000."""
_LEAST_TOLD = 30
"""Predictions of a class that is singled out."""


def happened(effects: Effects, changes: str, is_binary: Mapping[str, bool]) -> str:
    """What all predictions lose, and where they lose most.

    Args:
        effects: What was measured.
        changes: What was done, in words.
        is_binary: As in `title_of`.
    """
    whole = effects.classes[0]
    if all(abs(loss.change) < _NOTHING for loss in effects.classes):
        return _("With {changes} no prediction changes: the network does not use it here.").format(
            changes=changes
        )
    template = (
        _(
            "With {changes} a prediction costs {change} nats more on average: the perplexity {before} becomes {after}."
        )
        if whole.change >= 0
        else _(
            "With {changes} a prediction costs {change} nats less on average: the perplexity {before} becomes {after}."
        )
    )
    told = template.format(
        changes=changes,
        change=fixed(abs(whole.change), 3),
        before=perplexity_text(whole.before),
        after=perplexity_text(whole.after),
    )
    return sentences(told, _hardest_hit(effects, is_binary))


def measured_on(effects: Effects, start: int) -> str:
    """Which text the figures are of, and what a class is."""
    told = (
        _("Measured on {n} predictions in text that was held out from training.")
        if effects.is_held_out
        else _("Measured on {n} predictions in text that was trained on: too little is held out.")
    ).format(n=f"{effects.tokens:,}")
    what = _(
        "A prediction belongs to a class by the token after which it is made: “vowel” is every guess right after a vowel."
    )
    always = _("Here the changes hold from the first token on.") if start else ""
    return sentences(told, what, always)


def _hardest_hit(effects: Effects, is_binary: Mapping[str, bool]) -> str:
    """The class that loses most beside the rest of the text."""
    by_name = {loss.name: loss for loss in effects.classes if loss.tokens >= _LEAST_TOLD}
    pairs = [
        (loss, by_name[f"not {name}"])
        for name, loss in by_name.items()
        if name != ALL and f"not {name}" in by_name
    ]
    if not pairs:
        return ""
    here, elsewhere = max(pairs, key=lambda pair: pair[0].change - pair[1].change)
    if here.change - elsewhere.change < _NOTHING or here.change < _NOTHING:
        return ""
    return _(
        "It hurts most here: “{title}”, {inside} nats a prediction, against {outside} elsewhere."
    ).format(
        title=title_of(here, is_binary),
        inside=fixed(here.change, 3, plus=True),
        outside=fixed(elsewhere.change, 3, plus=True),
    )
