"""A challenge that the address names: its text is fixed, its limits are told, and its board stands under the chart."""

from __future__ import annotations

import streamlit as st

from pages.shared import address, challenges, problems
from pages.shared.challenges import WORD
from pages.shared.controls import Bound
from pages.shared.i18n import _, explain, plain
from pages.shared.state import open_run, server
from playground.config import CorpusConfig, RunConfig
from playground.errors import ChallengeEnded, ChallengeNotFound, gettext_noop
from playground.format import exact
from playground.records import Challenge, Exclusion
from playground.runs.challenge_rules import excluded_by_settings, parameters_of, refusal

_OTHER_DATA = gettext_noop(
    "A run on another text, or with another held-out part, will not count in this challenge."
)
_PREDICTED = {
    Exclusion.HELD_OUT: _OTHER_DATA,
    Exclusion.DATA: _OTHER_DATA,
    Exclusion.TRAP: gettext_noop(
        "A network that reads from both sides has seen the token that it predicts (a trap): its run will not count in this "
        "challenge."
    ),
    Exclusion.BLANKS: gettext_noop(
        "Filling in blanks is another task: such a run will not count in this challenge."
    ),
}
"""Why a run will not count, before it is started."""


def named() -> Challenge | None:
    """The challenge that the address names; one that is not here is told, and taken out of it."""
    id = address.word(WORD)
    if not id:
        return None
    try:
        return server().challenges.get(id)
    except ChallengeNotFound as error:
        st.warning(explain(error))
        address.write({WORD: None})
        return None


def fix(setup: Bound[RunConfig], challenge: Challenge | None) -> Challenge | None:
    """Set what an open challenge fixes; the challenge in which Start starts, or None.

    Args:
        setup: What the page's controls stand at.
        challenge: The one that the address names.
    """
    if challenge is None or not challenge.is_open:
        return None
    wanted = {name: getattr(challenge.corpus, name) for name in CorpusConfig.model_fields}
    if setup.settings.corpus != challenge.corpus:
        setup.keep(**wanted)
    return challenge


def heading(challenge: Challenge, *, is_open: bool) -> None:
    """Draw what the challenge is, and the way out of it.

    Args:
        challenge: The one that the address names.
        is_open: Start starts in it.
    """
    with st.container(border=True, key="challenge"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(challenges.title_line(challenge), width="stretch")
            st.button(
                _("Leave the challenge"),
                key="leave_challenge",
                icon=":material/logout:",
                on_click=address.write,
                args=({WORD: None},),
            )
        st.markdown(plain(challenges.limits_of(challenge)))
        if is_open:
            st.caption(
                _(
                    "Text, tokens and held-out part are fixed; all else is free. A network that reads from both sides to "
                    "predict the next token, or fills in blanks, does not count. With Start your name and the run's figures "
                    "stand on the board below, for everybody to see."
                )
            )
        elif problems.take(ChallengeEnded) is not None:
            st.warning(
                _(
                    "This challenge has ended meanwhile, so no run was started. Its board stands below as it ended; Start "
                    "trains as usual from now on."
                )
            )
        else:
            st.info(_("This challenge has ended. Its board stands below as it ended; Start trains as usual."))


def told(challenge: Challenge, config: RunConfig) -> None:
    """Say beside Start whether the set-up keeps to what the challenge allows, what makes its run not count first.

    Args:
        challenge: In which Start starts.
        config: What it would start.
    """
    by_settings, refused = excluded_by_settings(challenge, config), refusal(challenge, config)
    if by_settings is not None:
        st.warning(_(_PREDICTED[by_settings[0]]))
    if refused is not None and not problems.says(refused):
        st.warning(explain(refused))
    if by_settings is None and refused is None:
        has = _("This set-up has {n} parameters.").format(n=exact(parameters_of(challenge, config)))
        st.caption(f":material/trophy: {plain(has)}")


def board(challenge: Challenge) -> None:
    """Draw who is ahead."""
    st.subheader(_("Who is ahead"), anchor=False)
    challenges.board(challenge, open_run)
