"""The controls of settings: each is drawn from its field's range and words, and moves the address.

A page makes one `Bound` at each rerun, reads `settings`, and draws its controls; a new control is one line:

    descent = Bound(DescentConfig, "cliff")
    descent.slider("w", width=160)
    descent.number("rate")
    path = descend(descent.settings)
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

import streamlit as st

from pages.shared.address import is_echo, put
from pages.shared.bound import BoundSettings
from pages.shared.i18n import _, explain
from playground.controls import is_long_text
from playground.settings import Form, Settings, bounds_of, to_text

S = TypeVar("S", bound=Settings)
_MOST_SEEDS = 10_000
"""A seed that “again” draws stays short enough to be read out in class."""


class Bound(BoundSettings[S]):
    """Settings as the address has them, with their controls; `BoundSettings` says what is read and how.

    Every control takes what its Streamlit widget takes, and: `label` and `help` instead of the field's, `then` (chosen
    value → further settings that go with it), `drops` (settings that it makes void).

    Args:
        kind: As in `BoundSettings`.
        prefix: As in `BoundSettings`.
        more: As in `BoundSettings`.
    """

    def __init__(self, kind: type[S] | Form[S], prefix: str = "", **more: Any) -> None:
        super().__init__(kind, prefix, **more)
        self._moves: list[Callable[[], None]] = []

    def take_all(self) -> None:
        """Take what every control stands at, for a button whose press may be told before a field's last value.

        Raises:
            ConfigError: A field holds what cannot be.
        """
        for moved in self._moves:
            moved()
        for error in self.problems():
            raise error

    def draw(self, name: str, **options: Any) -> None:
        """Draw the control that fits the setting: a toggle, a choice among few, a number or a text."""
        info = self.fields[name]
        if info.annotation is bool:
            self.toggle(name, **options)
        elif self.control(name).words:
            self.choice(name, **options)
        elif info.annotation is str:
            self.line(name, **options)
        else:
            self.number(name, **options)

    def slider(
        self,
        name: str,
        *,
        value: object = None,
        low: float | None = None,
        high: float | None = None,
        **options: Any,
    ) -> None:
        """Draw a number as a slider, over its whole range unless ends are given; a value beyond them widens it.

        Args:
            name: The setting.
            value: What it stands at; the setting's value unless given.
            low: The left end.
            high: The right end.
            options: As the class says.
        """
        kind = self.kind(name)
        value = kind(self.value(name) if value is None else value)
        least, most = bounds_of(self.fields[name])
        low = min(kind(least if low is None else low), value)
        high = max(kind(most if high is None else high), value)
        step = kind(self.control(name).step or 1)
        ends = (str(low), str(high))  # a slider whose ends change forgets its value
        self._draw(st.slider, name, value, ends, min_value=low, max_value=high, step=step, **options)

    def number(
        self,
        name: str,
        *,
        value: object = None,
        low: float | None = None,
        high: float | None = None,
        **options: Any,
    ) -> None:
        """Draw a number field; where the setting may be off it is empty then, or has its switch beside it.

        What cannot be stays in the field and is told below it, with the range; the setting stays as it was.

        Args:
            name: The setting.
            value: What it stands at; the setting's value unless given.
            low: Its arrows go no lower.
            high: Its arrows go no higher.
            options: As the class says.
        """
        control, kind = self.control(name), self.kind(name)
        value = self.value(name) if value is None else value
        own: dict[str, Any] = {
            "min_value": None if low is None else kind(low),
            "max_value": None if high is None else kind(high),
            "value": None,
        }
        own["placeholder"] = _(control.empty) if control.empty else to_text(self.usual[name])
        if control.step:
            own["step"] = _fitting_step(kind(control.step), value, *bounds_of(self.fields[name]))
        if control.format:
            own["format"] = control.format
        if control.switch and not control.switch.on_is_off:
            self.switch(name)
        if control.switch and value is None:
            value, own["disabled"] = self._last(name), True
        shown = None if value is None else kind(value)
        typed, error = self.refused.get(name, (shown, None))
        self._draw(st.number_input, name, typed, **own | options)
        if error is not None:
            st.caption(f":red[{explain(error)}]")
        if control.switch and control.switch.on_is_off:
            self.switch(name)

    def switch(self, name: str) -> None:
        """Draw the toggle of a setting that can be off; on again, it is what it was."""
        control, value = self.control(name), self.value(name)
        assert control.switch is not None
        inverted = control.switch.on_is_off
        if value is not None:
            self._lasts[name] = value
        self._draw(
            st.toggle,
            name,
            (value is not None) != inverted,
            key=self.key(name) + "_switch",
            label=_(control.switch.label),
            help=_(control.switch.help) or None,
            store=lambda on: self._last(name) if on != inverted else None,
        )

    def toggle(self, name: str, **options: Any) -> None:
        """Draw a setting that is true or false, or `on` or `off`."""
        is_word = self.fields[name].annotation is not bool
        self._draw(
            st.toggle,
            name,
            self.value(name) == "on" if is_word else self.value(name),
            store=(lambda on: "on" if on else "off") if is_word else None,
            **options,
        )

    def choice(
        self,
        name: str,
        labels: Mapping[Any, str] | None = None,
        *,
        widget: Callable[..., Any] = st.segmented_control,
        value: object = None,
        **options: Any,
    ) -> None:
        """Draw a choice: among few as they stand side by side, or with another widget that takes options.

        Args:
            name: The setting.
            labels: Value, or its text in an address, → what a person reads; the field's own words unless given.
            widget: `st.segmented_control`, `st.pills`, `st.selectbox`, `st.select_slider` or `st.multiselect`.
            value: What it stands at; the setting's value unless given.
            options: As the class says; `store` makes the setting from what is chosen.
        """
        shown = self.words(name, self.control(name).words) if labels is None else labels
        if value is None:
            value = self.value(name)
            value = value if value in shown else to_text(value)
        if widget in (st.segmented_control, st.pills):
            options |= {"required": True, "wrap": True}  # beside others in a row they would scroll on a phone
        self._draw(
            widget,
            name,
            value,
            tuple(shown.values()),
            options=list(shown),
            format_func=lambda option: shown.get(option, ""),
            **options,
        )

    def line(self, name: str, **options: Any) -> None:
        """Draw a short text; in a field of several lines, where its line breaks count."""
        empty = _(self.control(name).empty)
        most = next(
            (part.max_length for part in self.fields[name].metadata if hasattr(part, "max_length")), None
        )
        widget, own = _field(self.control(name).has_lines)
        self._draw(widget, name, self.value(name), max_chars=most, placeholder=empty, **own | options)

    def text(self, name: str, usual: str, **options: Any) -> str:
        """Draw a field for a text that a person writes, which keeps its line breaks.

        Args:
            name: A `LongText` setting.
            usual: What stands there until a person types.
            options: As the class says.

        Returns:
            The text.
        """
        assert is_long_text(self.fields[name])
        value = self.value(name)
        shown = usual if value is None else str(value)
        widget, own = _field(has_lines=True)
        self._draw(widget, name, shown, store=lambda text: None if text == usual else text, **own | options)
        return shown

    def again(self, label: str, **options: Any) -> None:
        """Draw a button that takes another random seed."""
        st.button(
            label,
            key=self.key("again"),
            on_click=lambda: self.set(seed=random.randrange(1, _MOST_SEEDS)),  # noqa: S311
            **{"icon": ":material/casino:"} | options,
        )

    # ----------------------------------------------------------------------------------------------

    def key(self, name: str) -> str:
        """The widget's key."""
        return f"{self.prefix}_{name}" if self.prefix else name

    def _draw(
        self,
        widget: Callable[..., Any],
        name: str,
        shown: object,
        labels: tuple[str, ...] = (),
        *,
        label: str | None = None,
        help: str | None = None,
        key: str | None = None,
        store: Callable[[Any], object] | None = None,
        then: Callable[[Any], Mapping[str, object]] | None = None,
        drops: Collection[str] = (),
        **options: Any,
    ) -> None:
        """Draw a widget at a value; what a person makes of it goes into the address.

        A widget that was drawn anew while a click interrupted the page reports its default, what it shows
        already, or what it showed before the page set it: that is nobody's choice.
        """
        control, key = self.control(name), key or self.key(name)

        last = shown  # what it stood at when it was heard last: it may be moved back before it is drawn anew

        def moved() -> None:
            nonlocal last
            chosen = st.session_state.get(key, last)
            if chosen == last or (chosen is None and "format_func" in options) or is_echo(key, chosen):
                return
            last = chosen
            value = store(chosen) if store else self.parsed(name, chosen)
            if self.refuses(name, value, chosen):
                return
            more = then(value) if then else {}
            self.set(**{name: value}, **more, **{dropped: self.usual[dropped] for dropped in drops})

        self._moves.append(moved)
        put(key, shown, *labels)
        widget(
            label or _(control.label),
            key=key,
            on_change=moved,
            help=help or (_(control.help) if control.help else None),
            **options,
        )

    @property
    def _lasts(self) -> dict[str, object]:
        """What switched settings were when they were on, of this person and page."""
        lasts: dict[str, dict[str, object]] = st.session_state.setdefault("last_on", {})
        return lasts.setdefault(self.owner, {})

    def _last(self, name: str) -> Any:
        control = self.control(name)
        assert control.switch is not None
        usual = self.usual[name]
        return self._lasts.get(name, control.switch.first if usual is None else usual)


def _fitting_step(step: Any, value: Any, low: Any, high: Any) -> Any:
    """The step halved until − and + lead to a number that may be; a field greys them where it would leave its range."""

    def leaves(step: Any) -> bool:
        return (low is not None and low < value < low + step) or (
            high is not None and high - step < value < high
        )

    while value is not None and leaves(step):
        step = step // 2 if isinstance(step, int) else step / 2
    return step


def _field(has_lines: bool) -> tuple[Callable[..., Any], dict[str, Any]]:
    """The widget for a text: a field of one line loses line breaks, so one that may have them grows with them."""
    return (st.text_area, {"height": "content"}) if has_lines else (st.text_input, {})
