"""Open holds of what stands in the queue."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from qbconsole.store.database.statements import chunks
from qbconsole.store.holds import HoldRow
from qbconsole.store.holds import _row as hold_row
from qbconsole.store.queue.rows import OPEN
from qbconsole.store.schema import holds

_H = holds.c


def open_holds_of(
    tx: sa.Connection, subjects: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], tuple[HoldRow, ...]]:
    """(company, subject) -> its open holds, the oldest first."""
    wanted = set(subjects)
    found: dict[tuple[str, str], tuple[HoldRow, ...]] = {}
    companies = {company for company, _ in wanted}
    for part in chunks(sorted({subject for _, subject in wanted})):
        statement = sa.select(holds).where(OPEN, _H.company.in_(companies), _H.subject.in_(part))
        for row in map(hold_row, tx.execute(statement.order_by(_H.id))):
            here = (row.company, row.hold.subject)
            found[here] = (*found.get(here, ()), row)
    return found


def others_with(tx: sa.Connection, cause: str, company: str, subject: str) -> int:
    """How many other subjects the same cause holds."""
    if not cause:
        return 0
    statement = sa.select(sa.func.count(_H.subject.distinct())).where(
        OPEN, _H.cause == cause, _H.company == company, _H.subject != subject
    )
    return int(tx.execute(statement).scalar_one())
