"""Everything that decides a run, in three parts and as flat names.

Every setting's name is unique across the parts, so a flat mapping of names to values (`flatten`, `from_flat`)
carries a run through an address or a command line, and `model_dump_json` through the store and the worker.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from playground.config.corpus import CorpusConfig
from playground.config.model import ModelConfig
from playground.config.train import TrainConfig
from playground.errors import ConfigError
from playground.settings import Form, Settings, explain


class RunConfig(Settings):
    """Everything that decides a run."""

    corpus: CorpusConfig = CorpusConfig()
    model: ModelConfig = ModelConfig()
    train: TrainConfig = TrainConfig()

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
_INFOS = {name: info for name, (_part, info) in FIELDS.items()}


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
                known=tuple(FIELDS),
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
    return {name: getattr(getattr(config, part), name) for name, (part, _info) in FIELDS.items()}


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


RUN_FORM: Form[RunConfig] = Form(_INFOS, from_flat, flatten)
"""A run's settings by their flat names."""
