"""People are read once, and as they are now."""

from playground.records import Person
from playground.store import people as people_module

MEI = "a" * 32


def counted(store, monkeypatch):
    """The statements that read the table from now on."""
    seen, rows = [], store._database.rows

    def reading(sql, *values):
        if "FROM people" in sql:
            seen.append(sql)
        return rows(sql, *values)

    monkeypatch.setattr(store._database, "rows", reading)
    return seen


def test_whoever_draws_a_page_is_read_once_until_something_changes(store, monkeypatch):
    seen = counted(store, monkeypatch)
    for _ in range(20):
        assert store.people.get(MEI) == Person(MEI)
    assert len(seen) == 1
    store.people.rename(MEI, "Mei")
    for _ in range(20):
        assert store.people.get(MEI).name == "Mei"
        store.people.note(MEI)
        assert not store.people.has_joined(MEI, "code")
    assert len(seen) == 2


def test_every_change_is_seen_at_once(store):
    people = store.people
    assert people.get(MEI).number is None
    people.note(MEI)
    assert people.get(MEI).number == 1
    people.set_teacher(MEI, "key")
    assert people.get(MEI, "key").is_teacher and not people.get(MEI, "another").is_teacher
    people.set_teacher(MEI, None)
    assert not people.get(MEI, "key").is_teacher
    people.join(MEI, "code")
    assert people.has_joined(MEI, "code") and not people.has_joined(MEI, "other")


def test_what_was_read_before_a_change_is_not_kept_after_it(store, monkeypatch):
    rows = store._database.rows

    def slowly(sql, *values):
        found = rows(sql, *values)
        if "FROM people" in sql:
            monkeypatch.setattr(store._database, "rows", rows)
            store.people.rename(MEI, "Mei")  # between the reading and the keeping
        return found

    monkeypatch.setattr(store._database, "rows", slowly)
    assert store.people.get(MEI).name == ""
    assert store.people.get(MEI).name == "Mei"


def test_only_so_many_are_kept(store, monkeypatch):
    monkeypatch.setattr(people_module, "_KEPT", 3)
    table = people_module.PeopleTable(store._database)
    for n in range(10):
        table.rename(f"{n:032x}", f"Person {n}")
    assert [table.get(f"{n:032x}").name for n in range(10)] == [f"Person {n}" for n in range(10)]
    assert len(table._rows) == 3
