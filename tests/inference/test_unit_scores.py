"""Units are ranked by what an independent count of pairs and SciPy say, on text that chose nothing, beside chance."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from playground.inference import unit_scores
from playground.inference.unit_scores import SHIFTS, find_units, parts_of, score_units
from playground.records import Annotation, CorpusTrace

T, H = 900, 12


def trace(values, **more):
    ids = np.zeros(values.shape[1], np.uint8)
    named = {"h": values.astype(np.float16)} | {n: v.astype(np.float16) for n, v in more.items()}
    return CorpusTrace("lstm", ("a",), ids, named, len(ids), len(ids), 0.0)


def annotation(values, binary=True, name="idea"):
    return Annotation(name, "an idea", np.asarray(values, np.float32), binary)


def blocks(rng, tokens=T, length=9, share=0.4):
    """0 and 1 in stretches."""
    return np.repeat(rng.random(tokens // length + 1) < share, length)[:tokens].astype(np.float32)


def auc(values, on):
    """By counting pairs: how often a value where it is on lies above one where it is off."""
    pairs = [(a > b) + (a == b) / 2 for a, b in product(values[on], values[~on])]
    return sum(pairs) / len(pairs)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.sampled_from([-60000.0, -1.0, -0.5, -0.0, 0.0, 2e-7, 0.25, 0.5, 1.0, 3.0]), min_size=4, max_size=60
    ),
    st.randoms(use_true_random=False),
)
def test_a_score_is_the_share_of_pairs_in_order(values, random):
    values = np.array(values).astype(np.float16)
    on = np.array([random.random() < 0.5 for _ in values])
    if on.all() or not on.any():
        on[0] = not on[0]
    scored = score_units({"h": values[None]}, annotation(on), slice(0, len(values)))
    assert scored["h"][0] == pytest.approx(auc(values, on), abs=1e-5)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 80))
def test_a_numeric_score_is_spearmans_correlation(seed, tokens):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=tokens).round(1).astype(np.float16)
    numbers = rng.integers(0, 4, tokens).astype(np.float32)
    if len(set(values)) < 2 or len(set(numbers)) < 2:
        return
    scored = score_units({"h": values[None]}, annotation(numbers, binary=False), slice(0, tokens))
    assert scored["h"][0] == pytest.approx(spearmanr(values, numbers).statistic, abs=1e-5)


def test_a_planted_unit_is_found_and_its_score_is_of_the_part_that_chose_nothing():
    rng = np.random.default_rng(0)
    on = blocks(rng)
    values = rng.normal(size=(H, T))
    values[7] += 6 * on
    (finding,) = find_units(trace(values), [annotation(on)])
    fitted, scored = parts_of(T)
    best = finding.best
    assert (best.quantity, best.unit, finding.verdict) == ("h", 7, "followed")
    half = values[7].astype(np.float16)
    assert best.fitted == pytest.approx(auc(half[fitted], on[fitted] > 0), abs=1e-5)
    assert best.score == pytest.approx(auc(half[scored], on[scored] > 0), abs=1e-5)


def test_what_is_right_only_where_it_was_sought_is_no_finding():
    rng = np.random.default_rng(1)
    on = blocks(rng)
    values = rng.normal(size=(H, T))
    values[3, parts_of(T)[0]] += 6 * on[parts_of(T)[0]]  # it knows the first part by heart
    (finding,) = find_units(trace(values), [annotation(on)])
    assert finding.best.unit == 3
    assert finding.best.fitted > 0.95
    assert finding.verdict == "none"


@pytest.mark.parametrize("binary", [True, False])
def test_a_unit_that_changes_sides_follows_nothing(binary):
    rng = np.random.default_rng(7)
    on = blocks(rng) if binary else rng.integers(0, 9, T).astype(np.float32)
    values = rng.normal(size=(H, T))
    fitted, scored = parts_of(T)
    values[3, fitted] += 6 * on[fitted]
    values[3, scored] -= 6 * on[scored]
    (finding,) = find_units(trace(values), [annotation(on, binary)])
    assert finding.best.unit == 3
    assert finding.strength < 0.1
    assert finding.verdict == "none"


def test_a_number_that_has_two_values_is_judged():
    rng = np.random.default_rng(8)
    values = rng.normal(size=(H, T))
    two = rng.integers(1, 3, T).astype(np.float32)
    values[4] += 9 * two
    (finding,) = find_units(trace(values), [annotation(two, binary=False)])
    assert (finding.best.unit, finding.verdict) == (4, "followed")


@pytest.mark.parametrize("seed", range(8))
def test_the_best_of_many_noise_units_is_no_finding(seed):
    rng = np.random.default_rng(seed)
    slow = np.cumsum(rng.normal(size=(256, 3_000)), axis=1) % 7  # as slow as states are
    findings = find_units(
        trace(slow),
        [annotation(blocks(rng, 3_000)), annotation(rng.integers(0, 9, 3_000), binary=False, name="number")],
    )
    assert [finding.verdict for finding in findings] == ["none", "none"]


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("together", [True, False], ids=["one product", "a view a shift"])
def test_chance_is_the_best_of_all_units_on_the_shifted_annotation(binary, together, monkeypatch):
    """Against SciPy and a count of pairs, shift by shift and unit by unit."""
    if not together:
        monkeypatch.setattr(unit_scores, "_SHIFTED_BYTES", 0)
    rng = np.random.default_rng(11)
    values, gate = np.cumsum(rng.normal(size=(2, 4, 300)), axis=2)
    mine = blocks(rng, 300, 7) if binary else rng.integers(0, 6, 300).astype(np.float32)
    other = annotation(blocks(rng, 300, 11), name="other")  # both share the columns of a product
    whole = trace(values, f=gate)
    found = {f.name: f for f in find_units(whole, [other, annotation(mine, binary)])}
    scored = parts_of(300)[1]
    told, tokens = mine[scored], scored.stop - scored.start
    distances = np.random.default_rng(unit_scores._SEED).integers(tokens // 10, tokens - tokens // 10, SHIFTS)
    reached = []
    for distance in distances:
        moved = np.roll(told, distance)
        for array in whole.values.values():
            for row in array[:, scored]:
                score = auc(row, moved > 0) if binary else spearmanr(row, moved).statistic
                reached.append(max(score, 1 - score) if binary else abs(score))
    assert found["idea"].chance == pytest.approx(max(reached), abs=1e-5)


def test_a_long_text_is_ranked_in_pieces(monkeypatch):
    rng = np.random.default_rng(12)
    whole, on = trace(rng.normal(size=(H, T))), annotation(blocks(rng))
    (once,) = find_units(whole, [on])
    monkeypatch.setattr(unit_scores, "_RANKS_AT_ONCE", 1)
    (pieces,) = find_units(whole, [on])
    assert [each.unit for each in pieces.units] == [each.unit for each in once.units]
    assert pieces.chance == pytest.approx(once.chance, abs=1e-5)
    assert pieces.best.score == pytest.approx(once.best.score, abs=1e-5)


@pytest.mark.parametrize(
    ("told", "is_of_token"),
    [("vowel", True), ("three letters", True), ("after an a", False), ("first half", False)],
)
def test_what_a_token_says_by_itself_is_told_from_what_has_to_be_remembered(told, is_of_token):
    rng = np.random.default_rng(13)
    ids = rng.integers(0, 7, T)
    values = {
        "vowel": ids < 2,
        "three letters": np.where(ids == 6, np.nan, ids % 3 == 0),
        "after an a": np.roll(ids == 0, 1),
        "first half": np.arange(T) % 100 < 50,
    }[told]
    text = replace(trace(rng.normal(size=(H, T))), ids=ids)
    (finding,) = find_units(text, [annotation(values)])
    assert finding.is_of_token == is_of_token


def test_a_unit_that_is_off_where_the_idea_holds_follows_it_as_well():
    rng = np.random.default_rng(2)
    on = blocks(rng)
    values = rng.normal(size=(H, T))
    values[5] -= 6 * on
    (finding,) = find_units(trace(values), [annotation(on)])
    assert finding.best.score < 0.05
    assert finding.strength > 0.95
    assert finding.verdict == "followed"


def test_of_a_units_quantities_the_closest_one_is_told():
    rng = np.random.default_rng(3)
    on = blocks(rng)
    noise = rng.normal(size=(H, T))
    gate = noise.copy()
    gate[2] += 9 * on
    (finding,) = find_units(trace(noise, f=gate), [annotation(on)])
    assert (finding.best.quantity, finding.best.unit) == ("f", 2)
    assert len({unit.unit for unit in finding.units}) == len(finding.units)


@pytest.mark.parametrize(
    "on",
    [np.zeros(T), np.r_[np.ones(10), np.zeros(T - 10)], np.r_[np.zeros(T // 2), np.ones(T // 2)]],
    ids=["never", "too few tokens", "a single stretch"],
)
def test_what_the_text_has_too_little_of_is_told_and_not_judged(on):
    (finding,) = find_units(trace(np.random.default_rng(4).normal(size=(H, T))), [annotation(on)])
    assert finding.verdict == "rare"
    assert finding.best is None


def test_tokens_that_an_idea_says_nothing_of_do_not_count():
    rng = np.random.default_rng(5)
    on = blocks(rng)
    values = rng.normal(size=(H, T))
    values[1] += 6 * on
    silent = rng.random(T) < 0.3
    values[1, silent] = rng.normal(size=silent.sum()) * 50
    told = np.where(silent, np.nan, on)
    (finding,) = find_units(trace(values), [annotation(told)])
    assert finding.best.unit == 1
    scored = np.arange(parts_of(T)[1].start, T)[~silent[parts_of(T)[1]]]
    assert finding.best.score == pytest.approx(
        auc(values[1].astype(np.float16)[scored], on[scored] > 0), abs=1e-5
    )


def test_findings_come_with_the_closest_first_and_the_rare_last():
    rng = np.random.default_rng(6)
    on, off = blocks(rng), blocks(rng)
    values = rng.normal(size=(H, T))
    values[0] += 9 * on
    findings = find_units(
        trace(values),
        [annotation(np.zeros(T), name="rare"), annotation(off, name="noise"), annotation(on, name="planted")],
    )
    assert [f.name for f in findings] == ["planted", "noise", "rare"]
