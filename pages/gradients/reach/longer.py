"""Where the longer reach of gates is real: looked for in three places, and told as it was found."""

from __future__ import annotations

import streamlit as st

from pages.gradients.reach import comparable, controls, series, words
from pages.gradients.reach.curves import draw
from pages.shared.checkpoints import require
from pages.shared.controls import Bound
from pages.shared.i18n import _, sentences
from pages.shared.run_labels import run_labels
from pages.shared.site import page_link
from pages.shared.state import runs_here
from playground.format import exact, fixed
from playground.lesson_settings import FreshConfig, ReachLook
from playground.records import ReachCurve, growth

_BACK = 50
_SAME = 0.01
"""Two factors a token that differ by less are the same fall."""
_DROPS = 0.7
"""As a part of what c has left after the first token: what h has left then is clearly less."""


def view(look: Bound[ReachLook]) -> None:
    """Through c, with a forget bias, and on a text that needs memory."""
    fresh = controls.fresh().settings
    st.subheader(_("1. Through the cell state?"))
    _through_c(look, fresh)
    st.subheader(_("2. With a forget gate that begins open?"))
    _open_gate(fresh)
    st.subheader(_("3. On a text that needs a long memory?"))
    page_link(
        "gradients",
        label=_("Brackets remembered"),
        icon=":material/arrow_forward:",
        query_params={"view": "reach"},
    )


def _through_c(look: Bound[ReachLook], fresh: FreshConfig) -> None:
    """One LSTM by h, by c and by x."""
    st.markdown(
        _("An LSTM carries its memory in c, and h is only what shows of it. The same LSTM, measured by each:")
    )
    curves = _lstm(look, fresh)
    if not curves:
        return
    draw(curves, "reach_through_c")
    words.measured(curves)
    by_x, by_h, by_c = (growth(curve.norms) for curve in curves)
    by_h_first, by_c_first = curves[1].left(1), curves[2].left(1)
    if not abs(by_c - by_h) < _SAME:  # a factor that cannot be told is not alike
        told = _("Beyond the first token they fall differently: by h {h} a token, by c {c}, by x {x}.")
    else:
        told = _(
            "Beyond the first token all three fall alike ({x}, {h} and {c} a token): by c the past "
            "does not fade more slowly."
        )
        if by_h_first < _DROPS * by_c_first:
            told = sentences(
                told, _("What sets h apart is k = 0, where it goes straight into the prediction.")
            )
    st.text(told.format(x=fixed(by_x, 2), h=fixed(by_h, 2), c=fixed(by_c, 2)))


def _lstm(look: Bound[ReachLook], fresh: FreshConfig) -> list[ReachCurve]:
    """Draw the choice of an LSTM; its three curves."""
    runs = {
        run.id: run
        for run in runs_here().with_weights()
        if run.config.model.cell == "lstm" and not run.config.model.bidirectional
    }
    labels = {"fresh": _("a fresh LSTM"), **run_labels(runs.values())}
    chosen = look.settings.lstm if look.settings.lstm in labels else "fresh"
    if runs:
        look.choice("lstm", labels, widget=st.selectbox, value=chosen, key="reach_lstm")
    if chosen == "fresh":
        st.caption(controls.describe(fresh))
        measured = [series.fresh_cell(fresh, "lstm", None, _BACK)]
    else:
        comparable.warn([runs[chosen]])
        measured = series.runs([(runs[chosen], require(runs[chosen])[-1])], None, _BACK)
    return [network.curve(path) for network in measured for path in "xhc"]


def _open_gate(fresh: FreshConfig) -> None:
    """Fresh LSTMs with several forget biases beside a fresh RNN and GRU."""
    st.markdown(
        _(
            "A fresh LSTM's forget gate stands at about one half, so half of the memory goes with "
            "every token. Begin with a "
            "bias that holds it open, without any training:"
        )
    )

    def with_bias(bias: float | None) -> FreshConfig:
        return fresh.model_copy(update={"forget_bias": bias})

    measured = series.fresh_cells(with_bias(None), None, _BACK)
    measured += [
        series.fresh_cell(with_bias(bias), "lstm", None, _BACK, f"LSTM {exact(bias, plus=True)}")
        for bias in (1.0, 2.0, 3.0)
    ]
    curves = [network.curve("x") for network in measured]
    draw(curves, "reach_biases")
    words.measured(curves)
