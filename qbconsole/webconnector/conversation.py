"""The one Protocol between the Web Connector's calls and whoever has work for QuickBooks.

`sync/deliver` implements it, tests implement small ones. Nothing here knows SOAP or HTTP.
Source of the protocol's facts: reference/qbwc-protocol.md, sections 2 and 3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What `authenticate` was called with; `client_version` is the latest that peer told us, or ''."""

    user: str
    password: str = field(repr=False)
    peer: str
    client_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The answer to a login.

    `word`: '' = use the company file now open, the full path of a .QBW = open that file, 'none' = nothing to
    do, 'nvu' = user or password wrong, 'busy' = come back later. `wait_seconds` postpones the next update
    and wins over 'none'; it acts only while Auto-Run is on.
    """

    ticket: str
    word: str
    wait_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """What `sendRequestXML` tells about the other side.

    `hcp` is one QBXML document with host, company and preferences, present in the first call of a session
    only. `major` and `minor` are the highest qbXML version the host speaks, 0 where not stated.
    """

    hcp: str = field(repr=False)
    company_file: str
    country: str
    major: int
    minor: int


class Conversation(Protocol):
    """One side of a session with QuickBooks. Any call may arrive twice, late, or with an unknown ticket.

    A method may raise; the service then gives the protocol's own refusal and a sentence without details.
    """

    def open(self, login: Login) -> Opened:
        """Decide whether this login gets a session, and for which company file."""
        ...

    def next(self, ticket: str, hello: Hello) -> str:
        """Return a whole qbXML document, or '' for nothing; the client then asks `explain`."""
        ...

    def answer(self, ticket: str, chunks: Iterable[bytes | str], hresult: str, message: str) -> int:
        """Take QuickBooks' answer and return the progress, 0 to 100, or -1 for an error.

        `chunks` is the text of the answer in pieces, un-escaped once, readable **once**: a piece is let go as
        soon as the next one is asked for. The first may start with blanks before `<?xml`. It is empty where
        `hresult` is not.
        """
        ...

    def fail(self, ticket: str, hresult: str, message: str) -> str:
        """QuickBooks could not be opened: return 'done', or the path of another company file to try."""
        ...

    def explain(self, ticket: str) -> str:
        """Return one short line for the client's window: no stack, path, SQL or personal data."""
        ...

    def close(self, ticket: str) -> str:
        """End a session, also an unknown one, and return the line the client shows as its status."""
        ...
