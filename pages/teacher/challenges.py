"""The teacher's challenges: making one, its link, its board for a projector, and its end."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.shared import address, challenges, problems, share
from pages.shared.challenges import WORD
from pages.shared.controls import Bound
from pages.shared.i18n import _, language, with_aside
from pages.shared.run_labels import when
from pages.shared.state import runs_here, server
from pages.shared.texts import text_labels
from playground.config import ChallengeLimits, CorpusConfig
from playground.controls import control_of
from playground.distinct import distinct
from playground.presets import preset_in
from playground.records import Challenge
from playground.store.challenges import LONGEST_TITLE


def make() -> None:
    """Draw the box in which a challenge is made, at one press; it closes with that."""
    box = st.popover(_("New challenge …"), icon=":material/trophy:", key="challenge_menu", on_change="rerun")
    if box.open:  # fields that are drawn before it is opened would lose what they stand at
        with box:
            _form()


def _form() -> None:
    st.text(
        _(
            "Everybody trains on one text, with the same tokens and the same held-out part, within the same limits. "
            "The lowest held-out perplexity leads."
        )
    )
    usual = preset_in("quick", language()).corpus
    data, limits = Bound(CorpusConfig, "challenge", usual=usual), Bound(ChallengeLimits, "challenge")
    data.choice("corpus", text_labels(runs_here().texts.all()), widget=st.selectbox)
    for name, place in zip(ChallengeLimits.model_fields, st.columns(2), strict=True):
        with place:
            limits.number(name)
    st.text_input(
        _("Title"), key="challenge_title", max_chars=LONGEST_TITLE, placeholder=_("the text's title")
    )
    with st.expander(_("Tokens and held-out part")):
        for name in CorpusConfig.model_fields:
            if name != "corpus" and control_of(data.fields[name]) is not None:
                data.draw(name)
    st.button(
        _("Begin the challenge"),
        key="make_challenge",
        type="primary",
        on_click=_make,
        args=(data, limits, st.session_state.get("challenges_made", 0)),
    )
    problems.tell()


def section() -> None:
    """Draw the challenge that is chosen, or the newest open one; nothing where there is none."""
    every = server().challenges.all(runs_here().person)
    if not every:
        return
    shown = {challenge.id: challenge for challenge in every}
    usual = next((challenge for challenge in every if challenge.is_open), None)
    chosen = shown.get(address.word(WORD), usual)
    if len(every) > 1 or chosen is None:
        chosen = _choice(shown, chosen)
    if chosen is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="challenge"):
        st.markdown(challenges.title_line(chosen), width="stretch")
        _tools(chosen)
    st.text(challenges.limits_of(chosen))
    if not chosen.is_open:
        st.info(_("This challenge has ended. Its board stands as it ended."))
    elif not _is_shown(chosen):
        st.caption(
            _(
                "Nobody is told of it by itself: show it to everybody, which puts it on every page, or give them its link."
            )
        )
    challenges.board(chosen, partial(_open, chosen.id), is_large=True)


def follow_press() -> None:
    """Go to the run that was pressed on the board, if one was."""
    opened: tuple[str, str] | None = st.session_state.pop("board_opened", None)
    if opened is not None:
        id, challenge = opened
        st.switch_page("train/page.py", query_params={"run": id, WORD: challenge, "lang": language()})


def _choice(shown: dict[str, Challenge], chosen: Challenge | None) -> Challenge | None:
    """Draw a box of all challenges."""
    labels = distinct({id: _label(challenge) for id, challenge in shown.items()})
    id = None if chosen is None else chosen.id
    key = f"challenge_choice_{id}"
    st.selectbox(
        _("Challenge"),
        list(labels),
        None if id is None else list(labels).index(id),
        format_func=lambda chosen: labels.get(chosen, ""),
        key=key,
        placeholder=_("An ended one"),
        label_visibility="collapsed",
        on_change=_choose,
        args=(key,),
    )
    return chosen


def _label(challenge: Challenge) -> str:
    told = f"{challenge.title} · {when(challenge.made_at)}"
    return told if challenge.is_open else with_aside(told, _("ended"))


def _choose(key: str) -> None:
    address.write({WORD: st.session_state[key]})


def _tools(challenge: Challenge) -> None:
    link = share.first_page(st.context.url or "", {WORD: challenge.id})
    with st.popover(_("Link and QR code"), icon=":material/qr_code:", key="challenge_link"):
        if challenge.is_open:
            st.text(challenges.limits_of(challenge))
        else:
            st.text(_("It has ended: whoever opens the link sees its board."))
        share.show(link)
    if not challenge.is_open:
        return
    st.button(
        _("Show to everybody"),
        key="show_challenge",
        icon=":material/cast:",
        type="secondary" if _is_shown(challenge) else "primary",
        on_click=problems.attempt,
        args=(server().stage.show, runs_here().person, "train", {WORD: challenge.id}),
    )
    with st.popover(_("End …"), icon=":material/sports_score:", key="end_menu"):
        st.text(_("No run can be started in it any more, and its board stays as it is. Runs go on."))
        st.button(
            _("End the challenge"),
            key="end_challenge",
            type="primary",
            on_click=problems.attempt,
            args=(_end, challenge.id),
        )


def _is_shown(challenge: Challenge) -> bool:
    """Everybody is shown it now."""
    shown = server().stage.current()
    return shown is not None and shown.words.get(WORD) == challenge.id


def _make(data: Bound[CorpusConfig], limits: Bound[ChallengeLimits], made_before: int) -> None:
    if made_before != st.session_state.get("challenges_made", 0):  # the second of two quick presses
        return
    problems.attempt(_begin, data, limits, st.session_state.get("challenge_title", ""))


def _begin(data: Bound[CorpusConfig], limits: Bound[ChallengeLimits], title: str) -> None:
    data.take_all()
    limits.take_all()
    made = server().challenges.make(runs_here().person, title, data.settings, limits.settings)
    st.session_state.challenge_title = ""
    st.session_state.challenges_made = st.session_state.get("challenges_made", 0) + 1
    st.session_state.challenge_menu = False
    address.write({WORD: made.id})


def _end(id: str) -> None:
    person, stage = runs_here().person, server().stage
    server().challenges.end(person, id)
    if (shown := stage.current()) is not None and shown.words.get(WORD) == id:
        stage.stop(person, shown)  # nobody is called to what has ended
    address.write({WORD: id})


def _open(challenge: str, id: str) -> None:
    st.session_state.board_opened = id, challenge
