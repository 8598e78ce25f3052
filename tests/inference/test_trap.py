"""Two directions that predict the next token: what it is worth without the answer."""

import random
from itertools import islice

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.testing import assert_allclose

from playground.errors import ConfigError
from playground.inference.trap import leak, write_anyway
from playground.records import perplexity
from playground.training.events import CheckpointReady, EpochDone
from tests.helpers import only, prepared, tiny_config, train
from tests.inference.helpers import KINDS, NAMES, TRAP, logits_of, network, some_ids, weights_that_overflow

every_network = pytest.mark.parametrize(
    "settings",
    [
        {**kind, **TRAP, "num_layers": layers, "input": entry}
        for kind in KINDS
        for layers in (1, 2, 3)
        for entry in ("one-hot", "embedding")
    ],
    ids=lambda s: "-".join(map(str, s.values())),
)


@torch.no_grad()
def d2l_predict(model, prefix: list[int], length: int) -> list[int]:
    """As the book has it: warm-up and writing one token at a time, with the state carried on."""
    outputs, state = [prefix[0]], None
    for token in prefix[1:]:
        _, state = model(torch.tensor([[outputs[-1]]]), state)
        outputs.append(token)
    for _ in range(length):
        logits, state = model(torch.tensor([[outputs[-1]]]), state)
        outputs.append(int(logits[0, -1].argmax()))
    return outputs[len(prefix) :]


@every_network
@pytest.mark.parametrize("prefix", [[3], [1, 5, 2, 8, 0, 6]], ids=len)
def test_it_writes_what_d2ls_predict_writes(settings, prefix):
    model, weights, config = network(**settings)
    assert list(islice(write_anyway(weights, config, prefix), 25)) == d2l_predict(model, prefix, 25)


@every_network
def test_bits_are_torchs_cross_entropy_of_the_next_token(settings):
    model, weights, config = network(**settings)
    ids = some_ids(9)
    told = leak(weights, config, ids, tokens=[NAMES[id] for id in ids])
    logits = logits_of(model, ids)[:-1]
    expected = F.cross_entropy(logits, torch.tensor(ids[1:]), reduction="none").numpy() / np.log(2)
    assert_allclose(told.bits, expected, atol=1e-9)
    assert told.tokens == tuple(NAMES[id] for id in ids)
    assert told.perplexity == pytest.approx(2 ** expected.mean())


@every_network
def test_scrambled_is_the_same_question_with_another_end_made_of_the_sentences_tokens(settings):
    model, weights, config = network(**settings)
    ids = some_ids(7)
    told = leak(weights, config, ids, tokens=NAMES[:7], seed=5)
    rng, copied = np.random.default_rng(5), []
    for t in range(6):
        other = ids[: t + 1] + rng.choice(ids, 6 - t).tolist()
        scores = logits_of(model, other)[t]
        expected = float(F.cross_entropy(scores, torch.tensor(ids[t + 1]))) / np.log(2)
        assert told.scrambled[t] == pytest.approx(expected, abs=1e-9)
        copied.append(int(scores.argmax()) == other[t + 1])
    assert told.copies == pytest.approx(np.mean(copied))


def test_the_same_seed_scrambles_the_same_and_the_shortest_sentence_has_two_tokens():
    _, weights, config = network(cell="gru", **TRAP)
    first, again, other = (leak(weights, config, some_ids(12), tokens="x" * 12, seed=s) for s in (0, 0, 1))
    assert_allclose(first.scrambled, again.scrambled, rtol=0)
    assert not np.allclose(first.scrambled, other.scrambled)
    assert_allclose(first.bits, other.bits, rtol=0)
    assert leak(weights, config, [1, 2], tokens="ab").bits.shape == (1,)


def test_a_trained_trap_copies_what_follows_and_knows_nothing_without_it():
    text = "".join(random.Random(1).choices("abcdefgh", k=1_500))  # drawn by lot: nothing else can be known
    config = tiny_config(
        cell="lstm",
        num_layers=2,
        bidirectional=True,
        hidden_size=24,
        optimizer="adamw",
        lr=0.02,
        epochs=12,
        batch_size=8,
        num_steps=16,
        sample_every=0,
    )
    events = train(config, text)
    assert perplexity(only(EpochDone, events)[-1].heldout_loss) < 2  # an honest network's is 8 at the least
    weights = {name: value.numpy() for name, value in only(CheckpointReady, events)[-1].weights.items()}
    ids = prepared(config, text).heldout[:60].tolist()
    told = leak(weights, config.model, ids, tokens=["x"] * len(ids))
    assert told.perplexity < 1.5
    assert told.scrambled_perplexity > 8
    assert told.scrambled.mean() > told.bits.mean() + 3
    assert told.copies > 0.9


def test_a_network_that_overflows_is_a_sentence_and_nothing_warns():
    _, weights, config = network(cell="rnn", nonlinearity="relu", **TRAP)
    broken = weights_that_overflow(weights)
    for attempt in (
        lambda: next(write_anyway(broken, config, some_ids(60))),
        lambda: leak(broken, config, some_ids(60), tokens="x" * 60),
    ):
        with pytest.raises(ConfigError, match="has diverged"):
            attempt()
