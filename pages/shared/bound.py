"""Settings bound to the address: read from it, checked, written into it; `controls.py` draws what moves them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Generic, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared import address, problems
from pages.shared.i18n import _, explain, sentences
from playground.controls import Control, control_of, is_long_text
from playground.errors import ConfigError
from playground.settings import Form, Settings, address_word, choices_of, form_of, to_text

S = TypeVar("S", bound=Settings)


class BoundSettings(Generic[S]):
    """Settings as the address has them.

    A value that does not fit is taken out and told in a sentence, until a control is moved; the usual one is
    used instead.

    Args:
        kind: The settings, or their form where they lie deeper than one level.
        prefix: What the keys of the widgets begin with; two on one page need two.
        usual: What an address without a word means; the settings' own defaults unless given.
        only: Read these alone; the others are not this page's.
        check: Raises ConfigError for settings that do not fit what is here (a text that is gone).
        place: Where sentences about a wrong address go; here unless given.
        quiet: Leave these sentences to another one of the same prefix.
        always: Written into the address even where they are usual, so that it means the same in every language.
    """

    def __init__(
        self,
        kind: type[S] | Form[S],
        prefix: str = "",
        *,
        usual: S | None = None,
        only: Sequence[str] | None = None,
        check: Callable[[S], object] = lambda settings: None,
        place: DeltaGenerator | None = None,
        quiet: bool = False,
        always: Collection[str] = (),
    ) -> None:
        self.form: Form[S] = kind if isinstance(kind, Form) else form_of(kind)
        self.fields = {n: f for n, f in self.form.fields.items() if only is None or n in only}
        self._words = {name: address_word(name, info) for name, info in self.fields.items()}
        self.usual = self.form.flatten(usual if usual is not None else self.form.build({}))
        self.prefix = prefix
        self._check = check
        self._always = always
        self.given: dict[str, str]
        """What the address has, as text."""
        self.wrong: dict[str, ConfigError]
        """Settings that the address asks for and cannot have, and why."""
        self.settings: S
        """What it means."""
        before = self._memory("words").get(self.owner)
        self.refused: dict[str, tuple[object, ConfigError]] = self._memory("refused").setdefault(
            self.owner, {}
        )
        """Settings whose field holds what cannot be: what was typed, and why not."""
        self.reread()
        self.has_arrived = before != self.given
        """Somebody has come with a link: the address is not what these controls wrote last."""
        told = self._memory("wrong")
        if self.wrong:
            told[self.owner] = list(self.wrong.values())
            for name in self.wrong:
                address.write(address.text_words(self._words[name], None))
            self.reread()
        elif self.has_arrived:
            told.pop(self.owner, None)
        if self.has_arrived:
            self.refused.clear()
        for error in () if quiet else told.get(self.owner, ()):
            if problems.says(error):  # a press has met the same: it is told beside what was pressed
                continue
            (place or st).warning(sentences(explain(error), _("The usual value is used instead.")))

    @staticmethod
    def _memory(what: str) -> dict[str, Any]:
        memory: dict[str, Any] = st.session_state.setdefault(f"bound_{what}", {})
        return memory

    @property
    def owner(self) -> str:
        """Tells these settings' memory from that of others on the page, which may have the same prefix."""
        return " ".join((st.session_state.get("page") or "", self.prefix, *self._words.values()))

    def reread(self) -> None:
        """Look again: a fragment is drawn anew without its page."""
        self.wrong = {}
        self.given = self._read()
        self.settings = self._accept(dict(self.given))
        self._memory("words")[self.owner] = dict(self.given)

    def _read(self) -> dict[str, str]:
        given: dict[str, str] = {}
        here = address.current()
        for name, word in self._words.items():
            try:
                text = address.read_text(word) if is_long_text(self.fields[name]) else here.get(word)
            except ConfigError as error:
                self.wrong[name] = error
                continue
            if text is not None:
                given[name] = text
        return given

    def _accept(self, given: dict[str, str]) -> S:
        """The settings with all that fits: of what does not, the fewest words are left out, the last first."""
        while True:
            try:
                return self._build(self.usual | given)
            except ConfigError as error:
                if not given:
                    raise  # what is usual here does not fit itself: nothing that an address could mend
                name = str(error.params.get("name"))
                if name not in given:
                    name = next((n for n in reversed(given) if self._fits(given, n)), next(reversed(given)))
                self.wrong[name] = error
                del given[name]

    def _fits(self, given: Mapping[str, str], without: str) -> bool:
        try:
            self._build(self.usual | {name: text for name, text in given.items() if name != without})
        except ConfigError:
            return False
        return True

    def _build(self, values: Mapping[str, object]) -> S:
        settings = self.form.build(values)
        self._check(settings)
        return settings

    # asking --------------------------------------------------------------------------------------

    def offers(self, name: str) -> bool:
        """The setting means something beside the others."""
        when = self.control(name).when
        return when is None or when[1](self.value(when[0]))

    def words(self, name: str, values: Collection[Any]) -> dict[Any, str]:
        """Some of a choice's values, and what a person reads."""
        return {value: _(label) for value, label in self.control(name).words.items() if value in values}

    def control(self, name: str) -> Control:
        """How a setting is offered."""
        control = control_of(self.fields[name])
        assert control is not None, f"{name} has no Control"
        return control

    def value(self, name: str) -> Any:
        """What a setting is now."""
        return self.form.flatten(self.settings)[name]

    def kind(self, name: str) -> Callable[[Any], Any]:
        """`float` or `int`, of a setting that is a number."""
        return float if "float" in str(self.fields[name].annotation) else int

    def parsed(self, name: str, chosen: object) -> object:
        """What a widget tells as a setting's value: an emptied field is off where that may be, else the usual value."""
        words = choices_of(self.fields[name])
        if chosen is None:
            return None if "None" in str(self.fields[name].annotation) else self.usual[name]
        if isinstance(chosen, str) and "str" not in str(self.fields[name].annotation) and not words:
            return self.form.flatten(self.form.build(self.usual | {name: chosen}))[name]
        if isinstance(chosen, float) and chosen.is_integer() and self.kind(name) is int:
            return int(chosen)
        return chosen

    def refuses(self, name: str, value: object, typed: object) -> bool:
        """Whether a value cannot be, whatever the others are; then what was typed is kept, to be told and mended."""
        self.refused.pop(name, None)
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # −1 and not −1.0, as it was typed
        try:
            self.form.build(self.form.flatten(self.settings) | {name: value})
        except ConfigError as error:
            if error.params.get("name") != name:
                return False  # it does not go with another setting, which `set` may mend
            self.refused[name] = typed, error
            return True
        return False

    def problems(self) -> list[ConfigError]:
        """Why what fields hold cannot be, of those that are offered."""
        return [error for name, (_typed, error) in self.refused.items() if self.offers(name)]

    # writing --------------------------------------------------------------------------------------

    def set(self, **values: object) -> None:
        """Write settings into the address; what is usual is left out, and what was wrong with it is forgotten."""
        self.reread()  # another control may have been moved since this one was drawn
        flat = self.form.flatten(self.settings) | values
        for name, info in self.fields.items():  # one that is not offered any more must not forbid another
            control = control_of(info)
            if name not in values and control and control.when and not control.when[1](flat[control.when[0]]):
                flat[name] = self._without(flat, name)
        self._memory("wrong").pop(self.owner, None)
        self._write(flat)

    def keep(self, **values: object) -> None:
        """Write what the page has chosen by itself, so that the address means the same tomorrow."""
        self._write(self.form.flatten(self.settings) | values)

    def load(self, settings: S) -> None:
        """Write all settings into the address."""
        self._memory("wrong").pop(self.owner, None)
        self.refused.clear()
        self._write(self.form.flatten(settings))

    def _without(self, flat: Mapping[str, object], name: str) -> object:
        """A value as it is where that fits, else the usual one."""
        try:
            self.form.build(flat)
        except ConfigError:
            return self.usual[name]
        return flat[name]

    def _write(self, flat: Mapping[str, object]) -> None:
        words: dict[str, str | None] = {}
        for name, word in self._words.items():
            is_left_out = flat[name] == self.usual[name] and name not in self._always
            text = None if is_left_out else to_text(flat[name])
            words |= address.text_words(word, text) if is_long_text(self.fields[name]) else {word: text}
        address.write(words)
        self.reread()
