"""Routes and middleware."""

import json
import math
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.resources import files

import numpy as np
import plotly
import pytest
from anyio import to_thread
from safetensors.numpy import save_file
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from pages.shared.i18n import explain_in
from playground.config import ChallengeLimits, CorpusConfig, WriteConfig
from playground.figures.theme import PLOTLY_PATH
from playground.identity import PERSON_HEADER, Identity, person_id
from playground.modules import Modules
from playground.oidc import COOKIE as OIDC_COOKIE
from playground.oidc import Oidc
from playground.records import MACHINE, Account, RunStatus, TrainingFacts
from playground.runs.classroom import Classroom
from playground.runs.server import Server
from playground.server_settings import ServerSettings
from playground.services.checkpoints import CheckpointCache
from playground.services.copies import CopyService
from playground.services.text import TextService
from playground.store import database as database_module
from playground.store.weights import load_arrays
from playground.training.events import EpochDone, SampleMade, Started, StepDone, ThresholdMoved
from playground.web.door import COOKIE
from playground.web.guards import AllowedHosts
from playground.web.history import MOST_POINTS
from playground.web.routes import middleware, routes
from playground.web.writers import Writers
from tests.helpers import ROOT, some_text, tiny_config, until
from tests.runs.test_locked_database import locked


@pytest.fixture
def manager(make_manager):
    return make_manager()


@pytest.fixture
def modules():
    return Modules(ROOT / "assets" / "js")


@pytest.fixture
def writers():
    return Writers(at_once=1, queue=2)


MEI, ALI = Account("a" * 32, "Mei"), Account("b" * 32, "Ali")


def served(server, modules, writers, identity=Identity.alone, **more) -> Starlette:
    """A server's routes, behind its middleware."""
    checkpoints = CheckpointCache(server.manager.store)
    service, copies = TextService(checkpoints), CopyService(checkpoints)
    return Starlette(
        routes=routes(lambda: server, lambda: service, lambda: copies, modules, writers=writers, **more),
        middleware=middleware(AllowedHosts(["testserver"]), identity),
    )


@contextmanager
def asking(manager, modules, writers, **more):
    """A browser at a server."""
    with TestClient(served(Server(manager), modules, writers, **more)) as client:
        yield client


@pytest.fixture
def client(manager, modules, writers):
    with asking(manager, modules, writers) as client:
        yield client


@pytest.fixture
def understood(manager, modules, writers):
    """A browser at a server that speaks its language."""
    with asking(manager, modules, writers, explain=explain_in) as client:
        yield client


@pytest.fixture
def run_id(store):
    return store.create(tiny_config(epochs=4), "Mine").id


def ask(client: TestClient, id: str, after: int = 0) -> dict:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    answer = client.get(f"/api/runs/{id}/history", params={"after": after})
    assert answer.status_code == 200
    return json.loads(answer.text, parse_constant=refuse)


def steps(first: int, last: int) -> list[StepDone]:
    return [StepDone(n, n / 7, 3 - n / 1e6, 1.5, 0.5, 900.0, n / 50) for n in range(first, last + 1)]


def test_increments_put_together_are_the_whole(client, store, run_id):
    parts, cursor = [], 0
    for told in (
        steps(1, 3),
        [*steps(4, 9), EpochDone(1, 9, 2.5, 2.6, 0.2)],
        [],
        [SampleMade(1, 9, "ti", "de"), *steps(10, 11), EpochDone(2, 11, 2.4, None, 0.3)],
    ):
        store.append(run_id, told)
        parts.append(ask(client, run_id, cursor))
        cursor = parts[-1]["cursor"]
    whole = ask(client, run_id)
    for group in ("steps", "epochs"):
        for name, column in whole[group].items():
            assert [value for part in parts for value in part[group][name]] == column
    assert [sample for part in parts for sample in part["samples"]] == whole["samples"]
    assert whole["cursor"] == cursor
    assert (len(whole["steps"]["loss"]), whole["epochs"]["heldout"]) == (11, [2.6, None])


