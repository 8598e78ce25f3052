"""What has to be true before a run starts, and what is said of an action that its status does not allow."""

from __future__ import annotations

from playground.config import RunConfig
from playground.errors import DeviceError, RunStateError, gettext_noop
from playground.records import RunRecord
from playground.runs.executors import Executor
from playground.text.corpora import CorpusLibrary
from playground.text.prepare import count_training_tokens, require_enough, tokens_of_a_batch
from playground.training.control import Command

_DEVICES_SECONDS = 10.0
"""Until a worker that has just been started can say which devices there are."""
_WRONG_STATE = {
    Command.PAUSE: gettext_noop("The run {name!r} is {status}, so it cannot be paused."),
    Command.RESUME: gettext_noop("The run {name!r} is {status}, so it cannot be resumed."),
    Command.STOP: gettext_noop("The run {name!r} is {status}, so it cannot be stopped."),
    Command.SNAPSHOT: gettext_noop("The run {name!r} is {status}, so it has no newer weights to save."),
}


def require_device(executor: Executor, config: RunConfig) -> None:
    """Raise DeviceError where a run could only fail, before there is one."""
    device = config.train.device
    if device in ("auto", "cpu"):
        return
    reason = (executor.missing_devices(_DEVICES_SECONDS) or {}).get(device)
    if reason is not None:
        raise DeviceError(reason.message, **reason.params)


def require_text(library: CorpusLibrary, config: RunConfig) -> None:
    """Raise CorpusError where the text is not here, or too short for one batch."""
    corpus = library.load(config.corpus.corpus)
    tokens = count_training_tokens(corpus, config.corpus, enough=tokens_of_a_batch(config.train))
    require_enough(corpus.title, tokens, config.train)


def wrong_state(run: RunRecord, command: Command) -> RunStateError:
    """The sentence for what cannot be asked of a run now."""
    return RunStateError(_WRONG_STATE[command], name=run.name, status=run.status.value)
