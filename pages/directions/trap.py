"""The trap: two directions that predict the next token."""

from __future__ import annotations

import streamlit as st

from pages.shared.checkpoints import require
from pages.shared.controls import Bound
from pages.shared.i18n import _, explain, language
from pages.shared.lesson import lesson_run, own_one, sentence, start_button, stop_button
from pages.shared.live_chart import live_chart
from pages.shared.site import page_link
from pages.shared.state import checkpoint_cache, runs_here, text_service
from pages.shared.texts import usual_sentence
from pages.shared.unknown_tokens import unknown
from playground.errors import PlaygroundError
from playground.figures.text import leak_figure
from playground.format import number, percent, perplexity_text
from playground.lesson_settings import SentenceLook
from playground.presets import preset_in
from playground.records import CheckpointRecord, RunRecord
from playground.services.text import MOST_LEAK

_LENGTH = 50
"""Tokens that the trap writes, as in d2l."""
_FEW = 40


def lesson() -> None:
    """From the wonderful perplexity to the reason why it is worth nothing."""
    st.markdown(
        _(
            "Two readers, one from each end, should understand a text better than one. So let both "
            "guess the **next** "
            "token together, as a language model does, and watch the perplexity fall to almost 1."
        )
    )
    run = lesson_run(lambda run: run.config.is_trap, "trap_run")
    st.subheader(_("1. It learns wonderfully"))
    if run is None:
        st.caption(_("Two layers, two directions, on a short story: about 20 seconds on a laptop."))
        start_button(_("Train it"), "trap_train", preset_in("trap", language()))
        return
    if run.status.is_active:
        st.caption(_("When it has learnt enough, it is put to the test: at its end, or when you stop it."))
        stop_button(run, "trap_stop")
    own_one(run, "trap_own", preset_in("trap", language()))
    live_chart(run)
    if run.status.is_active or not runs_here().checkpoints(run.id):
        return
    newest = require(run)[-1]
    st.subheader(_("2. It writes nonsense"))
    _write(run, newest)
    st.subheader(_("3. Why: it had seen the answer"))
    _why(run, newest)
    page_link(
        "directions",
        label=_("What two directions are good for: fill in the blank"),
        icon=":material/arrow_forward:",
        query_params={"view": "blanks"},
    )


def _write(run: RunRecord, newest: CheckpointRecord) -> None:
    if run.train_loss is not None:
        st.text(
            _(
                "A perplexity of {perplexity} should write like the book. Let it go on from a few "
                "words, as d2l does:"
            ).format(perplexity=perplexity_text(run.train_loss))
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        usual = run.config.train.sample_prefix or usual_sentence(run, 14)
        prefix = st.text_area(
            _("Go on from"), usual, key=f"trap_prefix_{run.id}", height="content", width="stretch"
        )
        pressed = st.button(_("Generate"), key="trap_generate", type="primary", icon=":material/edit_note:")
    asked = (run.id, newest.step, prefix)
    if pressed:
        try:
            st.session_state.trap_wrote = (asked, text_service().write_anyway(run, newest, prefix, _LENGTH))
        except PlaygroundError as error:
            st.error(explain(error))
    known, wrote = st.session_state.get("trap_wrote", (None, []))
    if known == asked:
        unknown(run, text_service().prefix(run, prefix))
        between = run.config.corpus.between
        st.code(prefix + between + between.join(wrote), language=None, wrap_lines=True)


def _why(run: RunRecord, newest: CheckpointRecord) -> None:
    st.markdown(
        _(
            "To guess the token after a place, the second reader comes from the end of the text: it "
            "has **already read** "
            "that token and only has to tell. When the network writes, nothing stands there yet. Take "
            "the answer "
            "away, by scrambling all that follows each place, and see what is left of the perplexity:"
        )
    )
    text = sentence(
        Bound(SentenceLook, "trap"),
        run,
        "trap_text",
        _("Every place of it is read anew, at most {n} tokens. Press Ctrl+Enter.").format(n=MOST_LEAK),
        usual=usual_sentence(run, _FEW),  # so many letters can be told apart below the bars of a phone
    )
    leak = text_service().leak(run, newest, text)
    unknown(run, leak.tokens)
    guessing = len(checkpoint_cache().vocab(run))
    left, middle, right = st.columns(3)
    left.metric(_("perplexity of the text as it is"), number(leak.perplexity), border=True)
    middle.metric(
        _("with what follows scrambled"),
        number(leak.scrambled_perplexity),
        border=True,
    )
    right.metric(
        _("it names whatever we put there"),
        percent(leak.copies, 0),
        border=True,
        help=_("How often the likeliest token is the scrambled one that follows: read, not guessed."),
    )
    told = (
        _(
            "Guessing among all {n} tokens would be {n}. The network never learnt to guess, only to "
            "read off: once the answer "
            "is wrong, it is sure of the wrong token."
        )
        if leak.scrambled_perplexity > 2 * leak.perplexity
        else _(
            "Guessing among all {n} tokens would be {n}. Here little changes: the text is short, or "
            "the network has not learnt "
            "to read the answer off yet."
        )
    )
    st.caption(told.format(n=guessing))
    st.plotly_chart(
        leak_figure(leak, _),
        key="leak",
        width="stretch",
        config={"displayModeBar": False},
        alt=_("Bars: bits of each prediction with the text as it is and with what follows scrambled."),
    )
