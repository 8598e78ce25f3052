"""`challenge …`: look at the challenges of a class; a teacher makes and ends them on the page."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from playground.cli.common import DataDir, Json, open_store
from playground.errors import ChallengeNotFound
from playground.format import exact
from playground.records import MACHINE, Board, BoardRun, Challenge
from playground.records.wall import Owner
from playground.runs.challenges import Challenges
from playground.runs.classroom import Classroom
from playground.store.run_store import RunStore
from playground.terminal import exit_on_error, say, say_json, show, show_fitting

app = typer.Typer(help="Look at the challenges of a class.", no_args_is_help=True)


@app.command("list")
def challenge_list(data_dir: DataDir = None, as_json: Json = False) -> None:
    """All challenges, newest first."""
    with exit_on_error():
        found = open_store(data_dir).challenges.all()
    if as_json:
        say_json([_summary(challenge) for challenge in found])
        return
    if not found:
        say("No challenge yet. A teacher makes one on the page of the class.")
        return
    heads = ("id", "title", "text", "parameters", "minutes", "made", "status")
    show_fitting(
        heads,
        [
            (
                challenge.id,
                challenge.title,
                challenge.corpus.corpus,
                _limit(challenge.most_parameters),
                _limit(challenge.most_minutes),
                f"{datetime.fromtimestamp(challenge.made_at, UTC).astimezone():%Y-%m-%d %H:%M}",
                "open" if challenge.is_open else "ended",
            )
            for challenge in found
        ],
        spared=("text", "made", "minutes", "parameters"),
        whole=("id", "status"),
    )


@app.command("show")
def challenge_show(
    challenge: Annotated[str, typer.Argument(help="A challenge's id, or `latest`.", metavar="CHALLENGE")],
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """A challenge's board."""
    with exit_on_error():
        store = open_store(data_dir)
        found = _find(store, challenge)
        board = Challenges(store, Classroom(store)).board(MACHINE, found.id)
    if as_json:
        say_json(_summary(found) | _figures(board))
    else:
        show(_table(found, board))


def _find(store: RunStore, id: str) -> Challenge:
    if id != "latest":
        return store.challenges.get(id)
    found = store.challenges.all()
    if not found:
        raise ChallengeNotFound(
            "There is no challenge here yet. A teacher makes one on the page of the class."
        )
    return found[0]


def _limit(value: float | None) -> str:
    return "any" if value is None else exact(value)


def _summary(challenge: Challenge) -> dict[str, object]:
    told = asdict(challenge) | {"corpus": challenge.corpus.model_dump()}
    return told | {"status": "open" if challenge.is_open else "ended"}


def _figures(board: Board) -> dict[str, object]:
    return {
        "board": [
            {
                "rank": line.rank,
                "person": _called(line.owner),
                **_run(line.best),
                "others": [_run(run) for run in line.others],
            }
            for line in board.lines
        ],
        "excluded": [
            {"person": _called(told.owner), "why": told.why.value, **_run(told.run)}
            for told in board.excluded
        ],
    }


def _run(run: BoardRun) -> dict[str, object]:
    return {
        "run": run.id,
        "network": run.network,
        "status": run.status.value,
        "loss": run.loss,
        "perplexity": run.perplexity,
        "parameters": run.parameters,
        "seconds": run.seconds,
    }


def _table(challenge: Challenge, board: Board) -> Table:
    table = Table(
        *("rank", "person", "perplexity", "network", "parameters", "seconds", "run"),
        title=Text(f"{challenge.title} ({'open' if board.is_open else 'ended'})"),
    )
    for line in board.lines:
        table.add_row("-" if line.rank is None else str(line.rank), *_cells(line.owner, line.best))
    for told in board.excluded:
        table.add_row(told.why.value, *_cells(told.owner, told.run))
    return table


def _cells(owner: Owner | None, run: BoardRun) -> list[str]:
    return [
        _called(owner),
        run.perplexity,
        run.network,
        "-" if run.parameters is None else f"{run.parameters:,}",
        "-" if run.seconds is None else f"{run.seconds:.1f}",
        run.id or "-",
    ]


def _called(owner: Owner | None) -> str:
    if owner is None:
        return "the server"
    return owner.name or ("Guest" if owner.number is None else f"Guest {owner.number}")
