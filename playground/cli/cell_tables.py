"""What `cells` tells, as tables and for `--json`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from rich.table import Table

from playground.cli.common import finite
from playground.format import fixed
from playground.records import AblationCheck, CorpusTrace, Effects, Finding, Matches, is_cell


def trace_summary(traced: CorpusTrace) -> dict[str, object]:
    """How much of the text was read, for `--json`."""
    return {
        "tokens": traced.count,
        "of": traced.of,
        "units": traced.hidden_size,
        "largest_difference_at_seams": finite(traced.seam),
    }


def trace_title(traced: CorpusTrace) -> str:
    """The same in a line."""
    told = (
        f"{traced.count:,} of {traced.of:,} tokens" if traced.count < traced.of else f"{traced.of:,} tokens"
    )
    return f"{told}, {traced.hidden_size} units; where stretches meet h differs by {traced.seam:.2g} at most"


def finding_summary(finding: Finding, check: AblationCheck | None) -> dict[str, object]:
    """One finding with what its ablation does, for `--json`."""
    return {
        "name": finding.name,
        "title": finding.title,
        "measure": finding.measure,
        "verdict": finding.verdict,
        "units": [asdict(unit) for unit in finding.units],
        "chance": finite(finding.chance),
        "ablation": None if check is None else asdict(check) | {"is_needed": check.is_needed},
        "is_cell": is_cell(finding, check),
    }


def findings_table(
    traced: CorpusTrace, findings: Sequence[Finding], checks: Sequence[AblationCheck | None]
) -> Table:
    """The findings, the closest first."""
    table = Table(
        "idea",
        "unit",
        "score",
        "chance",
        "verdict",
        "lost inside",
        "outside",
        "random units",
        "cell",
        title=trace_title(traced),
    )
    for finding, check in zip(findings, checks, strict=True):
        best = finding.best
        scores = (
            ("–", "–", "–")
            if best is None
            else (
                f"{best.quantity} {best.unit}",
                f"{'AUC' if finding.measure == 'auc' else 'ρ'} {fixed(best.score, 2)}",
                fixed(finding.chance, 2),
            )
        )
        losses = (
            ("", "", "", "")
            if check is None
            else (
                *(fixed(value, 3, plus=True) for value in (check.inside, check.outside, check.chance)),
                "yes" if is_cell(finding, check) else "no",
            )
        )
        table.add_row(finding.title, *scores, finding.verdict, *losses)
    return table


def units_title(found: Matches) -> str:
    """The units of a marked stretch, in a line."""
    listed = ", ".join(map(str, found.units[:20])) + (" …" if len(found.units) > 20 else "")
    return (
        f"{len(found.units)} units are on: {listed}"
        if found.units
        else "No unit is on through it; lower --threshold"
    )


def effects_table(effects: Effects) -> Table:
    """What predictions cost before and after, class by class."""
    kind = "held-out" if effects.is_held_out else "training"
    table = Table(
        "predictions",
        "tokens",
        "nats before",
        "after",
        "change",
        title=f"{effects.tokens:,} tokens of {kind} text",
    )
    for loss in effects.classes:
        table.add_row(
            loss.name,
            f"{loss.tokens:,}",
            fixed(loss.before, 3),
            fixed(loss.after, 3),
            fixed(loss.change, 3, plus=True),
        )
    return table
