"""What encodings are called where one is chosen."""

from __future__ import annotations

from pages.shared.i18n import _
from playground.errors import EncodingCandidate


def encoding_label(candidate: EncodingCandidate) -> str:
    """An encoding as a person knows it, and how many bytes do not fit."""
    if candidate.replaced:
        name = candidate.name.removesuffix("-replace").upper()
        return _("{encoding}, {n} bytes replaced by �").format(encoding=name, n=f"{candidate.replaced:,}")
    return {
        "gb18030": _("GB18030 (GBK), simplified Chinese"),
        "big5": _("Big5, traditional Chinese"),
        "shift_jis": _("Shift_JIS, Japanese"),
        "euc-jp": _("EUC-JP, Japanese"),
        "euc-kr": _("EUC-KR, Korean"),
        "windows-1252": _("Windows-1252 (Latin-1), Western Europe"),
        "windows-1250": _("Windows-1250, Central Europe"),
        "windows-1251": _("Windows-1251, Cyrillic"),
        "koi8-r": _("KOI8-R, Cyrillic"),
        "windows-1253": _("Windows-1253, Greek"),
        "windows-1254": _("Windows-1254, Turkish"),
        "windows-1255": _("Windows-1255, Hebrew"),
        "windows-1256": _("Windows-1256, Arabic"),
    }.get(candidate.name, candidate.name)
