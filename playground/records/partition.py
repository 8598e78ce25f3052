"""How a text is cut into minibatches."""

from __future__ import annotations

from dataclasses import dataclass

from playground.arrays import Array


@dataclass(frozen=True)
class Place:
    """Where a token is read; all from 0."""

    minibatch: int
    row: int
    step: int


@dataclass(frozen=True)
class Partition:
    """One epoch's M minibatches of B rows and T steps; tokens are named by their places in the text."""

    tokens: int
    """Of the text."""
    num_steps: int
    offset: int
    """Tokens left out at the beginning, drawn anew for every epoch."""
    starts: Array
    """(M, B): the first token of every row of every minibatch."""
    sampling: str
    carries_state: bool
    """Every minibatch but the first begins with the state that the one before ended with, row by row."""

    def inputs(self, minibatch: int) -> list[range]:
        """Tokens that each row reads."""
        return [range(first, first + self.num_steps) for first in self.starts[minibatch].tolist()]

    def targets(self, minibatch: int) -> list[range]:
        """Tokens that each row has to predict: the next ones."""
        return [range(row.start + 1, row.stop + 1) for row in self.inputs(minibatch)]

    @property
    def places(self) -> dict[int, Place]:
        """Token → where it is read; without those that are left out."""
        return {
            token: Place(m, row, step)
            for m in range(len(self.starts))
            for row, tokens in enumerate(self.inputs(m))
            for step, token in enumerate(tokens)
        }

    @property
    def left_out(self) -> list[range]:
        """Stretches of tokens that nobody reads in this epoch; their first may be a target all the same."""
        read = self.places
        stretches: list[range] = []
        for token in range(self.tokens):
            if token in read:
                continue
            if stretches and stretches[-1].stop == token:
                stretches[-1] = range(stretches[-1].start, token + 1)
            else:
                stretches.append(range(token, token + 1))
        return stretches

    def goes_on(self, minibatch: int) -> bool:
        """The minibatch begins with a carried state."""
        return self.carries_state and minibatch > 0

    def known_before(self, minibatch: int) -> int:
        """Tokens that a row's state has read when the minibatch begins."""
        return minibatch * self.num_steps if self.carries_state else 0
