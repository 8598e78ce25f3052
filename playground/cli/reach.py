"""`reach`: how far back a run's losses reach."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from playground.cli.common import Checkpoint, DataDir, Json, finite, look_up, moment, open_store
from playground.config import FIELDS, check
from playground.errors import ConfigError
from playground.format import epoch_text
from playground.lesson_settings import FreshConfig
from playground.records import Reach, RecurrentMatrix, half_length
from playground.services.checkpoints import CheckpointCache
from playground.services.reach import FURTHEST, MOST_BACK, ReachService
from playground.settings import validate
from playground.terminal import exit_on_error, say_json, show

FRESH = "fresh"
_SHOWN = (0, 5, 10, 20, 50)


def _fresh_option(name: str, help: str, usual: str) -> Any:
    return typer.Option(f"--{name}", help=f"Fresh: {help}", show_default=usual, metavar="VALUE")


def reach(
    run: Annotated[
        str,
        typer.Argument(
            help="A run's id, the beginning of it, `latest`, or `fresh`: a cell before its first step.",
            metavar="RUN",
        ),
    ],
    text: Annotated[
        str | None,
        typer.Option(
            "--text", help="Whose losses.", show_default="the run's held-out text; fresh: the story"
        ),
    ] = None,
    furthest: Annotated[int, typer.Option(min=1, max=MOST_BACK, help="Tokens back.")] = FURTHEST,
    checkpoint: Checkpoint = None,
    cell: Annotated[str | None, _fresh_option("cell", FIELDS["cell"][1].description or "", "lstm")] = None,
    hidden_size: Annotated[str | None, _fresh_option("hidden-size", "Hidden units.", "64")] = None,
    gain: Annotated[str | None, _fresh_option("gain", "Recurrent weights orthogonal × this.", "off")] = None,
    forget_bias: Annotated[str | None, _fresh_option("forget-bias", "Of an LSTM.", "off")] = None,
    seed: Annotated[str | None, _fresh_option("seed", "Of the weights.", "0")] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Tell how strongly a loss depends on what stood k tokens before it, in every layer."""
    given = {"hidden_size": hidden_size, "gain": gain, "forget_bias": forget_bias, "seed": seed}
    given = {name: value for name, value in given.items() if value is not None}
    with exit_on_error():
        if run == FRESH:
            if checkpoint is not None:
                raise ConfigError("A fresh cell has no checkpoints. Leave --checkpoint out, or name a run.")
            fresh, kind = validate(FreshConfig, given), check("cell", cell or "lstm")
            service = ReachService(CheckpointCache(open_store(data_dir)))
            measured = service.fresh_reach(fresh, kind, text, furthest=furthest)
            matrices = service.fresh_matrices(fresh, kind)
            report: dict[str, object] = {"cell": kind, **fresh.model_dump()}
            title = f"fresh {kind.upper()} {fresh.hidden_size}"
        else:
            if cell is not None or given:
                raise ConfigError(
                    "--{option} is for a fresh cell; a run has its own. Leave it out, or write fresh "
                    "for the run.",
                    option=next(iter(given), "cell").replace("_", "-"),
                )
            checkpoints, record, chosen = look_up(data_dir, run, checkpoint)
            service = ReachService(checkpoints)
            measured = service.reach(record, chosen, text, furthest=furthest)
            matrices = service.matrices(record, chosen)
            report = moment(chosen)
            title = f"epoch {epoch_text(chosen.epoch)}"
    if as_json:
        say_json(report | _summary(measured, matrices))
    else:
        show(_curves(title, measured), _matrices(matrices))


def _summary(measured: Reach, matrices: list[RecurrentMatrix]) -> dict[str, object]:
    return {
        "positions": measured.positions,
        "layers": [
            {
                "layer": number,
                "norms": {name: values.tolist() for name, values in layer.paths.items()},
                "half_length": {name: finite(half_length(values)) for name, values in layer.paths.items()},
            }
            for number, layer in enumerate(measured.layers)
        ],
        "matrices": [
            {"layer": m.layer, "block": m.block, "eigenvalue": m.eigenvalue, "singular": m.singular}
            for m in matrices
        ],
    }


def _curves(network: str, measured: Reach) -> Table:
    last = len(measured.layers[0].input) - 1
    shown = [k for k in _SHOWN if k <= last]
    title = f"{network}: norm k tokens back, relative to k = 0; mean of {measured.positions} losses"
    table = Table("layer", "by", "at k = 0", *(f"k = {k}" for k in shown[1:]), "half after", title=title)
    for number, layer in enumerate(measured.layers):
        for name, values in layer.paths.items():
            parts = [f"{values[k] / values[0]:.2g}" for k in shown[1:]]
            table.add_row(str(number), name, f"{values[0]:.3g}", *parts, f"{half_length(values):.2g}")
    return table


def _matrices(matrices: list[RecurrentMatrix]) -> Table:
    table = Table("layer", "recurrent weights of", "largest |eigenvalue|", "largest singular value")
    for m in matrices:
        table.add_row(str(m.layer), m.block, f"{m.eigenvalue:.3f}", f"{m.singular:.3f}")
    return table
