"""`python -m playground bench …` on sizes that take milliseconds."""

import dataclasses
import json
import math
import os
import platform
from itertools import pairwise

import pytest
import torch
from typer.testing import CliRunner

from playground.benchmarks import cloze, common, d2l, gates, generate, reach, scoreboard
from playground.benchmarks.machine import describe_machine
from playground.benchmarks.plain_loop import textbook_batches
from playground.benchmarks.report import Table
from playground.benchmarks.textbook import Comparison, compare, table
from playground.cells import CELLS
from playground.cli import app
from playground.config import from_flat
from playground.records import Accuracy, RunStatus, perplexity
from playground.text.corpora import CorpusLibrary

TINY = {
    "corpus": "the_tide_clock",
    "max_tokens": 600,
    "hidden_size": 8,
    "batch_size": 4,
    "num_steps": 5,
    "sample_length": 3,
    "threads": 1,
    "device": "cpu",
}


def test_both_sides_of_the_comparison_learn_the_same_at_some_speed(tmp_path):
    heard = []
    results = list(
        compare(CELLS, CorpusLibrary(tmp_path), rounds=2, epochs=3, settings=TINY, tell=heard.append)
    )
    assert [c.cell for c in results] == list(CELLS)
    for c in results:
        assert len(c.ours) == len(c.textbook) == 2
        assert min(c.ours + c.textbook) > 0
        assert c.our_perplexity == pytest.approx(
            c.textbook_perplexity, rel=0.25
        )  # other weights to start from
        assert c.our_perplexity < 28
    assert heard[:2] == ["rnn: warm-up", "rnn: round 1 of 2"]
    assert len(table(results).rows) == 3


def test_the_ratio_is_that_of_the_medians():
    c = Comparison(
        "gru", ours=(9.0, 19.0, 500.0), textbook=(20.0, 1.0, 21.0), our_perplexity=2, textbook_perplexity=2
    )
    assert (c.ratio, c.passed) == (0.95, True)
    assert c.round_ratios == (0.45, 19.0, pytest.approx(23.81, abs=0.01))
    assert not dataclasses.replace(c, ours=(9.0, 18.9, 500.0)).passed


def test_the_textbooks_batches_are_neighbours_and_their_targets_one_further():
    corpus = torch.arange(100)
    batches = list(textbook_batches(corpus, batch_size=3, num_steps=4))
    for x, y in batches:
        assert torch.equal(y, x + 1)
    for (before, _), (after, _) in pairwise(batches):
        assert torch.equal(after[:, 0], before[:, -1] + 1)


def test_a_row_beyond_its_bound_does_not_pass(make_manager):
    manager = make_manager()
    heard = []
    result = d2l.train_row(
        manager, d2l.ROWS["rnn"], TINY | {"epochs": 2}, lambda preset, run: heard.append((preset, run.id))
    )
    assert result.perplexity > d2l.ROWS["rnn"].bound
    assert not result.passed
    assert dataclasses.replace(result, row=dataclasses.replace(result.row, bound=99.0)).passed
    assert result.sample.startswith("time traveller")
    assert heard[-1] == ("d2l_rnn", result.run.id)
    assert json.loads(json.dumps(result.to_json()))["passed"] is False


def test_a_model_that_has_seen_the_future_writes_nothing(make_manager):
    result = d2l.train_row(make_manager(), d2l.ROWS["bilstm"], TINY | {"epochs": 1}, lambda *_: None)
    assert result.sample == ""
    assert "read the future" in " ".join(d2l.rows_table([result]).rows[0])


def test_the_race_uses_a_run_that_is_there_and_says_when_nobody_arrives(make_manager):
    manager = make_manager()
    settings = TINY | {"epochs": 1}
    sgd = d2l.train_row(manager, d2l.ROWS["lstm"], settings, lambda *_: None).run
    results = list(d2l.race(manager, settings, lambda *_: None, {"d2l_lstm": sgd}))
    assert [r.run.config.train.optimizer for r in results] == ["sgd", "adamw"]
    assert results[0].run.id == sgd.id
    assert [(r.epochs, r.seconds) for r in results] == [(None, None)] * 2
    assert [row[1] for row in d2l.race_table(results).rows] == ["never", "never"]


@pytest.mark.parametrize("cell", CELLS)
def test_a_look_and_the_layers_alone_compute_the_same_in_some_time(cell):
    timing = gates.measure(cell, 3, tokens=7, hidden_size=8)
    assert len(timing.ours) == len(timing.stock) == 3
    assert min(timing.ours + timing.stock) > 0
    assert timing.difference < 1e-6
    assert timing.passed


