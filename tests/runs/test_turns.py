"""Runs of several people take turns, and nothing of it is seen in their curves."""

from __future__ import annotations

import pytest

from playground.records import RunStatus
from tests.helpers import VARIED, curve, final_weights, same_bits, tiny_config, until

S = RunStatus
SETTINGS = VARIED | {"epochs": 12, "sample_every": 5}
ENDLESS = {"epochs": "off", "sample_every": 0}
SHORT = {"first_slice": 0.05, "slice_seconds": 0.1}
"""Slices of a few steps."""


@pytest.fixture
def manager(make_manager):
    """One whose runs take turns every few steps."""
    return make_manager(**SHORT)


@pytest.fixture
def start(manager, text_id):
    return lambda owner=None, **settings: (
        manager.start(tiny_config(corpus=text_id, **settings), owner=owner).id
    )


def test_two_people_take_turns_and_both_end_bit_for_bit_as_if_alone(manager, start, store):
    whole = manager.wait(start(**SETTINGS), 60)
    ann, ben = start("ann", **SETTINGS), start("ben", **SETTINGS)
    until(lambda: manager._runs[ann].turns > 1 and manager._runs[ben].turns > 1)
    for id in (ann, ben):
        run = manager.wait(id, 60)
        assert (run.status, run.revision) == (S.FINISHED, 0)  # nothing was taken back
        assert curve(store, id) == curve(store, whole.id)
        assert [s.text for s in store.history(id).samples] == [
            s.text for s in store.history(whole.id).samples
        ]
        assert same_bits(final_weights(store, id), final_weights(store, whole))
