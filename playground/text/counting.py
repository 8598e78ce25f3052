"""The different k-grams of a text and how often each comes, for k = 1, 2, …, in time and memory that grow
as the text does.

No k-gram is spelled out, hashed or compared: the places of the text are sorted by their token once, and for
every k by the number of the k - 1 tokens before it, by counting how many fall to each number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from playground.records import Array

Numbers = NDArray[np.int32]
"""Of k-grams, of tokens, or of how often they come: a text has fewer than 2³¹ tokens."""


@dataclass(frozen=True)
class Grams:
    """The different k-grams of a text, sorted by (the number of their first k - 1 tokens, their last token).

    A k-gram's number is its place here. All that followed one history stand side by side, so that a k-gram
    is told by its last token alone: 10 bytes for each, and none of them is ever spelled out.
    """

    last: NDArray[np.unsignedinteger]
    """The last token of each."""
    counts: NDArray[np.int32]
    """c(hw) of each, and a 0 at the end for what is not in the text: its number is -1."""
    starts: NDArray[np.int32]
    """Where each history's followers begin. After the last stands an empty history, for the number -1."""
    history_counts: NDArray[np.int32]
    """How often each history is in the text, and a 0 at the end."""
    ending: int
    """The history that the text ends with: nothing followed it there. -1 where there is none."""

    def __len__(self) -> int:
        return len(self.last)

    def seen(self, histories: Numbers) -> Numbers:
        """c(h): how often each history was followed by anything; 0 for the number -1."""
        followed = self.history_counts[histories]
        followed[(histories == self.ending) & (histories >= 0)] -= 1
        return followed

    def kinds(self, histories: Numbers) -> Numbers:
        """T(h): by how many different tokens; 0 for the number -1."""
        first, end = self._blocks(histories)
        return end - first

    def find(self, histories: Numbers, tokens: Numbers) -> Numbers:
        """Numbers of the k-grams of a history and a token; -1 for those that are not in the text.

        All are sought at once, each by halves among the followers of its history.
        """
        low, high = self._blocks(histories)
        end = high.copy()
        for _ in range(int((high - low).max(initial=0)).bit_length()):
            middle = (low + high) // 2
            open_ = low < high
            beyond = np.zeros(len(low), bool)
            beyond[open_] = self.last[middle[open_]] < tokens[open_]
            low = np.where(beyond, middle + 1, low)
            high = np.where(beyond, high, middle)
        found = low < end
        found[found] = self.last[low[found]] == tokens[found]
        return np.where(found, low, -1).astype(np.int32)

    def history_of(self, number: int) -> int:
        """The number of a k-gram's first k - 1 tokens."""
        return int(np.searchsorted(self.starts, number, side="right")) - 1

    @property
    def nbytes(self) -> int:
        """Memory that the arrays take."""
        return self.last.nbytes + self.counts.nbytes + self.starts.nbytes

    def _blocks(self, histories: Numbers) -> tuple[Numbers, Numbers]:
        known = np.where(histories < 0, len(self.starts) - 2, histories)
        return self.starts[known], self.starts[known + 1]


def counted(text: Numbers, vocab_size: int, orders: int) -> Iterator[tuple[Grams, float]]:
    """Count the 1-, 2-, … n-grams of a text.

    Args:
        text: Token ids, (T,).
        vocab_size: V.
        orders: The longest n.

    Yields:
        The k-grams, and what the text itself costs with Witten-Bell smoothing (`ngrams`): mean nats a token,
        the first one not predicted.
    """
    small = np.uint16 if vocab_size <= 2**16 else np.uint32
    by_token = _order(text, vocab_size)
    numbers = np.zeros(
        len(text) + 1, np.int32
    )  # of the k-gram that begins at each place; there is one 0-gram
    history_counts, ending = np.array([len(text), 0], np.int32), -1
    shorter: Array = np.array([1 / vocab_size])
    opening = 0.0  # nats of the first places, which go by what there is: the second by one token, and so on
    for k in range(1, orders + 1):
        order, new = _sorted_places(by_token, numbers, text, k)
        first = np.flatnonzero(new)
        counts = np.diff(first, append=len(order)).astype(np.int32)
        histories = numbers[order[first]]
        starts = np.zeros(len(history_counts) + 1, np.int32)
        np.cumsum(np.bincount(histories, minlength=len(history_counts)), out=starts[1:])
        grams = Grams(
            text[order[first] + k - 1].astype(small),
            np.append(counts, np.int32(0)),
            starts,
            history_counts,
            ending,
        )
        # what each k-gram's last token is expected with; numbers[place + 1]: the k-gram without its oldest token
        kinds = grams.kinds(histories)
        expected = shorter[numbers[order[first] + 1]]
        p = (counts + kinds * expected) / (grams.seen(histories) + kinds)
        numbers = np.empty(len(order), np.int32)
        numbers[order] = np.cumsum(new, dtype=np.int32) - 1
        whole = float(counts @ -np.log(p))
        here = -float(np.log(p[numbers[0]])) if len(order) else 0.0  # at the first place where k tokens stand
        yield grams, (whole + opening - (here if k == 1 else 0.0)) / max(1, len(text) - 1)
        opening += here if k > 1 else 0.0
        history_counts, ending = grams.counts, int(numbers[-1]) if len(order) else -1
        shorter = p


def _sorted_places(
    by_token: Numbers, numbers: Numbers, text: Numbers, k: int
) -> tuple[Numbers, NDArray[np.bool_]]:
    """The places where k-grams begin, sorted by history and last token; and at which another k-gram begins."""
    places = by_token[by_token >= k - 1] - np.int32(k - 1) if k > 1 else by_token
    if k > 1:
        places = places[_order(numbers[places], int(numbers.max(initial=0)) + 1)]
    histories, last = numbers[places], text[places + k - 1]
    new = np.ones(len(places), bool)
    new[1:] = (histories[1:] != histories[:-1]) | (last[1:] != last[:-1])
    return places, new


def _order(values: Numbers, kinds: int) -> Numbers:
    """The places of an array from the smallest value to the largest, equal ones in their own order.

    That is what a sparse matrix does with its entries when it puts them row by row: three times as fast as
    comparing, and equal to `np.argsort(values, kind="stable")`.

    Args:
        values: From 0 to `kinds` - 1.
        kinds: How many values there can be.
    """
    places = np.arange(len(values), dtype=np.int32)
    entries = csr_array((np.ones(len(values), np.int8), (values, places)), shape=(kinds, max(1, len(values))))
    order: Numbers = entries.indices.astype(np.int32, copy=False)
    return order
