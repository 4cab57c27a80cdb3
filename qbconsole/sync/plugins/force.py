"""Which version of a plugin decides: looked at before a run of `book`, never in the middle of one.

A file that changed has to load, pass its author's tests and bring its golden orders to the same qbXML, all apart;
then it is kept and decides. Else the last good one goes on deciding and the fault is told. A plugin that never
was good stops its merchants.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from qbconsole.errors import PluginBroken, QbconsoleError
from qbconsole.host.look import Looked, look, look_at_all
from qbconsole.rules.mapping.values import Merchant
from qbconsole.rules.registry import plugin_files
from qbconsole.sync.means import Means
from qbconsole.sync.plugins.golden import compared, golden_files, golden_folder, refuse_changed
from qbconsole.sync.plugins.shelf import InForce, Refusal, Shelf
from qbconsole.sync.plugins.trials import run_tests, tests_of

_WRITABLE = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a plugin stands for this run."""

    name: str
    #: The version that decides; None for an installed one, and where nothing may.
    in_force: InForce | None = None
    #: What is wrong with the file as it is now.
    trouble: PluginBroken | None = None

    @property
    def may_decide(self) -> bool:
        """Some version of it is good."""
        return self.trouble is None or self.in_force is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A file that has to be tried, as it is now."""

    path: Path
    source: bytes
    mark: str
    #: The version that decided so far.
    last: InForce | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What one version came to."""

    version: str = ""
    #: "3 tests passed, 2 golden files are as expected".
    passed: str = ""
    #: All that the tests printed.
    printed: str = ""
    trouble: PluginBroken | None = None


def bring_into_force(means: Means, merchants: Iterable[Merchant]) -> Mapping[str, Standing]:
    """Try what changed of these merchants' plugins, and keep what is good. Raises WorkspaceError only.

    Where no shelf is kept the files decide as they are, and nothing is said here.
    """
    names = sorted({name for merchant in merchants for name in merchant.plugins})
    off = {
        name: Standing(name=name, trouble=switched_off(name)) for name in names if not means.may_load(name)
    }
    if not means.plugins_kept:
        return off
    files = plugin_files(means.own_plugin_folders)
    found = {name: _before(means, name, files.get(name)) for name in names if name not in off}
    changed = [name for name, one in found.items() if isinstance(one, Changed)]
    looked = look_at_all(changed, [str(folder) for folder in means.own_plugin_folders])
    standings = {
        name: _tried(means, name, one, looked[name]) if isinstance(one, Changed) else one
        for name, one in found.items()
    }
    return off | standings


def switched_off(name: str) -> PluginBroken:
    """Why a plugin that QBCONSOLE_LOAD_PLUGINS leaves out stops its merchants: without it accounts would be wrong."""
    return PluginBroken(
        f"plugin {name} is switched off: QBCONSOLE_LOAD_PLUGINS leaves it out",
        where="QBCONSOLE_LOAD_PLUGINS",
        next="Unset it, or add the name; to book without the plugin take it out of `plugins`.",
    )


def _before(means: Means, name: str, path: Path | None) -> Standing | Changed:
    """How a plugin stands as long as its file does not differ from what was tried last."""
    shelf = Shelf(Path(means.plugins_kept))
    if path is None:
        shelf.drop(name)  # taken away on purpose, or installed instead: loading it will say
        return Standing(name=name)
    last = shelf.in_force(name)
    try:
        source = path.read_bytes()
        file = Changed(path=path, source=source, mark=mark_of(name, path, source), last=last)
    except OSError as cause:
        trouble = PluginBroken(
            f"plugin {name} cannot be read: {cause.strerror}", where=f"plugins/{path.name}"
        )
        return _refused(means, last, name, "", trouble)
    # One that was refused is tried again each time: what it lacked may be there now.
    is_same = last is not None and last.mark == file.mark and last.refused is None
    return Standing(name=name, in_force=last) if is_same else file


