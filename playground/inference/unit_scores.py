"""Which units go with an annotation: ranked on one part of a text, scored on another, beside what chance reaches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playground.records import Annotation, Array, CorpusTrace, Finding, UnitScore
from playground.records.cells import Measure, Verdict

FITTED_PART = 2 / 3
"""Of a text, from its beginning, on which units are ranked; the rest scores them."""
FOLLOWED: Mapping[Measure, float] = {"auc": 0.8, "rho": 0.5}
"""The strength from which a unit is said to follow an annotation."""
SHIFTS = 20
"""How often an annotation is shifted along the text to see what chance reaches."""
UNITS_TOLD = 5
_LEAST_TOKENS = 20
"""Of either kind in either part; fewer are told to be too rare."""
_LEAST_STRETCHES = 5
"""Of either kind in either part: within a single stretch every slow unit seems to know."""
_UNITS_AT_ONCE = 64
_RANKS_AT_ONCE = 4_000_000
"""Numbers: 16 MB a thread, however long the text is."""
_THREADS = 2
_SHIFTED_BYTES = 48 * 2**20
_CODES = 1 << 16
_MINUS_ZERO = 1 << 15
_IN_ORDER = np.concatenate([np.arange(_CODES - 1, _MINUS_ZERO - 1, -1), np.arange(_MINUS_ZERO)])
"""The bits of half precision in the order of the values they stand for."""
_SEED = 20_16


@dataclass(frozen=True)
class _Columns:
    """Annotations over the same tokens as the columns of a matrix that ranks are multiplied with."""

    matrix: Array
    """(T, K) in float32: 1 / (n₁ n₀) · 0 and 1, or ranks around 0 divided by what makes of the product a correlation."""
    binary: Array
    """(K,): 0.5 is added to these, so that the product is an AUC."""

    def scores(self, ranks: Array) -> Array:
        """(units, T) ranks around 0 → (units, K): AUC or correlation."""
        products = (ranks @ self.matrix).astype(np.float64)
        spread = np.sqrt(np.einsum("ut,ut->u", ranks, ranks, dtype=np.float64))[:, None]
        return np.where(self.binary, products + 0.5, products / np.maximum(spread, 1e-30))

    def shifts(self) -> list[_Columns]:
        """The same moved along the text in a circle, by a tenth of it at least.

        One product for all of them takes half the time; where it would take much memory, each is a view of one matrix that is
        twice as long.
        """
        tokens = len(self.matrix)
        twice = np.concatenate([self.matrix, self.matrix])
        least = max(1, tokens // 10)
        distances = np.random.default_rng(_SEED).integers(least, max(least + 1, tokens - least), SHIFTS)
        moved = [twice[tokens - distance : 2 * tokens - distance] for distance in distances.tolist()]
        if self.matrix.nbytes * SHIFTS <= _SHIFTED_BYTES:
            return [_Columns(np.concatenate(moved, axis=1), np.tile(self.binary, SHIFTS))]
        return [_Columns(matrix, self.binary) for matrix in moved]


def find_units(trace: CorpusTrace, annotations: Sequence[Annotation]) -> tuple[Finding, ...]:
    """Rank every quantity of every unit by every annotation.

    A unit's score is the AUC of a binary annotation or Spearman's correlation with a numeric one. Chance is what the
    best of all units reaches on the scoring part when the annotation is shifted along the text by a random distance,
    which keeps how it changes and takes away what it is about; the largest of several shifts.

    Args:
        trace: What units did over a text of at least two tokens.
        annotations: Over the same tokens.

    Returns:
        One finding an annotation: the closest first, then those that the text has too little of.

    Source: Hanley & McNeil 1982 (AUC and the Mann–Whitney statistic); Spearman 1904.
    """
    parts = parts_of(trace.count)
    findings: list[Finding] = []
    enough = [a for a in annotations if has_enough(a, trace.count)]
    for group in _by_tokens(enough):
        findings += _find_together(trace, group, parts)
    rare = [_rare(a, trace) for a in annotations if not has_enough(a, trace.count)]
    return (*sorted(findings, key=lambda f: -_order(f)), *rare)


def score_units(values: Mapping[str, Array], annotation: Annotation, part: slice) -> dict[str, Array]:
    """Every unit's score on a part of a text, (H,) a quantity, without ranking any.

    Args:
        values: As `CorpusTrace.values`.
        annotation: Over the same tokens.
        part: The tokens that count.
    """
    columns = _columns([annotation], part)
    at = _tokens_of(annotation, part)
    return {
        name: np.concatenate([columns.scores(ranks)[:, 0] for _units, ranks in _ranks(array, at)])
        for name, array in values.items()
    }


def parts_of(tokens: int) -> tuple[slice, slice]:
    """The part of a text on which units are ranked, and the one that scores them."""
    border = int(tokens * FITTED_PART)
    return slice(0, border), slice(border, tokens)


def has_enough(annotation: Annotation, tokens: int) -> bool:
    """Both parts of a text have enough tokens and stretches of either kind for a score to mean anything."""
    return all(_has_enough(annotation, part) for part in parts_of(tokens))


def _order(finding: Finding) -> float:
    """AUC and correlation on one scale: how far from nothing to everything."""
    return 2 * finding.strength - 1 if finding.measure == "auc" else finding.strength


def _has_enough(annotation: Annotation, part: slice) -> bool:
    values = annotation.values[part]
    values = values[~np.isnan(values)]
    if not annotation.is_binary:
        return len(values) >= _LEAST_TOKENS and len(np.unique(values)) > 1
    on = values > 0.5
    stretches = int(np.count_nonzero(on[1:] != on[:-1]) + 1) // 2
    return min(on.sum(), (~on).sum()) >= _LEAST_TOKENS and stretches >= _LEAST_STRETCHES


def _by_tokens(annotations: Sequence[Annotation]) -> list[list[Annotation]]:
    """Those that say something of every token together; each of the others by itself."""
    whole = [a for a in annotations if not np.isnan(a.values).any()]
    return [group for group in (whole, *([a] for a in annotations if np.isnan(a.values).any())) if group]


def _find_together(
    trace: CorpusTrace, group: Sequence[Annotation], parts: tuple[slice, slice]
) -> list[Finding]:
    columns = [_columns(group, part) for part in parts]
    at = [_tokens_of(group[0], part) for part in parts]
    names = list(trace.values)
    shape = (len(names), trace.hidden_size, len(group))
    fits, scores = np.empty(shape), np.empty(shape)
    measures: list[Measure] = ["auc" if annotation.is_binary else "rho" for annotation in group]
    shifted = columns[1].shifts()

    def of_quantity(q: int, array: Array) -> Array:
        """Fill in one quantity's scores; what chance reaches with it, an annotation each."""
        chance = np.zeros(len(group))
        for units, ranks in _ranks(array, at[0]):
            fits[q, units] = columns[0].scores(ranks)
        for units, ranks in _ranks(array, at[1]):
            scores[q, units] = columns[1].scores(ranks)
            for moved in shifted:
                by_chance = moved.scores(ranks)
                for k, measure in enumerate(measures):
                    chance[k] = max(chance[k], _strengths(by_chance[:, k :: len(group)], measure).max())
        return chance

    with ThreadPoolExecutor(_THREADS) as pool:  # NumPy lets go of Python's lock on long rows
        chance = np.max(list(pool.map(of_quantity, range(len(names)), trace.values.values())), axis=0)
    return [
        _finding(annotation, trace, names, fits[..., k], scores[..., k], float(chance[k]))
        for k, annotation in enumerate(group)
    ]


