"""How long a run would take, before it is started."""

from __future__ import annotations

import pytest

from playground.errors import LimitReached
from playground.records import TrainingFacts
from playground.runs.speed import step_seconds
from playground.runs.time_check import TimeCheck
from playground.training.events import Started, StepDone
from tests.helpers import Clock, some_text, tiny_config

TOKENS = 20_000
NO_CARD = dict.fromkeys(("cuda", "mps"))


@pytest.fixture
def text_id(store):
    return store.library.add("A text", some_text(TOKENS)).id


@pytest.fixture
def config(text_id):
    return lambda **more: tiny_config(**({"corpus": text_id, "held_out": 0, "hidden_size": 64} | more))


@pytest.fixture
def check(store):
    return lambda missing=NO_CARD: TimeCheck(store, lambda config: 28, lambda seconds: missing)


@pytest.fixture
def measured(store):
    """A run of so many seconds for each step."""

    def add(config, step, *, steps=1_000, device="cpu", vocab_size=28):
        run = store.create(config, "A run")
        facts = TrainingFacts(device, "a processor", 1, "2.13.0", 321, vocab_size, 4, TOKENS, 0)
        last = StepDone(steps, 1.0, 2.0, 1.0, 1.0, 0.0, step * steps)
        store.append(run.id, [Started(facts), last])

    return add


def steps_of(config):
    return TOKENS / (config.train.batch_size * config.train.num_steps)


def test_without_any_run_its_settings_say_it(check, config):
    assert check().epoch_seconds(config()) == pytest.approx(step_seconds(config(), 28) * steps_of(config()))


def test_what_is_held_out_is_read_too_and_costs_a_third(check, config):
    whole, less = check().epoch_seconds(config()), check().epoch_seconds(config(held_out=0.4))
    assert less == pytest.approx(whole * (0.6 + 0.4 / 3), rel=1e-3)


def test_runs_of_the_same_network_say_it_best_and_the_usual_one_counts(check, config, measured):
    for seed, step in enumerate((0.004, 0.010, 0.500)):
        measured(config(epochs=7, lr=0.1, seed=seed), step)
    assert check().epoch_seconds(config()) == pytest.approx(0.010 * steps_of(config()))


def test_other_runs_say_how_much_slower_this_machine_is(check, config, measured):
    """Its processor is not the one that the costs were measured on."""
    for hidden, cell in ((16, "lstm"), (128, "gru"), (32, "rnn")):
        other = config(hidden_size=hidden, cell=cell)
        measured(other, 3 * step_seconds(other, 28), steps=100_000)
    said = check().epoch_seconds(config())
    assert said == pytest.approx(3 * step_seconds(config(), 28) * steps_of(config()))


@pytest.mark.parametrize("other", [{"steps": 1}, {"device": "cuda"}], ids=["for a moment", "on a card"])
def test_what_says_nothing_is_not_asked(check, config, measured, other):
    measured(config(), 1.5, **other)
    assert check().epoch_seconds(config()) == pytest.approx(step_seconds(config(), 28) * steps_of(config()))


def test_the_same_network_with_another_vocabulary_is_another(check, config, measured):
    measured(config(), step_seconds(config(), 3_000), vocab_size=3_000)
    assert check().epoch_seconds(config()) == pytest.approx(step_seconds(config(), 28) * steps_of(config()))


def test_of_a_card_only_its_own_runs_are_known(check, config, measured):
    assert check(missing={"mps": None}).epoch_seconds(config(device="auto")) is None
    measured(config(device="cuda"), 0.02, device="cuda")
    assert check(missing={"mps": None}).epoch_seconds(config(device="cuda")) == pytest.approx(
        0.02 * steps_of(config())
    )


def test_what_has_trained_meanwhile_counts_after_some_seconds(store, config, measured):
    clock = Clock()
    check = TimeCheck(store, lambda config: 28, lambda seconds: NO_CARD, clock)
    by_settings = check.epoch_seconds(config())
    measured(config(), 0.05)
    assert check.epoch_seconds(config()) == by_settings
    clock.now = 5.0
    assert check.epoch_seconds(config()) == pytest.approx(0.05 * steps_of(config()))


@pytest.fixture
def manager(make_manager, store, measured, config):
    made = make_manager()
    measured(config(), 0.010)  # 20 s an epoch
    return made


def said(manager, config, owner="ann"):
    return [str(told) for told in manager.admission.told(config, owner)]


def test_what_is_long_is_told_to_a_person(manager, config):
    assert said(manager, config(epochs=5)) == []
    assert said(manager, config(epochs=30)) == ["This set-up trains for about 10 minutes when it is alone."]
    assert said(manager, config(epochs=900)) == ["This set-up trains for about 5.0 hours when it is alone."]
    assert said(manager, config(epochs="off")) == []
    assert said(manager, config(epochs=1_000), owner=None) == []


def test_a_limit_of_minutes_refuses_with_the_epochs_that_fit(manager, config, store):
    store.settings.put({"run_minutes": 2})
    with pytest.raises(
        LimitReached, match=r"about 10 minutes .* has 2 here. Choose 6 epochs or fewer"
    ) as refused:
        manager.start(config(epochs=30), owner="ann")
    fitting = refused.value.params["epochs"]
    run = manager.start(config(epochs=fitting), owner="ann")
    manager.stop(run.id)
    with pytest.raises(LimitReached):
        manager.start(config(epochs=fitting + 1), owner="ann")
    store.settings.put({"run_minutes": 0.1})
    with pytest.raises(LimitReached, match="Not even one epoch fits"):
        manager.start(config(epochs=30), owner="ann")
    manager.stop(manager.start(config(epochs=30)).id)  # the machine's owner
