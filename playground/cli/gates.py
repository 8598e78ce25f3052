"""`gates`: what every gate did over a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.table import Table

from playground.cli.common import Checkpoint, DataDir, Json, Run, finite, look_up, moment
from playground.errors import StoreError
from playground.format import epoch_text, number
from playground.models.gate_statistics import memory_lengths
from playground.records import CheckpointRecord, GateTrace, LayerTrace
from playground.services.gate_export import named_layers, named_quantities, npz_bytes
from playground.services.gates import GateService
from playground.terminal import exit_on_error, say, say_json, show

Text = Annotated[str, typer.Option("--text", help="The sentence, cut into tokens as the run's text was.")]
Out = Annotated[
    Path | None, typer.Option("--out", help="Write every array into this file.", metavar="FILE.npz")
]


def gates(
    run: Run,
    text: Text,
    checkpoint: Checkpoint = None,
    out: Out = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Read a sentence with a run's weights; write, sum up or show what its gates did."""
    with exit_on_error():
        checkpoints, record, chosen = look_up(data_dir, run, checkpoint)
        trace = GateService(checkpoints).trace(record, chosen, text)
        if out is not None:
            _write(out, npz_bytes(trace))
    if out is not None:
        say(out)
    if as_json:
        say_json(_summary(chosen, trace))
    elif out is None:
        show(_table(chosen, trace))


def _write(file: Path, data: bytes) -> None:
    try:
        file.write_bytes(data)
    except OSError as error:
        raise StoreError(
            "The file {file} cannot be written ({reason}). Choose another with --out.",
            file=str(file),
            reason=error.strerror or str(error),
        ) from error


def _summary(checkpoint: CheckpointRecord, trace: GateTrace) -> dict[str, object]:
    return moment(checkpoint) | {
        "tokens": trace.tokens,
        "unknown": [position for position, known in enumerate(trace.known) if not known],
        "layers": [_layer_summary(*layer) for layer in named_layers(trace)],
    }


def _layer_summary(number: int, direction: str, layer: LayerTrace) -> dict[str, object]:
    """Mean and spread of every quantity; the memory's length where a gate keeps one, null when endless."""
    summary: dict[str, object] = {
        "layer": number,
        "direction": direction,
        "quantities": {
            name: {"mean": float(values.mean(dtype=np.float64)), "std": float(values.std(dtype=np.float64))}
            for name, values in named_quantities(layer).items()
        },
    }
    median = _memory(layer)
    if median is not None:
        summary["memory_length_median"] = finite(median)
    return summary


def _memory(layer: LayerTrace) -> float | None:
    """Tokens; the median of the units."""
    lengths = memory_lengths(layer)
    return None if lengths is None else float(np.median(lengths))


def _table(checkpoint: CheckpointRecord, trace: GateTrace) -> Table:
    unknown = trace.known.count(False)
    title = f"epoch {epoch_text(checkpoint.epoch)}, {len(trace.tokens)} tokens, {unknown} of them <unk>"
    table = Table("layer", "direction", "quantity", "mean", "spread", "memory, tokens (median)", title=title)
    for place, direction, layer in named_layers(trace):
        for name, values in named_quantities(layer).items():
            memory = number(_memory(layer)) if name == layer.spec.keeper else ""
            table.add_row(str(place), direction, name, f"{values.mean():.3f}", f"{values.std():.3f}", memory)
    return table
