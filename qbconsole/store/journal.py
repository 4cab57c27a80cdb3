"""Journal: who did what to which thing, append-only and hash-chained.

Each row's hash covers the row before it, and the head remembers the end, so that a row edited, deleted, inserted,
moved or cut off is found. The chain tells that something was changed; it cannot prevent it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
import sqlalchemy as sa

from qbconsole.store.database.statements import AnyRow, chunks, many_tuples, run
from qbconsole.store.encoding import canonical, moment, moment_text
from qbconsole.store.schema import journal as table
from qbconsole.store.schema import journal_head
from qbconsole.value import Value


class Entry(Value):
    """One row of the journal."""

    seq: int
    at: datetime
    #: "operator:ann", "serve", "book"
    who: str
    #: "approved", "released", "sent" …
    verb: str
    subject: str
    data: dict[str, Any]


_C = table.c
_HEAD = sa.select(journal_head.c.seq, journal_head.c.hash).where(journal_head.c.id == 1).with_for_update()
_INSERT = sa.insert(table)
_COLUMNS = ("seq", "at", "who", "verb", "subject", "data", "previous", "hash")
_MOVE_HEAD = (
    sa.update(journal_head)
    .where(journal_head.c.id == 1)
    .values(seq=sa.bindparam("the_seq"), hash=sa.bindparam("the_hash"))
)
_PAGE = sa.select(table).where(_C.seq > sa.bindparam("after")).order_by(_C.seq).limit(1000)


def record(tx: sa.Connection, who: str, verb: str, subject: str, data: dict[str, Any], at: datetime) -> None:
    """Append one row; the last thing to do in a commit, because on PostgreSQL it makes other writers wait."""
    record_all(tx, who, verb, [(subject, data)], at)


def record_all(
    tx: sa.Connection, who: str, verb: str, each: Sequence[tuple[str, dict[str, Any]]], at: datetime
) -> None:
    """Append a row for each (subject, data), in order, as `record` does for one."""
    if not each:
        return
    head = run(tx, _HEAD, {}).one()
    seq, previous, now = head.seq, head.hash, moment_text(at)
    rows: list[tuple[Any, ...]] = []
    for subject, data in each:
        seq += 1
        said = canonical(data)
        end = _hash(seq, now, who, verb, subject, said, previous)
        rows.append((seq, now, who, verb, subject, said, previous, end))
        previous = end
    many_tuples(tx, _INSERT, _COLUMNS, rows)
    run(tx, _MOVE_HEAD, {"the_seq": seq, "the_hash": previous})


def _hash(seq: int, at: str, who: str, verb: str, subject: str, data: bytes, previous: bytes) -> bytes:
    return sha256(previous + canonical((seq, at, who, verb, subject, data.decode()))).digest()


def verify(tx: sa.Connection) -> int | None:
    """The number of the first row that is not as it was written, or is missing; None when all are sound."""
    previous, seq = b"", 0
    while page := tx.execute(_PAGE, {"after": seq}).all():
        for found in page:
            told = (found.seq, found.at, found.who, found.verb, found.subject, found.data, found.previous)
            if found.seq != seq + 1 or found.previous != previous or found.hash != _hash(*told):
                return seq + 1
            previous, seq = found.hash, found.seq
    head = tx.execute(sa.select(journal_head.c.seq, journal_head.c.hash)).one()
    return None if (head.seq, head.hash) == (seq, previous) else seq + 1


def of(tx: sa.Connection, subject: str, *, company: str | None = None) -> list[Entry]:
    """All rows about a subject, or about a company's of that name; the oldest first."""
    rows = tx.execute(sa.select(table).where(_C.subject == subject).order_by(_C.seq))
    return [entry for entry in map(_entry, rows) if _is_of(entry, company)]


def _is_of(entry: Entry, company: str | None) -> bool:
    """Company files have list entries of the same name; what was said of one is no word on another's."""
    return company is None or bool(entry.data.get("company", company) == company)


def last_words(
    tx: sa.Connection, verbs: Iterable[str], subjects: Iterable[str], *, company: str
) -> dict[str, Entry]:
    """Subject of a company -> the newest row about it with one of these verbs; subjects without any are left out."""
    wanted = sorted(set(verbs))
    found: dict[str, Entry] = {}
    for part in chunks(sorted(set(subjects))):
        statement = sa.select(table).where(_C.subject.in_(part), _C.verb.in_(wanted)).order_by(_C.seq)
        entries = map(_entry, tx.execute(statement))
        found |= {entry.subject: entry for entry in entries if _is_of(entry, company)}
    return found


def about(tx: sa.Connection, who: str, verb: str, *, after: int, limit: int) -> list[Entry]:
    """Rows of one kind beyond a number, the oldest first."""
    wanted = sa.select(table).where(_C.seq > after, _C.who == who, _C.verb == verb)
    return [_entry(row) for row in tx.execute(wanted.order_by(_C.seq).limit(limit))]


def tail(tx: sa.Connection, limit: int = 50) -> list[Entry]:
    """The newest rows, the newest last."""
    rows = tx.execute(sa.select(table).order_by(_C.seq.desc()).limit(limit)).all()
    return [_entry(row) for row in reversed(rows)]


def head(tx: sa.Connection) -> tuple[int, str]:
    """Number and hash (hex) of the last row, to be kept outside as an anchor."""
    row = tx.execute(sa.select(journal_head.c.seq, journal_head.c.hash)).one()
    return row.seq, row.hash.hex()


def _entry(row: AnyRow) -> Entry:
    return Entry(
        seq=row.seq,
        at=moment(row.at),
        who=row.who,
        verb=row.verb,
        subject=row.subject,
        data=msgspec.json.decode(row.data, type=dict[str, Any]),
    )
