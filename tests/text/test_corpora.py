"""The library of texts."""

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.errors import CorpusError
from playground.text.corpora import MAX_TITLE, TIME_MACHINE, CorpusLibrary
from playground.text.decoding import MAX_BYTES, decode
from playground.text.time_machine import FILE as TIME_MACHINE_FILE
from tests.helpers import some_text


@pytest.fixture
def library(tmp_path, monkeypatch) -> CorpusLibrary:
    monkeypatch.delenv("PLAYGROUND_CORPORA", raising=False)
    return CorpusLibrary(tmp_path / "corpora")


@pytest.mark.parametrize(
    ("id", "characters"),
    [
        ("the_tide_clock", 30_000),
        ("yujie_zhongbiao", 8_000),
        ("mallow_quay", 79_000),
        ("liuwan_dukou", 39_000),
    ],
)
def test_bundled_texts_are_ready_and_long_enough(library, id, characters):
    info = next(info for info in library.all() if info.id == id)
    text = library.load(id).text
    assert info.ready
    assert len(text) >= characters


def test_looking_around_writes_nothing(library):
    assert library.all()
    assert not library.directory.exists()


@settings(max_examples=25)
@given(text=st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).filter(str.strip))
def test_an_added_text_comes_back_as_it_was(tmp_path_factory, text):
    library = CorpusLibrary(tmp_path_factory.mktemp("corpora"))
    added = library.add("Mine", text)
    assert library.load(added.id) == added
    assert added.text == text
    info = next(info for info in library.all() if info.id == added.id)
    assert (info.title, info.ready) == ("Mine", True)


def test_the_same_text_twice_is_kept_once_under_its_first_title(library):
    first, second = library.add("One", some_text()), library.add("Two", some_text())
    assert first == second
    assert [i.title for i in library.all() if i.id == first.id] == ["One"]


def test_own_texts_stand_last_the_newest_first(library):
    ids = [library.add(f"Text {seed}", some_text(seed=seed)).id for seed in range(3)]
    for age, id in enumerate(ids):
        os.utime(library.directory / f"{id}.json", (1_000 + age, 1_000 + age))
    assert [info.id for info in library.all()][-3:] == ids[::-1]
    assert TIME_MACHINE in [info.id for info in library.all()][:-3]


def test_adding_leaves_no_half_written_file(library):
    id = library.add("Mine", some_text()).id
    assert sorted(p.name for p in library.directory.iterdir()) == [f"{id}.json", f"{id}.txt"]


@pytest.mark.parametrize("title", ["  a \n title\t", "x" * 200, "", " \n"])
def test_a_title_is_one_short_line(library, title):
    kept = library.add(title, "tide clock").title
    assert kept == (" ".join(title.split())[:MAX_TITLE] or "tide clock")


@pytest.mark.parametrize("text", ["Tide in,\ntide out.\n", "\n\nTide in,\r\ntide\u2028out."])
def test_a_text_without_a_title_gets_one_line_of_its_own(library, text):
    title = library.add("", text).title
    assert title == "Tide in, tide out."


def test_a_title_from_a_file_name_that_is_not_unicode_can_be_kept(library):
    id = library.add(os.fsdecode(b"caf\xe9"), "tide clock").id
    assert library.title(id).startswith("caf")
    assert library.title(id).isprintable()


def test_half_a_surrogate_pair_is_kept_as_a_question_mark(library):
    added = library.add("Mine", "tide \ud83d clock")
    assert library.load(added.id) == added
    assert added.text == "tide ? clock"


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_an_empty_text_is_not_kept(library, text):
    with pytest.raises(CorpusError, match="is empty"):
        library.add("Mine", text)
    assert not library.directory.exists()


