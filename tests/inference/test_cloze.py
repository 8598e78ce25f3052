"""Filling in blanks."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from playground.inference.cloze import fill
from tests.inference.helpers import KINDS, MASKED, NAMES, V, logits_of, network, some_ids

HOLE = 0


def without_hole(scores: torch.Tensor) -> torch.Tensor:
    """Scores with `<unk>` made impossible: nobody wants to be told “unknown”."""
    others = scores.clone()
    others[..., HOLE] = -torch.inf
    return others


every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: "-".join(kind.values()))
every_layout = pytest.mark.parametrize(
    "places", [(0,), (8,), (4,), (0, 8), (3, 4, 5), (0, 1, 7, 8), tuple(range(9))], ids=str
)


def with_blanks(places) -> list[int | None]:
    return [None if t in places else id for t, id in enumerate(some_ids(9))]


def assert_are(fills, expected) -> None:
    """The candidates of every blank are the likeliest of (N, V) probabilities."""
    assert len(fills) == len(expected)
    for candidates, own in zip(fills, expected, strict=True):
        order = np.argsort(-own)[: len(candidates)]
        assert [c.token for c in candidates] == [NAMES[i] for i in order]
        assert_allclose([c.own for c in candidates], own[order], atol=1e-9)
        assert [c.probability for c in candidates] == [c.own for c in candidates]


@every_kind
@every_layout
@pytest.mark.parametrize("layers", [1, 2])
def test_from_both_sides_it_is_the_networks_own_prediction_with_holes_at_the_blanks(kind, places, layers):
    model, weights, config = network(**kind, **MASKED, num_layers=layers)
    ids = with_blanks(places)
    logits = without_hole(logits_of(model, [HOLE if id is None else id for id in ids]))
    own = torch.softmax(logits, -1).numpy()
    assert_are(fill(weights, config, ids, hole=HOLE, names=NAMES), own[list(places)])


@every_kind
@every_layout
@pytest.mark.parametrize("layers", [1, 2])
@torch.no_grad()
def test_from_the_left_it_reads_its_own_first_guess_where_a_blank_was(kind, places, layers):
    model, weights, config = network(**kind, num_layers=layers)
    ids, read, expected = with_blanks(places), [], []
    for id in ids:
        scores = logits_of(model, read)[-1] if read else model.head.bias  # before everything: the zero state
        if id is None:
            scores = without_hole(scores)
            expected.append(torch.softmax(scores, -1).numpy())
        read.append(int(scores.argmax()) if id is None else id)
    assert_are(fill(weights, config, ids, hole=HOLE, names=NAMES), expected)


@pytest.mark.parametrize("sides", [{}, MASKED], ids=["one-way", "masked"])
def test_what_was_hidden_is_told_too_with_its_own_probability(sides):
    _, weights, config = network(**KINDS[0], **sides)
    all_of = fill(weights, config, with_blanks((2, 6)), hole=HOLE, names=NAMES, most=V)
    for hidden in range(1, V):
        fills = fill(
            weights, config, with_blanks((2, 6)), hole=HOLE, names=NAMES, most=2, hidden=[hidden, None]
        )
        (told,) = [c for c in fills[0] if c.token == NAMES[hidden]]
        assert told.own == pytest.approx(next(c.own for c in all_of[0] if c.token == NAMES[hidden]))
        assert fills[1] == all_of[1][:2]
        assert fills[0][:2] == all_of[0][:2]
        assert len(fills[0]) == (2 if told in all_of[0][:2] else 3)


@every_kind
def test_only_both_sides_heed_what_follows(kind):
    ids = with_blanks((4,))
    for sides, heeds in (({}, False), (MASKED, True)):
        _, weights, config = network(**kind, **sides)
        fills = [
            fill(weights, config, [*ids[:8], last], hole=HOLE, names=NAMES)
            for last in (ids[8], (ids[8] + 1) % V)
        ]
        assert (fills[0] != fills[1]) == heeds


@pytest.mark.parametrize("sides", [{}, MASKED], ids=["one-way", "masked"])
@pytest.mark.parametrize(("most", "told"), [(1, 1), (5, 5), (V, V - 1), (50, V - 1)])
def test_as_many_candidates_as_asked_or_as_there_are(sides, most, told):
    _, weights, config = network(cell="gru", **sides)
    fills = fill(weights, config, with_blanks((0, 5)), hole=HOLE, names=NAMES, most=most)
    assert [len(candidates) for candidates in fills] == [told, told]
