"""The set-up of a run: every setting a control in the sidebar, and whole set-ups at one press."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared.address import put, write
from pages.shared.controls import Bound
from pages.shared.i18n import _, language
from pages.shared.state import runs_here
from pages.shared.texts import require_text, text_labels
from pages.train import devices, shared_text
from pages.train.missing_text import marked
from pages.train.own_text import add_text
from pages.train.text_choice import with_text
from playground.config import FIELDS, RUN_FORM, RunConfig
from playground.controls import control_of
from playground.presets import PRESETS, preset, preset_in, recognise
from playground.records import RunRecord

OFFERED = (
    *("quick", "quote_cell", "d2l_rnn", "d2l_gru", "d2l_lstm", "d2l_lstm2", "d2l_bilstm"),
    *("blanks", "beat_5gram"),
)
_USUAL_LR = {"sgd": 1.0, "adamw": 0.01}


def bind(run: RunRecord | None, notices: DeltaGenerator) -> Bound[RunConfig]:
    """The settings that the address has.

    Args:
        run: The run on show: an address that names it, and no setting, brings its settings.
        notices: Where a wrong address is told.
    """
    setup = Bound(
        RUN_FORM,
        usual=preset("quick"),
        check=_require_here,
        place=notices,
        always=("corpus",) if language() == "zh" else (),
    )
    if setup.has_arrived and not setup.given and run is not None:
        setup.load(run.config)
    elif language() == "zh" and not setup.given and run is None:
        # an address without a setting is the English story in every language: the Chinese one is written into it
        setup.keep(**RUN_FORM.flatten(preset_in("quick", "zh")))
    return setup


def _require_here(config: RunConfig) -> None:
    """Raise ConfigError where a set-up names a text or a device that is not here."""
    require_text(config.corpus.corpus)
    devices.require_device(config)


def presets(setup: Bound[RunConfig]) -> None:
    """Draw the row of presets; the one that the controls stand at is marked."""
    labels = {
        "quick": _("Quick look"),
        "quote_cell": _("Grow a quote cell"),
        "d2l_rnn": _("d2l: RNN"),
        "d2l_gru": _("d2l: GRU"),
        "d2l_lstm": _("d2l: LSTM"),
        "d2l_lstm2": _("d2l: LSTM, 2 layers"),
        "d2l_bilstm": _("d2l: two directions (a trap)"),
        "blanks": _("Fill in the blank"),
        "beat_5gram": _("Beat the 5-gram"),
    }

    def load() -> None:
        if st.session_state.preset in PRESETS:
            setup.load(preset_in(st.session_state.preset, language()))
        if st.session_state.preset == "beat_5gram":  # without its lines nobody sees what is beaten
            write({"scoreboard": "on"})

    labels = marked(labels)
    put("preset", recognise(setup.settings, OFFERED, language()), *labels.values())
    st.pills(
        _("Start from"),
        OFFERED,
        key="preset",
        format_func=labels.__getitem__,
        on_change=load,
        help=_(
            "A whole set-up at once: a quick one, one that grows a unit for “inside quotes”, the rows of “Dive into "
            "Deep Learning”, chapters 8 and 9, or a network that beats counting on text it has never seen."
        ),
    )


def sidebar(setup: Bound[RunConfig], *, fixes_text: bool = False) -> None:
    """Draw all controls, the seldom wanted ones of each part behind “More”.

    Args:
        setup: What they move.
        fixes_text: A challenge fixes all that decides the text: it is shown, and cannot be moved.
    """
    with st.sidebar:
        for part, title in (("model", _("Network")), ("corpus", _("Text")), ("train", _("Training"))):
            st.subheader(title)
            names = [name for name, (of, _info) in FIELDS.items() if of == part and setup.offers(name)]
            more = [name for name in names if _is_more(name)]
            is_fixed = fixes_text and part == "corpus"
            if is_fixed:
                st.caption(_("Fixed by the challenge."))
            for name in names:
                if name not in more:
                    _control(setup, name, is_fixed=is_fixed)
            with st.expander(_("More")):
                for name in more:
                    _control(setup, name, is_fixed=is_fixed)


def _is_more(name: str) -> bool:
    control = control_of(FIELDS[name][1])
    return control is not None and control.more


def _control(setup: Bound[RunConfig], name: str, *, is_fixed: bool) -> None:
    """Draw one setting; a text is chosen from those that are here."""
    own: dict[str, Any] = {"disabled": True} if is_fixed else {}
    if name == "corpus":
        library = runs_here().texts
        own["then"] = lambda corpus: with_text(setup)
        setup.choice(name, text_labels(library.all()), widget=st.selectbox, **own)
        if is_fixed:
            return
        add_text(library, setup)
        shared_text.sharing(library, setup.settings.corpus.corpus)
        return
    if name == "device":
        devices.control(setup)
        return
    if name == "optimizer" and setup.settings.train.lr in _USUAL_LR.values():
        # another optimiser wants another step size; one that a person chose stays
        own["then"] = lambda optimizer: {"lr": _USUAL_LR[optimizer]}
    setup.draw(name, **own)
