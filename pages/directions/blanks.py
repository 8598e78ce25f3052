"""Fill in the blank: the honest use of two directions."""

from __future__ import annotations

import streamlit as st

from pages.directions import cloze_panel
from pages.shared.checkpoints import require
from pages.shared.controls import Bound
from pages.shared.i18n import _, language, sentences
from pages.shared.lesson import lesson_run, own_one, sentence, start_button, stop_button
from pages.shared.live_chart import live_chart
from pages.shared.run_labels import run_labels
from pages.shared.run_picker import watch
from pages.shared.state import runs_here, text_service
from pages.shared.texts import usual_sentence
from pages.shared.unknown_tokens import unknown
from playground.config import one_direction
from playground.format import epoch_text, percent
from playground.lesson_settings import SentenceLook
from playground.presets import preset_in
from playground.records import CheckpointRecord, RunRecord
from playground.text.cloze import write_cloze

_SHARED = ("cell", "hidden_size", "num_layers", "input")
_TRAINED = ("epochs", "optimizer", "lr", "batch_size", "num_steps")


def lesson() -> None:
    """A sentence with blanks, both sides beside the left alone."""
    st.markdown(
        _(
            "One reader comes from the left and stops **before** the blank, the other from the right "
            "and stops **after** it. "
            "Neither has seen the hidden token, so what they say together is a guess, and an honest one."
        )
    )
    run = lesson_run(lambda run: run.config.model.objective == "masked", "blanks_run")
    if run is None:
        st.caption(
            _(
                "It learns on a short story, and so does its twin with one direction: about half a "
                "minute on a laptop."
            )
        )
        start_button(
            _("Train both"),
            "blanks_train",
            *(preset_in(name, language()) for name in ("blanks", "left_only")),
        )
        return
    own_one(run, "blanks_own", *(preset_in(name, language()) for name in ("blanks", "left_only")))
    if run.status.is_active:
        stop_button(run, "blanks_stop")
        live_chart(run)
    if not runs_here().checkpoints(run.id):
        return
    look = Bound(SentenceLook, "blanks")
    twin = _twin(look, run)
    whole = usual_sentence(run)
    text = sentence(
        look,
        run,
        "blanks_text",
        _(
            "Type _ where a token is to be guessed (＿, （） and —— are blanks, too), or click a token below. "
            "Press Ctrl+Enter. A `_` that belongs to the text is written `\\_`."
        ),
        usual=_with_blanks(whole),
    )
    newest = require(run)[-1]
    hidden = cloze_panel.hidden_tokens(text, whole, run)
    cloze = text_service().fill(run, newest, text, hidden=hidden)
    unknown(run, cloze.tokens)
    if not cloze.blanks:
        st.info(_("The text has no blank. Type _ where a token is to be guessed, or click a token below."))
    other = text_service().fill(twin, require(twin)[-1], text, hidden=hidden) if twin else None
    cloze_panel.draw(look, run, cloze, other, hidden)
    if len(cloze.blanks) > 1:
        st.caption(
            _(
                "With several blanks, the two readers read <unk> at the others, as they have learnt "
                "to; from the left alone, the "
                "network reads its own first guess at each earlier blank."
            )
        )
    _scores(run, newest, twin)


def _twin(look: Bound[SentenceLook], run: RunRecord) -> RunRecord | None:
    """A run that reads from the left alone, of the same size and on the same text; the most alike first."""
    model, train = run.config.model, run.config.train
    alike = [
        candidate
        for candidate in runs_here().all()
        if candidate.config.can_write
        and candidate.config.corpus == run.config.corpus
        and all(getattr(candidate.config.model, name) == getattr(model, name) for name in _SHARED)
    ]
    waiting = next((candidate for candidate in alike if candidate.status.is_active), None)
    ready = {candidate.id for candidate in runs_here().with_weights()}
    ended = [candidate for candidate in alike if candidate.id in ready and not candidate.status.is_active]
    ended.sort(
        key=lambda candidate: sum(getattr(candidate.config.train, n) != getattr(train, n) for n in _TRAINED)
    )
    if not ended:
        if waiting is not None:
            st.caption(_("Its twin with one direction still trains, and joins by itself when it has ended."))
            watch(waiting)
        else:
            st.caption(
                _("No run with one direction and the same cell, size and text is here to compare with.")
            )
            start_button(_("Train the twin"), "twin_train", one_direction(run.config), opens=False)
        return None
    by_id = {candidate.id: candidate for candidate in ended}
    beside = look.settings.beside if look.settings.beside in by_id else ended[0].id
    if len(by_id) > 1:
        labels = run_labels(by_id.values())
        look.choice("beside", labels, widget=st.selectbox, value=beside, key="blanks_twin")
    return by_id[beside]


def _scores(run: RunRecord, newest: CheckpointRecord, twin: RunRecord | None) -> None:
    """How often each is right on text that neither was trained on."""
    both = text_service().score(run, newest)
    if both is None:
        return
    told = _("How often the likeliest token is the right one, over {n} held-out tokens.").format(
        n=f"{both.of:,}"
    )
    left = text_service().score(twin, require(twin)[-1]) if twin else None
    st.subheader(_("Right on text that was never trained on"))
    columns = st.columns(3)
    columns[0].metric(_("from both sides"), percent(both.share), border=True)
    if twin is not None and left is not None:
        columns[1].metric(_("from the left alone"), percent(left.share), border=True)
        columns[2].metric(_("points better"), f"{both.points_above(left):+.1f}", border=True)
        after = _("After {n} epochs from both sides and {m} from the left.").format(
            n=epoch_text(round(run.epoch, 1)), m=epoch_text(round(twin.epoch, 1))
        )
        told = sentences(told, after)
    st.caption(told)


def _with_blanks(text: str) -> str:
    """The usual sentence with two letters hidden, so that there is something to see at once."""
    places = [i for i, c in enumerate(text) if c.isalpha()]
    letters: list[str | None] = list(text)
    if len(places) >= 8:
        for i in (places[len(places) // 3], places[2 * len(places) // 3]):
            letters[i] = None
    return write_cloze(letters)
