"""What several commands' tests share."""

from __future__ import annotations

import json

SMALL = {
    "hidden-size": 8,
    "batch-size": 2,
    "num-steps": 5,
    "epochs": 2,
    "lr": 0.5,
    "device": "cpu",
    "threads": 1,
}


def last_line(result) -> dict:
    """The object that `--json` printed, of a command that went well."""
    assert result.exit_code == 0, result.output
    return last_line_of(result.stdout)


def last_line_of(output: str) -> dict:
    """The object that `--json` printed, among what a process wrote."""
    return json.loads(output.strip().splitlines()[-1])
