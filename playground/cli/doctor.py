"""`doctor`: what is wrong in the data directory, and putting it right."""

from __future__ import annotations

from typing import Annotated

import typer

from playground.cli.common import DataDir, Json
from playground.store.doctor import Finding, examine
from playground.store.repair import repair as mend
from playground.store.run_store import default_directory
from playground.terminal import exit_on_error, say, say_json, tell


def doctor(
    data_dir: DataDir = None,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair",
            help="Rebuild runs from their folders, bring them back from lost/ and from backups of the database.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Say what is damaged in the data directory; exit code 1 where something is and stays so."""
    directory = (data_dir or default_directory()).absolute()
    with exit_on_error():
        findings = mend(directory) if repair else examine(directory)
    if as_json:
        say_json([_told(finding) for finding in findings])
    else:
        for finding in findings:
            how = "mended" if finding.is_mended else "damaged" if finding.is_wrong else "beside"
            say(f"{how:8}{finding.what}  {finding.reason}")
        if not any(finding.is_wrong for finding in findings):
            say("Nothing is damaged.")
        elif not repair:
            tell("To put right what can be put right: python -m playground doctor --repair")
    if any(finding.is_wrong and not finding.is_mended for finding in findings):
        raise typer.Exit(1)


def _told(finding: Finding) -> dict[str, object]:
    return {
        "what": finding.what,
        "reason": str(finding.reason),
        "mended": finding.is_mended,
        "wrong": finding.is_wrong,
    }
