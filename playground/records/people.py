"""People: who looks at a page, starts a run, or may do what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """Whoever asks for something."""

    id: str | None
    """A hash that names a browser or an account; None: the machine's owner; empty: nobody that could be told again."""
    is_teacher: bool = False
    name: str = ""
    """Chosen by themselves; empty until then."""
    number: int | None = None
    """Counts the people of a server, from 1; None before they have done anything."""

    @property
    def is_known(self) -> bool:
        """They can be told again, so that something can be theirs."""
        return self.id != ""


@dataclass(frozen=True)
class Account:
    """Whoever has logged in, as their provider tells."""

    person: str
    """Their id, a hash."""
    name: str = ""
    """What the provider calls them; empty where it does not say."""


@dataclass(frozen=True)
class Login:
    """That a browser has logged in."""

    person: str
    """The id of whoever it was."""
    since: float
    """When a page first saw it, in seconds since 1970."""
    is_ended: bool = False
    """They have logged out again."""


MACHINE = Person(None, is_teacher=True)
"""Whoever owns the machine: the command line, and everybody on a server for one person."""
NOBODY = Person("")
"""A browser that keeps no cookie, or somebody whom no proxy has named."""
