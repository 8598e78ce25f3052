"""What a run will need is told before it is started, and what cannot fit is refused with the largest that can."""

import errno
from pathlib import Path

import pytest

from playground.config import from_flat
from playground.errors import ConfigError, OutOfMemory
from playground.reasons import reason_of
from playground.runs.executors import InlineExecutor
from playground.runs.failure import failure_reason, is_out_of_memory
from playground.runs.machine_memory import MachineMemory, count_oom_kills, machine_memory
from playground.runs.manager import RunManager
from playground.runs.memory import count_vocabulary, estimate_memory, require_fitting
from playground.runs.memory_check import MemoryCheck
from tests.helpers import tiny_config

GB = 10**9
MEASURED = [
    # settings, V, peak of a real worker in MB (tests/benchmarks/memory_of_runs.py, docs/benchmarks.md)
    ({"hidden_size": 256}, 28, 373),
    ({"hidden_size": 1024, "optimizer": "adamw", "lr": 0.01}, 28, 612),
    (
        {"hidden_size": 1024, "num_layers": 4, "batch_size": 8, "num_steps": 20, "optimizer": "adamw"},
        28,
        1684,
    ),
    ({"cell": "rnn", "hidden_size": 256, "batch_size": 128, "num_steps": 128, "num_layers": 3}, 28, 574),
    ({"cell": "gru", "hidden_size": 256, "batch_size": 256, "num_steps": 128}, 28, 746),
    ({"hidden_size": 32, "batch_size": 128, "num_steps": 64}, 3000, 765),
    ({"hidden_size": 32, "batch_size": 128, "num_steps": 64, "input": "embedding"}, 3000, 674),
]
HUGE = {"hidden_size": 1024, "num_layers": 4, "batch_size": 1024, "num_steps": 512, "max_vocab": 50_000}


@pytest.mark.parametrize(("settings", "vocab_size", "peak"), MEASURED)
def test_the_estimate_is_within_a_fifth_of_what_was_measured(settings, vocab_size, peak):
    assert estimate_memory(from_flat(settings), vocab_size) / 1e6 == pytest.approx(peak, rel=0.2)


@pytest.mark.parametrize("total", [2 * GB, 8 * GB, 20 * GB])
@pytest.mark.parametrize(
    "settings", [{"hidden_size": 1024, "batch_size": 512, "num_steps": 512}, HUGE], ids=str
)
def test_what_cannot_fit_is_refused_with_the_largest_that_can(settings, total):
    config = from_flat(settings)

    def needs(**changed: object) -> int:
        return estimate_memory(from_flat(settings | changed), 5_000)

    with pytest.raises(ConfigError) as refused:
        require_fitting(config, total, lambda other: estimate_memory(other, 5_000))
    hidden, batch = refused.value.params["hidden"], refused.value.params["batch"]
    for name, value, least in (("hidden_size", hidden, 8), ("batch_size", batch, 1)):
        if value is None:
            assert needs(**{name: least}) > total
        else:
            assert needs(**{name: value}) <= total < needs(**{name: value + 1})
            assert f"{value:,}" in str(refused.value)
    assert f"{needs() / GB:.1f} GB" in str(refused.value)


def test_what_fits_is_not_refused():
    require_fitting(from_flat({}), 2 * GB, lambda config: estimate_memory(config, 28))


@pytest.fixture
def check(store):
    return lambda total, free, missing=("cuda", "mps"): MemoryCheck(
        store.library, lambda _seconds: dict.fromkeys(missing), lambda: MachineMemory(total, free)
    )


def test_it_is_told_when_it_is_large_or_much_of_what_is_free(check, text_id):
    small, large = (
        tiny_config(corpus=text_id),
        tiny_config(corpus=text_id, hidden_size=1024, num_layers=4, batch_size=64, num_steps=100),
    )
    assert check(16 * GB, 16 * GB).told(small) is None
    assert "about 0.4 GB of memory; 0.8 GB are free" in str(check(16 * GB, 0.8 * GB).told(small))
    assert "8.0 GB are free" in str(check(16 * GB, 8 * GB).told(large))
    on_a_card = check(16 * GB, 0.8 * GB, missing=())
    assert on_a_card.told(tiny_config(corpus=text_id, device="auto")) is None


