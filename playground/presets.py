"""Set-ups worth knowing, as data: d2l's rows, and one that learns while you watch.

Each is a flat mapping of setting names, as a URL or a command line holds them;
`preset` builds the config. What is not named keeps its default. The figures
that each one reaches are in docs/benchmarks.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from playground.config import RunConfig, flatten, from_flat
from playground.errors import ConfigError

Settings = Mapping[str, object]

STORY = "the_tide_clock"
"""The bundled text that stands in for one that is not here."""

_D2L_DATA: dict[str, object] = {
    "corpus": "time_machine",
    "normalize": "letters",
    "max_tokens": 10_000,
    "held_out": 0.0,
    "batch_size": 32,
    "num_steps": 35,
    "hidden_size": 256,
    "input": "one-hot",
    "sampling": "sequential",
    "max_grad_norm": 1.0,
    "sample_prefix": "time traveller",
}
_D2L: dict[str, object] = {**_D2L_DATA, "optimizer": "sgd", "lr": 1.0, "epochs": 500}
_TWO_LAYERS: dict[str, object] = {"cell": "lstm", "num_layers": 2, "lr": 2.0}

_LESSON: dict[str, object] = {
    "corpus": STORY,
    "normalize": "letters",
    "cell": "lstm",
    "optimizer": "adamw",
    "batch_size": 16,
}
_BLANKS: dict[str, object] = {**_LESSON, "hidden_size": 128, "lr": 0.005, "epochs": 12, "dropout": 0.2}

PRESETS: Mapping[str, Settings] = MappingProxyType(
    {
        "quick": {
            "corpus": STORY,
            "cell": "lstm",
            "hidden_size": 128,
            "input": "embedding",
            "dropout": 0.3,
            "optimizer": "adamw",
            "lr": 0.01,
            "epochs": 20,
            "batch_size": 16,
            "sample_every": 1,
        },
        "d2l_rnn": {**_D2L, "cell": "rnn"},
        "d2l_gru": {**_D2L, "cell": "gru"},
        "d2l_lstm": {**_D2L, "cell": "lstm"},
        "d2l_lstm2": {**_D2L, **_TWO_LAYERS},
        "d2l_bilstm": {**_D2L, **_TWO_LAYERS, "bidirectional": True},
        "trap": {
            **_LESSON,
            "num_layers": 2,
            "bidirectional": True,
            "hidden_size": 64,
            "lr": 0.01,
            "epochs": 15,
        },
        "explodes": {
            **_D2L_DATA,
            "corpus": STORY,
            "cell": "rnn",
            "optimizer": "sgd",
            "lr": 1.0,
            "epochs": 40,
            "max_grad_norm": None,
            "sample_prefix": "",
        },
        "blanks": {**_BLANKS, "bidirectional": True, "objective": "masked"},
        "left_only": {**_BLANKS},
        "beat_5gram": {
            "corpus": "time_machine",
            "normalize": "spaced",
            "cell": "lstm",
            "hidden_size": 384,
            "input": "embedding",
            "dropout": 0.5,
            "optimizer": "adamw",
            "lr": 0.002,
            "epochs": 12,
            "batch_size": 16,
            "num_steps": 64,
            "weight_averaging": 0.998,
            "sample_every": 1,
            "sample_prefix": "time traveller",
        },
        "d2l_quick": {**_D2L_DATA, "cell": "lstm", "optimizer": "adamw", "lr": 0.01, "epochs": 100},
    }
)
"""Id → settings, in the order in which a person meets them.

`d2l_bilstm` is the lesson of the trap (`RunConfig.is_trap`), `trap` the same in seconds; `explodes` is d2l's
RNN without clipping on the bundled story; `blanks` fills in blanks from both sides, `left_only` is its twin
with one direction; `beat_5gram` is the honest scoreboard's, on text never trained on (docs/decisions/0013);
`d2l_quick` is d2l's LSTM with another optimiser, for the comparison in `bench d2l`.
"""


def preset(name: str) -> RunConfig:
    """Build the config of a preset.

        >>> preset("d2l_gru").model.cell
        'gru'

    Args:
        name: One of `PRESETS`.

    Raises:
        ConfigError: There is no preset of that name.
    """
    if name not in PRESETS:
        raise ConfigError(
            "There is no preset called {name}. Presets: {known}.",
            name=name[:40],
            known=", ".join(PRESETS),
        )
    return from_flat(PRESETS[name])


def recognise(config: RunConfig, names: Iterable[str]) -> str | None:
    """The preset that a set-up is, on its own text or on the bundled story; None where it is none.

    Args:
        config: The set-up.
        names: The presets that may be meant.
    """
    for name in names:
        own = preset(name)
        if config in (own, from_flat(flatten(own) | {"corpus": STORY})):
            return name
    return None
