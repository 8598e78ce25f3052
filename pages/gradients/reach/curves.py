"""Curves of several networks on one chart: fresh cells of one size, or runs at one moment of training."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.gradients.reach import comparable, controls, series, words
from pages.gradients.reach.series import Measured
from pages.shared.checkpoints import names, nearest, require
from pages.shared.controls import Bound
from pages.shared.i18n import _, explain, join, plain, with_aside
from pages.shared.run_labels import run_labels
from pages.shared.site import page_link
from pages.shared.state import opened_or_none, runs_here
from playground.errors import RunNotFound
from playground.figures.reach import MOST_CURVES, reach_figure
from playground.format import fixed, number
from playground.lesson_settings import ReachLook
from playground.records import CheckpointRecord, ReachCurve, RunRecord, half_length
from playground.tables import guarded_unseen


def fresh_cells(look: Bound[ReachLook]) -> None:
    """RNN, GRU and LSTM of one size before their first step."""
    cells = controls.fresh()
    controls.fresh_settings(cells)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.curves(look)
        text = controls.text(look)
    measured = series.fresh_cells(cells.settings, text, int(look.settings.k))
    _draw(measured, look)


def trained_runs(look: Bound[ReachLook]) -> None:
    """The runs that a person picks, each at the checkpoint nearest to one moment."""
    offered = {run.id: run for run in runs_here().with_weights() if not run.config.model.bidirectional}
    if not offered:
        st.info(
            _(
                "No run with one direction has weights yet. Train one, or look at fresh cells: they "
                "need no run."
            )
        )
        page_link("train", label=_("Train a network"), icon=":material/show_chart:")
        return
    chosen = _pick(look, offered)
    if not chosen:
        st.info(_("Choose at least one run."))
        return
    moments = _moment(look, chosen)
    deepest = max(run.config.model.num_layers for run in chosen)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.curves(look)
        layer = 0
        if deepest > 1:
            layer = min(look.settings.layer, deepest) - 1
            layers = {str(number): str(number) for number in range(1, deepest + 1)}
            look.choice("layer", layers, widget=st.pills, value=str(layer + 1), key="reach_layer")
        text = controls.text(look)
    measured = series.runs(moments, text, int(look.settings.k))
    if measured:
        _draw(measured, look, layer)


def draw(curves: Sequence[ReachCurve], key: str, *, relative: bool = True) -> None:
    """A chart of some curves."""
    st.plotly_chart(
        reach_figure(curves, relative=relative, _=_),
        key=key,
        width="stretch",
        config={"displayModeBar": False},
        alt=_("Line chart: norm of the gradient k tokens back, on a logarithmic axis, of {names}.").format(
            names=join(with_aside(curve.name, curve.path) for curve in curves)
        ),
    )


def _draw(measured: Sequence[Measured], look: Bound[ReachLook], layer: int = 0) -> None:
    """The chart, what it shows in sentences, and a table."""
    curves = [network.curve(look.settings.path, layer) for network in measured]
    draw(curves, "reach", relative=look.settings.scale == "relative")
    words.measured(curves)
    for network, curve in zip(measured, curves, strict=True):
        words.beside_eigenvalue(curve, [m for m in network.matrices if m.layer == network.layer(layer)])
    words.truncated(curves)
    _table(measured, curves, layer)
    st.caption(
        _("Means of {n} losses, spread over the text.").format(
            n=min(network.reach.positions for network in measured)
        )
    )


def _table(measured: Sequence[Measured], curves: Sequence[ReachCurve], layer: int) -> None:
    rows = []
    for network, curve in zip(measured, curves, strict=True):
        half = half_length(curve.norms)
        blocks = [m for m in network.matrices if m.layer == network.layer(layer)]
        rows.append(
            {
                _("network"): guarded_unseen(f"{curve.name} · {curve.path}"),
                _("tokens back until half is left"): fixed(half, 1)
                if half < len(curve.norms)
                else f"> {len(curve.norms) - 1}",
                _("norm at k = 0"): number(curve.norms[0]),
                _("each token further back multiplies by"): words.factor(curve),
                _("largest |eigenvalue|"): " · ".join(f"{m.block} {fixed(m.eigenvalue, 2)}" for m in blocks),
                _("largest singular value"): " · ".join(f"{m.block} {fixed(m.singular, 2)}" for m in blocks),
            }
        )
    st.dataframe(
        pd.DataFrame(rows),
        key="reach_table",
        hide_index=True,
        alt=_(
            "Table: tokens until half is left, the factor of each token further back, eigenvalues and "
            "singular values of each network"
        ),
    )


def _pick(look: Bound[ReachLook], offered: dict[str, RunRecord]) -> list[RunRecord]:
    """Draw which runs; at first the opened one, else those that can be compared."""
    opened = opened_or_none()
    usual = [run.id for run in comparable.usual(list(offered.values()), opened)]
    asked = usual if look.settings.runs is None else look.settings.runs.split()
    for id in asked:
        if id not in offered:
            _missing(id)
    chosen = [id for id in asked if id in offered][:MOST_CURVES]
    look.keep(runs=" ".join(chosen))  # the newest ones of today are not those of tomorrow
    look.choice(
        "runs",
        run_labels(offered.values()),
        widget=st.multiselect,
        value=chosen,
        store=" ".join,
        key="reach_runs",
        max_selections=MOST_CURVES,
        placeholder=_("Choose runs"),
    )
    comparable.warn([offered[id] for id in chosen])
    return [offered[id] for id in chosen]


def _missing(id: str) -> None:
    """Tell why a run that the link names is not offered."""
    try:
        run = runs_here().get(id)
    except RunNotFound as error:
        st.warning(explain(error))
        return
    st.caption(
        _("{name} has no weights yet.").format(name=plain(run.name))
        if not run.config.model.bidirectional
        else _("{name} reads from both ends, so its losses reach both ways: look at a sentence.").format(
            name=plain(run.name)
        )
    )


def _moment(look: Bound[ReachLook], chosen: Sequence[RunRecord]) -> list[tuple[RunRecord, CheckpointRecord]]:
    """Draw a slider over the moments of all runs; each run stands at its nearest checkpoint."""
    kept = {run.id: require(run) for run in chosen}
    epochs = sorted({checkpoint.epoch for checkpoints in kept.values() for checkpoint in checkpoints})
    last = len(epochs) - 1
    at = nearest(epochs, look.settings.epoch)
    if len(epochs) > 1:
        labels = dict(enumerate(names(epochs)))
        look.choice(
            "epoch",
            labels | {last: _("the newest of each")},
            widget=st.select_slider,
            value=at,
            store=lambda i: None if i == last else round(epochs[i], 4),
            key="reach_epoch",
            help=_("The weights as they were then. Epoch 0 is before the first step."),
        )
    wanted = None if at == last else epochs[at]
    return [
        (run, kept[run.id][nearest([checkpoint.epoch for checkpoint in kept[run.id]], wanted)])
        for run in chosen
    ]
