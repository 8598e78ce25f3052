"""What a run is made of: frozen, validated, and the same for URL, command line, store and worker.

A `RunConfig` has three parts; every setting's name is unique across them, so a
flat mapping of names to values (`flatten`, `from_flat`) carries it through a
URL or a command line, and `model_dump_json` through the store and the worker.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, ValidationError, model_validator
from pydantic.fields import FieldInfo

from playground.errors import ConfigError
from playground.settings import NotBool, OffIsNone, Settings, bounds_of, choices_of, explain

Cell = Literal["rnn", "gru", "lstm"]
CELLS: tuple[Cell, ...] = get_args(Cell)
Objective = Literal["next", "masked"]
Normalize = Literal["none", "letters", "spaced"]
TokenLevel = Literal["char", "word"]
MAX_SEED = 2**31 - 1


class CorpusConfig(Settings):
    """Which text, and how it becomes tokens."""

    corpus: str = Field("the_tide_clock", min_length=1, max_length=80)
    """Id of a bundled text, or of one that a person added."""
    normalize: Normalize = "none"
    """`letters`: only a-z and single spaces, lines joined without one, as d2l does it; `spaced`: with one;
    `none`: the text as it is."""
    token_level: TokenLevel = "char"
    """One token a character, or one a word (split at white space)."""
    max_tokens: Annotated[int | None, NotBool, OffIsNone] = Field(None, ge=100, le=20_000_000)
    """Use only this many tokens from the start; None takes all."""
    held_out: Annotated[float, NotBool] = Field(0.1, ge=0.0, le=0.5)
    """Fraction kept aside at the end and never trained on; 0 turns it off."""
    max_vocab: Annotated[int, NotBool] = Field(5_000, ge=2, le=50_000)
    """Most different tokens, the commonest first; the rest become `<unk>`."""


class ModelConfig(Settings):
    """The network."""

    cell: Cell = "lstm"
    """`rnn`, `gru` or `lstm`."""
    nonlinearity: Literal["tanh", "relu"] = "tanh"
    """Of a plain RNN; gated cells always use tanh."""
    num_layers: Annotated[int, NotBool] = Field(1, ge=1, le=4)
    """Recurrent layers on top of each other."""
    bidirectional: bool = False
    """A second set of layers reads from the end: with `objective=next` a trap, it has seen the answer."""
    objective: Objective = "next"
    """`next`: predict the next token; `masked`: predict each token from all the others, from both sides."""
    hidden_size: Annotated[int, NotBool] = Field(256, ge=8, le=1024)
    """Hidden units a layer and direction."""
    input: Literal["one-hot", "embedding"] = "one-hot"
    """How a token enters: one-hot as d2l does, or a learnt vector."""
    embedding_size: Annotated[int, NotBool] = Field(64, ge=1, le=1024)
    """Length of the learnt vector; unused with one-hot input."""
    dropout: Annotated[float, NotBool] = Field(0.0, ge=0.0, le=0.9)
    """Fraction of activations dropped between layers and before the output; 0 turns it off."""


class TrainConfig(Settings):
    """How it learns."""

    optimizer: Literal["sgd", "adamw"] = "sgd"
    """`sgd` as d2l does, or `adamw`."""
    lr: Annotated[float, NotBool] = Field(1.0, gt=0.0, le=100.0)
    """Step size."""
    epochs: Annotated[int | None, NotBool, OffIsNone] = Field(500, ge=1, le=100_000)
    """Passes over the text; None trains until stopped."""
    batch_size: Annotated[int, NotBool] = Field(32, ge=1, le=1024)
    """Sequences side by side in one step."""
    num_steps: Annotated[int, NotBool] = Field(35, ge=2, le=512)
    """Tokens a sequence; the gradient goes no further back."""
    sampling: Literal["sequential", "random"] = "sequential"
    """`sequential` carries the state from batch to batch, `random` resets it."""
    max_grad_norm: Annotated[float | None, NotBool, OffIsNone] = Field(1.0, gt=0.0, le=1e6)
    """L2 limit on the whole gradient before each step; None turns clipping off."""
    weight_averaging: Annotated[float | None, NotBool, OffIsNone] = Field(None, gt=0.0, le=0.9999)
    """Part of a running average of the weights that each step leaves; held-out loss, samples and checkpoints
    are then the average's. None turns it off."""
    seed: Annotated[int, NotBool] = Field(0, ge=0, le=MAX_SEED)
    """Of every random choice: weights, dropout, batches."""
    sample_every: Annotated[int, NotBool] = Field(10, ge=0, le=100_000)
    """Write a sample every so many epochs; 0 turns samples off."""
    sample_prefix: str = Field("", max_length=200)
    """What a sample continues; empty takes the text's own beginning."""
    sample_length: Annotated[int, NotBool] = Field(80, ge=1, le=1_000)
    """Tokens a sample."""
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    """`auto` takes CUDA, else MPS, else the CPU."""
    threads: Annotated[int | None, NotBool, OffIsNone] = Field(None, ge=1, le=256)
    """OpenMP threads on the CPU; None takes cores - 1, at least 1."""


