"""Token ids → scores for the next token."""

from __future__ import annotations

from torch import Tensor, nn

from playground.config import ModelConfig

State = Tensor | tuple[Tensor, Tensor]
"""Hidden state (L·D, B, H); for an LSTM with the cell state of the same shape."""

_RECURRENT: dict[str, type[nn.RNNBase]] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class LanguageModel(nn.Module):
    """One-hot or embedding → RNN, GRU or LSTM → linear scores.

    `rnn.*` and `head.*` are plain PyTorch weights: cut the prefix off and they
    load into `nn.LSTM` (`nn.GRU`, `nn.RNN`) and `nn.Linear`.

    Args:
        config: The network's settings.
        vocab_size: V.
    """

    def __init__(self, config: ModelConfig, vocab_size: int) -> None:
        super().__init__()
        self.vocab_size = vocab_size
        embeds = config.input == "embedding"
        self.embed = nn.Embedding(vocab_size, config.embedding_size) if embeds else None
        between = config.dropout if config.num_layers > 1 else 0.0  # nn.* warns about one layer
        extra = {"nonlinearity": config.nonlinearity} if config.cell == "rnn" else {}
        self.rnn = _RECURRENT[config.cell](
            input_size=config.embedding_size if embeds else vocab_size,
            hidden_size=config.hidden_size,
            num_layers=config.num_layers,
            bidirectional=config.bidirectional,
            dropout=between,
            **extra,  # type: ignore[arg-type]  # RNNBase hides nn.RNN's own argument
        )
        self.drop = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.hidden_size * (2 if config.bidirectional else 1), vocab_size)

    def forward(self, ids: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Score every next token.

        Args:
            ids: (B, T), int64, each below V.
            state: From the call before; None starts at zero.

        Returns:
            Logits (B, T, V), and the state after the last step.
        """
        hidden, state = self.rnn(self._enter(ids.t()), state)  # (T, B, H·D)
        return self.head(self.drop(hidden)).transpose(0, 1), state

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
