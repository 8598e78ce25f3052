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

import numpy as np
from numpy.typing import NDArray

from playground.errors import ConfigError, CorpusError
from playground.records import Array, Ladder
from playground.text.counting import Grams, Numbers, counted
from playground.text.encode import Ids
from playground.text.prepare import PreparedText

ORDERS = 7
"""The longest n that is counted unless asked otherwise."""
_AT_ONCE = 250_000
"""Tokens of a held-out text whose probabilities are held at once."""
History = tuple[int, ...]
"""The numbers of the last 0, 1, … tokens read, as far as they were seen together; see `NGrams.read`."""


class NGrams:
    """The counts of all 1- to n-grams of a text, and the probabilities that follow from them.

    Args:
        ids: The text, each id below `vocab_size`.
        vocab_size: V, the number of different tokens.
        orders: The longest n.
        most_bytes: Memory that the counts may take; None does not look.

    Raises:
        ConfigError: The counts take more.
    """

    def __init__(
        self,
        ids: Sequence[int] | Ids,
        vocab_size: int,
        orders: int = ORDERS,
        *,
        most_bytes: int | None = None,
    ) -> None:
        self.vocab_size = vocab_size
        self.tokens = len(ids)
        self.grams: list[Grams] = []
        self.losses: list[float] = []
        """Of every order on the text itself: nats a token, the first one not predicted."""
        for grams, loss in counted(np.asarray(ids, np.int32), vocab_size, orders):
            self.grams.append(grams)
            self.losses.append(loss)
            if most_bytes is not None and self.nbytes > most_bytes:
                raise ConfigError(
                    "The text is too varied to be counted whole: of its {tokens:,} tokens, the 1- to {n}-grams "
                    "alone take {megabytes:,} MB, and at most {most:,} MB are taken. Take the first tokens only.",
                    tokens=self.tokens,
                    n=len(self.grams),
                    megabytes=self.nbytes // 2**20,
                    most=most_bytes // 2**20,
                )

    @property
    def orders(self) -> int:
        """The longest n."""
        return len(self.grams)

    @property
    def nbytes(self) -> int:
        """Memory that the counts take."""
        return sum(grams.nbytes for grams in self.grams)

    def probabilities(self, ids: Sequence[int] | Ids) -> Array:
        """P of each token of a text given those before it, for every order at once.

        The first tokens go by what there is: the first by nothing, the second by one token, and so on.

        Args:
            ids: The text, T token ids.

        Returns:
            (n, T); row k - 1 is the k-gram's.
        """
        text = np.asarray(ids, np.int32)
        p = np.empty((self.orders + 1, len(text)))
        p[0] = 1 / self.vocab_size
        numbers = np.zeros(len(text) + 1, np.int32)
        for k, grams in enumerate(self.grams, 1):
            history = numbers[: max(0, len(text) - k + 1)]
            numbers = grams.find(history, text[k - 1 :])
            seen, kinds, shorter = grams.seen(history), grams.kinds(history), p[k - 1, k - 1 :]
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
            (longer,) = grams.find(np.array([number], np.int32), np.array([id], np.int32))
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

    def followers(self, history: History, order: int) -> tuple[NDArray[np.int64], Numbers]:
        """The tokens that came after the last n - 1, and how often; none where these were never seen."""
        if order > len(history):
            return np.empty(0, np.int64), np.empty(0, np.int32)
        grams, number = self.grams[order - 1], history[order - 1]
        block = slice(int(grams.starts[number]), int(grams.starts[number + 1]))
        return grams.last[block].astype(np.int64), grams.counts[block]

    def spell(self, n: int, number: int) -> tuple[int, ...]:
        """The tokens of an n-gram by its number."""
        ids: list[int] = []
        for grams in reversed(self.grams[:n]):
            ids.append(int(grams.last[number]))
            number = grams.history_of(number)
        return tuple(reversed(ids))


def count(text: PreparedText, orders: int = ORDERS, *, most_bytes: int | None = None) -> NGrams:
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
        most_bytes: As in `NGrams`.

    Raises:
        ConfigError: The counts take more memory.
        CorpusError: Fewer than two tokens.
    """
    if len(text.train) < 2:
        raise CorpusError(
            "{name!r} has {tokens} training tokens; n-grams need at least 2. Choose a longer text.",
            name=text.name,
            tokens=len(text.train),
        )
    return NGrams(text.train, len(text.vocab), orders, most_bytes=most_bytes)


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
        train=tuple(math.exp(loss) for loss in model.losses),
        heldout=_perplexities(model, text.heldout) if len(text.heldout) > 1 else None,
        distinct=tuple(len(grams) for grams in model.grams),
        vocab_size=model.vocab_size,
        train_part=text.train_part,
        heldout_part=text.heldout_part,
    )


def _perplexities(model: NGrams, ids: Sequence[int] | Ids) -> tuple[float, ...]:
    nats = np.zeros(model.orders)
    for first in range(1, len(ids), _AT_ONCE):
        before = min(first, model.orders - 1)  # read, and not predicted
        piece = ids[first - before : first + _AT_ONCE]
        nats -= np.log(model.probabilities(piece)[:, before:]).sum(axis=1)
    return tuple(math.exp(loss) for loss in (nats / (len(ids) - 1)).tolist())
