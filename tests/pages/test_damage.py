"""Every page beside a damaged text, a damaged run and a damaged vocabulary."""

import shutil
import sqlite3

import pytest

from pages.shared.site import PAGES
from playground.records import RunStatus
from tests.helpers import some_text, tiny_config, until
from tests.pages.helpers import said, sent


def spoil(manager, id: str, column: str = "status", value: object = "dreaming") -> None:
    with sqlite3.connect(manager.store.directory / "playground.sqlite3") as db:
        db.execute(f"UPDATE runs SET {column} = ? WHERE id = ?", (value, id))
    db.close()


@pytest.fixture
def damaged(manager, trained) -> dict[str, str]:
    """A sound run, a run whose row is damaged, and a text whose note is cut."""
    sound, id = trained(), trained(seed=3)
    spoil(manager, id)
    text = manager.store.library.add("Spoilt", some_text(seed=2)).id
    (manager.store.library.directory / f"{text}.json").write_bytes(b'{"title": "Spo')
    return {"sound": sound, "run": id, "text": text}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_page_works_beside_a_damaged_run_and_text(page, damaged, name, lang):
    app = page(None if name == "train" else name, lang=lang)
    assert "Something went wrong" not in said(app)
    assert "出了问题" not in said(app)
    assert not app.error
    if name == "train":
        assert any(button.key == "start" and not button.disabled for button in app.button)


@pytest.mark.parametrize("name", ["train", "gates", "write"])
def test_a_link_to_a_damaged_run_says_what_is_wrong_and_the_page_works(page, damaged, name):
    app = page(None if name == "train" else name, run=damaged["run"])
    assert "is damaged: its status 'dreaming' is not known here" in said(app)
    assert not app.error


@pytest.mark.parametrize(("lang", "word"), [("en", "damaged"), ("zh", "损坏")])
def test_the_list_of_runs_shows_a_damaged_one_with_the_reason(page, damaged, lang, word):
    rows = {row["id"]: row["cells"] for row in sent(page(lang=lang), "run_list")["rows"]}
    assert set(rows) == {damaged["sound"], damaged["run"]}
    assert word in rows[damaged["run"]]["status"]["text"]
    assert "dreaming" in rows[damaged["run"]]["name"]["note"]
    assert set(rows[damaged["run"]]) == set(rows[damaged["sound"]])


def test_a_damaged_text_is_told_can_be_repaired_and_can_be_removed(manager, page, damaged):
    app = page()
    assert "is damaged: its note, which holds the title, is damaged" in said(app)
    assert damaged["text"] in app.selectbox("remove_text").options[0]
    app.button("repair_texts").click().run()
    assert manager.store.library.damaged() == []
    assert manager.store.library.title(damaged["text"]) == "Spo"
    (manager.store.library.directory / f"{damaged['text']}.txt").write_bytes(b"\xff\xfe\xff")
    app.run()
    assert "no longer UTF-8" in said(app)
    app.selectbox("remove_text").set_value(damaged["text"]).run()
    app.checkbox("remove_sure").check().run()
    app.button("remove").click().run()
    assert manager.store.library.damaged() == []
    assert not manager.store.library.title(damaged["text"]).startswith("Spo")


def test_a_run_on_a_damaged_text_says_so_before_it_starts(page, damaged):
    app = page(corpus=damaged["text"])
    assert "which is not here" in said(app)


def test_a_vocabulary_that_is_damaged_leaves_the_choice_of_another_run(manager, page, damaged, trained):
    id = trained(seed=4)
    spoil(manager, id, "vocab", "{")
    app = page("gates", run=id)
    assert "The vocabulary of the run" in said(app)
    app.selectbox("picked").set_value(damaged["sound"]).run()
    assert "The vocabulary" not in said(app)
    assert not app.error


def lose_database(store) -> None:
    """As a server finds it that starts with an empty database: every run is in `lost/`."""
    with sqlite3.connect(store.directory / "playground.sqlite3") as db:
        db.execute("PRAGMA foreign_keys=ON")
        db.execute("DELETE FROM runs")
    db.close()
    store.recover()
    store.recover()  # and once more, as at the next start


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_lost_runs_are_told_however_often_the_server_started_and_come_back_at_a_press(
    manager, page, trained, lang
):
    id, other = trained(), trained(seed=5)
    lose_database(manager.store)
    app = page(lang=lang)
    assert sent(app, "live_chart")["run"] is None  # the page as it is without a run
    told = said(app).replace("\\", "")
    assert str(manager.store.directory / "lost") in told
    assert "doctor --repair" in told
    assert "2" in told
    app.button("bring_back").click().run()
    assert {run.id for run in manager.store.all()} == {id, other}
    assert not app.error
    assert [box.value for box in app.success]
    assert not any(button.key == "bring_back" for button in app.button)
    app.run()
    assert not app.success


@pytest.mark.parametrize("how", ["head", "gone"])
def test_a_run_whose_newest_weights_cannot_be_read_is_marked(manager, page, trained, how):
    id, other = trained(), trained(seed=5)
    assert manager.store.with_damaged_weights() == set()
    file = manager.store.run_directory(id) / manager.store.newest_checkpoint(id).weights_file
    if how == "gone":
        file.unlink()
    else:
        file.write_bytes(b"\xff" * 16 + file.read_bytes()[16:])
    rows = {row["id"]: row["cells"] for row in sent(page(run=other), "run_list")["rows"]}
    assert "weights damaged" in rows[id]["status"]["note"]
    assert rows[other]["status"].get("note") is None
    assert "The newest weights of this run are missing or damaged." in said(page(run=id))
    assert "are missing or damaged" not in said(page(run=other))


def test_a_run_without_its_curve_says_so(manager, page, trained):
    id = trained()
    assert "lost with its database" not in said(page(run=id))
    lose_database(manager.store)
    shutil.rmtree(manager.store.directory / "backups")
    page().button("bring_back").click().run()
    assert "The curve of this run and what it wrote on the way were lost with its database." in said(
        page(run=id)
    )


def test_runs_come_back_while_another_one_trains_which_is_not_touched(manager, page, trained):
    id = trained()
    checkpoints = manager.store.checkpoints(id)
    lose_database(manager.store)
    corpus = manager.store.library.add("Some text", some_text()).id
    living = manager.start(tiny_config(corpus=corpus, epochs="off")).id
    until(lambda: manager.store.get(living).step > 3)
    page().button("bring_back").click().run()
    assert manager.store.checkpoints(id) == checkpoints
    step = manager.store.get(living).step
    until(lambda: manager.store.get(living).step > step)
    manager.stop(living)
    assert manager.wait(living, 60).status is RunStatus.STOPPED


def test_a_lost_run_that_cannot_be_rebuilt_is_told_with_the_reason(manager, page, trained):
    id = trained()
    lose_database(manager.store)
    shutil.rmtree(manager.store.directory / "backups")
    (manager.store.directory / "lost" / id / "run.json").write_text("{")
    app = page()
    app.button("bring_back").click().run()
    assert manager.store.all() == []
    assert "no run.json tells what run it is of" in said(app)
    assert app.error
