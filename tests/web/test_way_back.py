"""After a log-in a browser comes back to the page that it was opened with, and to no other place."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from playground.identity import Identity
from playground.oidc import COOKIE, Oidc
from playground.web.way_back import LINK, WayBack

OIDC = Identity(True, oidc=Oidc(("",), "s" * 32))


def browser(base: str = "", identity: Identity = OIDC, **more) -> TestClient:
    """A browser at a server that sends every log-in to its first page, as Streamlit does."""

    def page(
        request: Request,
    ) -> Response:  # whatever is asked for, as Streamlit answers what it does not know
        if request.headers.get("if-none-match"):
            return Response(status_code=304)
        return JSONResponse({}) if "/api/" in request.url.path else HTMLResponse("<p>page</p>")

    def callback(request: Request) -> Response:
        if "fails" in request.query_params:
            return Response("Authentication error", 400)
        return RedirectResponse(request.query_params.get("to", f"/{base}"), 302)

    path = f"/{base}".rstrip("/")
    app = Starlette(routes=[Route(path + "/oauth2callback", callback), Route("/{path:path}", page)])
    return TestClient(
        WayBack(app, lambda: identity, base),
        follow_redirects=False,
        headers={"accept": "text/html,*/*"},
        **more,
    )


def logged_in() -> str:
    """A browser's cookie after a log-in."""
    return f"{COOKIE}={create_signed_value('s' * 32, COOKIE, '{}').decode()}"


@pytest.mark.parametrize("base", ["", "rnn/class1"])
@pytest.mark.parametrize(
    "link", ["/gates?run=ab12&lang=zh", "/?teacher=the-key", "/write?prefix=%E9%9B%A8;a,b%22"]
)
def test_who_had_to_log_in_comes_back_to_the_page_that_they_opened(base, link):
    one = browser(base)
    home = f"/{base}".rstrip("/")
    given = one.get(home + link).headers["set-cookie"]
    assert "HttpOnly" in given and "SameSite=Lax" in given and f"Path={home or '/'};" in given
    back = one.get(home + "/oauth2callback?code=x")
    assert back.status_code == 302 and back.headers["location"] == home + link
    assert LINK not in one.cookies
    assert one.get(home + "/oauth2callback?code=x").headers["location"] == f"/{base}"


def test_the_last_page_counts():
    one = browser()
    one.get("/gates?run=ab12")
    one.get("/")
    assert one.get("/oauth2callback").headers["location"] == "/"


def test_only_a_page_of_somebody_who_has_not_logged_in_is_remembered():
    one = browser()
    assert "set-cookie" not in one.get("/api/runs/x/history").headers
    assert "set-cookie" not in one.post("/gates").headers
    assert "set-cookie" not in one.get("/gates", headers={"cookie": logged_in()}).headers
    assert "set-cookie" not in one.get("/gates?" + "x" * 3000).headers
    for path in ("/favicon.ico", "/robots.txt", "/apple-touch-icon.png", "/js/1/lens.js.map"):
        assert "set-cookie" not in one.get(path, headers={"accept": "image/*,*/*;q=0.8"}).headers


def test_where_nobody_logs_in_nothing_is_remembered_nor_changed():
    for identity in (Identity.alone(), Identity(True)):
        one = browser(identity=identity)
        assert "set-cookie" not in one.get("/gates?run=ab12").headers
        one.cookies[LINK] = base64.urlsafe_b64encode(b"/gates").decode()
        assert one.get("/oauth2callback").headers["location"] == "/"


def test_a_login_that_fails_and_a_way_elsewhere_stay_what_they_are():
    one = browser()
    one.get("/gates")
    assert one.get("/oauth2callback?fails=1").status_code == 400
    elsewhere = "https://login.school.example/logout"
    assert one.get("/oauth2callback", params={"to": elsewhere}).headers["location"] == elsewhere


@pytest.mark.parametrize(
    "link",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "gates",
        "",
        "/a b",
        "/a\r\nx: y",
        "/雨",
        "/" + "x" * 3000,
        "/a\\b",
    ],
)
def test_a_forged_cookie_leads_nowhere_else(link):
    one = browser()
    one.cookies[LINK] = base64.urlsafe_b64encode(link.encode()).decode()
    answer = one.get("/oauth2callback")
    assert answer.headers["location"] == "/" and "x" not in answer.headers


def test_a_cookie_leads_to_no_other_place_on_the_same_name():
    one = browser("rnn/class1")
    one.cookies[LINK] = base64.urlsafe_b64encode(b"/other/page").decode()
    assert one.get("/rnn/class1/oauth2callback").headers["location"] == "/rnn/class1"


def test_a_page_that_the_browser_has_already_is_come_back_to_as_well():
    one = browser()
    assert one.get("/?challenge=ab12", headers={"if-none-match": "x"}).status_code == 304
    assert one.get("/oauth2callback").headers["location"] == "/?challenge=ab12"


def test_a_link_that_is_too_long_leaves_no_other_one_standing():
    one = browser()
    one.get("/gates?run=ab12")
    one.get("/write?prefix=" + "x" * 3000)
    assert one.get("/oauth2callback").headers["location"] == "/"


def test_where_a_page_is_safe_so_is_the_link():
    assert "Secure" not in browser().get("/gates").headers["set-cookie"]
    assert "Secure" in browser(base_url="https://testserver").get("/gates").headers["set-cookie"]


LINKS = st.text(alphabet="/\\.:a?=%&# \r\n\t雨", max_size=30).map(
    lambda link: base64.urlsafe_b64encode(link.encode()).decode()
)


@given(st.one_of(st.text(max_size=40), LINKS))
def test_any_cookie_may_come(value):
    one = browser()
    line = f"{LINK}={value}".encode("latin-1", "replace").replace(b"\n", b"").replace(b"\r", b"")
    location = one.get("/oauth2callback", headers=[(b"cookie", line)]).headers["location"]
    assert location.startswith("/") and not location.startswith("//")
