"""Settings of the lessons: what a person moves on a page, validated and offered as a run's settings are."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from playground.config import MAX_SEED, ModelConfig
from playground.controls import Control, LongText, Switch
from playground.errors import gettext_noop as _
from playground.settings import NotBool, OffIsNone, Settings

Predictor = Literal["linear", "mlp", "rnn"]
PREDICTORS: tuple[Predictor, ...] = get_args(Predictor)
MOST_AHEAD = 64
"""Steps that a noisy sine is predicted ahead, d2l's largest k."""
W_ENDS, B_ENDS = (2.0, 7.0), (-4.0, 0.0)
"""The window of the cliff that is drawn, and where a path may start."""
MOST_EPOCH = 10_000_000
OnOff = Literal["on", "off"]
Epoch = Annotated[float | None, NotBool, Control(_("Moment of training"))]
"""A moment of training, in epochs; None is the newest."""
Words = Annotated[str | None, LongText(), Control(_("Text"))]
Sentence = Annotated[str | None, LongText(), Control(_("Sentence"))]
"""What a person writes; None is the usual text."""


class ForecastConfig(Settings):
    """A noisy sine, and what predicts it from its own past (d2l 8.1)."""

    predictor: Annotated[
        Predictor,
        Control(
            _("Predictor"),
            _(
                "A weighted sum; a network with one hidden layer of 10 relu units, as in d2l; or 10 "
                "tanh units that read the "
                "values in turn."
            ),
            words={"linear": _("linear"), "mlp": _("MLP τ-10-1"), "rnn": _("RNN, 10 units")},
        ),
    ] = "mlp"
    """`linear`, `mlp` (one hidden layer of 10, relu) or `rnn` (10 tanh units that read the values in turn)."""
    tau: Annotated[
        int, NotBool, Control(_("Values that it sees, τ"), _("How many values before are read."))
    ] = Field(4, ge=1, le=16)
    """Values that it sees."""
    noise: Annotated[
        float,
        NotBool,
        Control(_("Noise"), _("Standard deviation of what is added to the sine."), step=0.05),
    ] = Field(0.2, ge=0.0, le=1.0)
    """Standard deviation of what is added to the sine."""
    ahead: Annotated[
        int, NotBool, Control(_("Steps ahead, k"), _("How far ahead the longest prediction looks."))
    ] = Field(MOST_AHEAD, ge=1, le=MOST_AHEAD)
    """Most steps ahead that are looked at."""
    seed: Annotated[int, NotBool, Control(_("Random seed"))] = Field(79, ge=0, le=MAX_SEED)
    """Of the noise, the first weights and the order of the examples; of 0 … 99, 79 is nearest to the medians."""


class PartitionConfig(Settings):
    """How a toy text of a few tokens is cut into minibatches (d2l 8.3); the names are `TrainConfig`'s."""

    batch_size: Annotated[int, NotBool, Control(_("Batch size"), _("Rows that are read side by side."))] = (
        Field(2, ge=1, le=6)
    )
    """Rows of a minibatch."""
    num_steps: Annotated[
        int, NotBool, Control(_("Time steps"), _("Tokens of each row in one minibatch."))
    ] = Field(5, ge=2, le=8)
    """Tokens a row."""
    sampling: Annotated[
        Literal["sequential", "random"],
        Control(
            _("Sampling"),
            _("Sequential: each row goes on where it stood. Random: the pieces are dealt in any order."),
            words={"sequential": _("sequential"), "random": _("random")},
        ),
    ] = "sequential"
    """`sequential`: row i goes on where row i of the minibatch before ended; `random`: pieces in any order."""
    state: Annotated[
        Literal["carried", "reset"],
        Control(
            _("State between minibatches"),
            _(
                "The Train page carries it between sequential minibatches. Between random ones it is "
                "always reset."
            ),
            words={"carried": _("carried"), "reset": _("reset to 0")},
        ),
    ] = "carried"
    """What the hidden state does between sequential minibatches; between random ones it is always reset."""
    epoch: Annotated[
        int,
        NotBool,
        Control(_("Epoch"), _("Each epoch draws its own offset, and random sampling its own order.")),
    ] = Field(1, ge=1, le=20, alias="deal")
    """Which epoch: each draws its own offset and order. In an address `deal`: `epoch` is a moment of training there."""


