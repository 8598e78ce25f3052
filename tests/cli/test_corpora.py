"""`corpora`: fetch, list, add and remove texts."""

import json
import unicodedata

import pytest

from playground.store.run_store import RunStore
from playground.text.corpora import TIME_MACHINE
from tests.cli.helpers import last_line
from tests.helpers import some_text


@pytest.fixture(autouse=True)
def no_shared_folder(monkeypatch):
    monkeypatch.delenv("PLAYGROUND_CORPORA", raising=False)


def test_list_tells_every_text_and_what_is_missing(cli):
    texts = {info["id"]: info for info in json.loads(cli("corpora", "list", "--json").stdout)}
    bundled = ["the_tide_clock", "yujie_zhongbiao", "mallow_quay", "liuwan_dukou"]
    assert list(texts) == [*bundled, TIME_MACHINE]
    assert [id for id, info in texts.items() if info["ready"]] == bundled
    assert "corpora fetch" in cli("corpora", "list").stdout


def test_an_added_text_is_listed_and_can_be_trained_on_and_not_removed_then(cli, train, text_file):
    told = last_line(cli("corpora", "add", text_file, "--title", "Rain\n & tide", "--json"))
    assert (told["title"], told["characters"]) == ("Rain & tide", len(some_text()))
    assert told["id"] in cli("corpora", "list", "--json").stdout
    run = last_line(train(corpus=told["id"]))["run_id"]
    refused = cli("corpora", "remove", told["id"])
    assert refused.exit_code == 2
    assert "'Rain & tide' stays: the run" in refused.stderr
    assert cli("runs", "delete", run, "--yes").exit_code == 0
    assert cli("corpora", "remove", told["id"]).exit_code == 0
    assert told["id"] not in cli("corpora", "list", "--json").stdout


def test_the_same_bytes_under_another_name_keep_the_first_ones_title(cli, text_file):
    cli("corpora", "add", text_file)
    assert last_line(cli("corpora", "add", text_file, "--title", "Other", "--json"))["title"] == "my text"


def test_a_copy_of_the_time_machine_is_the_time_machine(
    cli, train, data, time_machine, tmp_path, monkeypatch
):
    monkeypatch.delenv("PLAYGROUND_CORPORA")
    file = tmp_path / "wells.txt"
    file.write_bytes(time_machine.text.replace("\n", "\r\n").encode())
    assert last_line(cli("corpora", "add", file, "--json"))["id"] == TIME_MACHINE
    told = last_line(cli("corpora", "fetch", "--json"))  # needs no network then
    assert told == {
        "id": TIME_MACHINE,
        "title": "The Time Machine",
        "file": str(data / "corpora/timemachine.txt"),
    }
    run = last_line(train(corpus=file, max_tokens=100))["run_id"]
    store = RunStore(data)
    assert store.get(run).config.corpus.corpus == TIME_MACHINE
    store.close()


def test_texts_that_differ_in_form_alone_are_told_as_such(cli, tmp_path):
    text = "Le café était fermé. " * 9
    composed, decomposed = tmp_path / "one.txt", tmp_path / "two.txt"
    composed.write_text(text, "utf-8")
    decomposed.write_text(unicodedata.normalize("NFD", text), "utf-8")
    assert "NFC" not in cli("corpora", "add", composed).stderr
    assert "'one'" in " ".join(cli("corpora", "add", decomposed).stderr.split())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["remove", "the_tide_clock"], "'The Tide Clock' belongs to the playground"),
        (["remove", TIME_MACHINE], "'The Time Machine' belongs to the playground"),
        (["remove", "text-0123456789abcdef"], "There is no text 'text-0123456789abcdef' here"),
        (["remove", "../x"], "There is no text '../x' here"),
        (["add", "no/such/file.txt"], "The file no/such/file.txt cannot be read (there is no such file"),
        (["add", "/"], "cannot be read (a folder stands where a file should be)"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(cli, words, sentence):
    result = cli("corpora", *words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert sentence in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_failed_fetch_tells_the_ways_out(cli, monkeypatch):
    from playground.text import corpora

    nowhere = ("http://no-such-host.invalid/a", "http://other.invalid/b")
    monkeypatch.setattr(corpora.CorpusLibrary.__init__, "__kwdefaults__", {"urls": nowhere})
    result = cli("corpora", "fetch")
    assert result.exit_code == 2
    for word in ("None of 2 addresses", "no-such-host.invalid · other.invalid: ", "PLAYGROUND_CORPORA"):
        assert word in result.stderr
