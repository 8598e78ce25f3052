"""Limits that a teacher changes while the server runs."""

import pytest

from playground.errors import ConfigError
from playground.server_settings import LIVE, ServerSettings
from playground.store.run_store import RunStore
from playground.store.space import LEAST_BYTES, LEAST_OF_SMALL_BYTES

MEGABYTE = 10**6


def reopened(store: RunStore, settings: ServerSettings | None = None) -> ServerSettings:
    again = RunStore(store.directory, settings=settings)
    try:
        return again.settings.get()
    finally:
        again.close()


@pytest.mark.parametrize("name", LIVE)
def test_a_limit_counts_at_once_and_outlives_the_server(store, name):
    store.settings.put({name: 7})
    assert getattr(store.settings.get(), name) == 7
    assert store.settings.changed() == {name: 7}
    assert getattr(reopened(store), name) == 7
    store.settings.reset()
    assert store.settings.changed() == {}
    assert reopened(store) == ServerSettings()


@pytest.mark.parametrize("name", [name for name in LIVE if name != "free_megabytes"])
def test_a_limit_that_is_turned_off_stays_off(store, name):
    store.settings.put({name: "off"})
    assert getattr(reopened(store, ServerSettings(run_minutes=5)), name) is None


def test_a_change_is_made_whole_or_not_at_all(store):
    with pytest.raises(ConfigError, match="writing_per_person is '0'"):
        store.settings.put({"runs_per_person": 9, "writing_per_person": "0"})
    with pytest.raises(ConfigError, match="not a setting that a teacher can change"):
        store.settings.put({"runs_per_person": 9, "slots": 2})
    assert store.settings.changed() == {}


def test_without_names_every_limit_is_as_the_environment_says(store):
    store.settings.put({"runs_per_person": 9, "run_minutes": 3})
    assert store.settings.reset() == ServerSettings()


def test_what_a_teacher_has_not_changed_is_as_the_environment_says_now(store):
    store.settings.put({"run_minutes": 10})
    settings = reopened(store, ServerSettings(run_minutes=99, runs_per_person=8))
    assert (settings.run_minutes, settings.runs_per_person) == (10, 8)


@pytest.mark.parametrize("value", ["many", "", "-1", b"\xff\xfe", 1e400])
def test_a_damaged_row_falls_back_to_the_environment_and_costs_no_other(store, value):
    store.settings.put({"disk_per_person": 44})
    with store._database.write() as db:
        db.execute("INSERT INTO server_settings VALUES ('runs_per_person', ?)", (value,))
        db.execute("INSERT INTO server_settings VALUES ('of_a_newer_version', '1')")
        db.execute("INSERT INTO server_settings VALUES ('teacher_key', 'guessed-key')")
    settings = reopened(store, ServerSettings(runs_per_person=6))
    assert (settings.runs_per_person, settings.disk_per_person) == (6, 44)
    assert settings.teacher_key is None


def test_how_much_stays_free_is_moved_live(store):
    assert store.space.least == LEAST_BYTES
    store.settings.put({"free_megabytes": 1_000_000})
    assert store.space.is_short()
    store.settings.put({"free_megabytes": 1})
    assert store.space.least == MEGABYTE
    store.settings.put({"free_megabytes": "auto"})
    assert store.space.least == LEAST_BYTES


def test_on_a_small_disk_less_stays_free(disk):
    small = RunStore(disk / "data")
    assert small.space.least == LEAST_OF_SMALL_BYTES
    small.close()
