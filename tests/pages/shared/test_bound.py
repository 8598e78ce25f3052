"""Settings bound to the address: what is read, told, drawn and written."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from pages.shared import address
from playground.config import FIELDS, RUN_FORM
from playground.lesson_settings import DescentConfig, ForecastConfig, FreshConfig
from playground.settings import bounds_of, choices_of, form_of, to_text
from tests.pages.helpers import linked, said

SCRIPT = """
from typing import Annotated, Literal
import streamlit as st
from pydantic import Field
from pages.shared import address
from pages.shared.controls import Bound
from playground.controls import Control, LongText, Switch
from playground.settings import NotBool, OffIsNone, Settings

class Example(Settings):
    rate: Annotated[float, NotBool, Control("Rate", step=0.1)] = Field(0.5, gt=0, le=10)
    count: Annotated[int, NotBool, Control("Count")] = Field(3, ge=1, le=9)
    limit: Annotated[float | None, NotBool, OffIsNone, Control("Limit", switch=Switch("Limited"))] = Field(1.0, gt=0, le=5)
    cap: Annotated[int | None, NotBool, OffIsNone, Control("Cap", empty="off")] = Field(None, ge=1, le=99)
    kind: Annotated[Literal["a", "b"], Control("Kind", words={"a": "A", "b": "B"})] = "a"
    only_b: Annotated[int, NotBool, Control("Only b", when=("kind", lambda kind: kind == "b"))] = Field(1, ge=1, le=4)
    flag: Annotated[bool, Control("Flag")] = False
    text: Annotated[str | None, LongText(), Control("Text")] = None
    hidden: Annotated[int, NotBool, Control("Aliased")] = Field(0, ge=0, le=5, alias="with")

address.open_page("example")
bound = Bound(Example, "x")
bound.slider("rate")
bound.number("count")
bound.number("limit")
bound.number("cap")
for name in ("kind", "only_b", "flag", "hidden"):
    if bound.offers(name):
        bound.draw(name)
st.code(bound.text("text", "usual", drops=("count",)))
bound.again("Again", help="") if False else None
st.json(bound.settings.model_dump_json())
if st.session_state.get("breaks"):
    raise ValueError
