"""Messages between a worker and the server."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.records import Reason, RunStatus, TrainingFacts
from playground.store.messages import CheckpointSaved, Failed, VocabBuilt, from_json, to_json
from playground.training.events import (
    EpochDone,
    Finished,
    Paused,
    Resumed,
    SampleMade,
    Started,
    StepDone,
    Suspended,
    ThresholdMoved,
)

WHOLE = st.integers(0, 10**12)
NUMBER = st.floats(allow_nan=False)
TEXT = st.text(max_size=20)
FIGURES = st.dictionaries(TEXT, TEXT | WHOLE | NUMBER, max_size=3)
KINDS = {
    Started: st.builds(
        Started, st.builds(TrainingFacts, TEXT, TEXT, WHOLE, TEXT, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE)
    ),
    StepDone: st.builds(StepDone, WHOLE, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER),
    ThresholdMoved: st.builds(ThresholdMoved, NUMBER, WHOLE, st.none() | NUMBER),
    EpochDone: st.builds(EpochDone, WHOLE, WHOLE, NUMBER, st.none() | NUMBER, NUMBER),
    SampleMade: st.builds(SampleMade, NUMBER, WHOLE, TEXT, TEXT),
    Paused: st.builds(Paused, WHOLE, st.none() | st.builds(Reason, TEXT, FIGURES, st.booleans())),
    Resumed: st.builds(Resumed, WHOLE),
    Suspended: st.builds(Suspended, WHOLE),
    Finished: st.builds(
        Finished,
        st.sampled_from(RunStatus),
        WHOLE,
        NUMBER,
        NUMBER,
        st.none() | st.builds(Reason, TEXT, FIGURES, st.booleans()),
    ),
    CheckpointSaved: st.builds(CheckpointSaved, NUMBER, WHOLE, st.booleans(), TEXT, TEXT),
    VocabBuilt: st.builds(VocabBuilt, TEXT),
    Failed: st.builds(Failed, st.builds(Reason, TEXT, FIGURES, st.booleans())),
}


@given(st.lists(st.one_of(*KINDS.values())))
def test_messages_come_back_as_they_went(messages):
    line = to_json(messages)
    assert from_json(line) == messages
    assert from_json(line.encode()) == messages


@given(st.lists(st.one_of(*KINDS.values())))
def test_messages_are_one_line_of_ascii(messages):
    line = to_json(messages)
    assert line.isascii()
    assert len(line.splitlines()) == 1


@pytest.mark.parametrize("norm", [math.inf, 1e-320, 0.1, 1.7976931348623157e308])
def test_a_float_survives_exactly_infinity_too(norm):
    (back,) = from_json(to_json([StepDone(1, 0.1, norm, norm, 0.5, norm, norm)]))
    assert back.grad_norm == back.loss == norm


def test_a_norm_that_is_not_a_number_survives():
    (back,) = from_json(to_json([StepDone(1, 0.1, 2.0, math.nan, 0.0, 0.0, 0.0)]))
    assert math.isnan(back.grad_norm)


@given(KINDS[Finished])
def test_a_status_comes_back_as_one_of_the_enum(message):
    (back,) = from_json(to_json([message]))
    assert isinstance(back.status, RunStatus)


def test_every_kind_of_message_has_its_strategy_here():
    from typing import get_args

    from playground.store.messages import Message

    assert set(get_args(Message)) == set(KINDS)


def test_the_list_is_plain_json():
    assert json.loads(to_json([Paused(3)])) == [["Paused", 3]]
