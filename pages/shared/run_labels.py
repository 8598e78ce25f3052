"""What tells runs apart: a set-up in one line, and when it was started."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from babel.dates import format_datetime

from pages.shared.i18n import _, language, status_label
from pages.shared.state import run_manager
from pages.shared.texts import title_of
from playground.config import RunConfig
from playground.format import exact, perplexity_text
from playground.records import RunRecord, default_name


def run_label(run: RunRecord) -> str:
    """What tells a run from the others, the most telling first."""
    named = [] if run.name == default_name(run.config) else [run.name]
    learnt = [] if run.train_loss is None else [_("train perplexity") + " " + perplexity_text(run.train_loss)]
    what, *rest = describe(run.config).split(" · ")
    return " · ".join([*named, what, when(run.created_at), status_label(run.status), *learnt, *rest])


def describe(config: RunConfig) -> str:
    """A set-up in one line."""
    model, train = config.model, config.train
    layers = _("{n} layers").format(n=model.num_layers) if model.num_layers > 1 else _("1 layer")
    parts = [
        f"{model.cell.upper()} {model.hidden_size}",
        layers,
        _directions(config),
        _("no clipping") if train.max_grad_norm is None else f"θ = {exact(train.max_grad_norm)}",
        title_of(run_manager().store.library.title(config.corpus.corpus)),
        f"{'AdamW' if train.optimizer == 'adamw' else 'SGD'} {exact(train.lr)}",
        *([] if train.weight_averaging is None else [_("running average of the weights")]),
        _("seed {n}").format(n=train.seed),
    ]
    return " · ".join(parts)


def _directions(config: RunConfig) -> str:
    if config.is_trap:
        return _("two directions (a trap)")
    return _("one direction") if config.can_write else _("two directions, fills in blanks")


def when(seconds: float) -> str:
    """A moment in the reader's own time zone and language, seconds since 1970."""
    try:
        zone = ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    moment = datetime.fromtimestamp(seconds, UTC)
    return format_datetime(moment, "short", tzinfo=zone, locale="zh_CN" if language() == "zh" else "en")
