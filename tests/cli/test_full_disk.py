"""`python -m playground train` on a disk that fills up, and that has room again later."""

import json
import os
import subprocess
import sys

from playground.records import RunStatus
from playground.store.run_store import RunStore
from tests.helpers import ROOT, fill, some_text, until


def test_training_waits_for_room_and_goes_on_by_itself(mount):
    disk = mount(160)
    text = disk / "text.txt"
    text.write_text(some_text(4000))
    settings = [
        "--hidden-size",
        "8",
        "--batch-size",
        "2",
        "--num-steps",
        "5",
        "--epochs",
        "8",
        "--sample-every",
        "0",
    ]
    command = [
        sys.executable,
        "-m",
        "playground",
        "train",
        "--corpus",
        str(text),
        *settings,
        "--threads",
        "1",
        "--json",
    ]
    environment = os.environ | {"PLAYGROUND_DATA": str(disk / "data")}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, env=environment, **pipes) as training:
        until((disk / "data" / "logs").exists)  # the database is whole before anything is logged
        store = RunStore(disk / "data")
        until(lambda: store.all() and store.all()[0].step > 50)
        filler = fill(disk, 10 << 20)
        until(lambda: store.all()[0].status is RunStatus.PAUSED)
        filler.unlink()
        said, told = training.communicate(timeout=120)
        assert training.returncode == 0, told
        assert json.loads(said)["status"] == "finished"
        assert "so the run was paused; nothing of it is lost" in told
        assert [row["step"] for row in store.step_rows(store.all()[0].id)] == list(
            range(1, store.all()[0].step + 1)
        )
        store.close()
