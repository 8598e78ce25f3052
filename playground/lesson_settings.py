"""Settings of the lessons: what a person moves on a page, validated as a run's settings are."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from playground.config import MAX_SEED, ModelConfig
from playground.settings import NotBool, OffIsNone, Settings

Predictor = Literal["linear", "mlp", "rnn"]
PREDICTORS: tuple[Predictor, ...] = get_args(Predictor)
MOST_AHEAD = 64
"""Steps that a noisy sine is predicted ahead, d2l's largest k."""
W_ENDS, B_ENDS = (2.0, 7.0), (-4.0, 0.0)
"""The window that is drawn, and where a path may start."""


class ForecastConfig(Settings):
    """A noisy sine, and what predicts it from its own past (d2l 8.1)."""

    predictor: Predictor = "mlp"
    """`linear`, `mlp` (one hidden layer of 10, relu) or `rnn` (10 tanh units that read values in turn)."""
    tau: Annotated[int, NotBool] = Field(4, ge=1, le=16)
    """Values that it sees."""
    noise: Annotated[float, NotBool] = Field(0.2, ge=0.0, le=1.0)
    """Standard deviation of what is added to the sine."""
    ahead: Annotated[int, NotBool] = Field(MOST_AHEAD, ge=1, le=MOST_AHEAD)
    """Most steps ahead that are looked at."""
    seed: Annotated[int, NotBool] = Field(79, ge=0, le=MAX_SEED)
    """Of the noise, the first weights and the order of the examples.

    Of 0 … 99, 79 comes nearest to the median errors.
    """


class PartitionConfig(Settings):
    """How a toy text of a few tokens is cut into minibatches (d2l 8.3); the names are `TrainConfig`'s."""

    batch_size: Annotated[int, NotBool] = Field(2, ge=1, le=6)
    """Rows of a minibatch."""
    num_steps: Annotated[int, NotBool] = Field(5, ge=2, le=8)
    """Tokens a row."""
    sampling: Literal["sequential", "random"] = "sequential"
    """`sequential`: row i of a minibatch continues that of the one before; `random`: pieces in any order."""
    state: Literal["carried", "reset"] = "carried"
    """What the hidden state does between sequential minibatches; between random ones it is always reset."""
    deal: Annotated[int, NotBool] = Field(1, ge=1, le=20)
    """Which epoch: each draws its own offset and order."""


class NetworkConfig(ModelConfig):
    """A network that is looked at and not trained, over as many tokens as one likes."""

    vocab_size: Annotated[int, NotBool] = Field(28, ge=2, le=50_000)
    """Different tokens; d2l's 28 are the letters, the space and `<unk>`."""


class FreshConfig(Settings):
    """A cell before its first step, for what can be asked without training."""

    hidden_size: Annotated[int, NotBool] = Field(64, ge=8, le=512)
    """Hidden units."""
    gain: Annotated[float | None, NotBool, OffIsNone] = Field(None, gt=0.0, le=10.0)
    """Recurrent weights become random orthogonal matrices times this; None leaves PyTorch's own."""
    forget_bias: Annotated[float | None, NotBool, OffIsNone] = Field(None, ge=-10.0, le=10.0)
    """LSTM: bias of every forget gate; None leaves it as PyTorch makes it, about 0."""
    seed: Annotated[int, NotBool] = Field(0, ge=0, le=MAX_SEED)
    """Of the weights."""


class DescentConfig(Settings):
    """Where a path starts, and how it goes down."""

    w: Annotated[float, NotBool] = Field(5.5, ge=W_ENDS[0], le=W_ENDS[1])
    """The recurrent weight at the start."""
    b: Annotated[float, NotBool] = Field(-2.6, ge=B_ENDS[0], le=B_ENDS[1])
    """The bias at the start."""
    rate: Annotated[float, NotBool] = Field(0.5, gt=0.0, le=100.0)
    """Learning rate."""
    theta: Annotated[float | None, NotBool, OffIsNone] = Field(1.0, gt=0.0, le=1e6)
    """The L2 limit on the gradient before each step; None turns clipping off."""
    steps: Annotated[int, NotBool] = Field(100, ge=1, le=500)
    """Of gradient descent."""
