"""The limits of a server as they stand: what the environment says, and what a teacher has set since."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from playground.errors import ConfigError, StoreDamaged
from playground.server_settings import LIVE, ServerSettings
from playground.settings import to_text
from playground.store.database import Database

_log = logging.getLogger(__name__)


class StoredSettings:
    """A server's settings, of which limits can be changed while it runs. Thread-safe.

    Args:
        database: The store's own connection.
        base: As the environment says.
        apply: Told the settings as they stand, at once and after each change.
    """

    def __init__(
        self, database: Database, base: ServerSettings, apply: Callable[[ServerSettings], None]
    ) -> None:
        self.base = base
        self._database = database
        self._apply = apply
        self._now = self._read()
        apply(self._now)

    def get(self) -> ServerSettings:
        """The settings that count now."""
        return self._now

    def changed(self) -> dict[str, object]:
        """The limits that are other than the environment says → their values."""
        base, now = self.base.model_dump(), self._now.model_dump()
        return {name: now[name] for name in LIVE if now[name] != base[name]}

    def put(self, values: Mapping[str, object]) -> ServerSettings:
        """Change limits, all or none of them; it counts at once, and outlives the server.

        Args:
            values: As in `ServerSettings.with_limits`.

        Raises:
            ConfigError: One of them is no limit, or outside its range.
            StoreError: It cannot be written.
        """
        checked = self._now.with_limits(values).model_dump()
        with self._database.write() as db:
            db.executemany(
                "INSERT INTO server_settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                [(name, _text(name, checked[name])) for name in values],
            )
        return self._refresh()

    def reset(self) -> ServerSettings:
        """Let limits be again what the environment says.

        Raises:
            StoreError: It cannot be written.
        """
        with self._database.write() as db:
            db.executemany("DELETE FROM server_settings WHERE name = ?", [(name,) for name in LIVE])
        return self._refresh()

    def _refresh(self) -> ServerSettings:
        self._now = self._read()
        self._apply(self._now)
        return self._now

    def _read(self) -> ServerSettings:
        """A row that is damaged, or from another version, costs nothing but itself."""
        settings = self.base
        try:
            rows = self._database.rows("SELECT name, value FROM server_settings ORDER BY name")
        except StoreDamaged as error:
            _log.warning("what is stored of the settings cannot be read: %s", error)
            return settings
        for row in rows:
            try:
                settings = settings.with_limits({str(row["name"]): row["value"]})
            except ConfigError as error:
                _log.warning("what is stored of a setting is passed over: %s", error)
        return settings


def _text(name: str, value: object) -> str:
    return "auto" if name == "free_megabytes" and value is None else to_text(value)