def test_where_theta_stands_and_was_moved_is_told_with_what_it_did(client, store, run_id):
    facts = TrainingFacts("cpu", "a cpu", 1, "2.13.0", 321, 28, 4, 300, 0)
    store.append(run_id, [Started(facts), *steps(1, 3)])
    first = ask(client, run_id)
    assert (first["metrics"]["limit"], first["thresholds"], first["metrics"]["exploded"]) == (1.0, [], False)
    assert first["metrics"]["clipped"] == {"steps": 3, "share": 1.0, "scale": 0.5}
    store.append(run_id, [ThresholdMoved(3 / 7, 3, None), EpochDone(1, 3, 24.0, None, 0.2)])
    news = ask(client, run_id, first["cursor"])
    assert (news["metrics"]["limit"], news["metrics"]["exploded"]) == (None, True)
    assert news["thresholds"] == [{"epoch": 3 / 7, "limit": None}]


def test_two_askers_see_the_same_curve(client, store, run_id):
    store.append(run_id, steps(1, 5_000))
    assert ask(client, run_id) == ask(client, run_id)


def test_a_tick_costs_no_more_after_a_hundred_thousand_steps_than_after_a_hundred(client, store, run_id):
    sizes, done = [], 0
    for n in (100, 100_000):
        store.append(run_id, steps(done + 1, n))
        cursor = store.history(run_id).cursor
        store.append(run_id, steps(n + 1, n + 20))
        done = n + 20
        tick = client.get(f"/api/runs/{run_id}/history?after={cursor}")
        sizes.append((len(tick.json()["steps"]["loss"]), len(tick.content)))
    assert [rows for rows, _ in sizes] == [20, 20]
    assert sizes[1][1] <= 1.3 * sizes[0][1]  # step and epoch numbers have more digits


def test_opening_a_long_run_costs_a_screen_not_the_whole_curve(client, store, run_id):
    store.append(run_id, steps(1, 20_000))
    assert len(ask(client, run_id)["steps"]["loss"]) <= MOST_POINTS + 10


def test_what_is_infinite_or_missing_is_null(client, store, run_id):
    store.append(
        run_id, [StepDone(1, 0.1, 2.0, math.inf, 0.5, 1.0, 0.1), EpochDone(1, 1, 2.0, math.inf, 0.1)]
    )
    answer = ask(client, run_id)
    assert (answer["steps"]["norm"], answer["epochs"]["heldout"]) == ([None], [None])
    assert answer["metrics"]["heldout_loss"] is None


def test_the_example_that_the_panels_are_tested_with_is_what_the_server_answers(client, store, run_id):
    facts = TrainingFacts("cpu", "a cpu", 1, "2.13.0", 321, 28, 4, 300, 0)
    store.append(run_id, [Started(facts), *steps(1, 3), SampleMade(3 / 7, 3, "ti", "de")])
    store.append(run_id, [ThresholdMoved(3 / 7, 3, 0.5), EpochDone(1, 3, 2.5, 2.6, 0.2), *steps(4, 5)])
    example = json.loads((ROOT / "tests" / "js" / "history_example.json").read_text("utf-8"))
    assert ask(client, run_id) == example


def test_a_step_taken_back_shows_in_the_revision(client, store, run_id):
    store.append(run_id, steps(1, 3))
    before = ask(client, run_id)["revision"]
    store.set_status(run_id, RunStatus.FAILED)
    store.rewind(run_id)
    assert ask(client, run_id)["revision"] == before + 1


def test_the_metrics_are_the_runs_own(client, manager, store):
    corpus = store.library.add("Some text", "tide clock rain " * 20).id
    run = manager.wait(manager.start(tiny_config(corpus=corpus, epochs=2)).id, 60)
    answer = ask(client, run.id)
    metrics = answer["metrics"]
    assert (answer["status"], metrics["step"], metrics["epoch"], metrics["epochs"]) == (
        "finished",
        run.step,
        2.0,
        2,
    )
    assert (metrics["train_loss"], metrics["device"], metrics["threads"]) == (run.train_loss, "cpu", 1)
    assert (metrics["vocab_size"], metrics["seconds_left"]) == (run.facts.vocab_size, None)
    assert (metrics["train_unknown"], metrics["heldout_unknown"]) == (0, 0)
    assert (metrics["train_bits"], metrics["heldout_bits"]) == (run.train_bits, run.heldout_bits)
    assert metrics["train_bits"] == pytest.approx(run.train_loss / math.log(2))  # by characters


