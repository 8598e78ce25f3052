"""What a server can be told by its environment, and what a teacher may change."""

import re

import pytest

from playground.errors import ConfigError
from playground.server_settings import LIVE, ServerSettings, variable
from tests.helpers import ROOT

GIVEN = {
    "slots": ("4", 4),
    "runs_per_person": ("5", 5),
    "disk_per_person": ("1000", 1000),
    "texts_per_person": ("0", 0),
    "writing_per_person": ("off", None),
    "until_stopped_minutes": ("7.5", 7.5),
    "free_megabytes": ("300", 300),
    "run_minutes": ("20", 20.0),
    "identity": ("header:X-Auth-Request-Email", "header:X-Auth-Request-Email"),
    "trusted_proxies": ("10.0.0.0/8, ::1", "10.0.0.0/8, ::1"),
    "sharing": ("private", "private"),
    "teacher_key": ("eight-or-more", "eight-or-more"),
    "join_code": ("8472", "8472"),
}
REFUSED = {
    "slots": ("0", "'0'; give a whole number from 1 to 64."),
    "runs_per_person": ("many", "'many'; give a whole number from 1 to 1,000, or off."),
    "disk_per_person": ("-5", "'-5'; give a whole number from 1 to 10,000,000, or off."),
    "texts_per_person": ("", "''; give a whole number from 0 to 100,000, or off."),
    "writing_per_person": ("0", "'0'; give a whole number from 1 to 100, or off."),
    "until_stopped_minutes": ("0", "'0'; give a number above 0, up to 100,000, or off."),
    "free_megabytes": ("1.5", "'1.5'; give a whole number from 1 to 10,000,000, or auto"),
    "run_minutes": ("nan", "'nan'; give a number above 0, up to 100,000, or off."),
    "identity": ("header:", "'header:'; choose none, cookie, oidc, or header: and the name of a header."),
    "trusted_proxies": ("10.0.0.1, proxy.example", "addresses or networks in digits"),
    "sharing": ("secret", "'secret'; choose one of public, private."),
    "teacher_key": ("short", " does not fit; give 8 to 200 characters."),
    "join_code": ("abc", " does not fit; give 4 to 200 characters."),
}


def test_every_setting_is_tried_here():
    assert set(GIVEN) == set(REFUSED) == set(ServerSettings.model_fields)


@pytest.mark.parametrize("name", GIVEN)
def test_each_variable_sets_what_it_says(name):
    text, value = GIVEN[name]
    settings = ServerSettings.read({variable(name): text, "PLAYGROUND_DATA": "elsewhere"})
    assert getattr(settings, name) == value
    assert settings.model_dump() == ServerSettings().model_dump() | {name: value}


@pytest.mark.parametrize("name", REFUSED)
def test_each_wrong_value_is_told_in_one_sentence_with_its_variable(name):
    text, told = REFUSED[name]
    with pytest.raises(ConfigError, match=re.escape(told)) as raised:
        ServerSettings.read({variable(name): text})
    assert str(raised.value).startswith(f"{variable(name)} ")


@pytest.mark.parametrize("name", ["teacher_key", "join_code"])
def test_what_is_secret_is_not_said_again(name):
    with pytest.raises(ConfigError) as raised:
        ServerSettings.read({variable(name): "?!"})
    assert "?!" not in str(raised.value)


@pytest.mark.parametrize("name", ["identity", "teacher_key", "join_code", "trusted_proxies"])
def test_a_text_that_is_left_empty_is_not_set(name):
    assert not getattr(ServerSettings.read({variable(name): ""}), name)


def test_words_are_none_only_where_they_may_be():
    assert ServerSettings.read({variable("free_megabytes"): "auto"}).free_megabytes is None
    for name, word in (("free_megabytes", "off"), ("runs_per_person", "auto"), ("slots", "off")):
        with pytest.raises(ConfigError):
            ServerSettings.read({variable(name): word})


def test_the_readme_has_a_line_for_every_variable():
    table = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in ServerSettings.model_fields if f"| `{variable(name)}` |" not in table] == []


@pytest.mark.parametrize("name", LIVE)
def test_a_limit_can_be_changed_and_keeps_its_range(name):
    text, value = GIVEN[name]
    assert getattr(ServerSettings().with_limits({name: text}), name) == value
    with pytest.raises(ConfigError, match=f"^{name} is ") as raised:
        ServerSettings().with_limits({name: REFUSED[name][0]})
    assert "give a" in str(raised.value)


@pytest.mark.parametrize("name", ["slots", "teacher_key", "sharing", "no_such"])
def test_only_limits_can_be_changed_while_the_server_runs(name):
    with pytest.raises(ConfigError, match="not a setting that a teacher can change"):
        ServerSettings().with_limits({name: "1"})
