"""n-grams of texts: what a network has to beat, counted once for everybody who asks."""

from __future__ import annotations

from dataclasses import dataclass

from playground.cache import Cache
from playground.config import CorpusConfig, TokenLevel, WriteConfig
from playground.errors import ConfigError
from playground.inference.generate import write
from playground.inference.ngrams import NGramStepper, followers, ngram_surprise
from playground.records import Followers, Ladder, RankFrequency, SurpriseTrace
from playground.text.corpora import CorpusLibrary
from playground.text.ngrams import ORDERS, NGrams, count, ladder
from playground.text.prepare import first_sentence, prepare
from playground.text.segmentation import Spacing, spacing
from playground.text.typed import cut, cut_prefix
from playground.text.vocab import UNK_ID, Vocab
from playground.text.zipf import rank_frequency

MOST_BYTES = 512 * 2**20
"""Of a text's counts. The longest text that the library takes, 20 MB: 42 MB for code and
English, 374 MB for random letters."""
MOST_READ = 400
"""Tokens of a person's text."""
_COUNTS_BYTES = MOST_BYTES  # what may be counted may be kept: a page asks again at every rerun
_KEPT = 128


@dataclass(frozen=True)
class _Counted:
    """A text's counts, and the words for them."""

    model: NGrams
    ladder: Ladder
    vocab: Vocab
    opening: str


class NgramService:
    """Counts texts; keeps the latest results. Every method may be called from any thread.

    Every method raises CorpusError for a text that is not here or too short, and ConfigError for one whose
    counts take too much memory, for an n that is not counted, and for a person's text that is empty or too long.

    Args:
        library: The texts that can be counted.
    """

    def __init__(self, library: CorpusLibrary) -> None:
        self._library = library
        self._counted: Cache[_Counted] = Cache(_COUNTS_BYTES, lambda counted: counted.model.nbytes)
        self._ladders: Cache[Ladder] = Cache(_KEPT)
        self._written: Cache[str] = Cache(_KEPT)
        self._ranks: Cache[tuple[RankFrequency, ...]] = Cache(_KEPT)
        self._sentences: Cache[str] = Cache(_KEPT)
        self._spacings: Cache[Spacing] = Cache(_KEPT)

    def ladder(self, config: CorpusConfig) -> Ladder:
        """Perplexities of the 1- to 7-grams of a text, split as a run on it would split it."""
        return self._ladders.get(config, lambda: self._count(config).ladder)

    def followers(self, config: CorpusConfig, text: str, order: int) -> Followers:
        """What came after the end of a person's text; after anything for an empty one."""
        counted = self._count(config)
        require_order(order)
        tokens = cut_prefix(text, config, most=MOST_READ) if text else []
        ids = counted.vocab.ids(tokens)
        return followers(counted.model, order, ids, tokens=tokens, names=counted.vocab.tokens)

    def write(self, config: CorpusConfig, order: int, settings: WriteConfig) -> str:
        """Go on from the beginning of the text's prose; the same seed writes the same."""
        counted = self._count(config)
        require_order(order)

        def compute() -> str:
            vocab, stepper = counted.vocab, NGramStepper(counted.model, order)
            tokens = write(stepper, vocab.tokens, vocab.encode(counted.opening), settings)
            return vocab.decode([token.id for token in tokens])

        return self._written.get((config, order, settings), compute)

    def vocab(self, config: CorpusConfig) -> Vocab:
        """The text's tokens."""
        return self._count(config).vocab

    def opening(self, config: CorpusConfig) -> str:
        """How the text's prose begins: what `write` goes on from."""
        return self._count(config).opening

    def surprise(self, config: CorpusConfig, text: str, order: int) -> SurpriseTrace:
        """What each token of a person's text costs an n-gram."""
        counted = self._count(config)
        require_order(order)
        tokens = cut(text, config, most=MOST_READ)
        ids = counted.vocab.ids(tokens)
        known = [id != UNK_ID for id in ids]
        return ngram_surprise(
            counted.model, order, ids, tokens=tokens, known=known, names=counted.vocab.tokens
        )

    def usual_sentence(self, config: CorpusConfig, most: int = 40) -> str:
        """How the text's prose begins, in whole words."""
        return self._sentences.get(
            (config, most), lambda: first_sentence(self._library.load(config.corpus), config, most=most)
        )

    def spacing(self, corpus: str) -> Spacing:
        """How a text puts white space between its words."""
        return self._spacings.get(corpus, lambda: spacing(self._library.load(corpus)))

    def usual_level(self, corpus: str) -> TokenLevel:
        """Words, or characters where a text does not put white space between its words."""
        return self.spacing(corpus).fitting[0]

    def ranks(self, config: CorpusConfig) -> tuple[RankFrequency, ...]:
        """Rank and count of a text's 1- to 3-grams; `held_out` and `max_vocab` do not matter."""

        def compute() -> tuple[RankFrequency, ...]:
            corpus = self._library.load(config.corpus)
            return rank_frequency(corpus, config, most_bytes=MOST_BYTES)

        return self._ranks.get(config, compute)

    def _count(self, config: CorpusConfig) -> _Counted:
        def compute() -> _Counted:
            corpus = self._library.load(config.corpus)
            text = prepare(corpus, config)
            model = count(text, most_bytes=MOST_BYTES)
            return _Counted(model, ladder(text, model), text.vocab, text.opening)

        return self._counted.get(config, compute)


def require_order(order: int, shown: object = None) -> None:
    """Raise ConfigError for an n that is not counted.

    Args:
        order: The n of the n-grams.
        shown: What was typed for it, when that was no number.
    """
    if not 1 <= order <= ORDERS:
        raise ConfigError(
            "n is {n}; give a whole number from 1 to {most}.", n=shown if shown else order, most=ORDERS
        )
