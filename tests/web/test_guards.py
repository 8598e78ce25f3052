"""Names that are not the server's, and pages of other sites, get nothing."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from playground.web.guards import AllowedHosts, own_pages_only
from playground.web.routes import middleware

OURS = [
    "localhost:8501",
    "127.0.0.1",
    "[::1]:8501",
    "192.168.1.7:8501",
    "desk",
    "desk.local:80",
    "LOCALHOST.",
    "shown.example",
]
NOT_OURS = ["evil.example", "localhost.evil.example:8501", "desk.evil.example", "", "a b", "x@localhost", "localhost/x",
            "localhost:port", "127.0.0.1.evil.example", "0x7f.1", "[::1", "localhost\r\nx: y"]  # fmt: skip


def asked(hosts: AllowedHosts) -> TestClient:
    async def page(request: Request) -> JSONResponse:
        return JSONResponse("page")

    async def stream(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("open")

    app = Starlette(
        routes=[Route("/", page), WebSocketRoute("/stream", stream)], middleware=middleware(hosts)
    )
    return TestClient(app)


def opens(client: TestClient, headers: dict[str, str]) -> bool:
    try:
        with client.websocket_connect("/stream", headers=headers) as socket:
            return socket.receive_text() == "open"
    except WebSocketDisconnect:
        return False


@pytest.mark.parametrize(("host", "ours"), [*((h, True) for h in OURS), *((h, False) for h in NOT_OURS)])
def test_a_name_that_is_not_ours_opens_neither_the_page_nor_its_websocket(host, ours):
    client = asked(AllowedHosts(shown=["shown.example"], machine="Desk"))
    answer = client.get("/", headers={"host": host})
    assert (answer.status_code == 200) == ours
    assert opens(client, {"host": host}) == ours
    assert AllowedHosts(shown=["shown.example"], machine="Desk").answers_for(host) == ours


def test_whoever_asks_under_another_name_is_told_how_to_allow_it():
    answer = asked(AllowedHosts()).get("/", headers={"host": "Class.example:8501"})
    assert answer.status_code == 421
    assert "--server.allowedHosts=class.example" in answer.text
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("named", "host", "ours"),
    [
        (["class.example"], "class.example", True),
        (["class.example"], "localhost", False),
        (["class.example"], "192.168.1.7", False),
        (["*.example"], "a.class.example:80", True),
        (["*.example"], "example", False),
        (["*"], "any.name", True),
        (["*"], "", False),
    ],
)
def test_names_that_were_given_are_the_only_ones(named, host, ours):
    client = asked(AllowedHosts(named))
    assert (client.get("/", headers={"host": host}).status_code == 200) == ours
    assert opens(client, {"host": host}) == ours


@pytest.mark.parametrize(
    ("origin", "welcome"),
    [
        (None, True),
        ("http://192.168.1.7:8501", True),
        ("http://localhost:3000", True),
        ("https://shown.example", True),
        ("https://friend.example", True),
        ("https://evil.example", False),
        ("http://192.168.1.7:9000", False),
        ("null", False),
    ],
)
def test_a_page_of_another_site_opens_no_websocket(origin, welcome):
    client = asked(AllowedHosts(shown=["shown.example"], origins=["https://friend.example/"]))
    headers = {"host": "192.168.1.7:8501"} | ({} if origin is None else {"origin": origin})
    assert opens(client, headers) == welcome
    assert opens(asked(AllowedHosts(origins=["*"])), headers)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://testserver"}, 403),
        ({"origin": "http://testserver"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_a_route_answers_our_own_pages_only(headers, status):
    client = TestClient(Starlette(routes=[Route("/", own_pages_only(lambda request: JSONResponse("here")))]))
    answer = client.get("/", headers=headers)
    assert answer.status_code == status
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
