"""The network of a run."""

from __future__ import annotations

from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from playground.controls import Control
from playground.errors import ConfigError
from playground.errors import gettext_noop as _
from playground.settings import NotBool, Settings

Cell = Literal["rnn", "gru", "lstm"]
CELLS: tuple[Cell, ...] = get_args(Cell)
Objective = Literal["next", "masked"]


class ModelConfig(Settings):
    """The network."""

    cell: Annotated[
        Cell,
        Control(
            _("Cell"),
            _("The recurrent unit: plain, or with gates that keep, forget and show."),
            words={cell: cell.upper() for cell in CELLS},
        ),
    ] = "lstm"
    """`rnn`, `gru` or `lstm`."""
    nonlinearity: Annotated[
        Literal["tanh", "relu"],
        Control(
            _("Activation"),
            _("What squashes the hidden state; relu can grow without limit."),
            words={"tanh": "tanh", "relu": "relu"},
            when=("cell", "rnn"),
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
                "The second reader has already seen the next token: a trap. Filling in a blank, neither reader sees the token itself."
            ),
            words={"next": _("next token (a trap)"), "masked": _("fill in the blank")},
            when=("bidirectional", True),
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
            when=("input", "embedding"),
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
    def _relu_is_for_rnn(self) -> Self:
        if self.nonlinearity == "relu" and self.cell != "rnn":
            raise ConfigError(
                "nonlinearity=relu goes with cell=rnn only; {cell} has its own gates. "
                "Choose tanh, or the rnn cell.",
                cell=self.cell,
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
