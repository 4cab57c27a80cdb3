"""A turn of a session: what a phase is given to choose its next set, and what it is given to file an answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from qbconsole.qbxml.response import Answer
from qbconsole.store import parties
from qbconsole.store.requests import RequestRow
from qbconsole.store.sessions import MessageSet, Session
from qbconsole.sync.deliver.asking import Asker
from qbconsole.sync.deliver.session import Notes
from qbconsole.sync.pennies import Wired

#: Name of our marker in the company file's private data.
MARKER = "qbconsole"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One question to a phase: what would you send now?"""

    tx: sa.Connection
    session: Session
    notes: Notes
    at: datetime
    asker: Asker
    install_id: str

    @property
    def company(self) -> str:
        """The company's id."""
        return self.session.company

    def books(self) -> parties.Company | None:
        """The company's row; None when it is not in the workspace any more."""
        return parties.company(self.tx, self.company)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A set to send, and what the session remembers with it."""

    #: "NAME" or "NAME:argument": by the name the answer is filed.
    purpose: str
    fragments: Sequence[str]
    notes: Notes
    requests: Sequence[RequestRow] = ()
    #: A whole document instead of fragments (a status check).
    document: str = ""
    #: It changes the company file, so it has a message-set id QuickBooks remembers.
    writes: bool = False
    #: A set that is sent once more, under its own id.
    again: MessageSet | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """One answer to be filed."""

    tx: sa.Connection
    session: Session
    set: MessageSet
    #: The requests it speaks of, as they were before it.
    rows: Sequence[RequestRow]
    answer: Answer
    notes: Notes
    at: datetime
    #: Name the mapping gives the company, and this installation.
    company_name: str
    install_id: str
    #: Bytes of the answer as it came.
    size: int = 0
    #: Gives store, mapping and templates, where the answer makes a document necessary.
    means: Wired | None = None

    @property
    def company(self) -> str:
        """The company's id."""
        return self.session.company

    @property
    def argument(self) -> str:
        """What the set's purpose says after its name."""
        return self.set.purpose.partition(":")[2]

    def values(self, kind: type) -> Iterable[Any]:
        """All rows of one kind."""
        return (row for reply in self.answer.replies for row in reply.rows if isinstance(row, kind))
