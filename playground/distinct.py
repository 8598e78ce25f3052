"""Labels that can be told apart: people of one name, and the options of a box, which knows them by what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import TypeVar

K = TypeVar("K")


def distinct(labels: Mapping[K, str]) -> dict[K, str]:
    """The same labels in the same order, those that are alike with a number behind.

    >>> distinct({1: "Ali", 2: "Ali", 3: "Mei"})
    {1: 'Ali', 2: 'Ali (2)', 3: 'Mei'}
    """
    taken = set(labels.values())
    told: dict[K, str] = {}
    seen: set[str] = set()
    for key, label in labels.items():
        own = label
        if label in seen:
            own = next(new for n in count(2) if (new := f"{label} ({n})") not in taken)
            taken.add(own)
        seen.add(own)
        told[key] = own
    return told
