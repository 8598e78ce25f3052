"""What all settings share: validation, and a sentence for a value outside its range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, get_args

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from playground.errors import ConfigError, gettext_noop

OFF_WORDS = frozenset({"off", "none", "null", ""})
S = TypeVar("S", bound="Settings")


def _off_to_none(value: Any) -> Any:
    return None if isinstance(value, str) and value.strip().lower() in OFF_WORDS else value


def _no_boolean(value: Any) -> Any:
    """Refuse booleans where a number is meant: Python counts True as 1."""
    if isinstance(value, bool):
        raise ValueError("a number is meant")
    return value


NotBool = BeforeValidator(_no_boolean)
OffIsNone = BeforeValidator(_off_to_none)


class Settings(BaseModel):
    """Frozen; no unknown names, no NaN or infinity; the text under a field is its description."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


def validate(kind: type[S], values: Mapping[str, object]) -> S:
    """Validate settings; text is parsed, `off` is None where it may be.

        >>> from playground.config import WriteConfig
        >>> validate(WriteConfig, {"temperature": "0.5"}).temperature
        0.5
        >>> validate(WriteConfig, {"temperature": -1})
        Traceback (most recent call last):
        playground.errors.ConfigError: temperature is -1; give a number from 0 to 10.

    Args:
        kind: The settings class.
        values: Setting names and what they are set to; the others keep their defaults.

    Raises:
        ConfigError: The first value that does not fit, with its range.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise explain(error, kind.model_fields) from None


def bounds_of(info: FieldInfo) -> tuple[float | None, float | None]:
    """Lowest and highest value of a numeric setting; None where it has none."""
    metadata = info.metadata
    low = next((m.ge if isinstance(m, Ge) else m.gt for m in metadata if isinstance(m, Ge | Gt)), None)
    high = next((m.le for m in metadata if isinstance(m, Le)), None)
    return low, high  # type: ignore[return-value]


def choices_of(info: FieldInfo) -> tuple[str, ...]:
    """The words a setting can take; empty when it is not a choice."""
    return tuple(a for a in get_args(info.annotation) if isinstance(a, str))


def explain(error: ValidationError, fields: Mapping[str, FieldInfo]) -> ConfigError:
    """Turn pydantic's first finding into one sentence with its numbers and the way out.

    Args:
        error: What pydantic raised for a model whose leaves are `fields`, however deep they lie.
        fields: Setting → its pydantic description.
    """
    finding = error.errors()[0]
    places = [str(place) for place in finding["loc"]]
    # a part may have the name of a setting in it (corpus.corpus), so the deepest one counts
    name = next((place for place in reversed(places) if place in fields), places[-1] if places else "config")
    shown = repr(finding.get("input"))[:60]
    if name not in fields:
        return ConfigError("{name} is not a setting of a run.", name=name[:40])
    info = fields[name]
    words = choices_of(info)
    low, high = bounds_of(info)
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
        params = {
            "name": name,
            "value": shown,
            "low": f"{low:g}",
            "high": f"{high:,g}" if high < 1e6 else f"{high:,.0f}",
        }
        return ConfigError(_RANGE_SENTENCES[(whole, above, off)], **params)
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
    (True, False, False): gettext_noop("{name} is {value}; give a whole number from {low} to {high}."),
    (True, False, True): gettext_noop("{name} is {value}; give a whole number from {low} to {high}, or off."),
    (False, False, False): gettext_noop("{name} is {value}; give a number from {low} to {high}."),
    (False, False, True): gettext_noop("{name} is {value}; give a number from {low} to {high}, or off."),
    (False, True, False): gettext_noop("{name} is {value}; give a number above {low}, up to {high}."),
    (False, True, True): gettext_noop("{name} is {value}; give a number above {low}, up to {high}, or off."),
}
