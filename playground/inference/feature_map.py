"""States of tokens → a plane."""

from __future__ import annotations

import unicodedata
from typing import Literal

import numpy as np

from playground.errors import ConfigError
from playground.records import FeatureMap, GateTrace

Kind = Literal["vowel", "consonant", "letter", "word", "digit", "space", "mark", "unknown"]


def feature_map(trace: GateTrace, layer: int = -1) -> FeatureMap:
    """The first two principal components of a layer's states, all directions of a token side by side.

    Args:
        trace: The states of at least three tokens.
        layer: The number of the layer, from 0; the top one usually.

    Raises:
        ConfigError: Fewer tokens.

    Source: Pearson 1901. Each axis points where its largest loading is positive, so that it is the same
        on every machine.
    """
    if len(trace.tokens) < 3:
        raise ConfigError("A map needs at least 3 tokens; the text has {tokens}.", tokens=len(trace.tokens))
    states = np.concatenate([direction.hidden for direction in trace.layers[layer]], axis=1).astype(
        np.float64
    )
    centred = states - states.mean(axis=0)
    _, sizes, axes = np.linalg.svd(centred, full_matrices=False)
    axes = axes[:2] * np.sign(axes[np.arange(2), np.abs(axes[:2]).argmax(axis=1)])[:, None]
    variance = sizes**2
    first, second = (variance[:2] / (variance.sum() or 1.0)).tolist()
    kinds = tuple(
        kind_of(t) if known else "unknown" for t, known in zip(trace.tokens, trace.known, strict=True)
    )
    return FeatureMap(centred @ axes.T, (first, second), kinds)


def kind_of(token: str) -> Kind:
    """What sort of token this is, by its characters."""
    if token.isspace():
        return "space"
    if token.isdecimal():
        return "digit"
    if not any(c.isalpha() for c in token):
        return "mark"
    if len(token) > 1:
        return "word"
    plain = unicodedata.normalize("NFD", token)[0].lower()
    if not "a" <= plain <= "z":
        return "letter"
    return "vowel" if plain in "aeiou" else "consonant"
