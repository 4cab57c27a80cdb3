"""The merchants' plugins as they lie on disk, and whether they work.

A plugin is looked at in a process of its own that ends within seconds: its code may do anything, or never end.
One that nobody asked for is never run.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qbconsole.errors import PluginBroken
from qbconsole.rules.registry import load_plugins, plugin_files
from qbconsole.sync.means import Means

_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginFound:
    """One plugin file, or a name that a merchant asks for and nobody has."""

    name: str
    path: str
    sha256: str
    merchants: tuple[str, ...]
    #: "ok", "broken", or "not enabled".
    state: str
    #: Hooks it implements, where it was run; what is wrong with it.
    hooks: tuple[str, ...] = ()
    trouble: str = ""
    next_step: str = ""


def plugins_found(means: Means, *, run: bool = True) -> tuple[PluginFound, ...]:
    """Every plugin file and every name asked for; enabled ones are run where `run`."""
    folders = [Path(folder) for folder in means.plugin_folders]
    files = plugin_files(folders)
    users: dict[str, list[str]] = {}
    for merchant in means.mapping.merchants.values():
        for name in merchant.plugins:
            users.setdefault(name, []).append(merchant.id)
    return tuple(
        _plugin(name, files.get(name), tuple(users.get(name, ())), folders, run=run)
        for name in sorted({*files, *users})
    )


def _plugin(
    name: str, file: Path | None, merchants: tuple[str, ...], folders: Sequence[Path], *, run: bool
) -> PluginFound:
    told: Mapping[str, object] = _looked_at(name, folders) if merchants and run else {}
    hooks = told.get("hooks")
    return PluginFound(
        name=name,
        path=str(file) if file else "",
        sha256=hashlib.sha256(file.read_bytes()).hexdigest() if file else "",
        merchants=merchants,
        state="broken" if told.get("trouble") else "ok" if merchants else "not enabled",
        hooks=tuple(map(str, hooks)) if isinstance(hooks, list) else (),
        trouble=str(told.get("trouble") or ""),
        next_step=str(told.get("next") or ""),
    )


def _looked_at(name: str, folders: Sequence[Path]) -> Mapping[str, object]:
    """What a process of its own found when it loaded the plugin."""
    command = [sys.executable, "-P", "-m", "qbconsole.care.extensions", name, *map(str, folders)]
    with tempfile.TemporaryDirectory(prefix="qbconsole-") as room, open(Path(room) / "told", "w+b") as told:
        try:
            subprocess.run(  # noqa: S603 - our own interpreter and module, no shell
                [*command[:4], str(told.name), *command[4:]],
                cwd=room,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {"trouble": f"plugin {name} did not finish loading within {_SECONDS:.0f} seconds"}
        text = told.read()
    try:
        found = json.loads(text)
    except ValueError:
        return {"trouble": f"plugin {name} ended the process that loaded it"}
    return found if isinstance(found, dict) else {}


def _environment() -> dict[str, str]:
    """Import paths and nothing secret."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "VIRTUAL_ENV") if name in os.environ}
    package = str(Path(__file__).resolve().parents[2])
    return kept | {"PYTHONPATH": package, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}


def main(words: Sequence[str]) -> int:
    """In the process of its own: load one plugin and write what was found to a file."""
    told, name, *folders = words
    try:
        plugin = load_plugins([name], [Path(folder) for folder in folders])[0]
        found: dict[str, object] = {"hooks": sorted(plugin.hooks)}
    except PluginBroken as broken:
        found = {"trouble": str(broken), "next": broken.next}
    Path(told).write_text(json.dumps(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
