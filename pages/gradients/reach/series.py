"""Fresh cells and runs, measured and named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from pages.shared.checkpoints import moment_name
from pages.shared.i18n import explain
from pages.shared.state import checkpoint_cache, reach_service
from pages.shared.unknown_tokens import unknown, unread
from playground.cells import CELLS
from playground.config import Cell
from playground.errors import PlaygroundError
from playground.lesson_settings import FreshConfig
from playground.records import CheckpointRecord, Reach, ReachCurve, RecurrentMatrix, RunRecord
from playground.services.reach import MOST_READ, STORIES
from playground.text.typed import cut


@dataclass(frozen=True)
class Measured:
    """A network whose reach was measured."""

    name: str
    reach: Reach
    matrices: Sequence[RecurrentMatrix]
    """Of all layers."""
    truncation: int | None = None
    """As in `ReachCurve`."""

    def layer(self, layer: int) -> int:
        """The chosen layer, or the highest there is."""
        return min(layer, len(self.reach.layers) - 1)

    def curve(self, path: str, layer: int = 0, *, name: str = "") -> ReachCurve:
        """One of its lines; h where there is no c."""
        paths = self.reach.layers[self.layer(layer)].paths
        path = path if path in paths else "h"
        return ReachCurve(name or self.name, path, paths[path], self.truncation)


def fresh_cell(fresh: FreshConfig, cell: Cell, text: str | None, furthest: int, name: str = "") -> Measured:
    """One cell before its first step; errors as `ReachService.fresh_reach`."""
    reach = reach_service().fresh_reach(fresh, cell, text, furthest=furthest)
    return Measured(name or cell.upper(), reach, reach_service().fresh_matrices(fresh, cell))


def fresh_cells(fresh: FreshConfig, text: str | None, furthest: int) -> list[Measured]:
    """Every cell; what they cannot read of the text is told."""
    measured = [fresh_cell(fresh, cell, text, furthest) for cell in CELLS]
    if text is not None:
        unread(reach_service().fresh_vocab(fresh), cut(text, STORIES[fresh.story], most=MOST_READ))
    return measured


def runs(
    chosen: Sequence[tuple[RunRecord, CheckpointRecord]], text: str | None, furthest: int
) -> list[Measured]:
    """Those that can be measured; of the others it is told why not."""
    names = [run_name(run, checkpoint) for run, checkpoint in chosen]
    measured: list[Measured] = []
    told: list[tuple[str, ...]] = []
    for i, (run, checkpoint) in enumerate(chosen):
        name = names[i] if names.count(names[i]) == 1 else f"{names[i]} ({i + 1})"
        try:
            reach = reach_service().reach(run, checkpoint, text, furthest=furthest)
            matrices = reach_service().matrices(run, checkpoint)
        except PlaygroundError as error:
            st.error(explain(error))
            continue
        measured.append(Measured(name, reach, matrices, run.config.train.num_steps))
        vocab = checkpoint_cache().vocab(run).tokens
        if text is not None and vocab not in told:
            told.append(vocab)
            unknown(run, cut(text, run.config.corpus, most=MOST_READ))
    return measured


def run_name(run: RunRecord, checkpoint: CheckpointRecord) -> str:
    """`LSTM 256 · epoch 40`, or the name that a person gave."""
    return f"{run.name} · {moment_name(checkpoint.epoch)}"
