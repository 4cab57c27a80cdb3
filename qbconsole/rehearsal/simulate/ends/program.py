"""Our program on its computer: `serve` in one or more processes, and the commands that people and schedules run.

Every process is the real thing (workspace, store, delivery, SOAP service); only time, tickets and the wire are
handed in. A simulated death is an exception that no code of ours catches: what was not committed is gone, the
process's connections are closed, and it is started anew.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import sqlalchemy as sa

from qbconsole.errors import QbconsoleError
from qbconsole.rehearsal.simulate.clock import Clock, Log
from qbconsole.rehearsal.simulate.ends.database import Database
from qbconsole.rehearsal.simulate.ends.wire import Asked, Said, direct
from qbconsole.rehearsal.simulate.moments import Moment, Moments
from qbconsole.rehearsal.simulate.world import Handed
from qbconsole.serve import QBWC_PATH, delivery_of
from qbconsole.sources.shopify.webhooks.listening import PATH, webhook_app
from qbconsole.sync.pull.webhooks import Inbox
from qbconsole.webconnector.conversation import Conversation, Hello, Login, Opened
from qbconsole.webconnector.service import soap_app
from qbconsole.webconnector.throttle import Throttle
from qbconsole.workspace import Workspace

if TYPE_CHECKING:
    from starlette.types import ASGIApp
    from structlog.typing import FilteringBoundLogger

T = TypeVar("T")
#: Where connectors find the service.
URL = f"http://localhost:8321{QBWC_PATH}"


class Killed(BaseException):
    """A process ended at once, as by kill -9 or a power cut."""


@dataclass(slots=True)
class _Overheard:
    """The conversation, with a note of every document that was handed out."""

    inner: Conversation
    clock: Clock
    handed: list[Handed]
    companies: dict[str, str]

    def open(self, login: Login) -> Opened:
        opened = self.inner.open(login)
        self.companies[opened.ticket] = login.user
        return opened

    def next(self, ticket: str, hello: Hello) -> str:
        text = self.inner.next(ticket, hello)
        if text:
            company = self.companies.get(ticket, "")
            self.handed.append(Handed(at=self.clock.now, company=company, ticket=ticket, text=text))
        return text

    def answer(self, ticket: str, chunks: Iterable[bytes | str], hresult: str, message: str) -> int:
        return self.inner.answer(ticket, chunks, hresult, message)

    def fail(self, ticket: str, hresult: str, message: str) -> str:
        return self.inner.fail(ticket, hresult, message)

    def explain(self, ticket: str) -> str:
        return self.inner.explain(ticket)

    def close(self, ticket: str) -> str:
        return self.inner.close(ticket)


@dataclass(slots=True)
class _Telling:
    """The service's own log: what failed inside goes to the timeline, the rest is told by the ends anyway."""

    log: Log
    #: Where workspace and database lie this time: no part of what happened.
    root: str
    database: str

    def info(self, _event: str, **_told: object) -> None:
        """Nothing that the timeline lacks."""

    def warning(self, _event: str, **_told: object) -> None:
        """Nothing that the timeline lacks."""

    def error(self, _event: str, *, error: str, said: str, places: list[str], **_told: object) -> None:
        """A call of ours failed."""
        where = places[-1].rpartition("/")[2] if places else ""
        told = said.replace(self.root, ".").replace(self.database, "database")
        self.log.say("serve", f"{error}: {told} ({where})")


@dataclass(slots=True)
class Process:
    """One process of `serve`."""

    workspace: Workspace
    app: ASGIApp
    hooks: ASGIApp


