"""What predictions cost with units held, beside the torch network with the same units masked."""

import itertools

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from playground.config import ModelConfig
from playground.inference import held_units, surgery
from playground.inference.held_units import (
    LEAST_INSIDE,
    HeldCosts,
    can_hold,
    check_unit,
    hold_units,
    single_unit_costs,
)
from playground.inference.sampling import softmax
from playground.inference.surgery import (
    STRETCH,
    changed_predictions,
    class_losses,
    classes_of,
    costs,
    stretches_of,
)
from playground.models.edits import Edit
from playground.models.parallel_reader import ParallelReader
from playground.records import Annotation
from tests.models.kinds import KINDS
from tests.models.test_reader import H, V, network, some_ids

IDS = np.array(some_ids(160))


def annotation(values, binary=True, name="idea"):
    return Annotation(name, "an idea", np.asarray(values, np.float32), binary)


def torch_costs(model, ids, hold=()):
    """-log p of every next token, one step at a time, with units of h set to 0."""
    state, told = None, []
    with torch.no_grad():
        for here, after in itertools.pairwise(ids):
            x = torch.nn.functional.one_hot(torch.tensor([[int(here)]]), V).double()
            _out, state = model.rnn(x, state)
            h = state[0] if isinstance(state, tuple) else state
            h[0, 0, list(hold)] = 0
            told.append(-torch.log_softmax(model.head(h[-1, 0]), -1)[int(after)].item())
    return np.array(told)


@pytest.mark.parametrize(("cell", "nonlinearity"), KINDS)
@pytest.mark.parametrize("held", [(), (2, 5)], ids=["as it is", "two units held"])
def test_costs_are_those_of_the_masked_torch_network(cell, nonlinearity, held, monkeypatch):
    model, weights, config = network(cell=cell, nonlinearity=nonlinearity)
    monkeypatch.setattr(surgery, "WARM_UP", 10**6)  # so that the text is read from its beginning
    starts = np.array([40])
    edits = [Edit("h", np.array(held, np.intp), np.zeros(len(held)))] if held else []
    told = costs(weights, config, IDS, starts, 60, edits)[0, 0]
    assert_allclose(told, torch_costs(model, IDS, held)[40:100], atol=1e-9)


def test_every_copy_holds_its_own_unit():
    _model, weights, config = network(cell="gru", num_layers=2)
    starts, length = np.array([20, 70, 110]), 25
    units, means = np.array([1, 6, 0]), np.array([0.1, -0.2, 0.3])
    together = single_unit_costs(weights, config, IDS, starts, length, units, means, 1)
    for unit, mean, told in zip(units, means, together, strict=True):
        alone = costs(
            weights, config, IDS, starts, length, [Edit("h", np.array([unit]), np.array([mean]), layer=1)]
        )
        assert_allclose(told, alone[0], atol=1e-9)


def test_many_columns_are_read_in_parts_and_large_vocabularies_too(monkeypatch):
    _model, weights, config = network(cell="lstm")
    starts, length, units = np.arange(8) * 10, 5, np.arange(H)
    whole = single_unit_costs(weights, config, IDS, starts, length, units, np.zeros(H), 0)
    monkeypatch.setattr(surgery, "_NUMBERS_AT_ONCE", 3 * V)
    parts = single_unit_costs(weights, config, IDS, starts, length, units, np.zeros(H), 0)
    assert_allclose(parts, whole, atol=1e-12)


def test_nothing_done_costs_the_same_bit_for_bit():
    _model, weights, config = network(torch.float32, cell="lstm")
    starts, length = stretches_of(slice(0, 160), 100)
    plain = costs(weights, config, IDS, starts, length)
    nobody = [Edit("h", np.zeros(0, np.intp), np.zeros(0)), Edit("f", np.zeros(0, np.intp), np.zeros(0))]
    assert_array_equal(costs(weights, config, IDS, starts, length, nobody), plain)