def _tried(means: Means, name: str, file: Changed, looked: Looked) -> Standing:
    went = tried(name, file.path.parent, looked=looked)
    if went.trouble is None and not _is_still(name, file):
        what, where = f"plugin {name} changed while it was tried", f"plugins/{file.path.name}"
        went = replace(went, trouble=PluginBroken(what, where=where, next="Run `qbconsole book` again."))
    if went.trouble is not None:
        return _refused(means, file.last, name, hashlib.sha256(file.source).hexdigest(), went.trouble)
    now = taken(means, name, file.source, file.mark, looked, went.passed)
    return Standing(name=name, in_force=now)


def _is_still(name: str, file: Changed) -> bool:
    """Whether what was tried is what lies there now; a file that vanished meanwhile is not."""
    try:
        return mark_of(name, file.path, file.path.read_bytes()) == file.mark
    except OSError:
        return False


def taken(means: Means, name: str, source: bytes, mark: str, looked: Looked, passed: str) -> InForce:
    """Put a version in force; `looked` is how it loaded."""
    now = InForce(
        name=name,
        sha256=hashlib.sha256(source).hexdigest(),
        version=looked.version,
        since=means.clock().isoformat(timespec="seconds"),
        passed=passed,
        mark=mark,
        hooks=tuple(sorted(looked.hooks)),
    )
    Shelf(Path(means.plugins_kept)).take(now, source)
    return now


def _refused(means: Means, last: InForce | None, name: str, sha256: str, trouble: PluginBroken) -> Standing:
    if last is None:
        return Standing(name=name, trouble=trouble)
    refusal = Refusal(sha256=sha256, what=trouble.what, where=trouble.where, next=trouble.next)
    last = replace(last, refused=refusal)
    Shelf(Path(means.plugins_kept)).tell(last)
    return Standing(name=name, in_force=last, trouble=trouble)


def tried(name: str, folder: Path, *, golden: bool = True, looked: Looked | None = None) -> Tried:
    """Load a plugin's file, run its tests, decide its golden orders: each apart, and raising nothing.

    `looked` is how it loaded, where that is known.
    """
    folders = (str(folder),)
    looked = looked or look(name, folders)
    if looked.trouble is not None:
        return Tried(trouble=looked.trouble)
    tests = run_tests(name, folder)
    if tests.trouble is not None:
        return Tried(version=looked.version, printed=tests.printed, trouble=tests.trouble)
    try:
        count = refuse_changed(name, compared(name, folders, golden_folder(name, folder))) if golden else 0
    except PluginBroken as broken:
        return Tried(version=looked.version, printed=tests.printed, trouble=broken)
    except QbconsoleError as fault:  # a golden file or its mapping that cannot be read
        what = f"plugin {name}: its golden orders cannot be tried: {fault.what}"
        trouble = PluginBroken(what, where=fault.where, next=fault.next)
        return Tried(version=looked.version, printed=tests.printed, trouble=trouble)
    same = f", {count} golden file{'s' * (count != 1)} as expected" if count else ""
    return Tried(version=looked.version, printed=tests.printed, passed=f"{tests.note}{same}")


def mark_of(name: str, path: Path, source: bytes) -> str:
    """A hash of a plugin's file as it was read, whether others may write it, its tests and its golden files."""
    mark = hashlib.sha256(bytes([bool(path.stat().st_mode & _WRITABLE)]))
    for one in (path, *_beside(name, path)):
        content = source if one is path else one.read_bytes()
        mark.update(f"{one.name}\0{len(content)}\0".encode())
        mark.update(content)
    return mark.hexdigest()


def _beside(name: str, path: Path) -> Sequence[Path]:
    golden = golden_folder(name, path.parent)
    beside = sorted(golden.glob("*.*")) if golden_files(golden) else []
    return (*tests_of(name, path.parent), *(one for one in beside if one.is_file()))
