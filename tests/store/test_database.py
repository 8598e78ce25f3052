"""The database's file, when it is damaged."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from playground.errors import StoreDamaged
from playground.store.backups import is_sound
from playground.store.database import DATABASE, Database
from playground.store.doctor import examine
from playground.store.run_store import RunStore
from tests.helpers import tiny_config


def test_a_damaged_name_that_sqlite_quotes_is_told_in_a_sentence(tmp_path):
    """Python cannot read SQLite's own message then, and raises another error than SQLite's."""
    file = tmp_path / DATABASE
    Database(file).close()
    data = file.read_bytes()
    at = data.index(b"CREATE TABLE runs")
    file.write_bytes(data[:at] + b"CREATE TABL\xff" + data[at + 12 :])
    for use in (lambda: Database(file), lambda: RunStore(tmp_path)):
        with pytest.raises(StoreDamaged, match=r"\(the file is damaged\)"):
            use()
    assert not is_sound(file)
    assert examine(tmp_path)


def test_backups_that_are_made_at_the_same_time_take_turns(store, text_id):
    store.create(tiny_config(corpus=text_id), "Rain")
    with ThreadPoolExecutor(8) as pool:
        made = [pool.submit(store.backups.make) for _ in range(40)]
    assert all(future.result() for future in made)
