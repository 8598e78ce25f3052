"""What the buttons of a row do."""

from __future__ import annotations

from collections.abc import Sequence

from pages.gates.cells import rows
from pages.gates.cells.rows import Shown
from pages.gates.choice import Choice
from pages.gates.surgery.changes import remember
from pages.gates.surgery.look import SurgeryLook
from pages.shared import address
from pages.shared.controls import Bound
from pages.shared.state import cell_service
from playground.records import Finding, RunRecord


def offered(run: RunRecord, epoch: float) -> list[str]:
    """Names of the buttons that mean something for a run at a moment."""
    able = run.config.can_write and epoch > 0
    return ["lens", *(["surgery"] if able else []), "formation"]


def act(
    look: Bound[Choice], shown: Shown, findings: Sequence[Finding], action: str, name: str, *, may_read: bool
) -> None:
    """Open a finding's unit in the lens or in surgery, or show how it formed.

    Args:
        look: The settings that are moved.
        shown: What is looked at.
        findings: Of it.
        action: The button's name.
        name: The finding's.
        may_read: Its passage may be opened with it.
    """
    finding = next((f for f in findings if f.name == name and f.best), None)
    if finding is None or finding.best is None:
        return
    best = finding.best
    if action == "formation":
        look.set(formed="" if look.settings.formed == name else name)
    elif action == "surgery":
        remember(Bound(SurgeryLook, "surgery", quiet=True))
        look.set(view="surgery")
        address.write({"cut": f"h{best.unit}=mean"})
    elif action == "lens":
        passage = {}
        if may_read:
            trace = cell_service().trace(shown.run, shown.checkpoint, shown.place)
            tokens = trace.text(*rows.passage_of(shown, name))
            passage = {"text": shown.run.config.corpus.between.join(tokens).strip()}
        look.set(view="heatmap", unit=best.unit, gate=best.quantity, step=0, **passage)
