"""What a server whose people log in has to be told, and how their browsers are known again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from playground.errors import ConfigError
from playground.identity import Identity, account_of
from playground.oidc import COOKIE, Oidc
from playground.server_settings import ServerSettings

AUTH = {
    "redirect_uri": "https://rnn.school.example/oauth2callback",
    "cookie_secret": "s" * 32,
    "client_id": "playground",
    "client_secret": "a-secret",
    "server_metadata_url": "https://login.school.example/.well-known/openid-configuration",
}
OF_ALL = {name: AUTH[name] for name in ("redirect_uri", "cookie_secret")}
OF_ONE = {name: value for name, value in AUTH.items() if name not in OF_ALL}
MEI = {"iss": "https://login.school.example", "sub": "1", "given_name": "Mei", "name": "Mei Lin"}


def told(auth) -> str:
    with pytest.raises(ConfigError) as raised:
        Identity.of(ServerSettings(identity="oidc"), is_alone=True, auth=auth)
    return str(raised.value)


def test_people_log_in_only_where_the_server_says_so():
    assert Identity.of(ServerSettings(identity="oidc"), is_alone=True, auth=AUTH).is_class
    for identity in (None, "cookie", "none"):
        assert Identity.of(ServerSettings(identity=identity), is_alone=True, auth=AUTH).oidc is None


@pytest.mark.parametrize("auth", [None, {}])
def test_a_server_that_was_told_no_provider_is_refused_at_the_start(auth):
    assert told(auth).endswith(
        "a section [auth] with redirect_uri, cookie_secret, client_id, client_secret, server_metadata_url."
    )


@pytest.mark.parametrize("name", AUTH)
@pytest.mark.parametrize("value", [None, "", 7])
def test_what_is_missing_is_told_by_its_name(name, value):
    auth = AUTH | {name: value}
    assert told(auth) == f"The section [auth] of .streamlit/secrets.toml lacks {name}."
    assert AUTH["client_secret"] not in told(auth)


def test_several_providers_have_a_name_each():
    auth = OF_ALL | {"google": OF_ONE, "school": OF_ONE}
    assert Oidc.of(auth).providers == ("google", "school")
    assert Oidc.of(AUTH | {"google": OF_ONE}).providers == ("", "google")
    assert Oidc.of(AUTH | {"client_kwargs": {"prompt": "login"}}).providers == ("",)
    assert "lacks google.client_secret." in told(OF_ALL | {"google": OF_ONE | {"client_secret": ""}})
    assert "provider my_school in" in told(OF_ALL | {"my_school": OF_ONE})


def test_a_way_back_that_streamlit_does_not_answer_is_refused():
    assert "end with /oauth2callback." in told(AUTH | {"redirect_uri": "https://rnn.school.example/"})


def test_a_secret_that_could_be_guessed_is_refused_and_not_said_again():
    assert told(AUTH | {"cookie_secret": "tide"}) == (
        "cookie_secret in .streamlit/secrets.toml has 4 characters; give at least 32, drawn at random."
    )


def test_a_library_that_is_missing_is_told():
    def missing(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}")

    with pytest.raises(ConfigError, match=r"No module named 'authlib.*pip install \"streamlit\[auth\]\""):
        Oidc.of(AUTH).require_library(missing)


def test_the_cookie_is_the_one_that_streamlit_gives():
    assert COOKIE == USER_COOKIE_NAME


def test_a_browser_is_told_by_all_of_its_login_and_by_nothing_else():
    oidc = Oidc.of(AUTH)
    known = oidc.secret({COOKIE: "chunks-2", f"{COOKIE}_1": "a", f"{COOKIE}_2": "b"})
    assert known == oidc.secret(
        {
            "other": "x",
            f"{COOKIE}_2": "b",
            f"{COOKIE}_tokens": "t",
            f"{COOKIE}_1": "a",
            COOKIE: "chunks-2",
        }
    )
    assert known != oidc.secret({COOKIE: "chunks-2", f"{COOKIE}_1": "a", f"{COOKIE}_2": "c"})
    for cookies in ({}, {f"{COOKIE}_1": "a"}, {f"{COOKIE}_tokens": "t"}, {"playground_person": "a" * 32}):
        assert oidc.secret(cookies) is None


def test_another_cookie_secret_makes_every_login_unknown():
    cookies = {COOKIE: "signed"}
    assert Oidc.of(AUTH).secret(cookies) != Oidc.of(AUTH | {"cookie_secret": "t" * 32}).secret(cookies)


@given(*[st.text(min_size=1, max_size=8)] * 4)
def test_two_accounts_are_two_people(issuer, subject, other_issuer, other_subject):
    one, other = (
        account_of({"iss": iss, "sub": sub})
        for iss, sub in ((issuer, subject), (other_issuer, other_subject))
    )
    assert (one == other) is ((issuer, subject) == (other_issuer, other_subject))


def test_an_account_is_the_same_person_whatever_else_is_told():
    account = account_of(MEI)
    assert account.person == account_of(MEI | {"iat": 5, "name": "Mei Wang", "email": "x@y"}).person
    assert len(account.person) == 32 and account.person != "1"


def test_people_are_called_by_the_name_that_they_are_called_by():
    assert account_of(MEI).name == "Mei"
    assert account_of(MEI | {"given_name": None}).name == "Mei Lin"
    assert account_of({"iss": "i", "sub": "s"}).name == ""


@pytest.mark.parametrize(
    "claims", [{}, {"sub": "1"}, {"iss": "i"}, {"iss": "i", "sub": 5}, {"iss": "", "sub": "1"}]
)
def test_a_login_that_does_not_say_who_it_is_is_nobodys(claims):
    assert account_of(claims) is None