class PartitionLook(Settings):
    """Which minibatch of the cut text is looked at."""

    minibatch: Annotated[int, NotBool, Control(_("Minibatch"), _("Step through the epoch."))] = Field(
        1, ge=1, le=999
    )
    """Its place in the epoch, from 1."""


class NetworkConfig(ModelConfig):
    """A network that is looked at and not trained, over as many tokens as one likes."""

    vocab_size: Annotated[int, NotBool, Control(_("Different tokens"), step=10)] = Field(28, ge=2, le=50_000)
    """Different tokens; d2l's 28 are the letters, the space and `<unk>`."""


class FreshConfig(Settings):
    """A cell before its first step, for what can be asked without training."""

    hidden_size: Annotated[int, NotBool, Control(_("Hidden units"))] = Field(64, ge=8, le=512)
    """Hidden units."""
    gain: Annotated[
        float | None,
        NotBool,
        OffIsNone,
        Control(
            _("Initialisation gain"),
            step=0.05,
            switch=Switch(
                _("Recurrent weights orthogonal × gain"),
                _(
                    "Every block of recurrent weights becomes a random rotation times the gain, so "
                    "that all its "
                    "eigenvalues have that absolute value. Off, they are uniform in ±1/√H, as PyTorch "
                    "makes them."
                ),
                first=1.0,
            ),
        ),
    ] = Field(None, gt=0.0, le=10.0)
    """Recurrent weights become random orthogonal matrices times this; None leaves them as PyTorch makes them."""
    forget_bias: Annotated[
        float | None,
        NotBool,
        OffIsNone,
        Control(
            _("Forget bias"),
            _("Of the LSTM alone: a forget gate that begins nearly open keeps the memory."),
        ),
    ] = Field(None, ge=-10.0, le=10.0)
    """LSTM: bias of every forget gate; None leaves it as PyTorch makes it, about 0."""
    seed: Annotated[int, NotBool, Control(_("Random seed"))] = Field(0, ge=0, le=MAX_SEED)
    """Of the weights."""
    story: Annotated[
        Literal["the_tide_clock", "yujie_zhongbiao"],
        Control(
            _("Reads"),
            words={"the_tide_clock": _("the English story"), "yujie_zhongbiao": _("the Chinese story")},
        ),
    ] = "the_tide_clock"
    """Id of the bundled text whose tokens it knows and whose losses are averaged unless a text is given."""


class ReachLook(Settings):
    """What the lesson of reach shows, and of whom."""

    show: Annotated[
        Literal["brackets", "fresh", "runs", "longer", "map"],
        Control(
            _("Look at"),
            words={
                "brackets": _("Brackets remembered"),
                "fresh": _("Fresh cells"),
                "runs": _("Trained runs"),
                "longer": _("Where gates reach further"),
                "map": _("A sentence"),
            },
        ),
    ] = "brackets"
    """Which part of the lesson; its clearest result first."""
    path: Annotated[
        Literal["x", "h", "c"],
        Control(
            _("Gradient by"),
            _(
                "x is what enters the layer: the same question to every cell. c is the memory of an "
                "LSTM; of an RNN and a "
                "GRU, which have none, h is drawn beside it."
            ),
            words={"x": _("x: input"), "h": _("h: hidden state"), "c": _("c: cell state")},
        ),
    ] = "x"
    """By what the gradient is taken."""
    scale: Annotated[
        Literal["relative", "absolute"],
        Control(_("Scale"), words={"relative": _("relative to k = 0"), "absolute": _("absolute")}),
    ] = "relative"
    """Whether norms are parts of that at k = 0."""
    k: Annotated[
        Literal["25", "50", "100", "200"],
        Control(_("Tokens back"), words={n: n for n in ("25", "50", "100", "200")}),
    ] = "50"
    """K: how far back is looked."""
    layer: Annotated[int, NotBool, Control(_("Layer"))] = Field(1, ge=1, le=4)
    """From 1."""
    epoch: Epoch = Field(None, ge=0, le=MOST_EPOCH)
    """The moment of the runs' training."""
    losses: Words = None
    """Whose losses are averaged."""
    text: Sentence = None
    """The sentence of the map."""
    runs: Annotated[str | None, Control(_("Runs"))] = Field(None, max_length=400)
    """Ids of the runs that are compared, with spaces between."""
    of: Annotated[str | None, Control(_("Network"))] = Field(None, max_length=40)
    """Whose map: a run's id, or a cell's name."""
    lstm: Annotated[str, Control("LSTM")] = Field("fresh", max_length=40)
    """Which LSTM is measured by h, c and x: a run's id, or `fresh`."""


