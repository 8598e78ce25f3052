"""The panel of the cliff: a surface with two paths, and a slider that walks along them.

The step lives in the browser: the whole paths are there, and a camera that a person has turned stays.
"""

from __future__ import annotations

from pages.shared.i18n import _, language
from pages.shared.panels import Panel
from playground.figures.cliff import cliff_figure, descent_figure
from playground.figures.theme import spec
from playground.lesson_settings import DescentConfig
from playground.records import Cliff, Descent

_PANEL = Panel("cliff")


def draw(surface: Cliff, plain: Descent, clipped: Descent | None, config: DescentConfig) -> None:
    """Draw both figures, at the last step until a person moves the slider.

    Args:
        surface: What the paths go down.
        plain: The path without clipping.
        clipped: The one with clipping.
        config: What both come from.
    """
    theta = config.theta
    curves = descent_figure(plain, clipped, theta, _)
    _PANEL.draw(
        "cliff_panel",
        {
            "figures": {
                "surface": spec(cliff_figure(surface, plain, clipped, theta, _)),
                "curves": spec(curves),
            },
            "steps": max(plain.steps, clipped.steps if clipped else 0),
            "key": f"{language()} {config.model_dump_json()}",
            "labels": {
                "panel": _("The loss surface with both paths, and a slider over their steps"),
                "flat": _(
                    "This browser draws no 3-D figures (WebGL is off). The table and the curves below "
                    "show the same two paths."
                ),
                "hint": _(
                    "A hollow point lies outside the figure and is drawn where the straight way there "
                    "crosses its edge; the arc is only drawn so. "
                    "Near the cliff the smallest change of a setting sends a path elsewhere: try some."
                ),
                "step": _("Step of gradient descent"),
                "count": _("step {step} of {steps}"),
                "play": _("Play"),
                "pause": _("Pause"),
                "loss": _("loss"),
                "norm": _("gradient norm"),
                "views": {
                    "left": _("Turn to the left"),
                    "right": _("Turn to the right"),
                    "above": _("From above"),
                    "usual": _("The usual view"),
                },
            },
        },
    )
