"""Twins on the Train page, and the lesson on clipping, without a browser."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from safetensors.numpy import save_file

from playground.config import flatten, from_flat, with_clipping
from playground.presets import preset
from playground.records import RunStatus, TrainingFacts
from playground.store.messages import CheckpointSaved, VocabBuilt
from playground.text.vocab import Vocab
from playground.training.events import EpochDone, Finished, Started, StepDone
from tests.helpers import tiny_config
from tests.pages.helpers import linked, panels, said, sent

MACHINE = TrainingFacts("cpu", "a processor", 1, "2.13.0", 1000, 28, 2, 90, 0)
END = Finished(RunStatus.FINISHED, 4, 2.0, 0.4)


def run_of(manager, config, *losses: float, norm: float = 0.5, scale: float = 0.5) -> str:
    """A finished run of two steps an epoch, with these losses of its epochs."""
    id = manager.store.create(config, "a run").id
    told = [
        VocabBuilt(Vocab(["a"], "char").to_json()),
        Started(MACHINE),
        CheckpointSaved(0.0, 0, True, "w", "t"),
    ]
    for epoch, loss in enumerate(losses, start=1):
        both = (2 * epoch - 1, 2 * epoch)
        told += [StepDone(step, step / 2, min(loss, 600.0), norm, scale, 900.0, step / 10) for step in both]
        told.append(EpochDone(epoch, 2 * epoch, loss, None, epoch / 5))
    folder = manager.store.run_directory(id)
    folder.mkdir(parents=True)
    save_file({"w": np.zeros(1)}, folder / "w")
    manager.store.append(id, [*told, END])
    return id


@pytest.mark.parametrize("clipped", [True, False])
def test_a_press_starts_the_twin_and_shows_it_beside_the_run(page, manager, monkeypatch, clipped):
    config = tiny_config(max_grad_norm=0.5 if clipped else "off")
    id = run_of(manager, config, 3.0)
    wanted = from_flat(flatten(with_clipping(config, None)) | {"stop_exploded": True})
    wanted = wanted if clipped else with_clipping(config, 1.0)
    monkeypatch.setattr(manager, "start", lambda asked, *_, **more: run_of(manager, asked, 3.0))
    app = page(run=id)
    assert sent(app)["twin"] is None
    app.button(key="twin").click().run()
    shown = sent(app)["twin"]
    assert manager.store.get(shown["id"]).config == wanted
    assert shown["name"] == ("twin without clipping" if clipped else "twin with θ = 1")
    assert (linked(app)["twin"], linked(app)["run"]) == ("on", id)
    app.button(key="twin_hide").click().run()
    assert sent(app)["twin"] is None
    app.button(key="twin").click().run()  # it is there already: nothing is trained again
    assert sent(app)["twin"]["id"] == shown["id"]
    assert len(manager.store.all()) == 2


def test_a_twin_that_would_be_the_same_run_is_told_before_it_is_trained(page, manager, monkeypatch):
    id = run_of(manager, tiny_config(max_grad_norm=2.0), 3.0, norm=0.75, scale=1.0)
    started = []
    monkeypatch.setattr(
        manager, "start", lambda asked, *_, **more: started.append(asked) or run_of(manager, asked, 3.0)
    )
    app = page(run=id)
    app.button(key="twin").click().run()
    assert started == []
    assert "θ = 2 was never reached: in 2 steps the longest gradient had norm 0.75." in app.info[0].value
    app.button(key="twin_anyway").click().run()
    assert len(started) == 1
    assert sent(app)["twin"] is not None
    assert not app.info


def test_stop_names_the_run_and_the_twin_that_it_acts_on(page, manager):
    config = tiny_config()
    id = run_of(manager, config, 3.0)
    free = manager.store.create(
        from_flat(flatten(with_clipping(config, None)) | {"stop_exploded": True}), "a twin"
    )
    manager.store.append(free.id, [Started(MACHINE)])
    app = page(run=id, twin="on")
    labels = {button.key: (button.label, button.disabled) for button in app.button}
    assert labels["stop"] == ("Stop the run", True)
    assert labels["stop_twin"] == ("Stop the twin", False)
    assert page(run=id).button(key="stop").label == "Stop"


def test_a_twin_that_gave_up_says_so(page, manager):
    config = from_flat(flatten(tiny_config(max_grad_norm="off")) | {"stop_exploded": True, "epochs": 50})
    app = page(run=run_of(manager, config, 24.0, 24.0))
    assert "It stopped by itself after epoch" in app.warning[0].value


def test_a_finite_explosion_is_told_with_where_and_why(page, manager):
    app = page(run=run_of(manager, tiny_config(max_grad_norm="off"), 3.0, 24.0, 447.0, norm=8_140.0))
    (warning,) = app.warning
    for part in (
        "in epoch 2",
        "24.0 nats",
        r"2.6 × 10¹⁰",
        "28 tokens costs ln 28 = 3.33",
        "447.0 nats",
        "10¹⁹⁴",
        "8,140",
        "step 1",
    ):
        assert part in warning.value, part


def test_an_explosion_despite_clipping_does_not_advise_what_is_done_already(page, manager):
    app = page(run=run_of(manager, tiny_config(lr=50), 3.0, 24.0))
    assert "Without clipping" not in app.warning[0].value
    assert "learning rate" in app.warning[0].value


def test_a_run_that_learns_is_not_called_an_explosion(page, manager):
    assert not page(run=run_of(manager, tiny_config(), math.log(28) + 0.05, 3.0)).warning


def test_the_twins_fate_is_told_beside_the_runs(page, manager):
    config = tiny_config()
    run_of(manager, with_clipping(config, None), 3.0, 24.0)
    app = page(run=run_of(manager, config, 3.0), twin="on")
    assert app.warning[0].value.startswith("twin without clipping: Exploded")


def test_a_perplexity_beyond_a_float_is_written_in_the_table(page, manager):
    app = page(run=run_of(manager, tiny_config(max_grad_norm="off"), 3.0, 800.0))
    assert sent(app, "run_list")["rows"][0]["cells"]["train"]["text"] == "2.7 × 10³⁴⁷"


def test_the_lesson_trains_both_halves_of_the_preset(page, manager, monkeypatch):
    started = []
    real = manager.start
    monkeypatch.setattr(
        manager, "start", lambda config, *name, **more: started.append(config) or real(config, *name, **more)
    )
    app = page("gradients")
    assert "pulled back to length θ" in said(app)
    app.button(key="clipping_train").click().run()
    free = preset("explodes")
    assert started == [with_clipping(free, 1.0), free]
    for run in manager.store.all():
        manager.stop(run.id)


def test_the_lesson_puts_both_halves_beside_each_other(page, manager):
    free = preset("explodes")
    run_of(manager, free, 3.0, 24.0, norm=8_140.0)
    id = run_of(manager, with_clipping(free, 1.0), 3.0, 2.0)
    app = page("gradients")
    assert linked(app)["run"] == id
    assert [metric.value for metric in app.metric] == ["7.39", "2.6 × 10¹⁰"]
    assert "It learns quietly" in app.success[0].value
    assert "Exploded" in app.warning[0].value
    assert "Move θ while a run trains" in said(app)
    data = [
        json.loads(p.proto.mixed.json if p.proto.HasField("mixed") else p.proto.json) for p in panels(app)
    ]
    assert data[0]["twin"]["name"] == "twin without clipping"


def test_a_half_whose_twin_was_deleted_offers_to_train_it(page, manager):
    run_of(manager, with_clipping(preset("explodes"), 1.0), 3.0, 2.0)
    app = page("gradients")
    assert [b.key for b in app.button if b.key.startswith("clipping")] == ["clipping_twin"]


@pytest.mark.parametrize("wrong", ["0", "-1", "nan", "abc", "1e308"])
def test_a_wrong_theta_in_the_link_is_a_sentence(page, wrong):
    app = page(max_grad_norm=wrong)
    assert "give a number above 0, up to 1,000,000, or off" in app.warning[0].value