def test_time_left_and_queue_position_are_told_while_they_mean_something(client, manager, store):
    corpus = store.library.add("Some text", "tide clock rain " * 20).id
    endless = manager.start(tiny_config(corpus=corpus, epochs=100_000)).id
    waiting = manager.start(tiny_config(corpus=corpus)).id
    assert ask(client, waiting)["metrics"]["queue_position"] == 1
    until(lambda: store.get(endless).epoch > 0)
    metrics = ask(client, endless)["metrics"]
    assert metrics["queue_position"] is None
    expected = (100_000 - metrics["epoch"]) * metrics["seconds"] / metrics["epoch"]
    assert metrics["seconds_left"] == pytest.approx(expected)


def test_who_takes_turns_is_told_with_how_many_and_when_the_next_turn_is(client, manager, store):
    corpus = store.library.add("Some text", "tide clock rain " * 20).id
    slices = manager._dispatcher.slices
    slices.first = 0.01
    endless = tiny_config(corpus=corpus, epochs=100_000)
    ann = manager.start(endless, owner="ann").id
    until(lambda: store.get(ann).epoch > 0)
    slices.first = slices.seconds = 600  # Ben's turn, which comes next, goes on while we look
    ben = manager.start(endless, owner="ben").id
    late = manager.start(tiny_config(corpus=corpus), owner="ann").id
    until(lambda: store.get(ben).epoch > 0 and manager.queue_position(ann))
    told = {id: ask(client, id) for id in (ann, ben, late)}
    assert [told[id]["metrics"]["people_beside"] for id in (ann, ben, late)] == [1, 1, 1]
    assert [told[id]["metrics"]["runs_beside"] for id in (ann, ben, late)] == [2, 2, 2]
    assert told[late]["metrics"]["seconds_left"] is None  # nobody knows before it has begun
    assert [told[id]["metrics"]["queue_position"] for id in (ben, late, ann)] == [None, 1, 2]
    now, next_, last = (told[id]["metrics"]["turn_seconds"] for id in (ben, late, ann))
    assert now == 0 < next_ <= 601 and 600 < last - next_ < 601
    left = [told[id]["metrics"]["seconds_left"] for id in (ann, ben)]
    alone = [
        (100_000 - m["epoch"]) * m["seconds"] / m["epoch"] for m in (told[id]["metrics"] for id in (ann, ben))
    ]
    assert all(shared > 1.2 * own for shared, own in zip(left, alone, strict=True))
    manager.pause(ann)
    until(lambda: store.get(ann).status is RunStatus.PAUSED)
    paused = ask(client, ann)["metrics"]
    assert (paused["people_beside"], paused["turn_seconds"], paused["seconds_left"]) == (0, None, None)


@pytest.mark.parametrize("after", ["-1", "1.5", "x", "", "9" * 16, "1e3"])
def test_a_cursor_that_is_no_whole_number_is_a_bad_request(client, run_id, after):
    answer = client.get(f"/api/runs/{run_id}/history", params={"after": after})
    assert answer.status_code == 400
    assert "whole number" in answer.json()["error"]


@pytest.mark.parametrize("id", ["nonsense", "%27%20OR%201=1", "x" * 500])
def test_a_run_that_does_not_exist_is_not_found(client, id):
    answer = client.get(f"/api/runs/{id}/history")
    assert answer.status_code == 404
    assert answer.json()["error"].startswith("There is no run")


def test_plotly_comes_from_the_installed_package_and_may_be_kept_for_ever(client):
    assert plotly.__version__ in PLOTLY_PATH
    answer = client.get(PLOTLY_PATH)
    assert answer.content == (files("plotly") / "package_data" / "plotly.min.js").read_bytes()
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]


def test_a_module_is_found_under_its_version_and_may_be_kept_for_ever(client, modules):
    answer = client.get(modules.path("core/format.js"))
    assert answer.content == (ROOT / "assets" / "js" / "core" / "format.js").read_bytes()
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    again = client.get(f"/js/{modules.version()}-2/core/format.js")
    assert again.content == answer.content