@pytest.mark.parametrize(
    ("part", "tokens"), [(slice(0, 160), 40), (slice(100, 160), 1_000), (slice(0, 5_000), 1_700)]
)
def test_stretches_lie_in_their_part_and_every_prediction_has_a_token(part, tokens):
    starts, length = stretches_of(part, tokens)
    assert starts.min() >= part.start
    assert starts.max() + length < part.stop
    assert len(starts) * length <= tokens
    assert len(starts) * length > min(tokens, part.stop - part.start - 1) - len(starts)
    assert (np.diff(starts) >= length).all()


def held_costs(plain, held, units=None) -> HeldCosts:
    at = np.arange(plain.size).reshape(plain.shape)
    return HeldCosts(at, plain, np.arange(len(held)) if units is None else units, held, is_held_out=True)


def test_a_unit_that_its_class_needs_is_told_from_those_that_it_does_not():
    rng = np.random.default_rng(0)
    inside = rng.random((3, 100)) < 0.3
    plain = rng.random((3, 100))
    noise = plain + rng.normal(size=(40, 3, 100)) * 0.01

    def told(held, seventh):
        held = held.copy()
        held[7] = seventh
        return check_unit(held_costs(plain, held), 7, annotation(inside.ravel()))

    needed = told(noise, plain + 0.5 * inside)
    assert needed.inside == pytest.approx(0.5)
    assert needed.outside == pytest.approx(0)
    assert (needed.is_needed, needed.draws, needed.tokens) == (True, 200, inside.sum())
    assert not told(noise, plain).is_needed
    everybody = np.broadcast_to(plain + 0.5 * inside, (40, 3, 100))
    assert not told(everybody, plain + 0.5 * inside).is_needed  # it hurts, but no more than others
    assert not told(np.broadcast_to(plain - 0.5, (40, 3, 100)), plain - 0.1).is_needed  # it does not hurt
    assert not told(noise, plain + 0.5 * inside + 0.6 * ~inside).is_needed  # it hurts more elsewhere
    untrained = plain + rng.normal(size=(40, 3, 100)) * 1e-5
    assert not told(untrained, plain + 1e-4 * inside).is_needed  # next to nothing, whatever others cost


def test_chance_is_the_95th_percentile_of_200_draws_from_the_other_units():
    plain, inside = np.zeros((1, 50)), annotation(np.arange(50) < 25)
    held = np.broadcast_to(np.arange(100.0)[:, None, None] * (inside.values > 0), (100, 1, 50))
    told = [check_unit(held_costs(plain, held), unit, inside) for unit in (99, 99, 50)]
    assert told[0] == told[1]  # the draws are seeded
    assert all(88 < each.chance < 99 for each in told)
    assert [each.is_needed for each in told] == [True, True, False]


def test_where_an_idea_says_nothing_is_neither_here_nor_elsewhere():
    values = np.repeat([1.0, 0.0, np.nan], 30)
    plain = np.zeros((1, 90))
    held = np.zeros((40, 1, 90))
    held[3, 0] = np.repeat([0.2, 0.0, 0.5], 30)
    told = check_unit(held_costs(plain, held), 3, annotation(values))
    assert (told.inside, told.outside) == (pytest.approx(0.2), 0)
    assert told.is_needed


def test_a_class_of_which_there_is_too_little_is_not_judged():
    held = np.zeros((40, 1, 90))
    assert check_unit(held_costs(held[0], held), 3, annotation(np.arange(90) < LEAST_INSIDE - 1)) is None


def test_a_unit_that_is_not_among_those_held_is_held_by_itself():
    plain, inside = np.zeros((1, 60)), annotation(np.arange(60) < 30)
    others = held_costs(plain, np.zeros((45, 1, 60)), np.arange(100, 145))
    mine = held_costs(plain, np.where(np.arange(60) < 30, 0.4, 0.0)[None, None], np.array([7]))
    told = check_unit(others, 7, inside, mine)
    assert (told.inside, told.chance, told.draws) == (pytest.approx(0.4), 0, 200)


