"""`cells`: the way from a run to a cell without a page."""

import numpy as np
import pytest

from playground.config import Surgery
from playground.records import FIRST_LAYER
from playground.services.cells import CellService
from playground.services.checkpoints import CheckpointCache
from playground.services.surgery import SurgeryService
from playground.store.run_store import RunStore
from tests.cli.helpers import last_line
from tests.helpers import some_text

LONG = 2_000


@pytest.fixture
def text_file(tmp_path):
    file = tmp_path / "my text.txt"
    file.write_text(some_text(LONG), "utf-8")
    return file


@pytest.fixture
def run(train):
    """A small run's id."""
    return last_line(train(hidden_size=12, num_layers=2, cell="lstm", held_out=0.5))["run_id"]


@pytest.fixture
def engine(data, run):
    """The same through the engine's own door."""
    store = RunStore(data)
    service = CellService(CheckpointCache(store))
    yield service, store.get(run), store.newest_checkpoint(run)
    store.close()


def test_a_trace_is_summed_up_and_written(cli, run, tmp_path, engine):
    file = tmp_path / "trace.npz"
    told = last_line(cli("cells", "trace", run, "--layer", 2, "--out", file, "--json"))
    assert (told["tokens"], told["of"], told["units"]) == (LONG, LONG, 12)
    service, record, checkpoint = engine
    trace = service.trace(record, checkpoint, type(FIRST_LAYER)(1, 0))
    with np.load(file, allow_pickle=False) as arrays:
        assert set(arrays) == {*"ifgoch", "ids", "tokens"}
        np.testing.assert_array_equal(arrays["c"], trace.values["c"])
        assert "".join(arrays["tokens"][arrays["ids"]]) == some_text(LONG)


def test_ideas_are_listed_with_a_person_s_own(cli, run, tmp_path):
    track = tmp_path / "mine.csv"
    track.write_text("position,value\n0,1\n1,0\n2,1\n")
    told = last_line(cli("cells", "annotations", run, "--regex", "the k=k", "--track", track, "--json"))[
        "annotations"
    ]
    titles = [each["title"] for each in told]
    assert titles[-2:] == ["the k", "mine"]
    assert "vowel" in titles


def test_findings_are_those_of_the_engine(cli, run, engine):
    service, record, checkpoint = engine
    told = last_line(cli("cells", "find", run, "--json"))
    findings = service.find(record, checkpoint)
    assert [each["name"] for each in told["findings"]] == [finding.name for finding in findings]
    for mine, finding in zip(told["findings"], findings, strict=True):
        assert mine["verdict"] == finding.verdict
        if finding.best is None:
            assert mine["units"] == []
            assert mine["chance"] is None
        else:
            assert mine["units"][0]["score"] == pytest.approx(finding.best.score)
            assert mine["ablation"]["draws"] == 200
    assert all(
        each["ablation"] is None
        for each in last_line(cli("cells", "find", run, "--no-check", "--json"))["findings"]
    )


def test_a_stretch_is_matched_with_what_stands_around_it(cli, run, engine):
    service, record, checkpoint = engine
    told = last_line(
        cli(
            "cells",
            "match",
            run,
            "--from",
            50,
            "--to",
            53,
            "--threshold",
            0,
            "--most",
            5,
            "--context",
            7,
            "--json",
        )
    )
    found = service.match(record, checkpoint, FIRST_LAYER, "h", 50, 53, 0.0, most=5)
    assert told["units"] == list(found.units)
    assert [each["from"] for each in told["matches"]] == [match.start for match in found.found]
    for each in told["matches"]:
        start = each["from"]
        assert (
            each["before"] + each["text"] + each["after"] == some_text(LONG)[max(0, start - 7) : start + 10]
        )


def test_a_cut_tells_the_loss_by_class_and_both_texts(cli, run, engine):
    service, record, checkpoint = engine
    told = last_line(
        cli("cells", "cut", run, "--set", "h3=0, f*=1", "--prefix", "tide ", "--length", 20, "--json")
    )
    theatre = SurgeryService(service.traces.checkpoints, service)
    assert told["surgery"] == "h3=0, f*=1"
    assert told["is_held_out"]
    assert told["classes"][0]["tokens"] == told["tokens"]
    plain, cut = told["texts"]
    from playground.config import WriteConfig

    assert plain == "".join(
        t.token for t in theatre.write(record, checkpoint, "tide ", WriteConfig(length=20), Surgery())
    )
    assert len(cut) == 20


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["find", "--layer", 3], "There is no layer 3; this network has 2."),
        (["find", "--backward"], "reads in one direction only. Leave --backward out."),
        (["match", "--from", 50, "--to", 40], "ends at 40, before it begins"),
        (["match", "--from", 50, "--to", 5000], "has 2,000 tokens"),
        (["match", "--from", 5, "--to", 8, "--quantity", "r"], "has no r"),
        (["cut", "--set", "h99=0"], "no unit 99"),
        (["annotations", "--regex", "x=("], "regular expression"),
        (["trace", "--out", "/no/where.npz"], "cannot be written"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(cli, run, words, told):
    result = cli("cells", words[0], run, *words[1:])
    assert result.exit_code == 2, result.output
    assert told in " ".join(result.output.split()).replace("│ ", "").replace(" │", "")
