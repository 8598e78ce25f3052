"""Character encodings: their names, and which of them fit some bytes, the likeliest first.

The names are the web's, and mean there what they mean in browsers: `latin-1` is Windows-1252, `gbk` is
GB18030 (https://encoding.spec.whatwg.org).
"""

from __future__ import annotations

import codecs
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType

from charset_normalizer import from_bytes

from playground.errors import CorpusError, EncodingCandidate

REPLACE = "-replace"
"""Ends the name of an encoding whose bad bytes become U+FFFD: `utf-8-replace`."""

_OFFERED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "gb18030": ("gb18030",),
        "big5": ("cp950", "big5hkscs"),
        "shift_jis": ("cp932",),
        "euc-jp": ("euc_jp",),
        "euc-kr": ("cp949",),
        "windows-1252": ("cp1252",),
        "windows-1251": ("cp1251",),
        "windows-1250": ("cp1250",),
        "koi8-r": ("koi8_r",),
        "windows-1253": ("cp1253",),
        "windows-1254": ("cp1254",),
        "windows-1255": ("cp1255",),
        "windows-1256": ("cp1256",),
    }
)
"""Name → Python's codecs, the first that fits; where two fit a text equally well, the earlier name is likelier."""
ENCODINGS: tuple[str, ...] = ("utf-8", *_OFFERED)
"""Encodings that are told to a person by name. `find` knows others, too."""

_WIDER = {
    "ascii": "windows-1252",
    "iso8859-1": "windows-1252",
    "iso8859-9": "windows-1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "cp950": "big5",
    "big5hkscs": "big5",
    "cp932": "shift_jis",
    "euc_jp": "euc-jp",
    "euc_kr": "euc-kr",
    "cp949": "euc-kr",
}
"""Python's name of a codec → the name of the wider one that browsers read it as."""
_NO_TEXT_FILE = frozenset(
    {"utf-7", "idna", "punycode", "unicode-escape", "raw-unicode-escape", "mbcs", "oem"}
)
"""Codecs of Python that no text file is in."""
_SAMPLE = 65_536
"""Bytes that are looked at to rank encodings."""
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_MOST_OFFERED = 6
_MOST_LINES = 200
"""In which encodings may differ."""
_PREVIEW = 60
_FEW = 4
"""Bytes that do not fit: so few may be one cut or stray character."""
_FEW_SHARE = 0.05
"""Of the bytes beyond ASCII: the part that may not fit where the rest speaks for the encoding."""


def find(name: str) -> str:
    """The encoding of a name that Python knows, in any case: `Latin1` → `windows-1252`.

    Raises:
        CorpusError: No such encoding, or none of text.
    """
    word = name.strip().lower()
    plain = word.removesuffix(REPLACE)
    try:
        known = codecs.lookup(plain).name
        with suppress(UnicodeDecodeError):
            b"a".decode(known)  # refuses a codec that does not make text of bytes
    except (LookupError, ValueError):
        known = ""
    if not known or known.replace("_", "-") in _NO_TEXT_FILE:
        raise CorpusError(
            "There is no encoding {encoding} for text. Choose one of {choices}.",
            encoding=name[:40],
            choices=", ".join(ENCODINGS),
        )
    by_codec = {codecs.lookup(own[0]).name: offered for offered, own in _OFFERED.items()}
    known = _WIDER.get(known) or by_codec.get(known, known)
    return known + REPLACE if word != plain else known


def read(data: bytes, encoding: str) -> str:
    """Decode by a name of `find`.

    Raises:
        UnicodeDecodeError: A byte does not fit.
    """
    plain = encoding.removesuffix(REPLACE)
    if plain != encoding:
        return _replacing(data, plain)[0]
    if plain == "windows-1252":
        return data.decode("cp1252", errors=_AS_CONTROL)
    first, *others = _codecs(plain)
    try:
        return data.decode(first)
    except UnicodeDecodeError:
        for codec in others:
            try:
                return data.decode(codec)
            except UnicodeDecodeError:
                continue
        raise


def count_bad(data: bytes, encoding: str) -> int:
    """How many bytes do not fit."""
    return _replacing(data, encoding.removesuffix(REPLACE))[1]


def candidates(data: bytes) -> tuple[EncodingCandidate, ...]:
    """What bytes that are not UTF-8 may be in, the likeliest first, with the beginning of what they would say."""
    names = _ranked(data)
    names = names[:_MOST_OFFERED]
    previews = _telling_apart(data, names)
    offered = [EncodingCandidate(name, preview) for name, preview in zip(names, previews, strict=True)]
    repaired = replaced(data, "utf-8")
    if repaired is not None and not repaired.replaced:  # another encoding had been asked for
        offered.insert(0, EncodingCandidate("utf-8", repaired.preview))
    elif repaired is not None:
        bad, beyond = repaired.replaced, _beyond_ascii(data)
        is_cut = bad < beyond and not _fails(data[:-bad], "utf-8")
        place = 0 if is_cut or bad <= _FEW_SHARE * beyond else 1
        offered.insert(min(place, len(offered)), repaired)
    return tuple(offered)


