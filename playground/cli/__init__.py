"""`python -m playground …`: everything the pages do, headless."""

from __future__ import annotations

import typer

from playground.benchmarks.app import app as bench
from playground.cli import cells, challenge, copied, corpora, doctor, gates, ngrams, reach, runs, train, write
from playground.cli.group import CommandLine
from playground.cli.interrupt import signals_heard

app = typer.Typer(
    cls=CommandLine,
    help="Train recurrent networks and look inside.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _every_command(context: typer.Context) -> None:
    context.with_resource(signals_heard())


app.command()(train.train)
app.command()(gates.gates)
app.command()(reach.reach)
app.command()(ngrams.ngrams)
app.command()(write.generate)
app.command()(write.cloze)
app.command()(copied.copied)
app.command()(doctor.doctor)
app.add_typer(cells.app, name="cells")
app.add_typer(runs.app, name="runs")
app.add_typer(corpora.app, name="corpora")
app.add_typer(challenge.app, name="challenge")
app.add_typer(bench, name="bench")
