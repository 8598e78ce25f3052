"""Routes and middleware that stand beside the pages: run history, plotly.min.js, security headers."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playground.errors import RunNotFound
from playground.figures.theme import PLOTLY_PATH
from playground.records import History, RunRecord, RunStatus
from playground.runs.manager import RunManager

MOST_POINTS = 2_000
_YEAR = 31_536_000
_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"x-frame-options": b"SAMEORIGIN",
}


def routes(manager: Callable[[], RunManager]) -> list[Route]:
    """The routes.

    Args:
        manager: Gives the server's one manager; called at each request.
    """

    def history(request: Request) -> Response:
        after = request.query_params.get("after", "0")
        if not after.isdecimal() or len(after) > 15:
            return JSONResponse({"error": "after is a whole number from 0."}, status_code=400)
        try:
            return JSONResponse(run_history(manager(), request.path_params["id"], int(after)))
        except RunNotFound as error:
            return JSONResponse({"error": str(error)}, status_code=404)

    def plotly_js(request: Request) -> Response:
        headers = {"cache-control": f"public, max-age={_YEAR}, immutable"}  # the version is in the name
        script = Path(str(files("plotly") / "package_data" / "plotly.min.js"))
        return FileResponse(script, media_type="text/javascript", headers=headers)

    return [Route("/api/runs/{id}/history", history), Route(PLOTLY_PATH, plotly_js)]


def middleware() -> list[Middleware]:
    """The middleware, outermost first."""
    return [Middleware(SecurityHeaders)]


class SecurityHeaders:
    """Adds headers that tell a browser to guess nothing and to keep run links to itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; change only the answer's headers."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS.items()]
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


def run_history(manager: RunManager, id: str, after: int) -> dict[str, Any]:
    """What a chart needs since a cursor: status, figures and new points.

    Raises:
        RunNotFound: No such run.
    """
    record = manager.store.get(id)
    history = manager.store.history(id, after=after, most=MOST_POINTS)
    return {
        "status": record.status.value,
        "revision": history.revision,
        "cursor": history.cursor,
        "figures": _figures(record, manager.queue_position(id)),
        "steps": {
            "epoch": _column(history.step_epoch),
            "loss": _column(history.step_loss),
            "norm": _column(history.step_norm),
        },
        "epochs": _epochs(history),
        "samples": [{"epoch": s.epoch, "prefix": s.prefix, "text": s.text} for s in history.samples],
    }


def _figures(record: RunRecord, queue_position: int | None) -> dict[str, Any]:
    epochs = record.config.train.epochs
    left = None
    if epochs is not None and record.epoch > 0 and record.status is RunStatus.RUNNING:
        left = (epochs - record.epoch) * record.seconds / record.epoch
    machine = record.machine
    return {
        "step": record.step,
        "epoch": record.epoch,
        "epochs": epochs,
        "seconds": record.seconds,
        "seconds_left": left,
        "step_loss": record.step_loss,
        "train_loss": record.train_loss,
        "heldout_loss": record.heldout_loss,
        "tokens_per_second": record.speed if record.status is RunStatus.RUNNING else record.tokens_per_second,
        "device": machine.device if machine else None,
        "device_name": machine.device_name if machine else None,
        "threads": machine.threads if machine else None,
        "queue_position": queue_position,
        "vocab_size": machine.vocab_size if machine else None,
    }


def _epochs(history: History) -> dict[str, list[float | None]]:
    return {
        "epoch": _column(history.epoch),
        "train": _column(history.train_loss),
        "heldout": _column(history.heldout_loss),
    }


def _column(values: NDArray[np.float64]) -> list[float | None]:
    """Five significant digits: a chart shows no more, and a tick stays small. JSON has no NaN or ∞."""
    return [float(f"{v:.5g}") if np.isfinite(v) else None for v in values.tolist()]
