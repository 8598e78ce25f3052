"""How a network writes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from playground.config.train import MAX_SEED
from playground.controls import Control
from playground.errors import gettext_noop as _
from playground.settings import NotBool, OffIsNone, Settings


class WriteConfig(Settings):
    """How a network writes."""

    length: Annotated[int, NotBool, Control(_("Length"), _("Tokens to write."), step=50)] = Field(
        200, ge=1, le=10_000
    )
    """Tokens to write."""
    temperature: Annotated[
        float,
        NotBool,
        Control(
            _("Temperature"),
            _("0 always takes the likeliest token; 1 the network's own probabilities; more is wilder."),
            step=0.05,
        ),
    ] = Field(0.7, ge=0.0, le=10.0)
    """Divides the scores: 0 always takes the likeliest token, 1 the network's own probabilities, more is wilder."""
    top_k: Annotated[
        int | None,
        NotBool,
        OffIsNone,
        Control(
            _("Top-k"),
            _("Choose among this many likeliest tokens only."),
            step=1,
            empty=_("off"),
            more=True,
        ),
    ] = Field(None, ge=1, le=50_000)
    """Choose among this many likeliest tokens only; None among all."""
    top_p: Annotated[
        float | None,
        NotBool,
        OffIsNone,
        Control(
            _("Top-p"),
            _("Choose among the likeliest tokens that together reach this probability."),
            step=0.05,
            format="%g",
            empty=_("off"),
            more=True,
        ),
    ] = Field(None, gt=0.0, le=1.0)
    """Choose among the likeliest tokens that together reach this probability; None among all."""
    seed: Annotated[
        int, NotBool, Control(_("Random seed"), _("The same seed writes the same text."), step=1, more=True)
    ] = Field(0, ge=0, le=MAX_SEED)
    """Of the choices: the same seed writes the same text."""
