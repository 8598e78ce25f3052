"""`generate` and `cloze`: put a run to work on text."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from playground.cli.common import Checkpoint, DataDir, Json, Run, look_up, moment, with_settings
from playground.config import WriteConfig
from playground.errors import ConfigError
from playground.records import Accuracy, Cloze
from playground.services.text import TextService
from playground.settings import validate
from playground.terminal import sentences

Top = Annotated[int, typer.Option("--top", min=1, max=50, help="Candidates a blank.")]


@with_settings(WriteConfig.model_fields)
def generate(
    run: Run,
    prefix: Annotated[str, typer.Option("--prefix", help="What is continued.")],
    given: dict[str, object],
    checkpoint: Checkpoint = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Continue a text with a run's network, token by token."""
    with sentences():
        settings = validate(WriteConfig, given)
        checkpoints, record, chosen = look_up(data_dir, run, checkpoint)
        text_service = TextService(checkpoints)
        prefix_tokens = text_service.prefix(record, prefix)
        between = "" if record.config.corpus.token_level == "char" else " "
        written = text_service.write(
            record, chosen, prefix, settings
        )  # says what is wrong before a word is told
        known = set(checkpoints.vocab(record).tokens)
        unknown = [position for position, token in enumerate(prefix_tokens) if token not in known]
        if unknown:
            named = ", ".join(dict.fromkeys(repr(prefix_tokens[position]) for position in unknown))
            typer.echo(f"The network never saw {named}; it reads each as <unk>.", err=True)
        told = []
        if not as_json:
            typer.echo(between.join(prefix_tokens), nl=False)
        for token in written:
            told.append(token)
            if not as_json:
                typer.echo(between + token.token, nl=False)
    if not as_json:
        typer.echo()
        return
    typer.echo(
        json.dumps(
            moment(chosen)
            | {
                "prefix": prefix_tokens,
                "unknown": unknown,
                "settings": settings.model_dump(),
                "text": between.join(one.token for one in told),
                "tokens": [asdict(one) for one in told],
            }
        )
    )


def cloze(
    run: Run,
    text: Annotated[str, typer.Option("--text", help="With a _ for each blank.")],
    top: Top = 5,
    checkpoint: Checkpoint = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Fill in the blanks of a text, and say how often the run is right on held-out text."""
    with sentences():
        checkpoints, record, chosen = look_up(data_dir, run, checkpoint)
        text_service = TextService(checkpoints)
        found = text_service.fill(record, chosen, text, most=top)
        if not found.blanks:
            raise ConfigError("The text has no blank. Type _ where a token is to be guessed.")
        score = text_service.score(record, chosen)
    if as_json:
        typer.echo(json.dumps(moment(chosen) | _summary(found, score)))
    else:
        Console().print(_table(found))
        if score is not None:
            typer.echo(f"Right on held-out text: {score.share:.1%} of {score.of:,} tokens.")


def _summary(found: Cloze, score: Accuracy | None) -> dict[str, object]:
    return {
        "tokens": found.tokens,
        "unknown": [position for position, known in enumerate(found.known) if not known],
        "blanks": [
            {
                "position": position,
                "fills": [{"token": one.token, "probability": one.probability} for one in fills],
            }
            for position, fills in zip(found.blanks, found.fills, strict=True)
        ],
        "heldout_accuracy": None if score is None else score.share,
        "heldout_tokens": None if score is None else score.of,
    }


def _table(found: Cloze) -> Table:
    table = Table("blank", "fills, likeliest first")
    for position, fills in zip(found.blanks, found.fills, strict=True):
        listed = "  ".join(f"{one.token!r} {one.probability:.1%}" for one in fills)
        table.add_row(f"token {position + 1}", Text(listed))  # a token may look like markup
    return table
