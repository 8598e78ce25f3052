"""Chain rule and perplexity: a sentence's probability, token by token, worked out with its numbers."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.basics import corpus
from pages.shared import page_urls, query
from pages.shared.checkpoints import pick
from pages.shared.i18n import _
from pages.shared.lesson import lesson_run, sentence, sentence_of
from pages.shared.site import page_link
from pages.shared.state import checkpoint_cache, ngram_service, put, settle, text_service
from pages.shared.unknown_tokens import uncounted, unknown
from playground.figures.perplexity import number, ruler_figure, worked_out
from playground.figures.sentence import short
from playground.records import SurpriseTrace
from playground.services.ngrams import MOST_READ
from playground.text.typed import cut

_WHO = ("ngram", "run")
_ORDER = 4
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
"""The link's names for the token whose probability is changed, and for that probability."""


def lesson() -> None:
    """A sentence, what each of its tokens costs, and what one of them does to the whole."""
    st.markdown(
        _(
            "A language model gives every next token a probability. The **chain rule** multiplies "
            "them: that is the "
            "probability of the whole text. Products of many small numbers vanish, so we add their "
            "**bits** instead; the "
            "mean is the **cross-entropy**, and two to its power the **perplexity**."
        )
    )
    st.latex(r"P(x_1, \dots, x_T) = \prod_t p_t, \quad p_t = P(x_t \mid x_{<t})")
    asked = _by_run() if _who() == "run" else _by_ngram()
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
    st.fragment(_drag)(trace, vocab_size)


def _who() -> str:
    labels = {"ngram": _("an n-gram"), "run": _("a network")}
    now = query.given("by", _WHO[0])
    now = now if now in _WHO else _WHO[0]
    put("chain_by", now, *labels.values())
    st.segmented_control(
        _("Who guesses"),
        _WHO,
        required=True,
        key="chain_by",
        format_func=labels.__getitem__,
        on_change=lambda: query.keep("by", st.session_state.chain_by, _WHO[0]),
    )
    return now


def _by_run() -> tuple[SurpriseTrace, int] | None:
    run = lesson_run(lambda one: one.config.can_write, "chain_run")
    if run is None:
        st.info(_("No run that predicts the next token has weights yet. Start one on the Train page."))
        page_link("train", label=_("Train a network"), icon=":material/show_chart:")
        return None
    checkpoint = pick(run, query.number("epoch"), "chain_epoch")
    text = sentence(run, "chain_run_text", _help(), drops=_DRAGGED)
    cut(text, run.config.corpus, most=MOST_READ)  # as many as an n-gram reads: the table has a row for each
    trace = text_service().surprise(run, checkpoint, text)
    unknown(run, trace.tokens)
    return trace, len(checkpoint_cache().vocab(run))


def _by_ngram() -> tuple[SurpriseTrace, int] | None:
    config = corpus.choose("chain")
    if config is None:
        return None
    n = corpus.order("chain_n", _ORDER)
    text = sentence_of("chain_text", _help(), usual=ngram_service().usual_sentence(config), drops=_DRAGGED)
    trace = ngram_service().surprise(config, text, n)
    uncounted(ngram_service().vocab(config), trace.tokens)
    return trace, len(ngram_service().vocab(config))


def _help() -> str:
    return _("At most {n} tokens. Press Enter.").format(n=MOST_READ)


def _table(trace: SurpriseTrace) -> None:
    columns = zip(trace.tokens, trace.probabilities, trace.bits, trace.running_bits, strict=True)
    rows = [(short(token), number(p), number(bits), f"{total:.2f}") for token, p, bits, total in columns]
    named = pd.DataFrame(rows, columns=[_("token"), "pₜ", "−log₂ pₜ", _("sum of bits")])
    named.index += 1
    st.dataframe(
        named,
        key="chain_table",
        width="stretch",
        height=min(390, 37 + 35 * len(rows)),
        alt=_("Table: every token with its probability, its bits and the sum of bits so far."),
    )


def _drag(trace: SurpriseTrace, vocab_size: int) -> None:
    """One token's probability on a slider, and what becomes of the perplexity."""
    at, own = _token(trace)
    p = _probability(own)
    changed = None if p == own else trace.with_probability(at, p)
    shown = changed or trace
    st.plotly_chart(
        ruler_figure(vocab_size, trace.perplexity, changed.perplexity if changed else None, _),
        key="ruler",
        width="stretch",
        config={"displayModeBar": False},
        alt=_("Ruler: the text's perplexity between 1, perfect, guessing, and infinity, the worst."),
    )
    for column, name, now, was in zip(
        st.columns(3),
        (_("bits together"), _("cross-entropy: bits a token"), _("perplexity")),
        (shown.total_bits, shown.mean_bits, shown.perplexity),
        (trace.total_bits, trace.mean_bits, trace.perplexity),
        strict=True,
    ):
        told = _("it was {value}").format(value=number(was))
        column.metric(name, number(now), told, delta_color="off", delta_arrow="off", border=True)
    settle("chain_at", "chain_p", "chain_n", "chain_text", "chain_run_text")
    page_urls.keep()


def _token(trace: SurpriseTrace) -> tuple[int, float]:
    """Draw the choice of a token, at first the dearest; its place and its probability."""
    places = list(range(1, len(trace.tokens)))
    given = query.given("at")
    at = int(given) - 1 if given in {str(place + 1) for place in places} else trace.dearest
    labels = {
        place: f"{place + 1} “{short(trace.tokens[place])}” · p = {trace.probabilities[place]:.3g}"
        for place in places
    }

    def moved() -> None:
        query.keep("at", st.session_state.chain_at + 1, trace.dearest + 1)
        query.keep("p", None, None)

    put("chain_at", at, *labels.values())
    st.selectbox(
        _("Token"), places, key="chain_at", format_func=lambda one: labels.get(one, ""), on_change=moved
    )
    return at, float(trace.probabilities[at])


def _probability(own: float) -> float:
    """Draw the slider from impossible to certain; at first it stands at the token's own probability."""
    given = query.number("p")
    now = own if given is None or given > 1 else float(f"{given:.3g}")
    stops = sorted({*_STEPS, own, now})
    labels = {
        stop: _("{p} (as it is)").format(p=f"{own:.3g}") if stop == own else f"{stop:g}" for stop in stops
    }
    put("chain_p", now, *labels.values())
    st.select_slider(
        _("Its probability"),
        stops,
        key="chain_p",
        format_func=lambda one: labels.get(one, ""),
        on_change=lambda: query.keep("p", st.session_state.chain_p, own),
        help=_("0: held impossible. 1: known for certain."),
    )
    return now