@pytest.mark.parametrize(("trained", "is_held_out"), [(4_000, True), (5_990, False)])
def test_units_are_held_over_text_that_was_never_trained_on_where_there_is_enough(trained, is_held_out):
    _model, weights, config = network(torch.float32, cell="gru")
    ids = np.array(some_ids(6_000))
    means = np.linspace(-0.5, 0.5, H).astype(np.float32)
    told = hold_units(weights, config, ids, trained, means, 0)
    assert told.is_held_out == is_held_out
    assert told.at.min() >= (trained if is_held_out else 4_000)
    assert told.at.max() + 1 < len(ids)
    starts = told.at[:, 0]
    for unit, held in zip(told.units, told.held, strict=True):
        alone = costs(
            weights, config, ids, starts, told.at.shape[1], [Edit("h", np.array([unit]), means[[unit]])]
        )
        assert_allclose(held, alone[0], atol=1e-5)


def test_of_a_large_layer_some_units_are_held_and_of_a_very_large_one_none(monkeypatch):
    _model, weights, config = network(torch.float32, cell="gru")
    ids, means = np.array(some_ids(3_000)), np.zeros(H, np.float32)
    monkeypatch.setattr(held_units, "LEAST_UNITS", 3)
    a_unit = 2 * H * (3 * H + V) * (STRETCH + surgery.WARM_UP)
    monkeypatch.setattr(held_units, "_WORK", 1)
    for units, told in ((5, 5), (2, None)):
        monkeypatch.setattr(held_units, "_MOST_WORK", units * a_unit)
        held = hold_units(weights, config, ids, 0, means, 0)
        assert (None if held is None else len(held.units)) == told
        assert can_hold(config, V) == (told is not None)


def test_what_can_be_held_while_somebody_waits():
    assert all(can_hold(ModelConfig(cell="lstm", hidden_size=size), 64) for size in (8, 128, 256, 512, 1024))
    assert not can_hold(ModelConfig(cell="lstm", hidden_size=1024, num_layers=4), 64)


def test_every_stretch_is_warmed_up_though_one_begins_with_the_text():
    _model, weights, config = network(cell="lstm")
    together = costs(weights, config, IDS, np.array([0, 60]), 20)[0]
    assert_allclose(together[1], costs(weights, config, IDS, np.array([60]), 20)[0, 0], atol=1e-12)
    reader = ParallelReader(weights, config, 1)
    first = -np.log(softmax((weights["head.weight"] @ reader.feed(IDS[:1]))[:, 0] + weights["head.bias"]))
    assert together[0, 0] == pytest.approx(first[IDS[1]])


def test_classes_are_where_an_idea_holds_and_where_it_does_not():
    plain, edited = np.arange(12.0).reshape(2, 6), np.arange(12.0).reshape(2, 6) * 2
    at = np.array([[0, 1, 2, 3, 4, 5], [10, 11, 12, 13, 14, 15]])
    values = np.zeros(20)
    values[[1, 2, 12]] = 1
    values[15] = np.nan
    numbers = annotation(np.arange(20), binary=False, name="number")
    losses = {loss.name: loss for loss in class_losses(plain, edited, at, [annotation(values), numbers])}
    assert (losses["all"].tokens, losses["all"].before, losses["all"].after) == (12, 5.5, 11.0)
    assert (losses["idea"].tokens, losses["idea"].before) == (3, (1 + 2 + 8) / 3)
    assert losses["not idea"].tokens == 8  # of one token the idea says nothing
    assert losses["idea"].change == pytest.approx(losses["idea"].before)
    above, below = classes_of(numbers, at)  # the median is 9.5
    assert above.tolist() == [[False] * 6, [True] * 6] == (~below).tolist()
    assert (losses["number"].tokens, losses["not number"].tokens) == (6, 6)


def test_the_predictions_that_changed_most_come_first_with_what_stands_before_them():
    names = [chr(97 + i) for i in range(V)]
    at = np.array([[30, 31, 32], [60, 61, 62]])
    plain = np.full((2, 3), 1.0)
    edited = plain.copy()
    edited[1, 2], edited[0, 1] = 3.0, 0.5
    told = changed_predictions(plain, edited, at, IDS, names)
    assert [(c.position, c.token) for c in told] == [(63, names[IDS[63]]), (32, names[IDS[32]])]
    assert told[0].before == pytest.approx(np.exp(-1))
    assert told[0].after == pytest.approx(np.exp(-3))
    assert "".join(told[0].context) == "".join(names[i] for i in IDS[63 - surgery.CONTEXT : 63])
