"""A little text that a network writes while it learns."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from playground.config import RunConfig, WriteConfig
from playground.errors import ConfigError
from playground.inference.generate import Stepper, write
from playground.text.prepare import PreparedText
from playground.text.vocab import UNK_ID


def sample(weights: Mapping[str, Tensor], config: RunConfig, text: PreparedText) -> tuple[str, str] | None:
    """A continuation of the run's prefix, at the run's temperature; the same weights write the same.

    Args:
        weights: The weights of a `LanguageModel`, on the CPU.
        config: The settings of the run.
        text: The text that is trained on; its opening is continued when no prefix is set.

    Returns:
        Prefix and what was added; None for a network that cannot write: it wants to see what follows, or
        has diverged.
    """
    if not config.can_write:
        return None
    vocab = text.vocab
    prefix = config.train.sample_prefix or text.opening
    ids = vocab.encode(prefix) or [UNK_ID]
    stepper = Stepper({name: value.numpy() for name, value in weights.items()}, config.model)
    train = config.train
    how = WriteConfig(length=train.sample_length, temperature=train.sample_temperature, seed=train.seed)
    try:
        written = [token.id for token in write(stepper, vocab.tokens, ids, how)]
    except ConfigError:  # its scores are no numbers; if the loss is none either, the next step says so
        return None
    return prefix, vocab.decode([*ids, *written])[len(vocab.decode(ids)) :]  # words bring a space along
