"""What the lens is pointed at: in the link, checked, and kept while the page reruns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import streamlit as st

from playground.cells import CELLS, Quantity
from playground.models.gate_statistics import UNIT_ORDERS, UnitOrder
from playground.records import RunRecord

VIEWS = ("heatmap", "all", "memory", "compare")
_LINK = ("epoch", "text", "layer", "direction", "gate", "view", "order", "unit", "step", "with", "at")


@dataclass(frozen=True)
class Choice:
    """One look. `None` stands for what changes by itself: the newest weights, the run's own sentence."""

    epoch: float | None = None
    text: str | None = None
    layer: int = 0
    direction: int = 0
    gate: str = ""
    view: str = "heatmap"
    order: UnitOrder = "index"
    unit: int = 0
    step: int = 0
    other_run: str | None = None
    other_epoch: float | None = None


def chosen() -> Choice:
    """The look of this browser tab."""
    found: Choice = st.session_state.get("lens", Choice())
    return found


def choose(**changes: Any) -> None:
    """Point the lens elsewhere."""
    st.session_state.lens = replace(chosen(), **changes)


def fitted(choice: Choice, run: RunRecord) -> Choice:
    """The nearest look that this run has: another run may be smaller, or have other gates."""
    model = run.config.model
    cell = CELLS[model.cell]
    return replace(
        choice,
        layer=_within(choice.layer, model.num_layers),
        direction=_within(choice.direction, 2 if model.bidirectional else 1),
        gate=choice.gate if choice.gate in cell.quantities else cell.looked_at_first,
        unit=_within(choice.unit, model.hidden_size),
        view=choice.view if choice.view in views(run) else VIEWS[0],
        order=choice.order if choice.order in UNIT_ORDERS else "index",
    )


def quantities(run: RunRecord) -> dict[str, Quantity]:
    """What can be looked at in a run, by name."""
    return CELLS[run.config.model.cell].quantities


def views(run: RunRecord) -> tuple[str, ...]:
    """What a run can be looked at in: without gates nothing is shut or open."""
    gated = CELLS[run.config.model.cell].is_gated
    return tuple(view for view in VIEWS if gated or view != "memory")


def read_link() -> None:
    """Take the look from the address when it is not what we wrote there."""
    given = {name: st.query_params[name] for name in _LINK if name in st.query_params}
    if given and given != st.session_state.get("lens_link"):
        st.session_state.lens = from_link(given)
    st.session_state.lens_link = given


def write_link(choice: Choice) -> None:
    """Write the look into the address; what is usual is left out."""
    link = to_link(choice)
    if link != st.session_state.get("lens_link"):
        st.session_state.lens_link = link
        rest = {name: value for name, value in st.query_params.items() if name not in _LINK}
        st.query_params.from_dict(rest | link)


def to_link(choice: Choice) -> dict[str, str]:
    """Names and values as they stand in an address."""
    usual = asdict(Choice())
    names = zip(_LINK, (field.name for field in fields(Choice)), strict=True)
    values = asdict(choice)
    return {short: _text(values[name]) for short, name in names if values[name] != usual[name]}


def from_link(given: Mapping[str, str]) -> Choice:
    """Inverse of `to_link`; what cannot be read is left at its usual value, `fitted` mends the rest."""
    found: dict[str, Any] = {}
    for short, name in zip(_LINK, (field.name for field in fields(Choice)), strict=True):
        if short in given:
            found[name] = given[short]
    for name in ("layer", "direction", "unit", "step"):
        if name in found:
            found[name] = int(found[name]) if found[name].isdecimal() and len(found[name]) < 7 else 0
    for name in ("epoch", "other_epoch"):
        if name in found:
            found[name] = _number(found[name])
    return Choice(**found)


def _within(value: int, count: int) -> int:
    return min(max(value, 0), count - 1)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < 1e7 else None


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
