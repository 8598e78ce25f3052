"""A real server and a real Chromium."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from playground.config import from_flat
from playground.presets import PRESETS
from playground.records import RunStatus
from playground.runs.launch import launch
from playground.runs.manager import RunManager
from tests.helpers import free_port, streamlit_command, until

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # what a page asks of others never leaves
]
KEY = "the-teachers-key"
READY = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"
SMALL = "cell=rnn&hidden_size=16&batch_size=4&num_steps=10"
_TINY = {
    "cell": "lstm",
    "hidden_size": 12,
    "batch_size": 4,
    "num_steps": 10,
    "sample_every": 0,
    "max_tokens": 3000,
}
TRAINED: Mapping[str, Mapping[str, object]] = {
    "quick": {"sample_every": 0},
    "lstm": {**_TINY, "epochs": 3},
    "two_epochs": {**_TINY, "epochs": 2},
    "left": {**_TINY, "epochs": 1},
    "masked": {**_TINY, "epochs": 1, "bidirectional": True, "objective": "masked"},
    "rnn": {**_TINY, "cell": "rnn", "epochs": 2, "sample_every": 1},
    "spare": {**_TINY, "cell": "rnn", "epochs": 1},
}
"""Runs that are there before the server is: for tests of what a finished run shows."""
expect.set_options(timeout=15_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker(pytest.mark.browser)


class Server:
    """`streamlit run streamlit_app.py` on a free port."""

    def __init__(self, data: Path, log: Path, base_path: str = "", **environ: str) -> None:
        self.data = data
        self.environ = environ
        self.log = log
        self.port = free_port()
        self.base_path = base_path
        self.url = f"http://127.0.0.1:{self.port}/{base_path}".rstrip("/")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = streamlit_command(
            self.port, "--server.address=127.0.0.1", f"--server.baseUrlPath={self.base_path}"
        )
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                env=os.environ | {"PLAYGROUND_DATA": str(self.data)} | self.environ,
            )
        until(self._answers, 60)

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


@contextmanager
def running(data: Path, log: Path, base_path: str = "", **environ: str) -> Iterator[Server]:
    """A server from here to the end; whatever it logs about an error of its own fails the test."""
    server = Server(data, log, base_path, **environ)
    server.start()
    try:
        yield server
    finally:
        server.stop()
    written = log.read_text("utf-8")
    assert "Traceback" not in written, written


def train(manager: RunManager, settings: Mapping[str, object]) -> str:
    """Train a run to its end in this process; its id."""
    run = manager.start(from_flat({**PRESETS["quick"], **settings, "threads": 1}))
    assert manager.wait(run.id, 60).status is RunStatus.FINISHED
    return run.id


def train_and_move_theta(manager: RunManager) -> str:
    """Stop a run by hand after its θ was 1, off and 0.5; its id."""
    run = manager.start(from_flat({**PRESETS["quick"], **_TINY, "epochs": None, "threads": 1}))

    def steps() -> int:
        return len(manager.store.step_rows(run.id))

    for theta in (None, 0.5):
        enough = steps() + 5
        until(lambda enough=enough: steps() > enough)
        manager.clip(run.id, theta)
        until(lambda theta=theta: manager.store.clipping.threshold(manager.store.get(run.id)) == theta)
    manager.stop(run.id)
    assert manager.wait(run.id, 60).status is RunStatus.STOPPED
    return run.id


@contextmanager
def training_here(data: Path) -> Iterator[RunManager]:
    """What trains in this process, into a data directory that no server has opened yet."""
    manager = launch(data, inline=True)
    try:
        yield manager
    finally:
        manager.close()
        manager.store.close()


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server's data directory."""
    return tmp_path_factory.mktemp("server") / "data"


@pytest.fixture(scope="session")
def trained(data: Path) -> dict[str, str]:
    """Ids of the runs of `TRAINED`, by their names there, and of `moved`, whose θ was moved."""
    with training_here(data) as manager:
        moved = train_and_move_theta(manager)
        return {"moved": moved} | {name: train(manager, settings) for name, settings in TRAINED.items()}