class WriteConfig(Settings):
    """How a network writes."""

    length: Annotated[int, NotBool] = Field(200, ge=1, le=10_000)
    """Tokens to write."""
    temperature: Annotated[float, NotBool] = Field(0.7, ge=0.0, le=10.0)
    """Divides the scores: 0 takes the likeliest token, 1 the network's own probabilities, more is wilder."""
    top_k: Annotated[int | None, NotBool, OffIsNone] = Field(None, ge=1, le=50_000)
    """Choose among this many likeliest tokens only; None among all."""
    top_p: Annotated[float | None, NotBool, OffIsNone] = Field(None, gt=0.0, le=1.0)
    """Choose among the likeliest tokens that together reach this probability; None among all."""
    seed: Annotated[int, NotBool] = Field(0, ge=0, le=MAX_SEED)
    """Of the choices: the same seed writes the same text."""


class RunConfig(Settings):
    """Everything that decides a run."""

    corpus: CorpusConfig = CorpusConfig()
    model: ModelConfig = ModelConfig()
    train: TrainConfig = TrainConfig()

    @model_validator(mode="after")
    def _relu_is_for_rnn(self) -> Self:
        if self.model.nonlinearity == "relu" and self.model.cell != "rnn":
            raise ConfigError(
                "nonlinearity=relu goes with cell=rnn only; {cell} has its own gates. "
                "Choose tanh, or the rnn cell.",
                cell=self.model.cell,
            )
        return self

    @model_validator(mode="after")
    def _masked_reads_both_sides(self) -> Self:
        if self.model.objective == "masked" and not self.model.bidirectional:
            raise ConfigError(
                "objective=masked predicts a token from both of its sides, but bidirectional is false. "
                "Turn bidirectional on, or choose objective=next."
            )
        return self

    @property
    def is_trap(self) -> bool:
        """Two directions with the next-token objective: the backward one has read the answer."""
        return self.model.bidirectional and self.model.objective == "next"

    @property
    def can_write(self) -> bool:
        """It predicts a token from what stands before it, and from nothing else."""
        return not self.model.bidirectional


_PARTS: dict[str, type[Settings]] = {
    "corpus": CorpusConfig,
    "model": ModelConfig,
    "train": TrainConfig,
}
FIELDS: dict[str, tuple[str, FieldInfo]] = {
    name: (part, info) for part, kind in _PARTS.items() for name, info in kind.model_fields.items()
}
"""Setting → (its part, its pydantic description); the order in which a person meets them."""
_INFOS = {name: info for name, (_, info) in FIELDS.items()}


def from_flat(values: Mapping[str, object]) -> RunConfig:
    """Build a config from setting names and values; text is parsed, `off` is None.

        >>> config = from_flat({"cell": "gru", "hidden_size": "64", "max_grad_norm": "off"})
        >>> config.model.cell, config.model.hidden_size, config.train.max_grad_norm
        ('gru', 64, None)
        >>> from_flat({"hidden_size": 2_000})
        Traceback (most recent call last):
        playground.errors.ConfigError: hidden_size is 2000; give a whole number from 8 to 1,024.

    Args:
        values: Setting names of all parts, and what they are set to; the others keep their defaults.

    Raises:
        ConfigError: An unknown name, or the first value outside its range.
    """
    nested: dict[str, dict[str, object]] = {part: {} for part in _PARTS}
    for name, value in values.items():
        if name not in FIELDS:
            raise ConfigError(
                "There is no setting called {name}. Settings: {known}.",
                name=name[:40],
                known=", ".join(FIELDS),
            )
        nested[FIELDS[name][0]][name] = value
    return parse(nested)


def parse(values: Mapping[str, object]) -> RunConfig:
    """Build a config from its three parts, as JSON holds them.

    Raises:
        ConfigError: The first value that does not fit, with its range.
    """
    try:
        return RunConfig.model_validate(values)
    except ValidationError as error:
        raise explain(error, _INFOS) from None


def parse_json(text: str) -> RunConfig:
    """Build a config from `RunConfig.model_dump_json`'s text; errors as `parse`."""
    try:
        return RunConfig.model_validate_json(text)
    except ValidationError as error:
        raise explain(error, _INFOS) from None


def flatten(config: RunConfig) -> dict[str, Any]:
    """Setting names and values; `from_flat(flatten(c)) == c`."""
    return {name: getattr(getattr(config, part), name) for name, (part, _) in FIELDS.items()}


def one_direction(config: RunConfig) -> RunConfig:
    """The same run with a single reader, from the left: what two directions are compared with."""
    return from_flat(flatten(config) | {"bidirectional": False, "objective": "next"})


def with_clipping(config: RunConfig, max_grad_norm: float | None) -> RunConfig:
    """The same run, clipped elsewhere; None turns clipping off."""
    return from_flat(flatten(config) | {"max_grad_norm": max_grad_norm})


def check(name: str, value: object) -> Any:
    """Return one setting's value, parsed; whether it goes with the others is `from_flat`'s business.

    Raises:
        ConfigError: Unknown name, or a value outside the range.
    """
    if name not in FIELDS:
        from_flat({name: value})  # says which names there are
    try:
        return getattr(_PARTS[FIELDS[name][0]].model_validate({name: value}), name)
    except ValidationError as error:
        raise explain(error, _INFOS) from None


def bounds(name: str) -> tuple[float | None, float | None]:
    """Lowest and highest value of a numeric setting; None where it has none."""
    return bounds_of(_INFOS[name])


def choices(name: str) -> tuple[str, ...]:
    """The words a setting can take; empty when it is not a choice."""
    return choices_of(_INFOS[name])
