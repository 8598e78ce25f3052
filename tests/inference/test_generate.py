"""Greedy continuation."""

import pytest
import torch

from playground.config import CELLS, ModelConfig
from playground.inference.generate import continue_greedily
from playground.models.language_model import LanguageModel

V = 11


def tiny_model(cell: str, **more: object) -> LanguageModel:
    torch.manual_seed(4)
    model = LanguageModel(ModelConfig(cell=cell, hidden_size=10, **more), V)
    with torch.no_grad():
        model.head.weight.mul_(8)  # lively: an untrained model repeats one token
    return model


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("prefix", [[3], [1, 5, 2, 8, 0]])
@torch.no_grad()
def test_each_token_is_the_likeliest_after_the_whole_text_so_far(cell, prefix):
    model = tiny_model(cell, num_layers=2).eval()
    text = list(prefix)
    for token in continue_greedily(model, prefix, 12):
        logits, _ = model(torch.tensor([text]))
        assert token == int(logits[0, -1].argmax())
        text.append(token)
    assert len(text) == len(prefix) + 12


@pytest.mark.parametrize("length", [0, 1, 2, 9])
def test_a_longer_continuation_begins_with_the_shorter(length):
    model = tiny_model("lstm")
    assert continue_greedily(model, [1, 2], length) == continue_greedily(model, [1, 2], 10)[:length]


@pytest.mark.parametrize("training", [True, False])
def test_the_training_mode_is_restored_and_dropout_is_off(training):
    model = tiny_model("gru", dropout=0.6).train(training)
    written = [continue_greedily(model, [1], 8) for _ in range(3)]
    assert written[0] == written[1] == written[2]
    assert model.training is training


def test_no_random_number_is_drawn():
    model = tiny_model("rnn", dropout=0.5)
    before = torch.get_rng_state()
    continue_greedily(model, [1, 2], 5)
    assert torch.equal(torch.get_rng_state(), before)
