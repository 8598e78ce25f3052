"""A page among a thousand runs and a hundred texts: what a rerun costs.

    python -m tests.benchmarks.many_runs [--runs 46,250,1000] [--texts 100] [--profile]

The page's script is run as the server runs it, without a browser. Asked: a rerun of the lens in at most 0.15 s of
processor time with 1,000 runs and 100 texts.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playground.benchmarks.machine import describe_machine
from playground.records import RunStatus, TrainingFacts
from playground.runs.server import Server
from playground.store.messages import CheckpointSaved
from playground.store.run_store import RunStore
from playground.training.events import EpochDone, Finished, Started, StepDone
from tests.helpers import some_text, tiny_config

FACTS = TrainingFacts("cpu", "a cpu", 1, "2", 321, 28, 4, 300, 30)
WARM = 3


def fill(store: RunStore, id: str, runs: int, texts: int) -> None:
    """Texts, and runs like a trained one, each of another set-up and some of them exploded."""
    vocab, newest = store.vocab(id), store.newest_checkpoint(id)
    assert vocab is not None and newest is not None
    ids = [store.library.add(f"Text {n}", some_text(200, n)).id for n in range(texts)]
    with store._database.write() as db:
        for n in range(runs):
            config = tiny_config(corpus=ids[n % texts], seed=n, hidden_size=8 + n % 50).model_dump_json()
            db.execute(
                "INSERT INTO runs (id, name, config, status, created_at, vocab) VALUES (?, ?, ?, 'queued', ?, ?)",
                (f"{n:012x}", f"Run {n}", config, float(n), vocab.to_json()),
            )
    for n in range(runs):
        loss = 9.0 if n % 10 == 0 else 2.0
        told = [StepDone(k, k / 4, loss, 1.0, 1.0, 1.0, 1.0) for k in range(1, 41)]
        ends = [EpochDone(k, 4 * k, loss, loss, 1.0) for k in range(1, 11)]
        saved = CheckpointSaved(10.0, 40, True, newest.weights_file, newest.training_file or "")
        store.append(
            f"{n:012x}", [Started(FACTS), *told, *ends, saved, Finished(RunStatus.FINISHED, 40, 10.0, 1.0)]
        )


def measure(folder: Path, page: str, runs: int, texts: int, profile: bool) -> dict[str, float]:
    """Median processor and wall time of a rerun, in seconds."""
    os.environ["PLAYGROUND_DATA"] = str(folder)
    from streamlit.testing.v1 import AppTest

    from pages.shared import state
    from playground.runs.launch import launch

    manager = launch(folder, inline=True)
    state.server.clear()
    state.open_server = lambda **more: Server(manager)
    corpus = manager.store.library.add("Some text", some_text(600)).id
    id = manager.wait(manager.start(tiny_config(corpus=corpus, epochs=2)).id, 60).id
    fill(manager.store, id, runs, texts)
    app = AppTest.from_file(str(Path(__file__).parents[2] / "pages" / "router.py"), default_timeout=60)
    app.run()
    app.switch_page(f"{page}/page.py")
    app.query_params["run"] = id
    worked, took = [], []
    for n in range(WARM + 9):
        processor, wall = time.process_time(), time.perf_counter()
        app.run()
        assert not app.exception
        if n >= WARM:
            worked.append(time.process_time() - processor)
            took.append(time.perf_counter() - wall)
    if profile:
        from streamlit.runtime.scriptrunner.script_runner import ScriptRunner

        whole, profiler = ScriptRunner._run_script, cProfile.Profile()

        def profiled(runner: ScriptRunner, *values: object) -> None:
            profiler.runcall(whole, runner, *values)  # type: ignore[arg-type]

        ScriptRunner._run_script = profiled  # type: ignore[assignment]
        app.run()
        pstats.Stats(profiler, stream=sys.stderr).sort_stats("cumulative").print_stats(45)
    manager.close()
    manager.store.close()
    return {
        "processor_s": round(statistics.median(worked), 3),
        "wall_s": round(statistics.median(took), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", default="46,250,1000")
    parser.add_argument("--texts", type=int, default=100)
    parser.add_argument("--page", default="gates")
    parser.add_argument("--profile", action="store_true")
    asked = parser.parse_args()
    result: dict[str, object] = {"machine": str(describe_machine(1)), "texts": asked.texts}
    last = {"processor_s": 0.0}
    for runs in map(int, asked.runs.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            last = measure(Path(folder), asked.page, runs, asked.texts, asked.profile)
        result[f"{runs} runs"] = last
    result["passed"] = last["processor_s"] <= 0.15
    print(json.dumps(result, indent=2))
    sys.exit(not result["passed"])


if __name__ == "__main__":
    main()
