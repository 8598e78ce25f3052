"""Who asks is told at the door, and nobody else's word for it counts."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from playground.errors import ConfigError
from playground.identity import PERSON_HEADER, Identity, person_id
from playground.oidc import COOKIE as OIDC_COOKIE
from playground.server_settings import ServerSettings
from playground.web.door import COOKIE, Door

PAGE = {"accept": "text/html,application/xhtml+xml"}
PROXY = "X-Auth-Request-Email"


def door(
    settings: ServerSettings,
    *,
    base_path: str = "",
    peer: str = "testclient",
    scheme: str = "http",
    auth: dict[str, str] | None = None,
):
    """A browser before a server that tells what its pages and routes are told."""

    def seen(request: Request) -> JSONResponse:
        return JSONResponse([value for name, value in request.headers.items() if name == PERSON_HEADER])

    async def socket(websocket) -> None:
        await websocket.accept()
        await websocket.send_json(websocket.headers.get(PERSON_HEADER))
        await websocket.close()

    app = Starlette(routes=[Route("/{path:path}", seen), WebSocketRoute("/{path:path}", socket)])
    identity = Identity.of(settings, is_alone=False, auth=auth)
    return TestClient(
        Door(app, lambda: identity, base_path), base_url=f"{scheme}://testserver", client=(peer, 50_000)
    )


def test_the_first_page_gives_a_browser_a_cookie_that_says_who_it_is_from_then_on():
    browser = door(ServerSettings())
    first = browser.get("/", headers=PAGE)
    cookie = first.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=") and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    secret = browser.cookies[COOKIE]
    assert len(secret) == 32 and first.json() == [person_id(secret)]
    assert browser.get("/api/x").json() == [person_id(secret)]
    assert browser.get("/", headers=PAGE).json() == [person_id(secret)]
    assert browser.cookies[COOKIE] == secret
    with browser.websocket_connect("/stream", headers={"cookie": f"{COOKIE}={secret}"}) as socket:
        assert socket.receive_json() == person_id(secret)


def test_what_is_told_is_not_the_cookie():
    assert "a" * 32 not in person_id("a" * 32) and len(person_id("a" * 32)) == 32


def test_two_browsers_are_two_people():
    one, other = door(ServerSettings()), door(ServerSettings())
    assert one.get("/", headers=PAGE).json() != other.get("/", headers=PAGE).json()


def test_only_a_page_gives_a_cookie():
    browser = door(ServerSettings())
    for path, more in (("/api/x", {}), ("/static/a.js", {"accept": "*/*"})):
        answer = browser.get(path, headers=more)
        assert answer.json() == [] and "set-cookie" not in answer.headers
    assert "set-cookie" not in browser.post("/", headers=PAGE).headers


def test_the_cookie_lives_below_the_servers_own_path_and_on_https_only_there():
    browser = door(ServerSettings(), base_path="rnn/class1", scheme="https")
    cookie = browser.get("/rnn/class1/", headers=PAGE).headers["set-cookie"]
    assert "Path=/rnn/class1;" in cookie and cookie.endswith("Secure")


@pytest.mark.parametrize("settings", [ServerSettings(identity="none"), ServerSettings()])
def test_a_forged_header_changes_nothing(settings):
    browser = door(settings)
    forged = [PERSON_HEADER, PERSON_HEADER.title(), PERSON_HEADER.upper()]
    for name in forged:
        assert browser.get("/api/x", headers={name: "f" * 32}).json() == []
        with browser.websocket_connect("/stream", headers={name: "f" * 32}) as socket:
            assert socket.receive_json() is None


def test_a_server_for_one_person_gives_no_cookie():
    assert "set-cookie" not in door(ServerSettings(identity="none")).get("/", headers=PAGE).headers


@given(st.text(max_size=60))
def test_a_cookie_that_we_did_not_give_is_none(value):
    browser = door(ServerSettings())
    line = f"other=1; {COOKIE}={value}".encode("latin-1", "replace").replace(b"\n", b"").replace(b"\r", b"")
    answer = browser.get("/api/x", headers=[(b"cookie", line)])
    assert answer.json() == []


def test_a_trusted_proxys_header_says_who_it_is():
    settings = ServerSettings(identity=f"header:{PROXY}", trusted_proxies="10.0.0.0/8, ::1")
    for peer in ("10.1.2.3", "::1", "::ffff:10.0.0.7"):
        told = door(settings, peer=peer).get("/", headers=PAGE | {PROXY: "Mei@School.example"})
        assert told.json() == [person_id("x-auth-request-email:mei@school.example")]
        assert "set-cookie" not in told.headers


@pytest.mark.parametrize("peer", ["11.0.0.1", "127.0.0.1", "testclient", "::2"])
def test_the_same_header_from_elsewhere_is_nobodys_word(peer):
    settings = ServerSettings(identity=f"header:{PROXY}", trusted_proxies="10.0.0.0/8, ::1")
    browser = door(settings, peer=peer)
    forged = {PROXY: "mei@school.example", "X-Forwarded-For": "10.0.0.1", "cookie": f"{COOKIE}={'a' * 32}"}
    assert browser.get("/", headers=PAGE | forged).json() == []
    with browser.websocket_connect("/stream", headers=forged) as socket:
        assert socket.receive_json() is None


def test_a_header_that_comes_twice_is_nobodys_word():
    settings = ServerSettings(identity=f"header:{PROXY}", trusted_proxies="10.0.0.1")
    twice = [(PROXY, "mei@school.example"), (PROXY, "ali@school.example")]
    assert door(settings, peer="10.0.0.1").get("/", headers=twice).json() == []


def test_a_header_that_would_be_believed_from_nobody_is_refused_at_the_start():
    with pytest.raises(ConfigError, match="PLAYGROUND_TRUSTED_PROXIES has to name"):
        Identity.of(ServerSettings(identity=f"header:{PROXY}"), is_alone=False)


@pytest.mark.parametrize(("is_alone", "is_class"), [(True, False), (False, True)])
def test_a_server_that_nobody_else_reaches_is_for_one_person(is_alone, is_class):
    assert Identity.of(ServerSettings(), is_alone=is_alone).is_class is is_class
    assert Identity.of(ServerSettings(identity="cookie"), is_alone=is_alone).is_class
    assert not Identity.of(ServerSettings(identity="none"), is_alone=is_alone).is_class


AUTH = {
    "redirect_uri": "http://testserver/oauth2callback",
    "cookie_secret": "s" * 32,
    "client_id": "playground",
    "client_secret": "a-secret",
    "server_metadata_url": "https://login.school.example/.well-known/openid-configuration",
}


def test_where_people_log_in_streamlits_cookie_tells_a_browser_and_no_other_is_given():
    browser = door(ServerSettings(identity="oidc"), auth=AUTH)
    first = browser.get("/", headers=PAGE | {"cookie": f"{COOKIE}={'a' * 32}"})
    assert first.json() == [] and "set-cookie" not in first.headers
    value, other = (
        create_signed_value(AUTH["cookie_secret"], OIDC_COOKIE, sub).decode() for sub in ("1", "2")
    )
    signed = {"cookie": f"{COOKIE}={'a' * 32}; {OIDC_COOKIE}={value}"}
    (told,) = browser.get("/api/x", headers=signed).json()
    assert len(told) == 32 and told not in value
    assert browser.get("/", headers=PAGE | signed | {PERSON_HEADER: "f" * 32}).json() == [told]
    with browser.websocket_connect("/stream", headers=signed) as socket:
        assert socket.receive_json() == told
    assert browser.get("/api/x", headers={"cookie": f"{OIDC_COOKIE}={other}"}).json() not in ([], [told])
    assert browser.get("/api/x", headers={"cookie": f"{OIDC_COOKIE}=nobody-signed-it"}).json() == []


@given(st.text(max_size=60))
def test_any_cookie_of_a_login_may_come(value):
    browser = door(ServerSettings(identity="oidc"), auth=AUTH)
    line = f"{OIDC_COOKIE}={value}".encode("latin-1", "replace").replace(b"\n", b"").replace(b"\r", b"")
    assert browser.get("/api/x", headers=[(b"cookie", line)]).json() == []


def test_a_lifespan_passes_through():
    heard = []

    async def app(scope, receive, send) -> None:
        heard.append(scope["type"])

    door = Door(app, lambda: Identity(True))
    asyncio.run(door({"type": "lifespan"}, None, None))
    assert heard == ["lifespan"]
