"""Ahead: sets kept as handed out by the commit of the answer before them, so that fetching them writes nothing.

One commit an exchange instead of two, each of which waits for the disk. The store says that such a set left before its
bytes do, so after a crash it is asked about like any other; while this process lives it knows better, and what nobody
fetched was never handed out. Only where one process serves: of several, another one may have handed it out.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta

from qbconsole.store.requests import RequestRow
from qbconsole.store.sessions import MessageSet

#: Longer than this after its commit a set is handed out by one of its own, which prolongs the lease.
FRESH = timedelta(seconds=60)
#: Sessions remembered at most; of those forgotten the store's word counts.
_MOST = 64


class Ahead:
    """What is kept as handed out and was not fetched yet, a set a session; and its requests till their answer."""

    __slots__ = ("_asked", "_sets")

    def __init__(self) -> None:
        self._sets: OrderedDict[str, tuple[MessageSet, datetime]] = OrderedDict()
        self._asked: OrderedDict[str, tuple[str, Sequence[RequestRow]]] = OrderedDict()

    def keep(self, new: MessageSet, asked: Sequence[RequestRow], at: datetime) -> None:
        """Its commit is durable; `asked` are its requests as that commit left them."""
        self._sets[new.ticket] = (new, at)
        self._asked[new.ticket] = (new.id, asked)
        for kept in (self._sets, self._asked):
            if len(kept) > _MOST:
                kept.popitem(last=False)

    def asked(self, one: MessageSet) -> Sequence[RequestRow]:
        """Its requests as they were handed out; none where that is not remembered. Told once."""
        set_id, rows = self._asked.pop(one.ticket, ("", ()))
        return rows if set_id == one.id else ()

    def of(self, ticket: str, at: datetime) -> MessageSet | None:
        """The session's set, if it may be fetched without a commit of its own."""
        found = self._sets.get(ticket)
        fresh = found is not None and timedelta(0) <= at - found[1] <= FRESH
        return found[0] if found is not None and fresh else None

    def fetched(self, ticket: str) -> None:
        """It leaves now."""
        self._sets.pop(ticket, None)

    def holds(self, one: MessageSet) -> bool:
        """Whether nobody fetched this set, whatever the store says."""
        found = self._sets.get(one.ticket)
        return found is not None and found[0].id == one.id
