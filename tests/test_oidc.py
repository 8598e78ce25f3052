"""What a server whose people log in has to be told, and how their browsers are known again."""

from random import Random
from string import ascii_letters, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.auth_util import get_cookie_with_chunks, set_cookie_with_chunks
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value, decode_signed_value
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


OIDC = Oidc.of(AUTH)
LONG = MEI | {"picture": Random(0).randbytes(4_000).hex()}


def login(claims=MEI, secret: str = AUTH["cookie_secret"]) -> dict[str, str]:
    """The cookies of a log-in, as Streamlit gives them."""
    cookies: dict[str, str] = {}

    def sign(name: str, value: str) -> bytes:
        return create_signed_value(secret, name, value)

    set_cookie_with_chunks(
        lambda name, value: cookies.update({name: sign(name, value).decode()}),
        sign,
        COOKIE,
        dict(claims),
        cookie_attr_size=100,
    )
    return cookies


def believed(cookies) -> bytes | None:
    """What Streamlit reads of them."""

    def one(name: str) -> bytes | None:
        return decode_signed_value(AUTH["cookie_secret"], name, cookies.get(name, ""))

    return get_cookie_with_chunks(one, COOKIE)


@pytest.mark.parametrize("claims", [MEI, LONG], ids=["short", "split"])
def test_a_browser_is_told_by_what_streamlit_believes_and_by_nothing_beside_it(claims):
    cookies = login(claims)
    assert (len(cookies) > 1) is (claims is LONG)
    known = OIDC.secret(cookies)
    assert known is not None
    for junk in ("other", "playground_person", f"{COOKIE}_99", f"{COOKIE}_tokens"):
        assert OIDC.secret({junk: "junk", **cookies}) == known
    for name in cookies:
        without = {other: value for other, value in cookies.items() if other != name}
        assert OIDC.secret(without) is believed(without) is None


@pytest.mark.parametrize("claims", [MEI, LONG], ids=["short", "split"])
def test_a_log_in_that_is_written_in_another_way_is_the_same_or_none(claims):
    """Another spelling of a signature would be another browser, which has not logged out."""
    cookies = login(claims)
    known, spelt = OIDC.secret(cookies), 0
    for name, value in cookies.items():
        for other in (
            *(value[:-1] + last for last in ascii_letters + digits + "-_"),
            value + "=",
            value + "x",
        ):
            changed = cookies | {name: other}
            spelt += other != value and believed(changed) is not None
            assert OIDC.secret(changed) == (None if believed(changed) is None else known)
    assert spelt  # there are some


def test_two_log_ins_are_two_browsers_and_what_nobody_signed_is_none():
    assert OIDC.secret(login(MEI)) != OIDC.secret(login(MEI | {"sub": "2"}))
    for cookies in (
        {},
        {COOKIE: ""},
        {COOKIE: "signed"},
        {f"{COOKIE}_1": "a"},
        {"playground_person": "a" * 32},
    ):
        assert OIDC.secret(cookies) is None


@given(st.text(max_size=60))
def test_any_cookie_may_come(value):
    assert OIDC.secret({COOKIE: value}) is None


def test_another_cookie_secret_makes_every_login_unknown():
    assert Oidc.of(AUTH | {"cookie_secret": "t" * 32}).secret(login()) is None


def test_a_cookie_secret_stands_in_no_log():
    assert AUTH["cookie_secret"] not in repr(OIDC)
    assert AUTH["cookie_secret"] not in repr(Identity(True, oidc=OIDC))


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
