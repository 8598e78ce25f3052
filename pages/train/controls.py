"""The set-up of a run: every setting a control, every control in the link."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.shared.i18n import _, explain, setting_label
from pages.shared.state import run_manager
from pages.shared.texts import add_text, fetch_time_machine
from playground.cells import CELLS
from playground.config import RunConfig, bounds, choices, flatten, from_flat
from playground.errors import ConfigError
from playground.presets import PRESETS, preset

START = preset("quick")
DEFAULTS = flatten(START)
_SWITCHES = {"max_grad_norm": ("clip", True), "epochs": ("forever", False)}
"""Settings that can be off → their switch, and how it stands when they are on."""
_MAY_BE_EMPTY = ("max_tokens", "weight_averaging", "threads")
_ABOVE_ZERO = sys.float_info.min
"""The lowest value of a range that is open at 0; nothing valid is below it."""
_USUAL_LR = {"sgd": 1.0, "adamw": 0.01}
OFFERED = ("quick", "d2l_rnn", "d2l_gru", "d2l_lstm", "d2l_lstm2", "d2l_bilstm", "blanks", "beat_5gram")


def load(values: Mapping[str, object]) -> None:
    """Put settings into the controls; call it before they are drawn, or in a callback."""
    for name, value in values.items():
        if name in _SWITCHES:
            switch, on_means_value = _SWITCHES[name]
            st.session_state[switch] = (value is not None) == on_means_value
            st.session_state[name] = DEFAULTS[name] if value is None else value
        else:
            st.session_state[name] = value


def load_config(config: RunConfig) -> None:
    """As `load`, for a whole config."""
    load(flatten(config))


def presets() -> None:
    """The row of presets; the one that the controls stand at is marked."""
    now = _read()
    match = next((id for id in OFFERED if flatten(preset(id)) == now), None)
    st.session_state.preset = match
    labels = {
        "quick": _("Quick look"),
        "d2l_rnn": _("d2l: RNN"),
        "d2l_gru": _("d2l: GRU"),
        "d2l_lstm": _("d2l: LSTM"),
        "d2l_lstm2": _("d2l: LSTM, 2 layers"),
        "d2l_bilstm": _("d2l: two directions (a trap)"),
        "blanks": _("Fill in the blank"),
        "beat_5gram": _("Beat the 5-gram"),
    }
    st.pills(
        _("Start from"),
        OFFERED,
        key="preset",
        format_func=labels.__getitem__,
        on_change=_load_preset,
        help=_(
            "A whole set-up at once: a quick one, the rows of “Dive into Deep Learning”, chapters 8 "
            "and 9, or a network that beats counting on text it has never seen."
        ),
    )


def setup() -> RunConfig | None:
    """Draw all controls in the sidebar; None when they contradict each other, which is then said."""
    with st.sidebar:
        st.subheader(_("Network"))
        _network()
        st.subheader(_("Text"))
        _text()
        st.subheader(_("Training"))
        _training()
    try:
        return current()
    except ConfigError as error:
        st.error(explain(error))
        return None


def current() -> RunConfig:
    """What the controls stand at.

    Raises:
        ConfigError: They contradict each other.
    """
    return from_flat(_read())


def _network() -> None:
    cell = _choice(
        "cell", str.upper, help=_("The recurrent unit: plain, or with gates that keep, forget and show.")
    )
    if cell in CELLS and len(CELLS[cell].nonlinearities) > 1:
        _choice("nonlinearity", help=_("What squashes the hidden state; relu can grow without limit."))
    st.segmented_control(
        setting_label("num_layers"),
        [1, 2, 3, 4],
        required=True,
        key="num_layers",
        persist_state="session",
        help=_("Recurrent layers on top of each other."),
    )
    st.toggle(
        setting_label("bidirectional"),
        key="bidirectional",
        persist_state="session",
        help=_("A second reader starts at the end of the text."),
    )
    if st.session_state.get("bidirectional"):
        _choice(
            "objective",
            {"next": _("next token (a trap)"), "masked": _("fill in the blank")}.__getitem__,
            help=_(
                "The second reader has already seen the next token: a trap. Filling in a blank, "
                "neither reader sees the token itself."
            ),
        )
    _number("hidden_size", step=32, help=_("Numbers that each layer remembers from letter to letter."))
    with st.expander(_("More")):
        kind = _choice(
            "input",
            {"one-hot": _("one-hot"), "embedding": _("embedding")}.__getitem__,
            help=_("A token enters as a one at its place, or as a vector that is learnt."),
        )
        if kind == "embedding":
            _number("embedding_size", step=16, help=_("Length of the learnt vector."))
        _number("dropout", step=0.1, help=_("Part of the activations switched off at random while training."))


def _text() -> None:
    library = run_manager().store.library
    titles = {info.id: info.title for info in library.all()}
    st.selectbox(
        setting_label("corpus"),
        list(titles),
        format_func=lambda one: titles.get(one, one),
        key="corpus",
        persist_state="session",
        help=_("What the network reads."),
    )
    fetch_time_machine(library, st.session_state.corpus)
    add_text(library)
    _choice(
        "token_level",
        {"char": _("character"), "word": _("word")}.__getitem__,
        help=_("What is predicted one at a time. Chinese works by character."),
    )
    _choice(
        "normalize",
        {"none": _("none"), "letters": _("letters a–z"), "spaced": _("spaced")}.__getitem__,
        help=_(
            "“Letters” keeps only a–z and single spaces and joins the lines without one, as d2l does; "
            "“spaced” puts a space there."
        ),
    )
    with st.expander(_("More")):
        low, high = bounds("max_tokens")
        st.number_input(
            setting_label("max_tokens"),
            int(low or 0),
            int(high or 0),
            None,
            step=1000,
            key="max_tokens",
            persist_state="session",
            placeholder=_("all"),
            help=_("Only so many tokens from the beginning; empty takes all. d2l takes 10,000."),
        )
        _number("held_out", step=0.05, help=_("Part at the end that is never trained on: the honest test."))
        _number("max_vocab", step=500, help=_("The commonest tokens are kept; the rest become <unk>."))


def _training() -> None:
    clip = st.toggle(
        _("Gradient clipping"),
        key="clip",
        persist_state="session",
        help=_("Pull a gradient that is longer than θ back to length θ. Off: it may explode."),
    )
    _number(
        "max_grad_norm",
        step=0.5,
        format="%g",
        disabled=not clip,
        help=_("The longest gradient that is let through."),
    )
    _choice(
        "optimizer",
        {"sgd": "SGD", "adamw": "AdamW"}.__getitem__,
        on_change=_usual_lr,
        help=_("SGD as in d2l, or AdamW, which learns sooner."),
    )
    _number(
        "lr",
        step=0.001,
        format="%g",
        help=_("Size of each step downhill: about 1 for SGD, about 0.01 for AdamW."),
    )
    forever = st.session_state.get("forever", False)
    _number("epochs", step=10, disabled=forever, help=_("Passes over the text."))
    st.toggle(
        _("Until stopped"),
        False,
        key="forever",
        persist_state="session",
        help=_("Train until you press Stop."),
    )
    with st.expander(_("More")):
        _number("batch_size", step=8, help=_("Pieces of text read side by side."))
        _number(
            "num_steps", step=5, help=_("Tokens read before each step; the gradient reaches no further back.")
        )
        _choice(
            "sampling",
            {"sequential": _("sequential"), "random": _("random")}.__getitem__,
            help=_("Sequential carries the hidden state on from batch to batch; random starts from zero."),
        )
        st.number_input(
            setting_label("weight_averaging"),
            _ABOVE_ZERO,
            bounds("weight_averaging")[1],
            None,
            step=0.001,
            format="%g",
            key="weight_averaging",
            persist_state="session",
            placeholder=_("off"),
            help=_(
                "Held-out perplexity, samples and kept weights are those of a running average of the "
                "weights: 0.99 averages over about 100 steps, 0.998 over 500. Empty: off."
            ),
        )
        _number("seed", step=1, help=_("The same seed gives the same run."))
        _number("sample_every", step=1, help=_("How often the network writes a sample; 0 never."))
        st.text_input(
            setting_label("sample_prefix"),
            max_chars=200,
            key="sample_prefix",
            persist_state="session",
            placeholder=_("the beginning of the text"),
            help=_("What each sample goes on from."),
        )
        _number("sample_length", step=10, help=_("Tokens in each sample."))
        _choice(
            "device",
            {"auto": _("auto"), "cpu": "CPU", "cuda": "CUDA", "mps": "MPS"}.__getitem__,
            help=_("Where it is computed; auto takes a GPU if there is one."),
        )
        st.number_input(
            setting_label("threads"),
            1,
            256,
            None,
            key="threads",
            persist_state="session",
            placeholder=_("auto"),
            help=_("CPU threads; empty leaves one core to the pages."),
        )


def _choice(name: str, shown: Any = str, **options: Any) -> str | None:
    return st.segmented_control(
        setting_label(name),
        choices(name),
        required=True,
        format_func=shown,
        key=name,
        persist_state="session",
        **options,
    )


def _number(name: str, **options: Any) -> None:
    low, high = bounds(name)
    kind = float if isinstance(DEFAULTS[name], float) else int
    lowest = _ABOVE_ZERO if name in ("lr", "max_grad_norm") else kind(low or 0)  # these ranges are open at 0
    st.number_input(
        setting_label(name),
        lowest,
        kind(high or 0),
        None,
        key=name,
        persist_state="session",
        placeholder=f"{DEFAULTS[name]:g}",
        **options,
    )


def _read() -> dict[str, Any]:
    """What the controls stand at; a hidden or emptied control counts as its default."""
    state = st.session_state
    values = {name: state.get(name, default) for name, default in DEFAULTS.items()}
    values |= {n: DEFAULTS[n] for n, v in values.items() if v is None and n not in _MAY_BE_EMPTY}
    for name, (switch, on_means_value) in _SWITCHES.items():
        if state.get(switch, on_means_value) != on_means_value:
            values[name] = None
    own = CELLS[values["cell"]].nonlinearities
    if values["nonlinearity"] not in own:
        values["nonlinearity"] = own[0]
    if not values["bidirectional"]:
        values["objective"] = "next"
    return values


def _usual_lr() -> None:
    """Another optimiser wants another step size; one that a person chose stays."""
    chosen = st.session_state.optimizer
    if st.session_state.lr in _USUAL_LR.values():
        st.session_state.lr = _USUAL_LR[chosen]


def _load_preset() -> None:
    chosen = st.session_state.preset
    if chosen in PRESETS:
        load_config(preset(chosen))
