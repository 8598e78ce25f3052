"""`train`, and how it is stopped and resumed."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from rich.progress import Progress

from playground.config import FIELDS, flatten, from_flat
from playground.records import RunStatus
from playground.runs import memory_check
from playground.runs.machine_memory import MachineMemory
from playground.runs.manager import RunManager
from playground.runs.memory_check import MemoryCheck
from playground.store.run_store import RunStore
from tests.cli.helpers import SMALL, last_line, last_line_of
from tests.helpers import HEARING, ROOT, curve, final_weights, same_bits, some_text, tiny_config, until

KEYS = [
    "run_id",
    "status",
    "exploded_epoch",
    "max_grad_norm",
    "epochs",
    "steps",
    "train_perplexity",
    "heldout_perplexity",
    "train_bits_per_character",
    "heldout_bits_per_character",
    "train_unknown",
    "heldout_unknown",
    "tokens_per_second",
    "seconds",
    "device",
    "threads",
]


def test_the_last_line_of_train_is_one_object_with_exactly_these_keys(train, data):
    told = last_line(train())
    assert list(told) == KEYS
    store = RunStore(data)
    run = store.get(told["run_id"])
    assert (told["status"], told["epochs"], told["steps"]) == ("finished", 2, run.step)
    assert (told["device"], told["threads"]) == ("cpu", 1)
    assert told["train_perplexity"] > 1
    assert told["heldout_perplexity"] > 1
    assert told["tokens_per_second"] > 0
    assert store.newest_checkpoint(run.id).step == run.step
    store.close()


def test_every_setting_has_its_option_and_reaches_the_run(train, data):
    given = {
        "normalize": "letters",
        "token-level": "char",
        "max-tokens": "150",
        "held-out": "0.2",
        "max-vocab": "9",
        "cell": "rnn",
        "nonlinearity": "relu",
        "objective": "masked",
        "num-layers": "2",
        "hidden-size": "9",
        "input": "embedding",
        "embedding-size": "6",
        "dropout": "0.1",
        "optimizer": "adamw",
        "lr": "0.01",
        "epochs": "1",
        "batch-size": "3",
        "num-steps": "4",
        "sampling": "random",
        "max-grad-norm": "off",
        "sample-temperature": "0.5",
        "weight-averaging": "0.9",
        "seed": "5",
        "sample-every": "2",
        "sample-prefix": "ti",
        "sample-length": "4",
        "checkpoint-megabytes": "70",
        "device": "cpu",
        "threads": "2",
    }
    told = last_line(train("--bidirectional", "--stop-exploded", "--name", "Mine", **given))
    store = RunStore(data)
    run = store.get(told["run_id"])
    store.close()
    settings = {name.replace("-", "_"): value for name, value in given.items()} | {
        "bidirectional": True,
        "stop_exploded": True,
    }
    assert set(settings) | {"corpus"} == set(FIELDS)
    assert flatten(run.config) | {"corpus": ""} == flatten(from_flat(settings)) | {"corpus": ""}
    assert run.name == "Mine"


def test_the_same_seed_trains_the_same(train, data):
    ids = [last_line(train(seed=seed))["run_id"] for seed in (3, 3, 4)]
    store = RunStore(data)
    curves = [curve(store, id) for id in ids]
    store.close()
    assert curves[0] == curves[1] != curves[2]


def test_a_path_is_read_and_kept_as_a_text_of_its_own(train, data):
    told = last_line(train())
    store = RunStore(data)
    corpus = store.library.load(store.get(told["run_id"]).config.corpus.corpus)
    store.close()
    assert (corpus.title, corpus.text) == ("my text", some_text())


def test_a_file_that_is_not_utf_8_asks_for_its_encoding(train, tmp_path):
    file = tmp_path / "old.txt"
    file.write_bytes("雨下了一整夜，钟表铺的灯还亮着。".encode("gb18030") * 20)
    refused = train(corpus=file)
    assert refused.exit_code == 2
    assert "--encoding gb18030        雨下了一整夜，钟表铺的灯还亮着。" in refused.stderr
    assert last_line(train(corpus=file, encoding="GBK"))["status"] == "finished"


def test_bytes_that_are_replaced_are_counted(train, tmp_path):
    file = tmp_path / "cut.txt"
    file.write_bytes(("雨下了一整夜，钟表铺的灯还亮着。" * 20).encode()[:-1])
    refused = train(corpus=file)
    assert "utf-8-replace" in refused.stderr
    result = train(corpus=file, encoding="utf-8-replace")
    assert last_line(result)["status"] == "finished"
    assert "2 bytes did not fit and were replaced." in result.stderr


@pytest.mark.parametrize("name", ["no/such/file.txt", "misspelt"])
def test_an_unknown_path_is_no_such_file_and_lists_no_hashes(train, text_file, name):
    train()  # a text of one's own is here now
    result = train(corpus=name)
    assert result.exit_code == 2
    assert f"There is no file {name!r}" in result.stderr
    assert "the_tide_clock" in result.stderr
    assert "text-" not in result.stderr


WRONG = {
    "hidden_size": ["7", "1025", "many", ""],
    "cell": ["LSTM!", "transformer"],
    "lr": ["0", "-1", "nan", "inf"],
    "max_grad_norm": ["0", "-1", "nan", "abc", "1e308"],
    "dropout": ["1", "off"],
    "epochs": ["0", "1.5"],
    "batch_size": ["0", "60"],
    "num_steps": ["1"],
    "held_out": ["0.9"],
    "seed": ["-1"],
    "num_layers": ["5"],
    "threads": ["0"],
    "sampling": ["both"],
    "optimizer": ["adam"],
    "normalize": ["all"],
    "token_level": ["byte"],
    "input": ["dense"],
    "device": ["tpu"],
    "max_tokens": ["99"],
    "encoding": ["utf-7"],
    "nonlinearity": ["relu"],
    "corpus": ["nonsense", "no/such/file.txt", "x" * 300, "/", ""],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_a_wrong_value_is_exit_code_2_and_one_sentence(train, data, name, value):
    result = train(**{name: value})
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert result.stderr.startswith("Error: ")
    assert len(result.stderr.strip().splitlines()) == 1
    if data.exists():
        store = RunStore(data)
        assert store.all() == []
        store.close()


@pytest.mark.parametrize("content", [b"", b" \n", bytes(100), b"PK\x03\x04zip", b"\xff\xfe\x00", b"short"])
def test_a_file_that_is_no_usable_text_is_exit_code_2_and_one_sentence(train, tmp_path, content):
    file = tmp_path / "bad.txt"
    file.write_bytes(content)
    result = train(corpus=file)
    assert result.exit_code == 2, result.output
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_data_directory_that_cannot_be_used_is_exit_code_2(data, train):
    data.write_text("in the way")
    result = train()
    assert result.exit_code == 2
    assert "cannot be used" in result.stderr


def test_a_process_says_a_wrong_value_without_a_traceback(data):
    command = [sys.executable, "-m", "playground", "train", "--lr", "fast", "--data-dir", str(data)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.strip() == "Error: lr is 'fast'; give a number above 0, up to 100."
    assert not data.exists()


@pytest.fixture
def sigint_ignored():
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, usual)


@pytest.mark.usefixtures("sigint_ignored")  # as `nohup make test &` hands it down
@pytest.mark.parametrize("place", [(Progress, "update"), (RunManager, "wait")], ids=lambda place: place[1])
def test_ctrl_c_is_heard_at_every_moment_of_the_watch(train, cli, data, monkeypatch, place):
    kind, name = place
    original, pressed = getattr(kind, name), []

    def press_once(self, *args: object, **more: object):
        result = original(self, *args, **more)
        watching = threading.current_thread() is threading.main_thread() and (data / "runs").exists()
        if watching and not pressed and (name == "update" or result.status is RunStatus.RUNNING):
            pressed.append(name)
            signal.raise_signal(signal.SIGINT)
        return result

    monkeypatch.setattr(kind, name, press_once)
    told = last_line(train(epochs="off", sample_every=0))
    assert (pressed, told["status"]) == ([name], "stopped")
    pressed.clear()
    further = last_line(cli("runs", "resume", told["run_id"], "--json"))
    assert (pressed, further["status"]) == ([name], "stopped")
    assert further["steps"] >= told["steps"]
    store = RunStore(data)
    assert store.newest_checkpoint(told["run_id"]).step == further["steps"]
    store.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read every file")
def test_a_file_that_may_not_be_read_is_exit_code_2_and_one_sentence(train, text_file):
    text_file.chmod(0)
    result = train()
    assert result.exit_code == 2
    assert "cannot be read" in result.stderr


def test_ctrl_c_stops_cleanly_and_resume_ends_as_an_undisturbed_run(cli, train, data, text_file):
    """Interrupt after some steps, in a process of its own."""
    settings = {"epochs": 60, "dropout": 0.2, "num_layers": 2, "sample_every": 0}
    whole = last_line(train(**settings))
    given = (
        {"corpus": text_file}
        | SMALL
        | {k.replace("_", "-"): v for k, v in settings.items()}
        | {"data-dir": data}
    )
    options = [str(word) for name, value in given.items() for word in (f"--{name}", value)]
    store = RunStore(data)
    with subprocess.Popen(
        [sys.executable, "-m", "playground", "train", *options, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ,
    ) as process:
        until(lambda: len(store.all()) == 2 and store.find("latest").step > 20)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    told = last_line_of(out)
    run = store.get(told["run_id"])
    assert (told["status"], run.status, list(told)) == ("stopped", RunStatus.STOPPED, KEYS)
    assert store.newest_checkpoint(run.id).step == told["steps"] < whole["steps"]
    resumed = last_line(cli("runs", "resume", told["run_id"], "--json"))
    assert (resumed["status"], resumed["steps"]) == ("finished", whole["steps"])
    assert curve(store, run.id) == curve(store, whole["run_id"])
    assert same_bits(final_weights(store, run), final_weights(store, whole["run_id"]))
    store.close()


@pytest.mark.parametrize(
    ("ignored", "sent", "code"),
    [
        ("INT", ["INT"], 0),
        ("INT", ["TERM"], 143),
        ("QUIT", ["HUP", "HUP"], 129),
        ("HUP", ["HUP", "TERM"], 143),
    ],
    ids=["Ctrl-C ignored", "kill, Ctrl-C ignored", "terminal closed, told twice", "nohup"],
)
def test_whoever_ends_it_is_heard_and_the_run_ends_in_order(data, text_file, ignored, sent, code):
    """As in `nohup … &` in a script, where Python raises no KeyboardInterrupt by itself."""
    settings = {"corpus": text_file} | SMALL | {"epochs": "off", "data-dir": data}
    options = [str(word) for name, value in settings.items() for word in (f"--{name}", value)]
    ignoring = [*HEARING, "sh", "-c", f"trap '' {ignored}; exec \"$@\"", "sh", sys.executable]
    store = RunStore(data)
    with subprocess.Popen(
        [*ignoring, "-m", "playground", "train", *options, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        try:
            for name in sent:
                stood = run_step(store)
                until(lambda stood=stood: process.poll() is not None or run_step(store) > stood)
                process.send_signal(signal.Signals[f"SIG{name}"])
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == code, err
    assert "Traceback" not in err
    told = last_line_of(out)
    assert told["status"] == "stopped"
    assert store.newest_checkpoint(told["run_id"]).step == told["steps"] == run_step(store)
    store.close()


def run_step(store: RunStore) -> int:
    """Of the newest run; 0 before there is one."""
    return store.find("latest").step if store.all() else 0


@pytest.mark.parametrize("before", [signal.SIG_IGN, signal.SIG_DFL], ids=["ignored", "default"])
def test_a_command_gives_ctrl_c_back_as_it_was(cli, before):
    usual = signal.signal(signal.SIGINT, before)
    try:
        assert cli("runs", "list").exit_code == 0
        assert signal.getsignal(signal.SIGINT) is before
    finally:
        signal.signal(signal.SIGINT, usual)


def test_a_command_can_be_called_from_a_thread_which_may_set_no_handler(cli):
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(cli, "runs", "list").result().exit_code == 0


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
def test_a_device_that_is_not_here_is_a_sentence_and_no_run(cli, data):
    answer = cli("train", "--device", "cuda")
    assert answer.exit_code == 2
    assert "CUDA cannot be used here: " in answer.output
    assert "Choose auto, cpu" in answer.output
    assert len(answer.output.strip().splitlines()) == 1
    assert not data.exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
def test_a_run_of_another_machine_is_not_resumed_on_a_device_that_is_not_here(cli, data):
    store = RunStore(data)
    id = store.create(tiny_config(device="cuda"), "Mine").id
    store.set_status(id, RunStatus.INTERRUPTED)
    store.close()
    answer = cli("runs", "resume", id)
    assert answer.exit_code == 2
    assert "CUDA cannot be used here: " in answer.output
    store = RunStore(data)
    assert store.get(id).status is RunStatus.INTERRUPTED
    store.close()


OUT_OF_MEMORY = """
import resource, sys
import psutil, torch
from playground.cli import app
limit = psutil.Process().memory_info().vms + 250 * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
app(sys.argv[1:])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a process's memory so")
def test_a_lack_of_memory_is_told_as_on_the_page_with_the_way_out(data):
    """The real thing: a process that may take 250 MB more is asked for a network of a gigabyte."""
    words = [
        "--hidden-size",
        "1024",
        "--num-layers",
        "4",
        "--device",
        "cpu",
        "--threads",
        "1",
        "--epochs",
        "1",
    ]
    answer = subprocess.run(
        [sys.executable, "-c", OUT_OF_MEMORY, "train", *words, "--data-dir", str(data)],
        cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert answer.returncode == 1
    store = RunStore(data)
    (run,) = store.all()
    store.close()
    assert run.status is RunStatus.FAILED
    assert str(run.reason).startswith(
        "Memory ran out. Choose fewer hidden units, a smaller batch or fewer steps"
    )
    assert not run.reason.resume
    assert answer.stderr.count(str(run.reason)) == 1
    assert "Traceback" not in answer.stderr
    assert "runs resume" not in answer.stderr


def test_what_went_wrong_in_a_run_is_in_the_log_and_not_on_the_terminal(train, data, monkeypatch):
    def breaks(*_):
        raise ValueError("a wheel came off")

    monkeypatch.setattr("playground.training.trainer.Trainer._take_step", breaks)
    answer = train()
    assert answer.exit_code == 1
    assert "Training failed: ValueError: a wheel came off. The log has the details." in answer.stderr
    assert "Traceback" not in answer.stderr
    assert "runs resume" in answer.stderr
    log = data / "logs" / "command-line.log"
    assert str(log) in answer.stderr.replace("\n", "")
    assert "Traceback" in log.read_text("utf-8")


def test_what_a_large_run_needs_is_told_before_it_trains(train, data, monkeypatch):
    monkeypatch.setattr(memory_check, "machine_memory", lambda: MachineMemory(16 * 10**9, 10**9))
    monkeypatch.setattr(MemoryCheck.__init__, "__defaults__", (memory_check.machine_memory,))
    result = train(**{"hidden-size": "64"})
    assert result.exit_code == 0
    assert "will need about 0." in result.stderr
    assert "1.0 GB are free" in result.stderr
