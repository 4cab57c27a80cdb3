"""The journal's chain, computed anew: every row follows the one before it, and the head is the last."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING

import sqlalchemy as sa

from qbconsole.rehearsal.simulate.world import Violation

if TYPE_CHECKING:
    from qbconsole.store.database import Store

CHAIN = "the journal's chain is whole"


def check_journal(store: Store) -> Iterator[Violation]:
    """Hold every row's hash against the row before it, by code of our own."""
    with store.reading() as tx:
        rows = tx.execute(
            sa.text("SELECT seq, at, who, verb, subject, data, previous, hash FROM journal ORDER BY seq")
        ).all()
        head = tx.execute(sa.text("SELECT seq, hash FROM journal_head WHERE id = 1")).one()
    before, place = b"", 0
    for row in rows:
        place += 1
        told = [row.seq, row.at, row.who, row.verb, row.subject, bytes(row.data).decode()]
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        expected = sha256(bytes(row.previous) + text.encode()).digest()
        if row.seq != place or bytes(row.previous) != before or bytes(row.hash) != expected:
            sentence = f"Row {place} of the journal does not follow the row before it."
            yield Violation(law=CHAIN, sentence=sentence)
            return
        before = bytes(row.hash)
    if (head.seq, bytes(head.hash)) != (place, before):
        yield Violation(law=CHAIN, sentence=f"The journal ends at row {place}, its head says {head.seq}.")
