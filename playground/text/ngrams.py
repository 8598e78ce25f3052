"""n-gram language models: what a text looks like to somebody with a short memory.

With c(h) times that a history h was followed by anything, and T(h) different tokens after it,

    P(w | h) = (c(hw) + T(h) · P(w | h')) / (c(h) + T(h)),

where h' is h without its oldest token; below the single token stands 1/V. A history that was never seen
leaves P(w | h') as it is. So every token has a probability above 0, and no perplexity is infinite.

Source: Witten & Bell 1991; interpolated as in Chen & Goodman 1998.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playground.errors import CorpusError
from playground.records import Array, Ladder
from playground.text.prepare import PreparedText

ORDERS = 7
"""The longest n that is counted unless asked otherwise."""
Ids = NDArray[np.int64]
History = tuple[int, ...]
"""The numbers of the last 0, 1, … tokens read, as far as they were seen together; see `NGrams.read`."""


@dataclass(frozen=True)
class Grams:
    """The different k-grams of a text, sorted by (their first k - 1 tokens, their last token).

    A k-gram's number is its place here. Its key is (number of its first k - 1 tokens) × V + last token,
    which fits into 64 bits for any k and V. All that followed one history stand side by side.
    """

    keys: Ids
    counts: NDArray[np.int32]
    """c(hw) of each, and a 0 at the end for what is not in the text: its number is -1."""
    starts: Ids
    """Where each history's followers begin. After the last stands an empty history, for the number -1."""
    seen: Ids
    """c(h): how often each history was followed by anything, and a 0 at the end."""
    kinds: Ids
    """T(h): by how many different tokens, and a 0 at the end."""

    def find(self, keys: Ids) -> Ids:
        """Numbers of k-grams; -1 for those that are not in the text."""
        if not len(self.keys):
            return np.full(len(keys), -1)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, at, -1)

    @property
    def nbytes(self) -> int:
        """Memory that the arrays take."""
        return sum(array.nbytes for array in (self.keys, self.counts, self.starts, self.seen, self.kinds))


class NGrams:
    """The counts of all 1- to n-grams of a text, and the probabilities that follow from them.

    Args:
        ids: The text, each id below `vocab_size`.
        vocab_size: V, the number of different tokens.
        orders: The longest n.
    """

    def __init__(self, ids: Sequence[int], vocab_size: int, orders: int = ORDERS) -> None:
        self.vocab_size = vocab_size
        self.tokens = len(ids)
        self.grams: list[Grams] = []
        text = np.asarray(ids, np.int64)
        numbers = np.zeros(
            len(text) + 1, np.int64
        )  # of the k-gram that begins at each place; there is one 0-gram
        histories = 1
        for k in range(1, orders + 1):
            keys = numbers[: max(0, len(text) - k + 1)] * vocab_size + text[k - 1 :]
            different, numbers, counts = np.unique(keys, return_inverse=True, return_counts=True)
            starts = np.searchsorted(different, np.arange(histories + 2) * vocab_size)
            below = np.concatenate([[0], np.cumsum(counts)])
            self.grams.append(
                Grams(
                    different,
                    np.append(counts, 0).astype(np.int32),
                    starts,
                    np.diff(below[starts]),
                    np.diff(starts),
                )
            )
            histories = len(different)

    @property
    def orders(self) -> int:
        """The longest n."""
        return len(self.grams)

    @property
    def nbytes(self) -> int:
        """Memory that the counts take."""
        return sum(grams.nbytes for grams in self.grams)

    def probabilities(self, ids: Sequence[int]) -> Array:
        """P of each token of a text given those before it, for every order at once.

        The first tokens go by what there is: the first by nothing, the second by one token, and so on.

        Args:
            ids: The text, T token ids.

        Returns:
            (n, T); row k - 1 is the k-gram's.
        """
        text = np.asarray(ids, np.int64)
        p = np.empty((self.orders + 1, len(text)))
        p[0] = 1 / self.vocab_size
        numbers = np.zeros(len(text) + 1, np.int64)
        for k, grams in enumerate(self.grams, 1):
            history = numbers[: max(0, len(text) - k + 1)]
            numbers = grams.find(history * self.vocab_size + text[k - 1 :])  # after -1 below 0, so -1 again
            seen, kinds, shorter = grams.seen[history], grams.kinds[history], p[k - 1, k - 1 :]
            smoothed = (grams.counts[numbers] + kinds * shorter) / np.maximum(seen + kinds, 1)
            p[k] = p[k - 1]
            p[k, k - 1 :] = np.where(seen > 0, smoothed, shorter)
        return p[1:]

    def history(self, ids: Sequence[int]) -> History:
        """What stands before the next token, after some have been read."""
        history: History = (0,)
        for id in ids[-(self.orders - 1) :] if self.orders > 1 else ():
            history = self.read(history, id)
        return history

    def read(self, history: History, id: int) -> History:
        """The history after one more token: it ends where the last tokens were never seen together."""
        numbers = [0]
        for number, grams in zip(history, self.grams[: self.orders - 1], strict=False):
            (longer,) = grams.find(np.array([number * self.vocab_size + id]))
            if longer < 0:
                break
            numbers.append(int(longer))
        return tuple(numbers)

    def distribution(self, history: History, order: int) -> Array:
        """P of every token after a history, (V,), summing to 1.

        Args:
            history: What `history` or `read` returned.
            order: The n of the n-grams; no more than n - 1 of the last tokens count.
        """
        p = np.full(self.vocab_size, 1 / self.vocab_size)
        for k in range(1, min(order, len(history)) + 1):
            ids, counts = self.followers(history, k)
            if len(ids):  # nothing came after what the text ends with
                whole = int(counts.sum()) + len(ids)
                p *= len(ids) / whole
                p[ids] += counts / whole
        return p

    def followers(self, history: History, order: int) -> tuple[Ids, NDArray[np.int32]]:
        """The tokens that came after the last n - 1, and how often; none where these were never seen."""
        if order > len(history):
            return np.empty(0, np.int64), np.empty(0, np.int32)
        grams, number = self.grams[order - 1], history[order - 1]
        block = slice(int(grams.starts[number]), int(grams.starts[number + 1]))
        return grams.keys[block] % self.vocab_size, grams.counts[block]

    def spell(self, n: int, number: int) -> tuple[int, ...]:
        """The tokens of an n-gram by its number."""
        ids: list[int] = []
        for grams in reversed(self.grams[:n]):
            number, id = divmod(int(grams.keys[number]), self.vocab_size)
            ids.append(id)
        return tuple(reversed(ids))


