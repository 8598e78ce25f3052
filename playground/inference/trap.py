"""Two directions with the next-token objective: why the perplexity is wonderful and the writing is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from playground.config import ModelConfig
from playground.inference.sampling import bits, require_numbers
from playground.models.gates import trace_gates
from playground.records import Array, Leak


def write_anyway(weights: Mapping[str, Array], config: ModelConfig, prefix: Sequence[int]) -> Iterator[int]:
    """Continue a prefix greedily and for ever, as d2l's `predict` does with such a network.

    Each step reads one token, of the prefix too, with the states of both directions carried on. While
    training, the backward one came from the end of the text; here nothing stands after the token, so it
    has nothing to tell.

    Args:
        weights: The weights of a `LanguageModel`, by name.
        config: The settings of the network.
        prefix: What is continued, at least one token id.

    Yields:
        Token ids.

    Raises:
        ConfigError: The network has diverged.
    """
    scores, state = _read(weights, config, prefix[:1], None)
    for token in prefix[1:]:
        scores, state = _read(weights, config, [token], state)
    while True:
        token = int(scores[-1].argmax())
        yield token
        scores, state = _read(weights, config, [token], state)


def leak(
    weights: Mapping[str, Array],
    config: ModelConfig,
    ids: Sequence[int],
    *,
    tokens: Sequence[str],
    seed: int = 0,
) -> Leak:
    """Score a sentence as it is, and again with all that follows each place replaced.

    Args:
        weights: The weights of a `LanguageModel`, by name.
        config: The settings of the network.
        ids: T token ids, at least two.
        tokens: The same text as it was written, (T,).
        seed: The seed of the tokens that are put in; they are drawn from the sentence itself.

    Raises:
        ConfigError: The network has diverged.
    """
    rng = np.random.default_rng(seed)
    whole = np.asarray(ids)
    as_it_is = _read(weights, config, ids, None)[0]
    scrambled, copied = np.empty(len(ids) - 1), 0
    for t in range(len(ids) - 1):
        other = [*ids[: t + 1], *rng.choice(whole, len(ids) - 1 - t).tolist()]
        scores = _read(weights, config, other, None)[0][t]
        scrambled[t] = bits(scores[None], whole[t + 1 : t + 2])[0]
        copied += int(scores.argmax()) == other[t + 1]
    return Leak(tuple(tokens), bits(as_it_is[:-1], whole[1:]), scrambled, copied / (len(ids) - 1))


def _read(
    weights: Mapping[str, Array],
    config: ModelConfig,
    ids: Sequence[int],
    state: tuple[Array, ...] | None,
) -> tuple[Array, tuple[Array, ...]]:
    """Next-token scores (T, V), and the states of all layers and directions after their last step."""
    layers = trace_gates(weights, config, ids, state=state).layers
    top = np.concatenate([traced.hidden for traced in layers[-1]], axis=1)
    with np.errstate(over="ignore", invalid="ignore"):  # the states of relu can be infinite
        scores = top @ weights["head.weight"].T + weights["head.bias"]
    require_numbers(scores)
    last = [(traced, 0 if direction else -1) for layer in layers for direction, traced in enumerate(layer)]
    hidden = np.stack([traced.hidden[end] for traced, end in last])
    memory = [traced.memory[end] for traced, end in last if traced.memory is not None]
    return scores, (hidden, np.stack(memory)) if memory else (hidden,)
