"""What a person reads about what ended a run."""

import numpy as np
import pytest
import torch

from playground.errors import ConfigError, DeviceError, StoreError, TextChanged, WorkerError
from playground.runs.failure import failure_reason

HUGE = 2**50


def raised(make) -> Exception:
    with pytest.raises(Exception) as caught:
        make()
    return caught.value


@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.empty(HUGE),
        lambda: torch.nn.LSTM(8, 2**24),
        lambda: np.empty(HUGE, np.float64),
        lambda: bytearray(2**62),
    ],
    ids=["torch", "a network", "numpy", "python"],
)
def test_memory_that_is_really_lacking_is_told_as_that(make):
    reason = failure_reason(raised(make))
    assert str(reason).startswith("Memory ran out. Choose fewer hidden units")
    assert not reason.resume


@pytest.mark.parametrize(
    "words",
    ["CUDA out of memory. Tried to allocate 20.00 GiB", "MPS backend out of memory (MPS allocated: 9 GB)"],
)
def test_an_accelerators_lack_of_memory_is_one_too(words):
    assert "Memory ran out" in str(failure_reason(RuntimeError(words)))
    assert "Memory ran out" in str(failure_reason(torch.OutOfMemoryError(words)))


@pytest.mark.parametrize(
    ("error", "resume"),
    [
        (DeviceError("x"), False),
        (TextChanged("x"), False),
        (ConfigError("x"), False),
        (StoreError("x"), True),
        (WorkerError("x"), True),
        (ValueError("x"), True),
    ],
)
def test_resume_is_offered_only_where_it_can_help(error, resume):
    assert failure_reason(error).resume is resume


def test_an_error_that_nobody_expected_is_told_by_its_first_line():
    reason = failure_reason(ValueError("a wheel\ncame off"))
    assert str(reason) == "Training failed: ValueError: a wheel. The log has the details."