@pytest.mark.parametrize(
    "name", ["nothing.js", "package.json", "../corpora/SOURCES.md", "%2e%2e/logo.svg", "core", ""]
)
def test_nothing_but_the_modules_of_now_is_served_there(client, modules, name):
    assert client.get(f"/js/{modules.version()}/{name}").status_code == 404
    assert client.get("/js/0123456789abcdef/core/format.js").status_code == 404


@pytest.mark.parametrize("path", [PLOTLY_PATH, "/api/runs/nonsense/history", "/nonsense"])
def test_every_answer_carries_the_security_headers(client, path):
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-frame-options"] == "SAMEORIGIN"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_history_can_only_be_read(client, run_id, method):
    assert client.request(method, f"/api/runs/{run_id}/history").status_code == 405


@pytest.fixture
def writer(manager, client, text_id):
    """A trained run that can write."""
    run = manager.start(tiny_config(corpus=text_id))
    manager.wait(run.id, 60)
    return run.id


def lines(client: TestClient, id: str, **query) -> list[dict]:
    answer = client.get(f"/api/runs/{id}/write", params=query)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return [json.loads(line) for line in answer.text.splitlines()]


def test_writing_tells_the_prefix_then_every_token_then_that_it_is_done(client, writer):
    first, *rest = lines(client, writer, prefix="tide é", length=30, temperature=1)
    assert first == {"prefix": [[c, c != "é"] for c in "tide é"]}
    assert [line.get("done", False) for line in rest] == [False] * (len(rest) - 1) + [True]
    tokens = [token for line in rest for token in line["tokens"]]
    assert len(tokens) == 30
    for text, bits, top in tokens:
        assert isinstance(text, str)
        assert bits >= 0
        assert len(top) in (5, 6)  # the chosen one is added where it is not among the likeliest
        assert sum(own for _, own, _ in top) <= 1.001


@pytest.mark.parametrize("level", ["char", "word"])
def test_the_last_line_tells_which_stretches_are_copied_and_nothing_of_the_training_text(
    client, manager, text_id, level
):
    run = manager.start(tiny_config(corpus=text_id, token_level=level, epochs=30, lr=2))
    manager.wait(run.id, 60)
    _prefix, *some, last = lines(client, run.id, prefix="tide", length=200, temperature=0)
    told = [token[0] for line in some for token in line["tokens"]]
    written = run.config.corpus.between.join(told)
    found = CopyService(CheckpointCache(manager.store)).copied(run, written)
    assert last == {
        "tokens": [],
        "done": True,
        "copied": {
            "stretches": [list(stretch) for stretch in found.stretches],
            "longest": list(found.longest),
            "share": pytest.approx(found.share, abs=1e-4),
            "least": 20,
        },
    }


@pytest.mark.parametrize(("language", "word"), [("en", "is gone"), ("zh-CN", "")])
def test_a_text_that_is_gone_is_told_after_what_was_written(understood, writer, manager, language, word):
    for file in manager.store.library.directory.iterdir():
        file.unlink()
    answer = understood.get(
        f"/api/runs/{writer}/write",
        params={"prefix": "tide", "length": 9},
        headers={"accept-language": language},
    )
    *_, last = [json.loads(line) for line in answer.text.splitlines()]
    assert last["done"]
    assert word in last["copied"]["problem"]


def test_the_route_writes_what_the_engine_writes(client, writer, manager):
    record, newest = manager.store.get(writer), manager.store.newest_checkpoint(writer)
    service = TextService(CheckpointCache(manager.store))
    wanted = [token.token for token in service.write(record, newest, "rain", WriteConfig(length=20, seed=3))]
    told = lines(client, writer, prefix="rain", length=20, seed=3)[1:]
    assert [token[0] for line in told for token in line["tokens"]] == wanted
    earlier = lines(client, writer, prefix="rain", length=20, seed=3, epoch=0)[1:]
    assert [token[0] for line in earlier for token in line["tokens"]] != wanted


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({"prefix": "tide", "temperature": "nan"}, 400, "temperature is 'nan'"),
        ({"prefix": "tide", "length": "1000000"}, 400, "length is '1000000'"),
        ({"prefix": ""}, 400, "The text is empty"),
        ({}, 400, "The text is empty"),
        ({"prefix": "tide", "epoch": "soon"}, 400, "epoch is 'soon'"),
        ({"prefix": "tide", "epoch": "99"}, 400, "no checkpoint of epoch 99"),
    ],
)
def test_what_cannot_be_written_is_said(client, writer, query, status, words):
    answer = client.get(f"/api/runs/{writer}/write", params=query)
    assert answer.status_code == status
    assert words in answer.json()["error"]


