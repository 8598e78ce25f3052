"""Who sits at this browser, and whose a run is; on a server for one person nothing of this is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages.shared import login, problems
from pages.shared.i18n import _, plain, quoted, sentences
from pages.shared.state import runs_here
from playground.distinct import distinct
from playground.records import Person, RunRecord
from playground.store.people import LONGEST_NAME

_TEACHER_WORD = "teacher"
"""In the link that the console prints; taken out of the address at once."""


def is_class() -> bool:
    """The people of this server are told apart."""
    return runs_here().classroom.is_class


def teaches() -> bool:
    """Whoever sits at this browser is the teacher of a class."""
    here = runs_here()
    return here.classroom.is_class and here.person.is_teacher


def enter() -> None:
    """Call before anything is drawn: ask for a log-in, take the key of a teacher's link, ask for the code of the class."""
    key = st.query_params.get(_TEACHER_WORD)
    if key is not None:
        del st.query_params[_TEACHER_WORD]
        # where the log-in has to wait, it is still there when the page is drawn anew
        st.session_state.given_key = key
    login.require()
    key = st.session_state.pop("given_key", None)
    here = runs_here()
    if not here.classroom.is_class:
        return
    if key is not None and not here.person.is_teacher:
        problems.attempt(here.classroom.become_teacher, here.person, key)
    if here.classroom.needs_code(runs_here().person):
        _ask_for_code()
        st.stop()


def _ask_for_code() -> None:
    st.header(_("Welcome"))
    st.text(_("This class asks for a code. Your teacher knows it."))
    with st.form("join", width=360):
        st.text_input(_("Code of the class"), key="join_code", autocomplete="off")
        st.form_submit_button(_("Enter"), type="primary", on_click=_join)
    problems.tell()


def _join() -> None:
    here = runs_here()
    problems.attempt(here.classroom.join, here.person, st.session_state.join_code)


def who() -> None:
    """Draw who this browser is taken for, in the sidebar: a name, and the teacher's key."""
    here = runs_here()
    if not here.classroom.is_class:
        return
    person = here.person
    label = called(person, is_own=True)
    icon = ":material/school:" if person.is_teacher else ":material/person:"
    with st.popover(plain(label), icon=icon, key="who", width="stretch"):
        if not person.is_known:
            st.text(_("This browser keeps no cookie, so that nothing can be yours."))
            return
        st.text_input(
            _("Your name"),
            person.name,
            max_chars=LONGEST_NAME,
            key=f"own_name_{person.name}",
            on_change=_rename,
            args=(f"own_name_{person.name}",),
            help=_("It stands beside your runs, for everybody on this server to read."),
            autocomplete="off",
        )
        namesake = _namesake(person)
        if namesake:
            st.text(namesake)
        elif _may_have_lost_their_runs(person):
            st.text(
                _(
                    "Have you been here before, and are your runs gone? Your teacher can hand them over to you."
                )
            )
        if person.is_teacher:
            st.text(_("This browser is the teacher's: it may stop, rename and delete every run."))
            st.button(_("Be a student again"), key="leave_teaching", on_click=_leave, width="stretch")
        else:
            with st.form("teacher", border=False):
                st.text_input(_("Teacher's key"), type="password", key="teacher_key", autocomplete="off")
                st.form_submit_button(_("I am the teacher"), on_click=_become_teacher, width="stretch")
        login.draw_log_out()
    if st.session_state.pop("was_renamed", False) and namesake:
        st.toast(plain(namesake), icon=":material/group:")


def _namesake(person: Person) -> str:
    """What whoever shares a name with somebody else is told; empty for the others."""
    room = runs_here().classroom
    if not room.has_namesake(person):
        return ""
    shown = called(room.everybody().get(person.id or "", person))
    told = _("Somebody else here is called {name}, too.").format(name=person.name)
    if shown == person.name:
        return told
    return sentences(told, _("You stand in lists as {name}.").format(name=quoted(shown)))


def _may_have_lost_their_runs(person: Person) -> bool:
    """Nothing here is theirs: a browser that has lost its cookie looks the same as one that comes for the first time."""
    if person.is_teacher or person.name or runs_here().classroom.asks_login:
        return False
    return person.number is None


@dataclass(frozen=True)
class Words:
    """What people without a name are called, in a page's language; `called` in `assets/js/core/people.js` reads them too."""

    machine: str
    """Whoever owns the machine."""
    guest: str
    """Somebody who has no number yet."""
    guest_n: str
    """Somebody with a number, in place of `{n}`."""

    def called(self, person: Person) -> str:
        """What somebody is called: their name, else a number."""
        if person.name:
            return person.name
        if person.id is None:
            return self.machine
        return self.guest if person.number is None else self.guest_n.format(n=person.number)


def words() -> Words:
    """The words of the page's language."""
    return Words(machine=_("the server"), guest=_("Guest"), guest_n=_("Guest {n}"))


def called(person: Person, *, is_own: bool = False) -> str:
    """What somebody is called: their name, else a number.

    Args:
        person: Who.
        is_own: It is whoever reads it.
    """
    if is_own and not person.name:
        return _("Teacher") if person.is_teacher else _("Your name")
    return words().called(person)


def owners(runs: list[RunRecord]) -> dict[str, str]:
    """Whose each run is, by its id."""
    here = runs_here()
    people = here.classroom.everybody()
    nobody = Person(None)

    def owner(run: RunRecord) -> str:
        if run.owner == here.person.id:
            return _("you")
        return called(nobody if run.owner is None else people.get(run.owner, Person(run.owner)))

    return {run.id: owner(run) for run in runs}


def hand_over(run: RunRecord) -> None:
    """Draw a choice of people that a run can be given to, and the button that does it, for the teacher."""
    everybody = runs_here().classroom.everybody()
    if run.owner is not None and run.owner not in everybody:
        everybody = {**everybody, run.owner: Person(run.owner)}
    people = distinct({None: called(Person(None))} | {id: called(person) for id, person in everybody.items()})
    key = f"owner_{run.id}_{run.owner}"  # another box when it was given elsewhere, or not at all
    chosen = st.selectbox(
        _("Whose run it is"),
        list(people),
        list(people).index(run.owner),
        format_func=lambda owner: people.get(owner, str(owner)),
        key=key,
    )
    st.button(
        _("Hand over"),
        key="hand_over",
        icon=":material/redo:",
        on_click=problems.attempt,
        args=(_hand_over, run.id, chosen),
        disabled=chosen == run.owner,
        width="stretch",
    )
    if st.session_state.pop("handed_over", None) == run.id:
        is_own = run.owner == runs_here().person.id
        told = _("It is yours now.") if is_own else _("It is {owner}'s now.").format(owner=people[run.owner])
        st.toast(plain(told), icon=":material/redo:")


def _hand_over(id: str, owner: str | None) -> None:
    runs_here().hand_over(id, owner)
    st.session_state.handed_over = id


def _rename(key: str) -> None:
    here = runs_here()
    st.session_state.was_renamed = True
    problems.attempt(here.classroom.rename, here.person, st.session_state[key])


def _become_teacher() -> None:
    here = runs_here()
    problems.attempt(here.classroom.become_teacher, here.person, st.session_state.teacher_key)


def _leave() -> None:
    here = runs_here()
    problems.attempt(here.classroom.leave_teaching, here.person)
