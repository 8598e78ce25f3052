"""`make messages`: collect every sentence that a person can read into the catalogue."""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from pages.shared.i18n import CATALOGUE

ROOT = CATALOGUE.parents[2]
KEYWORDS = dict.fromkeys(
    (
        "_",
        "gettext_noop",
        "Reason",
        "ConfigError",
        "CorpusError",
        "EncodingUndecided",
        "DownloadError",
        "TextChanged",
        "DeviceError",
        "StoreError",
        "StoreDamaged",
        "StoreBusy",
        "DirectoryInUse",
        "ChallengeNotFound",
        "ChallengeEnded",
        "RunNotFound",
        "RunDamaged",
        "RunPrivate",
        "RunStateError",
        "LimitReached",
        "NotAllowed",
        "WorkerError",
    )
)


def collect() -> Catalog:
    """Every marked sentence of pages and engine, with the places it stands in."""
    catalog = Catalog(locale="zh_CN", project="Recurrent playground", charset="utf-8")
    for folder in ("pages", "playground"):
        for file, line, message, _comments, _context in extract_from_dir(
            ROOT / folder, method_map=[("**.py", "python")], keywords=KEYWORDS
        ):
            catalog.add(message, locations=[(str(Path(folder) / file), line)])
    return catalog


def main() -> None:
    """Update the catalogue: new sentences come untranslated, vanished ones go."""
    template = collect()
    known = Catalog(locale="zh_CN")
    if CATALOGUE.exists():
        with CATALOGUE.open("rb") as file:
            known = read_po(file, locale="zh_CN")
    known.update(template, no_fuzzy_matching=True)
    known.obsolete.clear()
    with CATALOGUE.open("wb") as file:
        write_po(file, known, width=100, sort_output=True, no_location=True, omit_header=False)


if __name__ == "__main__":
    main()
