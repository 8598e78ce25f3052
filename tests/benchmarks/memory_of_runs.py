"""What real workers take at their peak, beside what was told before Start.

    python -m tests.benchmarks.memory_of_runs

Each set-up is trained for four steps, a checkpoint, a sample and a held-out pass, by a worker of its own; Linux tells
the most that was resident (`VmHWM`). Asked: no estimate is further than a quarter from what was measured.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from playground.benchmarks.machine import describe_machine
from playground.config import from_flat
from playground.runs.job import Job
from playground.runs.memory import estimate_memory
from playground.text.corpora import CorpusLibrary

MOST_ERROR = 0.25
STEPS = 4
FEW, MANY = 28, 3_000  # different tokens
_WIDE = {"hidden_size": 256, "batch_size": 256, "num_steps": 128}
_DEEP = {"hidden_size": 256, "batch_size": 128, "num_steps": 128}
_HEAVY = {"hidden_size": 1024, "batch_size": 8, "num_steps": 20}
_WORDS = {"hidden_size": 32, "batch_size": 128, "num_steps": 64}
_BOTH = {"num_layers": 2, "bidirectional": True}
_ADAMW = {"optimizer": "adamw", "lr": 0.01}
SETTINGS: tuple[tuple[dict[str, object], int], ...] = (
    ({"hidden_size": 8, "batch_size": 2, "num_steps": 5}, FEW),
    ({"hidden_size": 256}, FEW),
    ({"hidden_size": 1024}, FEW),
    ({"hidden_size": 1024} | _ADAMW, FEW),
    (_HEAVY | {"num_layers": 4} | _ADAMW, FEW),
    (_HEAVY | {"num_layers": 4}, FEW),
    (_HEAVY | {"num_layers": 2, "weight_averaging": 0.99} | _ADAMW, FEW),
    (_HEAVY | {"num_layers": 2, "cell": "gru"} | _ADAMW, FEW),
    (_HEAVY | {"num_layers": 2, "cell": "rnn", "nonlinearity": "relu"}, FEW),
    *((_WIDE | {"cell": cell}, FEW) for cell in ("lstm", "gru", "rnn")),
    *((_DEEP | {"num_layers": 3, "cell": cell}, FEW) for cell in ("lstm", "gru", "rnn")),
    (_DEEP | {"num_layers": 3, "dropout": 0.5}, FEW),
    *((_DEEP | _BOTH | {"cell": cell}, FEW) for cell in ("lstm", "gru")),
    *((_DEEP | _BOTH | {"cell": cell, "objective": "masked"}, FEW) for cell in ("lstm", "gru")),
    ({"hidden_size": 32}, MANY),
    *((_WORDS | {"cell": cell}, MANY) for cell in ("lstm", "gru")),
    (_WORDS | {"input": "embedding"}, MANY),
    (_WORDS | {"input": "embedding", "cell": "gru", "dropout": 0.3, "weight_averaging": 0.99}, MANY),
    (_WORDS | {"input": "embedding", "bidirectional": True, "objective": "masked"}, MANY),
    *(
        ({"hidden_size": 512, "batch_size": 16, "input": kind} | _ADAMW, 10_000)
        for kind in ("embedding", "one-hot")
    ),
)


def text_of(kinds: int, length: int) -> str:
    """A text with so many different characters, `<unk>` counted."""
    characters = [chr(0x4E00 + i) for i in range(kinds - 1)]
    return "".join(characters + random.Random(0).choices(characters, k=length))


def measure(settings: dict[str, object], kinds: int, folder: Path) -> dict[str, object]:
    """Train for a few steps in a worker; its peak and the estimate, in MB."""
    usual = {"epochs": 1, "sample_length": 5, "device": "cpu", "threads": 1, "max_vocab": 50_000}
    config = from_flat(usual | settings)
    length = int(config.train.batch_size * config.train.num_steps * STEPS / 0.9) + 10
    corpus = CorpusLibrary(folder / "corpora").add("A text", text_of(kinds, length))
    config = from_flat(usual | settings | {"corpus": corpus.id})
    run = folder / "run"
    run.mkdir()
    worker = subprocess.Popen(
        [sys.executable, "-m", "playground.runs.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert worker.stdin is not None
    assert worker.stdout is not None
    try:
        worker.stdout.readline()
        worker.stdin.write(f"start {Job(config, folder / 'corpora', run).to_json()}\n")
        worker.stdin.flush()
        last = ""
        for line in worker.stdout:
            last = json.loads(line)[-1][0]
            if last in ("Finished", "Failed"):
                break
        assert last == "Finished", settings
        status = Path(f"/proc/{worker.pid}/status").read_text("ascii").splitlines()
    finally:
        worker.kill()
        worker.wait()
    peak = 1024 * int(next(line for line in status if line.startswith("VmHWM")).split()[1])
    estimate = estimate_memory(config, kinds, len(corpus.text))
    return {
        "settings": settings,
        "tokens": kinds,
        "measured": round(peak / 1e6),
        "estimated": round(estimate / 1e6),
        "error": round(estimate / peak - 1, 2),
    }


def main() -> None:
    rows = []
    for settings, kinds in SETTINGS:
        with tempfile.TemporaryDirectory() as folder:
            rows.append(measure(settings, kinds, Path(folder)))
        print(json.dumps(rows[-1]), flush=True)
    worst = max(rows, key=lambda row: abs(float(str(row["error"]))))
    print(json.dumps({"machine": str(describe_machine(1)), "worst": worst}, indent=2))
    sys.exit(abs(float(str(worst["error"]))) > MOST_ERROR)


if __name__ == "__main__":
    main()
