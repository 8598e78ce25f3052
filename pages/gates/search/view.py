"""The view that searches: mark a stretch of the run's text, and see where else its units are on."""

from __future__ import annotations

import streamlit as st

from pages.gates.search import panel, passage, words
from pages.gates.search.look import (
    SearchLook,
    ends_of,
    place_of,
    quantities_of,
    quantity_of,
    stretch_of,
    theta_of,
)
from pages.gates.search.told import Search
from pages.shared import address
from pages.shared.checkpoints import pick
from pages.shared.controls import Bound
from pages.shared.i18n import _, explain
from pages.shared.state import cell_service, runs_here
from playground.errors import PlaygroundError, StoreBusy
from playground.figures.scales import name_of
from playground.records import LayerPlace, RunRecord

VIEW = "search"
"""The view's word in an address."""
_AROUND = 20
"""Tokens on either side of the stretch that the lens is given to read."""


def draw(run_id: str, pace: float | None) -> None:
    """Everything below the run.

    Args:
        run_id: The run whose text is searched.
        pace: As in the lens; this view stands still.
    """
    if address.word("view") != VIEW:
        st.rerun()  # a unit was opened: the page has to draw another view
    look = Bound(SearchLook, "search")
    try:
        run = runs_here().get(run_id)
        if not runs_here().texts.is_offered(run.config.corpus.corpus):
            st.info(
                _(
                    "The text of this run is somebody else's and not shared, so its passages are not shown here. Ask "
                    "them to share it, or look at a sentence of your own in the heatmap."
                )
            )
            return
        _search(look, run)
    except StoreBusy:  # the whole page waits
        raise
    except PlaygroundError as error:
        st.error(explain(error))
    address.settle()


def _search(look: Bound[SearchLook], run: RunRecord) -> None:
    checkpoint = pick(run, look)
    _where(look, run)
    place, quantity = place_of(look.settings, run), quantity_of(look.settings, run)
    trace = cell_service().trace(run, checkpoint, place)
    level = run.config.corpus.token_level
    passage.controls(look, trace, level)
    stretch = stretch_of(look.settings, trace.count)
    remark = words.cut_short(look.settings, stretch, trace.count)
    if remark:
        st.warning(remark)
    matches = None
    if stretch is not None:
        theta = theta_of(look.settings, quantity)
        before, after = look.settings.before, look.settings.after
        matches = cell_service().match(
            run, checkpoint, place, quantity.name, *stretch, theta, before=before, after=after
        )
    search = Search(trace, quantity, look.settings, stretch, matches, level)
    panel.draw(
        search,
        cell_service().annotations(run, checkpoint, place) if matches else (),
        mark=lambda start, stop: look.set(start=start, stop=stop),
        follow=lambda start, stop: look.set(start=start, stop=stop, passage=passage.around(start)),
        lens=_lens(search, run, place),
        between=run.config.corpus.between,
    )
    st.caption(words.extent(search))


def _where(look: Bound[SearchLook], run: RunRecord) -> None:
    """Draw layer, direction, quantity, θ and when units have to be off; what has only one answer is not asked."""
    model, quantity = run.config.model, quantity_of(look.settings, run)
    with st.container(horizontal=True):
        if model.num_layers > 1:
            layers = {layer: str(layer + 1) for layer in range(model.num_layers)}
            look.choice("layer", layers, widget=st.pills, value=place_of(look.settings, run).layer)
        if model.bidirectional:
            ways = {0: _("forward") + " →", 1: "← " + _("backward")}
            look.choice("direction", ways, widget=st.pills)
        names = {name: name_of(each, _) for name, each in quantities_of(run).items()}
        look.choice("quantity", names, widget=st.pills, value=quantity.name, drops=("theta",))
    low, high = ends_of(quantity, run)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        look.slider("theta", value=theta_of(look.settings, quantity), low=low, high=high, width="stretch")
        look.toggle("before")
        look.toggle("after")


def _lens(search: Search, run: RunRecord, place: LayerPlace) -> dict[str, str | None]:
    """The words of an address that shows the stretch in the lens, but for the unit."""
    start, stop = search.stretch or (0, 0)
    tokens = search.trace.text(start - _AROUND, stop + _AROUND)
    return {
        "view": "heatmap",
        "gate": search.quantity.name,
        "layer": str(place.layer) if place.layer else None,
        "direction": str(place.direction) if place.direction else None,
        "step": str(min(start, _AROUND)),
        **address.text_words("text", run.config.corpus.between.join(tokens)),
    }
