"""The one way from the settings on the page to a run."""

from __future__ import annotations

from pages.shared import problems
from pages.shared.controls import Bound
from pages.shared.state import open_run, runs_here
from playground.config import RunConfig
from playground.errors import PlaygroundError


def start(setup: Bound[RunConfig], challenge: str | None = None, **changes: str) -> None:
    """Start a run and open it; why there is none is a problem to be told.

    Args:
        setup: What the page's controls stand at; a value typed just before the press may be told after it.
        challenge: Id of the challenge in which it is started; None of none.
        changes: Settings that are moved first.
    """
    try:
        setup.take_all()
        if changes:
            setup.set(**changes)
    except PlaygroundError as error:
        problems.refuse(error)
        return
    problems.attempt(_start, setup.settings, challenge)


def _start(config: RunConfig, challenge: str | None) -> None:
    open_run(runs_here().start(config, challenge=challenge).id)
