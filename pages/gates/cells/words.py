"""What the list of findings says in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import numpy as np

from pages.shared.i18n import _, headed, join, sentences
from playground import records
from playground.errors import gettext_noop
from playground.format import fixed, number
from playground.records import AblationCheck, Annotation, CorpusTrace, Finding, UnitScore
from playground.records.cells import LEAST_LOSS

_SIGNS = 3
"""Decimals of a loss in nats: units cost hundredths."""


class Unmeasured(Enum):
    """Why it is not known what a network loses without a unit, in a sentence."""

    UNDER_WAY = gettext_noop("What the network loses without it is being measured …")
    TRAINING = gettext_noop(
        "What the network loses without it is measured when the run stands still, or at a moment of the slider."
    )
    CANNOT_WRITE = gettext_noop(
        "What the network loses without it is not measured: it does not predict the next token."
    )
    TOO_LARGE = gettext_noop(
        "What the network loses without it is not measured: with so many units that would take minutes."
    )
    TOO_FEW = gettext_noop(
        "The text that was measured has too little of this to say what the network loses without it."
    )


Loss = AblationCheck | Unmeasured


def title(finding: Finding | Annotation) -> str:
    """What units follow, in the page's language; a person's own idea as it was typed."""
    return finding.title if finding.is_own else _(finding.title)


def unit(score: UnitScore) -> str:
    """`c · unit 82`."""
    return f"{score.quantity} · " + _("unit {n}").format(n=score.unit)


def is_cell(finding: Finding, loss: Loss) -> bool:
    """As `records.is_cell`, also where nothing is measured."""
    return records.is_cell(finding, loss if isinstance(loss, AblationCheck) else None)


def badge(finding: Finding, loss: Loss) -> str:
    """What a row is, in a word or two."""
    if is_cell(finding, loss):
        return _("a cell")
    return _("follows it") if finding.verdict == "followed" else _("weak")


def score(best: UnitScore, finding: Finding) -> str:
    """The held-out score with its measure: an AUC from the side on which it lies, a correlation with its sign."""
    if finding.measure == "auc":
        return "AUC " + fixed(best.strength("auc"), 2)
    return _("rank correlation {value}").format(value=fixed(best.score, 2))


def chance(finding: Finding) -> str:
    """What chance reaches, on the side of the score beside it."""
    best = finding.best
    assert best is not None
    if finding.measure == "rho" and best.score < 0:
        return _("by chance down to {value}").format(value=fixed(-finding.chance, 2))
    return _("by chance up to {value}").format(value=fixed(finding.chance, 2))


def direction(best: UnitScore, finding: Finding) -> str:
    """What the sign of the score means."""
    if finding.measure == "auc":
        return (
            _("It is higher where this holds.") if best.score >= 0.5 else _("It is lower where this holds.")
        )
    return _("It rises with it.") if best.score >= 0 else _("It falls with it.")


def others(finding: Finding) -> str:
    """The units that come next."""
    auc = finding.measure == "auc"
    told = [
        f"{each.quantity} {each.unit} ({fixed(each.strength('auc') if auc else each.score, 2)})"
        for each in finding.units[1:4]
    ]
    return headed(_("next"), join(told)) if told else ""


def loss(finding: Finding, measured: Loss) -> str:
    """What the network loses without the unit, beside what it loses without others."""
    if isinstance(measured, Unmeasured):
        return _(measured.value)
    where = _("where this holds") if finding.measure == "auc" else _("where this is above its median")
    told = (
        _(
            "Without it, on held-out text: {inside} nats a token {where}, {outside} elsewhere; without 95 in 100 other "
            "units at most {chance} there."
        )
        if measured.is_held_out
        else _(
            "Without it, on text that it was trained on: {inside} nats a token {where}, {outside} elsewhere; without 95 "
            "in 100 other units at most {chance} there."
        )
    ).format(
        where=where,
        inside=fixed(measured.inside, _SIGNS, plus=True),
        outside=fixed(measured.outside, _SIGNS, plus=True),
        chance=fixed(measured.chance, _SIGNS, plus=True),
    )
    if is_cell(finding, measured):
        return sentences(told, _("So the network needs it: a cell."))
    if measured.is_needed:
        return sentences(told, _("The network needs the unit there, though it follows this only loosely."))
    if measured.inside > max(measured.chance, LEAST_LOSS):
        return sentences(told, _("It is needed, but elsewhere just as much: not for this."))
    return sentences(told, _("That is no more than others cost: the network does not need it for this."))


def nothing(finding: Finding) -> str:
    """Why an idea has no row of its own."""
    best = finding.best
    if finding.verdict == "rare" or best is None:
        return _("too rare in this text to say anything.")
    return _("none. The best is {unit}, {score}: no better than chance, {chance}.").format(
        unit=unit(best), score=score(best, finding), chance=chance(finding)
    )


def answer(finding: Finding, annotation: Annotation) -> str:
    """What is found of a person's own idea, beside the field in which it was typed."""
    says = ~np.isnan(annotation.values)
    params = {"title": finding.title, "of": f"{len(says):,}"}
    if annotation.is_binary and says.all():
        holds = int((annotation.values > 0.5).sum())
        told = _("{title} holds at {n} of {of} tokens.").format(n=f"{holds:,}", **params)
    else:
        told = _("{title} has a value for {n} of {of} tokens.").format(n=f"{int(says.sum()):,}", **params)
    best = finding.best
    if finding.verdict in ("none", "rare") or best is None:
        return sentences(told, headed(_("Units that follow it"), nothing(finding)))
    return sentences(told, headed(_("Closest"), f"{unit(best)}, {score(best, finding)}"))


def read(trace: CorpusTrace) -> str:
    """How much of the text was read, and how."""
    count, of = f"{trace.count:,}", f"{trace.of:,}"
    told = (
        _("The first {count} of the text's {of} tokens are read; more are not kept.").format(
            count=count, of=of
        )
        if trace.count < trace.of
        else _("All {count} tokens of the text are read.").format(count=count)
    )
    if not trace.seam:
        return told
    seams = _("Stretches of it are read side by side; where two meet, h differs by {seam} at most.")
    return sentences(told, seams.format(seam=number(trace.seam, 2)))


def summary(findings: Sequence[Finding], losses: Sequence[Loss], *, is_untrained: bool) -> str:
    """The list in a sentence."""
    if is_untrained:
        return _(
            "These are the weights before the first step: what units follow here comes from the tokens themselves "
            "and from chance; nothing has been learnt."
        )
    both = list(zip(findings, losses, strict=True))
    cells = join(_named(finding) for finding, loss in both if is_cell(finding, loss))
    others = join(title(f) for f, loss in both if f.verdict == "followed" and not is_cell(f, loss))
    if not cells and not others:
        return _("No unit follows any of these ideas closely.")
    if cells:
        told = _("Cells, which the network needs: {cells}.").format(cells=cells)
        more = _("Followed closely too, by units that it does not need for that: {ideas}.")
        return sentences(told, more.format(ideas=others) if others else "")
    told = _("Followed closely: {ideas}.").format(ideas=others)
    if Unmeasured.UNDER_WAY in losses:
        return sentences(told, _("Whether the network needs these units is being measured …"))
    if not any(isinstance(loss, AblationCheck) for loss in losses):  # nobody has looked
        return told
    return sentences(told, _("Of none is it shown that the network needs the unit for it."))


def _named(finding: Finding) -> str:
    best = finding.best
    assert best is not None
    return f"{title(finding)} ({unit(best)})"
