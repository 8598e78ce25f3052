"""Which text a lesson counts, as the link has it: in the words of a run's own settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.shared import query
from pages.shared.i18n import _, explain, plain, setting_label
from pages.shared.state import ngram_service, put, run_manager
from pages.shared.texts import fetch_time_machine
from playground.config import CorpusConfig
from playground.errors import ConfigError
from playground.records import CorpusInfo
from playground.settings import choices_of, validate
from playground.text.ngrams import ORDERS

_USUAL = CorpusConfig()
_ORDERS = {str(n) for n in range(1, ORDERS + 1)}


def choose(key: str, *, by_words: bool = False) -> CorpusConfig | None:
    """Draw the choice of a text and how it becomes tokens; None while the text is not on this computer.

    A value of the link that does not fit is told in a sentence, and the usual one taken.

    Args:
        key: What the widgets' keys begin with.
        by_words: A lesson about words, where nothing is held out: what the link does not say is usually a word,
            or a character where a text has no white space.
    """
    library = run_manager().store.library
    texts = {info.id: info for info in library.all()}
    now, usual = _from_link(texts, by_words)

    def changed(name: str) -> Any:
        return lambda: query.keep(name, st.session_state[f"{key}_{name}"], getattr(usual, name))

    def words(name: str, labels: dict[str, str]) -> None:
        put(f"{key}_{name}", getattr(now, name), *labels.values())
        st.segmented_control(
            setting_label(name),
            choices_of(CorpusConfig.model_fields[name]),
            required=True,
            key=f"{key}_{name}",
            format_func=labels.__getitem__,
            on_change=changed(name),
        )

    def number(name: str, **options: Any) -> None:
        put(f"{key}_{name}", getattr(now, name))
        st.number_input(
            setting_label(name), None, None, None, key=f"{key}_{name}", on_change=changed(name), **options
        )

    with st.container(horizontal=True, vertical_alignment="bottom"):
        put(f"{key}_corpus", now.corpus, *(info.title for info in texts.values()))
        st.selectbox(
            setting_label("corpus"),
            list(texts),
            key=f"{key}_corpus",
            width=260,
            on_change=changed("corpus"),
            format_func=lambda one: texts[one].title if one in texts else one,
            help=_("What is counted. A text of your own is added on the Train page."),
        )
        words("normalize", {"none": _("none"), "letters": _("letters a–z"), "spaced": _("spaced")})
        words("token_level", {"char": _("character"), "word": _("word")})
        with st.popover(_("More")):
            number("max_tokens", step=1000, placeholder=_("all"))
            if not by_words:
                number("held_out", step=0.05, placeholder=f"{_USUAL.held_out:g}")
    fetch_time_machine(library, now.corpus)
    return now if texts[now.corpus].ready else None


def _from_link(texts: Mapping[str, CorpusInfo], by_words: bool) -> tuple[CorpusConfig, CorpusConfig]:
    """What the link asks for, and what it would ask for if it said nothing."""
    given: dict[str, object] = {}
    for name in CorpusConfig.model_fields:
        if name not in st.query_params:
            continue
        try:
            validate(CorpusConfig, {name: query.given(name)})
            given[name] = query.given(name)
        except ConfigError as error:
            st.warning(explain(error) + " " + _("The usual value is used instead."))
    corpus = str(given.get("corpus", _USUAL.corpus))
    if corpus not in texts:
        told = _("The link names the text {name}, which is not here.").format(name=repr(corpus))
        st.warning(plain(told) + " " + _("The usual value is used instead."))
        corpus = _USUAL.corpus
    usual = _USUAL
    if by_words and texts[corpus].ready:
        usual = _USUAL.model_copy(update={"token_level": ngram_service().usual_level(corpus)})
    return validate(CorpusConfig, usual.model_dump() | given | {"corpus": corpus}), usual


def order(key: str, usual: int) -> int:
    """Draw the choice of n.

    Args:
        key: The slider's.
        usual: Until the link names another.
    """
    given = query.given("n", str(usual))
    now = int(given) if given in _ORDERS else usual
    put(key, now)
    st.slider(
        _("n: tokens, the guessed one included"),
        1,
        ORDERS,
        key=key,
        on_change=lambda: query.keep("n", st.session_state[key], usual),
    )
    return now
