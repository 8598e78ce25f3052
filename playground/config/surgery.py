"""What is done to a network's units while it reads: held, clamped, or given another sentence's state."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Literal

from playground.cells import CELLS
from playground.config.model import ModelConfig
from playground.errors import ConfigError
from playground.format import exact

Value = float | Literal["mean", "donor"]
_ITEM = re.compile(
    r"([A-Za-z]+)\s*(|\*|[0-9]{1,5}(?:-[0-9]{1,5})?(?:\+[0-9]{1,5}(?:-[0-9]{1,5})?)*)\s*=\s*(\S+)"
)
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_UNLIMITED = 1e4
"""What has no limit of its own can be set to this at most."""
MOST_WORDS = 40


@dataclass(frozen=True)
class Intervention:
    """Some units of one quantity, and what they are set to."""

    quantity: str
    """`h`, `c` or a gate's name."""
    units: tuple[int, ...] | None
    """None is all of them."""
    value: Value
    """A number; `mean`: each unit's own over the text; `donor`: once, what the donor sentence left in it."""

    def __str__(self) -> str:
        units = "*" if self.units is None else "+".join(_ranges(self.units))
        value = self.value if isinstance(self.value, str) else repr(self.value).removesuffix(".0")
        return f"{self.quantity}{units}={value}"


def _ranges(units: tuple[int, ...]) -> list[str]:
    """Units in their order, three and more that follow one another as a range.

    >>> _ranges((4, 0, 1, 2, 3, 9, 10))
    ['4', '0-3', '9', '10']
    """
    parts: list[list[int]] = []
    for unit in units:
        if parts and unit == parts[-1][-1] + 1:
            parts[-1].append(unit)
        else:
            parts.append([unit])
    told = ([f"{p[0]}-{p[-1]}"] if len(p) > 2 else map(str, p) for p in parts)
    return [text for part in told for text in part]


@dataclass(frozen=True)
class Surgery:
    """All that is done to one layer in one direction.

    >>> surgery = parse_surgery("h82=0, f*=1", ModelConfig(cell="lstm", hidden_size=128))
    >>> str(surgery), surgery.interventions[1].units is None
    ('h82=0, f*=1', True)
    """

    interventions: tuple[Intervention, ...] = ()
    layer: int = 0
    start: int = 0
    """From this token on, counted from 0; a donor's state is put in once, after this token."""
    donor: str = field(default="", repr=False)
    """The sentence whose last state `donor` units are given."""

    def __bool__(self) -> bool:
        return bool(self.interventions)

    def __str__(self) -> str:
        return ", ".join(map(str, self.interventions))


def parse_surgery(
    text: str, model: ModelConfig, *, layer: int = 0, start: int = 0, donor: str = ""
) -> Surgery:
    """Read `h82=0, c3=mean, f*=1, z0-7+12=0.5`: a quantity, its units (`*` is all) and a value.

    Args:
        text: Items with commas or spaces between; an empty text does nothing.
        model: The network that it is done to.
        layer: The layer, from 0.
        start: The token that it begins at.
        donor: The sentence whose state is given.

    Raises:
        ConfigError: An item that cannot be read, or that this network does not have.
    """
    if not 0 <= layer < model.num_layers:
        raise ConfigError(
            "There is no layer {layer}; this network has {layers}.", layer=layer + 1, layers=model.num_layers
        )
    words = [word for word in re.split(r"[,;\s]+(?![=])", re.sub(r"\s*=\s*", "=", text.strip())) if word]
    if len(words) > MOST_WORDS:
        raise ConfigError(
            "{count} changes at once are too many; at most {most} can be made. Join units with +, as in h3+8=0.",
            count=len(words),
            most=MOST_WORDS,
        )
    interventions = tuple(_intervention(word, model) for word in words)
    if any(each.value == "donor" for each in interventions) and not donor.strip():
        raise ConfigError("A state is to be taken from another sentence, and there is none. Type one.")
    return Surgery(interventions, layer, start, donor)


def _intervention(word: str, model: ModelConfig) -> Intervention:
    spec = CELLS[model.cell]
    known = (*spec.gate_names, *(("c",) if spec.has_memory else ()), "h")
    found = _ITEM.fullmatch(word)
    if not found:
        raise ConfigError(
            "{item} cannot be read. Write a gate or state, its unit or * for all, and a value, as in h82=0 or {example}*=1.",
            item=repr(word[:40]),
            example=known[0],
        )
    quantity, units, value = found.groups()
    if quantity not in known:
        raise ConfigError(
            "This network has no {name}. It has {known}.",
            name=quantity[:20],
            known=known,
        )
    return Intervention(quantity, _units(units or "*", model), _value(value, quantity, model))


def _units(text: str, model: ModelConfig) -> tuple[int, ...] | None:
    if text == "*":
        return None
    units: list[int] = []
    for part in text.split("+"):
        first, _, last = part.partition("-")
        low, high = int(first), int(last or first)
        if high >= model.hidden_size or low > high:
            raise ConfigError(
                "There is no unit {unit}; this network has {size}, numbered from 0.",
                unit=part[:20],
                size=model.hidden_size,
            )
        units += range(low, high + 1)
    return tuple(dict.fromkeys(units))


def _value(text: str, quantity: str, model: ModelConfig) -> Value:
    if text == "mean":
        return "mean"
    is_state = quantity in ("h", "c")
    if text == "donor" and is_state:
        return "donor"
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not math.isfinite(value):
        params = {"name": quantity, "value": repr(text[:20])}
        if is_state:
            raise ConfigError(
                "{name} cannot be set to {value}. Give a number, mean, or donor (another sentence's state).",
                **params,
            )
        raise ConfigError("{name} cannot be set to {value}. Give a number or mean.", **params)
    low, high = _limits(quantity, model)
    if not low <= value <= high:
        raise ConfigError(
            "{name} lies between {low} and {high}; it cannot be {value}.",
            name=quantity,
            low=exact(low),
            high=exact(high),
            value=exact(value),
        )
    return value + 0.0


def _limits(quantity: str, model: ModelConfig) -> tuple[float, float]:
    """Between what a quantity can be set; beyond it scores would be no numbers any more."""
    if quantity == "h" and model.nonlinearity == "relu":
        return 0.0, _UNLIMITED
    return CELLS[model.cell].quantities[quantity].range or (-_UNLIMITED, _UNLIMITED)
