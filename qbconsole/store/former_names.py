"""Former names: what entries of QuickBooks' lists were called before, by their ListID.

QuickBooks itself remembers no old name. A read that shows a known ListID under another full name is the only witness,
so the name that is left is kept for ever. A parent's new name is a new full name of every entry below it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from qbconsole.store.database.statements import chunks, listed, put_rows, run
from qbconsole.store.encoding import folded, moment_text
from qbconsole.store.schema import former_names as table
from qbconsole.store.schema import lists
from qbconsole.value import Value

_KEYS = ("company", "kind", "list_id", "folded")
#: Names of entries as they are, and as they were.
_BORNE = tuple(
    sa.select(one.c.list_id, one.c.folded).where(
        one.c.company == sa.bindparam("company"), one.c.list_id.in_(sa.bindparam("ids", expanding=True))
    )
    for one in (lists, table)
)
_BEARER = lists.alias("bearer")
_LEFT = (
    sa.select(
        table.c.kind,
        table.c.full_name.label("was"),
        table.c.folded,
        lists.c.list_id,
        lists.c.full_name,
        lists.c.data,
    )
    .join(
        lists,
        (lists.c.company == table.c.company)
        & (lists.c.kind == table.c.kind)
        & (lists.c.list_id == table.c.list_id),
    )
    .where(
        table.c.company == sa.bindparam("company"),
        lists.c.deleted_at.is_(None),
        ~sa.exists().where(
            _BEARER.c.company == table.c.company,
            _BEARER.c.kind == table.c.kind,
            _BEARER.c.folded == table.c.folded,
            _BEARER.c.deleted_at.is_(None),
        ),
    )
    .order_by(table.c.left_at, table.c.list_id)
)


class FormerName(Value):
    """A name nothing bears any more, and the living entry that bore it last."""

    kind: str
    was: str
    list_id: str
    full_name: str
    #: JSON of the entry's fields we use.
    data: bytes


def remember_former(
    tx: sa.Connection, company: str, kind: str, renamed: Iterable[tuple[str, str]], at: datetime
) -> None:
    """Keep the full names that entries (ListID, name) were just seen without."""
    rows = [
        {
            "company": company,
            "kind": kind,
            "list_id": list_id,
            "folded": folded(name),
            "full_name": name,
            "left_at": moment_text(at),
        }
        for list_id, name in renamed
    ]
    put_rows(tx, table, _KEYS, rows)


def former_names(tx: sa.Connection, company: str) -> list[FormerName]:
    """Former names that no living entry of their list bears now; of several that bore one, the last."""
    last = {(row.kind, row.folded): row for row in run(tx, _LEFT, {"company": company})}
    return [
        FormerName(kind=row.kind, was=row.was, list_id=row.list_id, full_name=row.full_name, data=row.data)
        for row in last.values()
    ]


def names_borne(tx: sa.Connection, company: str, list_ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """ListID -> every name its entry bears or bore, without case."""
    found: dict[str, frozenset[str]] = {}
    for part in chunks(list_ids):
        for statement in _BORNE:
            for row in listed(tx, statement, "ids", part, company=company):
                found[row.list_id] = found.get(row.list_id, frozenset()) | {row.folded}
    return found
