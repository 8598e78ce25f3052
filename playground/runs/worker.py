"""A training process: `python -m playground.runs.worker`, started by `workers.py` and by nobody else.

Reads one line a command from standard input and writes one line of messages to
standard output. When standard input ends, the server is gone, and so is this
process: no orphan stays behind.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import queue
import sys
import threading
import traceback
from pathlib import Path
from typing import BinaryIO

from playground.errors import PlaygroundError
from playground.runs.failure import failure_reason
from playground.runs.job import Job, work
from playground.runs.memory_limit import lift_memory_limit, limit_memory
from playground.store.messages import Failed, to_json
from playground.training.control import RunControl

READY = "ready"


def main() -> None:
    """Warm up, then do one job after another."""
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever a library prints must not garble the messages
    _raise_oom_score()
    jobs: queue.SimpleQueue[tuple[Job, RunControl]] = queue.SimpleQueue()
    _warm_up()
    gc.freeze()  # what torch has made lives as long as this process: looking at it after every turn takes 0.1 s
    threading.Thread(target=_read_commands, args=(jobs,), daemon=True).start()
    _write_line(out, f"{READY} {_missing_devices()}")
    while True:
        job, control = jobs.get()
        try:
            for messages in work(job, control, limit=limit_memory):
                _write_line(out, to_json(messages))
        except PlaygroundError as error:
            _write_line(out, to_json([Failed(failure_reason(error))]))
        except Exception as error:
            traceback.print_exc()
            _write_line(out, to_json([Failed(failure_reason(error))]))
            os._exit(1)  # after a CUDA fault or a failed allocation nothing in here can be trusted
        _free_memory()
        lift_memory_limit()


def _warm_up() -> None:
    """Train the smallest model there is, so that the first real run waits for no import.

    torch alone takes a second, and the first optimiser another; a GPU wakes up slowly too.
    """
    from playground.config import from_flat
    from playground.text.corpora import Corpus
    from playground.text.prepare import prepare
    from playground.training.trainer import Trainer

    config = from_flat(
        {"hidden_size": 8, "batch_size": 1, "num_steps": 2, "epochs": 1, "held_out": 0, "sample_length": 1}
    )
    text = prepare(Corpus("warm-up", "Warm-up", "abcabc"), config.corpus)
    for _ in Trainer(config, text).run(RunControl()):
        pass


def _missing_devices() -> str:
    """What a server that imports no torch cannot know: device → [message, params], as JSON."""
    from playground.training.devices import missing_devices

    return json.dumps({name: [reason.message, reason.params] for name, reason in missing_devices().items()})


def _read_commands(jobs: queue.SimpleQueue[tuple[Job, RunControl]]) -> None:
    control = RunControl()
    try:
        for line in sys.stdin:
            word, _, rest = line.strip().partition(" ")
            if word == "start":
                control = RunControl()
                jobs.put((Job.from_json(rest), control))
            else:
                control.receive(line.strip())
    finally:
        os._exit(0)  # the server is gone, or speaks another language


def _write_line(out: BinaryIO, line: str) -> None:
    out.write(line.encode() + b"\n")


def _free_memory() -> None:
    import torch

    gc.collect()
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()


def _raise_oom_score() -> None:
    """Where memory runs out, Linux is to end this process and not the server."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


if __name__ == "__main__":
    main()