def test_only_the_median_of_an_lstm_is_held_to_the_limit():
    timing = gates.Timing("lstm", ours=(1.0, 30.0, 500.0), stock=(10.0, 20.0, 15.0), difference=0.0)
    assert (timing.milliseconds, timing.ratio, timing.asked, timing.passed) == (30.0, 2.0, 30.0, True)
    slow = dataclasses.replace(timing, ours=(30.1,) * 3)
    assert not slow.passed
    assert dataclasses.replace(slow, cell="gru").passed
    assert [row[5] for row in gates.table([timing, slow]).rows] == ["yes", "NO"]


def test_a_process_of_its_own_measures_and_leaves_no_settings_behind(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    before = dict(os.environ)
    (timing,) = gates.compare(["rnn"], rounds=1)
    assert timing.difference < 1e-5
    assert dict(os.environ) == before


@pytest.mark.parametrize(("milliseconds", "code"), [(29.0, 0), (31.0, 1)])
def test_missing_what_is_asked_of_a_look_is_exit_code_1(monkeypatch, tmp_path, milliseconds, code):
    def compare(cells, *, rounds):
        return [gates.Timing(cell, (milliseconds,) * rounds, (10.0,) * rounds, 0.0) for cell in cells]

    monkeypatch.setattr(gates, "compare", compare)
    result = CliRunner().invoke(
        app, ["bench", "gates", "--rounds", "3", "--json", "--out", str(tmp_path / "table.md")]
    )
    assert result.exit_code == code
    told = json.loads(result.stdout.strip().splitlines()[-1])
    assert told["passed"] == (code == 0)
    assert [(c["cell"], c["milliseconds"]) for c in told["cells"]] == [(c, milliseconds) for c in CELLS]
    assert "| lstm |" in (tmp_path / "table.md").read_text()


@pytest.mark.parametrize("cell", CELLS)
def test_writing_and_the_textbooks_predict_write_the_same_in_some_time(cell):
    speed = generate.measure(cell, 3, characters=40, hidden_size=8)
    sides = (speed.ours, speed.drawn, speed.textbook, speed.no_grad)
    assert [len(side) for side in sides] == [3] * 4
    assert min(min(side) for side in sides) > 0
    assert speed.alike == 40


def test_only_the_textbook_as_it_is_printed_is_asked_to_be_five_times_slower():
    speed = generate.Speed("gru", (1.0, 50.0, 900.0), (30.0,) * 3, (9.0, 10.0, 11.0), (20.0,) * 3, alike=400)
    assert (speed.ratio, speed.ratio_no_grad, speed.ratio_drawn, speed.passed) == (5.0, 2.5, 3.0, True)
    slow = dataclasses.replace(speed, ours=(49.9,) * 3)
    assert not slow.passed
    assert [row[5] for row in generate.table([speed, slow]).rows] == ["yes", "NO"]


@pytest.mark.parametrize(("speed", "code"), [(50.0, 0), (49.0, 1)])
def test_writing_too_slowly_is_exit_code_1(monkeypatch, tmp_path, speed, code):
    def compare(cells, *, rounds):
        others = ((40.0,) * rounds, (10.0,) * rounds, (12.0,) * rounds)
        return [generate.Speed(cell, (speed,) * rounds, *others, alike=400) for cell in cells]

    monkeypatch.setattr(generate, "compare", compare)
    result = CliRunner().invoke(
        app, ["bench", "generate", "--rounds", "3", "--json", "--out", str(tmp_path / "table.md")]
    )
    assert result.exit_code == code
    told = json.loads(result.stdout.strip().splitlines()[-1])
    assert told["passed"] == (code == 0)
    assert [(c["cell"], c["ratio"], c["alike"]) for c in told["cells"]] == [
        (c, speed / 10, 400) for c in CELLS
    ]
    assert "| lstm |" in (tmp_path / "table.md").read_text()


def test_both_sides_and_the_left_one_are_trained_alike_and_counted(make_manager):
    heard = []
    settings = TINY | {"held_out": 0.2, "epochs": 1}
    results = cloze.compare(make_manager(), settings, lambda title, run: heard.append((title, run.id)))
    both, left = results.both.run.config, results.left.run.config
    assert (both.model.objective, both.model.bidirectional) == ("masked", True)
    assert (left.model.objective, left.model.bidirectional) == ("next", False)
    assert (both.train, both.corpus) == (left.train, left.corpus)
    assert results.both.accuracy.of == results.left.accuracy.of == 118
    assert results.points == 100 * (results.both.accuracy.share - results.left.accuracy.share)
    assert [dict(heard)[title] for title in cloze.SIDES] == [results.both.run.id, results.left.run.id]
    assert json.loads(json.dumps(results.to_json()))["passed"] == results.passed


def cloze_of(right: int, runs) -> cloze.Comparison:
    """So many of a thousand blanks from both sides, and half of them from the left."""
    both, left = runs
    return cloze.Comparison(
        cloze.Side("both", both, Accuracy(right, 1_000)), cloze.Side("left", left, Accuracy(500, 1_000))
    )


def test_fifteen_points_are_asked_and_a_run_that_broke_off_has_none(store):
    runs = [store.create(from_flat(TINY), name) for name in ("a", "b")]
    assert [cloze_of(right, runs).passed for right in (650, 649)] == [True, False]
    assert cloze_of(650, runs).points == pytest.approx(15)
    broken = dataclasses.replace(cloze_of(900, runs), left=cloze.Side("left", runs[1], None))
    assert (broken.points, broken.passed) == (None, False)
    assert json.loads(json.dumps(broken.to_json()))["sides"][1]["accuracy"] is None
    assert [row[-1] for row in cloze.table(broken).rows] == ["NO", ""]
    assert [row[1] for row in cloze.table(broken).rows] == ["90.0% of 1,000", "-"]


@pytest.mark.parametrize(("right", "code"), [(700, 0), (600, 1)])
def test_filling_in_too_few_blanks_is_exit_code_1(monkeypatch, tmp_path, store, right, code):
    runs = [store.create(from_flat(TINY), name) for name in ("a", "b")]
    asked = []
    monkeypatch.setattr(common, "fetch_if_missing", lambda *_: None)
    monkeypatch.setattr(
        cloze, "compare", lambda manager, settings, watch: [asked.append(settings), cloze_of(right, runs)][1]
    )
    out = tmp_path / "table.md"
    result = CliRunner().invoke(
        app, ["bench", "cloze", "--epochs", "2", "--threads", "1", "--json", "--out", str(out)]
    )
    assert result.exit_code == code, result.output
    assert asked == [{"threads": 1, "device": "cpu", "epochs": 2}]
    told = json.loads(result.stdout.strip().splitlines()[-1])
    assert (told["passed"], told["points"]) == (code == 0, pytest.approx(right / 10 - 50))
    assert f"{right / 10:.1f}% of 1,000" in out.read_text()


def test_the_preset_is_trained_and_its_lowest_held_out_perplexity_is_told_beside_its_last(make_manager):
    heard = []
    settings = TINY | {"held_out": 0.2, "epochs": 3, "sample_every": 0}
    score = scoreboard.train(make_manager(), settings, lambda title, run: heard.append((title, run.id)))
    assert (score.run.config.train.optimizer, score.run.epoch) == ("adamw", 3)
    assert score.best_epoch in (1, 2, 3)
    assert perplexity(score.best_loss) <= score.perplexity
    assert not score.passed
    assert dict(heard) == {scoreboard.PRESET: score.run.id}
    told = json.loads(json.dumps(score.to_json()))
    assert (told["passed"], told["asked"], told["epochs"]) == (False, 4.09, 3)


def test_without_held_out_text_there_is_no_score(make_manager):
    settings = TINY | {"held_out": 0, "epochs": 1, "sample_every": 0}
    score = scoreboard.train(make_manager(), settings, lambda *_: None)
    assert (score.perplexity, score.best_epoch, score.passed) == (math.inf, None, False)
    assert json.loads(json.dumps(score.to_json()))["heldout_perplexity"] is None
    assert scoreboard.table(score).rows[-1] == ("passed", "", "NO")


@pytest.mark.parametrize(
    ("heldout", "seconds", "status", "passed"),
    [
        (4.08, 300.0, RunStatus.FINISHED, True),
        (4.10, 300.0, RunStatus.FINISHED, False),
        (4.08, 301.0, RunStatus.FINISHED, False),
        (4.08, 300.0, RunStatus.STOPPED, False),
    ],
)
def test_below_the_5gram_in_five_minutes_is_what_passes(
    monkeypatch, tmp_path, store, heldout, seconds, status, passed
):
    made = store.create(from_flat(TINY), "a")
    run = dataclasses.replace(made, heldout_loss=math.log(heldout), seconds=seconds, status=status)
    asked = []
    monkeypatch.setattr(common, "fetch_if_missing", lambda *_: None)
    monkeypatch.setattr(
        scoreboard,
        "train",
        lambda manager, settings, watch: [asked.append(settings), scoreboard.Score(run, 7, run.heldout_loss)][
            1
        ],
    )
    out = tmp_path / "table.md"
    result = CliRunner().invoke(
        app,
        [
            "bench",
            "scoreboard",
            "--epochs",
            "2",
            "--seed",
            "5",
            "--threads",
            "1",
            "--json",
            "--out",
            str(out),
        ],
    )
    assert result.exit_code == (0 if passed else 1), result.output
    assert asked == [{"threads": 1, "device": "cpu", "seed": 5, "epochs": 2}]
    told = json.loads(result.stdout.strip().splitlines()[-1])
    assert (told["passed"], told["heldout_perplexity"]) == (passed, pytest.approx(heldout))
    assert f"{heldout:.3f} (epoch 7)" in out.read_text()


@pytest.mark.parametrize("cell", CELLS)
def test_reach_is_timed(cell):
    timing = reach.time_cell(cell, 3, hidden_size=8, furthest=10)
    assert len(timing.seconds) == 3
    assert min(timing.seconds) > 0
    assert timing.passed
    slow = dataclasses.replace(timing, seconds=(0.5, 1.01, 9.0))
    assert not slow.passed
    assert [row[-1] for row in reach.speed_table([timing, slow]).rows] == ["yes", "NO"]


def test_fresh_cells_tell_what_is_left(make_manager):
    results = list(reach.fresh_lines(make_manager(), hidden_size=16))
    rows = reach.lines_table("t", results).rows
    assert [row[:2] for row in rows[:4]] == [("RNN", "x"), ("RNN", "h"), ("GRU", "x"), ("GRU", "h")]
    assert {row[0]: row[-1] for row in rows}["GRU, gain 1.6"] == "1.60"
    assert json.loads(json.dumps(results[0].to_json()))["network"] == "RNN"


def test_trained_cells_are_stopped_at_the_target_and_measured_before_and_after(make_manager):
    manager, heard = make_manager(), []
    settings = TINY | {"epochs": 40, "batch_size": 2, "num_steps": 10}
    results = list(reach.trained_lines(manager, settings, lambda title, run: heard.append(title), target=1e9))
    assert [line.title.split(",")[0] for line in results] == ["RNN", "RNN", "GRU", "GRU", "LSTM", "LSTM"]
    assert results[0].title.endswith("fresh")
    assert all(run.epoch <= 40 for run in manager.store.all())
    assert results[0].reach.layers[0].state.tobytes() != results[1].reach.layers[0].state.tobytes()
    assert set(heard) == {"bench rnn", "bench gru", "bench lstm"}


def test_what_is_remembered_of_brackets_is_told_by_cell_and_seed(make_manager):
    settings = {"threads": 1, "device": "cpu", "epochs": 1, "hidden_size": 8, "max_tokens": 1_500}
    results = list(reach.brackets_remembered(make_manager(), settings, lambda *_: None, seeds=[0, 5]))
    rows = reach.brackets_table(results).rows
    assert [row[:2] for row in rows] == [(cell, seed) for cell in CELLS for seed in ("0", "5")]
    told = json.loads(json.dumps([result.to_json() for result in results]))
    assert all(0 <= row["right"] <= 1 for row in told)


@pytest.mark.parametrize(("seconds", "code"), [(0.9, 0), (1.1, 1)])
def test_measuring_reach_too_slowly_is_exit_code_1(monkeypatch, tmp_path, seconds, code):
    monkeypatch.setattr(
        reach, "time_cells", lambda rounds: [reach.Timing(c, (seconds,) * rounds) for c in CELLS]
    )
    out = tmp_path / "table.md"
    result = CliRunner().invoke(
        app,
        [
            "bench",
            "reach",
            "--parts",
            "speed",
            "--rounds",
            "2",
            "--threads",
            "1",
            "--json",
            "--out",
            str(out),
        ],
    )
    assert result.exit_code == code, result.output
    told = json.loads(result.stdout.strip().splitlines()[-1])
    assert (told["passed"], told["cells"][0]["seconds"]) == (code == 0, [seconds] * 2)
    assert "| lstm |" in out.read_text()


def test_a_machine_is_described_without_its_name_and_without_a_path():
    described = describe_machine(threads=3)
    for secret in filter(None, (platform.node(), "/")):
        assert secret not in str(described)
    assert "3 threads" in str(described)
    assert torch.__version__ in str(described)


def test_a_table_stays_a_table_whatever_a_model_writes():
    text = Table("t", ("a", "b"), [("x|y", "line\nbreak")]).to_markdown()
    assert text.splitlines()[-1] == "| x\\|y | line break |"


@pytest.mark.parametrize(
    "arguments",
    [
        ["d2l", "--rows", "rnn,tnn"],
        ["d2l", "--rows", ","],
        ["textbook", "--cells", "tnn"],
        ["textbook", "--threads", "0"],
        ["reach", "--parts", "speed,none"],
        ["reach", "--threads", "0"],
        ["cloze", "--epochs", "0"],
        ["cloze", "--threads", "many"],
        ["scoreboard", "--epochs", "0"],
        ["scoreboard", "--seed", "-1"],
    ],
)
def test_a_wrong_choice_is_one_sentence_and_exit_code_2(arguments):
    result = CliRunner().invoke(app, ["bench", *arguments])
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert len(result.stderr.strip().splitlines()) == 1
