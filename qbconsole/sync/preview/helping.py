"""Helping: a second process replays pages of one merchant. Its own store, opened to read only; plain bytes come back.

Run by `host.child`, so it has the three names every work of the host has. It loads no plugin: where the merchant has
any, it keeps a supervised child for them as its parent does.
"""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import cast

from qbconsole.decide.replay import Replayed
from qbconsole.store.database import Store
from qbconsole.store.encoding import pack, unpack
from qbconsole.sync.preview.desks import Both
from qbconsole.sync.preview.reading import Page, Reader, Run
from qbconsole.value import Value

#: What comes back of a page: a packed `Results`.
Decision = bytes


class Results(Value):
    """What came of one page."""

    #: How many snapshots it has.
    read: int
    replayed: tuple[Replayed, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """All a helper is told: the run, without its store."""

    run: Run
    #: The database as `Store.open` takes it.
    database: str
    #: Of its own it loads no plugins, so none can be at fault when it ends.
    plugin_folders: tuple[str, ...] = ()


def help_of(run: Run) -> Help | None:
    """What a helper needs; None where the database is no file: a server may want what a helper is not told."""
    path = run.means.store.path
    if path is None:
        return None
    # Open connections and callables stay here.
    bare = dataclasses.replace(run.means, store=cast(Store, None), clock=_now, reread=None)
    return Help(run=dataclasses.replace(run, means=bare), database=str(path.absolute()))


def _now() -> datetime:
    return datetime.now(UTC)


class Helper:
    """A helper's desk."""

    def __init__(self, told: Help) -> None:
        store = Store.open(told.database, clock=_now, readonly=True)
        run = dataclasses.replace(told.run, means=dataclasses.replace(told.run.means, store=store))
        self._reader, self._desks = Reader(run), Both(run)

    def decide(self, page: Page) -> Results:
        """Read and replay one page. Raises what a plugin's child raises."""
        read, replays = self._reader.read(page)
        return Results(read=read, replayed=tuple(self._desks.decide([(one, None) for one in replays])))


def desk_of(told: Help) -> Helper:
    """Open the store and build both desks."""
    return Helper(told)


def decide(page: Page, desk: Helper) -> bytes:
    """What came of one page."""
    return pack(desk.decide(page))


def results_of(raw: bytes) -> Results:
    """What `decide` packed."""
    return unpack(raw, Results)