@pytest.fixture(scope="session")
def server(data: Path, trained: dict[str, str]) -> Iterator[Server]:
    with running(data, data.with_name("server.log")) as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch_browser(playwright)
        yield browser
        browser.close()


def launch_browser(playwright: Playwright) -> Browser:
    found = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chromium-browser"))), None)
    try:
        return playwright.chromium.launch(executable_path=found, args=FLAGS)
    except Error as error:
        if os.environ.get("REQUIRE_BROWSER"):
            raise
        pytest.skip(f"no Chromium on this machine: {error.message.splitlines()[0]}")


@pytest.fixture(scope="session")
def profile(chromium: Browser) -> Callable[[str], BrowserContext]:
    """The browser's profile for a language; it keeps scripts that it has fetched, as a person's does."""
    return cache(lambda locale: chromium.new_context(locale=locale))


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

    def fits(self, width: int) -> bool:
        """Whether nothing that is drawn is wider than the screen."""
        self.settle()
        return bool(
            self.page.evaluate(
                "width => document.querySelector('[data-testid=stMain]').scrollWidth <= width", width
            )
        )

    def run(self) -> str:
        """The id of the run that is open."""
        return str(self.page.evaluate("new URL(location).searchParams.get('run')"))

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


def _probes(message: ConsoleMessage) -> bool:
    """Streamlit's own search for the server's base path, on a page that is not at the root."""
    return any(
        f"/{page}/_stcore/" in message.location["url"]
        for page in ("gates", "write", "directions", "gradients", "basics", "teacher")
    )


class Visits:
    """Opens the playground, each time as a new person; notes page errors, console errors and foreign requests."""

    def __init__(self, profile: Callable[[str], BrowserContext]) -> None:
        self.problems: list[str] = []
        self._profile = profile
        self._pages: list[Page] = []

    def __call__(
        self, server: Server, link: str = "", *, width: int = 1280, locale: str = "en-US", dark: bool = False
    ) -> Visitor:
        page = self._profile(locale).new_page()
        self._pages.append(page)
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if dark else "light")
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", self._hear)
        page.on("request", lambda request: self._check(server, request.url))
        return Visitor(page, server).go(link)

    def end(self) -> None:
        """Close every page, and forget what a person's browser remembers of them."""
        for page in self._pages:
            with suppress(Error):  # a page that never came, or has crashed
                page.evaluate("localStorage.clear()")  # whether the menu is folded away
            page.close()
            page.context.clear_cookies()
            page.context.clear_permissions()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not _probes(message):
            self.problems.append(message.text)

    def _check(self, server: Server, url: str) -> None:
        if not url.startswith((server.url, "data:", "blob:")):
            self.problems.append(f"asked for {url}")


@contextmanager
def visiting(profile: Callable[[str], BrowserContext]) -> Iterator[Visits]:
    visits = Visits(profile)
    try:
        yield visits
    finally:
        visits.end()
    assert visits.problems == []


@pytest.fixture
def visit(profile: Callable[[str], BrowserContext]) -> Iterator[Visits]:
    """Open the playground as a new person; a page error or a console error fails the test."""
    with visiting(profile) as visits:
        yield visits


@pytest.fixture(scope="module")
def visit_first(profile: Callable[[str], BrowserContext]) -> Iterator[Visits]:
    """The same for what a module's tests begin with."""
    with visiting(profile) as visits:
        yield visits


@pytest.fixture
def class_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("PLAYGROUND_IDENTITY", "cookie")
    monkeypatch.setenv("PLAYGROUND_TEACHER_KEY", KEY)
    with running(tmp_path / "data", tmp_path / "server.log") as server:
        yield server


@pytest.fixture
def visit_anew(chromium: Browser) -> Iterator[Visits]:
    """Open the playground, each time with a browser that nobody has used before."""
    with visiting(lambda locale: chromium.new_context(locale=locale)) as visits:
        yield visits
