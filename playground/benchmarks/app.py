"""`python -m playground bench …`: the figures in docs/benchmarks.md, measured again."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from playground.benchmarks import d2l
from playground.benchmarks.common import (
    TEXTBOOK_CELLS,
    Json,
    KeptIn,
    Out,
    Threads,
    choose,
    end,
    manager_with_book,
    print_tables,
    threads_of,
)
from playground.benchmarks.machine import describe_machine
from playground.benchmarks.report import Table
from playground.cells import CELLS
from playground.config import check
from playground.lesson_settings import PREDICTORS
from playground.presets import PRESETS
from playground.store.run_store import default_corpora
from playground.terminal import exit_on_error, fetch_if_missing, say_json, working
from playground.text.corpora import TIME_MACHINE, CorpusLibrary

app = typer.Typer(help="Measure this machine and check what the project promises.", no_args_is_help=True)


@app.command("d2l")
def bench_d2l(
    rows: Annotated[
        str, typer.Option(help="Which, with commas between; `quick` is SGD against AdamW.", metavar="NAMES")
    ] = ",".join((*d2l.ROWS, d2l.RACE)),
    threads: Threads = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.", metavar="VALUE")] = "auto",
    data_dir: KeptIn = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Train d2l's rows and check their perplexities; about 15 minutes on 2 cores."""
    with exit_on_error():
        chosen = choose(rows, (*d2l.ROWS, d2l.RACE))
        settings = {"threads": threads_of(threads), "device": check("device", device)}
        results, races = _train_all(chosen, settings, data_dir)
    tables = [d2l.rows_table(results)] if results else []
    tables += [d2l.race_table(races)] if races else []
    ran_on = [r.run.facts for r in results] + [r.run.facts for r in races]
    machine = describe_machine(settings["threads"], ran_on[0])
    print_tables(str(machine), tables, out)
    passed = all(r.passed for r in results) and all(r.epochs is not None for r in races)
    if as_json:
        report = {
            "machine": asdict(machine),
            "passed": passed,
            "rows": [r.to_json() for r in results],
            "race": [r.to_json() for r in races],
        }
        say_json(report)
    if not passed:
        raise typer.Exit(1)


