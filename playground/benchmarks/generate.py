"""Writing beside a textbook's `predict` with the same weights, taking turns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from playground.benchmarks.alone import measure_alone, spread
from playground.benchmarks.report import Table, verdict
from playground.config import Cell, ModelConfig, WriteConfig

ASKED = 5.0
"""Times the textbook's speed, always taking the likeliest character, as the textbook does."""
CHARACTERS = 400
"""Written in a round."""
HIDDEN, VOCAB = 256, 28
"""d2l's width, one layer; as many symbols as The Time Machine's letters have."""


@dataclass(frozen=True)
class Speed:
    """One cell: characters/s, one figure a round, in the order of the rounds."""

    cell: Cell
    ours: tuple[float, ...]
    """At temperature 0, with every character's bits and candidates."""
    drawn: tuple[float, ...]
    """At temperature 1."""
    textbook: tuple[float, ...]
    """As the book prints it: PyTorch keeps a graph for gradients that nobody asks for."""
    no_grad: tuple[float, ...]
    """The same under `torch.no_grad()`."""
    alike: int
    """Characters until ours and the textbook's differ; all of them, but for rounding."""

    @property
    def ratio(self) -> float:
        """Of the medians, ours to the textbook's."""
        return statistics.median(self.ours) / statistics.median(self.textbook)

    @property
    def ratio_no_grad(self) -> float:
        """Of the medians, ours to the textbook's without a graph."""
        return statistics.median(self.ours) / statistics.median(self.no_grad)

    @property
    def ratio_drawn(self) -> float:
        """Of the medians, ours at temperature 1 to the textbook's, which draws nothing."""
        return statistics.median(self.drawn) / statistics.median(self.textbook)

    @property
    def passed(self) -> bool:
        """As fast as asked."""
        return self.ratio >= ASKED

    def to_json(self) -> dict[str, object]:
        """For `--json`."""
        ratios = {
            "ratio": self.ratio,
            "ratio_no_grad": self.ratio_no_grad,
            "ratio_drawn": self.ratio_drawn,
        }
        return {**asdict(self), **ratios, "asked": ASKED, "passed": self.passed}


def compare(cells: Sequence[Cell], *, rounds: int) -> list[Speed]:
    """Time both in a process of its own, where NumPy as well as torch gets one thread.

    Args:
        cells: The cells that are measured, in this order.
        rounds: Timed texts of each side a cell.
    """
    return measure_alone(measure, cells, rounds)


def measure(cell: Cell, rounds: int, *, characters: int = CHARACTERS, hidden_size: int = HIDDEN) -> Speed:
    """Time both in this process, after one text of each that does not count."""
    import torch

    from playground.benchmarks.plain_loop import TextbookModel, textbook_predict
    from playground.inference.generate import Stepper, write

    torch.set_num_threads(1)
    torch.manual_seed(0)
    net = TextbookModel(cell, VOCAB, hidden_size).eval()
    with torch.no_grad():
        net.linear.weight.mul_(8)  # lively: an untrained network repeats one character
    weights = {
        name.replace("linear.", "head."): value.detach().numpy() for name, value in net.named_parameters()
    }
    config = ModelConfig(cell=cell, hidden_size=hidden_size)
    names, prefix = [f"{i}" for i in range(VOCAB)], [3, 1, 4, 1, 5]

    def ours(temperature: float) -> list[int]:
        settings = WriteConfig(length=characters, temperature=temperature)
        return [token.id for token in write(Stepper(weights, config), names, prefix, settings)]

    def textbook() -> list[int]:
        return textbook_predict(net, prefix, characters)

    def without_graph() -> list[int]:
        with torch.no_grad():
            return textbook()

    sides: list[Callable[[], list[int]]] = [lambda: ours(0.0), lambda: ours(1.0), textbook, without_graph]
    first = [side() for side in sides]
    rounds_of: list[list[float]] = [[] for _ in sides]
    for i in range(rounds):
        for side, speeds in list(zip(sides, rounds_of, strict=True))[:: 1 if i % 2 == 0 else -1]:
            began = time.perf_counter()
            side()
            speeds.append(characters / (time.perf_counter() - began))
    pairs = enumerate(zip(first[0], first[2], strict=True))
    alike = next((i for i, (a, b) in pairs if a != b), characters)
    greedy, drawn, graph, no_graph = (tuple(speeds) for speeds in rounds_of)
    return Speed(cell, greedy, drawn, graph, no_graph, alike)


def table(speeds: Sequence[Speed]) -> Table:
    """All sides' characters/s: the median of the rounds, and in brackets the slowest and the fastest."""
    return Table(
        f"Writing {CHARACTERS} characters, one layer of {HIDDEN}, one thread, characters/s",
        (
            "cell",
            "ours, temperature 0",
            "textbook's predict",
            "ratio of medians",
            "asked",
            "passed",
            "textbook, no_grad",
            "ratio",
            "ours, temperature 1",
            "ratio to textbook",
            "alike",
        ),
        [
            (
                s.cell,
                spread(s.ours, ",.0f"),
                spread(s.textbook, ",.0f"),
                f"{s.ratio:.2f}",
                f"≥ {ASKED:g}",
                verdict(s.passed),
                spread(s.no_grad, ",.0f"),
                f"{s.ratio_no_grad:.2f}",
                spread(s.drawn, ",.0f"),
                f"{s.ratio_drawn:.2f}",
                f"{s.alike} characters",
            )
            for s in speeds
        ],
    )
