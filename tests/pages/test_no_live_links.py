"""What a person typed is shown letter for letter: no address, image or sign in it acts, whatever shows it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
from google.protobuf.message import Message

from pages.shared.i18n import plain
from tests.helpers import tiny_config

ADDRESSES = (
    "http://evil.example/a",
    "HTTPS://evil.example",
    "www.evil.example",
    "ann@evil.example",
    "&#104;ttp://evil.example",
    "ann&commat;evil.example",
    "[here](//evil.example)",
    "![](//evil.example/a.png)",
    "<http://evil.example>",
)
HOSTILE = " ".join(ADDRESSES)[:80]
# as mdast-util-gfm-autolink-literal has them, which Streamlit's markdown applies to text that is read already
_LIVE = (
    re.compile(r"(https?://|www(?=\.))([-.\w]+)([^ \t\r\n]*)", re.IGNORECASE | re.ASCII),
    re.compile(r"(?<![^\s\W_])([-.\w+]+)@([-\w]+(?:\.[-\w]+)+)", re.ASCII),
)
_AS_IT_IS = {  # what Streamlit shows without reading it as markdown
    "Text": {"body"},
    "Code": {"code_text"},
    "TextInput": {"value", "default"},
    "TextArea": {"value", "default"},
    "Selectbox": {"options", "raw_value"},
    "MultiSelect": {"options", "raw_values"},
    "PlotlyChart": {"spec", "alt", "config"},
    "ArrowData": {"data"},
    "Dataframe": {"data", "columns", "alt"},
    "BidiComponent": {"json"},
    "MixedData": {"json"},
    "DownloadButton": {"url"},
}


def live(markdown: str) -> list[str]:
    """Addresses in a text that Streamlit would make links or images of."""
    shown = html.unescape(
        re.sub(r"\\([!-/:-@\[-`{-~])", lambda m: f"\0{m[1]}", markdown).replace("\0&", "&amp;")
    )
    links = re.findall(r"(?<!\0)\](?:\(|\[)|(?<!\0)<\w+:", shown)
    return [m[0] for pattern in _LIVE for m in pattern.finditer(shown.replace("\0", ""))] + links


def strings(message: Message, path: str = "") -> Iterator[tuple[str, str]]:
    """Every string that a page sends to be read as markdown, with where it stands."""
    kind = message.DESCRIPTOR.name
    for field, value in message.ListFields():
        if field.name in _AS_IT_IS.get(kind, ()) or field.name in ("id", "query_string", "proto"):
            continue
        many = value if hasattr(value, "__iter__") and not isinstance(value, str | bytes) else [value]
        for one in many:
            if isinstance(one, Message):
                yield from strings(one, f"{path}.{field.name}")
            elif isinstance(one, str):
                yield f"{kind}{path}.{field.name}", one


def nodes(app) -> Iterator[Message]:
    for node in app._tree:
        if getattr(node, "proto", None) is not None:
            yield node.proto


def require_no_live_link(app) -> str:
    told = [(where, text) for proto in nodes(app) for where, text in strings(proto)]
    assert [(where, text) for where, text in told if live(text) and "evil" in text] == []
    return "\n".join(text for _where, text in told)


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_live_until_it_is_plain(address):
    assert live(address)
    assert not live(plain(address))


@pytest.mark.parametrize(
    "text",
    [
        *ADDRESSES,
        "# big",
        "- a\n+ b\n1. c\n2) d",
        "> q",
        "---",
        "===",
        "a | b",
        ":smile: :material/delete:",
        ":red[x]",
    ],
)
def test_plain_text_reads_as_it_was_typed(text):
    shown = plain(text)
    assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", shown).replace("\u2060", "") == text
    assert not re.search(r"^\s*(#|>|[-+]|=|\d+[.)]\s)", shown, re.MULTILINE)
    assert not re.search(r":(\w+|material/\w+):", shown)


WORDS = {"token_level": "word", "normalize": "none", "epochs": 1}
"""Every address in the text is a token then."""
LINKS = [
    ("train", {"run": "RUN", "scoreboard": "on"}),
    ("train", {"run": HOSTILE, "corpus": HOSTILE, "cell": HOSTILE, "hidden_size": HOSTILE}),
    ("gates", {"run": "RUN", "text": HOSTILE, "view": "all"}),
    ("gates", {"run": "RUN", "text": HOSTILE, "view": "compare", "with": HOSTILE}),
    ("write", {"run": "RUN", "prefix": HOSTILE, "length": HOSTILE}),
    ("write", {"run": "RUN", "view": "surprise", "text": HOSTILE}),
    ("basics", {"predictor": HOSTILE, "tau": HOSTILE}),
    ("basics", {"view": "perplexity", "text": HOSTILE, "corpus": HOSTILE}),
    ("basics", {"view": "perplexity", "by": "run", "run": "RUN", "text": HOSTILE}),
    ("basics", {"view": "markov", "text": HOSTILE}),
    ("basics", {"view": "zipf", "corpus": "TEXT"}),
    ("gradients", {"view": "clipping", "run": "RUN"}),
    ("gradients", {"view": "reach", "show": "runs", "runs": "RUN " + HOSTILE, "losses": HOSTILE}),
    ("gradients", {"view": "reach", "show": "map", "of": "RUN", "text": HOSTILE}),
    ("directions", {"view": "trap", "run": "RUN"}),
    ("directions", {"view": "blanks", "run": "RUN"}),
]


@pytest.fixture
def hostile(manager) -> dict[str, str]:
    """A run and a text whose names, and a text whose words, are addresses."""
    corpus = manager.store.library.add(HOSTILE, " ".join([*ADDRESSES, "salt rain"] * 40))
    run = manager.start(tiny_config(corpus=corpus.id, **WORDS), HOSTILE)
    manager.wait(run.id, 60)
    return {"RUN": run.id, "TEXT": corpus.id}


@pytest.mark.parametrize(("name", "link"), LINKS, ids=lambda v: v if isinstance(v, str) else None)
def test_no_page_makes_a_link_of_what_a_person_named(page, hostile, name, link):
    def real(text):
        for word, id in hostile.items():
            text = text.replace(word, id)
        return text

    app = page(None if name == "train" else name, **{k: real(v) for k, v in link.items()})
    require_no_live_link(app)


def test_the_walk_sees_what_a_page_tells(page, hostile):
    for lang in ("en", "zh"):
        told = require_no_live_link(page(None, lang=lang, run=HOSTILE, cell="http://evil.example"))
        assert "evil.example" in told  # in the warnings: the test would see it if it were live
