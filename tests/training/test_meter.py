"""Training time and speed."""

from playground.training.meter import SpeedMeter
from tests.helpers import Clock


def test_pauses_do_not_count():
    clock = Clock()
    meter = SpeedMeter(clock)
    meter.start()
    clock.now = 3.0
    meter.stop()
    clock.now = 100.0
    assert meter.seconds == 3.0
    meter.start()
    clock.now = 102.0
    assert meter.seconds == 5.0


def test_speed_is_tokens_by_training_seconds():
    clock = Clock()
    meter = SpeedMeter(clock)
    meter.start()
    assert meter.tokens_per_second == 0.0
    for _ in range(40):
        clock.now += 0.25
        meter.count(50)
        assert meter.tokens_per_second == 200.0


def test_speed_forgets_what_is_longer_ago_than_its_window():
    clock = Clock()
    meter = SpeedMeter(clock)
    meter.start()
    for tokens in (1_000, 10, 10):
        clock.now += 1.0
        meter.count(tokens)
        assert meter.tokens_per_second == tokens


def test_a_pause_does_not_slow_the_speed():
    clock = Clock()
    meter = SpeedMeter(clock)
    meter.start()
    clock.now = 1.0
    meter.count(80)
    assert meter.tokens_per_second == 80.0
    meter.stop()
    clock.now = 500.0
    meter.start()
    clock.now = 501.0
    meter.count(80)
    assert meter.tokens_per_second == 80.0


def test_a_checkpoints_counts_go_on_and_do_not_count_as_speed():
    clock = Clock()
    meter = SpeedMeter(clock)
    meter.load(60.0, 9_000)
    meter.start()
    clock.now = 2.0
    meter.count(10)
    assert (meter.seconds, meter.tokens) == (62.0, 9_010)
    assert meter.tokens_per_second == 5.0
