"""`reach`: how far back a run's losses reach."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from playground.cli.common import Checkpoint, DataDir, Json, Run, finite, look_up, moment
from playground.records import CheckpointRecord, Reach, RecurrentMatrix, half_length
from playground.runs.reach import FURTHEST, MOST_BACK, ReachMeter
from playground.terminal import sentences

_SHOWN = (0, 5, 10, 20, 50)


def reach(
    run: Run,
    text: Annotated[
        str | None, typer.Option("--text", help="Whose losses.", show_default="the run's held-out text")
    ] = None,
    furthest: Annotated[int, typer.Option(min=1, max=MOST_BACK, help="Tokens back.")] = FURTHEST,
    checkpoint: Checkpoint = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Tell how strongly a loss depends on what stood k tokens before it, in every layer."""
    with sentences():
        networks, record, chosen = look_up(data_dir, run, checkpoint)
        meter = ReachMeter(networks)
        found = meter.reach(record, chosen, text, furthest=furthest)
        matrices = meter.matrices(record, chosen)
    if as_json:
        typer.echo(json.dumps(_summary(chosen, found, matrices)))
    else:
        for table in (_curves(chosen, found), _matrices(matrices)):
            Console().print(table)


def _summary(
    checkpoint: CheckpointRecord, found: Reach, matrices: list[RecurrentMatrix]
) -> dict[str, object]:
    return moment(checkpoint) | {
        "positions": found.positions,
        "layers": [
            {
                "layer": number,
                "norms": {name: values.tolist() for name, values in layer.paths.items()},
                "half_length": {name: finite(half_length(values)) for name, values in layer.paths.items()},
            }
            for number, layer in enumerate(found.layers)
        ],
        "matrices": [
            {"layer": m.layer, "block": m.block, "eigenvalue": m.eigenvalue, "singular": m.singular}
            for m in matrices
        ],
    }


def _curves(checkpoint: CheckpointRecord, found: Reach) -> Table:
    last = len(found.layers[0].input) - 1
    shown = [k for k in _SHOWN if k <= last]
    title = (
        f"epoch {checkpoint.epoch:g}: norm k tokens back, relative to k = 0; mean of {found.positions} losses"
    )
    table = Table("layer", "by", "at k = 0", *(f"k = {k}" for k in shown[1:]), "half after", title=title)
    for number, layer in enumerate(found.layers):
        for name, values in layer.paths.items():
            parts = [f"{values[k] / values[0]:.2g}" for k in shown[1:]]
            table.add_row(str(number), name, f"{values[0]:.3g}", *parts, f"{half_length(values):.2g}")
    return table


def _matrices(matrices: list[RecurrentMatrix]) -> Table:
    table = Table("layer", "recurrent weights of", "largest |eigenvalue|", "largest singular value")
    for m in matrices:
        table.add_row(str(m.layer), m.block, f"{m.eigenvalue:.3f}", f"{m.singular:.3f}")
    return table
