"""What all settings share: validation, and a sentence for a value outside its range."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_args

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel, BeforeValidator, ConfigDict, GetCoreSchemaHandler, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, core_schema

from playground.controls import control_of
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


@dataclass(frozen=True)
class OneOf:
    """Annotates a text that has to be a word of a table, which `Literal` cannot know beforehand."""

    words: Callable[[], Iterable[str]]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check a text after pydantic has found that it is one."""
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def _check(self, word: str) -> str:
        if word not in tuple(self.words()):
            raise ValueError("not in the table")
        return word


class Settings(BaseModel):
    """Frozen; no unknown names, no NaN or infinity; the text under a field is its description."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        validate_by_name=True,
        loc_by_alias=False,
    )


class Typed(str):
    """What a person typed or a link says: a sentence that has it quotes it, so that it can be told from its words.

    >>> f"{Typed('ten')}, not {3}"
    "'ten', not 3"
    """

    def __format__(self, how: str) -> str:
        return format(repr(str(self)), how)


@dataclass(frozen=True)
class Form(Generic[S]):
    """Settings by flat names, however deep they lie.

    >>> from playground.config import RUN_FORM
    >>> RUN_FORM.build({"cell": "gru", "epochs": "off"}).model.cell
    'gru'
    """

    fields: Mapping[str, FieldInfo]
    """Setting → its pydantic description."""
    build: Callable[[Mapping[str, object]], S]
    """Names and values → settings; raises ConfigError for what does not fit."""
    flatten: Callable[[S], dict[str, Any]]
    """Inverse of `build`."""


def form_of(kind: type[S]) -> Form[S]:
    """The form of settings that lie side by side."""
    return Form(kind.model_fields, lambda values: validate(kind, values), dict)


def address_word(name: str, info: FieldInfo) -> str:
    """What a setting is called in an address and on the command line: its alias, else its name."""
    return info.alias or name


def to_text(value: object) -> str:
    """A value as an address and the command line have it: `off`, `true`, `0.01`, `gru`."""
    if value is None:
        return "off"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def validate(kind: type[S], values: Mapping[str, object]) -> S:
    """Validate; text is parsed, `off` is None where it may be.

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
    table = next((part for part in info.metadata if isinstance(part, OneOf)), None)
    words = get_args(info.annotation) if table is None else table.words()
    return tuple(word for word in words if isinstance(word, str))


def explain(problem: ValidationError, fields: Mapping[str, FieldInfo]) -> ConfigError:
    """Turn pydantic's first finding into one sentence with the figures and the way out.

    Args:
        problem: Of a model whose leaves are `fields`, however deep they lie.
        fields: Setting → its pydantic description.
    """
    first = problem.errors()[0]
    places = [str(place) for place in first["loc"]]
    # a part may have the name of a setting in it (corpus.corpus), so the deepest one counts
    name = next((place for place in reversed(places) if place in fields), places[-1] if places else "config")
    given = first.get("input")
    shown: object = Typed(given[:58]) if isinstance(given, str) else repr(given)[:60]
    if name not in fields:
        return ConfigError("{name} is not a setting of a run.", name=name[:40])
    error = _explain(name, shown, fields[name])
    control = control_of(fields[name])
    if control:
        error.label, error.words = control.label, control.words
    return error


def _explain(name: str, shown: object, info: FieldInfo) -> ConfigError:
    words = choices_of(info)
    low, high = bounds_of(info)
    if words:
        return ConfigError(
            "{name} is {value}; choose one of {choices}.",
            name=name,
            value=shown,
            choices=words,
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
    (True, False, False): gettext_noop("{name} is {value}; give a whole number from {low} to {high}."),
    (True, False, True): gettext_noop("{name} is {value}; give a whole number from {low} to {high}, or off."),
    (False, False, False): gettext_noop("{name} is {value}; give a number from {low} to {high}."),
    (False, False, True): gettext_noop("{name} is {value}; give a number from {low} to {high}, or off."),
    (False, True, False): gettext_noop("{name} is {value}; give a number above {low}, up to {high}."),
    (False, True, True): gettext_noop("{name} is {value}; give a number above {low}, up to {high}, or off."),
}