@pytest.mark.parametrize(("language", "word"), [("zh-CN", "损坏"), ("en", "is damaged"), ("", "is damaged")])
def test_damaged_weights_are_told_in_the_browsers_language(understood, writer, manager, language, word):
    newest = manager.store.newest_checkpoint(writer)
    file = manager.store.run_directory(writer) / newest.weights_file
    file.write_bytes(b"\xff" * 16 + file.read_bytes()[16:])
    answer = understood.get(
        f"/api/runs/{writer}/write", params={"prefix": "tide"}, headers={"accept-language": language}
    )
    assert answer.status_code == 400
    assert word in answer.json()["error"]
    assert newest.weights_file in answer.json()["error"]
    assert "header" not in answer.json()["error"]


def test_a_database_that_is_locked_is_told_to_whoever_wants_a_text(client, writer, manager, monkeypatch):
    monkeypatch.setattr(database_module, "_BUSY_SECONDS", 0.05)
    with locked(manager.store, "EXCLUSIVE"):
        answer = client.get(f"/api/runs/{writer}/write", params={"prefix": "tide"})
    assert answer.status_code == 503
    assert "another program has locked it" in answer.json()["error"]


def test_nobody_writes_for_a_run_that_is_not_here(client):
    assert client.get("/api/runs/nothing/write", params={"prefix": "a"}).status_code == 404


def test_a_network_that_has_diverged_says_so_at_the_end_of_the_stream(client, writer, manager):
    newest = manager.store.newest_checkpoint(writer)
    file = manager.store.run_directory(writer) / newest.weights_file
    weights = load_arrays(file)
    weights["head.bias"][:] = np.nan
    save_file(weights, file)
    manager.store.set_status(writer, RunStatus.DIVERGED)
    *_, last = lines(client, writer, prefix="tide")
    assert "it has diverged" in last["error"]


@pytest.fixture
def turn_taken(client, writers):
    """A turn that lasts until the test has seen enough; everything else has one thread."""

    def leave_one_thread() -> None:
        to_thread.current_default_thread_limiter().total_tokens = 1

    go = threading.Event()
    client.portal.call(leave_one_thread)
    turn = client.portal.start_task_soon(writers.run, go.wait)
    until(lambda: writers.wanting == 1)
    yield go
    go.set()
    turn.result()


def test_history_waits_for_no_text_and_a_text_for_its_turn(client, writer, writers, turn_taken):
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(lines, client, writer, prefix="tide", length=5)
        until(lambda: writers.wanting == 2)
        assert client.get(f"/api/runs/{writer}/history").status_code == 200
        assert not waiting.done()
        turn_taken.set()
        assert waiting.result(60)[-1]["done"]


def test_a_writer_too_many_is_told_when_to_come_again(client, writer, writers, turn_taken):
    second = client.portal.start_task_soon(writers.run, turn_taken.wait)
    until(lambda: writers.wanting == 2)
    refused = client.get(f"/api/runs/{writer}/write", params={"prefix": "tide"})
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 30
    assert "Ask again in" in refused.json()["error"]
    turn_taken.set()
    second.result()
    assert lines(client, writer, prefix="tide", length=5)[-1]["done"]


def test_no_route_of_ours_is_a_page_or_serves_another_site(client, run_id, modules):
    paths = [
        f"/api/runs/{run_id}/history",
        f"/api/runs/{run_id}/write?prefix=a",
        PLOTLY_PATH,
        f"/js/{modules.version}/no.js",
        "/api/wall",
        "/api/challenges/ab12/board",
        "/api/stage",
    ]
    for path in paths:
        answer = client.get(path)
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert client.get(path, headers={"sec-fetch-site": "cross-site"}).status_code == 403
        assert client.get(path, headers={"origin": "https://evil.example"}).status_code == 403


