"""The loops that a textbook prints: stock PyTorch, nothing of the playground's.

Written after d2l, chapters 8.3 (sequential partitioning), 8.5 (one-hot,
clipping, truncated backpropagation, prediction) and 8.6 / 9 (concise recurrent layers).
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_LAYERS: dict[str, Callable[[int, int], nn.RNNBase]] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class TextbookModel(nn.Module):
    """One-hot → recurrent layer → linear, as d2l's `RNNModel`."""

    def __init__(self, cell: str, vocab_size: int, num_hiddens: int) -> None:
        super().__init__()
        self.vocab_size = vocab_size
        self.rnn = _LAYERS[cell](vocab_size, num_hiddens)
        self.linear = nn.Linear(num_hiddens, vocab_size)

    def forward(self, inputs: Tensor, state: object) -> tuple[Tensor, object]:
        """(B, T) → (T·B, V), time-major."""
        one_hot = F.one_hot(inputs.T, self.vocab_size).to(torch.float32)
        hidden, state = self.rnn(one_hot, state)
        return self.linear(hidden.reshape(-1, hidden.shape[-1])), state


def textbook_loop(
    net: TextbookModel,
    corpus: Tensor,
    *,
    epochs: int,
    batch_size: int,
    num_steps: int,
    lr: float,
    theta: float,
) -> tuple[int, float]:
    """Train; return tokens seen and the last epoch's perplexity."""
    updater = torch.optim.SGD(net.parameters(), lr=lr)
    criterion = nn.CrossEntropyLoss()
    tokens, last = 0, math.nan
    for _ in range(epochs):
        state: object = None
        total, count = 0.0, 0
        for x, y in textbook_batches(corpus, batch_size, num_steps):
            if isinstance(state, tuple):
                state = tuple(s.detach() for s in state)
            elif isinstance(state, Tensor):
                state = state.detach()
            output, state = net(x, state)
            loss = criterion(output, y.T.reshape(-1))
            updater.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), theta)
            updater.step()
            total += loss.item() * y.numel()
            count += y.numel()
        tokens += count
        last = math.exp(total / count)
    return tokens, last


def textbook_batches(corpus: Tensor, batch_size: int, num_steps: int) -> Iterator[tuple[Tensor, Tensor]]:
    """d2l's sequential partitioning: `batch_size` rows from a random offset, walked along together."""
    offset = random.randint(0, num_steps)  # noqa: S311
    num_tokens = ((len(corpus) - offset - 1) // batch_size) * batch_size
    xs = corpus[offset : offset + num_tokens].reshape(batch_size, -1)
    ys = corpus[offset + 1 : offset + 1 + num_tokens].reshape(batch_size, -1)
    for i in range(0, num_steps * (xs.shape[1] // num_steps), num_steps):
        yield xs[:, i : i + num_steps], ys[:, i : i + num_steps]


def textbook_predict(net: TextbookModel, prefix: Sequence[int], num_preds: int) -> list[int]:
    """d2l's `predict`: warm up on the prefix, then take the likeliest token again and again."""
    outputs = [prefix[0]]
    state: object = None

    def get_input() -> Tensor:
        return torch.tensor([outputs[-1]]).reshape((1, 1))

    for y in prefix[1:]:
        _, state = net(get_input(), state)
        outputs.append(y)
    for _ in range(num_preds):
        output, state = net(get_input(), state)
        outputs.append(int(output.argmax(dim=1).reshape(1)))
    return outputs[len(prefix) :]
