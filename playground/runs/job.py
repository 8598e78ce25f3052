"""One run's work, wherever it is done: read the text, train, write checkpoints, report."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from playground.config import RunConfig, parse_json
from playground.errors import TextChanged
from playground.records import CheckpointRecord
from playground.runs.memory_check import require_fitting_card
from playground.store.messages import CheckpointSaved, Message, VocabBuilt
from playground.training.control import RunControl
from playground.training.events import CheckpointReady, EpochDone, SampleMade, StepDone

REPORT_SECONDS = 0.1
"""Steps, epochs and samples are reported together this often; everything else at once.

Each report becomes a transaction, and each transaction waits for the disk.
"""
_REPORTED_TOGETHER = (StepDone, EpochDone, SampleMade)


@dataclass(frozen=True)
class Job:
    """What a worker needs to know."""

    config: RunConfig
    corpora: Path
    """The data directory's own texts."""
    directory: Path
    """Where this run's checkpoints go."""
    resume: CheckpointRecord | None = None

    def to_json(self) -> str:
        """One line."""
        return json.dumps(
            {
                "config": self.config.model_dump_json(),
                "corpora": str(self.corpora),
                "directory": str(self.directory),
                "resume": asdict(self.resume) if self.resume else None,
            }
        )

    @classmethod
    def from_json(cls, line: str) -> Job:
        """Inverse of `to_json`."""
        data = json.loads(line)
        resume = CheckpointRecord(**data["resume"]) if data["resume"] else None
        return cls(parse_json(data["config"]), Path(data["corpora"]), Path(data["directory"]), resume)


def work(
    job: Job, control: RunControl, *, clock: Callable[[], float] = time.perf_counter
) -> Iterator[list[Message]]:
    """Do a job; yield what happened in small lists. The last message is `Finished`.

    Raises:
        PlaygroundError: The text, the device, the disk or a checkpoint is at fault.
    """
    # torch takes more than a second to import: only whoever trains pays for it
    from playground.store.weights import load_training, load_weights, save_checkpoint
    from playground.text.corpora import CorpusLibrary
    from playground.text.prepare import prepare
    from playground.training.trainer import Trainer

    corpus = CorpusLibrary(job.corpora).load(job.config.corpus.corpus)
    text = prepare(corpus, job.config.corpus)
    require_fitting_card(job.config, len(text.vocab))
    trainer = Trainer(job.config, text, clock=clock)
    if job.resume is not None and job.resume.training_file is not None:
        training, progress, text_sha256 = load_training(job.directory / job.resume.training_file)
        if text_sha256 != corpus.sha256:
            raise TextChanged(
                "The text {name!r} is not the one that this run began with, so it cannot go on. Start "
                "a new run.",
                name=corpus.title,
            )
        trainer.load(load_weights(job.directory / job.resume.weights_file), training, progress)
    waiting: list[Message] = [VocabBuilt(text.vocab.to_json())]
    reported_at = -REPORT_SECONDS
    for event in trainer.run(control):
        if isinstance(event, CheckpointReady):
            files = save_checkpoint(job.directory, event, corpus.sha256)
            waiting.append(CheckpointSaved(event.epoch, event.step, event.kept, *files))
        else:
            waiting.append(event)
        if not isinstance(event, _REPORTED_TOGETHER) or clock() - reported_at >= REPORT_SECONDS:
            if isinstance(event, _REPORTED_TOGETHER):
                reported_at = clock()
            yield waiting
            waiting = []
    if waiting:
        yield waiting
