"""Several workers in one process, on one PostgreSQL database that can be put back to what it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import cycle
from random import Random
from uuid import uuid4

import sqlalchemy as sa
from postgres import create_database, server_engine

from qbconsole.serve import delivery_of
from qbconsole.store.schema import METADATA
from qbconsole.workspace import Workspace

#: Which worker each call goes to, as a load balancer that knows of no session has it.
BALANCED: dict[str, Callable[[], Iterator[int]]] = {
    "in turns": lambda: cycle((0, 1)),
    "two by two": lambda: cycle((0, 0, 1, 1)),
    "three by three": lambda: cycle((0, 0, 0, 1, 1, 1)),
    "by chance": lambda: _by_chance(7),
    "always one": lambda: cycle((0,)),
}


def _by_chance(seed: int) -> Iterator[int]:
    chance = Random(seed)
    while True:
        yield chance.randrange(2)


class Server:
    """A PostgreSQL server with a database of ours."""

    def __init__(self, server: str) -> None:
        self._server, self.name = server, f"workers_{uuid4().hex[:12]}"
        self.url = create_database(server, self.name)

    def back_up(self) -> str:
        """A copy of the database as it is now; gives its name."""
        kept = f"kept_{uuid4().hex[:12]}"
        self._alone(self.name, f"CREATE DATABASE {kept} TEMPLATE {self.name}")
        return kept

    def put_back(self, kept: str) -> None:
        """A server that has no more than this takes over; its address is the same."""
        lost = f"{self.name}_lost_{uuid4().hex[:6]}"
        self._alone(self.name, f"ALTER DATABASE {self.name} RENAME TO {lost}")
        self._alone(kept, f"ALTER DATABASE {kept} RENAME TO {self.name}")

    def fill_again(self, kept: str) -> None:
        """The very tables are emptied and filled from a backup, while everybody stays connected."""
        tables = ", ".join(table.name for table in METADATA.tables.values())
        with (
            server_engine(self._server, kept).connect() as there,
            server_engine(self._server, self.name).begin() as tx,
        ):
            tx.exec_driver_sql(
                "SET session_replication_role = replica"
            )  # as pg_restore --disable-triggers does
            tx.exec_driver_sql(f"TRUNCATE {tables} CASCADE")
            for table in METADATA.sorted_tables:
                if rows := [dict(row) for row in there.execute(table.select()).mappings()]:
                    tx.execute(table.insert(), rows)

    def _alone(self, name: str, statement: str) -> None:
        ended = sa.text("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = :name")
        with server_engine(self._server, "postgres").connect() as tx:
            tx.execute(ended, {"name": name})
            tx.exec_driver_sql(statement)


class Workers:
    """Implements `Conversation`: each call goes to the worker whose turn it is."""

    def __init__(self, drill, count: int = 2, balanced: str = "in turns") -> None:
        self._drill, self._turns = drill, BALANCED[balanced]()
        #: How far the clock of each is ahead.
        self.ahead = [timedelta()] * count
        self._spaces = [self._space(number) for number in range(count)]
        self.all = [delivery_of(one) for one in self._spaces]

    def _space(self, number: int) -> Workspace:
        made = Workspace.open(self._drill.workspace.root, environ={})
        made.clock = lambda: self._drill.now + self.ahead[number]
        return made

    def hear(self, number: int) -> None:
        """From now on this worker hears every call."""
        self._turns = cycle((number,))

    def start_again(self, number: int) -> None:
        """That worker is killed, and another takes its place."""
        self._spaces[number].close()
        self._spaces[number] = self._space(number)
        self.all[number] = delivery_of(self._spaces[number])

    def connect_again(self) -> None:
        """The server hung up on all of them, and each has noticed by other work."""
        for space in (*self._spaces, self._drill.workspace):
            space.store.engines.reader.dispose()
            space.store.engines.writer.dispose()

    def close_all(self) -> None:
        for space in self._spaces:
            space.close()

    def __getattr__(self, name: str):
        """A call of a Web Connector."""
        return getattr(self.all[next(self._turns)], name)


def on_postgres(monkeypatch, server: Server) -> None:
    """Every workspace opened from now on keeps its database there."""
    opened = Workspace.open

    def elsewhere(root, environ, **more):
        return opened(root, environ={**environ, "QBCONSOLE_DATABASE_URL": server.url}, **more)

    monkeypatch.setattr(Workspace, "open", elsewhere)