@dataclass(slots=True, kw_only=True)
class Program:
    """All our processes on one workspace."""

    root: Path
    database: Database
    clock: Clock
    log: Log
    moments: Moments
    chance: random.Random
    handed: list[Handed] = field(default_factory=list)
    #: Answers of QuickBooks that reached us, with their peer: one may come once more.
    answers: list[tuple[Asked, str]] = field(default_factory=list)
    #: Deaths so far.
    deaths: int = 0
    #: None: it could not be started, and whoever runs it tries again.
    _workers: list[Process | None] = field(default_factory=list)
    _is_shared: bool = False
    _shell: Workspace | None = None
    #: Ticket -> company, of every session whose ticket left us, in that order.
    opened: dict[str, str] = field(default_factory=dict)

    def start(self, workers: int = 1) -> None:
        """Start `serve`, in so many processes."""
        self.stop()
        self._is_shared = workers > 1
        self._workers = [self._started() for _ in range(workers)]

    def stop(self) -> None:
        """End everything in order."""
        for workspace in self._open():
            workspace.close()
        if self._shell is not None:
            self._shell.close()
        self._workers, self._shell = [], None

    @property
    def shell(self) -> Workspace:
        """A workspace as a command opens it."""
        if self._shell is None:
            self._shell = self._opened()
        return self._shell

    def handle(self, request: Asked, *, peer: str) -> Said:
        """Give a SOAP request to one of the workers. Raises Killed where nobody listens, or it died of it."""
        number = self.chance.randrange(len(self._workers)) if len(self._workers) > 1 else 0
        try:
            return direct(self._worker(number).app, request, peer=peer)
        except Killed:
            self._again(number)
            raise

    def webhook(self, merchant: str, headers: Mapping[str, str], body: bytes) -> int:
        """Give a delivery to one of the workers; its status, 0 where it died."""
        number = self.chance.randrange(len(self._workers)) if len(self._workers) > 1 else 0
        given = {name.lower(): value for name, value in headers.items()}
        request = Asked(url=f"http://localhost:8321{PATH}{merchant}", headers=given, body=body)
        try:
            return direct(self._worker(number).hooks, request).status_code
        except Killed:
            self._again(number)
            return 0

    def save(self) -> None:
        """A backup of the database is made, once, while everything runs."""
        if not self.database.is_saved:
            self.run("backup", lambda shell: self.database.save((shell, *self._open())))

    def put_back(self) -> bool:
        """Somebody stops everything, puts the backup in its place, and starts again; False where there is none."""
        if not self.database.is_saved:
            return False
        workers = len(self._workers)
        self.stop()
        self.database.put_back()
        self.start(workers)
        return True

    def _open(self) -> list[Workspace]:
        return [process.workspace for process in self._workers if process is not None]

    def _worker(self, number: int) -> Process:
        """The one of that number. Raises Killed where it cannot be started."""
        found = self._workers[number] or self._started()
        self._workers[number] = found
        if found is None:
            raise Killed("not started")
        return found

    def _again(self, number: int) -> None:
        if (died := self._workers[number]) is None:
            return
        died.workspace.close()
        self.deaths += 1
        self.log.say("serve", "was killed; it is started again")
        self._workers[number] = self._started()

    def _started(self) -> Process | None:
        """A process that serves; None where `serve` ends at once with an error, such as a mapping that never was valid."""
        workspace = self._opened()
        try:
            return self._served(workspace)
        except QbconsoleError as told:
            workspace.close()
            self.log.say("serve", f"does not start: {told.code}")
            return None

    def run(self, what: str, command: Callable[[Workspace], T]) -> T | None:
        """Run a command in a process of its own; None where it died or said an error."""
        try:
            return command(self.shell)
        except Killed:
            self.log.say(what, "was killed")
            self.deaths += 1
        except QbconsoleError as told:
            self.log.say(what, f"{told.code}: {told.what}")
            return None
        self.shell.close()
        self._shell = None
        return None

    def _opened(self) -> Workspace:
        workspace = Workspace(root=self.root, clock=self.clock.ours, database=self.database.place)
        self.database.watched(workspace, self.clock.ours)
        if (writer := workspace.store.engines.writer) is not None:
            sa.event.listen(writer, "commit", self._committing)
        return workspace

    def _committing(self, _connection: sa.Connection) -> None:
        self.moments.passing("commit", Moment())

    def _ticket(self) -> str:
        return f"{self.chance.getrandbits(128):032x}"

    def _served(self, workspace: Workspace) -> Process:
        inner = replace(
            delivery_of(workspace, is_shared=self._is_shared),
            throttle=Throttle(self.clock.seconds),
            tickets=self._ticket,
        )
        heard = _Overheard(inner, self.clock, self.handed, self.opened)
        inbox = Inbox(store=workspace.store, clock=workspace.clock, keys=workspace.keys)

        async def take(merchant: str, headers: Mapping[str, str], body: bytes) -> int:
            return inbox.take(merchant, headers, body)

        return Process(
            workspace,
            soap_app(
                heard,
                url=URL,
                log=cast("FilteringBoundLogger", _Telling(self.log, str(self.root), self.database.name)),
                tickets=self._ticket,
            ),
            webhook_app(take),
        )
