"""Texts whose note or text is damaged: skipped, told with the reason, removed or repaired; all others work."""

import json

import pytest

from playground.errors import CorpusError
from playground.text.corpora import CorpusLibrary
from playground.text.repair import repair_text
from tests.helpers import some_text

DAMAGE = {
    "a note cut in the middle": (".json", lambda data: data[:12], "note"),
    "an empty note": (".json", lambda data: b"", "note"),
    "a note of another kind": (".json", lambda data: b"[1, 2]", "note"),
    "a title that is no text": (".json", lambda data: b'{"title": 7}', "note"),
    "a note of brackets": (".json", lambda data: b"[" * 100_000, "note"),
    "a note that is not UTF-8": (".json", lambda data: b'{"title": "caf\xe9"}', "note"),
    "a text that is no longer UTF-8": (
        ".txt",
        lambda data: data[:100] + b"\xff\xfe" + data[100:],
        "byte 100",
    ),
    "an empty text": (".txt", lambda data: b"", "empty"),
}


@pytest.fixture
def library(tmp_path, monkeypatch) -> CorpusLibrary:
    monkeypatch.delenv("PLAYGROUND_CORPORA", raising=False)
    return CorpusLibrary(tmp_path / "corpora")


def spoil(library: CorpusLibrary, id: str, suffix: str, change) -> None:
    file = library.directory / f"{id}{suffix}"
    file.write_bytes(change(file.read_bytes()))


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_text_is_left_out_and_named_with_its_reason_and_others_work(library, kind):
    suffix, change, reason = DAMAGE[kind]
    sound, id = library.add("Sound", some_text(seed=2)), library.add("Mine", some_text()).id
    before = [info.id for info in library.all()]
    assert id in before
    spoil(library, id, suffix, change)
    assert [info.id for info in library.all()] == [other for other in before if other != id]
    (damaged,) = library.damaged()
    assert damaged.id == id
    assert reason in str(damaged.reason)
    assert library.title(id) == ("Mine" if suffix == ".txt" else id)
    assert library.load(sound.id) == sound
    with pytest.raises(CorpusError, match="is damaged") as caught:
        library.load(id)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_text_can_be_removed(library, kind):
    suffix, change, _ = DAMAGE[kind]
    id = library.add("Mine", some_text()).id
    spoil(library, id, suffix, change)
    library.remove(id)
    assert library.damaged() == []
    assert not list(library.directory.iterdir())


@pytest.mark.parametrize("kind", DAMAGE)
def test_adding_a_damaged_text_again_mends_it(library, kind):
    suffix, change, _ = DAMAGE[kind]
    id = library.add("Mine", some_text()).id
    spoil(library, id, suffix, change)
    assert library.add("Mine", some_text()).id == id
    assert library.damaged() == []
    assert library.load(id).text == some_text()


@pytest.mark.parametrize("suffix", [".txt", ".json"])
def test_half_of_a_text_is_damaged_and_not_a_crash(library, suffix):
    id = library.add("Mine", some_text()).id
    (library.directory / f"{id}{suffix}").unlink()
    (damaged,) = library.damaged()
    assert "no such file" in str(damaged.reason)
    assert id not in [info.id for info in library.all()]


def test_a_note_that_is_cut_is_written_anew_with_what_is_left_of_the_title(library):
    id = library.add("My own Tide Clock", some_text()).id
    spoil(library, id, ".json", lambda data: data[:17])
    assert repair_text(library.directory, id)
    assert library.damaged() == []
    assert (library.title(id), library.load(id).text) == ("My own", some_text())


@pytest.mark.parametrize("note", [None, b"", b"{}"])
def test_a_note_of_which_nothing_is_left_gets_the_texts_first_words(library, note):
    id = library.add("Mine", "Tide in, tide out, tide in again").id
    file = library.directory / f"{id}.json"
    file.unlink() if note is None else file.write_bytes(note)
    assert repair_text(library.directory, id)
    assert library.title(id) == "Tide in, tide out, t"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "big5"])
def test_a_text_that_an_editor_saved_in_another_encoding_is_found_by_its_checksum(library, encoding):
    text = "雨下了一整夜，街上的鐘都停了。\n" * 30
    id = library.add("雨", text).id
    spoil(library, id, ".txt", lambda data: text.replace("\n", "\r\n").encode(encoding))
    assert [damaged.id for damaged in library.damaged()] == [id]
    assert repair_text(library.directory, id)
    assert (library.title(id), library.load(id).text) == ("雨", text)


def test_a_text_whose_bytes_are_lost_stays_damaged(library):
    id = library.add("Mine", some_text()).id
    spoil(library, id, ".txt", lambda data: data[:50] + b"\xff" + data[60:])
    assert not repair_text(library.directory, id)
    assert [damaged.id for damaged in library.damaged()] == [id]


def test_a_file_that_is_read_once_is_read_again_when_it_changes(library):
    id = library.add("One", some_text()).id
    assert library.title(id) == "One"
    (library.directory / f"{id}.json").write_text(json.dumps({"title": "Another"}))
    assert library.title(id) == "Another"


def test_a_book_that_is_damaged_is_one_sentence(library):
    library.directory.mkdir()
    (library.directory / "timemachine.txt").write_bytes(b"The Time \xff\xfe Machine")
    with pytest.raises(CorpusError, match=r"timemachine\.txt of The Time Machine is damaged"):
        library.load("time_machine")