@app.command("textbook")
def bench_textbook(
    cells: Annotated[str, typer.Option(help="Which, with commas between.", metavar="NAMES")] = ",".join(
        TEXTBOOK_CELLS
    ),
    rounds: Annotated[int, typer.Option(min=1, help="Timed runs of each side a cell.")] = 7,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the text a run.")] = 50,
    threads: Threads = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Time a plain textbook loop beside ours; ours must reach 0.95 of its tokens/s."""
    from playground.benchmarks import textbook

    with exit_on_error():
        chosen = choose(cells, TEXTBOOK_CELLS)
        count = threads_of(threads)
        library = CorpusLibrary(default_corpora())
        fetch_if_missing(library, TIME_MACHINE)
        with working() as say_now:
            comparisons = list(
                textbook.compare(chosen, library, rounds=rounds, epochs=epochs, threads=count, tell=say_now)
            )
    end(describe_machine(count), textbook.table(comparisons), comparisons, out, as_json)


@app.command("cells")
def bench_cells(
    parts: Annotated[
        str, typer.Option(help="Which, with commas between: steps, memory, presets.", metavar="NAMES")
    ] = "steps,memory,presets",
    presets: Annotated[
        str, typer.Option(help="Which are trained, with commas between.", metavar="NAMES")
    ] = "quick,quick_zh,quote_cell",
    rounds: Annotated[int, typer.Option(min=1, help="Timed rounds a step.")] = 7,
    seeds: Annotated[int, typer.Option(min=1, help="Runs a preset.")] = 3,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Time the way from a run to a cell, see what memory it takes, and which presets grow cells."""
    from playground.benchmarks import cells, grown_cells

    with exit_on_error(), working() as say_now:
        chosen = choose(parts, ("steps", "memory", "presets"))
        steps = cells.measure_steps(rounds, say_now) if "steps" in chosen else []
        memory = cells.measure_memory(say_now) if "memory" in chosen else None
        grown = []
        if "presets" in chosen:
            with manager_with_book(None, with_book=False) as (manager, _watch):
                for name in choose(presets, tuple(PRESETS)):
                    for seed in range(seeds):
                        say_now(f"{name}, seed {seed}")
                        grown.append(grown_cells.grow(name, seed, manager))
    tables = [cells.steps_table(steps)] if steps else []
    tables += [cells.memory_table(memory)] if memory else []
    tables += [grown_cells.grown_table(grown)] if grown else []
    machine = describe_machine(os.cpu_count() or 1)  # a server's NumPy takes all
    print_tables(str(machine), tables, out)
    passed = all(step.passed for step in steps) and (memory is None or memory.passed)
    if as_json:
        report = {
            "machine": asdict(machine),
            "passed": passed,
            "steps": [step.to_json() for step in steps],
            "memory": None if memory is None else memory.to_json(),
            "presets": [asdict(each) for each in grown],
        }
        say_json(report)
    if not passed:
        raise typer.Exit(1)


@app.command("gates")
def bench_gates(
    rounds: Annotated[int, typer.Option(min=1, help="Timed looks of each side a cell.")] = 31,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Time a look at every gate beside nn.* alone; an LSTM's must take 30 ms at the most."""
    from playground.benchmarks import gates

    with working():
        timings = gates.compare(tuple(CELLS), rounds=rounds)
    end(describe_machine(1), gates.table(timings), timings, out, as_json)


@app.command("generate")
def bench_generate(
    rounds: Annotated[int, typer.Option(min=1, help="Timed texts of each side a cell.")] = 15,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Time writing beside a textbook's `predict`; it must be five times as fast."""
    from playground.benchmarks import generate

    with working():
        speeds = generate.compare(TEXTBOOK_CELLS, rounds=rounds)
    end(describe_machine(1), generate.table(speeds), speeds, out, as_json)


@app.command("autoregression")
def bench_autoregression(
    seeds: Annotated[int, typer.Option(min=1, help="Series and first weights a predictor.")] = 100,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Predict d2l's noisy sine 1 to 64 steps ahead; training must take 2 s at the most."""
    from playground.benchmarks import autoregression

    with working():
        forecasts = autoregression.compare(PREDICTORS, seeds=seeds)
    end(describe_machine(1), autoregression.table(forecasts), forecasts, out, as_json)


@app.command("cloze")
def bench_cloze(
    epochs: Annotated[str, typer.Option(help="Passes over the book.", metavar="VALUE")] = "6",
    threads: Threads = None,
    data_dir: KeptIn = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Train on The Time Machine to fill in blanks; both sides must be 15 points ahead of the left one."""
    from playground.benchmarks import cloze

    with exit_on_error():
        settings = {"threads": threads_of(threads), "device": "cpu", "epochs": check("epochs", epochs)}
        with manager_with_book(data_dir) as (manager, watch):
            comparison = cloze.compare(manager, settings, watch)
    machine = describe_machine(settings["threads"], comparison.both.run.facts)
    print_tables(str(machine), [cloze.table(comparison)], out)
    if as_json:
        say_json({"machine": asdict(machine), **comparison.to_json()})
    if not comparison.passed:
        raise typer.Exit(1)


@app.command("scoreboard")
def bench_scoreboard(
    epochs: Annotated[
        str | None, typer.Option(help="Passes over the book.", show_default="the preset's", metavar="VALUE")
    ] = None,
    seed: Annotated[
        str, typer.Option(help="Of the weights, the dropout and the batches.", metavar="VALUE")
    ] = "0",
    threads: Threads = None,
    data_dir: KeptIn = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Train the preset on all of The Time Machine; it must beat a 5-gram on held-out text in 5 minutes."""
    from playground.benchmarks import scoreboard

    with exit_on_error():
        settings = {"threads": threads_of(threads), "device": "cpu", "seed": check("seed", seed)}
        if epochs is not None:
            settings["epochs"] = check("epochs", epochs)
        with manager_with_book(data_dir) as (manager, watch):
            score = scoreboard.train(manager, settings, watch)
    machine = describe_machine(settings["threads"], score.run.facts)
    print_tables(str(machine), [scoreboard.table(score)], out)
    if as_json:
        say_json({"machine": asdict(machine), **score.to_json()})
    if not score.passed:
        raise typer.Exit(1)


@app.command("reach")
def bench_reach(
    parts: Annotated[
        str,
        typer.Option(help="Which of speed, fresh, trained, brackets, with commas between.", metavar="NAMES"),
    ] = "speed,fresh",
    rounds: Annotated[int, typer.Option(min=1, help="Timed measurements a cell.")] = 15,
    threads: Threads = None,
    data_dir: KeptIn = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Time how far losses reach, k = 0 … 100, which must take a second at the most, and tell how far they do.

    `trained` trains d2l's cells to a perplexity of 2 (10 minutes), `brackets` every cell on matched brackets
    from three seeds (3 minutes).
    """
    from playground.benchmarks import reach

    with exit_on_error():
        chosen = choose(parts, reach.PARTS)
        settings: dict[str, object] = {"threads": threads_of(threads), "device": "cpu"}
        tables: list[Table] = []
        report: dict[str, object] = {}
        passed = True
        if "speed" in chosen:
            with working():
                timings = reach.time_cells(rounds)
            tables.append(reach.speed_table(timings))
            report["cells"] = [timing.to_json() for timing in timings]
            passed = all(timing.passed for timing in timings)
        with manager_with_book(data_dir, with_book="trained" in chosen) as (manager, watch):
            if "fresh" in chosen:
                lines = list(reach.fresh_lines(manager))
                tables.append(reach.lines_table("Fresh cells: what is left of k = 0", lines))
                report["fresh"] = [line.to_json() for line in lines]
            if "trained" in chosen:
                lines = list(reach.trained_lines(manager, settings, watch))
                tables.append(reach.lines_table("d2l’s cells, fresh and trained", lines))
                report["trained"] = [line.to_json() for line in lines]
            if "brackets" in chosen:
                remembered = list(reach.brackets_remembered(manager, settings, watch))
                tables.append(reach.brackets_table(remembered))
                report["brackets"] = [side.to_json() for side in remembered]
    machine = describe_machine(threads_of(threads))
    print_tables(str(machine), tables, out)
    if as_json:
        say_json({"machine": asdict(machine), "passed": passed, **report})
    if not passed:
        raise typer.Exit(1)


def _train_all(
    chosen: Sequence[str], settings: Mapping[str, object], data_dir: Path | None
) -> tuple[list[d2l.RowResult], list[d2l.RaceResult]]:
    """Train what was chosen, one after another, and say on the terminal how far it is."""
    with manager_with_book(data_dir) as (manager, watch):
        results = [d2l.train_row(manager, d2l.ROWS[id], settings, watch) for id in chosen if id in d2l.ROWS]
        done = {result.row.preset: result.run for result in results}
        races = list(d2l.race(manager, settings, watch, done)) if d2l.RACE in chosen else []
    return results, races
