"""What a run writes, streamed to a browser as lines of JSON while it is written."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from playground.config import WriteConfig
from playground.errors import ConfigError, PlaygroundError
from playground.records import RunRecord, WrittenToken
from playground.runs.manager import RunManager
from playground.services.checkpoints import checkpoint_at
from playground.services.copies import CopyService
from playground.services.text import TextService
from playground.settings import validate
from playground.text.vocab import UNK_ID

_TELL_SECONDS = 0.05
"""Between two lines of a text that is being written."""


def written(
    manager: RunManager,
    text_service: TextService,
    copy_service: CopyService,
    id: str,
    given: Mapping[str, str],
    tell: Callable[[PlaygroundError], str] = str,
) -> Iterator[str]:
    """What a run writes, as lines of JSON: the prefix, then tokens as they come, then that it is done, and what is copied.

    Of the training text nothing is told but which stretches of the written text stand in it: whoever may let a network
    write need not be allowed to read what it was trained on.

    Args:
        manager: Keeps the runs.
        text_service: Writes.
        copy_service: Compares what was written with the training text.
        id: The run that writes.
        given: `prefix`, perhaps `epoch`, and settings of a `WriteConfig`.
        tell: Says what went wrong on the way.

    Raises:
        RunNotFound: No such run.
        ConfigError: A setting outside its range, an empty prefix, or a run that cannot write.
        StoreError: No weights.
    """
    run = manager.store.get(id)
    settings = validate(
        WriteConfig, {name: given[name] for name in WriteConfig.model_fields if name in given}
    )
    try:
        epoch = float(given["epoch"]) if "epoch" in given else None
    except ValueError:
        raise ConfigError(
            "epoch is {value}; give a number, such as 10.", value=repr(given["epoch"])
        ) from None
    prefix = text_service.prefix(run, given.get("prefix", ""))
    known = manager.store.vocab(id)
    tokens = text_service.write(
        run, checkpoint_at(manager.store, run, epoch), given.get("prefix", ""), settings
    )
    told = [(token, known is not None and known.ids([token]) != [UNK_ID]) for token in prefix]

    def judge(text: str) -> dict[str, object]:
        return _copied(copy_service, run, text, tell)

    return _lines(told, tokens, run.config.corpus.between, judge, tell)


def _copied(
    copy_service: CopyService, run: RunRecord, text: str, tell: Callable[[PlaygroundError], str]
) -> dict[str, object]:
    """Which stretches of a text are copied, or why that cannot be said."""
    try:
        found = copy_service.copied(run, text)
    except PlaygroundError as error:  # the training text was deleted
        return {"problem": tell(error)}
    return {
        "stretches": found.stretches,
        "longest": found.longest,
        "share": _short(found.share),
        "least": found.least,
    }


def _lines(
    prefix: Sequence[tuple[str, bool]],
    tokens: Iterator[WrittenToken],
    between: str,
    judge: Callable[[str], dict[str, object]],
    tell: Callable[[PlaygroundError], str],
) -> Iterator[str]:
    yield json.dumps({"prefix": prefix}) + "\n"
    written: list[str] = []
    try:
        yield from _token_lines(tokens, written)
        yield json.dumps({"tokens": [], "done": True, "copied": judge(between.join(written))}) + "\n"
    except PlaygroundError as error:  # the network diverges on the way
        yield json.dumps({"error": tell(error)}) + "\n"


def _token_lines(tokens: Iterator[WrittenToken], written: list[str]) -> Iterator[str]:
    """Lines of tokens; each token is also appended to `written`."""
    waiting: list[object] = []
    told = time.monotonic()
    for token in tokens:
        top = [(c.token, _short(c.own), _short(c.probability)) for c in token.likeliest]
        written.append(token.token)
        waiting.append((token.token, _short(token.bits), top))
        if time.monotonic() - told >= _TELL_SECONDS:
            yield json.dumps({"tokens": waiting}) + "\n"
            waiting, told = [], time.monotonic()
    yield json.dumps({"tokens": waiting}) + "\n"  # whole before it is compared, which may take a while


def _short(value: float) -> float:
    return float(f"{value:.4g}")
