"""A Chinese page begins with the Chinese story, and its address means the same on an English one."""

from __future__ import annotations

import pytest

from playground.config import flatten, from_flat
from playground.presets import CHINESE_STORY, preset, preset_in
from tests.pages.helpers import choose, linked

STORY_TITLE = "雨街钟表铺"


def controls(app) -> dict[str, object]:
    """What every control of a setting stands at."""
    widgets = [
        *app.sidebar.selectbox,
        *app.sidebar.number_input,
        *app.sidebar.text_input,
        *app.sidebar.toggle,
    ]
    return {w.key: w.value for w in widgets}


def test_a_chinese_page_begins_with_the_chinese_story_and_an_english_one_with_the_english(page):
    chinese, english = page(lang="zh"), page(lang="en")
    assert chinese.selectbox("corpus").value == CHINESE_STORY
    assert chinese.selectbox("corpus").options.count(STORY_TITLE) == 1
    assert chinese.pills("preset").value == english.pills("preset").value == "quick"
    assert english.selectbox("corpus").value == "the_tide_clock"
    assert "corpus" not in linked(english)


def test_the_address_of_a_chinese_page_means_the_same_on_an_english_one(page):
    link = linked(page(lang="zh"))
    assert link["corpus"] == CHINESE_STORY
    chinese, english = page(**link), page(**link | {"lang": "en"})
    assert controls(chinese) == controls(english)
    assert linked(english) == link | {"lang": "en"}


@pytest.mark.parametrize(
    "link", [{"hidden_size": "64"}, {"cell": "gru", "epochs": "3"}, {"corpus": "the_tide_clock"}]
)
def test_the_address_of_an_english_page_means_the_same_on_a_chinese_one(page, link):
    assert controls(page(lang="zh", **link)) == controls(page(lang="en", **link))


@pytest.mark.parametrize("name", ["d2l_gru", "blanks", "beat_5gram"])
def test_a_preset_chosen_on_a_chinese_page_is_the_same_on_an_english_one(page, name):
    app = page(lang="zh")
    app.pills("preset").select(name).run()
    link = linked(app)
    assert "corpus" in link
    assert controls(page(**link)) == controls(page(**link | {"lang": "en"}))


def test_back_at_the_english_story_a_chinese_page_stays_there(page):
    app = page(lang="zh")
    app.selectbox("corpus").set_value("the_tide_clock").run()
    assert linked(app)["corpus"] == "the_tide_clock"
    assert page(**linked(app)).selectbox("corpus").value == "the_tide_clock"


def test_a_person_who_turns_to_chinese_before_anything_else_reads_the_chinese_story(page):
    app = choose(page(), "lang", "zh")
    assert app.selectbox("corpus").value == CHINESE_STORY
    assert linked(app)["corpus"] == CHINESE_STORY


def test_a_wrong_word_on_a_chinese_page_is_told_and_the_chinese_story_read(page):
    app = page(lang="zh", hidden_size="abc")
    assert "“隐藏单元数”为“abc”" in app.warning[0].value
    assert app.selectbox("corpus").value == CHINESE_STORY


@pytest.mark.parametrize("view", ["markov", "perplexity", "zipf"])
def test_the_lessons_count_the_chinese_story_and_say_so_in_the_address(page, view):
    app = page("basics", lang="zh", view=view)
    (box,) = [box for box in app.selectbox if STORY_TITLE in box.options]
    assert box.value == CHINESE_STORY
    assert linked(app)["corpus"] == CHINESE_STORY
    assert "corpus" not in linked(page("basics", lang="en", view=view))


def test_the_chinese_quick_look_holds_text_out_and_writes_on_from_chinese():
    config = preset_in("quick", "zh")
    assert config == preset("quick_zh")
    assert config.corpus.held_out > 0
    assert config.train.sample_prefix == "小禾"
    assert preset_in("quick", "en") == preset("quick")


@pytest.mark.parametrize(
    "name, view, key, started",
    [
        ("gradients", "clipping", "clipping_train", ("explodes_zh",)),
        ("directions", "trap", "trap_train", ("trap_zh",)),
        ("directions", "blanks", "blanks_train", ("blanks_zh", "left_only_zh")),
    ],
)
def test_the_lessons_train_on_the_chinese_story(page, manager, monkeypatch, name, view, key, started):
    asked = []
    start = manager.start
    tiny = {"epochs": 1, "hidden_size": 8, "max_tokens": 2_000, "sample_every": 0}
    monkeypatch.setattr(
        manager,
        "start",
        lambda config, *_, **more: asked.append(config) or start(from_flat(flatten(config) | tiny)),
    )
    app = page(name, lang="zh", view=view)
    app.button(key).click().run(timeout=60)
    assert not app.exception
    wanted = [preset(preset_name) for preset_name in started]
    assert [config for config in asked if config in wanted] == wanted
    assert {config.corpus.corpus for config in asked} == {CHINESE_STORY}
