"""Which presets grow cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from playground.benchmarks.cells import trained
from playground.benchmarks.report import Table
from playground.config import flatten, from_flat
from playground.format import fixed
from playground.presets import preset
from playground.records import AblationCheck, Finding, is_cell
from playground.runs.manager import RunManager
from playground.services.cells import CellService
from playground.services.checkpoints import CheckpointCache


@dataclass(frozen=True)
class Grown:
    """What one run of a preset follows."""

    preset: str
    seed: int
    seconds: float
    findings: tuple[tuple[Finding, AblationCheck | None], ...]


def grow(name: str, seed: int, manager: RunManager) -> Grown:
    """Train a preset with another seed, find what its units follow, and hold them."""
    run, checkpoint = trained(manager, from_flat(flatten(preset(name)) | {"seed": seed}))
    service = CellService(CheckpointCache(manager.store))
    findings = service.find(run, checkpoint)
    return Grown(
        name,
        seed,
        run.seconds,
        tuple((finding, service.check(run, checkpoint, finding)) for finding in findings if finding.best),
    )


def grown_table(grown: Sequence[Grown]) -> Table:
    """Every annotation that a unit follows, run by run."""
    rows = []
    for run in grown:
        for finding, check in run.findings:
            best = finding.best
            if finding.verdict != "followed" or best is None:
                continue
            rows.append(
                (
                    run.preset,
                    str(run.seed),
                    f"{run.seconds:.0f}",
                    finding.title,
                    f"{best.quantity} {best.unit}",
                    ("AUC " if finding.measure == "auc" else "ρ ") + fixed(best.score, 3),
                    fixed(finding.chance, 3),
                    *(
                        ("–", "–", "–", "–")
                        if check is None
                        else (
                            fixed(check.inside, 3, plus=True),
                            fixed(check.outside, 3, plus=True),
                            fixed(check.chance, 3, plus=True),
                            "cell" if is_cell(finding, check) else "not needed",
                        )
                    ),
                )
            )
    return Table(
        "What presets grow, scored on the third of the text that the search has not used",
        (
            "preset",
            "seed",
            "seconds",
            "follows",
            "unit",
            "held out",
            "chance",
            "lost where it holds, nats",
            "elsewhere",
            "random units, 95 %",
            "so",
        ),
        rows,
    )