def _finding(
    annotation: Annotation, trace: CorpusTrace, names: list[str], fits: Array, scores: Array, chance: float
) -> Finding:
    """Rank the units, (quantities, H); of each the quantity that follows most closely."""
    measure: Measure = "auc" if annotation.is_binary else "rho"
    strengths = _strengths(fits, measure)
    closest = strengths.argmax(axis=0)
    order = np.argsort(-strengths.max(axis=0), kind="stable")[:UNITS_TOLD]
    units = tuple(
        UnitScore(
            names[closest[unit]], unit, float(fits[closest[unit], unit]), float(scores[closest[unit], unit])
        )
        for unit in order.tolist()
    )
    reached = units[0].strength(measure)
    verdict: Verdict = "none" if reached <= chance else "followed" if reached >= FOLLOWED[measure] else "weak"
    return _told(annotation, trace, units, chance, verdict)


def _rare(annotation: Annotation, trace: CorpusTrace) -> Finding:
    return _told(annotation, trace, (), float("nan"), "rare")


def _told(
    annotation: Annotation, trace: CorpusTrace, units: tuple[UnitScore, ...], chance: float, verdict: Verdict
) -> Finding:
    return Finding(
        annotation.name,
        annotation.title,
        annotation.is_own,
        "auc" if annotation.is_binary else "rho",
        units,
        chance,
        verdict,
        _is_of_token(annotation, trace.ids),
    )


