"""The limit of what we keep: our SOAP front and our reader of answers, and behind them nothing but the rows.

A set is settled and the next one kept by the very statements an exchange of `serve` leaves its rows with, by the bare
driver in one commit: no session is judged, no lease looked at, nothing is checked, held, cured or woken. What `serve` takes more
is what it thinks; what this takes more than qbwc-kit is what is kept of a document. Started as `bare` by `servers.py`.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from qbconsole.company import ObservedDocument
from qbconsole.qbxml.envelope import envelope
from qbconsole.qbxml.response import read_all
from qbconsole.store.database.engines import _PRAGMAS
from qbconsole.webconnector.conversation import Hello, Login, Opened

_AT = "2026-11-22T12:00:00.000000Z"
_TICKET = "00000000-0000-0000-0000-000000000000"
#: As much as `serve` keeps there.
_NOTES, _SEEN, _SAID = "n" * 525, b"o" * 143, b"j" * 63
_OPENED = """INSERT INTO sessions (ticket, company, fence, phase, to_do, done, last_error, client_version, peer, notes,
    opened_at, last_at) VALUES (?, ?, 1, 'send', 0, 0, '', '', '', ?, ?, ?)"""
_LEASE = "INSERT INTO leases VALUES (?, ?, 1, ?) ON CONFLICT (name) DO UPDATE SET until = excluded.until"
_RAW = "INSERT INTO responses (ticket, message_set, hresult, message, arrived_at, raw) VALUES (?, ?, '', '', ?, ?)"
_ANSWERED = """UPDATE requests SET state = 'answered', status_code = 0, status_text = 'Status OK', qb_id = ?,
    changed_at = ? WHERE id = ?"""
_RECORDED = """UPDATE documents SET state = 'recorded', txn_id = ?, edit_sequence = ?, changed_at = ?
    WHERE key = ? AND state = 'planned'"""
_OBSERVED = """INSERT INTO observations (company, txn_id, kind, edit_sequence, document_key, total, currency, seen_at, data)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_JOURNAL = """INSERT INTO journal (seq, at, who, verb, subject, data, previous, hash)
    VALUES (?, ?, 'quickbooks', 'recorded', ?, ?, ?, ?)"""
_HEAD = "UPDATE journal_head SET seq = ?, hash = ? WHERE id = 1"
_SET_ANSWERED = "UPDATE message_sets SET state = 'answered', changed_at = ? WHERE id = ?"
_READY = """SELECT id, document_key, body FROM requests JOIN request_bodies ON request_id = id
    WHERE company = ? AND state = 'ready' ORDER BY stage, id LIMIT ?"""
_KEPT = """INSERT INTO message_sets (id, company, ticket, seq, purpose, fence, attempt, state, times_sent, request_ids,
    made_at, changed_at, body) VALUES (?, ?, ?, ?, 'send', 1, 0, 'sent', 1, ?, ?, ?, ?)"""
_SENT = "UPDATE requests SET state = 'sent', message_set = ?, sent_at = ?, changed_at = ? WHERE id = ? AND state = 'ready'"
_COUNTED = "UPDATE request_counts SET ready = ready - ?, sent = ?, answered = answered + ? WHERE company = ?"
_SESSION = "UPDATE sessions SET done = ?, notes = ?, last_at = ? WHERE ticket = ?"


