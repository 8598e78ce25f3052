"""A page in Chinese has no English word in it that is not a name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import get_args

import pytest
from streamlit.testing.v1.element_tree import Element, UnknownElement

from pages.shared.site import PAGES
from playground.config import ChallengeLimits, CorpusConfig
from playground.lesson_settings import ReachLook
from playground.records import MACHINE
from tests.people import MEI, TEACHER

PEOPLE = ["Adam", "Bell", "Bengio", "Mikolov", "Pascanu", "Witten"]
PROGRAMS = [
    "AdamW",
    "CPU",
    "CUDA",
    "Ctrl",
    "English",
    "Enter",
    "GPU",
    "Language",
    "Mac",
    "MPS",
    "Plotly",
    "PyTorch",
    "README",
    "SGD",
    "WebGL",
    "auto",
    "nvidia",
    "smi",
]
TEXTS = ["Clock", "Ferry", "Machine", "Mallow", "Quay", "The", "Tide", "Time", "at"]
FILES = ["CSV", "KB", "MB", "PNG", "csv", "html", "npz", "safetensors", "txt", "weights"]
FORMULAS = [
    "AUC",
    "GRU",
    "LSTM",
    "NaN",
    "RMSE",
    "RNN",
    "Top",
    "bi",
    "dropout",
    "exp",
    "ln",
    "log",
    "relu",
    "sigmoid",
    "tanh",
    "unk",
]
NAMES = frozenset([*PEOPLE, *PROGRAMS, *TEXTS, *FILES, *FORMULAS])
"""What a Chinese textbook leaves as it is."""

VIEWS = {
    "train": [{}],
    "basics": [{"view": view} for view in PAGES["basics"].lessons],
    "gradients": [
        {"view": "clipping"},
        {"view": "cliff"},
        *({"view": "reach", "show": show} for show in get_args(ReachLook.model_fields["show"].annotation)),
    ],
    "gates": [{"view": view} for view in ("cells", "heatmap", "all", "memory", "compare")],
    "write": [{"view": view} for view in ("write", "training", "surprise")],
    "directions": [{"view": view} for view in PAGES["directions"].lessons],
    "teacher": [{}],
}
"""All that every page can show."""

_SAID = {"body", "label", "help", "placeholder", "caption", "options", "content", "text", "title", "alt"}
"""The fields of Streamlit's messages that a person reads or hears."""
_DRAWN = {"name", "text", "title", "hovertemplate", "meta", "ticktext"}
"""The same of Plotly's figures, and of what our panels are given."""


def in_message(message) -> Iterator[str]:
    for field, value in message.ListFields():
        parts = value if field.is_repeated else [value]
        for part in parts:
            if field.message_type is not None and not field.message_type.GetOptions().map_entry:
                yield from in_message(part)
            elif isinstance(part, str) and field.name in _SAID:
                yield part


def in_figure(value, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from in_figure(part, name)
    elif isinstance(value, list):
        for part in value:
            yield from in_figure(part, key)
    elif isinstance(value, str) and key in _DRAWN and value != "text":  # the colour of the page's text
        yield value


def in_labels(value) -> Iterator[str]:
    """Every word that a panel's `labels`, its `modebar`, and the figures in it have."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name == "labels":
                yield from leaves(part)
            elif name == "modebar":
                yield from leaves(list(part.values()))
            elif name in ("figures", "figure"):
                yield from in_figure(part)
            else:
                yield from in_labels(part)
    elif isinstance(value, list):
        for part in value:
            yield from in_labels(part)


def leaves(value) -> Iterator[str]:
    if isinstance(value, dict):
        for part in value.values():
            yield from leaves(part)
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part)
    elif isinstance(value, str):
        yield value


def read(app) -> Iterator[str]:
    """Everything that the page says, but for formulas and what a text or a network wrote."""
    for kind in {element.type for element in app if isinstance(element, (Element, UnknownElement))}:
        for element in app.get(kind):
            proto = element.proto
            if kind in ("latex", "code", "text_input", "text_area"):
                yield from (getattr(proto, name, "") for name in ("label", "help", "placeholder"))
            elif kind == "plotly_chart":
                yield from in_figure(json.loads(proto.spec))
            elif kind == "bidi_component":
                if proto.component_name != "frame":
                    data = proto.mixed.json if proto.HasField("mixed") else proto.json
                    yield from in_labels(json.loads(data))
            elif kind == "arrow_data_frame":
                yield from map(str, element.value.columns)
            else:
                yield from in_message(proto)


def words(text: str) -> set[str]:
    bare = re.sub(
        r"\$[^$]*\$|:material/\w+:|:\w+\[|%\{[^}]*\}|<[^>]*>|\{\w+\}|\w+_\w+|https?://\S+|&\w+;", " ", text
    )
    return set(re.findall(r"[A-Za-z]{2,}", bare))


@pytest.fixture
def some_runs(trained):
    """A run of every kind that a lesson is about."""
    trained(cell="lstm")
    trained(cell="rnn")
    trained(cell="gru", bidirectional=True, objective="masked")
    trained(cell="lstm", bidirectional=True)


@pytest.mark.parametrize("name", VIEWS)
def test_every_sentence_of_a_chinese_page_is_chinese(page, some_runs, name):
    for link in VIEWS[name]:
        app = page(name if name != "train" else None, lang="zh", **link)
        assert not english(app), link


@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize(("name", "who"), [("train", MEI), ("teacher", TEACHER)])
def test_a_challenge_in_chinese_is_chinese(page, seen_by, name, who, is_open):
    server = seen_by(who)
    made = server.challenges.make(MACHINE, "雨", CorpusConfig(), ChallengeLimits())
    if not is_open:
        server.challenges.end(MACHINE, made.id)
    for more in ({}, {"hidden_size": 700}, {"bidirectional": "true"}):
        app = page(name if name != "train" else None, lang="zh", challenge=made.id, **more)
        assert not english(app), more


def english(app) -> dict[str, str]:
    """English words on a page, each with its sentence."""
    return {
        word: text
        for text in read(app)
        if not text.startswith("<style>")
        for word in words(text) - NAMES
        if not _of_a_text(text)
    }


def _of_a_text(text: str) -> bool:
    """Tokens of the text that the runs have read: a label between marks, a line of what was written; a weight's name."""
    return bool(re.search(r"Some text|“[a-z␣]+”|^(rnn|head)\.weight", text))


def test_an_english_word_would_be_found():
    assert words("困惑度 perplexity，θ = 1") == {"perplexity"}
    assert words("按 $x$、{name}、:material/add: 或 RNN") - NAMES == set()
