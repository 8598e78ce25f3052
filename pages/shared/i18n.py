"""English and 简体中文: English sentences are the keys, the catalogue has the Chinese ones."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import streamlit as st
from babel.messages.pofile import read_po

from playground.errors import ConfigError, PlaygroundError, Told, gettext_noop
from playground.records import Reason
from playground.settings import Typed

CATALOGUE = Path(__file__).parents[2] / "assets" / "locales" / "zh_CN.po"
NAME = "Recurrent playground"
"""The product's; the same in every language."""
LANGUAGES = {"en": "English", "zh": "简体中文"}


_SPOKEN: ContextVar[str | None] = ContextVar("language", default=None)
"""Where no page is drawn: the language of whoever asks."""


def choose_language(chosen: Callable[[], None]) -> None:
    """Draw the language switch; `?lang=` wins over the browser's own language.

    Args:
        chosen: Called when a person has moved it.
    """
    if "lang" not in st.session_state:
        wanted = st.query_params.get("lang") or st.context.locale or "en"
        st.session_state.lang = "zh" if wanted.lower().startswith("zh") else "en"
    with st.sidebar:
        st.segmented_control(
            "Language · 语言",
            list(LANGUAGES),
            required=True,
            format_func=LANGUAGES.__getitem__,
            key="lang",
            persist_state="session",
            label_visibility="collapsed",
            on_change=chosen,
        )


def language() -> str:
    """The page's language: `en` or `zh`."""
    chosen = _SPOKEN.get() or st.session_state.get("lang")
    return chosen if chosen in LANGUAGES else "en"


def html_language() -> str:
    """The page's language as HTML names it: glyph forms, hyphens and a reader's voice follow it."""
    return "zh-CN" if language() == "zh" else "en"


def _(message: str) -> str:
    """Look a sentence up in the page's language."""
    return message if language() == "en" else catalogue().get(message, message)


def explain(problem: PlaygroundError | Reason, words: Mapping[Any, str] = MappingProxyType({})) -> str:
    """An engine's sentence in the page's language, with its figures.

    Args:
        problem: The sentence.
        words: What the choices that it names are called, marked for the catalogue, where it does not know itself.
    """
    return plain(sentence_of(problem, words))


def explain_in(problem: PlaygroundError | Reason, wanted: str) -> str:
    """As `sentence_of`, for a route.

    Args:
        problem: The sentence.
        wanted: A language as HTML names it, such as `zh-CN`.
    """
    before = _SPOKEN.set("zh" if wanted.lower().startswith("zh") else "en")
    try:
        return sentence_of(problem)
    finally:
        _SPOKEN.reset(before)


def sentence_of(problem: PlaygroundError | Reason, words: Mapping[Any, str] = MappingProxyType({})) -> str:
    """As `explain`, for a place that takes text as it stands: nothing in it is escaped."""
    params = {
        name: sentence_of(value) if isinstance(value, Reason) else value
        for name, value in problem.params.items()
    }
    if "status" in params:
        params["status"] = status_label(str(params["status"]))
    for name in ("reason", "what"):  # why a system said no
        if isinstance(params.get(name), str):
            params[name] = _(str(params[name]))
    if isinstance(problem, ConfigError) and problem.label:
        params["name"] = _name(_(problem.label))
        words = problem.words
    choices = params.get("choices")
    if words and isinstance(choices, (list, tuple)):
        params["choices"] = [_choice(word, words) for word in choices]
    return _Sentence().vformat(_(problem.message), (), params)


def _name(label: str) -> str:
    """What a setting is called, in a sentence: a label that is half a sentence itself in quotes; Chinese ones have theirs."""
    return quoted(label) if language() == "en" and len(label.split()) > _MOST_WORDS else label


def _choice(word: str, words: Mapping[Any, str]) -> str:
    """What a choice is called on the page, with its word in an address where that is another one."""
    if language() == "en":  # where the word says it itself
        return word
    called = _(words.get(word, word))
    return called if called.lower() == word else with_aside(called, word)


_MOST_WORDS = 4
"""Of a label that stands in a sentence without quotes."""


class _Sentence(string.Formatter):
    """Fills a template in the page's language: what `!r` quotes stands in its quotes, and lists in its commas."""

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        return quoted(str(value)) if conversion == "r" else super().convert_field(value, conversion)  # type: ignore[arg-type]

    def format_field(self, value: Any, format_spec: str) -> Any:
        if isinstance(value, Typed):
            return quoted(value)
        if isinstance(value, (list, tuple)):
            told = [headed(part.name, _(part.what)) for part in value if isinstance(part, Told)]
            return clauses(told) if told else join(value)
        return super().format_field(value, format_spec)


def quoted(text: str) -> str:
    """A person's words in a sentence, in the language's quotes; what cannot be printed is spelt out."""
    if language() == "en":
        return repr(str(text))
    seen = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return f"“{seen}”"


def join(parts: Iterable[object]) -> str:
    """Several in a sentence: `a, b`, in Chinese `a、b`."""
    return ("、" if language() == "zh" else ", ").join(map(str, parts))


def clauses(parts: Iterable[object]) -> str:
    """Several with commas of their own: `a; b`, in Chinese `a；b`."""
    return ("；" if language() == "zh" else "; ").join(map(str, parts))


def sentences(*parts: str) -> str:
    """One sentence after the other; Chinese has no space between."""
    return sentence_gap().join(part for part in parts if part)


def sentence_gap() -> str:
    """What stands between two sentences."""
    return "" if language() == "zh" else " "


def headed(name: str, told: object) -> str:
    """`name: what is told of it`, with the language's colon."""
    return f"{name}：{told}" if language() == "zh" else f"{name}: {told}"


def with_aside(text: str, aside: object) -> str:
    """`text (aside)`, with the language's brackets."""
    return f"{text}（{aside}）" if language() == "zh" else f"{text} ({aside})"


def plain(text: str) -> str:
    """A person's text as markdown that shows it letter for letter: no link, image, heading, sign or colour in it acts.

    Streamlit's markdown links bare addresses (`http://…`, `www.…`, `a@b.c`) after it has read its escapes, so no
    backslash keeps it from that: an invisible word joiner stands in each of them.
    """
    told = _ACTS_AS_ONE.sub(_WORD_JOINER, text)
    return _BEGINS_A_BLOCK.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", told))


_WORD_JOINER = "\u2060"
_ACTS_AS_ONE = re.compile(
    r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)(?=[-\w])"  # addresses
    r"|(?<=:)(?=[a-z+-][\w+-]*:)|(?<=:)(?=material/)",  # emoji and icons by name
    re.IGNORECASE,
)
_MARKUP = re.compile(r"([\\`*_\[\]<~$|&])")
_BEGINS_A_BLOCK = re.compile(r"^([ \t]*|[ \t]*\d+(?=[.)](?:\s|$)))([#>+=.)-])", re.MULTILINE)
"""Headings, quotations, rules and lists, where a line begins."""


def status_label(status: str) -> str:
    """A run's status in words."""
    return _(_STATUSES[status])


_STATUSES = {
    "queued": gettext_noop("waiting"),
    "starting": gettext_noop("starting"),
    "running": gettext_noop("training"),
    "paused": gettext_noop("paused"),
    "finished": gettext_noop("finished"),
    "stopped": gettext_noop("stopped"),
    "diverged": gettext_noop("diverged"),
    "failed": gettext_noop("failed"),
    "interrupted": gettext_noop("interrupted"),
}


@cache
def catalogue() -> dict[str, str]:
    """English → Chinese."""
    with CATALOGUE.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string}
