"""A real server and a real Chromium."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Playwright, expect, sync_playwright

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
READY = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"
SMALL = "cell=rnn&hidden_size=16&batch_size=4&num_steps=10"
expect.set_options(timeout=15_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker(pytest.mark.browser)


class Server:
    """`streamlit run streamlit_app.py` on a free port."""

    def __init__(self, data: Path, log: Path, base_path: str = "") -> None:
        self.data = data
        self.log = log
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.base_path = base_path
        self.url = f"http://127.0.0.1:{self.port}/{base_path}".rstrip("/")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [
            sys.executable,
            "-m",
            "streamlit",
            "run",
            "streamlit_app.py",
            "--server.headless=true",
            "--server.address=127.0.0.1",
            f"--server.port={self.port}",
            f"--server.baseUrlPath={self.base_path}",
        ]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                env=os.environ | {"PLAYGROUND_DATA": str(self.data)},
            )
        until(self._answers, 60, "the server answers")

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def workers(self) -> list[int]:
        """Process ids of the worker processes."""
        assert self.process is not None
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [child.pid for child in children if "playground.runs.worker" in " ".join(child.cmdline())]

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text("utf-8")
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


def until(condition, seconds: float, what: str) -> None:
    """Wait for a condition, not for time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds} s until {what}"
        select_nothing()


def select_nothing() -> None:
    """Give the processor away for a moment."""
    import select

    select.select([], [], [], 0.02)


@contextmanager
def running(tmp: Path, base_path: str = "") -> Iterator[Server]:
    server = Server(tmp / "data", tmp / "server.log", base_path)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("server")) as server:
        yield server
    log = server.log.read_text("utf-8")
    assert "Traceback" not in log, log


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A fresh server that a test may kill."""
    with running(tmp_path) as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


def launch(playwright: Playwright) -> Browser:
    found = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chromium-browser"))), None)
    try:
        return playwright.chromium.launch(executable_path=found, args=FLAGS)
    except Error as error:
        if os.environ.get("REQUIRE_BROWSER"):
            raise
        pytest.skip(f"no Chromium on this machine: {error.message.splitlines()[0]}")


class Visitor:
    """A person at a browser."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page = page
        self.server = server

    def go(self, link: str = "") -> Visitor:
        self.page.goto(f"{self.server.url}/{link}")
        return self.settle()

    def settle(self) -> Visitor:
        self.page.locator(READY).wait_for(timeout=30_000)
        return self

    def press(self, key: str) -> Visitor:
        button = self.page.locator(f".st-key-{key} button")
        expect(button).to_be_enabled()
        button.click()
        return self

    def expect_status(self, status: str) -> Visitor:
        expect(self.page.locator(".live-panel")).to_have_attribute("data-status", status, timeout=30_000)
        if status not in ("queued", "starting", "running", "paused"):
            expect(self.page.locator(".st-key-stop button")).to_be_disabled()
        return self.settle()

    def points(self) -> int:
        """Points of the step curve as Plotly holds them."""
        return int(self.page.evaluate("document.querySelector('.perplexity').data?.[0].x.length ?? 0"))

    def curve(self, name: str = "perplexity", trace: int = 0) -> list[list[float]]:
        return self.page.evaluate(
            "([name, i]) => { const t = document.querySelector('.' + name).data[i]; return [t.x, t.y] }",
            [name, trace],
        )

    def wait_for_points(self, count: int) -> Visitor:
        self.page.wait_for_function(
            "n => (document.querySelector('.perplexity')?.data?.[0].x.length ?? 0) >= n",
            arg=count,
            timeout=30_000,
        )
        return self


def trained(server: Server, chromium: Browser, link: str) -> str:
    """Train a run to its end in a browser; return its id."""
    page = chromium.new_page()
    visitor = Visitor(page, server).go(f"?{link}").press("start").expect_status("finished")
    id = str(visitor.page.evaluate("new URL(location).searchParams.get('run')"))
    page.close()
    return id


def _probes(message: ConsoleMessage) -> bool:
    """Streamlit's own search for the server's base path, on a page that is not at the root."""
    return any(
        f"/{page}/_stcore/" in message.location["url"]
        for page in ("gates", "write", "directions", "gradients", "basics")
    )


@pytest.fixture
def visit(chromium: Browser) -> Iterator:
    """Open the playground as a new person; a page error or a console error fails the test."""
    contexts, problems = [], []

    def open_page(
        server: Server, link: str = "", *, width: int = 1280, locale: str = "en-US", **options
    ) -> Visitor:
        options = {"viewport": {"width": width, "height": 900}, "locale": locale} | options
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console", lambda m: problems.append(m.text) if m.type == "error" and not _probes(m) else None
        )
        page.route(
            lambda url: not url.startswith((server.url, "data:", "blob:")),
            lambda route: (problems.append(f"asked for {route.request.url}"), route.abort()),
        )
        return Visitor(page, server).go(link)

    open_page.problems = problems
    yield open_page
    for context in contexts:
        context.close()
    assert problems == []
