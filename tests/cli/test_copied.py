"""`copied`: what of a text stands in what a run was trained on."""

import pytest

from playground.services.checkpoints import CheckpointCache
from playground.services.copies import CopyService
from playground.store.run_store import RunStore
from tests.cli.helpers import last_line
from tests.helpers import some_text

TEXT = some_text()


def expected(data, id: str, text: str):
    store = RunStore(data)
    found = CopyService(CheckpointCache(store)).copied(store.get(id), text)
    store.close()
    return found


def test_the_last_line_tells_what_the_service_found(cli, train, data):
    id = last_line(train())["run_id"]
    text = TEXT[20:70] + "??" + TEXT[3:28]
    told = last_line(cli("copied", id, "--text", text, "--json"))
    found = expected(data, id, text)
    assert list(told) == [
        "run_id", "text", "least", "share", "stretches", "longest", "longest_text", "found_at",
    ]  # fmt: skip
    assert (told["run_id"], told["text"], told["least"], told["share"]) == (id, text, 20, found.share)
    assert [tuple(stretch) for stretch in told["stretches"]] == list(found.stretches)
    assert (tuple(told["longest"]), told["found_at"]) == (found.longest, found.found_at)
    assert told["longest_text"] == text[slice(*found.longest)]


def test_a_file_is_read_as_the_run_reads_its_own_text(cli, train, tmp_path):
    last_line(train(token_level="word"))
    file = tmp_path / "written.txt"
    words = TEXT.split()[:12]
    file.write_text("\r\n".join(words), "utf-8")
    told = last_line(cli("copied", "latest", "--file", file, "--json"))
    assert (told["text"], told["share"]) == (" ".join(words), 1)


def test_without_json_each_stretch_has_a_line(cli, train):
    train()
    text = TEXT[20:70] + "??"
    result = cli("copied", "latest", "--text", text)
    assert result.exit_code == 0
    first, longest, stretch = result.stdout.splitlines()
    assert first == "Copied in pieces of 20 characters or more: 96.2% of 52 characters."
    assert longest == f"Longest: 50 characters, at 20 in the training text: {TEXT[20:70]!r}"
    assert stretch == f"0–50: {TEXT[20:70]!r}"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "either --text or --file"),
        (["--text", "a", "--file", "b"], "either --text or --file"),
        (["--file", "no/such file"], "cannot be read"),
    ],
    ids=str,
)
def test_bad_input_is_exit_code_2_and_one_sentence(cli, train, words, said):
    train()
    result = cli("copied", "latest", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
