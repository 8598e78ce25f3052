"""What the Train page says of devices, of runs that ended badly, and of a θ that was moved."""

import re

import pytest
import torch

from playground.errors import DeviceError
from playground.records import Reason, RunStatus
from playground.runs.failure import failure_reason
from playground.store.messages import Failed
from playground.training.devices import missing_devices
from playground.training.events import EpochDone, Finished, StepDone, ThresholdMoved
from tests.helpers import DIVERGES, some_text, tiny_config
from tests.pages.helpers import choose, linked, said, sent
from tests.pages.train.test_page import STARTED, STEP, make_run, texts

without_cuda = pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
LONG = StepDone(2, 0.25, 77.0, 99.0, 1.0, 1000.0, 0.2)


@without_cuda
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_device_that_is_not_here_is_grey_and_the_reason_is_said(page, lang):
    app = page(lang=lang)
    (group,) = (group for group in app.get("button_group") if group.key == "device")
    labels = [option.content for option in group.proto.options]
    grey = {label for label in labels if label.startswith(":gray[")}
    assert {re.split(r"[ （]", label.split("[")[1])[0] for label in grey} == {
        d.upper() for d in missing_devices()
    }
    assert sum("CUDA" in caption.value for caption in app.caption) == 1


@without_cuda
def test_a_press_on_a_device_that_is_not_here_leaves_the_choice_and_says_why(manager, page):
    app = choose(page(), "device", "cuda")
    assert "CUDA cannot be used here: " in texts(app)
    (group,) = (group for group in app.get("button_group") if group.key == "device")
    assert group.value == "auto"
    assert "device" not in linked(app) or linked(app)["device"] == "cuda"
    next(b for b in app.button if b.key == "start").click().run()
    (run,) = manager.store.all()
    assert run.config.train.device == "auto"
    manager.stop(run.id)
    manager.wait(run.id, 60)


@without_cuda
def test_a_run_on_a_device_that_is_not_here_is_not_told_to_press_resume(manager, page):
    failed = make_run(
        manager, RunStatus.FAILED, Failed(failure_reason(DeviceError("No such device."))), device="cuda"
    )
    told = page(run=failed).error[0].value
    assert "Press Resume" not in told
    assert "Resume would end the same way" in told
    interrupted = make_run(manager, RunStatus.INTERRUPTED, STARTED, STEP, device="cuda")
    manager.store.set_status(interrupted, RunStatus.INTERRUPTED, Reason("The server stopped."))
    told = "\n".join(warning.value for warning in page(run=interrupted).warning)
    assert "CUDA cannot be used here" in told
    assert "Resume would end the same way" in told


@pytest.mark.parametrize(
    ("messages", "advice"),
    [
        ((STARTED, STEP, Failed(Reason("Killed."))), "Press Resume to go on from the last checkpoint."),
        ((Failed(Reason("Killed.")),), "Press Resume to try again."),
        ((STARTED, STEP, Failed(failure_reason(MemoryError()))), "Resume would end the same way."),
    ],
)
def test_the_advice_fits_the_reason(manager, page, messages, advice):
    told = page(run=make_run(manager, RunStatus.FAILED, *messages)).error[0].value
    assert advice in told
    assert told.count("Resume") == 1


@pytest.mark.parametrize(
    ("last", "status"), [(24.0, "exploded in epoch 1"), (2.0, "finished · exploded in epoch 1")]
)
def test_the_list_has_the_threshold_of_now_and_says_what_exploded(manager, page, last, status):
    ends = [EpochDone(1, 2, 24.0, None, 0.1), EpochDone(2, 2, last, None, 0.2)]
    end = Finished(RunStatus.FINISHED, 2, 2.0, 0.3)
    id = make_run(manager, RunStatus.FINISHED, STARTED, STEP, LONG, *ends, ThresholdMoved(1.0, 2, 0.5), end)
    app = page(run=id)
    (row,) = sent(app, "run_list")["rows"]
    assert [row["cells"][name]["text"] for name in ("limit", "status")] == ["1 → 0.5", status]
    assert "θ = 1 → 0.5" in texts(app)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_diverged_run_is_listed_with_its_epoch_and_writes_with_a_remark(manager, page, lang):
    corpus = manager.store.library.add("Some text", some_text(600)).id
    run = manager.start(tiny_config(**DIVERGES, corpus=corpus))
    assert manager.wait(run.id, 60).status is RunStatus.DIVERGED
    (row,) = sent(page(run=run.id, lang=lang), "run_list")["rows"]
    told = {"en": "diverged in epoch 1", "zh": "第 1 轮发散"}[lang]
    assert row["cells"]["status"]["text"] == told
    remark = {"en": "Used here are those of epoch 0", "zh": "第 0 轮"}[lang]
    for name in ("write", "gates"):
        assert remark in said(page(name, run=run.id, lang=lang))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_run_that_was_paused_for_want_of_room_says_so_and_can_go_on(manager, page, lang):
    id = make_run(manager, RunStatus.PAUSED, STARTED, STEP)
    manager.store.set_status(id, RunStatus.PAUSED, manager.store.space.shortage())
    app = page(run=id, lang=lang)
    (told,) = (w.value for w in app.warning if "MB" in w.value)
    assert ("press Resume" if lang == "en" else "点击“继续”") in told
    assert not next(b for b in app.button if b.key == "resume").disabled


def test_a_run_that_has_no_room_does_not_begin_and_the_page_says_what_is_left(manager, page):
    manager.store.space.least = 1 << 60
    app = page()
    next(b for b in app.button if b.key == "start").click().run()
    assert manager.store.all() == []
    assert "a run wants 1,152,921,504,607 MB" in texts(app)
    assert "Delete runs or texts" in texts(app)
