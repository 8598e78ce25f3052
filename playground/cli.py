"""`python -m playground …`: everything the pages do, headless."""

from __future__ import annotations

import json
import math
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Optional

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from playground.benchmarks.app import app as bench
from playground.config import FIELDS, RunConfig, from_flat
from playground.errors import PlaygroundError, RunStateError
from playground.records import RunRecord, RunStatus, perplexity
from playground.runs.export import export_to
from playground.runs.launch import launch
from playground.runs.manager import RunManager
from playground.runs.store import RunStore, default_directory
from playground.terminal import err, fetch_if_missing, sentences
from playground.text.corpora import CorpusLibrary
from playground.text.decoding import decode

app = typer.Typer(
    help="Train recurrent networks and look inside.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
runs = typer.Typer(help="Look at, resume, export and delete runs.", no_args_is_help=True)
app.add_typer(runs, name="runs")
app.add_typer(bench, name="bench")
_WATCH_SECONDS = 0.2


def _setting(name: str) -> Any:
    """An option for a setting; its value is checked by the config, in one sentence."""
    info = FIELDS[name][1]
    default = "off" if info.default is None else str(info.default)
    return typer.Option(
        f"--{name.replace('_', '-')}", help=info.description, show_default=default, metavar="VALUE"
    )


DataDir = Annotated[
    Optional[Path],
    typer.Option(
        help="Where runs are kept.", show_default="$PLAYGROUND_DATA, else the user's data directory"
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")]
Run = Annotated[str, typer.Argument(help="A run's id, the beginning of it, or `latest`.", metavar="RUN")]


@app.command()
def train(
    corpus: Annotated[Optional[str], typer.Option(help="A text's id, or the path of a .txt file.", metavar="NAME|PATH")] = None,
    encoding: Annotated[Optional[str], typer.Option(help="Of a file that is not UTF-8: gb18030 or latin-1.")] = None,
    normalize: Annotated[Optional[str], _setting("normalize")] = None,
    token_level: Annotated[Optional[str], _setting("token_level")] = None,
    max_tokens: Annotated[Optional[str], _setting("max_tokens")] = None,
    held_out: Annotated[Optional[str], _setting("held_out")] = None,
    max_vocab: Annotated[Optional[str], _setting("max_vocab")] = None,
    cell: Annotated[Optional[str], _setting("cell")] = None,
    nonlinearity: Annotated[Optional[str], _setting("nonlinearity")] = None,
    num_layers: Annotated[Optional[str], _setting("num_layers")] = None,
    bidirectional: Annotated[bool, typer.Option("--bidirectional", help=FIELDS["bidirectional"][1].description)] = False,
    hidden_size: Annotated[Optional[str], _setting("hidden_size")] = None,
    input: Annotated[Optional[str], _setting("input")] = None,
    embedding_size: Annotated[Optional[str], _setting("embedding_size")] = None,
    dropout: Annotated[Optional[str], _setting("dropout")] = None,
    optimizer: Annotated[Optional[str], _setting("optimizer")] = None,
    lr: Annotated[Optional[str], _setting("lr")] = None,
    epochs: Annotated[Optional[str], _setting("epochs")] = None,
    batch_size: Annotated[Optional[str], _setting("batch_size")] = None,
    num_steps: Annotated[Optional[str], _setting("num_steps")] = None,
    sampling: Annotated[Optional[str], _setting("sampling")] = None,
    max_grad_norm: Annotated[Optional[str], _setting("max_grad_norm")] = None,
    seed: Annotated[Optional[str], _setting("seed")] = None,
    sample_every: Annotated[Optional[str], _setting("sample_every")] = None,
    sample_prefix: Annotated[Optional[str], _setting("sample_prefix")] = None,
    sample_length: Annotated[Optional[str], _setting("sample_length")] = None,
    device: Annotated[Optional[str], _setting("device")] = None,
    threads: Annotated[Optional[str], _setting("threads")] = None,
    name: Annotated[str, typer.Option(help="What to call the run.")] = "",
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Train a model; Ctrl-C stops after the step under way and keeps the weights."""
    given = {k: v for k, v in locals().items() if k in FIELDS and v is not None and k != "corpus"}
    with sentences():
        config = from_flat(given)  # wrong values are told before any file is touched
        _require_device(config)
        manager = launch(data_dir, inline=True)
        if corpus is not None:
            config = from_flat(given | {"corpus": _find_corpus(manager.store.library, corpus, encoding)})
        fetch_if_missing(manager.store.library, config.corpus.corpus)
        _follow(manager, manager.start(config, name), as_json)


@runs.command("resume")
def runs_resume(run: Run, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Go on from the last checkpoint of a stopped, failed or interrupted run."""
    with sentences():
        manager = launch(data_dir, inline=True)
        record = manager.store.find(run)
        manager.resume(record.id)
        _follow(manager, record, as_json)


@runs.command("list")
def runs_list(data_dir: DataDir = None, as_json: Json = False) -> None:
    """All runs, newest first."""
    with sentences():
        records = _open(data_dir).all()
    if as_json:
        typer.echo(json.dumps([_summary(r) for r in records]))
        return
    if not records:
        typer.echo("No run yet. Start one: python -m playground train")
        return
    table = Table("id", "name", "status", "epoch", "train perplexity", "held-out")
    for r in records:
        name = f"{r.name} (a trap: two directions)" if r.config.is_trap else r.name
        table.add_row(r.id, name, r.status, f"{r.epoch:.1f}", _shown(r.train_loss), _shown(r.heldout_loss))
    Console().print(table)


@runs.command("show")
def runs_show(run: Run, data_dir: DataDir = None, as_json: Json = False) -> None:
    """One run: settings, figures and the newest sample."""
    with sentences():
        store = _open(data_dir)
        record = store.find(run)
        samples = store.history(record.id).samples
    summary = _summary(record)
    if as_json:
        typer.echo(json.dumps(summary | {"name": record.name, "config": record.config.model_dump()}))
        return
    table = Table(record.name, "", show_header=True)
    for key, value in summary.items():
        table.add_row(key, "-" if value is None else str(value))
    if record.reason:
        table.add_row("reason", str(record.reason))
    Console().print(table)
    typer.echo(record.config.model_dump_json(indent=2))
    if samples:
        typer.echo(f"epoch {samples[-1].epoch:g}: {samples[-1].prefix}{samples[-1].text}")


@runs.command("delete")
def runs_delete(
    run: Run,
    data_dir: DataDir = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete an ended run with its weights."""
    with sentences():
        store = _open(data_dir)
        record = store.find(run)
        if not yes and not typer.confirm(f"Delete {record.name!r} ({record.id}) with its weights?"):
            raise typer.Exit(1)
        store.delete(record.id)
    typer.echo(f"Deleted {record.id}.")


@runs.command("export")
def runs_export(
    run: Run,
    out: Annotated[Path, typer.Option("--out", help="Folder; created when missing.")],
    data_dir: DataDir = None,
) -> None:
    """Write weights.safetensors, config.json, vocab.json and metrics.csv."""
    with sentences():
        store = _open(data_dir)
        for file in export_to(store, store.find(run).id, out):
            typer.echo(file)


def _open(data_dir: Path | None) -> RunStore:
    store = RunStore(data_dir or default_directory())
    store.recover()
    return store


def _find_corpus(library: CorpusLibrary, name: str, encoding: str | None) -> str:
    """An id as it is; a path's text is added to the library first."""
    known = {info.id for info in library.all()}
    path = Path(name)
    try:
        if name in known or not path.is_file():
            return name
        data = path.read_bytes()
    except OSError as error:
        raise PlaygroundError(
            "The file {file} cannot be read ({reason}). Choose another.",
            file=name[:80],
            reason=error.strerror or str(error),
        ) from None
    return library.add(path.stem, decode(data, encoding=encoding)).id


def _require_device(config: RunConfig) -> None:
    """Raise DeviceError before a run is made that could only fail."""
    from playground.training.devices import pick_device

    pick_device(config.train.device)


def _follow(manager: RunManager, record: RunRecord, as_json: bool) -> None:
    """Show progress until the run has ended, then say how."""
    epochs = record.config.train.epochs
    columns = (
        TextColumn("{task.description}"), BarColumn(), TextColumn("epoch {task.fields[epoch]}"),
        TextColumn("perplexity {task.fields[perplexity]}"), TextColumn("{task.fields[speed]} tokens/s"),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=err) as progress:
        task = progress.add_task(record.name, total=epochs, epoch="0", perplexity="-", speed="-")
        ended = False
        while not ended:
            try:
                now = manager.wait(record.id, _WATCH_SECONDS)
                ended = not now.status.is_active
                progress.update(
                    task, completed=now.epoch, epoch=f"{now.epoch:.1f}",
                    perplexity=_shown(now.step_loss), speed=f"{now.tokens_per_second or 0:,.0f}",
                )  # fmt: skip
            except KeyboardInterrupt:
                err.print("Stopping after this step …")
                with suppress(RunStateError):  # it has ended meanwhile
                    manager.stop(record.id)
                manager.wait(record.id)
    record = manager.wait(record.id)
    manager.close()
    manager.store.close()
    if record.reason:
        err.print(str(record.reason))
    if record.config.is_trap:
        err.print(
            "A trap: with two directions the network has seen the token to be predicted. It cannot write."
        )
    err.print(f"{record.status} · {record.id} · train perplexity {_shown(record.train_loss)}")
    if as_json:
        sys.stdout.flush()
        typer.echo(json.dumps(_summary(record)))
    if record.status is RunStatus.FAILED:
        raise typer.Exit(1)


def _summary(record: RunRecord) -> dict[str, object]:
    return {
        "run_id": record.id,
        "status": record.status.value,
        "epochs": round(record.epoch, 4),
        "steps": record.step,
        "train_perplexity": _finite(record.train_loss),
        "heldout_perplexity": _finite(record.heldout_loss),
        "tokens_per_second": round(record.tokens_per_second, 1) if record.tokens_per_second else None,
        "seconds": round(record.seconds, 3),
        "device": record.machine.device if record.machine else None,
        "threads": record.machine.threads if record.machine else None,
    }


def _finite(loss: float | None) -> float | None:
    """Perplexity for JSON, which has no infinity."""
    value = math.inf if loss is None else perplexity(loss)
    return value if math.isfinite(value) else None


def _shown(loss: float | None) -> str:
    return "-" if loss is None else f"{perplexity(loss):.3g}"
