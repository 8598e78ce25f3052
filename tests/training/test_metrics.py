"""Perplexity and held-out loss."""

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from playground.cells import CELLS
from playground.config import ModelConfig
from playground.models.language_model import LanguageModel
from playground.records import perplexity
from playground.training.metrics import evaluate

V = 13
MASKED = {"objective": "masked", "bidirectional": True}


def tiny_model(cell: str = "gru", **more: object) -> LanguageModel:
    torch.manual_seed(6)
    return LanguageModel(ModelConfig(cell=cell, hidden_size=8, **more), V).eval()


def some_ids(n: int) -> torch.Tensor:
    return torch.randint(V, (n,), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("cell", CELLS)
@torch.no_grad()
def test_a_uniform_models_perplexity_is_the_vocabularys_size(cell):
    model = tiny_model(cell)
    model.head.weight.zero_()
    model.head.bias.fill_(3.0)
    loss = evaluate(model, some_ids(90), batch_size=3, num_steps=5)
    assert perplexity(loss) == pytest.approx(V, rel=1e-5)


@given(st.floats(0, 700))
def test_perplexity_is_the_exponential(loss):
    assert perplexity(loss) == math.exp(loss)


@pytest.mark.parametrize("loss", [709.8, 1e5, 1e308, math.inf])
def test_perplexity_beyond_a_float_is_infinite_not_an_error(loss):
    assert perplexity(loss) == math.inf


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("n", [2, 3, 17, 39])
@torch.no_grad()
def test_a_short_text_is_judged_in_one_pass_from_its_start(cell, n):
    model, ids = tiny_model(cell), some_ids(n)
    logits, _ = model(ids[None, :-1])
    oracle = F.cross_entropy(logits[0], ids[1:])
    assert evaluate(model, ids, batch_size=4, num_steps=5) == pytest.approx(float(oracle), rel=1e-5)


@torch.no_grad()
def test_a_long_text_is_judged_row_by_row_each_from_a_fresh_state():
    model, ids = tiny_model(), some_ids(121)
    losses = [
        F.cross_entropy(model(ids[None, at : at + 40])[0][0], ids[at + 1 : at + 41]) for at in (0, 40, 80)
    ]
    oracle = float(torch.stack(losses).mean())
    assert evaluate(model, ids, batch_size=3, num_steps=10) == pytest.approx(oracle, rel=1e-5)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(
    ("n", "rows", "per_row"), [(2, 1, 1), (17, 1, 16), (39, 1, 38), (121, 3, 40), (125, 3, 41)]
)
@torch.no_grad()
def test_both_sides_are_judged_on_each_token_itself_in_stretches_of_four_passes(cell, n, rows, per_row):
    model, ids = tiny_model(cell, **MASKED, num_layers=2), some_ids(n)
    losses = []
    for row in ids[: rows * per_row].view(rows, per_row):
        state = None
        for stretch in row.split(4 * 5):
            logits, state = model(stretch[None], state)  # the left reader goes on, the right one begins anew
            losses.append(F.cross_entropy(logits[0], stretch, reduction="sum"))
    oracle = float(torch.stack(losses).sum()) / (rows * per_row)
    assert evaluate(model, ids, batch_size=3, num_steps=5) == pytest.approx(oracle, rel=1e-5)


@torch.no_grad()
def test_both_sides_of_a_uniform_model_have_the_vocabularys_size_too():
    model = tiny_model(**MASKED)
    model.head.weight.zero_()
    model.head.bias.fill_(3.0)
    assert perplexity(evaluate(model, some_ids(90), batch_size=3, num_steps=5)) == pytest.approx(V, rel=1e-5)


@pytest.mark.parametrize("num_steps", [3, 7, 30])
def test_the_length_of_a_pass_changes_nothing(num_steps):
    model, ids = tiny_model(), some_ids(60)
    whole = evaluate(model, ids, batch_size=1, num_steps=59)
    assert evaluate(model, ids, batch_size=1, num_steps=num_steps) == pytest.approx(whole, rel=1e-5)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("sides", [{}, MASKED], ids=["next", "masked"])
def test_judging_draws_nothing_changes_nothing_and_hides_nothing(training, sides):
    model = tiny_model(dropout=0.7, **sides).train(training)
    random, weights = torch.get_rng_state(), {k: v.clone() for k, v in model.state_dict().items()}
    first = evaluate(model, some_ids(80), batch_size=2, num_steps=5)
    assert evaluate(model, some_ids(80), batch_size=2, num_steps=5) == first
    assert model.training is training
    assert torch.equal(torch.get_rng_state(), random)
    assert all(torch.equal(weights[k], v) for k, v in model.state_dict().items())