def test_what_can_never_fit_is_told_before_start_as_it_would_be_refused(check, text_id):
    large = tiny_config(corpus=text_id, hidden_size=1024, num_layers=4, batch_size=64, num_steps=100)
    with pytest.raises(ConfigError) as refused:
        check(GB, GB).require(large)
    assert str(check(GB, GB).refusal(large)) == str(refused.value)
    assert check(64 * GB, GB).refusal(large) is None


def test_the_vocabulary_is_the_texts_own_where_it_matters(check, store):
    text = store.library.add("letters", "abcd\n" * 9_000).id
    config = from_flat(HUGE | {"corpus": text, "input": "one-hot", "device": "cpu"})
    assert check(GB, GB).needed(config) == estimate_memory(config, 6, 45_000)
    assert count_vocabulary("the tide the clock", config.corpus) == 11


def test_start_refuses_what_this_machine_can_never_hold_and_makes_no_run(store, text_id):
    manager = RunManager(store, InlineExecutor())
    manager.memory = MemoryCheck(
        store.library, manager._executor.missing_devices, lambda: MachineMemory(300_000_000, GB)
    )
    with pytest.raises(ConfigError, match=r"needs about 0.4 GB of memory, and there are 0.3 GB here"):
        manager.start(tiny_config(corpus=text_id))
    assert store.all() == []
    manager.close()


def test_a_containers_limit_counts_wherever_above_the_process_it_is(tmp_path: Path):
    def write(file: str, text: str) -> None:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)

    whole = machine_memory(tmp_path).total
    write("proc/self/cgroup", "0::/class/one\n")
    write("sys/fs/cgroup/class/one/memory.max", "max\n")
    assert machine_memory(tmp_path).total == whole
    write("sys/fs/cgroup/class/memory.max", "600000000\n")
    write("sys/fs/cgroup/class/memory.current", "250000000\n")
    write("sys/fs/cgroup/class/memory.stat", "anon 1\ninactive_file 50000000\n")
    assert machine_memory(tmp_path) == MachineMemory(600_000_000, 400_000_000)
    write("proc/self/cgroup", "5:cpu,memory:/docker\n4:pids:/x\n")
    write("sys/fs/cgroup/memory/docker/memory.limit_in_bytes", "500000000")
    write("sys/fs/cgroup/memory/docker/memory.usage_in_bytes", "100000000")
    assert machine_memory(tmp_path) == MachineMemory(500_000_000, 400_000_000)
    write("sys/fs/cgroup/memory/docker/memory.limit_in_bytes", str(2**63 - 4096))
    assert machine_memory(tmp_path).total == whole


def test_linux_tells_how_many_processes_it_has_ended_for_want_of_memory(tmp_path: Path):
    assert count_oom_kills(tmp_path) is None
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/vmstat").write_text("nr_free_pages 12\noom_kill 3\nswap_ra 0\n")
    assert count_oom_kills(tmp_path) == 3


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        OutOfMemory("Memory ran out."),
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: not enough memory: you tried"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("std::bad_alloc"),
    ],
    ids=repr,
)
def test_after_memory_ran_out_resume_is_never_advised(error):
    assert is_out_of_memory(error)
    reason = failure_reason(error)
    assert not reason.resume
    assert "Memory ran out" in str(reason)


def test_the_systems_own_number_for_it_is_said_in_words():
    assert reason_of(OSError(errno.ENOMEM, "Cannot allocate memory")) == "memory ran out"


@pytest.mark.parametrize(
    ("settings", "size", "beside", "count"),
    [
        ({"cell": "lstm", "hidden_size": 1024, "num_layers": 4}, 119, 0, 2),
        ({"cell": "lstm", "hidden_size": 1024, "num_layers": 4, "optimizer": "adamw"}, 119, 238, 1),
        ({"cell": "rnn", "hidden_size": 1024, "num_layers": 4, "checkpoint_megabytes": 1000}, 30, 0, 33),
    ],
)
def test_what_checkpoints_take_on_the_disk_is_told_before_start(
    check, text_id, settings, size, beside, count
):
    config = from_flat({"corpus": text_id, "input": "one-hot", **settings})
    told = check(10**12, 10**12).told_of_weights(config)
    assert told is not None
    assert round(told.params["size"]) == pytest.approx(size, abs=1)
    assert round(told.params["beside"]) == pytest.approx(beside, abs=2)
    assert told.params["count"] == count
    assert check(10**12, 10**12).told_of_weights(from_flat({"corpus": text_id})) is None
