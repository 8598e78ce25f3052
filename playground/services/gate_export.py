"""A traced sentence as files that anybody can read without this project."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np

from playground.records import Array, GateTrace, LayerTrace
from playground.tables import CsvWriter

_DIRECTIONS = ("forward", "backward")


def named_layers(trace: GateTrace) -> Iterator[tuple[int, str, LayerTrace]]:
    """Each layer's number, direction (`forward` or `backward`) and trace."""
    for number, layer in enumerate(trace.layers):
        for direction, traced in zip(_DIRECTIONS, layer, strict=False):  # most layers only read forward
            yield number, direction, traced


def named_quantities(layer: LayerTrace) -> dict[str, Array]:
    """`LayerTrace.shown` by names without spaces: `tanh_c`."""
    return {name.replace(" ", "_"): values for name, values in layer.shown.items()}


def npz_bytes(trace: GateTrace) -> bytes:
    """An .npz that NumPy reads without pickle.

    Returns:
        `layer0.forward.f`, `layer0.backward.h`, `layer1.forward.tanh_c` …, each (T, H), as
        computed; `tokens` as text and `known` as booleans, each (T,).
    """
    arrays = {
        f"layer{number}.{direction}.{name}": values
        for number, direction, layer in named_layers(trace)
        for name, values in named_quantities(layer).items()
    }
    arrays |= {"tokens": np.array(trace.tokens), "known": np.array(trace.known)}
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def csv_text(trace: GateTrace, *, layer: int | None = None, direction: int | None = None) -> str:
    r"""One row a layer, direction, quantity and position; units side by side, to six digits.

    A token that a spreadsheet would take for a formula begins with `'`. Lines end with
    `\r\n`, so that a token which is a line break itself stays in quotes.

    Args:
        trace: The traced sentence.
        layer: The only layer that is written, from 0; None writes all of them.
        direction: The only direction that is written, 0 forward or 1 backward; None writes both.
    """
    buffer = io.StringIO()
    writer = CsvWriter(buffer)
    units = (f"unit{unit}" for unit in range(trace.hidden_size))
    writer.writerow(["layer", "direction", "position", "token", "known", "quantity", *units])
    for number, way, traced in named_layers(trace):
        if layer not in (None, number) or direction not in (None, _DIRECTIONS.index(way)):
            continue
        for name, values in named_quantities(traced).items():
            for position, row in enumerate(values.tolist()):
                at = (number, way, position, trace.tokens[position], int(trace.known[position]), name)
                writer.writerow([*at, *(float(f"{value:.6g}") for value in row)])
    return buffer.getvalue()
