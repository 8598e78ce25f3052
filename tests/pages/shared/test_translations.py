"""Both languages are whole."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.shared.catalogue import collect
from pages.shared.i18n import catalogue
from playground.config import FIELDS
from playground.controls import control_of
from playground.records import RunStatus

MESSAGES = [str(message.id) for message in collect() if message.id]


def fields(text: str) -> set[str]:
    return {
        f"{name}!{how}:{spec}" for _, name, spec, how in string.Formatter().parse(text) if name is not None
    }


def test_the_extraction_finds_pages_errors_and_figures():
    for sentence in (
        "Start",
        "perplexity",
        "There is no run {id!r}. It may have been deleted.",
        "{name} is {value}; give a number above {low}, up to {high}, or off.",
    ):
        assert sentence in MESSAGES


@pytest.mark.parametrize("message", MESSAGES)
def test_every_sentence_has_its_translation_with_the_same_figures(message):
    chinese = catalogue().get(message)
    assert chinese, f"no translation: run `make messages`, then translate {message!r}"
    assert fields(chinese) == fields(message)


def test_the_catalogue_holds_nothing_that_is_gone():
    assert set(catalogue()) == set(MESSAGES)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_setting_and_status_has_a_word(lang, monkeypatch):
    from pages.shared import i18n

    monkeypatch.setattr(i18n, "language", lambda: lang)
    controls = [control_of(info) for _part, info in FIELDS.values()]
    words = [i18n._(control.label) for control in controls if control] + [
        i18n.status_label(s) for s in RunStatus
    ]
    assert len(words) == len(FIELDS) + len(RunStatus)
    assert len(set(words)) == len(words)


@pytest.mark.parametrize("lang", ["en", "zh"])
@given(text=st.text(max_size=30) | st.sampled_from(["{id}", "{0}", "{", "}}", "{id!r:>9}", "\\", "*{id}*"]))
def test_a_persons_text_in_a_message_comes_out_as_it_was_typed(lang, text):
    from pages.shared import i18n
    from playground.errors import RunNotFound

    error = RunNotFound("There is no run {id!r}. It may have been deleted.", id=text)
    template = error.message if lang == "en" else catalogue()[error.message]
    before, after = template.split("{id!r}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(i18n, "language", lambda: lang)
        shown = i18n.explain(error)
    seen = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    quoted = repr(text) if lang == "en" else f"“{seen}”"
    read = re.sub(r"\\(.)", r"\1", shown, flags=re.DOTALL)  # as markdown shows it
    assert read.replace("\u2060", "") == (before + quoted + after).replace("\u2060", "")


QUOTED = [message for message in MESSAGES if "!r}" in message]


@pytest.mark.parametrize("lang, quotes", [("en", "''"), ("zh", "“”")])
@pytest.mark.parametrize("message", QUOTED)
def test_what_a_person_named_stands_in_the_languages_quotes(message, lang, quotes, monkeypatch):
    from pages.shared import i18n
    from playground.errors import PlaygroundError

    monkeypatch.setattr(i18n, "language", lambda: lang)
    monkeypatch.setattr(i18n, "status_label", lambda status: status)
    params = {name.split("!")[0]: "7" if name.endswith("!None:") else 7 for name in fields(message)}
    shown = i18n.explain(
        PlaygroundError(message, **params | dict.fromkeys(re.findall(r"{(\w+)!r}", message), "名"))
    )
    assert f"{quotes[0]}名{quotes[1]}" in shown
    assert ("'" in shown) == (lang == "en" or "'" in catalogue()[message])


@pytest.mark.parametrize(
    "lang, told",
    [
        ("en", "Normalisation is 'everything'; choose one of none, letters, spaced."),
        (
            "zh",
            "“文本规范化”为“everything”；"
            "请从以下选项中选择：无（none）、仅字母 a–z（letters）、a–z，行间空格（spaced）。",
        ),
    ],
)
def test_a_wrong_choice_is_told_with_the_languages_quotes_commas_and_words(lang, told, monkeypatch):
    from pages.shared import i18n
    from playground.config import check
    from playground.errors import ConfigError

    monkeypatch.setattr(i18n, "language", lambda: lang)
    with pytest.raises(ConfigError) as wrong:
        check("normalize", "everything")
    assert i18n.explain(wrong.value) == told
    assert str(wrong.value) == "normalize is 'everything'; choose one of none, letters, spaced."


def test_why_a_system_said_no_is_told_in_chinese(monkeypatch):
    from pages.shared import i18n
    from playground.errors import StoreError
    from playground.reasons import reason_of

    monkeypatch.setattr(i18n, "language", lambda: "zh")
    error = StoreError(
        "The folder {folder} cannot be written ({reason}). Choose another with --out.",
        folder="/data",
        reason=reason_of(PermissionError(13, "Permission denied")),
    )
    assert i18n.explain(error) == "无法写入文件夹 /data（没有读写权限）。请用 --out 另行指定。"


@pytest.mark.parametrize(
    "text", ["![](//e.co/a.png)", "[here](http://e.co)", "<img src=x>", "`code` *b* _i_ $x$"]
)
def test_markup_in_a_persons_text_stays_text(text):
    from pages.shared.i18n import plain

    shown = plain(text)
    assert not any(shown[i] in "[]<`*_$" and (i == 0 or shown[i - 1] != "\\") for i in range(len(shown)))
    assert shown.replace("\\", "").replace("\u2060", "") == text