# who asks -------------------------------------------------------------------------------------------


@pytest.fixture
def browser(manager, modules, writers):
    """Browsers of a class; each has a cookie jar of its own."""
    servers = []

    def open_one(**settings) -> tuple[TestClient, Server]:
        settings = ServerSettings(**settings)
        server = Server(manager, Classroom(manager.store, is_class=True, settings=settings))
        servers.append(server)
        app = served(server, modules, writers, lambda: Identity.of(settings, is_alone=False))
        browser = TestClient(app)
        browser.get("/", headers={"accept": "text/html"})
        return browser, server

    yield open_one
    for server in servers:
        server.deletions.close()


ROUTES = ("/api/runs/{id}/history", "/api/runs/{id}/write?prefix=a")


@pytest.mark.parametrize("route", ROUTES)
def test_a_private_run_is_not_told_to_others(browser, store, route):
    mine, _server = browser(sharing="private")
    id = store.create(tiny_config(), "Mine", person_id(mine.cookies[COOKIE])).id
    others, _server = browser(sharing="private")
    refused = others.get(route.format(id=id))
    assert refused.status_code == 404 and "somebody else's" in refused.json()["error"]
    forged = others.get(route.format(id=id), headers={PERSON_HEADER: person_id(mine.cookies[COOKIE])})
    assert forged.status_code == 404
    assert "somebody else's" not in mine.get(route.format(id=id)).text


@pytest.mark.parametrize("route", ROUTES)
def test_who_has_not_entered_the_code_of_the_class_is_told_nothing(browser, store, route):
    one, server = browser(join_code="8472")
    id = store.create(tiny_config(), "Mine").id
    refused = one.get(route.format(id=id))
    assert refused.status_code == 403 and "asks for its code" in refused.json()["error"]
    server.classroom.join(server.classroom.person(person_id(one.cookies[COOKIE])), "8472")
    assert one.get(route.format(id=id)).status_code != 403


# who has logged in -----------------------------------------------------------------------------------


@pytest.fixture
def login_server(manager):
    """A server whose people log in."""
    room = Classroom(
        manager.store, is_class=True, asks_login=True, settings=ServerSettings(sharing="private")
    )
    server = Server(manager, room)
    yield server
    server.deletions.close()


@pytest.fixture
def logged_in(login_server, modules, writers):
    """Browsers of a server whose people log in, each with Streamlit's cookie of one log-in."""
    oidc = Oidc(("",), "s" * 32)
    app = served(login_server, modules, writers, lambda: Identity(True, oidc=oidc))

    def come(cookie: str | None, account: Account | None = None) -> tuple[TestClient, str | None]:
        browser = TestClient(app)
        if cookie is None:
            return browser, None
        signed = create_signed_value("s" * 32, OIDC_COOKIE, cookie).decode() if account else cookie
        browser.cookies[OIDC_COOKIE] = signed
        told = person_id(oidc.secret({OIDC_COOKIE: signed}) or "")
        if account is not None:  # a page has seen it, which Streamlit has told whose it is
            assert login_server.classroom.log_in(told, account)
        return browser, told

    return come


@pytest.mark.parametrize("route", [*ROUTES, "/api/wall"])
def test_who_has_not_logged_in_is_told_nothing(logged_in, store, route):
    id = store.create(tiny_config(), "Mine", MEI.person).id
    logged_in("signed-for-mei", MEI)
    for cookie in (None, "never-seen-by-a-page", MEI.person):
        stranger, _told = logged_in(cookie)
        for headers in ({}, {PERSON_HEADER: MEI.person}):
            refused = stranger.get(route.format(id=id), headers=headers)
            assert refused.status_code == 403 and refused.json()["error"].startswith("Log in first.")


def test_routes_obey_whoever_has_logged_in_on_each_of_their_browsers_until_they_log_out(
    logged_in, login_server, store
):
    id = store.create(tiny_config(), "Mine", MEI.person).id
    phone, told = logged_in("signed-on-a-phone", MEI)
    laptop, _told = logged_in("signed-on-a-laptop", MEI)
    others, _told = logged_in("signed-for-ali", ALI)
    route = f"/api/runs/{id}/history"
    assert phone.get(route).status_code == laptop.get(route).status_code == 200
    assert others.get(route).status_code == 404
    login_server.classroom.log_out(told)
    assert phone.get(route).status_code == 403
    assert laptop.get(route).status_code == 200


