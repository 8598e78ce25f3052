"""What a network loses when some of its units are held: the cost of a text with edits and without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from playground.config import ModelConfig
from playground.inference.sampling import require_numbers
from playground.models.edits import Edit
from playground.models.parallel_reader import ParallelReader
from playground.records import Annotation, Array, ChangedPrediction, ClassLoss

WARM_UP = 100
"""Tokens that every stretch reads, edits and all, before its predictions count."""
LEAST_HELD_OUT = 1_000
"""Tokens."""
STRETCH = 500
"""Tokens of a stretch whose predictions count, at most."""
CHANGED_TOLD = 20
CONTEXT = 24
"""Tokens told before a changed prediction."""
_NUMBERS_AT_ONCE = 8_000_000
"""Of scores: (V, B) for so many columns at a time."""


def measured_part(tokens: int, trained: int) -> tuple[slice, bool]:
    """The part of a text whose predictions tell what surgery costs, and whether it is held out.

    Args:
        tokens: Of the text.
        trained: So many of the first were trained on.

    Returns:
        Held-out text where there are `LEAST_HELD_OUT` tokens of it, else the last third.
    """
    if tokens - trained >= LEAST_HELD_OUT:
        return slice(trained, tokens), True
    return slice(2 * tokens // 3, tokens), False


def stretches_of(part: slice, tokens: int) -> tuple[NDArray[np.intp], int]:
    """Where stretches of a part begin that together have so many tokens, spread evenly, and how long each is.

    Args:
        part: The tokens of a text that may be predicted from.
        tokens: How many are wanted; fewer where the part is shorter.
    """
    room = part.stop - part.start - 1  # the last token has no next one
    tokens = max(1, min(tokens, room))
    count = -(-tokens // STRETCH)
    length = tokens // count
    return part.start + np.linspace(0, room - length, count).astype(np.intp), length


def costs(
    weights: Mapping[str, Array],
    config: ModelConfig,
    ids: Array,
    starts: NDArray[np.intp],
    length: int,
    edits: Sequence[Edit] = (),
    copies: int = 1,
) -> Array:
    """What every prediction of some stretches costs, in nats.

    Args:
        weights: The weights of a `LanguageModel`, by name.
        config: The settings of a network with one direction.
        ids: The whole text, (T,).
        starts: The first token of each stretch from which a prediction counts, (S,).
        length: Tokens of a stretch; the token after its last one is predicted too.
        edits: What is done to units; column `copy * S + stretch` is a stretch in one of the copies.
        copies: How often every stretch is read side by side, each with edits of its own.

    Returns:
        (copies, S, length) in float64: the cost of token `starts + t + 1` given all up to `starts + t`.
    """
    head, bias = weights["head.weight"], weights["head.bias"][:, None]
    at = np.tile(starts, copies)
    reader = ParallelReader(weights, config, len(at), edits)
    result = np.empty((len(at), length))
    warm_up = min(WARM_UP, int(starts.max()))
    width = max(1, _NUMBERS_AT_ONCE // len(head))
    for t in range(-warm_up, length):
        places = at + t
        hidden = reader.feed(ids[np.maximum(places, 0)])
        if t < 0:
            before = places < 0  # the text has not begun
            if before.any():
                reader.forget(before)
            continue
        wanted = ids[at + t + 1]
        for first in range(0, len(at), width):
            columns = slice(first, first + width)
            result[columns, t] = _cost(head @ hidden[:, columns] + bias, wanted[columns])
    return result.reshape(copies, len(starts), length)


def _cost(scores: Array, wanted: Array) -> Array:
    """(V, B) scores, (B,) wanted → nats, (B,)."""
    highest = scores.max(axis=0)
    require_numbers(highest)
    shifted = scores - highest
    at = shifted[wanted, np.arange(len(wanted))].astype(np.float64)
    cost: Array = np.log(np.exp(shifted, out=shifted).sum(axis=0, dtype=np.float64)) - at
    return cost


def classes_of(annotation: Annotation, at: NDArray[np.intp]) -> tuple[Array, Array]:
    """Which predictions are made where an annotation holds, and which where it does not.

    Of a numeric one: where it is above its median, and where not. A token of which it says nothing is in neither.

    Args:
        annotation: Over the whole text.
        at: The token after which each prediction is made, of any shape.

    Returns:
        Booleans of that shape.
    """
    values = annotation.values[at]
    says = ~np.isnan(values)
    border = 0.5
    if not annotation.is_binary:
        told = annotation.values[~np.isnan(annotation.values)]
        border = float(np.median(told)) if len(told) else np.inf
    with np.errstate(invalid="ignore"):
        holds = np.asarray(values > border)
    return holds, says & ~holds


def class_losses(
    plain: Array, edited: Array, at: NDArray[np.intp], annotations: Sequence[Annotation]
) -> tuple[ClassLoss, ...]:
    """Mean costs before and after: of everything, and by annotation where it holds and where it does not.

    Args:
        plain: Costs without edits, of any shape.
        edited: With them.
        at: As in `classes_of`.
        annotations: Over the whole text.
    """
    losses = [_class_loss("all", "", False, np.ones(plain.shape, bool), plain, edited)]
    for annotation in annotations:
        holds, fails = classes_of(annotation, at)
        for name, chosen in ((annotation.name, holds), (f"not {annotation.name}", fails)):
            if chosen.any():
                losses.append(_class_loss(name, annotation.title, annotation.is_own, chosen, plain, edited))
    return tuple(losses)


def _class_loss(name: str, title: str, is_own: bool, chosen: Array, plain: Array, edited: Array) -> ClassLoss:
    return ClassLoss(
        name, title, is_own, int(chosen.sum()), float(plain[chosen].mean()), float(edited[chosen].mean())
    )


def changed_predictions(
    plain: Array, edited: Array, at: NDArray[np.intp], ids: Array, names: Sequence[str]
) -> tuple[ChangedPrediction, ...]:
    """The predictions whose probability changed most, by the difference of what they cost.

    Args:
        plain: Costs without edits, of any shape.
        edited: With them.
        at: As in `classes_of`.
        ids: The text, (T,).
        names: The token of each id, (V,).
    """
    change = np.abs(edited - plain).ravel()
    order = np.argsort(-change, kind="stable")[:CHANGED_TOLD]
    places, before, after = at.ravel(), np.exp(-plain.ravel()), np.exp(-edited.ravel())
    told = []
    for i in order[change[order] > 0].tolist():
        target = int(places[i]) + 1
        context = tuple(names[id] for id in ids[max(0, target - CONTEXT) : target].tolist())
        told.append(
            ChangedPrediction(target, context, names[int(ids[target])], float(before[i]), float(after[i]))
        )
    return tuple(told)
