"""Routes and middleware that stand beside the pages: run history, plotly.min.js, security headers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playground.config import WriteConfig
from playground.errors import ConfigError, PlaygroundError, RunNotFound
from playground.figures.theme import PLOTLY_PATH
from playground.records import History, RunRecord, RunStatus, WrittenToken
from playground.runs.manager import RunManager
from playground.services.checkpoints import checkpoint_at
from playground.services.text import TextService
from playground.settings import validate
from playground.store.run_store import RunStore
from playground.text.vocab import UNK_ID

MOST_POINTS = 2_000
_TELL_SECONDS = 0.05
"""Between two lines of a text that is being written."""
_YEAR = 31_536_000
_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"x-frame-options": b"SAMEORIGIN",
}


def routes(manager: Callable[[], RunManager], scribe: Callable[[], TextService]) -> list[Route]:
    """The routes.

    Args:
        manager: Gives the server's one manager; called at each request.
        scribe: Gives the server's one scribe.
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

    def write(request: Request) -> Response:
        try:
            lines = written(manager(), scribe(), request.path_params["id"], request.query_params)
        except RunNotFound as error:
            return JSONResponse({"error": str(error)}, status_code=404)
        except PlaygroundError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return StreamingResponse(
            lines, media_type="application/x-ndjson", headers={"cache-control": "no-store"}
        )

    return [
        Route("/api/runs/{id}/history", history),
        Route("/api/runs/{id}/write", write),
        Route(PLOTLY_PATH, plotly_js),
    ]


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


def written(manager: RunManager, scribe: TextService, id: str, given: Mapping[str, str]) -> Iterator[str]:
    """What a run writes, as lines of JSON: the prefix, then tokens as they come, then that it is done.

    Args:
        manager: For the run.
        scribe: Writes.
        id: The run's.
        given: `prefix`, perhaps `epoch`, and settings of a `WriteConfig`.

    Raises:
        RunNotFound: No such run.
        ConfigError: A setting outside its range, an empty prefix, or a run that cannot write.
        StoreError: No weights.
    """
    run = manager.store.get(id)
    settings = validate(
        WriteConfig, {name: given[name] for name in WriteConfig.model_fields if name in given}
    )
    try:
        epoch = float(given["epoch"]) if "epoch" in given else None
    except ValueError:
        raise ConfigError(
            "epoch is {value}; give a number, such as 10.", value=repr(given["epoch"])
        ) from None
    prefix = scribe.prefix(run, given.get("prefix", ""))
    known = manager.store.vocab(id)
    tokens = scribe.write(run, checkpoint_at(manager.store, run, epoch), given.get("prefix", ""), settings)
    told = [(token, known is not None and known.ids([token]) != [UNK_ID]) for token in prefix]
    return _lines(told, tokens)


def _lines(prefix: Sequence[tuple[str, bool]], tokens: Iterator[WrittenToken]) -> Iterator[str]:
    yield json.dumps({"prefix": prefix}) + "\n"
    try:
        yield from _told(tokens)
    except PlaygroundError as error:  # the network diverges on the way
        yield json.dumps({"error": str(error)}) + "\n"


def _told(tokens: Iterator[WrittenToken]) -> Iterator[str]:
    waiting: list[object] = []
    told = time.monotonic()
    for one in tokens:
        top = [(c.token, _short(c.own), _short(c.probability)) for c in one.likeliest]
        waiting.append((one.token, _short(one.bits), top))
        if time.monotonic() - told >= _TELL_SECONDS:
            yield json.dumps({"tokens": waiting}) + "\n"
            waiting, told = [], time.monotonic()
    yield json.dumps({"tokens": waiting, "done": True}) + "\n"


def _short(value: float) -> float:
    return float(f"{value:.4g}")


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
        "figures": _figures(record, manager.queue_position(id)) | _clipping(manager.store, record),
        "thresholds": [{"epoch": t.epoch, "limit": t.max_grad_norm} for t in history.thresholds],
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
    facts = record.facts
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
        "device": facts.device if facts else None,
        "device_name": facts.device_name if facts else None,
        "threads": facts.threads if facts else None,
        "queue_position": queue_position,
        "vocab_size": facts.vocab_size if facts else None,
    }


def _clipping(store: RunStore, record: RunRecord) -> dict[str, Any]:
    """θ as it stands (`limit`), what it did to the last epoch's worth of steps (`clipped`), and whether it was needed."""
    found = store.clipping.recent(record)
    return {
        "limit": store.clipping.threshold(record),
        "clipped": None if found is None else asdict(found),
        "exploded": store.clipping.explosion(record) is not None,
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