class DescentConfig(Settings):
    """Where a path on the cliff starts, and how it goes down."""

    w: Annotated[float, NotBool, Control(_("Weight w"), _("Where both paths start."), step=0.05)] = Field(
        5.5, ge=W_ENDS[0], le=W_ENDS[1]
    )
    """The recurrent weight at the start."""
    b: Annotated[float, NotBool, Control(_("Bias b"), _("Where both paths start."), step=0.05)] = Field(
        -2.6, ge=B_ENDS[0], le=B_ENDS[1]
    )
    """The bias at the start."""
    rate: Annotated[
        float, NotBool, Control(_("Learning rate"), _("Size of each step downhill."), step=0.1, format="%g")
    ] = Field(0.5, gt=0.0, le=100.0)
    """Learning rate."""
    theta: Annotated[
        float | None,
        NotBool,
        OffIsNone,
        Control(
            _("Clipping threshold θ"),
            _("A gradient that is longer is pulled back to this length; empty turns clipping off."),
            step=0.1,
            format="%g",
            empty=_("off"),
        ),
    ] = Field(1.0, gt=0.0, le=1e6)
    """The L2 limit on the gradient before each step; None turns clipping off."""
    steps: Annotated[
        int, NotBool, Control(_("Update steps"), _("Of gradient descent, each with the whole loss."), step=10)
    ] = Field(100, ge=1, le=500)
    """Of gradient descent."""


class CountingLook(Settings):
    """How long a memory n-grams have, and what they have read."""

    n: Annotated[int, NotBool, Control(_("n: tokens, the guessed one included"))] = Field(4, ge=1, le=7)
    """Tokens, the guessed one included."""
    text: Annotated[str | None, LongText(), Control(_("What has been read"))] = None
    """Whose next token is guessed."""


class ChainLook(Settings):
    """A sentence worked out token by token, and the token whose probability is changed."""

    by: Annotated[
        Literal["ngram", "run"],
        Control(_("Who guesses"), words={"ngram": _("an n-gram"), "run": _("a network")}),
    ] = "ngram"
    """Who guesses."""
    n: Annotated[int, NotBool, Control(_("n: tokens, the guessed one included"))] = Field(4, ge=1, le=7)
    """Of the n-gram."""
    epoch: Epoch = Field(None, ge=0, le=MOST_EPOCH)
    """Of the network."""
    text: Sentence = None
    """The sentence."""
    at: Annotated[int | None, NotBool, Control(_("Token"))] = Field(None, ge=1, le=3_000)
    """The token's place, from 1; None is the dearest."""
    p: Annotated[
        float | None,
        NotBool,
        Control(_("Its probability"), _("0: held impossible. 1: known for certain.")),
    ] = Field(None, ge=0.0, le=1.0)
    """What its probability is changed to; None leaves it."""


class SentenceLook(Settings):
    """The sentence of a lesson about a run, and the run beside it."""

    text: Sentence = None
    """The sentence."""
    beside: Annotated[str | None, Control(_("Beside it, one direction"))] = Field(
        None, max_length=40, alias="with"
    )
    """Id of the run that it is compared with."""
