"""Layers and directions of one cell in torch: PyTorch's own class, or a step taken again and again."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from playground.cells import CELLS, CellSpec
from playground.cells.spec import TorchStep
from playground.config import ModelConfig

State = Tensor | tuple[Tensor, Tensor]
"""Hidden state (L·D, B, H); for a cell with a memory with the cell state of the same shape."""


def recurrent_stack(config: ModelConfig, input_size: int) -> nn.Module:
    """All layers of one reader, (T, B, E) and its state → (T, B, H·D) and its state, as `nn.LSTM` does it.

    Args:
        config: The network's settings; with `objective=masked` its two readers are stacks of their own.
        input_size: E, numbers that enter the first layer.
    """
    cell = CELLS[config.cell]
    bidirectional = config.bidirectional and config.objective != "masked"
    between = config.dropout if config.num_layers > 1 else 0.0  # nn.* warns about one layer
    if isinstance(cell.torch, str):
        choice = {"nonlinearity": config.nonlinearity} if len(cell.nonlinearities) > 1 else {}
        stack: nn.Module = getattr(nn, cell.torch)(
            input_size,
            config.hidden_size,
            config.num_layers,
            bidirectional=bidirectional,
            dropout=between,
            **choice,
        )
        return stack
    return SteppedRNN(
        cell,
        cell.torch,
        input_size,
        config.hidden_size,
        config.num_layers,
        bidirectional=bidirectional,
        dropout=between,
        nonlinearity=config.nonlinearity,
    )


class SteppedRNN(nn.Module):
    """What `nn.LSTM` is, for a cell that PyTorch has no class for: weights of the same names, no kernel.

    Args:
        cell: Its gates decide how many blocks the weights have, its memory whether the state is a pair.
        step: One step of it on tensors.
        input_size: E, numbers that enter the first layer.
        hidden_size: H, units a layer and direction.
        num_layers: L, layers on top of each other.
        bidirectional: A second reader in every layer starts at the end.
        dropout: Fraction of activations dropped between layers.
        nonlinearity: What the step is told to squash with.
    """

    def __init__(
        self,
        cell: CellSpec,
        step: TorchStep,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        *,
        bidirectional: bool,
        dropout: float,
        nonlinearity: str,
    ) -> None:
        super().__init__()
        self._step, self._nonlinearity, self._has_memory = step, nonlinearity, cell.has_memory
        self._hidden_size, self._num_layers = hidden_size, num_layers
        self._endings = ("", "_reverse") if bidirectional else ("",)
        self._drop = nn.Dropout(dropout)
        rows, entering, bound = len(cell.gates) * hidden_size, input_size, hidden_size**-0.5
        for layer in range(num_layers):
            for ending in self._endings:
                for name, shape in {
                    "weight_ih": (rows, entering),
                    "weight_hh": (rows, hidden_size),
                    "bias_ih": (rows,),
                    "bias_hh": (rows,),
                }.items():
                    weight = nn.Parameter(torch.empty(shape).uniform_(-bound, bound))
                    self.register_parameter(f"{name}_l{layer}{ending}", weight)
            entering = hidden_size * len(self._endings)

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Read (T, B, E), or (T, E) without a batch, from a state or from zero."""
        zero = x.new_zeros(self._num_layers * len(self._endings), *x.shape[1:-1], self._hidden_size)
        before = (zero, zero) if state is None else state if isinstance(state, tuple) else (state, state)
        ends: list[tuple[Tensor, Tensor]] = []
        for layer in range(self._num_layers):
            if layer:
                x = self._drop(x)
            read = [
                self._read(x, f"_l{layer}{ending}", before[0][len(ends) + i], before[1][len(ends) + i])
                for i, ending in enumerate(self._endings)
            ]
            x = torch.cat([hidden for hidden, _ in read], dim=-1)
            ends += [end for _, end in read]
        h, c = (torch.stack(part) for part in zip(*ends, strict=True))
        return x, (h, c) if self._has_memory else h

    def _read(self, x: Tensor, slot: str, h: Tensor, c: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """One layer in one direction: its states (T, B, H) in text order, and its last h and c."""
        w_i, w_h, b_i, b_h = (
            getattr(self, name + slot) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        entering = x @ w_i.T + b_i  # (T, B, G·H), all steps at once
        backward = slot.endswith("_reverse")
        hidden = []
        for at in reversed(entering) if backward else entering:
            h, c = self._step(at, h @ w_h.T + b_h, h, c, self._nonlinearity)
            hidden.append(h)
        return torch.stack(hidden[::-1] if backward else hidden), (h, c)
