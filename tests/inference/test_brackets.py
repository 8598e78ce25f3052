"""What is remembered of an opening bracket."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from playground.cells import CELLS
from playground.inference.brackets import recall
from tests.inference.helpers import V, network, some_ids

KINDS = [3, 5, 8]


def pairs_of(ids: list[int], apart: int) -> list[tuple[int, int]]:
    """A closing bracket at every place where one of the kinds stands, opened so far before."""
    return [(place - apart, place) for place, id in enumerate(ids) if id in KINDS and place > apart]


@pytest.mark.parametrize("cell", CELLS)
def test_the_influence_is_that_of_autograd_on_the_right_kinds_lead(cell):
    model, weights, config = network(cell=cell)
    ids = some_ids(60)
    pairs = pairs_of(ids, 22)[:5]
    result = recall(weights, config, ids, pairs=pairs, kinds=KINDS)
    parts = []
    for opening, closing in pairs:
        entering = F.one_hot(torch.tensor(ids), V).double()[:, None].requires_grad_()
        logits = model.head(model.rnn(entering)[0])[closing - 1, 0]
        others = [kind for kind in KINDS if kind != ids[closing]]
        (logits[ids[closing]] - logits[others].mean()).backward()
        norms = entering.grad[:, 0].norm(dim=1)
        parts.append(float(norms[opening] / norms[closing - 1]))
        likeliest = KINDS[int(logits[KINDS].argmax())]
        assert result.right[len(parts) - 1] == (likeliest == ids[closing])
    assert result.influence == pytest.approx(np.median(parts), rel=1e-9)
    assert set(result.distances) == {21}


def test_the_influence_is_told_only_of_brackets_that_stand_far_apart():
    _, weights, config = network(cell="gru")
    ids = some_ids(60)
    assert recall(weights, config, ids, pairs=pairs_of(ids, 20), kinds=KINDS).influence is None
    mixed = pairs_of(ids, 3)[:4] + pairs_of(ids, 25)[:3]
    far = recall(weights, config, ids, pairs=pairs_of(ids, 25)[:3], kinds=KINDS)
    assert recall(weights, config, ids, pairs=mixed, kinds=KINDS).influence == far.influence


def test_shares_are_counted_in_classes_of_distances():
    _, weights, config = network(cell="lstm")
    ids = some_ids(60)
    near, far = pairs_of(ids, 3)[:6], pairs_of(ids, 12)[:4]
    result = recall(weights, config, ids, pairs=near + far, kinds=KINDS)
    (near_share, count), (far_share, others), (nothing, none) = result.shares((0, 10, 20, 30))
    assert (count, others, none) == (6, 4, 0)
    assert 6 * near_share + 4 * far_share == pytest.approx(10 * result.share)
    assert np.isnan(nothing)
