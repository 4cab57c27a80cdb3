"""The queue's rows in order, and what one page shows of them."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from qbconsole.store.database.statements import chunks
from qbconsole.store.queue.documents import document_lines, documents_wanted
from qbconsole.store.queue.entries import entries_wanted, entry_lines
from qbconsole.store.queue.rows import Narrow, QueueId, QueueLine
from qbconsole.store.queue.subjects import subject_lines, subjects_wanted


def ids(tx: sa.Connection, narrow: Narrow, *, sort: str = "date", reverse: bool = False) -> list[QueueId]:
    """The rows that are wanted, in order; equal ones by their number."""
    found = [
        *documents_wanted(tx, narrow, sort),
        *subjects_wanted(tx, narrow, sort),
        *entries_wanted(tx, narrow, sort),
    ]
    found.sort(key=lambda one: (one[0], one[1]), reverse=reverse)
    return [one[1] for one in found]


def lines(tx: sa.Connection, wanted: Sequence[QueueId]) -> list[QueueLine]:
    """These rows in the order asked; one that is gone meanwhile is left out."""
    found: dict[QueueId, QueueLine] = {}
    for source, read in (("document", document_lines), ("hold", subject_lines), ("request", entry_lines)):
        numbers = [one.number for one in wanted if one.source == source]
        for part in chunks(numbers):
            found |= {line.id: line for line in read(tx, part)}
    return [found[one] for one in wanted if one in found]
