"""What a network has learnt to follow."""

from __future__ import annotations

import streamlit as st

from pages.gates import moments
from pages.gates.choice import Choice, fitted
from pages.shared import address
from pages.shared.controls import Bound
from pages.shared.i18n import _, explain
from pages.shared.state import cell_service, runs_here
from playground.errors import ConfigError, CorpusError, PlaygroundError, StoreBusy
from playground.records import LayerPlace, RunRecord


def pace(look: Bound[Choice], run: RunRecord) -> float | None:
    """Seconds between two reruns by itself; None when it stands still."""
    return moments.pace(look, run)


def draw(run_id: str, paced: float | None) -> None:
    """Everything below the view.

    Args:
        run_id: The run that is looked at.
        paced: Seconds between the reruns that the page has set; None for none.
    """
    look = Bound(Choice, "lens")
    try:
        run = runs_here().get(run_id)
        moments.advance(look, run)
        if pace(look, run) != paced:
            st.rerun()
        choice = fitted(look.settings, run)
        checkpoint = moments.moment(look, run)
        place = LayerPlace(choice.layer, choice.direction)
        for finding in cell_service().find(run, checkpoint, place):
            st.text(_(finding.title))
    except StoreBusy:  # the whole page waits
        raise
    except (ConfigError, CorpusError) as error:  # of this text nothing can be said
        st.info(explain(error))
    except PlaygroundError as error:
        moments.stop()
        st.error(explain(error))
    address.settle()