address.settle()
"""


def opened(**link: str) -> AppTest:
    app = AppTest.from_string(SCRIPT, default_timeout=20)
    for name, value in link.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def now(app: AppTest) -> dict:
    return json.loads(app.json[0].value)


def test_what_is_usual_is_left_out_and_a_control_is_one_word():
    app = opened()
    assert linked(app) == {}
    app.slider(key="x_rate").set_value(0.7).run()
    app.number_input(key="x_count").set_value(5).run()
    app.toggle(key="x_flag").set_value(True).run()
    assert linked(app) == {"rate": "0.7", "count": "5", "flag": "true"}
    app.slider(key="x_rate").set_value(0.5).run()
    assert linked(app) == {"count": "5", "flag": "true"}


@pytest.mark.parametrize("seconds", [0, 100])
def test_a_setting_made_before_the_browser_has_got_the_last_address_loses_none(monkeypatch, seconds):
    app = opened(flag="true")
    late = dict(app.query_params)
    app.number_input(key="x_count").set_value(5).run()
    monkeypatch.setattr(address, "monotonic", lambda: time.monotonic() + seconds)
    app.query_params = dict(late)  # what a browser sends that has not got the answer yet
    app.slider(key="x_rate").set_value(0.7).run()
    assert linked(app) == {"rate": "0.7", "count": "5", "flag": "true"}


def test_a_rerun_of_the_page_right_after_an_answer_may_still_have_the_earlier_address():
    app = opened(flag="true")
    late = dict(app.query_params)
    app.number_input(key="x_count").set_value(5).run()
    app.query_params = dict(late)
    app.run()
    assert linked(app) == {"count": "5", "flag": "true"}


def test_an_earlier_address_that_comes_long_after_the_last_one_was_sent_is_a_step_back(monkeypatch):
    app = opened()
    app.number_input(key="x_count").set_value(5).run()
    monkeypatch.setattr(address, "monotonic", lambda: time.monotonic() + 2.1)
    app.query_params = {}
    app.run()
    assert linked(app) == {}
    assert now(app)["count"] == 3


def test_a_step_back_is_heard_also_on_a_page_that_never_came_to_its_end(monkeypatch):
    app = opened()
    app.session_state["breaks"] = True
    app.number_input(key="x_count").set_value(5).run()
    assert linked(app) == {"count": "5"}
    for seconds, expected in ((9, {"count": "5"}), (11, {})):
        app.query_params = {}
        monkeypatch.setattr(address, "monotonic", lambda ahead=seconds: time.monotonic() + ahead)
        app.run()
        assert linked(app) == expected


def test_a_control_that_is_moved_and_moved_back_before_it_is_drawn_anew_is_heard_twice():
    def script():
        import streamlit as st

        from pages.shared import address
        from pages.shared.controls import Bound
        from pages.write.controls import WriteLook

        heard = {}
        address.open_page("example")
        Bound(WriteLook).choice("view", widget=lambda label, **options: heard.update(options))
        for view in ("training", "write", "surprise", "training"):
            st.session_state.view = view  # as a browser tells it, while no rerun has come to its end
            heard["on_change"]()
            st.text(address.word("view", "write"))

    app = AppTest.from_function(script, default_timeout=20).run()
    assert not app.exception
    assert [text.value for text in app.text] == ["training", "write", "surprise", "training"]


def test_another_address_is_a_link_however_soon_it_comes():
    app = opened()
    app.number_input(key="x_count").set_value(5).run()
    app.query_params = {"rate": "0.7"}
    app.run()
    assert linked(app) == {"rate": "0.7"}
    assert now(app)["count"] == 3


def test_a_wrong_word_is_taken_out_and_told_until_a_control_is_moved():
    app = opened(count="99", kind="z", rate="0.25")
    assert "Count is '99'; give a whole number from 1 to 9" in said(app)
    assert "Kind is 'z'; choose one of a, b" in said(app)
    assert linked(app) == {"rate": "0.25"}
    assert (now(app)["count"], now(app)["kind"], now(app)["rate"]) == (3, "a", 0.25)
    app.run()
    assert len(app.warning) == 2
    app.toggle(key="x_flag").set_value(True).run()
    assert len(app.warning) == 0


def test_a_number_out_of_its_range_stays_in_its_field_and_is_told_there_until_it_is_mended():
    app = opened(count="4")
    app.number_input(key="x_count").set_value(50).run()
    for _again in range(2):  # another control's rerun takes nothing away
        assert "Count is 50; give a whole number from 1 to 9." in said(app)
        assert app.number_input(key="x_count").value == 50
        assert now(app)["count"] == 4
        assert linked(app)["count"] == "4"
        app.toggle(key="x_flag").set_value(True).run()
    app.number_input(key="x_count").set_value(6).run()
    assert "Count is" not in said(app)
    assert now(app)["count"] == 6


def test_a_link_that_comes_takes_a_refused_number_out_of_its_field():
    app = opened(count="4")
    app.number_input(key="x_count").set_value(50).run()
    app.query_params["count"] = "7"
    app.run()
    assert "Count is" not in said(app)
    assert app.number_input(key="x_count").value == 7


def test_a_switch_turns_off_and_brings_back_what_was_there():
    app = opened(limit="2.5")
    app.toggle(key="x_limit_switch").set_value(False).run()
    assert linked(app) == {"limit": "off"}
    assert app.number_input(key="x_limit").disabled
    app.toggle(key="x_limit_switch").set_value(True).run()
    assert linked(app) == {"limit": "2.5"}


def test_an_emptied_field_is_off_where_that_may_be_and_usual_elsewhere():
    app = opened(cap="7", count="5")
    app.number_input(key="x_cap").set_value(None).run()
    app.number_input(key="x_count").set_value(None).run()
    assert linked(app) == {}
    assert (now(app)["cap"], now(app)["count"]) == (None, 3)


def test_a_setting_is_offered_only_where_it_means_something():
    app = opened()
    assert "x_only_b" not in [field.key for field in app.number_input]
    app.segmented_control(key="x_kind").select("b").run()
    app.number_input(key="x_only_b").set_value(3).run()
    assert linked(app) == {"kind": "b", "only_b": "3"}


@pytest.mark.parametrize(
    ("hidden_size", "step"),
    [(256, 32), (40, 32), (16, 8), (24, 16), (9, 1), (8, 32), (1024, 32), (1000, 16), (1023, 1)],
)
def test_no_way_of_a_number_field_is_grey_before_its_end(page, hidden_size, step):
    field = page("train", hidden_size=hidden_size).number_input(key="hidden_size")
    assert field.step == step
    for there, end in ((field.value - step, 8), (field.value + step, 1024)):
        assert end in (field.value, there) or (there < end) == (field.value < end)


def test_an_alias_is_the_word_of_the_address():
    app = opened(**{"with": "4"})
    assert now(app)["hidden"] == 4
    app.number_input(key="x_hidden").set_value(2).run()
    assert linked(app) == {"with": "2"}


def test_a_text_drops_what_it_makes_void():
    app = opened(count="5")
    app.text_area(key="x_text").set_value("mine").run()
    assert linked(app) == {"text": "mine"}
    app.text_area(key="x_text").set_value("usual").run()
    assert linked(app) == {}


def test_a_long_text_outlives_a_reload_and_says_when_it_cannot():
    app, long = opened(), "tide " * 500
    app.text_area(key="x_text").set_value(long).run()
    link = linked(app)
    assert list(link) == ["text_kept"]
    assert opened(**link).text_area(key="x_text").value == long  # another browser tab
    address._long_texts.clear()
    gone = opened(**link)
    assert "no longer kept by the server" in said(gone)
    assert gone.text_area(key="x_text").value == "usual"
    assert linked(gone) == {}


def test_two_controls_moved_at_once_are_both_taken():
    app = opened()
    app.slider(key="x_rate").set_value(0.9)
    app.number_input(key="x_count").set_value(6)
    app.toggle(key="x_flag").set_value(True).run()
    assert linked(app) == {"rate": "0.9", "count": "6", "flag": "true"}


def test_a_page_keeps_its_address_while_another_one_is_open():
    app = opened(count="5")
    app.query_params.clear()
    other = SCRIPT.replace('open_page("example")', 'open_page(st.session_state.get("go", "other"))')
    app._script_path = str(Path(app._script_path).with_name("other.py"))
    Path(app._script_path).write_text(other, encoding="utf-8")
    app.run()
    assert linked(app) == {}
    app.query_params.clear()
    app.session_state["go"] = "example"
    app.run()
    assert linked(app) == {"count": "5"}


def any_value(info):
    words, (low, high) = choices_of(info), bounds_of(info)
    if words:
        return st.sampled_from(words)
    if info.annotation is bool:
        return st.booleans()
    if low is None or high is None:
        return st.just(info.default)
    if "float" in str(info.annotation):
        return st.floats(low or 1e-4, high, allow_nan=False).map(lambda x: float(f"{x:.10g}"))
    return st.integers(int(low), int(high))


@pytest.mark.parametrize(
    "form", [RUN_FORM, form_of(DescentConfig), form_of(ForecastConfig), form_of(FreshConfig)]
)
def test_every_value_comes_back_from_its_word(form):
    @given(st.data())
    def law(data):
        for name, info in form.fields.items():
            if name in ("nonlinearity", "objective"):
                continue  # they go with another setting
            value = data.draw(any_value(info))
            assert form.flatten(form.build({name: to_text(value)}))[name] == value

    law()


def test_every_setting_of_a_run_says_how_it_is_offered():
    from playground.controls import control_of

    assert [name for name, (_part, info) in FIELDS.items() if control_of(info) is None] == []
