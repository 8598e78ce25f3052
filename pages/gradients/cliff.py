"""The cliff: why a single step without clipping can throw away what was learnt."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd
import streamlit as st

from pages.gradients import cliff_panel
from pages.shared.address import put
from pages.shared.controls import Bound
from pages.shared.i18n import _, sentences
from playground.figures.cliff import path_names
from playground.format import number
from playground.lesson_settings import DescentConfig
from playground.records import Cliff, Descent
from playground.toys.cliff import both_paths, loss_surface

_surface = lru_cache(1)(loss_surface)
_paths = lru_cache(64)(both_paths)
"""What one person has computed, the next one finds."""


def lesson() -> None:
    """The smallest recurrent network, its whole loss surface, and two ways down."""
    st.markdown(
        _(
            "Where a recurrent network reads many steps, its loss has **cliffs**: a gentle slope ends "
            "at a wall, and on the wall the "
            "gradient is thousands of times longer than beside it. Gradient descent that happens to "
            "stand there is thrown far away by "
            "a single step; **clipping** keeps the direction and shortens the step."
        )
    )
    st.caption(
        _(
            "One unit, hₜ = w · σ(hₜ₋₁) + b, 50 steps from h₀ = 0.5, with the loss (σ(h₅₀) − 0.7)²: "
            "the network of Pascanu, Mikolov and "
            "Bengio (2013), figure 6, with σ the sigmoid function. Surface and paths are computed here."
        )
    )
    descent = Bound(DescentConfig, "cliff")
    _draw_controls(descent)
    config = descent.settings
    surface = _surface()
    plain, clipped = _paths(config)
    _write_story(surface, plain, clipped, config)
    cliff_panel.draw(surface, plain, clipped, config)
    _table(plain, clipped, config)


def _draw_controls(descent: Bound[DescentConfig]) -> None:
    """Draw the controls; the numbers take anything, and what is out of its range is told."""
    starts = {
        (descent.usual["w"], descent.usual["b"]): _("near the wall"),
        (5.5, -2.0): _("higher up the slope"),
        (5.0, -3.0): _("on top of the wall"),
        (3.0, -1.0): _("where there is no wall"),
    }

    def start() -> None:
        if st.session_state.cliff_start is not None:
            w, b = st.session_state.cliff_start
            descent.set(w=w, b=b)

    at = (descent.settings.w, descent.settings.b)
    put("cliff_start", at if at in starts else None, *starts.values())
    st.pills(
        _("Starting point"), list(starts), key="cliff_start", format_func=starts.__getitem__, on_change=start
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        descent.slider("w", width=160)
        descent.slider("b", width=160)
        descent.number("rate", width=130)
        descent.number("theta", width=160)
        descent.number("steps", width=130)


def _write_story(surface: Cliff, plain: Descent, clipped: Descent | None, config: DescentConfig) -> None:
    """What happened, in a sentence for each path."""
    names = path_names(config.theta, _)
    st.markdown(f"**{names[0]}** – {_story(surface, plain)}")
    if clipped is None:
        st.markdown(_("Clipping is off, so there is no other path. Give a threshold θ to see one beside it."))
    elif not clipped.times_clipped:
        told = _("no gradient is longer than θ, so nothing is pulled back and the path is the same.")
        st.markdown(f"**{names[1]}** – {told}")
    else:
        pulled = _("{n} of {steps} gradients are pulled back to θ.").format(
            n=clipped.times_clipped, steps=clipped.steps
        )
        st.markdown(f"**{names[1]}** – {sentences(_story(surface, clipped), pulled)}")


def _story(surface: Cliff, path: Descent) -> str:
    left = surface.left_at(path)
    if left is not None:
        told = _(
            "at step {step} the gradient is {norm} long, and a step of {length} leaves the figure. "
            "The loss began at {start} and "
            "after {steps} steps is {end}, where the gradient is {rest}."
        )
        at, length = left, number(path.lengths[left])
    elif path.climbs:
        told = _(
            "the loss began at {start}, rose to {worst} on the way and is {end} after {steps} steps. "
            "The longest gradient is {norm}, at "
            "step {step}, and the longest step {length}."
        )
        at, length = path.steepest, number(path.lengths.max())
    else:
        told = _(
            "the loss began at {start}, never stood higher and is {end} after {steps} steps. The "
            "longest gradient "
            "is {norm}, at step {step}."
        )
        at, length = path.steepest, ""
    told = told.format(
        step=at,
        norm=number(path.norm[at]),
        length=length,
        start=number(path.loss[0]),
        end=number(path.loss[-1]),
        worst=number(path.loss[path.worst]),
        steps=path.steps,
        rest=number(path.norm[-1]),
    )
    if path.is_whole:
        return told
    return sentences(told, _("The next point would be no finite number, so the path ends there."))


def _table(plain: Descent, clipped: Descent | None, config: DescentConfig) -> None:
    """Where each path ended, and the worst that it met."""

    def column(path: Descent) -> list[str]:
        at = _("{value} at step {step}")
        return [
            f"{number(path.w[-1])}, {number(path.b[-1])}",
            number(path.loss[-1]),
            at.format(value=number(path.norm[path.steepest]), step=path.steepest),
            at.format(value=number(path.loss[path.worst]), step=path.worst),
        ]

    rows = [_("ends at w, b"), _("loss at the end"), _("longest gradient"), _("worst loss")]
    both = zip(path_names(config.theta, _), (plain, clipped), strict=True)
    st.table(pd.DataFrame({name: column(path) for name, path in both if path is not None}, index=rows))
