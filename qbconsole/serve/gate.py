"""Gate: between the Web Connector's calls and delivery; shut until the service is ready and there is room to work.

A login at a shut gate hears `busy`: its client comes again by itself. Nothing begins that the disk could not keep.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import structlog

from qbconsole.errors import StoreError, WebConnectorError
from qbconsole.serve.readiness import Readiness
from qbconsole.sync.deliver.conversation import Delivery
from qbconsole.sync.sharing.logins import Shared
from qbconsole.webconnector.calls import OwnVersions, sentence_of
from qbconsole.webconnector.conversation import Conversation, Hello, Login, Opened
from qbconsole.webconnector.session import new_ticket
from qbconsole.workspace import ROOM_BYTES, Workspace, short_of_room

_LOG = structlog.get_logger("qbconsole.serve")


@dataclass(slots=True, kw_only=True)
class Gate:
    """Implements `webconnector.conversation.Conversation` before and while delivery can.

    It is `webconnector.calls.Versions` too: what clients told is shared where workers share a database.
    """

    readiness: Readiness
    #: Why no session may begin now, "" where one may.
    may_begin: Callable[[], str]
    _inner: Conversation | None = None
    _shared: Shared | None = None
    _own: OwnVersions = field(default_factory=OwnVersions)

    @property
    def is_open(self) -> bool:
        """Whether there is somebody behind it."""
        return self._inner is not None

    def let_through(self, inner: Conversation | None) -> None:
        """Open it to delivery, or shut it."""
        throttle = inner.throttle if isinstance(inner, Delivery) else None
        self._shared = throttle if isinstance(throttle, Shared) else None
        self._inner = inner

    def open(self, login: Login) -> Opened:
        """`busy` while no session may begin."""
        inner = self._inner
        why = self.readiness.sentence if inner is None else self.may_begin()
        if inner is None or why:
            _LOG.warning("no session begins", why=why, peer=login.peer)
            return Opened(ticket=new_ticket(), word="busy")
        return inner.open(login)

    def next(self, ticket: str, hello: Hello) -> str:
        """Raises WebConnectorError while shut, as the others do; the client ends its update and comes again."""
        with self._told_to_all(ticket):
            return self._delivery().next(ticket, hello)

    def answer(self, ticket: str, chunks: Iterable[bytes | str], hresult: str, message: str) -> int:
        """What QuickBooks did is asked about in the next session."""
        with self._told_to_all(ticket):
            return self._delivery().answer(ticket, chunks, hresult, message)

    def fail(self, ticket: str, hresult: str, message: str) -> str:
        """QuickBooks could not be opened."""
        return self._delivery().fail(ticket, hresult, message)

    def explain(self, ticket: str) -> str:
        """One line for the client's window."""
        return "qbconsole is starting." if self._inner is None else self._inner.explain(ticket)

    def close(self, ticket: str) -> str:
        """The session is over."""
        return self._delivery().close(ticket)

    def keep(self, peer: str, version: str) -> None:
        """A client told its version."""
        (self._shared or self._own).keep(peer, version)

    def of(self, peer: str) -> str:
        """The latest it told, or ''."""
        return (self._shared or self._own).of(peer)

    @contextmanager
    def _told_to_all(self, ticket: str) -> Iterator[None]:
        """A failure goes on its way, kept for whichever worker is asked about it; that may fail as well."""
        try:
            yield
        except Exception as fault:
            if self._shared is not None:
                with suppress(StoreError):
                    self._shared.trouble(ticket, sentence_of(fault))
            raise

    def _delivery(self) -> Conversation:
        if self._inner is None:
            raise WebConnectorError("qbconsole is starting", next="Let the Web Connector come again.")
        return self._inner


def why_not(workspace: Workspace) -> str:
    """Why no session may begin on this workspace now, for its operator; "" where one may."""
    if not workspace.store.is_current():
        return "another version of qbconsole upgraded the database; start this one again from the new version"
    path = workspace.store.path
    if path is None:
        return ""
    disk = os.statvfs(path.parent)
    if disk.f_flag & os.ST_RDONLY or not os.access(path, os.W_OK):
        return f"{path} cannot be written; mount its disk for writing, or give this user the right"
    return short_of_room(path.parent, ROOM_BYTES)
