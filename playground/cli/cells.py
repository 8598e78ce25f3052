"""`cells`: what a run's units do over its whole text, what they follow, where else, and what is lost without them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.table import Table

from playground.cli.cell_tables import (
    effects_table,
    finding_summary,
    findings_table,
    trace_summary,
    trace_title,
    units_title,
)
from playground.cli.common import (
    Checkpoint,
    DataDir,
    Json,
    Run,
    finite,
    look_up,
    moment,
    read_text,
    with_settings,
)
from playground.config import Surgery, WriteConfig, parse_surgery
from playground.errors import ConfigError, PlaygroundError
from playground.format import fixed, number
from playground.records import (
    CheckpointRecord,
    CorpusTrace,
    LayerPlace,
    RunRecord,
)
from playground.services.cells import MOST_MATCHES, CellService
from playground.services.surgery import SurgeryService
from playground.settings import validate
from playground.terminal import exit_on_error, say, say_json, show
from playground.text.own_annotations import OwnIdea

app = typer.Typer(help="Find units that follow something, and switch them off.", no_args_is_help=True)
Layer = Annotated[int, typer.Option("--layer", min=1, help="From 1.")]
Backward = Annotated[bool, typer.Option("--backward", help="The reader from the end.")]
Regex = Annotated[
    list[str] | None,
    typer.Option("--regex", help="An idea of your own: a regular expression.", metavar="NAME=PATTERN"),
]
Track = Annotated[
    list[Path] | None,
    typer.Option(
        "--track", help="An idea of your own: a value a token, or position,value.", metavar="FILE.csv"
    ),
]
Context = Annotated[int, typer.Option("--context", min=0, max=200, help="Tokens shown on either side.")]


@app.command()
def trace(
    run: Run,
    layer: Layer = 1,
    backward: Backward = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write every array into this file.", metavar="FILE.npz")
    ] = None,
    checkpoint: Checkpoint = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Read the run's whole text once; sum up what its units do."""
    with exit_on_error():
        _service, _record, chosen, _place, traced = _open(data_dir, run, checkpoint, layer, backward)
        if out is not None:
            arrays = {name.replace(" ", "_"): np.asarray(values) for name, values in traced.values.items()}
            arrays |= {"ids": traced.ids, "tokens": np.array(traced.tokens)}
            _to_file(out, arrays)
    if out is not None:
        say(out)
    if as_json:
        say_json(moment(chosen) | trace_summary(traced))
    elif out is None:
        table = Table("quantity", "mean", "spread over the units", title=trace_title(traced))
        for name, values in traced.values.items():
            means = values.mean(axis=1, dtype=np.float32)
            table.add_row(name, fixed(float(means.mean()), 3), fixed(float(means.std()), 3))
        show(table)


