"""A curve in a few points."""

import numpy as np
import pytest

from playground.runs.sketch import Sketch


@pytest.mark.parametrize("pieces", [[1] * 300, [300], [7, 0, 93, 200], [150, 1, 149]])
def test_a_sketch_follows_from_its_points_and_not_from_when_they_came(pieces):
    rng = np.random.default_rng(3)
    epoch, loss = np.arange(1.0, 301.0) / 7, rng.normal(2, 1, 300)
    whole, sketch = Sketch(48), Sketch(48)
    whole.add(epoch, loss)
    at = 0
    for n in pieces:
        sketch.add(epoch[at : at + n], loss[at : at + n])
        at += n
    np.testing.assert_allclose(sketch.loss, whole.loss)
    np.testing.assert_array_equal(sketch.epoch, whole.epoch)


@pytest.mark.parametrize("n", [1, 47, 48, 49, 97, 100_000])
def test_points_are_few_and_each_is_a_mean(n):
    sketch = Sketch(48)
    loss = np.arange(n, dtype=float)
    sketch.add(np.arange(1.0, n + 1), loss)
    assert min(n, 24) <= len(sketch.loss) <= 48
    assert sketch.epoch[-1] == n
    width = -(-n // len(sketch.loss)) if n > 48 else 1
    width = 2 ** (width - 1).bit_length()
    assert sketch.loss[0] == loss[:width].mean()


def test_what_is_no_number_is_left_out():
    sketch = Sketch(4)
    sketch.add(np.array([1.0, 2.0, np.nan, 4.0]), np.array([3.0, np.inf, 1.0, 5.0]))
    sketch.add(np.array([]), np.array([]))
    assert (sketch.epoch.tolist(), sketch.loss.tolist(), sketch.points) == ([1.0, 4.0], [3.0, 5.0], 2)
