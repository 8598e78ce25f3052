"""Token ids → scores for the next token, or for each token from its two sides."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from playground.config import ModelConfig
from playground.models.stacks import State, recurrent_stack

__all__ = ["LanguageModel", "State", "detach"]


class LanguageModel(nn.Module):
    """One-hot or embedding → RNN, GRU, LSTM or another cell → linear scores.

    `rnn.*` and `head.*` are plain PyTorch weights: cut the prefix off and they
    load into `nn.LSTM` (`nn.GRU`, `nn.RNN`) and `nn.Linear`. With `objective=masked`
    two stacks that know nothing of each other, `rnn.*` and `rnn_reverse.*`, read from
    both ends: were their layers joined as in `bidirectional=True`, the second layer would
    pass the hidden token on.

    Args:
        config: The network's settings.
        vocab_size: V.
    """

    def __init__(self, config: ModelConfig, vocab_size: int) -> None:
        super().__init__()
        self.vocab_size = vocab_size
        embeds = config.input == "embedding"
        self.embed = nn.Embedding(vocab_size, config.embedding_size) if embeds else None
        entering = config.embedding_size if embeds else vocab_size
        self.rnn = recurrent_stack(config, entering)
        self.rnn_reverse = recurrent_stack(config, entering) if config.objective == "masked" else None
        self.drop = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.hidden_size * (2 if config.bidirectional else 1), vocab_size)

    def forward(self, ids: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Score every next token; with `objective=masked` every token itself, from all the others.

        Args:
            ids: (B, T), int64, each below V.
            state: The state that the call before returned; None starts at zero, as the reader from
                the end always does.

        Returns:
            Logits (B, T, V), and the state after the last step.
        """
        entering = self._enter(ids.t())
        hidden, after = self.rnn(entering, state)  # (T, B, H·D)
        if self.rnn_reverse is not None:
            left, right = self._left_of(hidden, state), self._right_of(entering)
            hidden = torch.cat([left, right], dim=-1)
        return self.head(self.drop(hidden)).transpose(0, 1), after

    @staticmethod
    def _left_of(hidden: Tensor, state: State | None) -> Tensor:
        """(T, B, H) states after each token → before it."""
        if state is None:
            first = torch.zeros_like(hidden[:1])
        else:
            first = (state[0] if isinstance(state, tuple) else state)[-1:]  # of the top layer
        return torch.cat([first, hidden[:-1]])

    def _right_of(self, entering: Tensor) -> Tensor:
        """(T, B, E) → (T, B, H): what the reader from the end knew before it came to each token."""
        assert self.rnn_reverse is not None
        hidden = self.rnn_reverse(entering.flip(0))[0]
        return torch.cat([torch.zeros_like(hidden[:1]), hidden[:-1]]).flip(0)

    def _enter(self, ids: Tensor) -> Tensor:
        """(T, B) ids → (T, B, E)."""
        if self.embed is not None:
            embedded: Tensor = self.embed(ids)
            return embedded
        # F.one_hot's values, but at once in floats: it makes whole numbers first, 8 bytes each
        empty = self.head.weight.new_zeros(*ids.shape, self.vocab_size)
        return empty.scatter_(-1, ids.unsqueeze(-1), 1.0)


def detach(state: State) -> State:
    """Cut the graph but keep the values: truncated backpropagation through time."""
    if isinstance(state, tuple):
        return state[0].detach(), state[1].detach()
    return state.detach()
