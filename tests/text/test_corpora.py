"""The library of texts."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.errors import CorpusError
from playground.text.corpora import MAX_TITLE, TIME_MACHINE, TIME_MACHINE_FILE, CorpusLibrary
from playground.text.decoding import MAX_BYTES
from tests.helpers import some_text


@pytest.fixture
def library(tmp_path, monkeypatch) -> CorpusLibrary:
    monkeypatch.delenv("PLAYGROUND_CORPORA", raising=False)
    return CorpusLibrary(tmp_path / "corpora")


@pytest.mark.parametrize(("id", "characters"), [("the_tide_clock", 30_000), ("yujie_zhongbiao", 8_000)])
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


def test_the_same_text_twice_is_kept_once(library):
    first, second = library.add("One", some_text()), library.add("Two", some_text())
    assert first.id == second.id
    assert [i.title for i in library.all() if i.id == first.id] == ["Two"]


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
