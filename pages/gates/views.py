"""The lens' figures, one function a view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from pages.gates.choice import Choice
from pages.gates.known import named_units, ordered
from pages.shared.checkpoints import moment_name
from pages.shared.i18n import _
from pages.shared.state import gate_service, runs_here
from playground.errors import StoreError
from playground.figures.gates import heatmap_figure, multiples_figure, overview_figure
from playground.figures.row_names import NAMES_WIDTH
from playground.figures.sentence import MARGIN, least_width, safe
from playground.figures.units import memory_figure, saturation_figure, unit_figure
from playground.models import gate_statistics as statistics
from playground.records import CheckpointRecord, GateTrace, LayerTrace, RunRecord


@dataclass(frozen=True)
class Chart:
    """A figure at its place."""

    key: str
    figure: go.Figure
    revision: str = ""
    """While it stays, so do zoom and hidden curves."""
    least: int | None = None
    """Pixels a sentence needs; such charts share one scroll bar. None stands in the grid below."""
    names: int = 0
    """Pixels that names of rows take at the left, where there is room for them."""


@dataclass(frozen=True)
class Look:
    """A run's sentence at a moment."""

    run: RunRecord
    checkpoint: CheckpointRecord
    text: str
    """As the person wrote it."""
    trace: GateTrace

    def layer(self, choice: Choice) -> LayerTrace:
        """The chosen layer and direction, or the nearest: a second run may have fewer."""
        directions = self.trace.layers[min(choice.layer, len(self.trace.layers) - 1)]
        return directions[min(choice.direction, len(directions) - 1)]

    def named(self, choice: Choice) -> dict[int, str]:
        """What is known of the layer's units already."""
        return named_units(self.run, self.checkpoint, choice)


def look_at(run: RunRecord, checkpoint: CheckpointRecord, text: str) -> Look:
    """Trace a sentence; errors as `GateService.trace`."""
    try:
        return Look(run, checkpoint, text, gate_service().trace(run, checkpoint, text))
    except StoreError:
        newest = runs_here().newest_checkpoint(run.id)
        if checkpoint.kept or newest is None or newest == checkpoint:
            raise
        return Look(
            run, newest, text, gate_service().trace(run, newest, text)
        )  # training replaced it meanwhile


def overview(look: Look, choice: Choice) -> Chart:
    """One strip a gate; of states the mean absolute value, and of c, which has no limit, what shows of it."""
    layer = look.layer(choice)
    strips = {
        name: statistics.strip(values if quantity.is_gate else np.abs(values))
        for (name, quantity), values in zip(layer.spec.quantities.items(), layer.shown.values(), strict=True)
        if quantity.range is not None
    }
    return _wide("overview", overview_figure(look.trace, strips, choice.step, _), look, choice)


def heatmap(look: Look, choice: Choice) -> list[Chart]:
    """One gate large, and the chosen unit's lines."""
    values = look.layer(choice).shown[choice.gate]
    named = look.named(choice)
    order = ordered(values, choice, named)
    figure = heatmap_figure(
        look.trace, choice.gate, values, order, step=choice.step, unit=choice.unit, names=named, _=_
    )
    return [_wide("map", figure, look, choice), _unit(look, choice)]


def all_gates(look: Look, choice: Choice) -> list[Chart]:
    """Every gate and state small, in the chosen gate's order of units, and the chosen unit's lines."""
    shown = look.layer(choice).shown
    order = ordered(shown[choice.gate], choice, look.named(choice))
    figure = multiples_figure(look.trace, shown, order, step=choice.step, unit=choice.unit, _=_)
    return [_wide("all", figure, look, choice), _unit(look, choice)]


def memory(look: Look, choice: Choice) -> list[Chart]:
    """Saturation a gate, and how long units remember."""
    layer = look.layer(choice)
    charts = [
        Chart(
            f"saturation {name}",
            saturation_figure(layer.spec.quantities[name], saturation, choice.unit, _),
        )
        for name, saturation in statistics.saturation(layer).items()
    ]
    lengths = statistics.memory_lengths(layer)
    if lengths is not None:
        charts.append(Chart("memory", memory_figure(lengths, _)))
    return [_unit(look, choice), *charts]


_VIEWS = {"heatmap": heatmap, "all": all_gates, "memory": memory}


def single(look: Look, choice: Choice) -> list[Chart]:
    """The strips, and what the chosen view shows."""
    return [overview(look, choice), *_VIEWS[choice.view](look, choice)]


def compare(look: Look, second: Look, choice: Choice) -> list[Chart]:
    """The same sentence through two runs or two moments, in one colour range."""
    gate = _common(choice.gate, second.trace)
    values, others = look.layer(choice).shown[choice.gate], second.layer(choice).shown[gate]
    order = ordered(values, choice, look.named(choice))  # of one run's two moments, rows are the same units
    charts = []
    for key, side, name, mine, theirs in (
        ("first", look, choice.gate, values, others),
        ("second", second, gate, others, values),
    ):
        figure = heatmap_figure(
            side.trace,
            name,
            mine,
            order if side.run.id == look.run.id else ordered(mine, choice, side.named(choice)),
            step=choice.step if choice.step < len(side.trace.tokens) else None,
            compared=[theirs] if name == choice.gate else (),
            title=_title(side, name),
            _=_,
        )
        charts.append(_wide(key, figure, side, choice))
    return charts


def _unit(look: Look, choice: Choice) -> Chart:
    figure = unit_figure(look.trace, look.layer(choice), choice.unit, choice.step, _)
    return _wide("unit", figure, look, choice)


def _wide(key: str, figure: go.Figure, look: Look, choice: Choice) -> Chart:
    """A chart that has the sentence as its x axis."""
    rows = choice.order if key in ("map", "all") else ""
    revision = f"{look.run.id} {choice.layer} {choice.direction} {rows} {hash(look.trace.tokens)}"
    wider = NAMES_WIDTH if choice.view == "heatmap" and look.named(choice) else 0
    if wider:  # charts below each other keep their columns
        figure.update_layout(margin_l=MARGIN["l"] + wider)
    return Chart(key, figure, revision, least_width(look.trace.tokens), wider)


def _common(gate: str, trace: GateTrace) -> str:
    """The same gate, else the one that keeps the memory, else the state."""
    return gate if gate in trace.spec.quantities else trace.spec.looked_at_first


def _title(look: Look, gate: str) -> str:
    return safe(f"{gate} · {look.run.name} · {moment_name(look.checkpoint.epoch)}")
