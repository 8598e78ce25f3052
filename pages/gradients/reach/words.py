"""What curves show, in sentences that are computed from them: never what a textbook expects."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

import streamlit as st

from pages.shared.i18n import _, clauses, headed, sentences, with_aside
from playground.format import fixed, number
from playground.records import ReachCurve, RecurrentMatrix, growth

_BACK = 20
"""Tokens back at which curves are compared."""
_LEVEL = 0.005
"""A factor nearer to 1 than this neither shrinks nor grows: over 20 tokens it makes less than a tenth."""
_ALIKE = 1.1


def measured(curves: Sequence[ReachCurve]) -> None:
    """Who has how much left, from the shortest reach to the longest, and how each shrinks or grows."""
    back = min(_BACK, *(len(curve.norms) - 1 for curve in curves))
    ordered = sorted(curves, key=lambda curve: curve.left(back))
    one_network = len({curve.name for curve in curves}) == 1
    names = {id(curve): curve.path if one_network and len(curves) > 1 else curve.name for curve in curves}
    told = _("{k} tokens back, of the norm at k = 0 there is left: {parts}.").format(
        k=back, parts=clauses(headed(names[id(curve)], number(curve.left(back), 2)) for curve in ordered)
    )
    least, most = ordered[0].left(back), ordered[-1].left(back)
    if len(ordered) > 1:
        told = sentences(
            told,
            _("{name} has most, {times} times as much as {other}.").format(
                name=names[id(ordered[-1])], times=number(most / least, 2), other=names[id(ordered[0])]
            )
            if least > 0 and most / least >= _ALIKE
            else _("Of {other} nothing is left.").format(other=names[id(ordered[0])])
            if least == 0 < most
            else _("They hardly differ."),
        )
    st.text(told)
    st.text(
        _("On the whole, one token more multiplies by: {parts}.").format(
            parts=clauses(headed(names[id(curve)], factor(curve)) for curve in curves)
        )
    )


def beside_eigenvalue(curve: ReachCurve, matrices: Sequence[RecurrentMatrix]) -> None:
    """Of a plain RNN, whose curve one matrix alone decides: its factor beside the eigenvalue."""
    by_token = growth(curve.norms)
    if len(matrices) != 1 or isnan(by_token):
        return
    told = _(
        "{name}: the largest |eigenvalue| of its recurrent weights is {eigenvalue}; each token further "
        "back multiplies the gradient by {factor}."
    ).format(name=curve.name, eigenvalue=fixed(matrices[0].eigenvalue, 2), factor=fixed(by_token, 2))
    if by_token < matrices[0].eigenvalue:
        told = sentences(told, _("The activation’s slope, at most 1, takes away the rest."))
    st.text(told)


def truncated(curves: Sequence[ReachCurve]) -> None:
    """Where training cut the gradient off."""
    if any(curve.truncation and curve.truncation < len(curve.norms) for curve in curves):
        st.caption(
            _(
                "The dotted line: backpropagation through time was truncated here, for training reads so many "
                "time steps at once, and never asked for what lies beyond. "
                "What reaches further, the network has come to by itself."
            )
        )


def factor(curve: ReachCurve) -> str:
    """By what a token more multiplies it, and what that means."""
    by_token = growth(curve.norms)
    if isnan(by_token):
        return "–"
    change = _("grows") if by_token > 1 + _LEVEL else _("shrinks") if by_token < 1 - _LEVEL else _("stays")
    return with_aside(fixed(by_token, 2), change)