def replaced(data: bytes, encoding: str) -> EncodingCandidate | None:
    """An encoding with the few bytes that do not fit replaced; None where they are many."""
    bad, beyond = count_bad(data, encoding), _beyond_ascii(data)
    if bad > max(_FEW, _FEW_SHARE * beyond) or 2 * bad > len(data):
        return None
    name = encoding + REPLACE
    text = read(data, name)
    at = text.find(REPLACEMENT) if bad else -1
    line = text[text.rfind("\n", 0, at) + 1 :].partition("\n")[0] if at >= 0 else ""
    preview = _part(_visible(line), at - text.rfind("\n", 0, at) - 1) if line else _preview(text)
    return EncodingCandidate(name, preview, replaced=bad)


def _ranked(data: bytes) -> list[str]:
    """Those that the bytes fit: what charset-normalizer takes for text, then the others that may be."""
    sample = _whole_lines(data)
    by_codec = {codec: name for name, own in _OFFERED.items() for codec in own}
    places: Sequence[str] = list(_OFFERED)
    quality: dict[str, tuple[float, float, int]] = {}
    for match in from_bytes(sample, cp_isolation=list(by_codec), preemptive_behaviour=False):
        for codec in (match.encoding, *match.could_be_from_charset):
            if codec in by_codec:
                name = by_codec[codec]
                rank = (round(match.chaos, 2), -round(match.coherence, 2), places.index(name))
                quality[name] = min(rank, quality.get(name, rank))
    ranked = sorted(quality, key=quality.__getitem__)
    # a short text has too little to be ranked by: the commonest ones are offered all the same
    ranked += [name for name in places[:7] if name not in ranked]
    if _beyond_ascii(data) < _FEW:  # nothing to rank by
        ranked.sort(key="windows-1252".__ne__)
    return [name for name in ranked if not _fails(data, name)]


def _beyond_ascii(data: bytes) -> int:
    """How many bytes tell encodings apart."""
    return len(data) - len(data.translate(None, bytes(range(128, 256))))


def _fails(data: bytes, name: str) -> bool:
    try:
        data.decode("cp1252") if name == "windows-1252" else read(data, name)
    except UnicodeDecodeError:
        return True
    return False


def _codecs(name: str) -> tuple[str, ...]:
    return _OFFERED.get(name, (name,))


def _telling_apart(data: bytes, names: Sequence[str]) -> list[str]:
    """What each encoding makes of the line that they read most differently, at the place where they do."""
    lines = [line for line in _whole_lines(data).split(b"\n") if _beyond_ascii(line)][:_MOST_LINES]
    if len(names) < 2 or not lines or any(_fails(line, name) for line in lines for name in names):
        return [_preview(read(data, name)) for name in names]
    line = max(lines, key=lambda line: len({read(line, name) for name in names}))
    texts = [_visible(read(line, name)) for name in names]
    if len(set(texts)) == 1:
        return [_preview(read(data, name)) for name in names]
    return [_part(text, min(_differs(text, other) for other in texts if other != text)) for text in texts]


def _whole_lines(data: bytes) -> bytes:
    """A sample that is cut at a line's end, where no character of several bytes is cut."""
    return data if len(data) <= _SAMPLE else data[: data.rfind(b"\n", 0, _SAMPLE) + 1] or data


def _differs(text: str, other: str) -> int:
    """Where two texts begin to differ."""
    return next((i for i, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), 0)


def _preview(text: str) -> str:
    """The first line that has something beyond ASCII, for it tells encodings apart, else the first one."""
    lines = [" ".join(line.split()) for line in _visible(text[:_SAMPLE]).splitlines() if line.strip()]
    telling = next((line for line in lines if not line.isascii()), lines[0] if lines else "")
    return _part(telling, next((i for i, char in enumerate(telling) if ord(char) > 127), 0))


def _visible(text: str) -> str:
    return "".join(char if char.isprintable() or char.isspace() else REPLACEMENT for char in text)


def _part(line: str, at: int) -> str:
    """So much of a line as is shown, round a place."""
    start = max(0, at - _PREVIEW // 2)
    return ("…" if start else "") + line[start : start + _PREVIEW].strip()


def _as_control(error: UnicodeError) -> tuple[str, int]:
    """Five bytes mean nothing in Windows-1252; browsers make C1 controls of them, which are counted and shown."""
    assert isinstance(error, UnicodeDecodeError)
    return "".join(map(chr, error.object[error.start : error.end])), error.end


def _replacing(data: bytes, encoding: str) -> tuple[str, int]:
    """The text with U+FFFD for what does not fit, and how many bytes that is."""
    bad = 0

    def replace(error: UnicodeError) -> tuple[str, int]:
        nonlocal bad
        assert isinstance(error, UnicodeDecodeError)
        bad += error.end - error.start
        return REPLACEMENT, error.end

    with _COUNTING:  # a handler has one name for all threads
        codecs.register_error(_AS_COUNTED, replace)
        text = data.decode(_codecs(encoding)[0], errors=_AS_COUNTED)
    return text, bad


_COUNTING = threading.Lock()
_AS_COUNTED = "playground-counted"
_AS_CONTROL = "playground-c1"
codecs.register_error(_AS_CONTROL, _as_control)
