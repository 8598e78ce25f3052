"""Curves of several networks on one chart: fresh cells of one size, or runs at one moment of training."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.gradients.reach import controls, series, words
from pages.gradients.reach.series import Measured
from pages.shared import query
from pages.shared.checkpoints import nearest, require, written
from pages.shared.i18n import _, explain, plain
from pages.shared.run_labels import run_label
from pages.shared.site import page_link
from pages.shared.state import opened_or_none, put, run_manager
from playground.cells import CELLS
from playground.errors import RunNotFound
from playground.figures.reach import MOST_CURVES, reach_figure
from playground.records import CheckpointRecord, ReachCurve, RunRecord, half_length


def fresh_cells() -> None:
    """RNN, GRU and LSTM of one size before their first step."""
    fresh = controls.fresh_settings()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        path, relative, k = controls.path(), controls.relative(), controls.furthest()
        text = controls.text()
    found = series.fresh_cells(fresh, text, k)
    _draw(found, path, relative=relative)


def trained_runs() -> None:
    """The runs that a person picks, each at the checkpoint nearest to one moment."""
    offered = {
        run.id: run for run in run_manager().store.with_weights() if not run.config.model.bidirectional
    }
    if not offered:
        st.info(
            _(
                "No run with one direction has weights yet. Train one, or look at fresh cells: they "
                "need no run."
            )
        )
        page_link("train", label=_("Train a network"), icon=":material/show_chart:")
        return
    chosen = _pick(offered)
    if not chosen:
        st.info(_("Choose at least one run."))
        return
    moments = _moment(chosen)
    deepest = max(run.config.model.num_layers for run in chosen)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        path, relative, k = controls.path(), controls.relative(), controls.furthest()
        layers = [str(n + 1) for n in range(deepest)]
        layer = int(controls.choice("layer", _("Layer"), {n: n for n in layers})) - 1 if deepest > 1 else 0
        text = controls.text()
    found = series.runs(moments, text, k)
    if found:
        _draw(found, path, relative=relative, layer=layer)


def draw(curves: Sequence[ReachCurve], key: str, *, relative: bool = True) -> None:
    """A chart of some curves."""
    st.plotly_chart(
        reach_figure(curves, relative=relative, _=_),
        key=key,
        width="stretch",
        config={"displayModeBar": False},
        alt=_("Line chart: norm of the gradient k tokens back, on a logarithmic axis, of {names}.").format(
            names=", ".join(f"{one.name} ({one.path})" for one in curves)
        ),
    )


def _draw(found: Sequence[Measured], path: str, *, relative: bool, layer: int = 0) -> None:
    """The chart, what it shows in sentences, and a table."""
    curves = [one.curve(path, layer) for one in found]
    draw(curves, "reach", relative=relative)
    words.measured(curves)
    for one, curve in zip(found, curves, strict=True):
        words.beside_eigenvalue(curve, [m for m in one.matrices if m.layer == one.layer(layer)])
    words.truncated(curves)
    _table(found, curves, layer)
    st.caption(
        _("Means of {n} losses, spread over the text.").format(n=min(one.reach.positions for one in found))
    )


def _table(found: Sequence[Measured], curves: Sequence[ReachCurve], layer: int) -> None:
    rows = []
    for one, curve in zip(found, curves, strict=True):
        half = half_length(curve.norms)
        blocks = [m for m in one.matrices if m.layer == one.layer(layer)]
        rows.append(
            {
                _("network"): f"{curve.name} · {curve.path}",
                _("half after … tokens"): f"{half:.1f}"
                if half < len(curve.norms)
                else f"> {len(curve.norms) - 1}",
                _("norm at k = 0"): f"{curve.norms[0]:.3g}",
                _("factor a token"): words.factor(curve),
                _("largest |eigenvalue|"): " · ".join(f"{m.block} {m.eigenvalue:.2f}" for m in blocks),
                _("largest singular value"): " · ".join(f"{m.block} {m.singular:.2f}" for m in blocks),
            }
        )
    st.dataframe(
        pd.DataFrame(rows),
        key="reach_table",
        hide_index=True,
        alt=_("Table: half-length, factor a token, eigenvalues and singular values of each network"),
    )


def _pick(offered: dict[str, RunRecord]) -> list[RunRecord]:
    """Draw which runs; at first the opened one, else the newest of every cell."""
    opened = opened_or_none()
    newest = {run.config.model.cell: run.id for run in reversed(offered.values())}
    usual = (
        [opened.id]
        if opened is not None and opened.id in offered
        else [newest[cell] for cell in CELLS if cell in newest]
    )
    now = usual
    if "runs" in st.query_params:
        given = query.given("runs").split()
        for id in given:
            if id not in offered:
                _missing(id)
        now = [id for id in given if id in offered][:MOST_CURVES]
    st.query_params["runs"] = " ".join(now)  # the newest ones of today are not those of tomorrow
    put("reach_runs", now, *map(run_label, offered.values()))

    def picked() -> None:
        st.query_params["runs"] = " ".join(st.session_state.reach_runs)

    st.multiselect(
        _("Runs"),
        list(offered),
        key="reach_runs",
        max_selections=MOST_CURVES,
        on_change=picked,
        format_func=lambda one: run_label(offered[one]) if one in offered else one,
        placeholder=_("Choose runs"),
    )
    return [offered[id] for id in now]


def _missing(id: str) -> None:
    """Tell why a run that the link names is not offered."""
    try:
        run = run_manager().store.get(id)
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


def _moment(chosen: Sequence[RunRecord]) -> list[tuple[RunRecord, CheckpointRecord]]:
    """Draw a slider over the moments of all runs; each run stands at its nearest checkpoint."""
    found = {run.id: require(run) for run in chosen}
    epochs = sorted({one.epoch for several in found.values() for one in several})
    at = nearest(epochs, query.number("epoch"))
    labels = [_("epoch {n}").format(n=written(epoch)) for epoch in epochs]
    labels[-1] = _("the newest of each")

    def moved() -> None:
        i = st.session_state.reach_epoch
        query.keep("epoch", None if i is None or i == len(epochs) - 1 else written(epochs[i]), None)

    if len(epochs) > 1:
        put("reach_epoch", at, *labels)
        st.select_slider(
            _("Moment of training"),
            range(len(epochs)),
            key="reach_epoch",
            on_change=moved,
            format_func=lambda i: labels[i] if i < len(labels) else "",
            help=_("The weights as they were then. Epoch 0 is before the first step."),
        )
    wanted = None if at == len(epochs) - 1 else epochs[at]
    return [(run, found[run.id][nearest([one.epoch for one in found[run.id]], wanted)]) for run in chosen]
