"""A whole text read in stretches side by side is the text read in one piece, as far as the warm-up reaches."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from playground.models.corpus_trace import trace_corpus, traced_names
from playground.models.gates import trace_gates
from tests.models.kinds import KINDS
from tests.models.test_reader import network, some_ids

STACKS = [
    {"num_layers": 1},
    {"num_layers": 3, "input": "embedding"},
    {"num_layers": 2, "bidirectional": True},
    {"num_layers": 2, "bidirectional": True, "objective": "masked"},
]
every_stack = pytest.mark.parametrize(
    "settings",
    [{"cell": cell, "nonlinearity": bend, **stack} for cell, bend in KINDS for stack in STACKS],
    ids=lambda s: "-".join(map(str, s.values())),
)


def single(shape):
    return np.empty(shape, np.float64)


def places(config):
    return [(layer, way) for layer in range(config.num_layers) for way in range(1 + config.bidirectional)]


@every_stack
def test_one_stretch_is_the_replay_of_the_sentence(settings):
    _model, weights, config = network(**settings)
    ids = some_ids(23)
    sentence = trace_gates(weights, config, ids)
    for layer, way in places(config):
        traced = trace_corpus(weights, config, ids, layer=layer, direction=way, allocate=single)
        expected = sentence.layers[layer][way]
        assert tuple(traced.values) == traced_names(config)
        for name, values in traced.values.items():
            assert_allclose(values.T, expected.shown[name], atol=1e-12, err_msg=f"{layer} {way} {name}")
        assert traced.seam == 0


@every_stack
@pytest.mark.parametrize("tokens", [60, 61, 62])
def test_stretches_side_by_side_are_one_piece_where_the_warm_up_is_the_text_before(settings, tokens):
    _model, weights, config = network(**settings)
    ids = some_ids(tokens)
    for layer, way in places(config):
        one = trace_corpus(weights, config, ids, layer=layer, direction=way, allocate=single)
        two = trace_corpus(
            weights, config, ids, layer=layer, direction=way, allocate=single, stretches=2, warm_up=tokens
        )
        for name, values in one.values.items():
            assert_allclose(two.values[name], values, atol=1e-12)
        assert two.seam < 1e-12


@pytest.mark.parametrize("way", [0, 1])
def test_the_seam_is_the_difference_that_a_short_warm_up_makes(way):
    _model, weights, config = network(
        cell="lstm", **({"bidirectional": True, "objective": "masked"} if way else {})
    )
    ids = some_ids(90)
    one = trace_corpus(weights, config, ids, direction=way, allocate=single).values["h"]
    three = trace_corpus(weights, config, ids, direction=way, allocate=single, stretches=3, warm_up=4)
    # where the first stretch, which began as the text does, hands on to the second, whose warm-up stands beside it
    gaps = np.abs(three.values["h"] - one).max(axis=0)
    assert gaps.max() > 0
    assert 0 < three.seam < 0.2
    assert gaps.max() <= 3 * three.seam


def test_half_precision_is_within_its_own_step():
    _model, weights, config = network(cell="gru")
    ids = some_ids(50)
    exact = trace_corpus(weights, config, ids, allocate=single).values
    half = trace_corpus(weights, config, ids).values
    for name, values in half.items():
        assert values.dtype == np.float16
        assert_allclose(values, exact[name], atol=2**-11)


@pytest.mark.parametrize(("cell", "nonlinearity"), KINDS)
def test_a_step_of_several_columns_is_a_step_of_each(cell, nonlinearity):
    from playground.cells import CELLS

    spec, rng = CELLS[cell], np.random.default_rng(3)
    blocks, size, columns = len(spec.gates), 5, 4
    x, r = rng.normal(size=(2, blocks * size, columns))
    h, c = rng.normal(size=(2, size, columns))
    together = spec.step(x, r, h, c, nonlinearity)
    for column in range(columns):
        alone = spec.step(*(np.ascontiguousarray(a[:, column]) for a in (x, r, h, c)), nonlinearity)
        for mine, theirs in zip(together, alone, strict=True):
            assert_array_equal(mine[:, column], theirs)


def test_the_seam_of_a_layer_is_not_below_those_that_it_reads():
    _model, weights, config = network(cell="lstm", num_layers=2)
    ids = some_ids(90)
    seams = [
        trace_corpus(weights, config, ids, layer=layer, allocate=single, stretches=3, warm_up=4).seam
        for layer in (0, 1)
    ]
    assert 0 < seams[0] <= seams[1]
