"""The merchants' plugins: files, installed ones and names nobody has; who uses them and how they stand.

One that is enabled is loaded in a process of its own that ends within seconds: its code may do anything, or never
end. One that nobody asked for is never run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from qbconsole.books.holds import Hold, Reason
from qbconsole.errors import PluginBroken
from qbconsole.host.look import Looked, look_at_all
from qbconsole.rules.registry import installed_plugins, plugin_files
from qbconsole.store import holds
from qbconsole.sync.means import Means
from qbconsole.sync.plugins import Shelf
from qbconsole.sync.plugins.force import switched_off
from qbconsole.sync.plugins.quarantine import blamed
from qbconsole.sync.plugins.shelf import InForce
from qbconsole.sync.revising import hashes_of


class State(StrEnum):
    """How a plugin stands."""

    OK = "ok"  # it loads, and nothing is known against it
    BROKEN = "broken"  # the file as it stands does not load, and no good version is kept
    QUARANTINED = "quarantined"  # it failed while booking; its merchants wait until it is mended
    LAST_GOOD = "last good in force"  # the file as it stands is not taken; an older version decides
    NOT_ENABLED = "not enabled"  # no merchant names it, so it is never run
    SWITCHED_OFF = "switched off"  # QBCONSOLE_LOAD_PLUGINS leaves it out; its merchants wait


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginFound:
    """One plugin, or a name that a merchant asks for and nobody has."""

    name: str
    #: The file, "NAME VERSION" of the installed package it comes from, or "" where there is none.
    path: str
    #: Of the file as it stands.
    sha256: str
    merchants: tuple[str, ...]
    state: str
    #: What it says of itself, "" where it says nothing or was not run.
    version: str = ""
    #: Hooks it implements, where it was run.
    hooks: tuple[str, ...] = ()
    #: What loading took; None where it was not run.
    load_ms: float | None = None
    #: Of the version that decides; "" where none was booked with yet.
    sha256_in_force: str = ""
    #: What that version passed: "3 tests passed".
    passed: str = ""
    #: What is wrong, with the place at its end or beginning as errors have it.
    trouble: str = ""
    where: str = ""
    next_step: str = ""


def plugins_found(means: Means, *, run: bool = True) -> tuple[PluginFound, ...]:
    """Every plugin file, installed plugin and name asked for; enabled ones are run where `run`."""
    files = plugin_files(means.own_plugin_folders)
    users: dict[str, list[str]] = {}
    for merchant in means.mapping.merchants.values():
        for name in merchant.plugins:
            users.setdefault(name, []).append(merchant.id)
    stopped = _stopped(means)
    wanted = sorted(name for name in users if run and means.may_load(name))
    looked = look_at_all(wanted, [str(folder) for folder in means.own_plugin_folders])
    return tuple(
        _found(means, name, files.get(name), tuple(users.get(name, ())), stopped.get(name), looked.get(name))
        for name in sorted({*files, *users, *installed_plugins()})
    )


def _stopped(means: Means) -> Mapping[str, Hold]:
    """Plugin -> the hold that stopped a merchant because of it."""
    found: dict[str, Hold] = {}
    with means.store.reading() as tx:
        rows = holds.open_holds(tx, reason=Reason.PLUGIN_BROKEN)
    for row in rows:
        merchant = means.mapping.merchants.get(row.merchant or "")
        for name in blamed(merchant.plugins if merchant else (), row.hold.sentence):
            found.setdefault(name, row.hold)
    return found


def _found(
    means: Means,
    name: str,
    file: Path | None,
    merchants: tuple[str, ...],
    stopped: Hold | None,
    looked: Looked | None,
) -> PluginFound:
    kept = Shelf(Path(means.plugins_kept)).in_force(name) if means.plugins_kept and file else None
    state, trouble = _standing(name, merchants, looked, kept, stopped, is_allowed=means.may_load(name))
    return PluginFound(
        name=name,
        path=str(file) if file else _package(name),
        sha256=_sha256(file) if file else hashes_of([name], []).get(name, ""),
        merchants=merchants,
        state=state.value,
        version=looked.version if looked else kept.version if kept else "",
        hooks=tuple(sorted(looked.hooks)) if looked else (),
        load_ms=looked.milliseconds if looked and not looked.trouble else None,
        sha256_in_force=kept.sha256 if kept else "",
        passed=kept.passed if kept else "",
        trouble=str(trouble) if trouble else "",
        where=trouble.where if trouble else "",
        next_step=trouble.next if trouble else "",
    )


def _standing(
    name: str,
    merchants: Iterable[str],
    looked: Looked | None,
    kept: InForce | None,
    stopped: Hold | None,
    *,
    is_allowed: bool,
) -> tuple[State, PluginBroken | None]:
    if not merchants:
        return State.NOT_ENABLED, None
    if not is_allowed:
        return State.SWITCHED_OFF, switched_off(name)
    if looked is not None and looked.trouble is not None:
        return State.LAST_GOOD if kept else State.BROKEN, looked.trouble
    if kept is not None and kept.refused is not None:
        return State.LAST_GOOD, kept.refused.error()
    if stopped is not None:
        what = stopped.sentence.partition(f" ({stopped.where})")[0]
        return State.QUARANTINED, PluginBroken(what, where=stopped.where, next=stopped.next_step)
    return State.OK, None


def _package(name: str) -> str:
    """The installed package a plugin comes from."""
    point = installed_plugins().get(name)
    return f"{point.dist.name} {point.dist.version}" if point is not None and point.dist is not None else ""


def _sha256(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""  # loading it says why
