"""What units of a network follow in a text, what it loses without them, and what it copies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from playground.arrays import Array
from playground.cells import CELLS, CellSpec
from playground.config import Cell

Measure = Literal["auc", "rho"]
"""Of a binary annotation the area under the ROC curve, of a numeric one Spearman's rank correlation."""
LEAST_LOSS = 0.002
"""Nats a token: less is nothing, whatever it is compared with."""
Verdict = Literal["followed", "weak", "none", "rare"]
"""A unit follows it; one does, but not closely; none does better than chance; the text has too little of it."""


@dataclass(frozen=True)
class Annotation:
    """One idea about a text: what each of its tokens is by it."""

    name: str
    """The word for it in links and on the command line: `quotes`."""
    title: str
    """Marked with `gettext_noop`; of an idea of a person's own as it was typed."""
    values: Array
    """(T,) in float32; of a binary one 0 and 1, NaN where it says nothing of a token."""
    is_binary: bool
    is_own: bool = False
    """A person's own: its title is not in the catalogue."""


@dataclass(frozen=True)
class LayerPlace:
    """One layer in one direction of a network."""

    layer: int = 0
    """From 0."""
    direction: int = 0
    """0 forward, 1 backward."""


FIRST_LAYER = LayerPlace()
"""What is looked at unless something else is asked for."""


@dataclass(frozen=True)
class CorpusTrace:
    """What one layer in one direction did over a run's text."""

    cell: Cell
    tokens: tuple[str, ...]
    """The token of each id, (V,)."""
    ids: Array
    """Of the text's first T tokens, (T,)."""
    values: Mapping[str, Array]
    """Everything that can be looked at but `tanh c`, by name, (H, T) each in float16, a unit's row in one piece."""
    of: int
    """Tokens of the whole text; more than T where the limit was reached."""
    trained: int
    """So many of the first tokens were trained on; the rest is held out."""
    seam: float
    """Largest difference of h where stretches that were read side by side meet: between the end of one, and what the
    next one's warm-up has made of the same token; 0 for a single stretch."""

    @property
    def spec(self) -> CellSpec:
        """What its cell says of itself."""
        return CELLS[self.cell]

    @property
    def count(self) -> int:
        """T."""
        return len(self.ids)

    @property
    def hidden_size(self) -> int:
        """H."""
        return len(self.values["h"])

    def text(self, start: int, stop: int) -> tuple[str, ...]:
        """Tokens `start` … `stop` − 1."""
        return tuple(self.tokens[id] for id in self.ids[max(start, 0) : stop].tolist())


@dataclass(frozen=True)
class UnitScore:
    """How closely one quantity of one unit goes with an annotation."""

    quantity: str
    unit: int
    fitted: float
    """On the part of the text on which units were ranked."""
    score: float
    """On the other part, by which nothing was chosen."""

    def strength(self, measure: Measure) -> float:
        """How close it is on the other part, from the side on which it was found: of one that has changed sides, less
        than nothing says (AUC below 0.5, ρ below 0).
        """
        if measure == "auc":
            return self.score if self.fitted >= 0.5 else 1 - self.score
        return self.score if self.fitted >= 0 else -self.score


@dataclass(frozen=True)
class Finding:
    """The units that follow one annotation most closely."""

    name: str
    title: str
    is_own: bool
    measure: Measure
    units: tuple[UnitScore, ...]
    """The best by `fitted` first, each unit once; none where the text has too little of the annotation."""
    chance: float
    """What any unit at all reaches on an annotation that is shifted along the text, so that it fits nothing: without its
    sign, the largest of several shifts."""
    verdict: Verdict
    is_of_token: bool
    """Every token has it by itself: nothing has to be remembered, and an untrained network tells it apart."""

    @property
    def best(self) -> UnitScore | None:
        """The first of `units`."""
        return self.units[0] if self.units else None

    @property
    def strength(self) -> float:
        """How close the best one is, whatever its sign, to 1; NaN without units."""
        return self.units[0].strength(self.measure) if self.units else float("nan")


@dataclass(frozen=True)
class AblationCheck:
    """Whether a network needs a unit where its annotation holds, more than it needs others there."""

    inside: float
    """Nats a token by which predictions made where the annotation holds become worse without the unit."""
    outside: float
    """The same where it does not hold."""
    chance: float
    """The 95th percentile of `inside` over other units, drawn at random."""
    draws: int
    tokens: int
    """Predictions that `inside` is the mean of."""
    is_held_out: bool
    """They are of text that was never trained on."""

    @property
    def is_needed(self) -> bool:
        """Without it predictions become worse there, worse than without other units, and worse than elsewhere."""
        return self.inside > max(self.chance, self.outside, LEAST_LOSS)


def is_cell(finding: Finding, check: AblationCheck | None) -> bool:
    """A unit may be called a cell: it follows its annotation, and the network needs it there."""
    return finding.verdict == "followed" and check is not None and check.is_needed


@dataclass(frozen=True)
class FormationPoint:
    """How close one unit, and the best one, were to an annotation at one moment of training."""

    epoch: float
    score: float
    """Of the unit that is looked at, from the side on which it was found; below what nothing says on the other one."""
    best: float
    """Of the unit that was closest at that moment, found and scored on two parts of the text, without its sign."""
    chance: float
    """As `Finding.chance`, at that moment."""
    best_unit: int
    best_quantity: str


@dataclass(frozen=True)
class Match:
    """A stretch of the corpus in which the chosen units are on."""

    start: int
    stop: int
    """After its last token."""
    overlap: int
    """How many of the chosen units are on all through it."""


@dataclass(frozen=True)
class Matches:
    """Where else in a text the units of a marked stretch are on together."""

    quantity: str
    units: tuple[int, ...]
    """On all through the marked stretch."""
    found: tuple[Match, ...]
    """By overlap, then in the order of the text; no two of them share a token."""

    @property
    def exact(self) -> int:
        """How many have every unit on."""
        return sum(match.overlap == len(self.units) for match in self.found)


@dataclass(frozen=True)
class ClassLoss:
    """What predictions of one class cost, as the network is and with its surgery."""

    name: str
    title: str
    is_own: bool
    tokens: int
    before: float
    """Nats a token."""
    after: float

    @property
    def change(self) -> float:
        """Nats a token; above 0 it has become worse."""
        return self.after - self.before


@dataclass(frozen=True)
class ChangedPrediction:
    """One prediction that surgery has changed."""

    position: int
    """Of the token that had to be predicted, in the text."""
    context: tuple[str, ...]
    """What stands before it."""
    token: str
    before: float
    """Probability of the token as the network is."""
    after: float


@dataclass(frozen=True)
class Effects:
    """What a network loses by surgery, on text that it reads."""

    classes: tuple[ClassLoss, ...]
    """All tokens first, then annotation by annotation where it holds and where it does not."""
    changed: tuple[ChangedPrediction, ...]
    """Those that changed most, the largest change first."""
    tokens: int
    is_held_out: bool
    """The text was never trained on."""


@dataclass(frozen=True)
class Copied:
    """What of a written text stands in the text that was trained on."""

    text: str
    stretches: tuple[tuple[int, int], ...]
    """Start and stop, in characters of `text`, of what is copied in pieces of `least` or more; apart, in order."""
    least: int
    longest: tuple[int, int]
    """The longest piece that stands in the training text as it is, however short; the first of equals."""
    found_at: int
    """Where in the training text the longest begins."""

    @property
    def share(self) -> float:
        """Of the characters, those in `stretches`; 0 for an empty text."""
        return sum(stop - start for start, stop in self.stretches) / len(self.text) if self.text else 0.0
