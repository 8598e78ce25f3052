"""`train`: every setting is an option."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from playground.cli.common import CorpusName, DataDir, Encoding, Json, find_corpus, setting_option
from playground.cli.watch import watch
from playground.config import FIELDS, RunConfig, from_flat
from playground.runs.launch import launch
from playground.terminal import exit_on_error, fetch_if_missing


def _setting(name: str) -> Any:
    return setting_option(name, FIELDS[name][1])


def train(
    corpus: CorpusName = None,
    encoding: Encoding = None,
    normalize: Annotated[str | None, _setting("normalize")] = None,
    token_level: Annotated[str | None, _setting("token_level")] = None,
    max_tokens: Annotated[str | None, _setting("max_tokens")] = None,
    held_out: Annotated[str | None, _setting("held_out")] = None,
    max_vocab: Annotated[str | None, _setting("max_vocab")] = None,
    cell: Annotated[str | None, _setting("cell")] = None,
    nonlinearity: Annotated[str | None, _setting("nonlinearity")] = None,
    num_layers: Annotated[str | None, _setting("num_layers")] = None,
    bidirectional: Annotated[
        bool, typer.Option("--bidirectional", help=FIELDS["bidirectional"][1].description)
    ] = False,
    objective: Annotated[str | None, _setting("objective")] = None,
    hidden_size: Annotated[str | None, _setting("hidden_size")] = None,
    input: Annotated[str | None, _setting("input")] = None,
    embedding_size: Annotated[str | None, _setting("embedding_size")] = None,
    dropout: Annotated[str | None, _setting("dropout")] = None,
    optimizer: Annotated[str | None, _setting("optimizer")] = None,
    lr: Annotated[str | None, _setting("lr")] = None,
    epochs: Annotated[str | None, _setting("epochs")] = None,
    batch_size: Annotated[str | None, _setting("batch_size")] = None,
    num_steps: Annotated[str | None, _setting("num_steps")] = None,
    sampling: Annotated[str | None, _setting("sampling")] = None,
    max_grad_norm: Annotated[str | None, _setting("max_grad_norm")] = None,
    weight_averaging: Annotated[str | None, _setting("weight_averaging")] = None,
    seed: Annotated[str | None, _setting("seed")] = None,
    sample_every: Annotated[str | None, _setting("sample_every")] = None,
    sample_prefix: Annotated[str | None, _setting("sample_prefix")] = None,
    sample_length: Annotated[str | None, _setting("sample_length")] = None,
    device: Annotated[str | None, _setting("device")] = None,
    threads: Annotated[str | None, _setting("threads")] = None,
    name: Annotated[str, typer.Option(help="What to call the run.")] = "",
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Train a model; Ctrl-C stops after the step under way and keeps the weights."""
    given = {k: v for k, v in locals().items() if k in FIELDS and v is not None and k != "corpus"}
    with exit_on_error():
        config = from_flat(given)  # wrong values are told before any file is touched
        _require_device(config)
        manager = launch(data_dir, inline=True)
        if corpus is not None:
            config = from_flat(given | {"corpus": find_corpus(manager.store.library, corpus, encoding)})
        fetch_if_missing(manager.store.library, config.corpus.corpus)
        watch(manager, manager.start(config, name), as_json)


def _require_device(config: RunConfig) -> None:
    """Raise DeviceError before a run is made that could only fail."""
    from playground.training.devices import pick_device

    pick_device(config.train.device)
