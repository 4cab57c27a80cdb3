"""The shelf: `.qbconsole/plugins`, where the version of each plugin that decides is kept, with all before it.

`oak_ember.py` is in force, `oak_ember.json` says since when and what became of a newer one, `kept/oak_ember-<sha>.py`
are all that ever were: what decided a document can be read years later. Files are private and put in place whole.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from qbconsole.errors import PluginBroken, WorkspaceError


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a newer version was not taken."""

    sha256: str
    what: str
    where: str
    next: str

    def error(self) -> PluginBroken:
        """The same as an error."""
        return PluginBroken(self.what, where=self.where, next=self.next)


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The version of a plugin that decides."""

    name: str
    sha256: str
    version: str
    #: Since when, an ISO instant in UTC.
    since: str
    #: What it passed: "3 tests passed, 2 golden files"; or who took it on his word.
    passed: str
    #: Of the plugin, its tests and its golden files: tried again when it changes.
    mark: str
    #: Hooks it implements.
    hooks: tuple[str, ...] = ()
    refused: Refusal | None = None


class Shelf:
    """The folder; it is made when something is first put there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def in_force(self, name: str) -> InForce | None:
        """The version that decides; None where there is none, or where what is kept is not what it says."""
        try:
            raw = json.loads((self._folder / f"{name}.json").read_bytes())
            source = (self._folder / f"{name}.py").read_bytes()
            found = _in_force(raw)
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return found if hashlib.sha256(source).hexdigest() == found.sha256 else None

    def take(self, one: InForce, source: bytes) -> None:
        """Put a version in force."""
        self._put(f"kept/{one.name}-{one.sha256[:16]}.py", source)
        self._put(f"{one.name}.py", source)
        self._put(f"{one.name}.json", json.dumps(asdict(one), indent=1).encode())

    def tell(self, one: InForce) -> None:
        """Keep what became of a newer version beside the one that stays."""
        self._put(f"{one.name}.json", json.dumps(asdict(one), indent=1).encode())

    def drop(self, name: str) -> None:
        """No version of it is in force any more; those kept by sha256 stay."""
        for path in (self._folder / f"{name}.json", self._folder / f"{name}.py"):
            path.unlink(missing_ok=True)

    def _put(self, name: str, content: bytes) -> None:
        path = self._folder / name
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
        except OSError as cause:
            raise WorkspaceError(
                f"a plugin's version cannot be kept: {cause.strerror or cause}",
                where=str(path),
                next="Give your user the right to write there, and room on the disk.",
            ) from cause
        finally:
            beside.unlink(missing_ok=True)


def _in_force(raw: Mapping[str, Any]) -> InForce:
    refused = raw.get("refused")
    hooks = tuple(map(str, raw["hooks"]))
    return InForce(**{**raw, "hooks": hooks, "refused": Refusal(**refused) if refused else None})