@pytest.mark.parametrize("text", ["\x00\x01" * 50, "a" * (MAX_BYTES + 1), "é" * (MAX_BYTES // 2 + 1)])
def test_a_binary_or_overlong_text_is_not_kept(library, text):
    with pytest.raises(CorpusError):
        library.add("Mine", text)
    assert not library.directory.exists()


@pytest.mark.parametrize(
    "id",
    ["nonsense", "../secret", "text-../../secret", "/etc/passwd", "text-0123456789abcdef", "text-0\n", ""],
)
def test_an_unknown_id_is_answered_with_the_known_ones(library, id):
    (library.directory.parent / "secret.txt").write_text("secret")
    with pytest.raises(CorpusError, match="the_tide_clock") as caught:
        library.load(id)
    assert "secret." not in str(caught.value)


def test_the_time_machine_has_to_be_fetched_first(library):
    info = next(info for info in library.all() if info.id == TIME_MACHINE)
    assert not info.ready
    with pytest.raises(CorpusError, match="Fetch it first"):
        library.load(TIME_MACHINE)


def test_a_shared_folder_of_texts_spares_the_download(library, tmp_path, monkeypatch):
    (tmp_path / TIME_MACHINE_FILE).write_text("The Time Traveller", "utf-8")
    monkeypatch.setenv("PLAYGROUND_CORPORA", str(tmp_path))
    assert library.load(TIME_MACHINE).text == "The Time Traveller"
    assert next(info for info in library.all() if info.id == TIME_MACHINE).ready


def test_the_checksum_is_that_of_the_text_in_utf_8(library):
    import hashlib

    assert library.add("Mine", "雨街").sha256 == hashlib.sha256("雨街".encode()).hexdigest()


@pytest.mark.parametrize(
    "changed",
    [
        lambda book: book,
        lambda book: book.replace("\n", "\r\n"),
        lambda book: book.replace("\n", "\r"),
        lambda book: "\ufeff" + book,
        lambda book: book.rstrip("\n"),
        lambda book: "\n" + book + "\n\n",
    ],
    ids=["as it is", "CR LF", "CR", "with a mark", "without the last line end", "pasted with more"],
)
def test_a_copy_of_the_time_machine_becomes_the_time_machine(library, time_machine, monkeypatch, changed):
    monkeypatch.delenv("PLAYGROUND_CORPORA")
    added = library.add("from a stick", decode(changed(time_machine.text).encode()))
    assert (added.id, added.title, added.text) == (TIME_MACHINE, "The Time Machine", time_machine.text)
    assert library.load(TIME_MACHINE).sha256 == time_machine.sha256
    assert [info.id for info in library.all() if info.ready][-1] == TIME_MACHINE
    assert [file.name for file in library.directory.iterdir()] == [TIME_MACHINE_FILE]


def test_another_edition_of_the_book_is_a_text_of_ones_own(library, time_machine):
    assert library.add("A reader's", time_machine.text.replace("Filby", "Philby")).id.startswith("text-")


def test_a_text_of_ones_own_can_be_removed_and_others_stay(library):
    gone, stays = library.add("Gone", some_text()).id, library.add("Stays", some_text(seed=2)).id
    library.remove(gone)
    assert [info.id for info in library.all()][-1] == stays
    assert not list(library.directory.glob(f"{gone}*"))
    with pytest.raises(CorpusError, match="There is no text"):
        library.remove(gone)


@pytest.mark.parametrize("id", ["the_tide_clock", TIME_MACHINE])
def test_what_belongs_to_the_playground_cannot_be_removed(library, id):
    with pytest.raises(CorpusError, match="belongs to the playground"):
        library.remove(id)
    assert id in [info.id for info in library.all()]


@pytest.mark.parametrize("id", ["nonsense", "../secret", "text-../../secret", "text-0123456789abcdef"])
def test_nothing_else_can_be_removed(library, id):
    (library.directory.parent / "secret.txt").write_text("secret")
    with pytest.raises(CorpusError, match="There is no text"):
        library.remove(id)
    assert (library.directory.parent / "secret.txt").exists()


def test_texts_that_differ_in_form_alone_are_found(library):
    composed = library.add("Composed", "Le café était fermé. " * 9)
    other = library.add("Decomposed", unicodedata.normalize("NFD", composed.text))
    assert other.id != composed.id
    assert library.same_but_form(other).id == composed.id
    assert library.same_but_form(library.add("Another", "Le cafe etait ferme. " * 9)) is None
    assert library.same_but_form(library.load("the_tide_clock")) is None


def test_titles_are_read_once_until_the_folder_changes_by_whomever(tmp_path, monkeypatch):
    library, other = CorpusLibrary(tmp_path), CorpusLibrary(tmp_path)
    first = library.add("First", "one two three").id
    os.utime(tmp_path, (1e9, 1e9))  # nothing has changed of late
    assert library.title(first) == "First"
    monkeypatch.setattr(Path, "read_text", lambda *_: pytest.fail("read again"))
    assert (library.title(first), library.title("gone")) == ("First", "gone")
    monkeypatch.undo()
    second = other.add("Second", "four five six").id
    assert [library.title(id) for id in (first, second)] == ["First", "Second"]
    other.remove(first)
    assert library.title(first) == first
    assert [info.id for info in library.all() if info.id.startswith("text-")] == [second]
