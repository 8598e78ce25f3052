"""What a person's browser has been told of findings that take seconds to measure: the list is drawn before."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.gates.cells.rows import Shown
from pages.gates.cells.words import Loss, Unmeasured
from pages.shared.state import cell_service
from playground.records import Finding, FormationPoint

SECONDS = 0.4
"""Between two looks while something is being measured: a hand on a control comes in between."""
_MOST = 12
"""Moments of which a browser's session remembers what was measured."""
Key = tuple[object, ...]


def losses(shown: Shown, findings: Sequence[Finding], *, waits: bool) -> dict[str, Loss]:
    """What the network loses without each finding's unit, as far as it is known, by the finding's name.

    Args:
        shown: What is looked at.
        findings: Of it.
        waits: It is not measured while the run trains.
    """
    told = _remembered().get(_key(shown), {})
    if not shown.run.config.can_write:
        return dict.fromkeys((f.name for f in findings), Unmeasured.CANNOT_WRITE)
    if not cell_service().can_check(shown.run):
        return dict.fromkeys((f.name for f in findings), Unmeasured.TOO_LARGE)
    other = Unmeasured.TRAINING if waits else Unmeasured.UNDER_WAY
    return {f.name: told.get(f.name, other) for f in findings}


def measure(shown: Shown, findings: Sequence[Finding]) -> None:
    """Measure all of them; seconds the first time that anybody asks."""
    checks: dict[str, Loss] = {}
    for finding in findings:
        check = cell_service().check(shown.run, shown.checkpoint, finding, shown.place, shown.own)
        checks[finding.name] = Unmeasured.TOO_FEW if check is None else check
    memory = _remembered()
    memory[_key(shown)] = checks
    while len(memory) > _MOST:
        del memory[next(iter(memory))]


def formed(shown: Shown, finding: Finding) -> tuple[FormationPoint, ...] | None:
    """How a unit came to follow something, as it was told last; None where it has not been read yet."""
    last: tuple[Key, tuple[FormationPoint, ...]] | None = st.session_state.get("cells_formed")
    return last[1] if last and last[0] == _formed_key(shown, finding) else None


def follow_formation(shown: Shown, finding: Finding) -> tuple[FormationPoint, ...]:
    """Read it at every moment that is kept; a fifth of a second for each new one."""
    points = cell_service().formation(shown.run, finding, shown.place, shown.own)
    st.session_state.cells_formed = _formed_key(shown, finding), points
    return points


def _remembered() -> dict[Key, dict[str, Loss]]:
    memory: dict[Key, dict[str, Loss]] = st.session_state.setdefault("cells_measured", {})
    return memory


def _key(shown: Shown) -> Key:
    return *shown.run.key_at(shown.checkpoint.step), shown.place, shown.own


def _formed_key(shown: Shown, finding: Finding) -> Key:
    return shown.run.id, shown.run.revision, shown.place, shown.own, finding.name, finding.best