class Bare:
    """One session, as `webconnector.conversation.Conversation`; never asks who QuickBooks is."""

    def __init__(self, state: Path, company: str, batch: int) -> None:
        self._company, self._batch = company, batch
        self._store = sqlite3.connect(state, isolation_level=None, check_same_thread=False)
        for pragma in _PRAGMAS:
            self._store.execute(f"PRAGMA {pragma}")
        self._seq, self._hash = self._store.execute("SELECT seq, hash FROM journal_head").fetchone()
        self._done, self._set_id, self._text = 0, "", ""
        self._rows: list[tuple[int, str, str]] = []

    def open(self, login: Login) -> Opened:
        """The first set is kept at once."""
        self._store.execute(_OPENED, (_TICKET, self._company, _NOTES, _AT, _AT))
        self._exchange(b"")
        return Opened(ticket=_TICKET, word="")

    def next(self, ticket: str, hello: Hello) -> str:
        """What was kept."""
        return self._text

    def answer(self, ticket: str, chunks: Iterable[bytes | str], hresult: str, message: str) -> int:
        """Settled and the next set kept, in one commit."""
        self._exchange(joined(chunks))
        return 50 if self._text else 100

    def fail(self, ticket: str, hresult: str, message: str) -> str:
        """Never called by the bench."""
        return "done"

    def explain(self, ticket: str) -> str:
        """Nothing goes wrong in the bench."""
        return ""

    def close(self, ticket: str) -> str:
        """The session is over."""
        return "OK"

    def _exchange(self, raw: bytes) -> None:
        self._store.execute("BEGIN IMMEDIATE")
        self._store.execute(_LEASE, (self._company, _TICKET, _AT))
        settled = len(self._rows)
        if settled:
            self._settle(raw)
        self._keep(settled)
        self._store.execute("COMMIT")

    def _settle(self, raw: bytes) -> None:
        told = [row for reply in read_all([raw]).replies for row in reply.rows]
        seen = [row for row in told if isinstance(row, ObservedDocument)]
        pairs = list(zip(self._rows, seen, strict=True))
        do, each = self._store.execute, self._store.executemany
        do(_RAW, (_TICKET, self._set_id, _AT, raw))
        each(_ANSWERED, [(new.txn_id, _AT, number) for (number, _, _), new in pairs])
        each(_RECORDED, [(new.txn_id, new.edit_sequence, _AT, key) for (_, key, _), new in pairs])
        each(_OBSERVED, [self._observed(key, new) for (_, key, _), new in pairs])
        each(_JOURNAL, [self._said(key) for _, key, _ in self._rows])
        do(_HEAD, (self._seq, self._hash))
        do(_SET_ANSWERED, (_AT, self._set_id))

    def _observed(self, key: str, new: ObservedDocument) -> tuple[object, ...]:
        amount = 0 if new.total is None else new.total.minor
        return (self._company, new.txn_id, new.kind, new.edit_sequence, key, amount, "USD", _AT, _SEEN)

    def _said(self, key: str) -> tuple[object, ...]:
        previous, self._seq = self._hash, self._seq + 1
        self._hash = hashlib.sha256(previous + _SAID).digest()
        return (self._seq, _AT, key, _SAID, previous, self._hash)

    def _keep(self, settled: int) -> None:
        self._rows = self._store.execute(_READY, (self._company, self._batch)).fetchall()
        self._done += 1
        self._write()
        if self._rows:
            numbers = str([number for number, _, _ in self._rows])
            kept = (self._set_id, self._company, _TICKET, self._done, numbers, _AT, _AT, self._text)
            self._store.execute(_KEPT, kept)
            self._store.executemany(_SENT, [(self._set_id, _AT, _AT, number) for number, _, _ in self._rows])
        counted = (len(self._rows), len(self._rows), settled, self._company)
        self._store.execute(_COUNTED, counted)
        self._store.execute(_SESSION, (self._done, _NOTES, _AT, _TICKET))

    def _write(self) -> None:
        """The set of what was taken, or none."""
        self._text = ""
        if self._rows:
            self._set_id = hashlib.sha256(self._rows[0][1].encode()).hexdigest()[:20].upper()
            self._text = envelope([body for _, _, body in self._rows], version="16.0", new_id=self._set_id)


def joined(chunks: Iterable[bytes | str]) -> bytes:
    """An answer in one."""
    return b"".join(piece.encode() if isinstance(piece, str) else piece for piece in chunks)
