"""`runs …`: look at, resume, export and delete."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from playground.cli.common import DataDir, Json, Run, open_store, outcome, shown, summary, threshold_text
from playground.cli.trained_here import trained_here
from playground.cli.watch import watch
from playground.format import epoch_text, fixed, percent
from playground.records import DamagedRun, RunRecord
from playground.store.export import export_to
from playground.terminal import confirm, exit_on_error, say, say_json, show, show_fitting, tell

app = typer.Typer(help="Look at, resume, export and delete runs.", no_args_is_help=True)


@app.command("resume")
def runs_resume(run: Run, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Go on from the last checkpoint of a stopped, failed or interrupted run."""
    with exit_on_error(), trained_here(data_dir) as manager:
        record = manager.store.find(run)
        manager.resume(record.id)
        watch(manager, record, as_json)


@app.command("list")
def runs_list(data_dir: DataDir = None, as_json: Json = False) -> None:
    """All runs, newest first."""
    with exit_on_error():
        store = open_store(data_dir)
        runs = store.table.everything()
    records = [run for run in runs if isinstance(run, RunRecord)]
    damaged = [run for run in runs if isinstance(run, DamagedRun)]
    if as_json:
        say_json([*(summary(store, r) for r in records), *map(_damaged_summary, damaged)])
        return
    if not runs:
        say("No run yet. Start one: python -m playground train")
        return
    heads = ("id", "name", "status", "θ", "epoch", "train perplexity", "held-out", "bits/character", "<unk>")
    rows: list[tuple[str, ...]] = []
    for r in records:
        name = f"{r.name} (a trap: two directions)" if r.config.is_trap else r.name
        figures = (threshold_text(r), f"{r.epoch:.1f}", shown(r.train_loss), shown(r.heldout_loss))
        rows.append((r.id, name, outcome(store, r), *figures, *_beside(r)))
    rows += [(run.id, run.name, "damaged", *["-"] * (len(heads) - 3)) for run in damaged]
    show_fitting(
        heads,
        rows,
        spared=("<unk>", "bits/character", "θ", "train perplexity", "epoch"),
        whole=("id", "status"),
    )
    for run in damaged:
        tell(f"{run.id} is damaged: {run.reason}.")
    if damaged:
        tell("Repair: python -m playground doctor --repair. Delete: python -m playground runs delete ID.")


def _damaged_summary(run: DamagedRun) -> dict[str, object]:
    return {"run_id": run.id, "name": run.name, "status": "damaged", "reason": str(run.reason)}


def _beside(record: RunRecord) -> tuple[str, str]:
    """Bits a character and the share of `<unk>`, of the held-out text where there is some."""
    bits = record.train_bits if record.heldout_loss is None else record.heldout_bits
    share = None if record.facts is None else record.facts.judged_part.unknown_share
    return ("-" if bits is None else fixed(bits, 2), "-" if share is None else percent(share))


@app.command("show")
def runs_show(run: Run, data_dir: DataDir = None, as_json: Json = False) -> None:
    """One run: settings, figures and the newest sample."""
    with exit_on_error():
        store = open_store(data_dir)
        record = store.find(run)
        samples = store.history(record.id).samples
    about = summary(store, record)
    if as_json:
        say_json(about | {"name": record.name, "config": record.config.model_dump()})
        return
    table = Table(record.name, "", show_header=True)
    told = about | {"status": outcome(store, record), "max_grad_norm": threshold_text(record)}
    for key, value in told.items():
        table.add_row(key, "-" if value is None else str(value))
    if record.reason:
        table.add_row("reason", str(record.reason))
    show(table)
    say(record.config.model_dump_json(indent=2))
    if samples:
        say(f"epoch {epoch_text(samples[-1].epoch)}: {samples[-1].prefix}{samples[-1].text}")


@app.command("delete")
def runs_delete(
    run: Run,
    data_dir: DataDir = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete an ended run with its weights."""
    with exit_on_error():
        store = open_store(data_dir)
        record = store.table.find(run)  # a damaged one too
        with store.ownership.held():  # beside a server nothing is asked that would be refused
            store.require_ended(record.id)
        if not yes and not confirm(f"Delete {record.name!r} ({record.id}) with its weights?"):
            raise typer.Exit(1)
        store.delete(record.id)
    say(f"Deleted {record.id}.")


@app.command("export")
def runs_export(
    run: Run,
    out: Annotated[Path, typer.Option("--out", help="Folder; created when missing.")],
    data_dir: DataDir = None,
) -> None:
    """Write weights.safetensors, config.json, vocab.json, metrics.csv, metrics.txt and clipping.csv."""
    with exit_on_error():
        store = open_store(data_dir)
        for file in export_to(store, store.find(run).id, out):
            say(file)
