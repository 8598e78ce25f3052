"""What whoever starts a server can set: how much a person may have, who is who, and what is shared."""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from playground.errors import ConfigError, gettext_noop
from playground.settings import NotBool, Settings, Typed, validate

PREFIX = "PLAYGROUND_"


def _none(word: str) -> BeforeValidator:
    """Only a word is None: a variable that was left empty must not turn a limit off."""

    def to_none(value: Any) -> Any:
        return None if isinstance(value, str) and value.strip().lower() == word else value

    return BeforeValidator(to_none)


def _nothing(value: Any) -> Any:
    """An empty variable is one that is not set."""
    return None if value == "" else value


def _networks(value: str) -> str:
    for part in filter(None, map(str.strip, value.split(","))):
        ip_network(part, strict=False)  # raises ValueError
    return value


Off, Auto = _none("off"), _none("auto")
Unset = BeforeValidator(_nothing)


class ServerSettings(Settings):
    """The settings of a server; each is read from the variable `PLAYGROUND_` and its name.

    >>> ServerSettings.read({"PLAYGROUND_RUNS_PER_PERSON": "5"}).runs_per_person
    5
    """

    slots: Annotated[int, NotBool] = Field(1, ge=1, le=64)
    """Runs that train at the same time: a training run takes a machine's cores or its one GPU."""
    runs_per_person: Annotated[int | None, NotBool, Off] = Field(3, ge=1, le=1_000)
    """Runs of one person that wait, train or were paused within the last minute; None sets no limit."""
    disk_per_person: Annotated[int | None, NotBool, Off] = Field(500, ge=1, le=10_000_000)
    """Megabytes of the weights of one person's runs; None sets no limit."""
    texts_per_person: Annotated[int | None, NotBool, Off] = Field(20, ge=0, le=100_000)
    """Texts that one person may add; None sets no limit."""
    writing_per_person: Annotated[int | None, NotBool, Off] = Field(2, ge=1, le=100)
    """Texts that networks may write for one person at the same time; None sets no limit."""
    until_stopped_minutes: Annotated[float | None, NotBool, Off] = Field(30.0, gt=0.0, le=100_000.0)
    """Minutes after which a run "until stopped" ends where others wait; None lets it go on."""
    free_megabytes: Annotated[int | None, NotBool, Auto] = Field(None, ge=1, le=10_000_000)
    """Megabytes free on the disk below which runs pause; None (`auto`) takes 200, on a disk below 2 GB 64."""
    run_minutes: Annotated[float | None, NotBool, Off] = Field(None, gt=0.0, le=100_000.0)
    """Minutes that a run may take by its estimate, to be started; None sets no limit."""
    identity: Annotated[
        Annotated[str, Field(pattern=r"^(none|cookie|oidc|header:[A-Za-z0-9-]{1,100})$")] | None, Unset
    ] = None
    """How people are told apart: `none`, `cookie`, `header:` and its name, or `oidc`; None leaves it to the server."""
    trusted_proxies: Annotated[str, AfterValidator(_networks)] = Field("", max_length=2_000)
    """Addresses and networks, with commas between, whose header tells who somebody is."""
    sharing: Literal["public", "private"] = "public"
    """Who may look at a run: everybody, or its owner and the teacher."""
    teacher_key: Annotated[
        Annotated[str, StringConstraints(strip_whitespace=True, min_length=8, max_length=200)] | None, Unset
    ] = None
    """Whoever enters it is a teacher; None leaves it to the server."""
    join_code: Annotated[
        Annotated[str, StringConstraints(strip_whitespace=True, min_length=4, max_length=200)] | None, Unset
    ] = None
    """What everybody is asked for first; None asks for nothing."""

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> ServerSettings:
        """The settings that an environment's variables say.

        Raises:
            ConfigError: The first one that does not fit, with its variable and what it may be.
        """
        given = {name: environ[variable(name)] for name in cls.model_fields if variable(name) in environ}
        return _validate(cls, given, variable)

    def with_limits(self, values: Mapping[str, object]) -> ServerSettings:
        """The same with other limits.

        Args:
            values: Some of `LIVE` → their new values, as numbers or as text (`off`, `auto`).

        Raises:
            ConfigError: Not a limit that can be changed, or outside its range.
        """
        for name in values:
            if name not in LIVE:
                raise ConfigError("{name} is not a setting that a teacher can change.", name=Typed(name[:40]))
        return _validate(ServerSettings, self.model_dump() | dict(values), str)


LIVE = (
    "runs_per_person",
    "disk_per_person",
    "texts_per_person",
    "writing_per_person",
    "until_stopped_minutes",
    "free_megabytes",
    "run_minutes",
)
"""The limits that can be changed while the server runs."""

_SENTENCES = {
    "free_megabytes": gettext_noop(
        "{name} is {value}; give a whole number from {low} to {high}, or auto: 200, on a small disk 64."
    ),
    "identity": gettext_noop(
        "{name} is {value}; choose none, cookie, oidc, or header: and the name of a header."
    ),
    "trusted_proxies": gettext_noop(
        "{name} is {value}; give addresses or networks in digits with commas between, such as 10.0.0.0/8."
    ),
    # what is secret is not said again: a console is read by more people than its owner
    "teacher_key": gettext_noop("{name} does not fit; give 8 to 200 characters."),
    "join_code": gettext_noop("{name} does not fit; give 4 to 200 characters."),
}


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()


def _validate(kind: type[ServerSettings], values: Mapping[str, object], shown: Any) -> ServerSettings:
    """Validate, and name a setting as whoever set it knows it."""
    try:
        return validate(kind, values)
    except ConfigError as error:
        name = str(error.params["name"])
        params = error.params | {"name": shown(name)}
        raise ConfigError(_SENTENCES.get(name, error.message), **params) from None
