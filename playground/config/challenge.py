"""What a teacher's challenge allows."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from playground.controls import Control
from playground.errors import gettext_noop as _
from playground.settings import NotBool, OffIsNone, Settings


class ChallengeLimits(Settings):
    """What every run of a challenge has to keep to, beside its text."""

    most_parameters: Annotated[
        int | None,
        NotBool,
        OffIsNone,
        Control(
            _("Parameters at most"),
            _("A set-up with more of them cannot be started in the challenge."),
            step=10_000,
            empty=_("no limit"),
        ),
    ] = Field(200_000, ge=100, le=100_000_000)
    """Weights of a network; None is no limit."""
    most_minutes: Annotated[
        float | None,
        NotBool,
        OffIsNone,
        Control(
            _("Minutes of training that count"),
            _("A run may go on; what it reaches later does not count. Waiting and pauses are no training."),
            step=0.5,
            format="%g",
            empty=_("no limit"),
        ),
    ] = Field(3.0, gt=0.0, le=1_440.0)
    """Of a run's own training time; None counts all of it."""
