"""`train`: every setting is an option."""

from __future__ import annotations

from typing import Annotated

import typer

from playground.cli.common import (
    CorpusName,
    DataDir,
    Encoding,
    Json,
    find_corpus,
    warn_of_spacing,
    with_settings,
)
from playground.cli.trained_here import trained_here
from playground.cli.watch import watch
from playground.config import RUN_FORM, RunConfig, from_flat
from playground.terminal import exit_on_error, fetch_if_missing, tell


@with_settings(RUN_FORM.fields, without=("corpus",))
def train(
    corpus: CorpusName = None,
    encoding: Encoding = None,
    *,
    given: dict[str, object],
    name: Annotated[str, typer.Option(help="What to call the run.")] = "",
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Train a model; Ctrl-C stops after the step under way and keeps the weights."""
    with exit_on_error():
        config = from_flat(given)  # wrong values are told before any file is touched
        _require_device(config)
        with trained_here(data_dir) as manager:
            library = manager.store.library
            if corpus is not None:
                config = from_flat(given | {"corpus": find_corpus(library, corpus, encoding)})
            fetch_if_missing(library, config.corpus.corpus)
            warn_of_spacing(library, config.corpus)  # first: what it tells explains a text of too few tokens
            needs = (manager.memory.told(config), manager.memory.told_of_weights(config))
            record = manager.start(config, name)
            for told in needs:
                if told is not None:
                    tell(str(told))
            watch(manager, record, as_json)


def _require_device(config: RunConfig) -> None:
    """Raise DeviceError before a run is made that could only fail."""
    from playground.training.devices import pick_device

    pick_device(config.train.device)
