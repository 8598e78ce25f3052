"""What tells runs apart: a set-up in one line, and when it was started."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from babel.dates import format_date, format_datetime, format_time

from pages.shared import people
from pages.shared.i18n import _, language, status_label
from pages.shared.state import runs_here
from pages.shared.texts import title_of, titles
from playground.cache import Cache
from playground.config import RunConfig
from playground.distinct import distinct
from playground.format import exact, perplexity_text
from playground.records import RunRecord, RunStatus, default_name

_LABELS: Cache[str] = Cache(20_000)
"""A box of a thousand runs is drawn at every rerun; a label follows from what is in its key."""


def run_labels(runs: Iterable[RunRecord]) -> dict[str, str]:
    """Id → what tells a run from the others, the most telling first, in a class also whose; no two are alike."""
    labels: dict[str, str] = {}
    runs, read_in = list(runs), (language(), st.context.timezone)
    named, own = titles(), runs_here().person.id
    owners = people.owners([run for run in runs if run.owner != own]) if people.is_class() else {}
    for run in runs:
        whose = owners.get(run.id, "")
        told = (run.name, run.status, run.train_loss, run.max_grad_norm, named.get(run.config.corpus.corpus))
        key = (*read_in, *run.key_at(run.step), *told, whose)
        labels[run.id] = _LABELS.get(key, functools.partial(_label, run, whose))
    return distinct(labels)


def _label(run: RunRecord, whose: str) -> str:
    named = [] if run.name == default_name(run.config) else [run.name]
    owner = [whose] if whose else []
    learnt = [] if run.train_loss is None else [_("train perplexity") + " " + perplexity_text(run.train_loss)]
    what, *rest = describe_run(run).split(" · ")
    started = when(run.created_at, seconds=True)
    return " · ".join([*named, what, *owner, started, outcome_label(run), *learnt, *rest])


def outcome_label(run: RunRecord) -> str:
    """How a run stands, in few words: a loss that exploded is told, whatever its status."""
    return " · ".join(
        status_label(part) if isinstance(part, RunStatus) else _(part.message).format(**part.params)
        for part in runs_here().clipping.outcome(run)
    )


def threshold_label(run: RunRecord) -> str:
    """θ as it stands, after where it stood when the run began: `1 → 0.5`, `off`."""
    return " → ".join(_("off") if limit is None else exact(limit) for limit in run.thresholds)


def describe_run(run: RunRecord) -> str:
    """A run's set-up in one line, with θ as it stands."""
    if run.max_grad_norm == run.config.train.max_grad_norm:
        return describe(run.config)
    return describe(run.config, f"θ = {threshold_label(run)}")


def describe(config: RunConfig, clipping: str | None = None) -> str:
    """A set-up in one line.

    Args:
        config: The set-up.
        clipping: What is said of clipping, where that is not in the set-up.
    """
    model, train = config.model, config.train
    limit = train.max_grad_norm
    clipping = clipping or (_("no clipping") if limit is None else f"θ = {exact(limit)}")
    layers = _("{n} layers").format(n=model.num_layers) if model.num_layers > 1 else _("1 layer")
    parts = [
        f"{model.cell.upper()} {model.hidden_size}",
        layers,
        _directions(config),
        clipping,
        title_of(runs_here().texts.title(config.corpus.corpus)),
        f"{'AdamW' if train.optimizer == 'adamw' else 'SGD'} {exact(train.lr)}",
        *([] if train.weight_averaging is None else [_("running average of the weights")]),
        _duration(train.epochs),
        _("seed {n}").format(n=train.seed),
    ]
    return " · ".join(parts)


def _duration(epochs: int | None) -> str:
    if epochs is None:
        return _("until stopped")
    return _("1 epoch") if epochs == 1 else _("{n} epochs").format(n=exact(epochs))


def _directions(config: RunConfig) -> str:
    if config.is_trap:
        return _("two directions (a trap)")
    return _("one direction") if config.can_write else _("two directions, fills in blanks")


def when(moment: float, *, seconds: bool = False) -> str:
    """A moment in the reader's own time zone and language.

    Args:
        moment: Seconds since 1970.
        seconds: Say it to the second.
    """
    try:
        zone = ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    at = datetime.fromtimestamp(moment, UTC).astimezone(zone)
    locale = "zh_CN" if language() == "zh" else "en"
    if not seconds:
        return format_datetime(at, "short", locale=locale)
    return format_date(at, "short", locale=locale) + " " + format_time(at, "medium", locale=locale)
