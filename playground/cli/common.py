"""Options and results that several commands share."""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic.fields import FieldInfo

from playground.config import CorpusConfig
from playground.errors import ConfigError, CorpusError
from playground.format import exact, fixed, percent, perplexity_text
from playground.reasons import reason_of
from playground.records import MOST_UNKNOWN, CheckpointRecord, RunRecord, TextPart, perplexity
from playground.services.checkpoints import CheckpointCache, checkpoint_at, weights_remark
from playground.settings import choices_of
from playground.store.lost_runs import require_database
from playground.store.run_store import RunStore, default_directory
from playground.terminal import tell
from playground.text.corpora import CorpusLibrary, is_own
from playground.text.decoding import count_replaced, decode
from playground.text.segmentation import spacing

DataDir = Annotated[
    Path | None,
    typer.Option(
        help="Where runs are kept.", show_default="$PLAYGROUND_DATA, else the user's data directory"
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")]
Run = Annotated[str, typer.Argument(help="A run's id, the beginning of it, or `latest`.", metavar="RUN")]

Checkpoint = Annotated[
    str | None,
    typer.Option("--checkpoint", help="Its epoch.", show_default="the newest", metavar="EPOCH"),
]
CorpusName = Annotated[
    str | None, typer.Option("--corpus", help="A text's id, or the path of a .txt file.", metavar="NAME|PATH")
]
Encoding = Annotated[
    str | None,
    typer.Option(
        help="Of a file that is not UTF-8: gb18030, big5, shift_jis, latin-1 … as Python names them; "
        "utf-8-replace replaces bytes that do not fit.",
        metavar="NAME",
    ),
]


def open_store(data_dir: Path | None) -> RunStore:
    """Open a data directory to read it; of runs that a crash left, nothing is changed but that they are interrupted.

    A command that writes takes the directory for that moment, or is told whose it is.

    Raises:
        StoreError: It cannot be used, or its database is gone and runs are there.
    """
    directory = data_dir or default_directory()
    require_database(directory)
    store = RunStore(directory)
    if store.ownership.try_acquire():
        try:
            store.mark_interrupted()
        finally:
            store.ownership.release()
    tell_lost(store)
    return store


def tell_lost(store: RunStore) -> None:
    """Say so where runs lie in `lost/` that can be brought back."""
    remark = store.lost_runs.remark()
    if remark is not None:
        tell(remark)


def look_up(
    data_dir: Path | None, run: str, checkpoint: str | None
) -> tuple[CheckpointCache, RunRecord, CheckpointRecord]:
    """What a command that looks at a run's weights begins with.

    Args:
        data_dir: The data directory, as in `open_store`.
        run: The id of the run, the beginning of it, or `latest`.
        checkpoint: The epoch of the checkpoint as it was typed; None is the newest.

    Raises:
        ConfigError: The epoch is no number.
        StoreError: No such run, or no such checkpoint.
    """
    try:
        epoch = None if checkpoint is None else float(checkpoint)
    except ValueError:
        raise ConfigError(
            "checkpoint is {value}; give an epoch, such as 10.", value=repr(checkpoint)
        ) from None
    store = open_store(data_dir)
    record = store.find(run)
    chosen = checkpoint_at(store, record, epoch)
    remark = weights_remark(record, chosen) if epoch is None else None
    if remark is not None:
        tell(remark)
    return CheckpointCache(store), record, chosen


def find_corpus(library: CorpusLibrary, name: str, encoding: str | None) -> str:
    """An id as it is; a path's text is added to the library first.

    Raises:
        CorpusError: Neither a text nor a file, or a file that is no text.
    """
    texts = library.all()
    if any(info.id == name for info in texts):
        return name
    if any(text.id == name for text in library.damaged()):
        library.load(name)  # says what is wrong with it
    if not _is_there(name):
        raise CorpusError(
            "There is no file {file!r}, and no text of this id. Give a file's path, or one of {choices} "
            "(python -m playground corpora list tells all).",
            file=name[:80],
            choices=", ".join(info.id for info in texts if not is_own(info.id)),
        )
    return library.add(Path(name).stem, read_text(Path(name), encoding)).id


def read_text(file: Path, encoding: str | None) -> str:
    """A text file, decoded; bytes that an encoding replaces are counted on standard error.

    Raises:
        CorpusError: It cannot be read, or is no text.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise CorpusError(
            "The file {file} cannot be read ({reason}). Choose another.",
            file=str(file)[:80],
            reason=reason_of(error),
        ) from None
    text = decode(data, encoding=encoding)
    replaced = count_replaced(data, encoding)
    if replaced:
        tell(f"{replaced:,} bytes did not fit and were replaced.")
    return text


def _is_there(name: str) -> bool:
    try:
        return bool(name) and Path(name).exists()
    except (OSError, ValueError):  # too long for a file's name, or a character that none can have
        return False


def setting_option(name: str, info: FieldInfo) -> Any:
    """An option for a setting; its value is checked by the config, in one sentence."""
    default = "off" if info.default is None else str(info.default)
    words = choices_of(info)
    metavar = "|".join(words) or "VALUE"
    return typer.Option(
        f"--{name.replace('_', '-')}", help=info.description, show_default=default, metavar=metavar
    )


def with_settings(
    fields: Mapping[str, FieldInfo], *, without: Collection[str] = ()
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command an option for every setting, in the place of its parameter `given`: what was typed.

    Args:
        fields: Setting → its description.
        without: Settings that the command asks for in a way of its own.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        options = [_parameter(name, info) for name, info in fields.items() if name not in without]

        @functools.wraps(command)
        def run(**arguments: Any) -> None:
            typed = {option.name: arguments.pop(option.name) for option in options}
            command(given={name: text for name, text in typed.items() if text is not None}, **arguments)

        own = inspect.signature(command, eval_str=True)
        places = [
            place
            for parameter in own.parameters.values()
            for place in (options if parameter.name == "given" else [parameter])
        ]
        run.__signature__ = own.replace(  # type: ignore[attr-defined]
            parameters=[place.replace(kind=inspect.Parameter.KEYWORD_ONLY) for place in places]
        )
        return run

    return decorate


def _parameter(name: str, info: FieldInfo) -> inspect.Parameter:
    if info.annotation is bool:
        kind: Any = Annotated[bool | None, typer.Option(f"--{name.replace('_', '-')}", help=info.description)]
    else:
        kind = Annotated[str | None, setting_option(name, info)]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)


def moment(checkpoint: CheckpointRecord) -> dict[str, object]:
    """Which weights were looked at, for `--json`."""
    return {"run_id": checkpoint.run_id, "epoch": checkpoint.epoch, "step": checkpoint.step}


def threshold_text(record: RunRecord) -> str:
    """θ as it stands, after where it stood when the run began: `1 → 0.5`, `off`."""
    return " → ".join("off" if limit is None else exact(limit) for limit in record.thresholds)


def outcome(store: RunStore, record: RunRecord) -> str:
    """How a run stands, in few words: a loss that exploded is told, whatever its status."""
    return ", ".join(str(part) for part in store.clipping.outcome(record))


def summary(store: RunStore, record: RunRecord) -> dict[str, object]:
    """One run for `--json`."""
    explosion = store.clipping.explosion(record)
    return {
        "run_id": record.id,
        "status": record.status.value,
        "exploded_epoch": explosion.epoch if explosion else None,
        "max_grad_norm": record.max_grad_norm,
        "epochs": round(record.epoch, 4),
        "steps": record.step,
        "train_perplexity": _perplexity(record.train_loss),
        "heldout_perplexity": _perplexity(record.heldout_loss),
        "train_bits_per_character": rounded(record.train_bits),
        "heldout_bits_per_character": rounded(record.heldout_bits),
        "train_unknown": rounded(record.facts.train_part.unknown_share) if record.facts else None,
        "heldout_unknown": rounded(record.facts.heldout_part.unknown_share) if record.facts else None,
        "tokens_per_second": round(record.tokens_per_second, 1) if record.tokens_per_second else None,
        "seconds": round(record.seconds, 3),
        "device": record.facts.device if record.facts else None,
        "threads": record.facts.threads if record.facts else None,
    }


def _perplexity(loss: float | None) -> float | None:
    return None if loss is None else finite(perplexity(loss))


def finite(value: float) -> float | None:
    """For JSON, which has no infinity."""
    return value if math.isfinite(value) else None


def rounded(value: float | None) -> float | None:
    """Five decimals, for JSON."""
    return None if value is None or not math.isfinite(value) else round(value, 5)


def unknown_shares(train: TextPart, heldout: TextPart) -> str:
    """How many tokens are `<unk>`, in a line."""
    told = f"<unk>: {percent(train.unknown_share)} of the training tokens"
    return f"{told}, {percent(heldout.unknown_share)} of the held-out ones" if heldout.tokens else told


def warn_of_unknown(train: TextPart, heldout: TextPart, max_vocab: int) -> None:
    """Say so where so many tokens are `<unk>` that a perplexity tells little."""
    if train.hides_much or heldout.hides_much:
        tell(
            f"More than {percent(MOST_UNKNOWN, 0)} of the tokens are <unk>, which is easy to guess: perplexity "
            f"and bits a character say more about the vocabulary than about the text. Keep more different tokens (--max-vocab, now "
            f"{max_vocab}), or take characters (--token-level char).",
        )


def warn_of_spacing(library: CorpusLibrary, config: CorpusConfig) -> None:
    """Say so where a text is cut at white space that it does not have."""
    if not config.is_cut_by_spacing:
        return
    found = spacing(library.load(config.corpus))
    if not found.suits(config.token_level):
        ways_out = " or ".join(f"--token-level {level}" for level in found.fitting if level != "word")
        tell(
            f"This text has white space about every {fixed(found.mean_length, 1)} characters only: by "
            f"{config.token_level} its tokens are no words, and no perplexity means anything. Better: {ways_out}.",
        )


def shown(loss: float | None) -> str:
    """Perplexity for a table."""
    return "-" if loss is None else perplexity_text(loss)
