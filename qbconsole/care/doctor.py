"""Doctor: looks at everything an installation needs and says of each whether it is well, and what to do.

It changes nothing but the files it makes to see whether they can be made.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import stat
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from qbconsole.care.mapping_check import checked
from qbconsole.care.plugins import State, plugins_found
from qbconsole.care.templates import check_examples
from qbconsole.company.bearings import NOTE, REFUSED_LOGIN, Bearings, told_of
from qbconsole.errors import MappingInvalid
from qbconsole.rules.mapping.faults import MappingFaults
from qbconsole.store import journal, parties
from qbconsole.store.secrets import secret_names
from qbconsole.sync.means import Means
from qbconsole.views.status import behind_in, turned_away

_ROOM = 512 * 2**20
_SILENT = timedelta(days=2)
#: Company files of which the same is told one by one; more are told together.
MANY = 6


class Health(StrEnum):
    """How a check came out."""

    OK = "ok"
    ATTENTION = "attention"  # works, but look at it
    FAILED = "failed"  # does not work


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at."""

    name: str
    health: Health
    sentence: str
    next_step: str = ""


def _ok(name: str, sentence: str) -> Check:
    return Check(name=name, health=Health.OK, sentence=sentence)


def _attention(name: str, sentence: str, next_step: str) -> Check:
    return Check(name=name, health=Health.ATTENTION, sentence=sentence, next_step=next_step)


def _failed(name: str, sentence: str, next_step: str) -> Check:
    return Check(name=name, health=Health.FAILED, sentence=sentence, next_step=next_step)


def check_ground(root: Path, fault: MappingInvalid | None, *, short: str = "") -> Iterator[Check]:
    """What needs no database: the directory, the disk, the mapping's file, the keys.

    `short` is what a session misses of room on the disk.
    """
    yield _writable(root)
    yield _room(root, short)
    yield _mapping(fault)
    yield _keys(root / ".qbconsole" / "keys")


def _writable(root: Path) -> Check:
    try:
        with tempfile.TemporaryFile(dir=root):
            return _ok("workspace", f"{root} can be written.")
    except OSError as cause:
        why = cause.strerror or str(cause)
        return _failed(
            "workspace", f"{root} cannot be written: {why}.", "Give your user the right to write there."
        )


def _room(root: Path, short: str) -> Check:
    free = shutil.disk_usage(root).free
    if short:
        step = "Free disk space; the next visit of the Web Connector goes on by itself."
        return _failed("disk", f"No session begins: {short}.", step)
    told = f"{free / 2**30:.1f} GiB are free."
    return (
        _ok("disk", told)
        if free >= _ROOM
        else _attention("disk", told, "Free disk space; sessions stop when it is full.")
    )


def _mapping(fault: MappingInvalid | None) -> Check:
    if fault is None:
        return _ok("mapping", "mappings.toml is valid.")
    told = "; ".join(map(str, fault.faults)) if isinstance(fault, MappingFaults) else str(fault)
    return _failed("mapping", told, fault.next)


def _keys(path: Path) -> Check:
    if not path.exists():
        return _ok("keys", "There are no keys yet; they are made with the first secret.")
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return _failed("keys", f"Others may read {path}.", f"Run `chmod 600 {path}`.")
    return _ok("keys", "The keys file is private.")


def keys_gone(means: Means) -> Check | None:
    """Of an installation without a keys file: whether there was one, which opens what is stored."""
    with means.store.reading() as tx:
        count = len(secret_names(tx))
    step = "Put .qbconsole/keys back, or enter the secrets anew with `qbconsole setup`."
    told = f"The keys file is gone, and {count} stored secrets are opened by it alone."
    return _failed("keys", told, step) if count else None


def check_house(means: Means, shipped: Mapping[str, str], *, port: int, now: datetime) -> Iterator[Check]:
    """What needs the database and the mapping in force."""
    yield _database(means)
    yield _settings(means)
    yield _journal(means)
    yield from _templates(means, shipped)
    yield from _plugins(means)
    yield _port(port)
    yield from _contacts(means, now)


def _database(means: Means) -> Check:
    faults = means.store.check()
    if faults:
        step = "Restore the newest file of .qbconsole/backups; write nothing before."
        return _failed("database", f"The database is damaged: {faults[0]}", step)
    return _ok("database", "The database is sound.")


def _settings(means: Means) -> Check:
    """What lint finds in the mapping in force; nothing of it stops booking, so it wants a look."""
    look = checked(means.mapping_text, means.mapping.file, None, means.store)
    if found := (*look.errors, *look.astray):
        told = "; ".join(f"{one.where}: {one.what}" for one in found)
        return _attention("settings", told, "Correct the lines named; `qbconsole mapping check` lists them.")
    return _ok("settings", "No setting posts cost twice or never.")


