"""Chain rule and perplexity: a sentence's probability, token by token, worked out with its numbers."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.basics import corpus
from pages.shared import address
from pages.shared.checkpoints import pick
from pages.shared.controls import Bound
from pages.shared.i18n import _
from pages.shared.lesson import lesson_run, sentence
from pages.shared.site import page_link
from pages.shared.state import checkpoint_cache, ngram_service, text_service
from pages.shared.unknown_tokens import uncounted, unknown
from playground.figures.perplexity import ruler_figure, worked_out
from playground.figures.sentence import short
from playground.format import exact, fixed, number
from playground.lesson_settings import ChainLook
from playground.records import SurpriseTrace
from playground.services.ngrams import MOST_READ
from playground.tables import guarded_unseen
from playground.text.typed import cut

_STEPS = (
    0.0,
    1e-6,
    1e-5,
    1e-4,
    0.001,
    0.003,
    0.01,
    0.03,
    0.1,
    0.2,
    0.3,
    0.4,
    0.5,
    0.6,
    0.7,
    0.8,
    0.9,
    0.99,
    1.0,
)
"""Stops of the slider, beside the probability as it is: small ones cost many bits, so they lie close."""

_DRAGGED = ("at", "p")
"""The token whose probability is changed, and that probability: another sentence makes them void."""


def lesson() -> None:
    """A sentence, what each of its tokens costs, and what one of them does to the whole."""
    st.markdown(
        _(
            "A language model gives every next token a probability. The **chain rule** multiplies "
            "them: that is the "
            "probability of the whole text. Products of many small numbers vanish, so we add their "
            "**bits** instead; the "
            "mean is the **cross-entropy**, and two to its power the **perplexity**. In nats, with the "
            "natural logarithm, the same number is exp(mean cross-entropy), as d2l writes it."
        )
    )
    st.latex(r"P(x_1, \dots, x_T) = \prod_t p_t, \quad p_t = P(x_t \mid x_{<t})")
    look = Bound(ChainLook, "chain")
    look.choice("by")
    asked = _by_run(look) if look.settings.by == "run" else _by_ngram(look)
    if asked is None:
        return
    trace, vocab_size = asked
    if not trace.counted:
        st.info(
            _(
                "A single token: nothing stands before it that could make it likely or not. Type a "
                "longer text."
            )
        )
        return
    _table(trace)
    for line in worked_out(trace):
        st.latex(line)
    st.caption(
        _(
            "T = {n}: the first token has nothing before it and is not counted, here as in training. "
            "1 would be perfect: every token certain. V = {vocab} is guessing among all tokens alike. "
            "∞ is the worst: a single token held impossible is enough."
        ).format(n=trace.counted, vocab=f"{vocab_size:,}")
    )
    st.subheader(_("Drag one probability"))
    st.fragment(_drag)(look, trace, vocab_size)


def _by_run(look: Bound[ChainLook]) -> tuple[SurpriseTrace, int] | None:
    run = lesson_run(lambda run: run.config.can_write, "chain_run")
    if run is None:
        st.info(_("No run that predicts the next token has weights yet. Start one on the Train page."))
        page_link("train", label=_("Train a network"), icon=":material/show_chart:")
        return None
    checkpoint = pick(run, look)
    text = sentence(look, run, "chain_run_text", _help(), drops=_DRAGGED)
    cut(text, run.config.corpus, most=MOST_READ)  # as many as an n-gram reads: the table has a row for each
    trace = text_service().surprise(run, checkpoint, text)
    unknown(run, trace.tokens)
    return trace, len(checkpoint_cache().vocab(run))


def _by_ngram(look: Bound[ChainLook]) -> tuple[SurpriseTrace, int] | None:
    config = corpus.choose("chain")
    if config is None:
        return None
    look.slider("n")
    n = look.settings.n
    text = look.text("text", ngram_service().usual_sentence(config), help=_help(), drops=_DRAGGED)
    trace = ngram_service().surprise(config, text, n)
    uncounted(ngram_service().vocab(config), trace.tokens)
    return trace, len(ngram_service().vocab(config))


def _help() -> str:
    return _("At most {n} tokens. Press Ctrl+Enter.").format(n=MOST_READ)


def _table(trace: SurpriseTrace) -> None:
    columns = zip(trace.tokens, trace.probabilities, trace.bits, trace.running_bits, strict=True)
    rows = [
        (guarded_unseen(short(token)), number(p, 4), number(bits, 4), fixed(total, 2))
        for token, p, bits, total in columns
    ]
    named = pd.DataFrame(rows, columns=[_("token"), "pₜ", "−log₂ pₜ", _("sum of bits")])
    named.index += 1
    st.dataframe(
        named,
        key="chain_table",
        width="stretch",
        height=min(390, 37 + 35 * len(rows)),
        alt=_("Table: every token with its probability, its bits and the sum of bits so far."),
    )


def _drag(look: Bound[ChainLook], trace: SurpriseTrace, vocab_size: int) -> None:
    """One token's probability on a slider, and what becomes of the perplexity."""
    look.reread()
    at, own = _token(look, trace)
    p = _probability(look, own)
    changed = None if p == own else trace.with_probability(at, p)
    shown = changed or trace
    st.plotly_chart(
        ruler_figure(vocab_size, trace.perplexity, changed.perplexity if changed else None, _),
        key="ruler",
        width="stretch",
        config={"displayModeBar": False},
        alt=_("Ruler: the text's perplexity between 1, perfect, guessing, and infinity, the worst."),
    )
    for column, name, dragged, before in zip(
        st.columns(3),
        (_("bits together"), _("cross-entropy: bits a token"), _("perplexity")),
        (shown.total_bits, shown.mean_bits, shown.perplexity),
        (trace.total_bits, trace.mean_bits, trace.perplexity),
        strict=True,
    ):
        told = _("it was {value}").format(value=number(before, 4))
        column.metric(name, number(dragged, 4), told, delta_color="off", delta_arrow="off", border=True)
    address.settle()


def _token(look: Bound[ChainLook], trace: SurpriseTrace) -> tuple[int, float]:
    """Draw the choice of a token, at first the dearest; its place and its probability."""
    places = range(1, len(trace.tokens))
    asked = look.settings.at
    at = asked - 1 if asked is not None and asked - 1 in places else trace.dearest
    labels = {
        place: f"{place + 1} “{short(trace.tokens[place])}” · p = {number(trace.probabilities[place])}"
        for place in places
    }
    look.choice(
        "at",
        labels,
        widget=st.selectbox,
        value=at,
        store=lambda place: None if place == trace.dearest else place + 1,
        drops=("p",),
    )
    return at, float(trace.probabilities[at])


def _probability(look: Bound[ChainLook], own: float) -> float:
    """Draw the slider from impossible to certain; at first it stands at the token's own probability."""
    asked = look.settings.p
    p = own if asked is None else float(f"{asked:.3g}")
    labels = {
        stop: _("{p} (as it is)").format(p=number(own)) if stop == own else exact(stop)
        for stop in sorted({*_STEPS, own, p})
    }
    look.choice(
        "p", labels, widget=st.select_slider, value=p, store=lambda stop: None if stop == own else stop
    )
    return p
