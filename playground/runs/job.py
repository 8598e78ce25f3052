"""One run's work, wherever it is done: read the text, train, write checkpoints, report."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from playground.cache import Cache
from playground.config import CorpusConfig, RunConfig, flatten, from_flat, parse_json
from playground.errors import StoreError, TextChanged
from playground.records import CheckpointRecord, Reason, RunRecord
from playground.runs.failure import is_out_of_memory
from playground.runs.memory import device_memory
from playground.runs.memory_check import require_fitting_card
from playground.store.messages import CheckpointSaved, Message, VocabBuilt
from playground.store.space import is_full
from playground.training.control import Command, RunControl
from playground.training.events import CheckpointReady, EpochDone, Paused, Resumed, SampleMade, StepDone
from playground.training.meter import SpeedMeter

if TYPE_CHECKING:
    from torch import Tensor

    from playground.text.corpora import Corpus
    from playground.text.prepare import PreparedText
    from playground.training.trainer import Trainer

REPORT_SECONDS = 0.1
"""Steps, epochs and samples are reported together this often; everything else at once.

Each report becomes a transaction, and each transaction waits for the disk.
"""
_REPORTED_TOGETHER = (StepDone, EpochDone, SampleMade)


_KEPT_TOKENS = 4_000_000
"""Of prepared texts, some 30 MB: a long text takes half a second, and a turn is but three."""
_PREPARED: Cache[PreparedText] = Cache(_KEPT_TOKENS, lambda text: len(text.train) + len(text.heldout))


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


def config_to_begin(record: RunRecord) -> RunConfig:
    """The settings to begin or go on with: θ where it was moved to, and the threads it began with.

    Another number of threads changes the last bits of a loss.
    """
    changed: dict[str, object] = {"max_grad_norm": record.max_grad_norm}
    if record.facts is not None:
        changed["threads"] = record.facts.threads
    return from_flat(flatten(record.config) | changed)


def work(
    job: Job,
    control: RunControl,
    *,
    clock: Callable[[], float] = time.perf_counter,
    limit: Callable[[int], None] = lambda needed: None,
) -> Generator[list[Message]]:
    """Do a job; yield what happened in small lists. The last message is `Finished`, or `Suspended`.

    Args:
        job: What there is to do.
        control: What a person asks meanwhile.
        clock: Seconds that only grow.
        limit: Told how many bytes it will take beside its text, before it takes them; not of a graphics card's.

    Raises:
        PlaygroundError: The text, the device, the disk or a checkpoint is at fault.
    """
    # torch takes more than a second to import: only whoever trains pays for it
    from playground.store.weights import load_training, load_weights, save_checkpoint
    from playground.text.corpora import CorpusLibrary
    from playground.training.devices import pick_device
    from playground.training.trainer import Trainer

    corpus = CorpusLibrary(job.corpora).load(job.config.corpus.corpus)
    text = _prepared(corpus, job.config.corpus)
    require_fitting_card(job.config, len(text.vocab))
    if pick_device(job.config.train.device).type == "cpu":
        limit(device_memory(job.config, len(text.vocab)))
    trainer = Trainer(job.config, text, clock=clock)
    if job.resume is not None and job.resume.training_file is not None:
        training, progress, text_sha256 = load_training(job.directory / job.resume.training_file)
        if text_sha256 != corpus.sha256:
            raise TextChanged(
                "The text {name!r} is not the one that this run began with, so it cannot go on. Start "
                "a new run.",
                name=corpus.title,
            )
        _load(trainer, job, load_weights(job.directory / job.resume.weights_file), training, progress)
    waiting: list[Message] = [VocabBuilt(text.vocab.to_json())]
    reported_at = -REPORT_SECONDS
    for event in trainer.run(control):
        if isinstance(event, CheckpointReady):
            save = partial(save_checkpoint, job.directory, event, corpus.sha256)
            files = yield from _save_with_room(save, event.step, control, trainer.meter, waiting)
            if files is None:
                continue
            weights_size, training_size = ((job.directory / file).stat().st_size for file in files)
            waiting.append(
                CheckpointSaved(
                    event.epoch, event.step, event.kept, *files, weights_size, training_size, event.loss
                )
            )
        else:
            waiting.append(event)
        if not isinstance(event, _REPORTED_TOGETHER) or clock() - reported_at >= REPORT_SECONDS:
            if isinstance(event, _REPORTED_TOGETHER):
                reported_at = clock()
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _prepared(corpus: Corpus, config: CorpusConfig) -> PreparedText:
    """A text's tokens; those of the last runs are kept, for whoever takes turns needs them again in a moment."""
    from playground.text.prepare import prepare

    key = (corpus.sha256, corpus.title, config.model_dump_json())
    return _PREPARED.get(key, lambda: prepare(corpus, config))


def _load(
    trainer: Trainer,
    job: Job,
    weights: Mapping[str, Tensor],
    training: Mapping[str, Tensor],
    progress: Mapping[str, int | float],
) -> None:
    """Go back to a checkpoint; one whose parts do not go together is told by its name."""
    from playground.store.weights import unreadable

    assert job.resume is not None
    file = Path(job.resume.training_file or job.resume.weights_file)
    if progress.get("step") != job.resume.step:
        raise unreadable(file)
    try:
        trainer.load(weights, training, progress)
    except (RuntimeError, ValueError, TypeError, LookupError, OverflowError, AttributeError) as error:
        if is_out_of_memory(error):
            raise
        raise unreadable(file) from error


def _save_with_room(
    save: Callable[[], tuple[str, str]],
    step: int,
    control: RunControl,
    meter: SpeedMeter,
    waiting: list[Message],
) -> Generator[list[Message], None, tuple[str, str] | None]:
    """Write a checkpoint; on a full disk pause, with everything kept in memory, and try again when resumed.

    Returns:
        The files; None where the run is stopped and there is no room: it ends at the checkpoint before.

    Raises:
        StoreError: The disk refused for another reason.
    """
    while True:
        try:
            return save()
        except StoreError as error:
            if not is_full(error):
                raise
            if control.stopped:
                return None
            resumes = control.resumes
            control.send(Command.PAUSE)
            meter.stop()
            yield [*waiting, Paused(step, Reason(error.message, error.params))]
            waiting.clear()
            control.wait_until_resumed(resumes)
            if not control.stopped:
                meter.start()
                yield [Resumed(step)]
