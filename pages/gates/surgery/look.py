"""What is done to a network, as the address has it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from playground.controls import Control, LongText
from playground.errors import gettext_noop
from playground.lesson_settings import MOST_EPOCH, Epoch
from playground.settings import NotBool, Settings

MOST_START = 3_000
"""Tokens of a prefix and of what is written after it."""


class SurgeryLook(Settings):
    """The changes, where they are made, and the text that is gone on with."""

    epoch: Epoch = Field(None, ge=0, le=MOST_EPOCH)
    """The moment of training."""
    layer: Annotated[int, NotBool, Control(gettext_noop("Layer"))] = Field(0, ge=0, le=3)
    """From 0."""
    cut: Annotated[
        str,
        Control(
            gettext_noop("All changes, as text"),
            gettext_noop(
                "A gate or state, its units (* is all) and a value, such as h82=0, c3+7=mean, f*=1. Press Enter."
            ),
            empty=gettext_noop("nothing is changed"),
        ),
    ] = Field("", max_length=1_000)
    """What is done, in the form of `parse_surgery`."""
    start: Annotated[
        int,
        NotBool,
        Control(
            gettext_noop("From token"),
            gettext_noop(
                "The changes begin here, counted from 0 over the prefix and what is written after it."
            ),
            step=1,
        ),
    ] = Field(0, ge=0, le=MOST_START)
    """The first token at which something is changed."""
    donor: Annotated[str | None, LongText(), Control(gettext_noop("The other sentence"))] = None
    """The sentence whose last state some units are given; None is the run's usual one."""
    prefix: Annotated[str | None, LongText(), Control(gettext_noop("Go on from"))] = None
    """What is continued."""
