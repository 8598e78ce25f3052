"""The network of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from playground.cells import CELLS
from playground.controls import Control
from playground.errors import ConfigError
from playground.errors import gettext_noop as _
from playground.settings import NotBool, OneOf, Settings

Cell = Annotated[str, OneOf(lambda: CELLS)]
"""A name in the table of cells."""
_CELL_WORDS = [f"`{name}`" for name in CELLS]
Objective = Literal["next", "masked"]


class _CellNames(Mapping[str, str]):
    """Every cell of the table and what a person reads."""

    def __getitem__(self, cell: str) -> str:
        return CELLS[cell].name.upper()

    def __iter__(self) -> Iterator[str]:
        return iter(CELLS)

    def __len__(self) -> int:
        return len(CELLS)


class ModelConfig(Settings):
    """The network."""

    cell: Annotated[
        Cell,
        Control(
            _("Cell"),
            _("The recurrent unit: plain, or with gates that keep, forget and show."),
            words=_CellNames(),
        ),
    ] = Field("lstm", description=f"{', '.join(_CELL_WORDS[:-1])} or {_CELL_WORDS[-1]}.")
    nonlinearity: Annotated[
        Literal["tanh", "relu"],
        Control(
            _("Activation"),
            _("What squashes the hidden state; relu can grow without limit."),
            words={"tanh": "tanh", "relu": "relu"},
            when=("cell", lambda cell: len(CELLS[cell].nonlinearities) > 1),
        ),
    ] = "tanh"
    """Of a plain RNN; gated cells always use tanh."""
    num_layers: Annotated[
        int,
        NotBool,
        Control(
            _("Layers"),
            _("Recurrent layers on top of each other."),
            words={layers: str(layers) for layers in range(1, 5)},
        ),
    ] = Field(1, ge=1, le=4)
    """Recurrent layers on top of each other."""
    bidirectional: Annotated[
        bool, Control(_("Two directions"), _("A second reader starts at the end of the text."))
    ] = False
    """A second set of layers reads from the end: with `objective=next` a trap, it has seen the answer."""
    objective: Annotated[
        Objective,
        Control(
            _("Objective"),
            _(
                "The second reader has already seen the next token: a trap. Filling in a blank, "
                "neither reader sees the token itself."
            ),
            words={"next": _("next token (a trap)"), "masked": _("fill in the blank")},
            when=("bidirectional", bool),
        ),
    ] = "next"
    """`next`: predict the next token; `masked`: predict each token from all the others, from both sides."""
    hidden_size: Annotated[
        int,
        NotBool,
        Control(_("Hidden units"), _("Numbers that each layer remembers from letter to letter."), step=32),
    ] = Field(256, ge=8, le=1024)
    """Hidden units a layer and direction."""
    input: Annotated[
        Literal["one-hot", "embedding"],
        Control(
            _("Input"),
            _("A token enters as a one at its place, or as a vector that is learnt."),
            words={"one-hot": _("one-hot"), "embedding": _("embedding")},
            more=True,
        ),
    ] = "one-hot"
    """How a token enters: one-hot as d2l does, or a learnt vector."""
    embedding_size: Annotated[
        int,
        NotBool,
        Control(
            _("Embedding size"),
            _("Length of the learnt vector."),
            step=16,
            more=True,
            when=("input", lambda kind: kind == "embedding"),
        ),
    ] = Field(64, ge=1, le=1024)
    """Length of the learnt vector; unused with one-hot input."""
    dropout: Annotated[
        float,
        NotBool,
        Control(
            _("Dropout"),
            _("Part of the activations switched off at random while training."),
            step=0.1,
            more=True,
        ),
    ] = Field(0.0, ge=0.0, le=0.9)
    """Fraction of activations dropped between layers and before the output; 0 turns it off."""

    @model_validator(mode="after")
    def _nonlinearity_is_one_of_the_cells(self) -> Self:
        wanted, cell = self.nonlinearity, self.cell
        own = CELLS[cell].nonlinearities
        if wanted not in own:
            others = [name for name, spec in CELLS.items() if wanted in spec.nonlinearities]
            raise ConfigError(
                "nonlinearity={wanted} goes with cell={others} only; {cell} has its own gates. "
                "Choose {usual}, or the {others} cell.",
                wanted=wanted,
                others=others,
                cell=cell,
                usual=own[0],
            )
        return self

    @model_validator(mode="after")
    def _masked_reads_both_sides(self) -> Self:
        if self.objective == "masked" and not self.bidirectional:
            raise ConfigError(
                "objective=masked predicts a token from both of its sides, but bidirectional is false. "
                "Turn bidirectional on, or choose objective=next."
            )
        return self