def _journal(means: Means) -> Check:
    with means.store.reading() as tx:
        broken, (count, _) = journal.verify(tx), journal.head(tx)
    if broken is not None:
        step = "Somebody changed the database by hand; restore a backup, or keep this one as evidence."
        return _failed("journal", f"The journal is not as it was written, from row {broken} on.", step)
    return _ok("journal", f"The journal's chain holds over {count} rows.")


def _templates(means: Means, shipped: Mapping[str, str]) -> Iterator[Check]:
    """The merchants' own, tried on examples as `templates check` does; of each only what is wrong first."""
    found = check_examples(means.templates, shipped, means.mapping.merchants)
    broken = [one.faults[0] for one in found if one.faults]
    for fault in broken:
        told = f"{fault.where}: {fault.sentence} (on {fault.on})"
        step = "Correct the template, or delete it to use the shipped one; `qbconsole templates check` tells all."
        yield _failed("templates", told, step)
    if not broken:
        own = (
            f"{len(found)} of yours, tried on examples: without a fault."
            if found
            else "The shipped ones are used."
        )
        yield _ok("templates", own)


def _plugins(means: Means) -> Iterator[Check]:
    found = [one for one in plugins_found(means) if one.merchants]
    for one in found:
        if one.trouble:
            told = _attention if one.state == State.LAST_GOOD else _failed
            yield told(
                "plugins", one.trouble, one.next_step or "Mend the plugin, or take it out of `plugins`."
            )
    if not any(one.trouble for one in found):
        yield _ok(
            "plugins", f"{len(found)} plugins are enabled and load." if found else "No plugin is enabled."
        )


def _port(port: int) -> Check:
    with contextlib.closing(socket.socket()) as probe:
        probe.settimeout(1.0)
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            return _ok("port", f"Something listens on port {port}; while `qbconsole serve` runs it is that.")
    return _attention(
        "port", f"Nothing listens on port {port}.", "Run `qbconsole serve`, or let your system start it."
    )


def _contacts(means: Means, now: datetime) -> Iterator[Check]:
    with means.store.reading() as tx:
        known = {row.id: row for row in parties.all_companies(tx)}
        left = {one: Bearings.of(parties.note(tx, one, NOTE)) for one in known}
        behind = behind_in(tx, means.mapping)
        away = {
            one: turned_away(one, parties.note(tx, one, REFUSED_LOGIN), known.get(one))
            for one in means.mapping.companies
        }
    for company, count in behind:
        told = f"mappings.toml does not name it any more, and {count} documents of it wait."
        yield _failed(f"company {company}", told, "`qbconsole status` says how they go on.")
    never: list[str] = []
    well: dict[str, datetime] = {}
    for company in means.mapping.companies:
        row = known.get(company)
        name = f"company {company}"
        if row is not None and row.stopped:
            yield _failed(
                name,
                told_of(left[company], row.stopped),
                "Look at `qbconsole company status`, or mend what it names; the next session tries again.",
            )
        elif away[company]:
            told, _, step = away[company].partition(". ")
            yield _failed(name, f"{told[:1].upper()}{told[1:]}.", step)
        elif row is None or row.last_contact_at is None:
            never.append(company)
        elif now - row.last_contact_at > _SILENT:
            told = f"The Web Connector last called on {row.last_contact_at:%Y-%m-%d %H:%M} UTC."
            yield _attention(name, told, "See whether the PC is on and Auto-Run is ticked.")
        else:
            well[company] = row.last_contact_at
    yield from _never(never, alone=len(means.mapping.companies) == 1)
    if len(well) > MANY:
        since = f"since {min(well.values()):%Y-%m-%d %H:%M} UTC"
        yield _ok(f"{len(well)} companies", f"The Web Connector called for each of them {since}.")
        return
    for company, at in well.items():
        yield _ok(f"company {company}", f"The Web Connector last called on {at:%Y-%m-%d %H:%M} UTC.")


def _never(companies: list[str], *, alone: bool) -> Iterator[Check]:
    """For whom the Web Connector never called; many of them together, or one with trouble would not be seen among them."""
    told = "The Web Connector has never called"
    if len(companies) > MANY:
        some = f"{', '.join(companies[:3])} and {len(companies) - 3} others"
        step = (
            "Write the .qwc file of each with `qbconsole --company ID qwc` and add it to its Web Connector."
        )
        yield _attention(f"{len(companies)} companies", f"{told} for {some}.", step)
        return
    for company in companies:
        command = "qbconsole" if alone else f"qbconsole --company {company}"
        step = f"Write its .qwc file with `{command} qwc` and add it to the Web Connector."
        yield _attention(f"company {company}", f"{told}.", step)
