"""Whoever sends a request, and HTTP's words for what they are refused."""

from __future__ import annotations

from starlette.requests import Request

from playground.errors import ChallengeNotFound, NotAllowed, PlaygroundError, RunNotFound, StoreBusy
from playground.identity import PERSON_HEADER
from playground.runs.personal import PersonalRuns
from playground.runs.server import Server


def asking(server: Server, request: Request) -> PersonalRuns:
    """The runs as whoever asks may see them.

    Args:
        server: Keeps the runs.
        request: Theirs; the door has written into it whose it is.

    Raises:
        NotAllowed: They have to log in, or to enter the code of the class, first.
    """
    runs = server.runs_of(request.headers.get(PERSON_HEADER))
    server.classroom.require_joined(runs.person)
    return runs


def status(error: PlaygroundError) -> int:
    """HTTP's number for what was refused.

    Args:
        error: Why.
    """
    kinds = {NotAllowed: 403, RunNotFound: 404, ChallengeNotFound: 404, StoreBusy: 503}
    return next((status for kind, status in kinds.items() if isinstance(error, kind)), 400)
