"""What a perplexity has to be read beside: how many tokens are `<unk>`, and bits a character."""

from __future__ import annotations

import streamlit as st

from pages.shared.i18n import _, sentences
from playground.config import CorpusConfig
from playground.format import fixed, percent
from playground.records import Ladder, RunRecord, TextPart


def of_run(run: RunRecord) -> None:
    """A warning where `<unk>` makes a run's perplexities tell little; the live panel has the figures."""
    if run.facts is None:
        return
    _warn(run.config.corpus, run.facts.train_part, run.facts.heldout_part)


def of_ladder(config: CorpusConfig, ladder: Ladder) -> None:
    """The same below the perplexities of n-grams."""
    told = _unknown(ladder.train_part, ladder.heldout_part)
    bits = ladder.bits_per_character
    best = bits.index(min(bits)) + 1
    told = sentences(
        told, _("The {n}-gram's bits a character: {bits}.").format(n=best, bits=fixed(bits[best - 1], 2))
    )
    st.caption(told, help=explained())
    _warn(config, ladder.train_part, ladder.heldout_part)


def _unknown(train: TextPart, heldout: TextPart) -> str:
    if not heldout.tokens:
        return _("`<unk>`: {train} of the training tokens.").format(train=percent(train.unknown_share))
    return _("`<unk>`: {train} of the training tokens, {heldout} of the held-out ones.").format(
        train=percent(train.unknown_share), heldout=percent(heldout.unknown_share)
    )


def explained() -> str:
    """What `<unk>` and bits a character are."""
    return _(
        "The vocabulary keeps the commonest tokens; all others are read and guessed as one, <unk>, and many of "
        "them make a perplexity small. As long as they are few, bits a character do not depend on how the text "
        "is cut, so that words and characters compare."
    )


def _warn(config: CorpusConfig, train: TextPart, heldout: TextPart) -> None:
    worst = max(train, heldout, key=lambda part: part.unknown_share or 0.0)
    if not worst.hides_much:
        return
    sentence = (
        _(
            "{share} of the training tokens are `<unk>`, which is easy to guess: perplexity and bits a character say "
            "more about the vocabulary than about the text."
        )
        if worst is train
        else _(
            "{share} of the held-out tokens are `<unk>`, which is easy to guess: perplexity and bits a character say "
            "more about the vocabulary than about the text."
        )
    ).format(share=percent(worst.unknown_share))
    way_out = (
        _("Keep more different tokens (now {most}; under “More”).")
        if config.token_level == "char"
        else _("Keep more different tokens (now {most}; under “More”), or take characters.")
    ).format(most=f"{config.max_vocab:,}")
    st.warning(sentences(sentence, way_out), icon=":material/warning:")