def test_a_persons_texts_are_counted_on_all_their_browsers(logged_in, store, writers):
    writer = store.create(tiny_config(), "Mine", MEI.person).id
    logged_in("signed-on-a-phone", MEI)
    laptop, _told = logged_in("signed-on-a-laptop", MEI)
    held = [writers.admit(MEI.person) for _ in range(2)]
    refused = laptop.get(f"/api/runs/{writer}/write", params={"prefix": "tide"})
    assert refused.status_code == 429 and "Texts that are being written for you: 2" in refused.json()["error"]
    for text in held:
        text.close()


def test_a_persons_third_text_waits_while_two_are_written(browser, client, writer, writers):
    mine, _server = browser()
    ann = person_id(mine.cookies[COOKIE])
    others = [writers.admit(ann) for _ in range(2)]
    address = f"/api/runs/{writer}/write"
    refused = mine.get(address, params={"prefix": "tide"})
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert "Texts that are being written for you: 2" in refused.json()["error"]
    somebody, _server = browser()
    assert somebody.get(address, params={"prefix": "tide"}).status_code == 200
    others[0].close()
    for _ in range(3):  # one after another: each leaves its place, also where it fails
        assert mine.get(address, params={"prefix": "tide", "length": 3}).status_code == 200
        assert mine.get(address, params={"prefix": ""}).status_code == 400


def test_on_ones_own_machine_nobody_counts_texts(client, writer, writers):
    for _ in range(5):
        writers.admit()
    assert lines(client, writer, prefix="tide", length=5)[-1]["done"]


def test_the_wall_is_told_to_the_teacher_alone(browser, store):
    one, server = browser(teacher_key="the-teachers-key")
    id = store.create(tiny_config(), "Mine").id
    refused = one.get("/api/wall")
    assert refused.status_code == 403 and refused.json()["error"].startswith("Only the teacher")
    assert one.get("/api/wall", headers={PERSON_HEADER: ""}).status_code == 403
    server.classroom.become_teacher(
        server.classroom.person(person_id(one.cookies[COOKIE])), "the-teachers-key"
    )
    told = one.get("/api/wall").json()
    assert told["ids"] == [id] and told["cards"][0]["name"] == "Mine"
    assert one.get(f"/api/wall?since={told['cursor']}").json()["cards"] == []
    assert one.get("/api/wall?since=soon").status_code == 400


def test_a_challenges_board_is_told_to_everybody_who_has_joined(browser, store):
    one, server = browser(join_code="open sesame")
    text = store.library.add("Rain", some_text()).id
    challenge = server.challenges.make(
        MACHINE, "Rain", CorpusConfig(corpus=text), ChallengeLimits(most_parameters=None)
    )
    me = server.classroom.person(person_id(one.cookies[COOKIE]))
    id = store.create(tiny_config(corpus=text), "Mine", me.id, challenge.id).id
    address = f"/api/challenges/{challenge.id}/board"
    assert one.get(address).status_code == 403
    server.classroom.join(me, "open sesame")
    (line,) = one.get(address).json()["lines"]
    assert (line["best"]["id"], line["best"]["perplexity"], line["rank"], line["is_own"]) == (
        id,
        "–",
        None,
        True,
    )
    assert one.get("/api/challenges/nothing/board").status_code == 404


def test_every_page_can_ask_whether_something_else_is_shown(browser):
    one, server = browser(teacher_key="the-teachers-key")
    before = one.get("/api/stage").json()
    server.classroom.become_teacher(
        server.classroom.person(person_id(one.cookies[COOKIE])), "the-teachers-key"
    )
    teacher = server.classroom.person(person_id(one.cookies[COOKIE]))
    server.stage.show(teacher, "gates", {"run": "ab12"})
    after = one.get("/api/stage").json()
    assert set(after) == {"version"} and after != before  # nothing of what is shown
    server.standstill.pause_all(teacher)
    assert one.get("/api/stage").json() not in (before, after)