@app.command("annotations")
def list_annotations(
    run: Run,
    regex: Regex = None,
    track: Track = None,
    checkpoint: Checkpoint = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Say what the tokens of the run's text are, by every idea."""
    with exit_on_error():
        service, record, chosen, place, _traced = _open(data_dir, run, checkpoint, 1, False)
        told = service.annotations(record, chosen, place, _own(regex, track))
    if as_json:
        listed = [
            {
                "name": a.name,
                "title": a.title,
                "binary": a.is_binary,
                "mean": finite(float(np.nanmean(a.values))),
            }
            for a in told
        ]
        say_json(moment(chosen) | {"annotations": listed})
        return
    table = Table("name", "idea", "kind", "share or mean")
    for a in told:
        table.add_row(
            a.name, a.title, "yes or no" if a.is_binary else "number", number(float(np.nanmean(a.values)))
        )
    show(table)


@app.command()
def find(
    run: Run,
    layer: Layer = 1,
    backward: Backward = False,
    regex: Regex = None,
    track: Track = None,
    check: Annotated[bool, typer.Option(help="Hold each unit found, and as many random ones.")] = True,
    checkpoint: Checkpoint = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Rank the units by what they follow, scored on text that the search has not used."""
    with exit_on_error():
        service, record, chosen, place, traced = _open(data_dir, run, checkpoint, layer, backward)
        own = _own(regex, track)
        findings = service.find(record, chosen, place, own)
        checks = [service.check(record, chosen, f, place, own) if check else None for f in findings]
    if as_json:
        listed = [finding_summary(*each) for each in zip(findings, checks, strict=True)]
        say_json(moment(chosen) | trace_summary(traced) | {"findings": listed})
    else:
        show(findings_table(traced, findings, checks))


@app.command()
def match(
    run: Run,
    start: Annotated[int, typer.Option("--from", min=0, help="First token of the stretch, from 0.")],
    stop: Annotated[int, typer.Option("--to", min=1, help="After its last token.")],
    quantity: Annotated[str, typer.Option("--quantity", help="h, c or a gate.")] = "h",
    threshold: Annotated[float, typer.Option("--threshold", help="A unit is on from this on.")] = 0.3,
    before: Annotated[
        bool, typer.Option("--off-before", help="Only units that are off just before.")
    ] = False,
    after: Annotated[bool, typer.Option("--off-after", help="Only units that are off just after.")] = False,
    most: Annotated[
        int, typer.Option("--most", min=1, max=1_000, help="Matches that are told.")
    ] = MOST_MATCHES,
    context: Context = 30,
    layer: Layer = 1,
    backward: Backward = False,
    checkpoint: Checkpoint = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Take the units that are on through a stretch of the text; find where else they are on together."""
    with exit_on_error():
        service, record, chosen, place, traced = _open(data_dir, run, checkpoint, layer, backward)
        found = service.match(
            record, chosen, place, quantity, start, stop, threshold, before=before, after=after, most=most
        )
        between = record.config.corpus.between
    told = [
        {
            "from": each.start,
            "to": each.stop,
            "overlap": each.overlap,
            "before": between.join(traced.text(each.start - context, each.start)),
            "text": between.join(traced.text(each.start, each.stop)),
            "after": between.join(traced.text(each.stop, each.stop + context)),
        }
        for each in found.found
    ]
    if as_json:
        say_json(
            moment(chosen)
            | {"quantity": quantity, "units": found.units, "exact": found.exact, "matches": told}
        )
        return
    table = Table("from", "units", "before", "text", "after", title=units_title(found))
    for row in told:
        table.add_row(
            str(row["from"]),
            f"{row['overlap']} of {len(found.units)}",
            *(repr(row[part])[1:-1] for part in ("before", "text", "after")),
        )
    show(table)


@app.command()
@with_settings(WriteConfig.model_fields)
def cut(
    run: Run,
    what: Annotated[
        str, typer.Option("--set", help="What is done: h82=0, c3=mean, f*=1.", metavar="CHANGES")
    ],
    given: dict[str, object],
    prefix: Annotated[str | None, typer.Option("--prefix", help="What is continued with it.")] = None,
    start: Annotated[int, typer.Option("--from", min=0, help="From this token on, from 0.")] = 0,
    donor: Annotated[str, typer.Option("--donor", help="The sentence whose state h5=donor takes.")] = "",
    layer: Layer = 1,
    regex: Regex = None,
    track: Track = None,
    checkpoint: Checkpoint = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Hold units or clamp gates: what the run loses by class of text, and what it then writes."""
    with exit_on_error():
        settings = validate(WriteConfig, given)
        service, record, chosen, _place, _traced = _open(data_dir, run, checkpoint, layer, False)
        surgery = parse_surgery(what, record.config.model, layer=layer - 1, start=start, donor=donor)
        theatre = SurgeryService(service.traces.checkpoints, service)
        is_patch = any(each.value == "donor" for each in surgery.interventions)
        effects = None if is_patch else theatre.effects(record, chosen, surgery, _own(regex, track))
        texts = (
            None
            if prefix is None
            else [_written(theatre, record, chosen, prefix, settings, each) for each in (Surgery(), surgery)]
        )
    if as_json:
        say_json(
            moment(chosen)
            | {"surgery": str(surgery), "texts": texts}
            | ({} if effects is None else asdict(effects))
        )
        return
    if effects is not None:
        show(effects_table(effects))
    for title, text in zip(("as it is", str(surgery)), texts or (), strict=False):
        say(f"{title}: {prefix}{text}")


def _open(
    data_dir: Path | None, run: str, checkpoint: str | None, layer: int, backward: bool
) -> tuple[CellService, RunRecord, CheckpointRecord, LayerPlace, CorpusTrace]:
    checkpoints, record, chosen = look_up(data_dir, run, checkpoint)
    model = record.config.model
    if layer > model.num_layers:
        raise ConfigError(
            "There is no layer {layer}; this network has {layers}.", layer=layer, layers=model.num_layers
        )
    if backward and not model.bidirectional:
        raise ConfigError(
            "The run {name!r} reads in one direction only. Leave --backward out.", name=record.name
        )
    service, place = CellService(checkpoints), LayerPlace(layer - 1, int(backward))
    return service, record, chosen, place, service.trace(record, chosen, place)


def _own(regex: Sequence[str] | None, tracks: Sequence[Path] | None) -> tuple[OwnIdea, ...]:
    ideas = []
    for word in regex or ():
        name, equals, pattern = word.partition("=")
        ideas.append(OwnIdea("regex", name, pattern) if equals else OwnIdea("regex", word, word))
    return (*ideas, *(OwnIdea("csv", file.stem, read_text(file, None)) for file in tracks or ()))


def _to_file(file: Path, arrays: dict[str, np.ndarray[Any, Any]]) -> None:
    try:
        with file.open("wb") as out:  # under the name as it was given
            np.savez(out, allow_pickle=False, **arrays)
    except OSError as error:
        raise PlaygroundError(
            "The file {file} cannot be written ({reason}). Choose another with --out.",
            file=str(file),
            reason=error.strerror or str(error),
        ) from error


def _written(
    theatre: SurgeryService,
    record: RunRecord,
    chosen: CheckpointRecord,
    prefix: str,
    settings: WriteConfig,
    surgery: Surgery,
) -> str:
    tokens = theatre.write(record, chosen, prefix, settings, surgery)
    return record.config.corpus.between.join(token.token for token in tokens)
