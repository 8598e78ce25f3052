"""Put store, executor and manager together."""

from __future__ import annotations

from pathlib import Path

from playground.errors import StoreError
from playground.runs.executors import Executor, InlineExecutor
from playground.runs.manager import RunManager
from playground.runs.workers import ProcessExecutor
from playground.server_settings import ServerSettings
from playground.store.run_store import RunStore, default_directory


def launch(directory: Path | None = None, *, inline: bool = False, corpora: Path | None = None) -> RunManager:
    """Open a data directory and make it ready to train.

        >>> from tempfile import TemporaryDirectory
        >>> from playground.config import from_flat
        >>> folder = TemporaryDirectory()
        >>> manager = launch(Path(folder.name), inline=True)
        >>> small = {"cell": "gru", "hidden_size": 8, "max_tokens": 2_000, "epochs": 1}
        >>> run = manager.start(from_flat(small | {"device": "cpu", "threads": 1}))
        >>> manager.wait(run.id).status.value
        'finished'
        >>> manager.close()
        >>> manager.store.close()
        >>> folder.cleanup()

    Args:
        directory: The data directory; None takes `PLAYGROUND_DATA`, else the user's own.
        inline: Train in a thread of this process instead of a worker process.
        corpora: The folder of the texts; None keeps them in the data directory.

    Raises:
        StoreError: The directory cannot be used.
        DirectoryInUse: It belongs to another program.
        ConfigError: A variable of `ServerSettings` does not fit.
    """
    settings = ServerSettings.read()
    store = RunStore(directory or default_directory(), corpora=corpora, settings=settings)
    try:
        store.ownership.acquire()  # before anything is started
    except StoreError:
        store.close()
        raise
    logs = store.directory / "logs"
    executor: Executor = InlineExecutor() if inline else ProcessExecutor(logs, warm=settings.slots)
    return RunManager(store, executor, slots=settings.slots)
