"""`generate` and `cloze`: put a run to work on text."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from playground.cli.common import Checkpoint, DataDir, Json, Run, look_up, moment, with_settings
from playground.config import WriteConfig
from playground.errors import ConfigError
from playground.format import percent
from playground.records import Accuracy, Cloze
from playground.services.text import TextService
from playground.settings import validate
from playground.terminal import exit_on_error, say, say_json, show, tell

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
    with exit_on_error():
        settings = validate(WriteConfig, given)
        checkpoints, record, chosen = look_up(data_dir, run, checkpoint)
        service = TextService(checkpoints)
        prefix_tokens = service.prefix(record, prefix)
        between = record.config.corpus.between
        written = service.write(record, chosen, prefix, settings)  # says what is wrong before a word is told
        known = set(checkpoints.vocab(record).tokens)
        unknown = [position for position, token in enumerate(prefix_tokens) if token not in known]
        if unknown:
            named = ", ".join(dict.fromkeys(repr(prefix_tokens[position]) for position in unknown))
            tell(f"The network does not know {named}; it reads each as <unk>.")
        tokens = []
        if not as_json:
            say(between.join(prefix_tokens), end="")
        try:
            for token in written:
                tokens.append(token)
                if not as_json:
                    say(between + token.token, end="")
        finally:  # what ends it early begins a line of its own
            if not as_json:
                say()
    if not as_json:
        return
    say_json(
        moment(chosen)
        | {
            "prefix": prefix_tokens,
            "unknown": unknown,
            "settings": settings.model_dump(),
            "text": between.join(token.token for token in tokens),
            "tokens": [asdict(token) for token in tokens],
        }
    )


def cloze(
    run: Run,
    text: Annotated[str, typer.Option("--text", help="With a _ for each blank; \\_ is a _ of the text.")],
    top: Top = 5,
    checkpoint: Checkpoint = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Fill in the blanks of a text, and say how often the run is right on held-out text."""
    with exit_on_error():
        checkpoints, record, chosen = look_up(data_dir, run, checkpoint)
        service = TextService(checkpoints)
        filled = service.fill(record, chosen, text, most=top)
        if not filled.blanks:
            raise ConfigError("The text has no blank. Type _ where a token is to be guessed.")
        score = service.score(record, chosen)
    if as_json:
        say_json(moment(chosen) | _summary(filled, score))
    else:
        show(_table(filled))
        if score is not None:
            say(f"Right on held-out text: {percent(score.share)} of {score.of:,} tokens.")


def _summary(filled: Cloze, score: Accuracy | None) -> dict[str, object]:
    return {
        "tokens": filled.tokens,
        "unknown": [position for position, known in enumerate(filled.known) if not known],
        "blanks": [
            {
                "position": position,
                "fills": [{"token": fill.token, "probability": fill.probability} for fill in fills],
            }
            for position, fills in zip(filled.blanks, filled.fills, strict=True)
        ],
        "heldout_accuracy": None if score is None else score.share,
        "heldout_tokens": None if score is None else score.of,
    }


def _table(filled: Cloze) -> Table:
    table = Table("blank", "fills, likeliest first")
    for position, fills in zip(filled.blanks, filled.fills, strict=True):
        listed = "  ".join(f"{fill.token!r} {percent(fill.probability)}" for fill in fills)
        table.add_row(f"token {position + 1}", listed)
    return table
