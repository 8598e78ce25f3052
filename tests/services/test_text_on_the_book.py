"""What a network trained on The Time Machine writes, and what both sides of a blank are worth."""

import pytest

from playground.config import WriteConfig
from playground.records import RunStatus, perplexity
from playground.services.checkpoints import CheckpointCache
from playground.services.text import TextService
from playground.text.corpora import TIME_MACHINE
from playground.text.normalize import normalize_letters
from tests.helpers import tiny_config

pytestmark = pytest.mark.slow
ON_THE_BOOK = {
    "corpus": TIME_MACHINE,
    "normalize": "letters",
    "cell": "lstm",
    "optimizer": "adamw",
    "batch_size": 32,
    "num_steps": 35,
    "sample_every": 0,
}


@pytest.fixture
def train(store, make_manager):
    """Trains to the end; gives the run with its newest checkpoint."""

    def call(**settings: object):
        manager = make_manager()
        run = manager.wait(manager.start(tiny_config(**ON_THE_BOOK | settings)).id, 300)
        assert run.status is RunStatus.FINISHED
        return run, store.newest_checkpoint(run.id)

    return call


def test_a_memorised_beginning_is_continued_with_what_stands_in_the_book(store, train, time_machine):
    run, last = train(max_tokens=10_000, held_out=0, hidden_size=256, lr=0.01, epochs=70)
    assert perplexity(run.train_loss) <= 1.1
    prefix = "time traveller"
    greedily = WriteConfig(length=40, temperature=0)
    written = "".join(
        token.token for token in TextService(CheckpointCache(store)).write(run, last, prefix, greedily)
    )
    assert len(written) == 40
    assert prefix + written in normalize_letters(time_machine.text)


def test_both_sides_of_a_blank_are_worth_fifteen_points(store, train, time_machine):
    """Measured 71.6 % against 50.0 %."""
    settings = {"hidden_size": 128, "lr": 0.005, "epochs": 6}
    service = TextService(CheckpointCache(store))
    both = service.score(*train(**settings, bidirectional=True, objective="masked"))
    left = service.score(*train(**settings))
    assert both.of == left.of == 4_998
    assert both.share >= left.share + 0.15
