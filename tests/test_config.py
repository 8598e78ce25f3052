"""Settings: one form that URL, command line, store and worker share."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from playground.config import FIELDS, RunConfig, check, flatten, from_flat, parse, parse_json
from playground.errors import ConfigError
from playground.settings import bounds_of, choices_of


def bounds(name: str) -> tuple[float | None, float | None]:
    return bounds_of(FIELDS[name][1])


def choices(name: str) -> tuple[str, ...]:
    return choices_of(FIELDS[name][1])


NUMBERS = [name for name in FIELDS if bounds(name)[1] is not None]
WORDS = [name for name in FIELDS if choices(name)]
SWITCHABLE = {"max_tokens", "epochs", "max_grad_norm", "weight_averaging", "threads"}
ABOVE_ZERO = {"lr", "max_grad_norm", "weight_averaging"}
"""Settings whose lowest value is no value."""


def values_of(name: str) -> st.SearchStrategy:
    kind = FIELDS[name][1].annotation
    if choices(name):
        return st.sampled_from(choices(name))
    if kind is bool:
        return st.booleans()
    low, high = bounds(name)
    if low is None or high is None:
        return st.text(min_size=1, max_size=80 if name == "corpus" else 200)
    if "int" in str(kind):
        values = st.integers(int(low), int(high))
    else:
        values = st.floats(low, high, exclude_min=name in ABOVE_ZERO)
    return values | st.none() if name in SWITCHABLE else values


@st.composite
def configs(draw) -> RunConfig:
    values = {name: draw(values_of(name)) for name in FIELDS}
    if values["cell"] != "rnn":
        values["nonlinearity"] = "tanh"
    if values["objective"] == "masked":
        values["bidirectional"] = True
    return from_flat(values)


@given(configs())
def test_flat_there_and_back_is_the_same_config(config):
    assert from_flat(flatten(config)) == config


@given(configs())
def test_flat_as_text_there_and_back_is_the_same_config(config):
    assert from_flat({name: str(value) for name, value in flatten(config).items()}) == config


@given(configs())
def test_json_there_and_back_is_the_same_config(config):
    assert parse_json(config.model_dump_json()) == config
    assert parse(json.loads(json.dumps(config.model_dump()))) == config


@pytest.mark.parametrize("name", FIELDS)
def test_a_run_from_before_a_setting_was_there_has_its_default(name):
    stored = RunConfig().model_dump(mode="json")
    del stored[FIELDS[name][0]][name]
    assert parse_json(json.dumps(stored)) == RunConfig()


def test_every_settings_name_is_unique_across_the_parts():
    names = [n for part in RunConfig().model_dump().values() for n in part]
    assert sorted(names) == sorted(set(names)) == sorted(FIELDS)


def test_no_setting_given_is_the_default_run():
    assert from_flat({}) == RunConfig()


@pytest.mark.parametrize("name", NUMBERS)
def test_both_ends_of_a_range_are_told_apart_from_what_lies_beyond(name):
    low, high = bounds(name)
    assert check(name, high) == high
    if name not in ABOVE_ZERO:
        assert check(name, low) == low
    for beyond in (low - 1, high + 1):
        with pytest.raises(ConfigError) as caught:
            check(name, beyond)
        assert str(caught.value).startswith(f"{name} is {beyond!r}; give a")
        assert f"{low:g}" in str(caught.value)


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), True, "many", [1], "1e999"])
def test_what_is_no_number_is_refused_in_one_sentence(name, value):
    with pytest.raises(ConfigError) as caught:
        check(name, value)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", sorted(SWITCHABLE))
@pytest.mark.parametrize("word", ["off", "Off", "none", "null", "", " OFF "])
def test_off_words_turn_a_switchable_setting_off(name, word):
    assert check(name, word) is None


@pytest.mark.parametrize("name", [n for n in NUMBERS if n not in SWITCHABLE])
def test_off_is_refused_where_there_is_nothing_to_turn_off(name):
    with pytest.raises(ConfigError):
        check(name, "off")


@pytest.mark.parametrize("name", sorted(ABOVE_ZERO))
def test_zero_is_refused_where_it_would_change_nothing(name):
    with pytest.raises(ConfigError, match="above 0"):
        check(name, 0)


@pytest.mark.parametrize("name", WORDS)
def test_a_wrong_word_is_answered_with_the_right_ones(name):
    with pytest.raises(ConfigError) as caught:
        check(name, "nonsense")
    assert all(word in str(caught.value) for word in choices(name))


def test_an_unknown_setting_is_named():
    with pytest.raises(ConfigError, match="no setting called hiden_size"):
        from_flat({"hiden_size": 3})
    with pytest.raises(ConfigError, match="hiden_size is not a setting"):
        parse({"model": {"hiden_size": 3}})


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"model": 3}', '{"model": {"cell": null}}'])
def test_json_that_is_no_config_is_a_config_error(text):
    with pytest.raises(ConfigError):
        parse_json(text)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_relu_belongs_to_the_plain_rnn_alone(cell):
    assert from_flat({"cell": "rnn", "nonlinearity": "relu"}).model.nonlinearity == "relu"
    with pytest.raises(ConfigError, match=cell):
        from_flat({"cell": cell, "nonlinearity": "relu"})


@given(configs())
def test_two_directions_that_predict_the_next_token_are_the_trap(config):
    next_token = config.model.objective == "next"
    assert config.is_trap == (config.model.bidirectional and next_token)
    assert config.can_write == (next_token and not config.is_trap)


def test_a_config_cannot_be_changed():
    with pytest.raises(ValidationError):
        RunConfig().model.hidden_size = 9


@pytest.mark.parametrize("name", list(FIELDS))
def test_every_setting_explains_itself(name):
    assert FIELDS[name][1].description
