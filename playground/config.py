"""What a run is made of: frozen, validated, and the same for URL, command line, store and worker.

A `RunConfig` has three parts; every setting's name is unique across them, so a
flat mapping of names to values (`flatten`, `from_flat`) carries it through a
URL or a command line, and `model_dump_json` through the store and the worker.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, get_args

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic.fields import FieldInfo

from playground.errors import ConfigError, mark

Cell = Literal["rnn", "gru", "lstm"]
CELLS: tuple[Cell, ...] = get_args(Cell)
Normalize = Literal["none", "letters"]
TokenLevel = Literal["char", "word"]
OFF_WORDS = frozenset({"off", "none", "null", ""})
MAX_SEED = 2**31 - 1


def _off_to_none(value: Any) -> Any:
    return None if isinstance(value, str) and value.strip().lower() in OFF_WORDS else value


def _no_boolean(value: Any) -> Any:
    """Refuse booleans where a number is meant: Python counts True as 1."""
    if isinstance(value, bool):
        raise ValueError("a number is meant")
    return value


Number = BeforeValidator(_no_boolean)
Switchable = BeforeValidator(_off_to_none)


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


class CorpusConfig(_Settings):
    """Which text, and how it becomes tokens."""

    corpus: str = Field("the_tide_clock", min_length=1, max_length=80)
    """Id of a bundled text, or of one that a person added."""
    normalize: Normalize = "none"
    """`letters`: only a-z and single spaces, as d2l does it; `none`: the text as it is."""
    token_level: TokenLevel = "char"
    """One token a character, or one a word (split at white space)."""
    max_tokens: Annotated[int | None, Number, Switchable] = Field(None, ge=100, le=20_000_000)
    """Use only this many tokens from the start; None takes all."""
    held_out: Annotated[float, Number] = Field(0.1, ge=0.0, le=0.5)
    """Fraction kept aside at the end and never trained on; 0 turns it off."""
    max_vocab: Annotated[int, Number] = Field(5_000, ge=2, le=50_000)
    """Most different tokens, the commonest first; the rest become `<unk>`."""


class ModelConfig(_Settings):
    """The network."""

    cell: Cell = "lstm"
    """`rnn`, `gru` or `lstm`."""
    nonlinearity: Literal["tanh", "relu"] = "tanh"
    """Of a plain RNN; gated cells always use tanh."""
    num_layers: Annotated[int, Number] = Field(1, ge=1, le=4)
    """Recurrent layers on top of each other."""
    bidirectional: bool = False
    """A second set of layers reads from the end. A trap here: it has seen the token to be predicted."""
    hidden_size: Annotated[int, Number] = Field(256, ge=8, le=1024)
    """Hidden units a layer and direction."""
    input: Literal["one-hot", "embedding"] = "one-hot"
    """How a token enters: one-hot as d2l does, or a learnt vector."""
    embedding_size: Annotated[int, Number] = Field(64, ge=1, le=1024)
    """Length of the learnt vector; unused with one-hot input."""
    dropout: Annotated[float, Number] = Field(0.0, ge=0.0, le=0.9)
    """Fraction of activations dropped between layers and before the output; 0 turns it off."""


class TrainConfig(_Settings):
    """How it learns."""

    optimizer: Literal["sgd", "adamw"] = "sgd"
    """`sgd` as d2l does, or `adamw`."""
    lr: Annotated[float, Number] = Field(1.0, gt=0.0, le=100.0)
    """Step size."""
    epochs: Annotated[int | None, Number, Switchable] = Field(500, ge=1, le=100_000)
    """Passes over the text; None trains until stopped."""
    batch_size: Annotated[int, Number] = Field(32, ge=1, le=1024)
    """Sequences side by side in one step."""
    num_steps: Annotated[int, Number] = Field(35, ge=2, le=512)
    """Tokens a sequence; the gradient goes no further back."""
    sampling: Literal["sequential", "random"] = "sequential"
    """`sequential` carries the state from batch to batch, `random` resets it."""
    max_grad_norm: Annotated[float | None, Number, Switchable] = Field(1.0, gt=0.0, le=1e6)
    """L2 limit on the whole gradient before each step; None turns clipping off."""
    seed: Annotated[int, Number] = Field(0, ge=0, le=MAX_SEED)
    """Of every random choice: weights, dropout, batches."""
    sample_every: Annotated[int, Number] = Field(10, ge=0, le=100_000)
    """Write a sample every so many epochs; 0 turns samples off."""
    sample_prefix: str = Field("", max_length=200)
    """What a sample continues; empty takes the text's own beginning."""
    sample_length: Annotated[int, Number] = Field(80, ge=1, le=1_000)
    """Tokens a sample."""
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    """`auto` takes CUDA, else MPS, else the CPU."""
    threads: Annotated[int | None, Number, Switchable] = Field(None, ge=1, le=256)
    """OpenMP threads on the CPU; None takes cores - 1, at least 1."""


