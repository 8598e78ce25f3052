"""What moments of training are called."""

from __future__ import annotations

import pytest

from pages.shared.checkpoints import moment_name, names


@pytest.mark.parametrize(
    ("epoch", "name"),
    [
        (0.0, "epoch 0"),
        (4.0, "epoch 4"),
        (12345.0, "epoch 12345"),
        (4.3788, "38% into epoch 5"),
        (0.5, "50% into epoch 1"),
        (3.9999, "99% into epoch 4"),
        (3.0001, "1% into epoch 4"),
        (2.99999999, "epoch 3"),
    ],
)
def test_a_place_inside_an_epoch_is_told_in_words(epoch, name):
    assert moment_name(epoch) == name


@pytest.mark.parametrize(
    ("epochs", "called"),
    [
        ([0.0, 1.0, 1.25], ["epoch 0", "epoch 1", "25% into epoch 2"]),
        ([1.251, 1.254], ["25.1% into epoch 2", "25.4% into epoch 2"]),
        ([1.2501, 1.2502], ["25.01% into epoch 2", "25.02% into epoch 2"]),
    ],
)
def test_moments_near_together_are_told_apart(epochs, called):
    assert names(epochs) == called
