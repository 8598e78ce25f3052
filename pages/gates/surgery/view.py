"""The view that operates: hold units or gates, compare what is written, and see what is lost."""

from __future__ import annotations

import streamlit as st

from pages.gates.surgery import changes, controls, losses, texts, words
from pages.gates.surgery.look import SurgeryLook
from pages.shared import address
from pages.shared.checkpoints import pick
from pages.shared.controls import Bound
from pages.shared.i18n import _, explain, plain
from pages.shared.site import page_link
from pages.shared.state import cell_service, runs_here, surgery_service, text_service
from pages.shared.unknown_tokens import read_as, unknown
from playground.config import Surgery, WriteConfig
from playground.errors import ConfigError, CorpusError, PlaygroundError, StoreBusy
from playground.format import epoch_text
from playground.records import CheckpointRecord, LayerPlace, RunRecord

VIEW = "surgery"
"""The view's word in an address."""


def draw(run_id: str, pace: float | None) -> None:
    """Everything below the run.

    Args:
        run_id: The run that is operated on; its weights stay as they are.
        pace: As in the lens; this view stands still.
    """
    try:
        run = runs_here().get(run_id)
        if run.config.can_write:
            _operate(run)
        else:
            _cannot_write(run)
    except StoreBusy:  # the whole page waits
        raise
    except PlaygroundError as error:
        st.error(explain(error))
    address.settle()


def _cannot_write(run: RunRecord) -> None:
    st.info(
        _(
            "This run reads from both ends. It predicts no next token from what stands before it, so there is no text to "
            "compare and no loss to measure. Choose a run with one direction, or look at what this one does:"
        )
    )
    page_link(
        "directions",
        label=_("Two directions"),
        query_params={"run": run.id, "view": "trap" if run.config.is_trap else "blanks"},
    )


def _operate(run: RunRecord) -> None:
    look = Bound(SurgeryLook, "surgery")
    checkpoint = pick(run, look)
    layer = controls.where(look, run)
    controls.switches(look, run)
    controls.own_change(look, run)
    other = controls.donor(look, run)
    surgery = None  # while the changes cannot be read, the untouched text stands
    try:
        surgery = controls.read(look, run, layer, other)
    except ConfigError as error:
        st.error(explain(error))
    controls.chips(look, surgery)
    prefix, settings = controls.writing(look, run)
    _texts(run, checkpoint, prefix, settings, surgery or Surgery())
    if surgery:
        _effects(run, checkpoint, surgery)


def _texts(
    run: RunRecord, checkpoint: CheckpointRecord, prefix: str, settings: WriteConfig, surgery: Surgery
) -> None:
    tokens = text_service().prefix(run, prefix)
    read_as(prefix, tokens, run.config.corpus)
    unknown(run, tokens)
    before = surgery_service().write(run, checkpoint, prefix, settings, Surgery())
    after = surgery_service().write(run, checkpoint, prefix, settings, surgery) if surgery else before
    texts.draw(run, tokens, texts.compare(run, before, after), changes.told_all(surgery))
    if surgery:
        st.caption(
            _("Text gone on from, in tokens: {n}. The changes begin at token {start}.").format(
                n=len(tokens), start=surgery.start
            )
        )
    else:
        st.info(_("Nothing is changed yet. Press a switch above, or add a change of your own."))


def _effects(run: RunRecord, checkpoint: CheckpointRecord, surgery: Surgery) -> None:
    """What it loses; where that cannot be measured, why."""
    st.subheader(_("What it loses"))
    try:
        with st.spinner(_("Measuring …")):
            effects = surgery_service().effects(run, checkpoint, surgery)
            annotations = cell_service().annotations(run, checkpoint, LayerPlace(surgery.layer))
    except (ConfigError, CorpusError) as error:  # the texts above stand all the same
        st.info(explain(error))
        return
    is_binary = {each.name: each.is_binary for each in annotations}
    may_read = runs_here().texts.is_offered(run.config.corpus.corpus)
    st.markdown(plain(words.happened(effects, changes.told_all(surgery), is_binary)))
    losses.draw(effects, is_binary, may_read=may_read, between=run.config.corpus.between)
    if not may_read:
        st.caption(
            _("The text of this run is somebody else's and not shared, so single predictions are not shown.")
        )
    st.caption(words.measured_on(effects, surgery.start))
    losses.downloads(
        effects, is_binary, f"surgery-{run.id}-epoch-{epoch_text(checkpoint.epoch)}", may_read=may_read
    )
