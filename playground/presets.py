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
CHINESE_STORY = "yujie_zhongbiao"
"""What is read first on a page in Chinese."""

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
    "sample_temperature": 0.0,
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
_TRAP: dict[str, object] = {
    **_LESSON,
    "num_layers": 2,
    "bidirectional": True,
    "hidden_size": 64,
    "lr": 0.01,
    "epochs": 15,
}
_EXPLODES: dict[str, object] = {
    **_D2L_DATA,
    "corpus": STORY,
    "cell": "rnn",
    "optimizer": "sgd",
    "lr": 1.0,
    "epochs": 40,
    "max_grad_norm": None,
    "stop_exploded": True,
    "sample_prefix": "",
    "sample_temperature": 0.7,
}
_ZH: dict[str, object] = {"corpus": CHINESE_STORY, "normalize": "none", "max_vocab": 500}
"""The Chinese story: 11,000 characters of 652 kinds, a quarter of the English one's and ten times as many kinds. The
500 commonest make 98.6 % of it; a lesson reads it more often, with more dropout."""
_QUOTE_CELL: dict[str, object] = {
    "corpus": "mallow_quay",
    "cell": "lstm",
    "hidden_size": 128,
    "input": "embedding",
    "dropout": 0.3,
    "optimizer": "adamw",
    "lr": 0.005,
    "epochs": 40,
    "batch_size": 8,
    "num_steps": 100,
    "sample_every": 1,
}
_BLANKS_ZH: dict[str, object] = {**_BLANKS, **_ZH, "epochs": 20, "dropout": 0.5}

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
        "quick_zh": {
            **_ZH,
            "cell": "lstm",
            "hidden_size": 128,
            "input": "embedding",
            "dropout": 0.6,
            "optimizer": "adamw",
            "lr": 0.005,
            "epochs": 30,
            "batch_size": 16,
            "sample_every": 1,
            "sample_prefix": "小禾",
        },
        "d2l_rnn": {**_D2L, "cell": "rnn"},
        "d2l_gru": {**_D2L, "cell": "gru"},
        "d2l_lstm": {**_D2L, "cell": "lstm"},
        "d2l_lstm2": {**_D2L, **_TWO_LAYERS},
        "d2l_bilstm": {**_D2L, **_TWO_LAYERS, "lr": 1.0, "bidirectional": True},
        "trap": _TRAP,
        "trap_zh": {**_TRAP, **_ZH, "epochs": 25},
        "explodes": _EXPLODES,
        "explodes_zh": {**_EXPLODES, **_ZH},
        "blanks": {**_BLANKS, "bidirectional": True, "objective": "masked"},
        "blanks_zh": {**_BLANKS_ZH, "bidirectional": True, "objective": "masked"},
        "left_only": {**_BLANKS},
        "left_only_zh": {**_BLANKS_ZH},
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
        "quote_cell": _QUOTE_CELL,
        "quote_cell_zh": {
            **_QUOTE_CELL,
            "corpus": "liuwan_dukou",
            "epochs": 30,
            "batch_size": 16,
            "num_steps": 60,
        },
        "d2l_quick": {**_D2L_DATA, "cell": "lstm", "optimizer": "adamw", "lr": 0.01, "epochs": 100},
    }
)
"""Id → settings, in the order in which a person meets them.

What ends in `_zh` is the same on the Chinese story (`preset_in`); `d2l_bilstm` is the lesson of the trap (`RunConfig.is_trap`), `trap` the same in seconds; `explodes` is d2l's
RNN without clipping on the bundled story; `blanks` fills in blanks from both sides, `left_only` is its twin
with one direction; `quote_cell` grows a unit that is on inside quotes (docs/decisions/0030); `beat_5gram` is the honest scoreboard's, on text never trained on (docs/decisions/0013);
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
            known=tuple(PRESETS),
        )
    return from_flat(PRESETS[name])


def preset_in(name: str, language: str) -> RunConfig:
    """A preset on a story in the reader's language, where there is one; d2l's rows are the same in every language.

    >>> preset_in("quick", "zh").corpus.corpus, preset_in("d2l_gru", "zh") == preset("d2l_gru")
    ('yujie_zhongbiao', True)

    Args:
        name: One of `PRESETS`.
        language: `en` or `zh`.

    Raises:
        ConfigError: There is no preset of that name.
    """
    own = f"{name}_{language}"
    return preset(own if own in PRESETS else name)


def recognise(config: RunConfig, names: Iterable[str], language: str = "en") -> str | None:
    """The preset that a set-up is, on its own text or on the bundled story; None where it is none.

    Args:
        config: The set-up.
        names: The presets that may be meant.
        language: In which they are read, as in `preset_in`.
    """
    for name in names:
        own = preset_in(name, language)
        if config in (own, from_flat(flatten(own) | {"corpus": STORY})):
            return name
    return None
