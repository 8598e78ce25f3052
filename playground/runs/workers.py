"""Warm training processes: torch is already imported, so a run starts at once."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Mapping
from pathlib import Path

import psutil

from playground.errors import OutOfMemory, WorkerError
from playground.records import Reason
from playground.runs.failure import NO_MEMORY
from playground.runs.job import Job
from playground.runs.machine_memory import count_oom_kills
from playground.runs.worker import READY
from playground.store.messages import Failed, Message, from_json
from playground.training.control import RunControl
from playground.training.events import Finished, Suspended

_ROOT = Path(__file__).parents[2]
_LOG_CHARACTERS = 300
"""Of what a process printed last, told in the error."""


_ROOM = 2**30
"""Bytes that have to be free before a worker is started that nobody waits for: it takes a quarter of them."""


def _available() -> int:
    return int(psutil.virtual_memory().available)


class Worker:
    """One process; does one job at a time.

    Args:
        log: The file that receives what the process prints.
    """

    def __init__(self, log: Path) -> None:
        self._log = log
        self._oom_kills = count_oom_kills()
        log.parent.mkdir(parents=True, exist_ok=True)
        path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
        with log.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "playground.runs.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=os.environ | {"PYTHONPATH": path},
                start_new_session=True,  # Ctrl-C is for the server, which then stops its runs in order
            )
        self.missing_devices: dict[str, Reason] | None = None
        """Devices that are not here, with the reason; None until the process is ready."""
        self._greeting = threading.Thread(target=self._read_greeting, daemon=True)
        self._greeting.start()

    @property
    def is_alive(self) -> bool:
        """The process runs."""
        return self.process.poll() is None

    def run(self, job: Job, control: RunControl) -> Generator[list[Message]]:
        """Do a job.

        Raises:
            WorkerError: The process died.
        """
        self.wait_until_ready()
        if self.missing_devices is None:
            raise self._exit_error()
        self._write(f"start {job.to_json()}")
        control.attach(self._write)
        try:
            while True:
                messages = from_json(self._read())
                yield messages
                if isinstance(messages[-1], Finished | Suspended | Failed):
                    return
        finally:
            control.detach()

    def wait_until_ready(self, timeout: float | None = None) -> None:
        """Wait until the process has told that it is ready, has ended, or so many seconds have passed."""
        self._greeting.join(timeout)

    def _read_greeting(self) -> None:
        assert self.process.stdout is not None
        word, _, missing = self.process.stdout.readline().decode().partition(" ")
        if word == READY:
            self.missing_devices = {name: Reason(*told) for name, told in json.loads(missing).items()}

    def close(self) -> None:
        """End the process: by closing its input, and after three seconds by killing it."""
        with contextlib.suppress(OSError):
            if self.process.stdin:
                self.process.stdin.close()
        try:
            self.process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._greeting.join()
        if self.process.stdout:
            self.process.stdout.close()
        self._log.unlink(missing_ok=True)

    def _write(self, line: str) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # a dead or closed process is noticed by whoever reads
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()

    def _read(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line.endswith(b"\n"):
            raise self._exit_error()
        return line.decode().strip()

    def _exit_error(self) -> WorkerError:
        """Why the process ended, as far as its exit code and its output tell."""
        code = self.process.wait()
        if code == -signal.SIGKILL and (count_oom_kills() or 0) > (self._oom_kills or 0):
            return OutOfMemory(NO_MEMORY)
        if code < 0:
            return WorkerError(
                "The training process was killed ({signal}), which often means that memory ran out. "
                "If it happens again, choose fewer hidden units or a smaller batch.",
                signal=signal.Signals(-code).name,
            )
        output = self._log.read_text("utf-8", "replace").strip() if self._log.exists() else ""
        return WorkerError(
            "The training process ended by itself (code {code}). {words}",
            code=code,
            words=output[-_LOG_CHARACTERS:],
        )


class ProcessExecutor:
    """A pool of warm workers; each run has one to itself.

    One worker is warm at the start, and one more each time that a run takes the last, as far as runs may train at the
    same time; as many stay as were busy at once. A spare one needs memory: without, a run waits for its worker.

    Args:
        logs: The folder for what workers print.
        warm: The most workers that are kept warm: as many as runs may train at the same time.
        available: Bytes of memory that processes can have now.
    """

    def __init__(self, logs: Path, *, warm: int = 1, available: Callable[[], int] = _available) -> None:
        self._logs = logs
        self._available = available
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._warm = warm
        self._idle: list[Worker] = [self._spawn() for _ in range(min(1, warm))]
        self._busy: list[Worker] = []
        self._most_busy = 1
        self._closed = False
        self._missing_devices: Mapping[str, Reason] | None = None

    def run(self, job: Job, control: RunControl) -> Generator[list[Message]]:
        """Do a job in a worker; a worker that dies is replaced."""
        worker = self._acquire()
        finished = False
        try:
            for messages in worker.run(job, control):
                finished = isinstance(messages[-1], Finished | Suspended)
                yield messages
        finally:
            self._release(worker, reuse=finished)

    def warm(self) -> None:
        """Have at least one idle worker, where memory allows."""
        with self._lock:
            if not self._closed and not self._idle and self._has_room():
                self._idle.append(self._spawn())

    def missing_devices(self, timeout: float = 0.0) -> Mapping[str, Reason] | None:
        """As the first worker tells: this process imports no torch. Known within seconds of the server's start."""
        if self._missing_devices is None:
            with self._lock:
                workers = self._idle + self._busy
            for worker in workers[:1]:
                worker.wait_until_ready(timeout)
                self._missing_devices = worker.missing_devices
        return self._missing_devices

    def close(self) -> None:
        """End all workers, busy ones too."""
        with self._lock:
            self._closed = True
            workers = self._idle + self._busy
            self._idle, self._busy = [], []
        for worker in workers:
            worker.close()

    def _has_room(self) -> bool:
        return self._available() >= _ROOM

    def _spawn(self) -> Worker:
        return Worker(self._logs / f"worker-{os.getpid()}-{next(self._numbers)}.log")

    def _acquire(self) -> Worker:
        with self._lock:
            if self._closed:
                raise WorkerError("The server is stopping. Start the run again when it is back.")
            while self._idle:
                worker = self._idle.pop()
                if worker.is_alive:
                    break
                worker.close()
            else:
                worker = self._spawn()
            self._busy.append(worker)
            self._most_busy = max(self._most_busy, len(self._busy))
            if not self._idle and len(self._busy) < self._warm and self._has_room():
                self._idle.append(self._spawn())  # for whoever presses Start next
            return worker

    def _release(self, worker: Worker, *, reuse: bool) -> None:
        with self._lock:
            if worker not in self._busy:
                return  # closed in the meantime
            self._busy.remove(worker)
            most_idle = max(1, min(self._warm, self._most_busy)) if self._has_room() else 1
            if reuse and worker.is_alive and len(self._idle) < most_idle:
                self._idle.append(worker)
                return
        worker.close()
        self.warm()
