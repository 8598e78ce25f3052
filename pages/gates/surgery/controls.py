"""What can be changed: switches, units of one's own, and how the text is written."""

from __future__ import annotations

import streamlit as st

from pages.gates.surgery import changes
from pages.gates.surgery.look import SurgeryLook
from pages.gates.surgery.switches import switches_of
from pages.shared.controls import Bound
from pages.shared.i18n import _, explain, plain
from pages.shared.state import text_service
from pages.shared.texts import usual_sentence
from playground.cells import CELLS
from playground.config import Surgery, WriteConfig, parse_surgery
from playground.errors import ConfigError
from playground.figures.scales import name_of
from playground.records import RunRecord
from playground.services.surgery import MOST_WRITTEN

_WARM = 2.0
"""The temperature slider's usual end; a link may name more."""
_ALL = "*"


def where(look: Bound[SurgeryLook], run: RunRecord) -> int:
    """Draw the layer, where there are several; the one that the run has, from 0."""
    layers = run.config.model.num_layers
    layer = min(look.settings.layer, layers - 1)
    if layers > 1:
        labels = {each: str(each + 1) for each in range(layers)}
        look.choice("layer", labels, widget=st.pills, value=layer)
    return layer


def switches(look: Bound[SurgeryLook], run: RunRecord) -> None:
    """Draw the ready-made changes; a press on one that is on takes it back."""
    on = items(look, run)
    with st.container(horizontal=True, key="surgery_switches"):
        for i, (item, label) in enumerate(switches_of(run.config.model.cell).items()):
            st.button(
                label,
                key=f"surgery_switch_{i}",
                type="primary" if item in on else "secondary",
                icon=":material/check:" if item in on else None,
                on_click=_toggle,
                args=(look, run, item),
            )


def own_change(look: Bound[SurgeryLook], run: RunRecord) -> None:
    """Draw the fields of a change of one's own, and the text that all changes are."""
    cell = CELLS[run.config.model.cell]
    quantities = {
        name: name_of(quantity, _) for name, quantity in cell.quantities.items() if name != "tanh c"
    }
    names = ["h", *(name for name in ("c", *cell.gate_names) if name in quantities)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            _("Gate or state"), names, format_func=quantities.__getitem__, key="surgery_name", width=160
        )
        st.text_input(
            _("Unit"),
            key="surgery_units",
            placeholder=_("82, or empty for all"),
            help=_("Numbers from 0: 82, or 3+7, or 0-5. Empty: all units."),
            max_chars=200,
            width=160,
        )
        values = {"0": "0", "1": "1", "mean": _("its mean"), "number": _("a number …")}
        if name in ("h", "c"):
            values["donor"] = _("the other sentence's")
        value = st.selectbox(
            _("Set to"), list(values), format_func=lambda v: values.get(v, v), key="surgery_value", width=160
        )
        if value == "number":
            st.number_input(_("Number"), key="surgery_number", value=0.5, step=0.1, width=120)
        st.button(_("Add"), key="surgery_add", icon=":material/add:", on_click=_add, args=(look, run))
        look.line("cut", width="stretch", then=lambda _text: _typed(look))
    problem = st.session_state.pop("surgery_problem", None)
    if problem is not None:
        st.error(explain(problem))


def chips(look: Bound[SurgeryLook], surgery: Surgery | None) -> None:
    """Draw what is changed; a press takes a change out.

    Args:
        look: The settings.
        surgery: What they mean; None where they cannot be read.
    """
    if not look.settings.cut and not changes.can_undo():
        return
    with st.container(horizontal=True, key="surgery_chips"):
        for i, each in enumerate(surgery.interventions if surgery else ()):
            st.button(
                plain(changes.told(each)),
                key=f"surgery_chip_{i}",
                icon=":material/close:",
                help=_("Take this change out"),
                on_click=changes.change,
                args=(look, changes.without(surgery, i) if surgery else ""),
            )
        st.button(
            _("Undo"),
            key="surgery_undo",
            type="tertiary",
            icon=":material/undo:",
            disabled=not changes.can_undo(),
            on_click=changes.undo,
            args=(look,),
        )
        st.button(
            _("Clear"),
            key="surgery_clear",
            type="tertiary",
            icon=":material/clear_all:",
            disabled=not look.settings.cut,
            on_click=changes.change,
            args=(look, ""),
        )


def donor(look: Bound[SurgeryLook], run: RunRecord) -> str:
    """Draw the sentence whose state is given, where one is; the sentence."""
    if "donor" not in look.settings.cut:
        return ""
    return look.text(
        "donor",
        usual_sentence(run, 40),
        help=_("The network reads it, and its last state is put in once, after the token chosen below."),
    )


def usual_prefix(run: RunRecord) -> str:
    """What is gone on with until a person types."""
    return run.config.train.sample_prefix or usual_sentence(run, 20)


def writing(look: Bound[SurgeryLook], run: RunRecord) -> tuple[str, WriteConfig]:
    """Draw what is gone on with and how; the prefix and the settings."""
    usual = usual_prefix(run)
    prefix = look.text("prefix", usual, help=_("Both texts go on from here. Press Ctrl+Enter."))
    how = Bound(WriteConfig, "surgery")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        look.number("start", width=130)
        how.slider("temperature", high=_WARM, width="stretch")
        how.number("length", high=MOST_WRITTEN, width=150)
        with st.popover(_("More")):
            for name in ("top_k", "top_p", "seed"):
                how.number(name)
        how.again(_("Another seed"), help=_("Both texts are written anew, with the same random seed."))
    return prefix, how.settings


def read(look: Bound[SurgeryLook], run: RunRecord, layer: int, other: str) -> Surgery:
    """What the changes mean for a run.

    Raises:
        ConfigError: They cannot be read, or the run has no such thing.
    """
    settings = look.settings
    return parse_surgery(settings.cut, run.config.model, layer=layer, start=settings.start, donor=other)


def items(look: Bound[SurgeryLook], run: RunRecord) -> list[str]:
    """The changes that are there, each as text; in one spelling where they can be read."""
    cut = look.settings.cut
    try:
        return [str(each) for each in parse_surgery(cut, run.config.model, donor="-").interventions]
    except ConfigError:
        return [part.strip() for part in cut.split(",") if part.strip()]


def _typed(look: Bound[SurgeryLook]) -> dict[str, object]:
    """What a person types over can come back."""
    changes.remember(look)
    return {}


def _toggle(look: Bound[SurgeryLook], run: RunRecord, item: str) -> None:
    look.reread()
    changes.change(look, changes.toggled(items(look, run), item))


def _add(look: Bound[SurgeryLook], run: RunRecord) -> None:
    """Add what the fields say, where it can be."""
    state = st.session_state
    units = "".join(state.surgery_units.split()).replace(",", "+").replace("，", "+") or _ALL
    value = repr(float(state.surgery_number)) if state.surgery_value == "number" else state.surgery_value
    names = [state.surgery_name]
    if value == "donor" and CELLS[run.config.model.cell].has_memory:
        names = ["h", "c"]  # either alone is made over by the other at the next token
    try:
        asked = [parse_surgery(f"{name}{units}={value}", run.config.model, donor="-") for name in names]
    except ConfigError as error:
        state.surgery_problem = error
        return
    look.reread()
    cut = present = items(look, run)
    for each in map(str, asked):
        cut = cut if each in cut else changes.toggled(cut, each).split(", ")
    if cut != present:
        changes.change(look, ", ".join(cut))
    if value == "donor" and not look.settings.start:
        prefix = text_service().prefix(run, look.settings.prefix or usual_prefix(run))
        look.set(start=max(0, len(prefix) - 1))
