"""Texts of one's own on the Train page, and The Time Machine where it is not here."""

from __future__ import annotations

import socket
import unicodedata

import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from playground.presets import preset
from playground.text.corpora import TIME_MACHINE
from tests.helpers import some_text, tiny_config
from tests.pages.helpers import linked, said

CHINESE = "雨下了一整夜，钟表铺的灯还亮着。\n老人把怀表放回抽屉，听见街上有人敲门。\n" * 9


@pytest.fixture(autouse=True)
def no_shared_folder(monkeypatch):
    monkeypatch.delenv("PLAYGROUND_CORPORA", raising=False)


@pytest.fixture
def nowhere(manager):
    """Nothing answers where the book is looked for."""
    with socket.socket() as free, socket.socket() as other:
        for door in (free, other):
            door.bind(("127.0.0.1", 0))  # bound but not listening: refuses every call
        manager.store.library.urls = tuple(
            f"http://127.0.0.1:{door.getsockname()[1]}/timemachine.txt" for door in (free, other)
        )
        yield


def upload(app, data: bytes, name: str = "mine.txt", key: str = "upload"):
    app.file_uploader(key).set_value((name, data, "text/plain")).run()
    assert not app.exception
    return app


def own_texts(manager) -> list[str]:
    return [info.title for info in manager.store.library.all() if info.id.startswith("text-")]


def test_an_encoding_is_picked_by_what_it_would_say_and_the_choice_stays(manager, page):
    app = upload(page(), CHINESE.encode("gb18030"))
    assert "Say which encoding it is in: gb18030" in app.error[0].value.replace("\\", "")
    radio = app.radio("encoding")
    assert radio.options[0] == "GB18030 (GBK), simplified Chinese"
    assert radio.proto.captions[0].startswith("雨下了一整夜")
    wrong = next(option for option in radio.options if option.startswith("Windows-1252"))
    app.radio("encoding").set_value("windows-1252").run()
    assert own_texts(manager) == ["mine"]
    assert app.radio("encoding").options[0] == radio.options[0]
    assert wrong in app.radio("encoding").options
    app.radio("encoding").set_value("gb18030").run()
    assert not app.error
    assert manager.store.library.load(linked(app)["corpus"]).text == CHINESE
    assert own_texts(manager) == ["mine"]  # what the wrong pick made of it is gone


def test_a_file_that_is_cut_inside_a_character_can_be_read_with_a_sign_in_its_place(manager, page):
    app = upload(page(), CHINESE.strip().encode()[:-1])
    assert app.radio("encoding").options == ["UTF-8, 2 bytes replaced by �"]
    app.radio("encoding").set_value("utf-8-replace").run()
    assert "2 bytes did not fit" in said(app)
    assert manager.store.library.load(linked(app)["corpus"]).text == CHINESE.strip()[:-1] + "\ufffd"


def test_another_file_forgets_the_encoding_of_the_last_one(page):
    app = upload(page(), CHINESE.encode("gb18030"))
    app.radio("encoding").set_value("gb18030").run()
    upload(app, "Все счастливые семьи похожи друг на друга.".encode("cp1251"))
    assert app.radio("encoding").value is None
    assert app.radio("encoding").options[0].startswith("Windows-1251")


def test_the_same_text_under_another_name_is_told_and_keeps_its_title(manager, page):
    manager.store.library.add("The first one's *title*", some_text())
    app = upload(page(), some_text().encode(), "renamed.txt")
    assert "This text is here already, as “The first one's \\*title\\*”" in app.success[0].value
    assert own_texts(manager) == ["The first one's *title*"]


def test_a_text_that_differs_in_form_alone_is_told_as_such(manager, page):
    text = "Le café était fermé. " * 20
    manager.store.library.add("Café", text)
    app = upload(page(), unicodedata.normalize("NFD", text).encode(), "other.txt")
    assert "It differs from “Café” only in how its characters are composed" in said(app)


def test_a_text_of_ones_own_can_be_removed_and_the_link_goes_back_to_the_usual_one(manager, page):
    app = upload(page(), some_text().encode())
    assert linked(app)["corpus"].startswith("text-")
    app.checkbox("remove_sure").check().run()
    app.button(key="remove").click().run()
    assert not app.exception
    assert own_texts(manager) == []
    assert "corpus" not in linked(app)
    assert not app.warning
    assert [box.value for box in app.success] == ["Removed: “mine”."]
    app.run()
    assert not app.success


def test_the_tab_that_removes_shows_no_other_text_than_the_chosen_one(manager, page):
    app = upload(page(), some_text().encode())
    file, _hand, away = app.tabs[:3]
    assert file.code
    assert not away.code
    assert not away.success


def test_a_repair_says_what_it_did_and_the_text_has_its_name_back(manager, page):
    texts = [
        manager.store.library.add(title, some_text(seed=n)).id for n, title in enumerate(("Left", "Lost"))
    ]
    (manager.store.library.directory / f"{texts[0]}.json").write_bytes(b'{"title": "Left')
    (manager.store.library.directory / f"{texts[1]}.txt").write_bytes(b"\xff\xfe\xff")
    app = page()
    app.selectbox("remove_text").set_value(texts[0]).run()
    app.button("repair_texts").click().run()
    assert [box.value for box in app.success] == ["Repaired: “Left”. Cannot be repaired: 1."]
    assert "Left" in app.selectbox("remove_text").options
    assert app.selectbox("remove_text").value == texts[0]


def test_a_text_that_a_run_reads_stays_and_says_why(manager, page):
    id = manager.store.library.add("Read", some_text()).id
    manager.store.create(tiny_config(corpus=id), "Reader")
    app = page()
    app.checkbox("remove_sure").check().run()
    app.button(key="remove").click().run()
    assert "'Read' stays: the run 'Reader' reads it" in app.error[0].value
    assert own_texts(manager) == ["Read"]


