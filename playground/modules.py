"""JavaScript modules in a folder, and the version that stands in their addresses."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from playground.cache import Fresh


class Modules:
    """The modules of a folder: `/js/<version>/<path>`, where another content is another version.

    A module imports others by relative addresses, so that all of one version go together; a browser may keep them
    for ever.

    Args:
        folder: The folder.
        seconds: For how long it is not looked at again: a page draws several modules.
    """

    def __init__(self, folder: Path, seconds: float = 0.0) -> None:
        self._folder = folder
        self._now = Fresh(self._look, seconds)
        self._known: tuple[tuple[tuple[str, int, int], ...], str] = ((), "")
        """Names, times and sizes, and the version that they had; one value, as threads share it."""

    def files(self) -> dict[str, Path]:
        """The modules, by their paths within the folder."""
        return self._now.get()[0]

    def version(self) -> str:
        """The beginning of the SHA-256 of all names and contents; read again when a file has changed."""
        return self._now.get()[1]

    def _look(self) -> tuple[dict[str, Path], str]:
        files = {
            file.relative_to(self._folder).as_posix(): file for file in sorted(self._folder.rglob("*.js"))
        }
        stats = {path: file.stat() for path, file in files.items()}
        stamp = tuple((path, stat.st_mtime_ns, stat.st_size) for path, stat in stats.items())
        known, version = self._known
        if stamp != known:
            content = hashlib.sha256()
            for path, file in files.items():
                content.update(path.encode() + b"\0" + file.read_bytes() + b"\0")
            version = content.hexdigest()[:16]
            self._known = stamp, version
        return files, version

    def path(self, name: str) -> str:
        """The server's path of a module.

        Args:
            name: Within the folder, such as `lens.js`.

        Raises:
            KeyError: There is no such module.
        """
        files, version = self._now.get()
        if name not in files:
            raise KeyError(name)
        return f"/js/{version}/{name}"

    def find(self, version: str, name: str) -> Path | None:
        """A module's file, None where it is not of this version.

        Args:
            version: As it stands in an address; `-1`, `-2` … at its end say that it is asked for anew.
            name: Within the folder.
        """
        files, now = self._now.get()
        return files.get(name) if re.sub(r"-\d{1,6}$", "", version) == now else None
