"""A download is whole and checked, or nothing is kept."""

import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlparse

import pytest

from playground.errors import DownloadError
from playground.text import download, time_machine
from playground.text.corpora import TIME_MACHINE, CorpusLibrary

BOOK = b"The Time Traveller (for so it will be convenient to speak of him)\n" * 30


@contextmanager
def server(body: bytes, *, status: int = 200, promised: int | None = None) -> Iterator[str]:
    """A real HTTP server on this machine that answers every GET alike."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            if promised != -1:
                self.send_header("Content-Length", str(promised or len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_port}/timemachine.txt"
        finally:
            http.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def no_detour(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv("PLAYGROUND_CORPORA", raising=False)


@pytest.fixture
def book_is_right(monkeypatch):
    monkeypatch.setattr(time_machine, "SHA1", hashlib.sha1(BOOK).hexdigest())


def assert_nothing_kept(library: CorpusLibrary) -> None:
    assert not library.directory.exists() or not list(library.directory.iterdir())
    assert not next(info for info in library.all() if info.id == TIME_MACHINE).ready


@pytest.mark.parametrize("promised", [None, -1])
def test_the_right_file_is_kept_and_read(tmp_path, book_is_right, promised):
    with server(BOOK, promised=promised) as url:
        library = CorpusLibrary(tmp_path / "corpora", urls=[url])
        library.fetch_time_machine()
    assert library.load(TIME_MACHINE).text == BOOK.decode()
    assert [file.name for file in library.directory.iterdir()] == ["timemachine.txt"]


@pytest.mark.parametrize("body", [BOOK[:-1], BOOK + b"x", b"<html>Log in first</html>", b""])
def test_another_file_is_refused_with_both_checksums(tmp_path, book_is_right, body):
    with server(body) as url:
        library = CorpusLibrary(tmp_path / "corpora", urls=[url])
        with pytest.raises(DownloadError, match=hashlib.sha1(body).hexdigest()[:12]):
            library.fetch_time_machine()
    assert_nothing_kept(library)


@pytest.mark.parametrize("sent", [0, 1, 700, len(BOOK) - 1])
def test_a_broken_transfer_is_told_with_the_figures(tmp_path, book_is_right, sent):
    with server(BOOK[:sent], promised=len(BOOK)) as url:
        library = CorpusLibrary(tmp_path / "corpora", urls=[url])
        with pytest.raises(DownloadError, match=f"after {sent:,} of {len(BOOK):,} bytes"):
            library.fetch_time_machine()
    assert_nothing_kept(library)


@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_a_refusal_names_host_and_status(tmp_path, book_is_right, status):
    with server(BOOK, status=status) as url:
        library = CorpusLibrary(tmp_path / "corpora", urls=[url])
        with pytest.raises(DownloadError, match=rf"127\.0\.0\.1:\d+ answered {status}"):
            library.fetch_time_machine()
    assert_nothing_kept(library)


def test_a_closed_door_says_cannot_be_reached(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]  # bound but not listening: refuses every call
        library = CorpusLibrary(tmp_path / "corpora", urls=[f"http://127.0.0.1:{port}/timemachine.txt"])
        with pytest.raises(DownloadError, match=f"127.0.0.1:{port} cannot be reached .it refuses"):
            library.fetch_time_machine()
    assert_nothing_kept(library)


def test_an_unknown_host_says_cannot_be_reached(tmp_path):
    library = CorpusLibrary(tmp_path / "corpora", urls=["http://no-such-host.invalid/timemachine.txt"])
    with pytest.raises(DownloadError, match=r"no-such-host\.invalid cannot be reached"):
        library.fetch_time_machine()
    assert_nothing_kept(library)


def test_a_server_that_speaks_no_http_is_a_download_error():
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def hang_up_rudely() -> None:
            with listening.accept()[0] as call:
                call.recv(1_000)
                call.sendall(b"what?\r\n\r\n")

        thread = threading.Thread(target=hang_up_rudely)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        with pytest.raises(DownloadError, match="cannot be reached"):
            download.fetch(url, sha1="", host="here")
        thread.join()


def test_a_silent_server_is_given_up_after_the_timeout():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        with pytest.raises(DownloadError, match="it did not answer in time"):
            download.fetch(url, sha1="", host="here", timeout=0.1)


def test_a_failed_second_download_leaves_the_first_as_it_was(tmp_path, book_is_right):
    with server(BOOK) as url:
        CorpusLibrary(tmp_path / "corpora", urls=[url]).fetch_time_machine()
    with server(b"spoilt") as url:
        library = CorpusLibrary(tmp_path / "corpora", urls=[url])
        with pytest.raises(DownloadError):
            library.fetch_time_machine()
    assert library.load(TIME_MACHINE).text == BOOK.decode()


def test_more_than_a_text_may_have_is_not_read_to_its_end(monkeypatch, tmp_path, book_is_right):
    monkeypatch.setattr(download, "MAX_BYTES", 100)
    with server(BOOK) as url:
        library = CorpusLibrary(tmp_path / "corpora", urls=[url])
        with pytest.raises(DownloadError):
            library.fetch_time_machine()
    assert_nothing_kept(library)


def test_the_next_address_is_asked_where_one_has_another_file_or_does_not_answer(tmp_path, book_is_right):
    with (
        server(b"<html>Log in first</html>") as first,
        server(BOOK, status=503) as second,
        server(BOOK) as third,
    ):
        nowhere = "http://no-such-host.invalid/timemachine.txt"
        library = CorpusLibrary(tmp_path / "corpora", urls=[nowhere, first, second, third])
        library.fetch_time_machine()
    assert library.load(TIME_MACHINE).text == BOOK.decode()


def test_where_no_address_has_the_book_each_ones_answer_and_the_ways_out_are_told(tmp_path, book_is_right):
    with (
        server(b"spoilt") as first,
        server(BOOK, status=404) as second,
        server(BOOK[:7], promised=99) as third,
    ):
        library = CorpusLibrary(tmp_path / "corpora", urls=[first, second, third])
        with pytest.raises(DownloadError) as caught:
            library.fetch_time_machine()
    said = str(caught.value)
    assert said.startswith("None of 3 addresses sends The Time Machine")
    assert f"SHA-1 {hashlib.sha1(b'spoilt').hexdigest()[:12]}" in said
    assert ": 404;" in said
    assert ": 7 / 99 B" in said
    assert "upload timemachine.txt" in said
    assert "PLAYGROUND_CORPORA" in said
    assert_nothing_kept(library)


def test_several_public_addresses_on_different_hosts_are_known():
    assert len({urlparse(url).netloc for url in time_machine.URLS}) == len(time_machine.URLS) >= 3


def test_addresses_that_fail_alike_are_told_together(tmp_path):
    urls = ["http://one.invalid/timemachine.txt", "http://two.invalid/timemachine.txt"]
    with pytest.raises(DownloadError, match=r"\(one\.invalid · two\.invalid: [^;\[]*\)\. Check"):
        CorpusLibrary(tmp_path / "corpora", urls=urls).fetch_time_machine()