def count(text: PreparedText, orders: int = ORDERS) -> NGrams:
    """Count the n-grams of what a text is trained on.

        >>> from playground.config import CorpusConfig
        >>> from playground.text.corpora import Corpus
        >>> from playground.text.prepare import prepare
        >>> text = prepare(Corpus("x", "x", "abab" * 50), CorpusConfig(held_out=0.1))
        >>> counts = count(text, orders=2)
        >>> [round(value, 2) for value in ladder(text, counts).heldout]
        [2.01, 1.01]

    Args:
        text: The text whose training part is counted.
        orders: The longest n.

    Raises:
        CorpusError: Fewer than two tokens.
    """
    if len(text.train) < 2:
        raise CorpusError(
            "{name!r} has {tokens} training tokens; n-grams need at least 2. Choose a longer text.",
            name=text.name,
            tokens=len(text.train),
        )
    return NGrams(text.train, len(text.vocab), orders)


def ladder(text: PreparedText, model: NGrams) -> Ladder:
    """Train and held-out perplexity of every order.

    As where a network is evaluated (`training.metrics.evaluate`), the first token of either text is read but
    not predicted, and none of the training text is remembered when the held-out text begins: its second token
    goes by one, its third by two. A network starts anew at each row of a batch and the n-grams do not, which
    on The Time Machine makes a difference below 0.02.

    Args:
        text: The text that was counted, with its held-out part.
        model: The counts of the text.
    """
    return Ladder(
        train=_perplexities(model, text.train),
        heldout=_perplexities(model, text.heldout) if len(text.heldout) > 1 else None,
        distinct=tuple(len(grams.keys) for grams in model.grams),
        vocab_size=model.vocab_size,
        train_tokens=len(text.train),
        heldout_tokens=len(text.heldout),
    )


def _perplexities(model: NGrams, ids: Sequence[int]) -> tuple[float, ...]:
    log_p = np.log(model.probabilities(ids)[:, 1:]).mean(axis=1)
    return tuple(math.exp(-nats) for nats in log_p.tolist())
