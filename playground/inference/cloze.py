"""Fill in the blanks: from both sides, or from the left alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from playground.config import ModelConfig
from playground.inference.generate import Stepper
from playground.inference.sampling import candidates, softmax
from playground.inference.surprise import predictions
from playground.records import Array, Candidate


def fill(
    weights: Mapping[str, Array],
    config: ModelConfig,
    ids: Sequence[int | None],
    *,
    hole: int,
    names: Sequence[str],
    most: int = 5,
    hidden: Sequence[int | None] | None = None,
) -> list[tuple[Candidate, ...]]:
    """The likeliest tokens of every blank, in text order.

    A network with `objective=masked` sees both sides of each blank, and a hole where the other blanks
    are. A one-direction network sees what stands before; at earlier blanks it reads its own first guess.

    Args:
        weights: The weights of a `LanguageModel`, by name.
        config: The settings of the network; not those of the trap.
        ids: T token ids; None is a blank, of which there is at least one.
        hole: The id that the masked network reads at a blank: `<unk>`, which nobody is offered as a fill.
        names: The token of each id, (V,).
        most: Candidates a blank.
        hidden: What stood at each blank, where that is known; it is told too.
    """
    if config.objective == "masked":
        whole = [hole if id is None else id for id in ids]
        scored = zip(ids, predictions(weights, config, whole), strict=True)
        scores_of_blanks = [_without(scores, hole) for id, scores in scored if id is None]
    else:
        scores_of_blanks = _from_the_left(weights, config, ids, hole)
    own = softmax(np.array(scores_of_blanks))
    return candidates(own, own, names, min(most, len(names) - 1), hidden)


def _from_the_left(
    weights: Mapping[str, Array], config: ModelConfig, ids: Sequence[int | None], hole: int
) -> list[Array]:
    """The scores (V,) of every blank."""
    stepper = Stepper(weights, config)
    scores_of_blanks = []
    scores = stepper.start()
    for id in ids:
        if id is None:
            scores = _without(scores, hole)
            scores_of_blanks.append(scores)
        scores = stepper.feed(int(scores.argmax()) if id is None else id)
    return scores_of_blanks


def _without(scores: Array, token: int) -> Array:
    """(V,) with one token made impossible."""
    others = scores.copy()
    others[token] = -np.inf
    return others
