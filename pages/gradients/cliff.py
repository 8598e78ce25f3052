"""The cliff: why a single step without clipping can throw away what was learnt."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pandas as pd
import streamlit as st

from pages.gradients import cliff_panel
from pages.shared import query
from pages.shared.i18n import _, explain, setting_label
from pages.shared.state import put, settle
from playground.errors import ConfigError
from playground.figures.cliff import path_names
from playground.lesson_settings import B_ENDS, W_ENDS, DescentConfig
from playground.records import Cliff, Descent
from playground.settings import validate
from playground.toys.cliff import both_paths, loss_surface

USUAL = DescentConfig()
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
            "Bengio (2013), figure 6, with σ the logistic function. Surface and paths are computed here."
        )
    )
    config = _settings()
    surface = _surface()
    plain, clipped = _paths(config)
    _told(surface, plain, clipped, config)
    cliff_panel.draw(surface, plain, clipped, config)
    _table(plain, clipped, config)
    settle("cliff_w", "cliff_b", "cliff_rate", "cliff_theta", "cliff_steps")


def _settings() -> DescentConfig:
    """Draw the controls; they take any number, and one out of its range is told in a sentence."""
    now = _from_link()
    starts = {
        (USUAL.w, USUAL.b): _("near the wall"),
        (5.5, -2.0): _("higher up the slope"),
        (5.0, -3.0): _("on top of the wall"),
        (3.0, -1.0): _("where there is no wall"),
    }
    put("cliff_start", (now.w, now.b) if (now.w, now.b) in starts else None, *starts.values())
    st.pills(
        _("Starting point"), list(starts), key="cliff_start", format_func=starts.__getitem__, on_change=_start
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for name, (low, high) in (("w", W_ENDS), ("b", B_ENDS)):
            put(f"cliff_{name}", getattr(now, name))
            st.slider(
                setting_label(name),
                low,
                high,
                step=0.05,
                key=f"cliff_{name}",
                on_change=_changed(name),
                width=160,
                help=_("Where both paths start."),
            )
        put("cliff_rate", now.rate)
        st.number_input(
            setting_label("rate"),
            None,
            None,
            None,
            step=0.1,
            format="%g",
            key="cliff_rate",
            width=130,
            on_change=_changed("rate"),
            placeholder=f"{USUAL.rate:g}",
            help=_("Size of each step downhill."),
        )
        put("cliff_theta", now.theta)
        st.number_input(
            setting_label("theta"),
            None,
            None,
            None,
            step=0.1,
            format="%g",
            key="cliff_theta",
            width=160,
            on_change=_theta,
            placeholder=_("off"),
            help=_("A gradient that is longer is pulled back to this length; empty turns clipping off."),
        )
        put("cliff_steps", now.steps)
        st.number_input(
            setting_label("steps"),
            None,
            None,
            None,
            step=10,
            key="cliff_steps",
            width=130,
            on_change=_changed("steps"),
            placeholder=str(USUAL.steps),
            help=_("Of gradient descent, each with the whole loss."),
        )
    return now


def _told(surface: Cliff, plain: Descent, clipped: Descent | None, config: DescentConfig) -> None:
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
        st.markdown(f"**{names[1]}** – {_story(surface, clipped)} {pulled}")


def _story(surface: Cliff, path: Descent) -> str:
    left = surface.left_at(path)
    if left is not None:
        told = _(
            "at step {step} the gradient is {norm} long, and a step of {length} leaves the figure. "
            "The loss began at {start} and "
            "after {steps} steps is {end}, where the gradient is {rest}."
        )
        at, length = left, _short(path.lengths[left])
    elif path.climbs:
        told = _(
            "the loss began at {start}, rose to {worst} on the way and is {end} after {steps} steps. "
            "The longest gradient is {norm}, at "
            "step {step}, and the longest step {length}."
        )
        at, length = path.steepest, _short(path.lengths.max())
    else:
        told = _(
            "the loss began at {start}, never stood higher and is {end} after {steps} steps. The "
            "longest gradient "
            "is {norm}, at step {step}."
        )
        at, length = path.steepest, ""
    told = told.format(
        step=at,
        norm=_short(path.norm[at]),
        length=length,
        start=_short(path.loss[0]),
        end=_short(path.loss[-1]),
        worst=_short(path.loss[path.worst]),
        steps=path.steps,
        rest=_short(path.norm[-1]),
    )
    if path.is_whole:
        return told
    return told + " " + _("The next point would be no finite number, so the path ends there.")


def _table(plain: Descent, clipped: Descent | None, config: DescentConfig) -> None:
    """Where each path ended, and the worst that it met."""

    def column(path: Descent) -> list[str]:
        at = _("{value} at step {step}")
        return [
            f"{_short(path.w[-1])}, {_short(path.b[-1])}",
            _short(path.loss[-1]),
            at.format(value=_short(path.norm[path.steepest]), step=path.steepest),
            at.format(value=_short(path.loss[path.worst]), step=path.worst),
        ]

    rows = [_("ends at w, b"), _("loss at the end"), _("longest gradient"), _("worst loss")]
    both = zip(path_names(config.theta, _), (plain, clipped), strict=True)
    st.table(pd.DataFrame({name: column(path) for name, path in both if path is not None}, index=rows))


def _from_link() -> DescentConfig:
    given: dict[str, object] = {}
    for name in DescentConfig.model_fields:
        if name in st.query_params:
            try:
                validate(DescentConfig, {name: query.given(name)})
                given[name] = query.given(name)
            except ConfigError as error:
                st.warning(explain(error) + " " + _("The usual value is used instead."))
    return validate(DescentConfig, given)


def _changed(name: str) -> Any:
    return lambda: query.keep(name, st.session_state[f"cliff_{name}"], getattr(USUAL, name))


def _theta() -> None:
    """An emptied field turns clipping off."""
    theta = st.session_state.cliff_theta
    query.keep("theta", "off" if theta is None else theta, USUAL.theta)


def _start() -> None:
    start = st.session_state.cliff_start
    if start is not None:
        query.keep("w", start[0], USUAL.w)
        query.keep("b", start[1], USUAL.b)


def _short(value: float) -> str:
    """Three digits, or a whole number of thousands."""
    return f"{value:,.0f}" if 1e3 <= abs(value) < 1e7 else f"{value:.3g}"
