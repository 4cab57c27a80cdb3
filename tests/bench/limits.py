"""Three limits more, for what `serve` could come to if it settled otherwise; none of them is a way we go.

`Front`: our SOAP front, reader and envelopes, and nothing kept. `Elsewhere`: of each exchange only the raw answer is kept,
as where another process settled it later, and here nobody does. `Folded`: an exchange keeps the raw answer, its session and its
lease; sixteen sets are settled and the next sixteen kept in one commit. As `Bare`, none of them judges, checks or wakes.
"""

from __future__ import annotations

from collections.abc import Iterable

from bare import _AT, _COUNTED, _LEASE, _NOTES, _RAW, _READY, _SESSION, _TICKET, Bare, joined

from qbconsole.qbxml.response import read_all
from qbconsole.webconnector.conversation import Hello, Login, Opened

#: Documents at most of a fold, and sets.
_FOLDED, _SETS = 200, 16


class Front(Bare):
    """Nothing is kept: the queue is read once, before the session."""

    def open(self, login: Login) -> Opened:
        """The whole queue in memory."""
        self._waiting = self._store.execute(_READY, (self._company, -1)).fetchall()
        self._take()
        return Opened(ticket=_TICKET, word="")

    def answer(self, ticket: str, chunks: Iterable[bytes | str], hresult: str, message: str) -> int:
        """Read, and the next set written."""
        read_all([joined(chunks)])
        self._take()
        return 50 if self._text else 100

    def _take(self) -> None:
        self._rows, self._waiting = self._waiting[: self._batch], self._waiting[self._batch :]
        self._write()


class Elsewhere(Front):
    """The raw answer is kept."""

    def answer(self, ticket: str, chunks: Iterable[bytes | str], hresult: str, message: str) -> int:
        """One row in a commit of its own; who settles it reads it too."""
        self._store.execute(_RAW, (_TICKET, self._set_id, _AT, joined(chunks)))
        self._take()
        return 50 if self._text else 100


class Folded(Bare):
    """Answers wait, and their sets are settled together."""

    def open(self, login: Login) -> Opened:
        """The first sets are kept at once."""
        self._ahead: list[tuple[list[tuple[int, str, str]], str, str]] = []
        self._answers: list[tuple[list[tuple[int, str, str]], str, bytes]] = []
        super().open(login)
        return Opened(ticket=_TICKET, word="")

    def next(self, ticket: str, hello: Hello) -> str:
        """What was kept."""
        return self._ahead[0][2] if self._ahead else ""

    def answer(self, ticket: str, chunks: Iterable[bytes | str], hresult: str, message: str) -> int:
        """Kept, and with the last of a fold all of them settled."""
        raw = joined(chunks)
        rows, set_id, _ = self._ahead.pop(0)
        self._answers.append((rows, set_id, raw))
        if not self._ahead:
            self._exchange(raw)
            return 50 if self._ahead else 100
        self._store.execute("BEGIN IMMEDIATE")
        self._store.execute(_LEASE, (self._company, _TICKET, _AT))
        self._store.execute(_RAW, (_TICKET, set_id, _AT, raw))
        self._store.execute(_SESSION, (self._done, _NOTES, _AT, _TICKET))
        self._store.execute("COMMIT")
        return 50

    def _exchange(self, raw: bytes) -> None:
        self._store.execute("BEGIN IMMEDIATE")
        settled = 0
        for rows, set_id, told in self._answers:
            self._rows, self._set_id = rows, set_id
            settled += len(rows)
            self._settle(told)
        self._answers = []
        for _ in range(max(2, min(_SETS, _FOLDED // self._batch))):
            self._keep(0)
            if self._rows:
                self._ahead.append((self._rows, self._set_id, self._text))
        self._store.execute(_COUNTED, (0, 0, settled, self._company))
        self._store.execute("COMMIT")
