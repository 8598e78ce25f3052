"""JavaScript modules in a folder, and the version that stands in their addresses."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path


class Modules:
    """The modules of a folder: `/js/<version>/<path>`, where another content is another version.

    A module imports others by relative addresses, so that all of one version go together; a browser may keep them
    for ever.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: tuple[tuple[tuple[str, int, int], ...], str] = ((), "")
        """Names, times and sizes, and the version that they had; one value, as threads share it."""

    def files(self) -> dict[str, Path]:
        """The modules, by their paths within the folder."""
        return {
            file.relative_to(self._folder).as_posix(): file for file in sorted(self._folder.rglob("*.js"))
        }

    def version(self) -> str:
        """The beginning of the SHA-256 of all names and contents; read again when a file has changed."""
        files = self.files()
        stats = {path: file.stat() for path, file in files.items()}
        stamp = tuple((path, stat.st_mtime_ns, stat.st_size) for path, stat in stats.items())
        known, version = self._known
        if stamp != known:
            content = hashlib.sha256()
            for path, file in files.items():
                content.update(path.encode() + b"\0" + file.read_bytes() + b"\0")
            version = content.hexdigest()[:16]
            self._known = stamp, version
        return version

    def path(self, name: str) -> str:
        """The server's path of a module.

        Args:
            name: Within the folder, such as `lens.js`.

        Raises:
            KeyError: There is no such module.
        """
        if name not in self.files():
            raise KeyError(name)
        return f"/js/{self.version()}/{name}"

    def find(self, version: str, name: str) -> Path | None:
        """A module's file, None where it is not of this version.

        Args:
            version: As it stands in an address; `-1`, `-2` … at its end say that it is asked for anew.
            name: Within the folder.
        """
        return self.files().get(name) if re.sub(r"-\d{1,6}$", "", version) == self.version() else None
