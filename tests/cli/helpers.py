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
    return json.loads(result.stdout.strip().splitlines()[-1])
