"""Scores → probabilities → a choice."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from playground.config import WriteConfig
from playground.errors import ConfigError
from playground.inference.sampling import bits, candidates, choose, probabilities, softmax

whole_scores = arrays(np.float64, st.integers(1, 12), elements=st.integers(-4, 4).map(float))
"""With many equal ones."""
some_scores = arrays(np.float64, st.integers(1, 12), elements=st.floats(-30, 30)) | whole_scores
any_scores = arrays(
    np.float32, st.integers(1, 12), elements=st.floats(-(2.0**127), 2.0**127, width=32)
) | arrays(np.float64, st.integers(1, 12), elements=st.floats(-1e308, 1e308))
temperatures = st.floats(1e-3, 10) | st.sampled_from([1e-300, 5e-324, 1.0, 10.0])
any_settings = st.builds(
    WriteConfig,
    temperature=temperatures | st.just(0.0),
    top_k=st.none() | st.integers(1, 15),
    top_p=st.none() | st.floats(1e-6, 1.0),
)


@given(any_scores, any_settings)
def test_probabilities_are_not_negative_and_sum_to_one_whatever_the_scores(scores, settings):
    probs = probabilities(scores, settings)
    assert probs.dtype == np.float64
    assert (probs >= 0).all()
    assert probs.sum() == pytest.approx(1, abs=1e-12)


@given(some_scores, st.floats(0.05, 10))
def test_softmax_is_torchs(scores, temperature):
    expected = torch.softmax(torch.tensor(scores) / temperature, -1).numpy()
    assert_allclose(softmax(scores, temperature), expected, rtol=1e-9, atol=1e-300)


@given(st.integers(1, 5), st.integers(1, 9), st.integers(0, 99))
def test_several_rows_are_each_alone(rows, size, seed):
    scores = np.random.default_rng(seed).normal(0, 5, (rows, size))
    assert_array_equal(softmax(scores), [softmax(row) for row in scores])


@given(any_scores)
def test_temperature_0_is_the_first_of_the_highest(scores):
    probs = probabilities(scores, WriteConfig(temperature=0))
    assert probs.tolist() == [float(i == scores.argmax()) for i in range(len(scores))]


@given(whole_scores)
def test_a_temperature_near_0_is_the_highest_alone_and_nothing_warns(scores):
    probs = probabilities(scores, WriteConfig(temperature=1e-300))
    highest = scores == scores.max()
    assert_allclose(probs, highest / highest.sum(), rtol=1e-12)


@given(some_scores)
def test_a_great_temperature_flattens(scores):
    evenly = np.full(len(scores), 1 / len(scores))
    far = [np.abs(softmax(scores, t) - evenly).max() for t in (1.0, 10.0, 1e6)]
    assert far[0] >= far[1] - 1e-12
    assert far[2] < 1e-4


@given(some_scores, st.floats(0.1, 5), st.floats(-50, 50))
def test_what_is_added_to_every_score_changes_nothing(scores, temperature, more):
    assert_allclose(softmax(scores + more, temperature), softmax(scores, temperature), rtol=1e-6, atol=1e-12)


@given(some_scores, st.floats(0.1, 5), st.integers(1, 15))
def test_top_k_keeps_the_k_likeliest_in_their_proportions(scores, temperature, k):
    whole = probabilities(scores, WriteConfig(temperature=temperature))
    probs = probabilities(scores, WriteConfig(temperature=temperature, top_k=k))
    kept = np.flatnonzero(probs)
    assert len(kept) <= k
    assert set(kept) <= set(np.argsort(-whole, kind="stable")[:k])
    assert_allclose(probs[kept] * whole[kept].sum(), whole[kept], rtol=1e-9)
    if k >= len(scores):
        assert_array_equal(probs, whole)


@given(some_scores, st.floats(0.1, 5), st.floats(1e-6, 1))
def test_top_p_is_the_smallest_set_that_reaches_p(scores, temperature, p):
    whole = probabilities(scores, WriteConfig(temperature=temperature))
    probs = probabilities(scores, WriteConfig(temperature=temperature, top_p=p))
    kept, near = np.flatnonzero(probs), 1e-9
    assert whole[kept].sum() >= p - near
    largest_first = np.cumsum(np.sort(whole)[::-1])
    assert len(kept) <= 1 + int((largest_first < p + near).sum())  # one fewer would not do
    if len(kept) > 1:
        assert whole[kept].sum() - whole[kept].min() < p
    gone = probs == 0
    if gone.any():
        assert whole[kept].min() >= whole[gone].max()
    assert_allclose(probs[kept] * whole[kept].sum(), whole[kept], rtol=1e-9)


@given(some_scores, st.floats(0.1, 5), st.integers(1, 15), st.floats(1e-6, 1))
def test_top_p_counts_among_what_top_k_has_left(scores, temperature, k, p):
    both = probabilities(scores, WriteConfig(temperature=temperature, top_k=k, top_p=p))
    left = probabilities(scores, WriteConfig(temperature=temperature, top_k=k))
    again = np.where(left > 0, np.log(np.maximum(left, 1e-300)), -1e9)
    assert_allclose(both, probabilities(again, WriteConfig(temperature=1, top_p=p)), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("p", [0.1, 0.25, 0.5, 0.75, 1.0])
def test_a_p_that_is_reached_exactly_is_reached(p):
    probs = probabilities(np.zeros(20), WriteConfig(temperature=1, top_p=p))
    assert (probs > 0).sum() == round(20 * p)


@given(
    arrays(np.float64, st.integers(1, 9), elements=st.sampled_from([0.0, 0.0, 1.0, 0.5, 1e-300])).filter(any),
    st.integers(0, 999),
)
def test_a_token_without_probability_is_never_chosen(shape, seed):
    probs = shape / shape.sum()
    rng = np.random.default_rng(seed)
    assert all(probs[choose(probs, rng)] > 0 for _ in range(20))


@pytest.mark.parametrize("drawn", [0.0, 0.5, np.nextafter(1, 0)])
@pytest.mark.parametrize("probs", [[0, 0.25, 0, 0.25, 0.5, 0], [0, 0, 0.3, 0.3, 0.3, 0], [0.1] * 10])
def test_even_the_ends_of_what_can_be_drawn_hit_a_token_with_probability(drawn, probs):
    """Rounding, too, may leave the sum below 1."""

    class Drawn:
        def random(self) -> float:
            return drawn

    assert probs[choose(np.array(probs), Drawn())] > 0


def test_a_choice_draws_one_number():
    rng, other = np.random.default_rng(5), np.random.default_rng(5)
    for size in (1, 2, 30):
        choose(np.full(size, 1 / size), rng)
        other.random()
    assert rng.random() == other.random()


@pytest.mark.parametrize(
    "settings", [{}, {"temperature": 0.5}, {"temperature": 2.0, "top_k": 4}, {"top_p": 0.8}], ids=str
)
def test_tokens_come_as_often_as_their_probability_says(settings):
    probs = probabilities(
        np.array([1.0, -1.0, 0.5, 2.0, 0.0, -2.0]), WriteConfig(**{"temperature": 1.0} | settings)
    )
    rng, n = np.random.default_rng(3), 20_000
    counts = np.bincount([choose(probs, rng) for _ in range(n)], minlength=len(probs))
    possible = probs > 0
    assert not counts[~possible].any()
    chi_square = float(((counts - n * probs)[possible] ** 2 / (n * probs[possible])).sum())
    freedom = int(possible.sum()) - 1
    assert chi_square < freedom + 5 * math.sqrt(2 * freedom)  # five standard deviations


@pytest.mark.parametrize("bad", [[math.nan, 1.0], [1.0, math.nan], [math.inf, 1.0], [-math.inf] * 2], ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_scores_that_are_no_numbers_are_a_sentence(bad, dtype):
    scores = np.array(bad, dtype)
    for attempt in (
        lambda: softmax(scores),
        lambda: softmax(np.stack([np.zeros(2, dtype), scores])),
        lambda: probabilities(scores, WriteConfig(temperature=0.7)),
    ):
        with pytest.raises(ConfigError, match=r"has diverged\. Choose an earlier checkpoint"):
            attempt()


@given(st.integers(1, 4), st.integers(1, 9), st.integers(0, 99), st.sampled_from([1.0, 1e3, 1e30]))
def test_bits_are_the_cross_entropy_however_unlikely_the_token(rows, size, seed, scale):
    rng = np.random.default_rng(seed)
    scores, wanted = scale * rng.normal(size=(rows, size)), rng.integers(size, size=rows)
    expected = torch.nn.functional.cross_entropy(torch.tensor(scores), torch.tensor(wanted), reduction="none")
    assert_allclose(bits(scores, wanted), expected.numpy() / math.log(2), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("size", [1, 4, 28, 200, 201, 350])
@pytest.mark.parametrize("ties", [True, False])
@pytest.mark.parametrize("most", [1, 5, 50])
def test_candidates_are_the_highest_and_of_equal_ones_the_first(size, ties, most):
    rng = np.random.default_rng(size)
    scores = rng.integers(-2, 3, (3, size)).astype(float) if ties else rng.normal(size=(3, size))
    own, names = softmax(scores), [f"t{i}" for i in range(size)]
    shaped = softmax(scores, 0.5)
    for place, probs in enumerate(candidates(own, shaped, names, most)):
        order = sorted(range(size), key=lambda i: (-own[place, i], i))[:most]
        assert [c.token for c in probs] == [names[i] for i in order]
        assert [c.own for c in probs] == own[place, order].tolist()
        assert [c.probability for c in probs] == shaped[place, order].tolist()
