"""`plugins test`: a plugin loaded, its tests run and its golden orders decided, and all that came of it shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from qbconsole.errors import QbconsoleError, UsageError
from qbconsole.host.look import look
from qbconsole.rules.nearest import nearest
from qbconsole.rules.registry import installed_plugins, plugin_files
from qbconsole.sync.plugins.force import tried
from qbconsole.sync.plugins.golden import Compared, compared, golden_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """How one plugin did."""

    name: str
    #: "3 tests passed, 2 golden files as expected".
    sentence: str
    is_good: bool
    where: str = ""
    next_step: str = ""
    #: What pytest printed, where its tests failed; the differences of golden files.
    lines: tuple[str, ...] = ()
    #: Golden files written.
    written: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "plugin": self.name,
            "ok": self.is_good,
            "what": self.sentence,
            "where": self.where,
            "next": self.next_step,
            "output": list(self.lines),
            "written": list(self.written),
        }


def chosen(folders: Sequence[Path], plugin: str | None) -> list[tuple[str, Path | None]]:
    """The plugins meant: one by name or file, or every file there is; an installed one has none.

    Raises UsageError for an unknown one.
    """
    files = plugin_files(folders)
    if plugin is None:
        return list(files.items())
    given = Path(plugin)
    if given.suffix == ".py" and given.is_file():
        return [(given.stem, given.absolute())]
    installed = installed_plugins()
    if plugin not in files and plugin in installed:
        return [(plugin, None)]
    if plugin not in files:
        raise UsageError(
            f"there is no plugin {plugin!r}{nearest(plugin, {*files, *installed})}",
            next="Name one of the plugins folder, or a .py file; begin one with `qbconsole plugins new NAME`.",
        )
    return [(plugin, files[plugin])]


def attempt(name: str, path: Path | None, *, golden: Path | None = None, write: bool = False) -> Attempt:
    """Try one plugin; `golden` is another folder than its own, `write` makes the expected texts anew.

    Without a file it is an installed one: it is loaded, and decides the golden orders of `golden`; its tests are its
    package's.
    """
    if path is None:
        return _installed(name, golden, write=write)
    went = tried(name, path.parent, golden=False)
    if went.trouble is not None:
        return _failed(name, went.trouble, tuple(went.printed.splitlines()))
    try:
        found = list(compared(name, [str(path.parent)], golden or golden_folder(name, path.parent)))
    except QbconsoleError as fault:
        return _failed(name, fault, ())
    good = Attempt(name=name, sentence=went.passed, is_good=True)
    return _written(good, found) if write else _held(good, found)


def _installed(name: str, golden: Path | None, *, write: bool) -> Attempt:
    looked = look(name, ())
    if looked.trouble is not None:
        return _failed(name, looked.trouble, ())
    told = "installed: it loads; its tests are its own project's, by pytest"
    good = Attempt(name=name, sentence=told, is_good=True)
    if golden is None:
        return good
    try:
        found = list(compared(name, [], golden))
    except QbconsoleError as fault:
        return _failed(name, fault, ())
    return _written(good, found) if write else _held(good, found)


def _written(good: Attempt, found: Sequence[Compared]) -> Attempt:
    changed = [one for one in found if not one.is_same]
    for one in changed:
        one.write()
    told = f"{len(changed)} golden file{'s' * (len(changed) != 1)} written"
    return replace(good, sentence=f"{good.sentence}, {told}", written=tuple(one.label for one in changed))


def _held(good: Attempt, found: Sequence[Compared]) -> Attempt:
    changed = [one for one in found if not one.is_same]
    if not changed:
        same = f", {len(found)} golden file{'s' * (len(found) != 1)} as expected" if found else ""
        return replace(good, sentence=f"{good.sentence}{same}")
    first = changed[0]
    return replace(
        good,
        sentence=f"{len(changed)} of {len(found)} golden files come to something else",
        is_good=False,
        where=f"{first.label}:{max(first.line, 1)}",
        next_step=f"Where it is meant so: qbconsole plugins test {good.name} --write",
        lines=tuple(line for one in changed for line in (one.label, *one.diff)),
    )


def _failed(name: str, fault: QbconsoleError, lines: tuple[str, ...]) -> Attempt:
    return Attempt(
        name=name, sentence=str(fault), is_good=False, where=fault.where, next_step=fault.next, lines=lines
    )
