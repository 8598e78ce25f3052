"""The network is stock PyTorch, and nothing hides in between."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from playground.cells import CELLS
from playground.config import ModelConfig
from playground.models.language_model import LanguageModel, detach

V = 7
STOCK = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
every_network = pytest.mark.parametrize(
    "settings",
    [
        {"cell": cell, "num_layers": layers, "bidirectional": both}
        for cell in STOCK
        for layers in (1, 2, 3)
        for both in (False, True)
    ],
    ids=lambda s: f"{s['cell']}-{s['num_layers']}{'-bi' if s['bidirectional'] else ''}",
)


def tiny_model(**settings: object) -> LanguageModel:
    torch.manual_seed(5)
    return LanguageModel(ModelConfig(**{"hidden_size": 9} | settings), V)


def some_ids(rows: int = 3, steps: int = 11) -> torch.Tensor:
    return torch.randint(V, (rows, steps), generator=torch.Generator().manual_seed(2))


def cut_off(prefix: str, model: nn.Module) -> dict[str, torch.Tensor]:
    return {k.removeprefix(prefix): v for k, v in model.state_dict().items() if k.startswith(prefix)}


@every_network
@pytest.mark.parametrize("entry", ["one-hot", "embedding"])
@torch.no_grad()
def test_weights_load_into_stock_layers_by_name_and_give_equal_outputs(settings, entry):
    model = tiny_model(**settings, input=entry, embedding_size=6).eval()
    size = 6 if entry == "embedding" else V
    rnn = STOCK[settings["cell"]](
        size, 9, num_layers=settings["num_layers"], bidirectional=settings["bidirectional"]
    )
    head = nn.Linear(9 * (1 + settings["bidirectional"]), V)
    rnn.load_state_dict(cut_off("rnn.", model))
    head.load_state_dict(cut_off("head.", model))
    ids = some_ids()
    if entry == "embedding":
        embed = nn.Embedding(V, 6)
        embed.load_state_dict(cut_off("embed.", model))
        entered = embed(ids.t())
    else:
        entered = F.one_hot(ids.t(), V).float()
    hidden, state = rnn(entered)
    logits, own_state = model(ids)
    assert_close(logits, head(hidden).transpose(0, 1))
    assert_close(own_state, state)


@every_network
def test_there_are_no_weights_beside_the_stock_ones(settings):
    names = {name.split(".")[0] for name in tiny_model(**settings).state_dict()}
    assert names == {"rnn", "head"}


@every_network
@torch.no_grad()
def test_logits_have_a_score_for_every_token_at_every_step(settings):
    logits, _ = tiny_model(**settings)(some_ids(3, 11))
    assert logits.shape == (3, 11, V)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2, 4])
@torch.no_grad()
def test_two_parts_with_carried_state_equal_one_pass(cell, layers):
    model = tiny_model(cell=cell, num_layers=layers).eval()
    ids = some_ids(2, 12)
    whole, end = model(ids)
    left, state = model(ids[:, :5])
    right, last = model(ids[:, 5:], state)
    assert_close(torch.cat([left, right], dim=1), whole)
    assert_close(last, end)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("both", [False, True])
@torch.no_grad()
def test_only_a_two_direction_model_sees_the_future(cell, both):
    model = tiny_model(cell=cell, bidirectional=both).eval()
    ids = some_ids(1, 8)
    changed = ids.clone()
    changed[0, -1] = (ids[0, -1] + 1) % V
    sees_it = not torch.equal(model(ids)[0][:, :-1], model(changed)[0][:, :-1])
    assert sees_it == both


@pytest.mark.parametrize("layers", [1, 2])
@torch.no_grad()
def test_dropout_works_while_training_and_never_after(layers):
    model = tiny_model(num_layers=layers, dropout=0.5)
    ids = some_ids()
    assert not torch.equal(model(ids)[0], model(ids)[0])
    model.eval()
    assert torch.equal(model(ids)[0], model(ids)[0])


@torch.no_grad()
def test_one_hot_is_an_embedding_whose_table_is_the_identity():
    one_hot = tiny_model().eval()
    embedding = tiny_model(input="embedding", embedding_size=V).eval()
    embedding.rnn.load_state_dict(one_hot.rnn.state_dict())
    embedding.head.load_state_dict(one_hot.head.state_dict())
    embedding.embed.weight.copy_(torch.eye(V))
    assert_close(embedding(some_ids())[0], one_hot(some_ids())[0])


@torch.no_grad()
def test_relu_replaces_tanh_in_the_plain_rnn():
    tanh, relu = (tiny_model(cell="rnn", nonlinearity=kind) for kind in ("tanh", "relu"))
    relu.load_state_dict(tanh.state_dict())
    assert relu.rnn(F.one_hot(some_ids().t(), V).float())[0].min() == 0
    assert tanh.rnn(F.one_hot(some_ids().t(), V).float())[0].min() < 0


@pytest.mark.parametrize("cell", CELLS)
def test_detach_keeps_the_values_and_drops_the_graph(cell):
    _, state = tiny_model(cell=cell)(some_ids())
    cut = detach(state)
    assert_close(cut, state)
    parts = cut if isinstance(cut, tuple) else (cut,)
    assert not any(part.requires_grad for part in parts)
    assert isinstance(cut, tuple) == CELLS[cell].has_memory
