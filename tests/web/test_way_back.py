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

from playground.identity import Identity
from playground.oidc import COOKIE, Oidc
from playground.web.way_back import LINK, WayBack

OIDC = Identity(True, oidc=Oidc(("",), "s" * 32))


def browser(base: str = "", identity: Identity = OIDC) -> TestClient:
    """A browser at a server that sends every log-in to its first page, as Streamlit does."""

    def page(request: Request) -> Response:
        return JSONResponse({}) if "/api/" in request.url.path else HTMLResponse("<p>page</p>")

    def callback(request: Request) -> Response:
        if "fails" in request.query_params:
            return Response("Authentication error", 400)
        return RedirectResponse(request.query_params.get("to", f"/{base}"), 302)

    path = f"/{base}".rstrip("/")
    app = Starlette(routes=[Route(path + "/oauth2callback", callback), Route("/{path:path}", page)])
    return TestClient(WayBack(app, lambda: identity, base), follow_redirects=False)


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
    assert "set-cookie" not in one.get("/gates", headers={"cookie": f"{COOKIE}=signed"}).headers
    assert "set-cookie" not in one.get("/gates?" + "x" * 3000).headers


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


@given(st.text(max_size=40))
def test_any_cookie_may_come(value):
    one = browser()
    line = f"{LINK}={value}".encode("latin-1", "replace").replace(b"\n", b"").replace(b"\r", b"")
    location = one.get("/oauth2callback", headers=[(b"cookie", line)]).headers["location"]
    assert location.startswith("/") and not location.startswith("//")
