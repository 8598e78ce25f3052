"""Every gate over a sentence beside the layers of PyTorch alone, which keep none, taking turns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from playground.benchmarks.alone import measure_alone, spread
from playground.benchmarks.report import Table, verdict
from playground.config import Cell, ModelConfig

ASKED_MS = 30.0
"""Of an LSTM; the other cells are told for comparison."""
TOKENS = 200
LAYERS, HIDDEN, VOCAB = 2, 256, 28
"""d2l's width; as many symbols as The Time Machine's letters have."""


@dataclass(frozen=True)
class Timing:
    """One cell: milliseconds of both, one figure a round, in the order of the rounds."""

    cell: Cell
    ours: tuple[float, ...]
    stock: tuple[float, ...]
    difference: float
    """Largest, between the hidden states of both."""

    @property
    def milliseconds(self) -> float:
        """Median of ours."""
        return statistics.median(self.ours)

    @property
    def ratio(self) -> float:
        """Of the medians."""
        return self.milliseconds / statistics.median(self.stock)

    @property
    def asked(self) -> float | None:
        """Milliseconds; None where nothing is asked."""
        return ASKED_MS if self.cell == "lstm" else None

    @property
    def passed(self) -> bool:
        """As fast as asked, if anything is."""
        return self.asked is None or self.milliseconds <= self.asked

    def to_json(self) -> dict[str, object]:
        """For `--json`."""
        results = {"milliseconds": self.milliseconds, "ratio": self.ratio, "asked": self.asked}
        return {**asdict(self), **results, "passed": self.passed}


def compare(cells: Sequence[Cell], *, rounds: int) -> list[Timing]:
    """Time both in a process of its own, where NumPy as well as torch gets one thread.

    Args:
        cells: The cells that are measured, in this order.
        rounds: Timed looks of each side a cell.
    """
    return measure_alone(measure, cells, rounds)


def measure(cell: Cell, rounds: int, *, tokens: int = TOKENS, hidden_size: int = HIDDEN) -> Timing:
    """Time both in this process, after one look of each that does not count."""
    import numpy as np
    import torch

    from playground.models.gates import trace_gates
    from playground.models.language_model import LanguageModel

    torch.set_num_threads(1)
    torch.manual_seed(0)
    config = ModelConfig(cell=cell, num_layers=LAYERS, hidden_size=hidden_size)
    model = LanguageModel(config, VOCAB).eval()
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    ids = torch.randint(VOCAB, (tokens,))
    entering = torch.nn.functional.one_hot(ids, VOCAB).float()[:, None]  # (T, 1, V)
    listed = ids.tolist()

    def ours() -> float:
        began = time.perf_counter()
        trace_gates(weights, config, listed)
        return 1_000 * (time.perf_counter() - began)

    def stock() -> float:
        began = time.perf_counter()
        model.rnn(entering)
        return 1_000 * (time.perf_counter() - began)

    sides = {ours: list[float](), stock: list[float]()}
    with torch.inference_mode():
        ours(), stock()
        for i in range(rounds):
            for side in (ours, stock) if i % 2 == 0 else (stock, ours):
                sides[side].append(side())
        hidden = model.rnn(entering)[0][:, 0].numpy()
    difference = np.abs(trace_gates(weights, config, listed).layers[-1][0].hidden - hidden).max()
    return Timing(cell, tuple(sides[ours]), tuple(sides[stock]), float(difference))


def table(timings: Sequence[Timing]) -> Table:
    """Both sides' milliseconds: the median of the rounds, and in brackets the fastest and the slowest."""
    return Table(
        f"Every gate over {TOKENS} characters, {LAYERS} layers of {HIDDEN}, one thread, ms",
        ("cell", "ours", "nn.* alone", "ratio of medians", "asked", "passed", "largest difference"),
        [
            (
                t.cell,
                spread(t.ours, ".1f"),
                spread(t.stock, ".1f"),
                f"{t.ratio:.2f}",
                f"≤ {t.asked:g}" if t.asked else "–",
                verdict(t.passed) if t.asked else "–",
                f"{t.difference:.1e}",
            )
            for t in timings
        ],
    )