def _is_of_token(annotation: Annotation, ids: Array) -> bool:
    """Every token has its value by itself, wherever it stands."""
    says = ~np.isnan(annotation.values)
    values, ids = annotation.values[says], ids[says]
    first = np.zeros(int(ids.max(initial=0)) + 1, values.dtype)
    first[ids] = values  # of each token one of its values
    return bool((first[ids] == values).all())


def _strengths(scores: Array, measure: Measure) -> Array:
    """Without their signs: a unit that is off inside quotes follows them as well as one that is on."""
    return np.maximum(scores, 1 - scores) if measure == "auc" else np.abs(scores)


def _tokens_of(annotation: Annotation, part: slice) -> slice | NDArray[np.intp]:
    """Where an annotation says something within a part."""
    says = ~np.isnan(annotation.values[part])
    return part if says.all() else np.flatnonzero(says) + part.start


def _columns(annotations: Sequence[Annotation], part: slice) -> _Columns:
    at = _tokens_of(annotations[0], part)
    columns = []
    for annotation in annotations:
        values = annotation.values[at]
        if annotation.is_binary:
            on = values > 0.5
            column = on / max(1.0, float(on.sum()) * float((~on).sum()))
        else:
            column = _mean_ranks(values) - (len(values) + 1) / 2
            column /= max(1e-30, float(np.sqrt((column * column).sum())))
        columns.append(column.astype(np.float32))
    binary = np.array([annotation.is_binary for annotation in annotations])
    return _Columns(np.stack(columns, axis=1), binary)


def _ranks(array: Array, at: slice | NDArray[np.intp]) -> Iterator[tuple[slice, Array]]:
    """Ranks of some units at a time: which, and (units, T) around 0.

    Args:
        array: A quantity over a text, (H, T) in half precision.
        at: The tokens that count.
    """
    tokens = at.stop - at.start if isinstance(at, slice) else len(at)
    many = max(1, min(_UNITS_AT_ONCE, _RANKS_AT_ONCE // max(tokens, 1)))
    for first in range(0, len(array), many):
        units = slice(first, min(first + many, len(array)))
        ranks = np.empty((units.stop - first, tokens), np.float32)
        for row, unit in enumerate(range(first, units.stop)):
            ranks[row] = _centred_ranks(array[unit, at])
        yield units, ranks


def _centred_ranks(values: Array) -> Array:
    """Ranks around 0, of equal values their mean; in float32.

    Half precision has 65,536 values, so that counting each is ten times as fast as sorting, and exact.
    """
    bits = np.ascontiguousarray(values, np.float16).view(np.uint16)
    largest = int((bits & ~np.uint16(_MINUS_ZERO)).max(initial=0))
    codes = _IN_ORDER[_MINUS_ZERO - 1 - largest : _MINUS_ZERO + 1 + largest]
    counts = np.bincount(bits, minlength=_CODES)
    counts[0] += counts[_MINUS_ZERO]  # the same number
    counts[_MINUS_ZERO] = 0
    in_order = counts[codes]
    doubled = in_order.cumsum()
    doubled *= 2
    doubled -= in_order
    doubled -= len(bits)
    ranks = np.empty(_CODES, np.float32)
    ranks[codes] = doubled  # twice a value's mean rank around 0, a whole number
    ranks[_MINUS_ZERO] = ranks[0]
    centred: Array = ranks[bits]
    centred *= np.float32(0.5)
    return centred


def _mean_ranks(values: Array) -> Array:
    """Ranks from 1, of equal values their mean."""
    _values, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Array = (counts.cumsum() - (counts - 1) / 2)[inverse]
    return ranks
