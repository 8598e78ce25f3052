"""What is measured and how it is shown; all of it stands in the link."""

from __future__ import annotations

import random
from collections.abc import Mapping

import streamlit as st

from pages.shared import query
from pages.shared.i18n import _, explain, setting_label
from pages.shared.state import put
from playground.errors import ConfigError
from playground.lesson_settings import FreshConfig
from playground.services.reach import MOST_READ
from playground.settings import validate

USUAL = FreshConfig()
_SIZES = (16, 64, 256)
_BIASES = (1.0, 2.0, 3.0)
_LOW_GAIN, _HIGH_GAIN = 0.5, 1.6
"""The slider's usual ends; a link may name more, and then it is longer."""


def choice(
    name: str, label: str, options: Mapping[str, str], usual: str = "", *, help: str | None = None
) -> str:
    """A choice of few under its name in the link.

    Args:
        name: In the link.
        label: Above it.
        options: What the link has → what a person reads.
        usual: What a link without it means; the first one unless given.
        help: What it is about.
    """
    usual = usual or next(iter(options))
    now = query.given(name, usual)
    now = now if now in options else usual
    key = f"reach_{name}"
    put(key, now, *options.values())
    st.pills(
        label,
        list(options),
        required=True,
        key=key,
        format_func=lambda one: options.get(one, one),
        help=help,
        on_change=lambda: query.keep(name, st.session_state[key] or now, usual),
    )
    return now


def path() -> str:
    """By what the gradient is taken."""
    return choice(
        "path",
        _("Gradient by"),
        {"x": _("x: input"), "h": _("h: hidden state"), "c": _("c: cell state")},
        help=_(
            "x is what enters the layer: the same question to every cell. c is the memory of an LSTM; "
            "of an RNN and a GRU, which have none, h is "
            "drawn beside it."
        ),
    )


def relative() -> bool:
    """Whether norms are parts of that at k = 0."""
    return (
        choice("scale", _("Scale"), {"relative": _("relative to k = 0"), "absolute": _("absolute")})
        == "relative"
    )


def furthest() -> int:
    """K."""
    return int(choice("k", _("Tokens back"), {n: n for n in ("25", "50", "100", "200")}, "50"))


def text() -> str | None:
    """Whose losses; None for the usual text."""
    now = query.text("losses", "")
    with st.popover(_("Text")):
        put("reach_text", now)
        st.text_area(
            _("Text"),
            key="reach_text",
            height=120,
            placeholder=_("the usual one"),
            on_change=lambda: query.keep_text("losses", st.session_state.reach_text, ""),
            help=_(
                "Whose losses are averaged: type or paste at most {n} tokens, then press Ctrl+Enter. "
                "Empty, it is a "
                "run’s own held-out text; fresh cells read the bundled story."
            ).format(n=f"{MOST_READ:,}"),
        )
    return now or None


def fresh_settings() -> FreshConfig:
    """Draw size and initialisation of fresh cells; what a link asks for and cannot have is told."""
    now = fresh_from_link()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sizes = [str(n) for n in sorted({*_SIZES, now.hidden_size})]
        choice("hidden_size", setting_label("hidden_size"), {n: n for n in sizes}, str(USUAL.hidden_size))
        biases = sorted({*_BIASES, *([] if now.forget_bias is None else [now.forget_bias])})
        choice(
            "forget_bias",
            setting_label("forget_bias"),
            {"off": _("PyTorch’s, about 0"), **{f"{b:g}": f"{b:+g}" for b in biases}},
            help=_("Of the LSTM alone: a forget gate that begins nearly open keeps the memory."),
        )
        st.button(
            _("Draw other weights"),
            key="reach_again",
            icon=":material/casino:",
            on_click=_again,
            help=_("With another random seed: it is {n} now.").format(n=now.seed),
        )
    put("reach_orthogonal", now.gain is not None)
    st.toggle(
        _("Recurrent weights orthogonal × gain"),
        key="reach_orthogonal",
        on_change=lambda: query.keep("gain", 1.0 if st.session_state.reach_orthogonal else None, None),
        help=_(
            "Every block of recurrent weights becomes a random rotation times the gain, so that all "
            "its eigenvalues have "
            "that absolute value. Off, they are uniform in ±1/√H, as PyTorch makes them."
        ),
    )
    if now.gain is not None:
        put("reach_gain", now.gain)
        st.slider(
            setting_label("gain"),
            min(_LOW_GAIN, now.gain),
            max(_HIGH_GAIN, now.gain),
            step=0.05,
            key="reach_gain",
            on_change=lambda: query.keep("gain", float(st.session_state.reach_gain), None),
        )
    return now


def fresh_from_link() -> FreshConfig:
    """Size and initialisation as the link has them; what is out of its range is told, and the usual one taken."""
    given: dict[str, object] = {}
    for name in FreshConfig.model_fields:
        if name in st.query_params:
            try:
                validate(FreshConfig, {name: query.given(name)})
                given[name] = query.given(name)
            except ConfigError as error:
                st.warning(explain(error) + " " + _("The usual value is used instead."))
    return validate(FreshConfig, given)


def describe(fresh: FreshConfig) -> str:
    """Fresh cells in one line."""
    parts = [
        _("{n} hidden units").format(n=fresh.hidden_size),
        _("weights as PyTorch makes them")
        if fresh.gain is None
        else _("orthogonal × {gain}").format(gain=f"{fresh.gain:g}"),
        _("forget bias about 0")
        if fresh.forget_bias is None
        else _("forget bias {bias}").format(bias=f"{fresh.forget_bias:+g}"),
        _("seed {n}").format(n=fresh.seed),
    ]
    return " · ".join(parts) + ". " + _("Change it under “Fresh cells”.")


def _again() -> None:
    query.keep("seed", random.randrange(1, 10_000), USUAL.seed)  # noqa: S311
