"""How a unit came to follow something: its score at every moment of training that is kept."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from playground.figures.theme import Translate, base_layout
from playground.records import Finding, FormationPoint


def formation_figure(finding: Finding, points: Sequence[FormationPoint], _: Translate = str) -> go.Figure:
    """Strength over epochs: of the unit that is closest now, and of the one that was closest then.

    The range is fixed, from chance for one unit to everything, so that two units compare by eye.

    Args:
        finding: What is followed, with the unit that is closest now.
        points: In the order of training, at least one.
    """
    best = finding.best
    assert best is not None
    base = 0.5 if finding.measure == "auc" else 0.0
    epochs = [point.epoch for point in points]
    figure = go.Figure(layout=base_layout(height=260))
    figure.add_scatter(
        x=epochs,
        y=[point.best for point in points],
        customdata=[f"{point.best_quantity} {point.best_unit}" for point in points],
        name=_("the closest unit of that moment"),
        mode="lines+markers",
        meta=1,
        line={"width": 2, "dash": "dash"},
        marker={"size": 6, "symbol": "diamond"},
        hovertemplate="%{y:.2f} · %{customdata}",
    )
    figure.add_scatter(
        x=epochs,
        y=[max(point.score, base) for point in points],  # on the other side it follows nothing
        name=f"{best.quantity} · " + _("unit {n}").format(n=best.unit),
        mode="lines+markers",
        meta=0,
        line={"width": 2.5},
        marker={"size": 6},
        hovertemplate="%{y:.2f}",
    )
    figure.add_scatter(
        x=epochs,
        y=[point.chance for point in points],
        name=_("by chance"),
        mode="lines",
        meta=2,
        line={"width": 1.5, "dash": "dot"},
        hovertemplate="%{y:.2f}",
    )
    figure.update_xaxes(
        title=_("epoch"), rangemode="tozero", unifiedhovertitle_text=_("epoch {x}").format(x="%{x:.2f}")
    )
    figure.update_yaxes(
        title=_("AUC, above or below ½") if finding.measure == "auc" else _("rank correlation, without sign"),
        range=[base, 1 + 0.04 * (1 - base)],
    )
    figure.update_layout(
        margin={"l": 60, "r": 12, "t": 56, "b": 44},
        meta=_(
            "Line chart: how closely the unit, and the closest unit of each moment, followed it over epochs."
        ),
    )
    return figure
