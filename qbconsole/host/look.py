"""Look at a plugin: load it in a process of its own and say what it is, or what is wrong with it."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qbconsole.errors import PluginBroken
from qbconsole.host.blame import Suspects, in_dump
from qbconsole.host.errand import Errand, run_errand

_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One plugin as it loads."""

    version: str = ""
    path: str = ""
    sha256: str = ""
    #: Hook -> where it is implemented: "plugins/oak_ember.py:22".
    hooks: Mapping[str, str] = field(default_factory=dict)
    #: Option -> the fields of the `Option` it declares, but for the default.
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    #: What loading took.
    milliseconds: float = 0.0
    trouble: PluginBroken | None = None


def look(name: str, folders: Sequence[str], *, seconds: float = _SECONDS) -> Looked:
    """Load one plugin, apart; it never takes longer than that many seconds and raises nothing."""
    return look_at_all([name], folders, seconds=seconds)[name]


def look_at_all(
    names: Sequence[str], folders: Sequence[str], *, seconds: float = _SECONDS
) -> dict[str, Looked]:
    """Load plugins one after another in one process, in a new one after each that ended it."""
    found: dict[str, Looked] = {}
    while left := [name for name in names if name not in found]:
        told, went = _told(left, folders, seconds)
        found |= {name: _looked(one) for name, one in zip(left, told, strict=False)}
        if len(told) < len(left):
            found[left[len(told)]] = _lost(left[len(told)], folders, went, seconds)
    return found


def _told(
    names: Sequence[str], folders: Sequence[str], seconds: float
) -> tuple[list[Mapping[str, Any]], Errand]:
    """What a process found, for as many plugins as it came to."""
    with tempfile.TemporaryDirectory(prefix="qbconsole-") as room:
        told = Path(room) / "told"
        told.touch()
        went = run_errand(__name__, [str(told), ",".join(names), *folders], seconds=seconds)
        try:
            lines = told.read_text(encoding="utf-8").splitlines()
            return [dict(json.loads(line)) for line in lines[: len(names)]], went
        except (OSError, ValueError, TypeError):
            return [], went


def _lost(name: str, folders: Sequence[str], went: Errand, seconds: float) -> Looked:
    """A plugin that never came to an end."""
    did = (
        f"ran longer than {seconds:g} s while it was loaded and was stopped"
        if went.overran
        else f"ended the process that loaded it (status {went.status})"
    )
    suspects = Suspects(names=(name,), folders=tuple(folders))
    lines = (found[1] for place in in_dump(went.printed) if (found := suspects.at(place)))
    where = next(lines, f"plugins/{name}.py:1")
    return Looked(trouble=PluginBroken(f"plugin {name} {did}", where=where))


def _looked(found: Mapping[str, Any]) -> Looked:
    trouble = found.get("trouble")
    if isinstance(trouble, dict):
        return Looked(trouble=PluginBroken(trouble["what"], where=trouble["where"], next=trouble["next"]))
    return Looked(
        version=str(found["version"]),
        path=str(found["path"]),
        sha256=str(found["sha256"]),
        hooks=dict(found["hooks"]),
        options={name: dict(told) for name, told in found["options"].items()},
        milliseconds=found["milliseconds"],
    )


def main(words: Sequence[str]) -> None:
    """In the process of its own: load plugins and write what was found to a file, a line each."""
    told, names, *folders = words
    for name in names.split(","):
        line = json.dumps(_load(name, [Path(folder) for folder in folders]))
        with open(told, "a", encoding="utf-8") as file:
            file.write(f"{line}\n")


def _load(name: str, folders: Sequence[Path]) -> dict[str, Any]:
    from qbconsole.rules.mapping.options.checking import declared_options
    from qbconsole.rules.registry import load_plugins

    begun = time.perf_counter()
    try:
        plugin = load_plugins([name], folders)[0]
        options = declared_options(name, plugin.path, getattr(plugin.module, "OPTIONS", {}))
    except PluginBroken as broken:
        return {"trouble": {"what": broken.what, "where": broken.where, "next": broken.next}}
    return {
        "version": plugin.version,
        "path": plugin.path,
        "sha256": plugin.sha256,
        "hooks": plugin.hooks,
        "options": {
            name: {"kind": one.kind, "about": one.about, "by": one.by, "required": one.required}
            for name, one in options.items()
        },
        "milliseconds": round((time.perf_counter() - begun) * 1000, 1),
    }


if __name__ == "__main__":
    main(sys.argv[1:])