class RunConfig(_Settings):
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

    @property
    def is_trap(self) -> bool:
        """Two directions with the next-token objective: the backward one has read the answer."""
        return self.model.bidirectional


_PARTS: dict[str, type[_Settings]] = {
    "corpus": CorpusConfig,
    "model": ModelConfig,
    "train": TrainConfig,
}
FIELDS: dict[str, tuple[str, FieldInfo]] = {
    name: (part, info) for part, kind in _PARTS.items() for name, info in kind.model_fields.items()
}
"""Setting → (its part, its pydantic description); the order in which a person meets them."""


def from_flat(values: Mapping[str, object]) -> RunConfig:
    """Build a config from setting names and values; text is parsed, `off` is None.

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
        raise _explain(error) from None


def parse_json(text: str) -> RunConfig:
    """Build a config from `RunConfig.model_dump_json`'s text; errors as `parse`."""
    try:
        return RunConfig.model_validate_json(text)
    except ValidationError as error:
        raise _explain(error) from None


def flatten(config: RunConfig) -> dict[str, Any]:
    """Setting names and values; `from_flat(flatten(c)) == c`."""
    return {name: getattr(getattr(config, part), name) for name, (part, _) in FIELDS.items()}


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
        raise _explain(error) from None


def bounds(name: str) -> tuple[float | None, float | None]:
    """Lowest and highest value of a numeric setting; None where it has none."""
    metadata = FIELDS[name][1].metadata
    low = next((m.ge if isinstance(m, Ge) else m.gt for m in metadata if isinstance(m, Ge | Gt)), None)
    high = next((m.le for m in metadata if isinstance(m, Le)), None)
    return low, high  # type: ignore[return-value]


def choices(name: str) -> tuple[str, ...]:
    """The words a setting can take; empty when it is not a choice."""
    return tuple(a for a in get_args(FIELDS[name][1].annotation) if isinstance(a, str))


def _explain(error: ValidationError) -> ConfigError:
    """Turn pydantic's first finding into one sentence with the figures and the way out."""
    found = error.errors()[0]
    name = str(found["loc"][-1]) if found["loc"] else "config"
    for place in found["loc"]:
        if place in FIELDS and place not in _PARTS:
            name = str(place)
    if "corpus" in found["loc"][1:]:
        name = "corpus"
    shown = repr(found.get("input"))[:60]
    if name not in FIELDS:
        return ConfigError("{name} is not a setting of a run.", name=name[:40])
    words = choices(name)
    low, high = bounds(name)
    info = FIELDS[name][1]
    if words:
        return ConfigError(
            "{name} is {value}; choose one of {choices}.",
            name=name,
            value=shown,
            choices=", ".join(words),
        )
    if low is not None and high is not None:
        above = any(isinstance(m, Gt) for m in info.metadata)
        whole = "int" in str(info.annotation)
        off = "None" in str(info.annotation)
        figures = {
            "name": name,
            "value": shown,
            "low": f"{low:g}",
            "high": f"{high:,g}" if high < 1e6 else f"{high:,.0f}",
        }
        return ConfigError(_RANGE_SENTENCES[(whole, above, off)], **figures)
    if info.annotation is bool:
        return ConfigError("{name} is {value}; choose true or false.", name=name, value=shown)
    return ConfigError(
        "{name} is {value}; give a text of 1 to {high} characters.",
        name=name,
        value=shown,
        high=next((m.max_length for m in info.metadata if hasattr(m, "max_length")), 200),
    )


_RANGE_SENTENCES: dict[tuple[bool, bool, bool], str] = {
    # (whole number, low end excluded, can be turned off)
    (True, False, False): mark("{name} is {value}; give a whole number from {low} to {high}."),
    (True, False, True): mark("{name} is {value}; give a whole number from {low} to {high}, or off."),
    (False, False, False): mark("{name} is {value}; give a number from {low} to {high}."),
    (False, True, False): mark("{name} is {value}; give a number above {low}, up to {high}."),
    (False, True, True): mark("{name} is {value}; give a number above {low}, up to {high}, or off."),
}
