"""What is measured and how it is shown; all of it stands in the address."""

from __future__ import annotations

import streamlit as st

from pages.shared.controls import Bound
from pages.shared.i18n import _, language
from playground.format import exact
from playground.lesson_settings import FreshConfig, ReachLook
from playground.presets import CHINESE_STORY
from playground.services.reach import MOST_READ

_SIZES = (16, 64, 256)
_BIASES = (1.0, 2.0, 3.0)
_LOW_GAIN, _HIGH_GAIN = 0.5, 1.6
"""The slider's usual ends; a link may name more, and then it is longer."""


def curves(look: Bound[ReachLook]) -> None:
    """Draw by what the gradient is taken, the scale, and how far back."""
    for name in ("path", "scale", "k"):
        look.choice(name, widget=st.pills)


def text(look: Bound[ReachLook]) -> str | None:
    """Draw whose losses are averaged; None for the usual text."""
    told = _(
        "Whose losses are averaged: type or paste at most {n} tokens, then press Ctrl+Enter. Empty, "
        "it is a run’s own "
        "held-out text; fresh cells read their story."
    )
    with st.popover(_("Text")):
        written = look.text(
            "losses",
            "",
            key="reach_text",
            placeholder=_("the usual one"),
            help=told.format(n=f"{MOST_READ:,}"),
        )
    return written or None


def fresh() -> Bound[FreshConfig]:
    """Size and initialisation of fresh cells, as the address has them."""
    in_chinese = language() == "zh"
    cells = Bound(FreshConfig, "reach", always=("story",) if in_chinese else ())
    if in_chinese and "story" not in cells.given:
        cells.keep(story=CHINESE_STORY)
    return cells


def fresh_settings(cells: Bound[FreshConfig]) -> None:
    """Draw size and initialisation of fresh cells."""
    config = cells.settings
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sizes = [str(size) for size in sorted({*_SIZES, config.hidden_size})]
        cells.choice("hidden_size", {size: size for size in sizes}, widget=st.pills)
        biases = sorted({*_BIASES, *([] if config.forget_bias is None else [config.forget_bias])})
        labels = {"off": _("PyTorch’s, about 0"), **{f"{bias:g}": exact(bias, plus=True) for bias in biases}}
        cells.choice("forget_bias", labels, widget=st.pills)
        cells.choice("story", widget=st.pills)
        cells.again(
            _("Draw other weights"), help=_("With another random seed: it is {n} now.").format(n=config.seed)
        )
    cells.switch("gain")
    if config.gain is not None:
        cells.slider("gain", low=_LOW_GAIN, high=_HIGH_GAIN)


def describe(fresh: FreshConfig) -> str:
    """Fresh cells in one line."""
    parts = [
        _("{n} hidden units").format(n=fresh.hidden_size),
        _("weights as PyTorch makes them")
        if fresh.gain is None
        else _("orthogonal × {gain}").format(gain=exact(fresh.gain)),
        _("forget bias about 0")
        if fresh.forget_bias is None
        else _("forget bias {bias}").format(bias=exact(fresh.forget_bias, plus=True)),
        _("seed {n}").format(n=fresh.seed),
    ]
    return " · ".join(parts) + ". " + _("Change it under “Fresh cells”.")