def test_presets_whose_text_is_missing_say_so_before_start(page):
    app = page()
    options = app.pills("preset").options
    assert [option for option in options if "⤓" not in option] == [
        "Quick look",
        "Grow a quote cell",
        "Fill in the blank",
    ]
    assert "⤓ reads The Time Machine, which is not here yet" in said(app)
    assert not [button for button in app.button if button.key == "fetch"]
    app.pills("preset").select("d2l_gru").run()
    assert "The Time Machine is not here yet" in said(app)
    assert app.button(key="fetch").label == "Fetch The Time Machine (175 KB)"


def test_a_failed_fetch_offers_three_ways_on(manager, page, nowhere):
    app = page(corpus=TIME_MACHINE)
    app.button(key="fetch").click().run()
    assert not app.exception
    assert "None of 2 addresses sends The Time Machine" in app.error[0].value
    assert app.button(key="fetch").label == "Fetch again (175 KB)"
    assert app.file_uploader("upload_book")
    assert app.button(key="without_book").label == "Run this row on the bundled story"


def test_a_row_on_the_bundled_story_keeps_its_preset_and_its_prefix(manager, page, monkeypatch):
    started = []
    monkeypatch.setattr(
        manager._dispatcher, "enqueue", lambda run, *_: started.append(run.id)
    )  # 500 epochs are not for here
    app = page()
    app.pills("preset").select("d2l_gru").run()
    app.button(key="without_book").click().run()
    assert not app.exception
    (run,) = manager.store.all()
    assert started == [run.id]
    assert run.config.corpus.corpus == "the_tide_clock"
    assert run.config.train == preset("d2l_gru").train
    assert run.config.model == preset("d2l_gru").model
    assert run.config.train.sample_prefix == "time traveller"
    assert app.pills("preset").value == "d2l_gru"
    assert not app.error


@pytest.mark.parametrize("key", ["upload", "upload_book"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_an_uploaded_copy_becomes_the_time_machine(manager, page, time_machine, monkeypatch, key, ends):
    monkeypatch.delenv("PLAYGROUND_CORPORA")
    app = page(corpus=TIME_MACHINE)
    upload(app, time_machine.text.replace("\n", ends).encode(), "wells.txt", key)
    assert linked(app)["corpus"] == TIME_MACHINE
    assert not [button for button in app.button if button.key == "fetch"]
    assert not any("⤓" in option for option in app.pills("preset").options)
    assert manager.store.library.load(TIME_MACHINE).sha256 == time_machine.sha256
    assert own_texts(manager) == []


def test_a_pasted_copy_becomes_the_time_machine(manager, page, time_machine, monkeypatch):
    monkeypatch.delenv("PLAYGROUND_CORPORA")
    app = page()
    app.text_area("pasted").set_value(time_machine.text.rstrip("\n"))
    app.button(key="add_pasted").click().run()
    assert linked(app)["corpus"] == TIME_MACHINE
    assert "This is The Time Machine as d2l has it" in app.success[0].value


@pytest.mark.parametrize("data", [some_text().encode(), b"", "雨街".encode("gb18030") * 50, b"PK\x03\x04zip"])
def test_another_file_is_not_taken_for_the_book(manager, page, data):
    app = upload(page(corpus=TIME_MACHINE), data, "other.txt", "upload_book")
    assert f"'other.txt' is not d2l's timemachine.txt: its {len(data)} bytes" in app.error[0].value
    assert app.button(key="fetch").label == "Fetch The Time Machine (175 KB)"
    assert manager.store.library.find_time_machine() is None


def test_a_lesson_that_counts_the_book_can_count_the_story(page):
    app = page("basics", view="markov", corpus=TIME_MACHINE)
    assert app.button(key="fetch")
    app.button(key="without_book").click().run()
    assert not app.exception
    assert "corpus" not in linked(app)
    assert app.get("plotly_chart")


def test_a_number_that_cannot_be_is_told_also_where_the_row_is_run_on_the_story(manager, page):
    app = page(preset="d2l_lstm")
    app.pills("preset").select("d2l_lstm").run()
    app.sidebar.number_input(key="hidden_size").set_value(99_999).run()
    app.button(key="without_book").click().run()
    assert not app.exception
    assert "99999" in app.error[0].value
    assert not manager.store.all()


def test_uploads_leave_the_servers_memory_when_they_have_been_read(manager, page, monkeypatch):
    let_go = []
    remove = MemoryUploadedFileManager.remove_file
    monkeypatch.setattr(
        MemoryUploadedFileManager,
        "remove_file",
        lambda *at, **named: (let_go.append(1), remove(*at, **named))[0],
    )
    app = page()
    for n in range(3):
        file = (f"{n}.txt", some_text(900, n).encode(), "text/plain")
        app.file_uploader("upload" if n == 0 else f"upload_{n}").set_value(file).run()
        assert not app.exception
        assert app.file_uploader(f"upload_{n + 1}").value is None
        assert len(let_go) == n + 1
        assert len(app.session_state.text_added.preview) == 300  # nor does the session keep the whole text
    assert len(own_texts(manager)) == 3


def test_another_text_lets_go_of_the_words_that_our_last_one_began_with_and_keeps_a_persons(manager, page):
    id = manager.store.library.add("Mine", some_text(600)).id
    for link, kept in (({"lang": "zh"}, ""), ({"lang": "zh", "sample_prefix": "雨"}, "雨")):
        app = page(**link)
        app.pills(key="preset").select("quick").run() if not kept else None
        began = app.text_area(key="sample_prefix").value
        assert began == (kept or "小禾")
        app.selectbox(key="corpus").select(id).run()
        assert app.text_area(key="sample_prefix").value == kept
