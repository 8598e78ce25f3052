"""How a network learns."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from playground.controls import Control, Switch
from playground.errors import gettext_noop as _
from playground.settings import NotBool, OffIsNone, Settings

MAX_SEED = 2**31 - 1


class TrainConfig(Settings):
    """How it learns."""

    max_grad_norm: Annotated[
        float | None,
        NotBool,
        OffIsNone,
        Control(
            _("Clipping threshold θ"),
            _("The longest gradient that is let through."),
            step=0.5,
            format="%g",
            switch=Switch(
                _("Gradient clipping"),
                _("Pull a gradient that is longer than θ back to length θ. Off: it may explode."),
            ),
        ),
    ] = Field(1.0, gt=0.0, le=1e6)
    """L2 limit on the whole gradient before each step; None turns clipping off."""
    optimizer: Annotated[
        Literal["sgd", "adamw"],
        Control(
            _("Optimiser"),
            _("SGD as in d2l, or AdamW, which learns sooner."),
            words={"sgd": "SGD", "adamw": "AdamW"},
        ),
    ] = "sgd"
    """`sgd` as d2l does, or `adamw`."""
    lr: Annotated[
        float,
        NotBool,
        Control(
            _("Learning rate"),
            _("Size of each step downhill: about 1 for SGD, about 0.01 for AdamW."),
            step=0.001,
            format="%g",
        ),
    ] = Field(1.0, gt=0.0, le=100.0)
    """Step size."""
    epochs: Annotated[
        int | None,
        NotBool,
        OffIsNone,
        Control(
            _("Epochs"),
            _("Passes over the text."),
            step=10,
            switch=Switch(_("Until stopped"), _("Train until you press Stop."), on_is_off=True),
        ),
    ] = Field(500, ge=1, le=100_000)
    """Passes over the text; None trains until stopped."""
    stop_exploded: Annotated[
        bool,
        Control(
            _("Stop when it has exploded"),
            _("End by itself after a second whole epoch that is worse than guessing: nothing better comes."),
            more=True,
        ),
    ] = False
    """End after two whole epochs in a row whose mean loss is worse than guessing's."""
    batch_size: Annotated[
        int,
        NotBool,
        Control(_("Batch size"), _("Pieces of text read side by side."), step=8, more=True),
    ] = Field(32, ge=1, le=1024)
    """Sequences side by side in one step."""
    num_steps: Annotated[
        int,
        NotBool,
        Control(
            _("Time steps"),
            _("Tokens read before each step; the gradient reaches no further back."),
            step=5,
            more=True,
        ),
    ] = Field(35, ge=2, le=512)
    """Tokens a sequence; the gradient goes no further back."""
    sampling: Annotated[
        Literal["sequential", "random"],
        Control(
            _("Sampling"),
            _("Sequential carries the hidden state on from batch to batch; random starts from zero."),
            words={"sequential": _("sequential"), "random": _("random")},
            more=True,
        ),
    ] = "sequential"
    """`sequential` carries the state from batch to batch, `random` resets it."""
    weight_averaging: Annotated[
        float | None,
        NotBool,
        OffIsNone,
        Control(
            _("Weight averaging"),
            _(
                "Held-out perplexity, samples and kept weights are those of a running average of the "
                "weights: 0.99 averages over about 100 steps, 0.998 over 500. Empty: off."
            ),
            step=0.001,
            format="%g",
            empty=_("off"),
            more=True,
        ),
    ] = Field(None, gt=0.0, le=0.9999)
    """Part of a running average of the weights that each step leaves; held-out loss, samples and checkpoints
    are then the average's. None turns it off."""
    seed: Annotated[
        int, NotBool, Control(_("Random seed"), _("The same seed gives the same run."), step=1, more=True)
    ] = Field(0, ge=0, le=MAX_SEED)
    """Of every random choice: weights, dropout, batches."""
    sample_every: Annotated[
        int,
        NotBool,
        Control(
            _("Sample every … epochs"),
            _("How often the network writes a sample; 0 never."),
            step=1,
            more=True,
        ),
    ] = Field(10, ge=0, le=100_000)
    """Write a sample every so many epochs; 0 turns samples off."""
    sample_prefix: Annotated[
        str,
        Control(
            _("Sample prefix"),
            _("What each sample goes on from."),
            empty=_("the beginning of the text"),
            has_lines=True,
            more=True,
        ),
    ] = Field("", max_length=200)
    """What a sample continues; empty takes the text's own beginning."""
    sample_length: Annotated[
        int, NotBool, Control(_("Sample length"), _("Tokens in each sample."), step=10, more=True)
    ] = Field(80, ge=1, le=1_000)
    """Tokens a sample."""
    sample_temperature: Annotated[
        float,
        NotBool,
        Control(
            _("Sample temperature"),
            _("0 always takes the likeliest token, as d2l does; 1 the network's own probabilities."),
            step=0.1,
            format="%g",
            more=True,
        ),
    ] = Field(0.7, ge=0.0, le=10.0)
    """How samples are drawn: 0 always takes the likeliest token, 1 the network's own probabilities."""
    checkpoint_megabytes: Annotated[
        int,
        NotBool,
        Control(
            _("Disk for checkpoints, MB"),
            _(
                "Weights that are kept to look into: the first, the last, the best, and in between as many as "
                "fit. The last are kept in any case."
            ),
            step=100,
            more=True,
        ),
    ] = Field(300, ge=1, le=1_000_000)
    """Megabytes of a run's checkpoints on disk: first, last, best, and log-spaced ones as far as it reaches."""
    device: Annotated[
        Literal["auto", "cpu", "cuda", "mps"],
        Control(
            _("Device"),
            _("Where it is computed; auto takes a GPU if there is one."),
            words={"auto": _("auto"), "cpu": "CPU", "cuda": "CUDA", "mps": "MPS"},
            more=True,
        ),
    ] = "auto"
    """`auto` takes CUDA, else MPS, else the CPU."""
    threads: Annotated[
        int | None,
        NotBool,
        OffIsNone,
        Control(
            _("CPU threads"),
            _("CPU threads; empty leaves one core to the pages."),
            step=1,
            empty=_("auto"),
            more=True,
        ),
    ] = Field(None, ge=1, le=256)
    """OpenMP threads on the CPU; None takes cores - 1, at least 1."""
