"""The Markov assumption: what a memory of n - 1 tokens is worth."""

from __future__ import annotations

import streamlit as st

from pages.basics import corpus
from pages.shared import text_measure
from pages.shared.controls import Bound
from pages.shared.i18n import _, plain, sentences
from pages.shared.state import ngram_service
from pages.shared.unknown_tokens import uncounted
from playground.config import CorpusConfig, WriteConfig
from playground.figures.ngrams import followers_figure, ladder_figure
from playground.figures.sentence import visible
from playground.format import number, percent
from playground.lesson_settings import CountingLook
from playground.records import Followers, Ladder
from playground.services.ngrams import MOST_READ

_WARM = 2.0
"""The temperature slider's usual end; a link may name more, and then it is longer."""
_TEMPERATURE = 1.0
_LENGTH = {"char": 160, "word": 40, "segmented": 100}
_WIDTH = 256
"""Pixels of a card: three beside each other on a screen, one on a phone."""
_READ = 20
"""Characters of the beginning that are read until a person types."""


def lesson() -> None:
    """The ladder of a text, what every rung writes, and the counts behind one guess."""
    st.markdown(
        _(
            "Remember only the last τ = n − 1 tokens, and count what came after them in a text: that is an "
            "**n-gram**, and "
            "that nothing further back matters is the **Markov assumption**."
        )
    )
    st.latex(r"P(x_t \mid x_{<t}) \approx P(x_t \mid x_{t-n+1}, \dots, x_{t-1})")
    config = corpus.choose("markov")
    if config is None:
        return
    with st.spinner(_("Counting …"), show_time=True):
        ladder = ngram_service().ladder(config)
    st.subheader(_("How long a memory?"))
    st.plotly_chart(
        ladder_figure(ladder, _),
        key="ladder",
        width="stretch",
        config={"displayModeBar": False},
        alt=_("Lines: train and held-out perplexity of n-grams with n from 1 to 7; the best n is ringed."),
    )
    text_measure.of_ladder(config, ladder)
    if not (ladder.train_part.hides_much or ladder.heldout_part.hides_much):
        _verdict(ladder)
    st.subheader(_("What each memory writes"))
    _texts(config, ladder)
    st.subheader(_("The counts behind one guess"))
    _counts(config)


def _verdict(ladder: Ladder) -> None:
    if ladder.heldout is None or ladder.best is None:
        st.info(
            _(
                "Nothing is held out, so nobody can see how long a memory is too long. Hold a part "
                "out, under “More”."
            )
        )
        return
    last = len(ladder.heldout)
    best = ladder.heldout[ladder.best - 1]
    if best >= ladder.vocab_size:
        st.caption(
            _(
                "Even the best memory, n = {n}, guesses worse than chance among the {tokens} tokens: {best}. Nearly "
                "all of the held-out text is new to it, so nothing can be said here about how long a memory should be."
            ).format(n=ladder.best, tokens=f"{ladder.vocab_size:,}", best=number(best))
        )
        return
    figures = {
        "n": ladder.best,
        "best": number(best),
        "last": last,
        "train": number(ladder.train[-1]),
        "heldout": number(ladder.heldout[-1]),
    }
    told = (
        _(
            "The {n}-gram guesses the held-out text best: {best}. A longer memory knows the text that "
            "it counted ever better "
            "and the held-out text worse, for it goes by what it saw once: the {last}-gram has "
            "{train} and {heldout}. "
            "That is overfitting."
        )
        if ladder.best < last
        else _("The longest memory still guesses the held-out text best: the {n}-gram, with {best}.")
    )
    st.caption(
        sentences(
            told.format(**figures),
            _("Witten–Bell smoothing: what was never seen after a history is left to the next shorter one."),
        )
    )


def _texts(config: CorpusConfig, ladder: Ladder) -> None:
    settings = _settings(_LENGTH[config.token_level])
    begun = ngram_service().opening(config)
    between = config.between
    with st.container(horizontal=True):
        for n in ladder.orders:
            with st.container(border=True, width=_WIDTH, key=f"markov_wrote_{n}"):
                told = (
                    ""
                    if ladder.heldout is None
                    else " · " + _("held-out perplexity {p}").format(p=number(ladder.heldout[n - 1]))
                )
                st.markdown(f"**n = {n}**{told}")
                st.code(
                    begun + between + ngram_service().write(config, n, settings),
                    language=None,
                    wrap_lines=True,
                )
    st.caption(_("All go on from the text's own beginning with the same random numbers; only n differs."))


def _settings(length: int) -> WriteConfig:
    """Draw temperature and seed."""
    how = Bound(
        WriteConfig,
        "markov",
        usual=WriteConfig(length=length, temperature=_TEMPERATURE),
        only=("temperature", "seed"),
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        how.slider(
            "temperature",
            high=_WARM,
            width=260,
            help=_("0 always takes the likeliest token; 1 the n-gram's own probabilities; more is wilder."),
        )
        how.number("seed", width=150)
        how.again(_("Write again"), help=_("With another random seed."))
    return how.settings


def _counts(config: CorpusConfig) -> None:
    look = Bound(CountingLook, "markov_counts")
    n = look.settings.n
    look.slider("n", key="markov_n")
    text = look.text(
        "text",
        ngram_service().usual_sentence(config, _READ),
        key="markov_text",
        help=_("Only the last n − 1 tokens count; at most {n}. Press Ctrl+Enter.").format(n=MOST_READ),
    )
    followers = ngram_service().followers(config, text, n)
    uncounted(ngram_service().vocab(config), followers.history)
    st.markdown(_history_sentence(followers, config.between))
    st.plotly_chart(
        followers_figure(followers, _),
        key="followers",
        width="stretch",
        config={"displayModeBar": False},
        alt=_(
            "Bars: the ten likeliest next tokens, with their smoothed probabilities and how often "
            "each followed."
        ),
    )


def _history_sentence(followers: Followers, between: str) -> str:
    history = plain(between.join(map(visible, followers.history)))
    if not followers.history:
        return _("With n = 1 nothing is remembered: every token has the share that it has in the text.")
    if not followers.seen:
        return _(
            "“{history}” was never seen in the text that was counted; its last {known} tokens were. "
            "So the guess is theirs."
        ).format(history=history, known=followers.known)
    return _(
        "“{history}” came {seen} times, and {kinds} different tokens followed. So its own counts weigh "
        "{seen} / ({seen} + {kinds}) = {trust}, and the next shorter memory weighs the rest."
    ).format(
        history=history,
        seen=f"{followers.seen:,}",
        kinds=f"{followers.kinds:,}",
        trust=percent(followers.trust),
    )
