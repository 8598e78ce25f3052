"""A job that needs more memory than was estimated fails by itself."""

import os
import subprocess
import sys

import pytest

from playground.records import RunStatus
from playground.runs.failure import NO_MEMORY
from playground.runs.manager import RunManager
from playground.runs.workers import ProcessExecutor
from tests.helpers import ROOT, tiny_config

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits what a process writes to")
_WRONG_ESTIMATE = "from playground.runs import memory\nmemory.device_memory = lambda config, vocab_size: 0\n"
"""What Python runs first in a worker: its estimates are too low from then on."""
TOO_MUCH = {"hidden_size": 1024, "num_layers": 4, "optimizer": "adamw", "lr": 0.01, "epochs": 1}


@pytest.fixture
def manager(store, tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(_WRONG_ESTIMATE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    made = RunManager(store, ProcessExecutor(store.directory / "logs"))
    yield made
    made.close()


def test_a_wrong_estimate_costs_one_run_and_not_the_server(manager, store, text_id):
    failed = manager.wait(manager.start(tiny_config(corpus=text_id, **TOO_MUCH)).id, 120)
    assert (failed.status, str(failed.reason)) == (RunStatus.FAILED, NO_MEMORY)
    assert not failed.reason.resume
    following = manager.wait(manager.start(tiny_config(corpus=text_id)).id, 120)
    assert following.status is RunStatus.FINISHED


def test_a_limit_is_lifted_after_the_job_and_leaves_other_limits_alone():
    code = """
import mmap, resource
from playground.runs.memory_limit import lift_memory_limit, limit_memory
before = resource.getrlimit(resource.RLIMIT_DATA)
limit_memory(0)
limited, hard = resource.getrlimit(resource.RLIMIT_DATA)
assert hard == before[1] and limited > 0
def have(size):
    return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)  # of which nothing is touched
small = have(100 * 2**20)
try:
    have(limited)
except OSError:
    print("refused")
lift_memory_limit()
assert resource.getrlimit(resource.RLIMIT_DATA) == (hard, hard)
large = have(limited)
print("had")
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["refused", "had"], done.stderr
