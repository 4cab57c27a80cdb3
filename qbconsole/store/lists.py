"""Lists: what QuickBooks told us of its lists, documents and balances, and which shop record is which entry.

Names compare without case, as QuickBooks compares them. An entry that a complete read no longer shows is marked
deleted, never removed. Links survive a disconnect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from qbconsole.money import Money
from qbconsole.store.database.statements import AnyRow, chunks, listed, put_rows, run
from qbconsole.store.encoding import folded, moment, moment_text
from qbconsole.store.former_names import remember_former
from qbconsole.store.schema import balances as balance_table
from qbconsole.store.schema import links, list_reads, observations
from qbconsole.store.schema import lists as table
from qbconsole.value import Value


class ListRow(Value):
    """One entry of a QuickBooks list."""

    list_id: str
    full_name: str
    is_active: bool = True
    #: JSON of the fields we use.
    data: bytes = b"{}"
    deleted: bool = False


class Link(Value):
    """A shop's record is this QuickBooks entry or document."""

    merchant: str
    kind: str
    source_id: str
    qb_kind: str
    qb_id: str
    edit_sequence: str = ""
    full_name: str = ""


class Observation(Value):
    """A document as QuickBooks showed it."""

    txn_id: str
    kind: str
    edit_sequence: str
    document_key: str | None = None
    total: Money | None = None
    data: bytes = b"{}"
    seen_at: datetime | None = None


_T = table.c
_KEYS = ("company", "kind", "list_id")
_ROWS = sa.select(table).where(_T.company == sa.bindparam("company"), _T.kind == sa.bindparam("kind"))
_HELD = sa.select(_T.list_id, _T.full_name, _T.is_active, _T.data, _T.deleted_at).where(
    _T.company == sa.bindparam("company"),
    _T.kind == sa.bindparam("kind"),
    _T.list_id.in_(sa.bindparam("ids", expanding=True)),
)
_NAMED = _ROWS.where(_T.folded.in_(sa.bindparam("names", expanding=True)), _T.deleted_at.is_(None))
_IN_ORDER = _ROWS.order_by(_T.folded, _T.list_id)
_ALIVE_IN_ORDER = _IN_ORDER.where(_T.deleted_at.is_(None))
_ALIVE = sa.select(sa.func.count()).where(
    _T.company == sa.bindparam("company"), _T.kind == sa.bindparam("kind"), _T.deleted_at.is_(None)
)
_READS = sa.select(list_reads.c.kind, list_reads.c.read_at).where(
    list_reads.c.company == sa.bindparam("company")
)
_COUNTS = sa.select(list_reads.c.kind, list_reads.c.rows).where(
    list_reads.c.company == sa.bindparam("company")
)
_UNSEEN = (
    sa.update(table)
    .where(
        _T.company == sa.bindparam("the_company"),
        _T.kind == sa.bindparam("the_kind"),
        _T.seen_at < sa.bindparam("since"),
        _T.deleted_at.is_(None),
    )
    .values(deleted_at=sa.bindparam("at"))
)
#: By itself and not with the rest of the row: most entries are as they were, and no index has to be written for them.
_SEEN = (
    sa.update(table)
    .where(
        _T.company == sa.bindparam("the_company"),
        _T.kind == sa.bindparam("the_kind"),
        _T.list_id.in_(sa.bindparam("ids", expanding=True)),
    )
    .values(seen_at=sa.bindparam("at"))
)
_LINK = sa.select(links).where(
    links.c.merchant == sa.bindparam("merchant"),
    links.c.kind == sa.bindparam("kind"),
    links.c.source_id == sa.bindparam("source_id"),
)


def upsert_rows(
    tx: sa.Connection, company: str, kind: str, rows: Sequence[ListRow], *, complete: bool, at: datetime
) -> list[str]:
    """Remember entries; gives the full names that are new or changed.

    `complete`: these are all there are, so others are deleted. A read in several parts ends with `finish_read`.
    """
    changed: list[str] = []
    now = moment_text(at)
    for part in chunks(rows):
        ids = [row.list_id for row in part]
        held = {row.list_id: row for row in listed(tx, _HELD, "ids", ids, company=company, kind=kind)}
        changed.extend(row.full_name for row in part if _differs(held.get(row.list_id), row))
        was = {list_id: one.full_name for list_id, one in held.items()}
        renamed = [(row.list_id, was[row.list_id]) for row in part if _is_renamed(was, row)]
        remember_former(tx, company, kind, renamed, at)
        latest = {row.list_id: row for row in part}
        new = [row for row in latest.values() if _differs(held.get(row.list_id), row)]
        put_rows(tx, table, _KEYS, [_list_row(company, kind, row, now) for row in new])
        if same := sorted(latest.keys() - {row.list_id for row in new}):
            listed(tx, _SEEN, "ids", same, the_company=company, the_kind=kind, at=now)
    if complete:
        finish_read(tx, company, kind, started_at=at, at=at)
    return changed


def _is_renamed(was: Mapping[str, str], row: ListRow) -> bool:
    name = was.get(row.list_id, row.full_name)
    return name != row.full_name and folded(name) != folded(row.full_name)


def _differs(held: AnyRow | None, row: ListRow) -> bool:
    return (
        held is None
        or held.deleted_at is not None
        or (held.full_name, bool(held.is_active), held.data) != (row.full_name, row.is_active, row.data)
    )


def _list_row(company: str, kind: str, row: ListRow, at: str) -> dict[str, Any]:
    return {
        "company": company,
        "kind": kind,
        "list_id": row.list_id,
        "full_name": row.full_name,
        "folded": folded(row.full_name),
        "is_active": int(row.is_active),
        "seen_at": at,
        "deleted_at": None,
        "data": row.data,
    }


def finish_read(tx: sa.Connection, company: str, kind: str, *, started_at: datetime, at: datetime) -> None:
    """A whole list was read: what was not seen since it started is deleted."""
    here = {"the_company": company, "the_kind": kind, "since": moment_text(started_at), "at": moment_text(at)}
    run(tx, _UNSEEN, here)
    count = run(tx, _ALIVE, {"company": company, "kind": kind}).scalar_one()
    row = {"company": company, "kind": kind, "read_at": moment_text(at), "rows": count}
    put_rows(tx, list_reads, ("company", "kind"), [row])


def list_rows(tx: sa.Connection, company: str, kind: str, *, deleted_too: bool = False) -> list[ListRow]:
    """A list as last told, by name."""
    statement = _IN_ORDER if deleted_too else _ALIVE_IN_ORDER
    return [_row(row) for row in run(tx, statement, {"company": company, "kind": kind})]


def names_known(tx: sa.Connection, company: str) -> dict[str, datetime]:
    """Kind -> when the whole list was last read."""
    return {row.kind: moment(row.read_at) for row in run(tx, _READS, {"company": company})}


def list_counts(tx: sa.Connection, company: str) -> dict[str, int]:
    """Kind -> how many entries the last whole read left."""
    return {row.kind: row.rows for row in run(tx, _COUNTS, {"company": company})}


def find_names(tx: sa.Connection, company: str, kind: str, names: Iterable[str]) -> dict[str, ListRow]:
    """Name as asked -> entry, whatever its case; names that are not there are left out."""
    wanted: dict[str, list[str]] = {}
    for name in names:
        wanted.setdefault(folded(name), []).append(name)
    found: dict[str, ListRow] = {}
    for part in chunks(wanted):
        for row in listed(tx, _NAMED, "names", part, company=company, kind=kind):
            found |= dict.fromkeys(wanted[row.folded], _row(row))
    return found


def mark_deleted(tx: sa.Connection, company: str, kind: str, list_ids: Iterable[str], at: datetime) -> int:
    """QuickBooks said that these entries were deleted; gives how many of them we knew."""
    count = 0
    for part in chunks(list_ids):
        where = (_T.company == company) & (_T.kind == kind) & _T.list_id.in_(part) & _T.deleted_at.is_(None)
        count += tx.execute(sa.update(table).where(where).values(deleted_at=moment_text(at))).rowcount
    return count


def read_again(tx: sa.Connection, company: str, kinds: Iterable[str] | None = None) -> None:
    """The company file is not as it was read: its lists, or some of them, are read anew before anything is concluded from them."""
    long_ago = moment_text(datetime(1970, 1, 1, tzinfo=UTC))
    wanted = list_reads.c.company == company
    if kinds is not None:
        wanted &= list_reads.c.kind.in_(sorted(kinds))
    tx.execute(sa.update(list_reads).where(wanted).values(read_at=long_ago))


def _row(row: AnyRow) -> ListRow:
    return ListRow(
        list_id=row.list_id,
        full_name=row.full_name,
        is_active=bool(row.is_active),
        data=row.data,
        deleted=row.deleted_at is not None,
    )


def put_link(tx: sa.Connection, new: Link, at: datetime) -> None:
    """Remember which entry a shop's record is; a later link replaces an earlier one."""
    put_links(tx, [new], at)


def put_links(tx: sa.Connection, new: Iterable[Link], at: datetime) -> None:
    """The same for many."""
    rows = {
        (one.merchant, one.kind, one.source_id): {
            "merchant": one.merchant,
            "kind": one.kind,
            "source_id": one.source_id,
            "qb_kind": one.qb_kind,
            "qb_id": one.qb_id,
            "edit_sequence": one.edit_sequence,
            "full_name": one.full_name,
            "linked_at": moment_text(at),
        }
        for one in new
    }
    put_rows(tx, links, ("merchant", "kind", "source_id"), list(rows.values()))


def link(tx: sa.Connection, merchant: str, kind: str, source_id: str) -> Link | None:
    """What a shop's record is in QuickBooks."""
    row = tx.execute(_LINK, {"merchant": merchant, "kind": kind, "source_id": source_id}).one_or_none()
    return None if row is None else _link(row)


def links_of(
    tx: sa.Connection, merchant: str, kind: str, source_ids: Iterable[str] | None = None
) -> dict[str, Link]:
    """Source id -> link, for all records of a kind or the ones asked for."""
    statement = sa.select(links).where(links.c.merchant == merchant, links.c.kind == kind)
    if source_ids is None:
        return {row.source_id: _link(row) for row in tx.execute(statement)}
    found: dict[str, Link] = {}
    for part in chunks(source_ids):
        found |= {
            row.source_id: _link(row) for row in tx.execute(statement.where(links.c.source_id.in_(part)))
        }
    return found


def links_to(tx: sa.Connection, qb_id: str) -> list[Link]:
    """Every shop record that is this entry or document."""
    statement = sa.select(links).where(links.c.qb_id == qb_id).order_by(links.c.merchant, links.c.source_id)
    return [_link(row) for row in tx.execute(statement)]


def _link(row: AnyRow) -> Link:
    return Link(
        merchant=row.merchant,
        kind=row.kind,
        source_id=row.source_id,
        qb_kind=row.qb_kind,
        qb_id=row.qb_id,
        edit_sequence=row.edit_sequence,
        full_name=row.full_name,
    )


def put_observations(tx: sa.Connection, company: str, seen: Iterable[Observation], at: datetime) -> None:
    """Keep documents as QuickBooks showed them; the same edit sequence again replaces what was seen of it."""
    now = moment_text(at)
    rows = {
        (one.txn_id, one.edit_sequence): {
            "company": company,
            "txn_id": one.txn_id,
            "kind": one.kind,
            "edit_sequence": one.edit_sequence,
            "document_key": one.document_key,
            "total": None if one.total is None else one.total.minor,
            "currency": None if one.total is None else one.total.currency,
            "seen_at": now,
            "data": one.data,
        }
        for one in seen
    }
    put_rows(tx, observations, ("company", "txn_id", "edit_sequence"), list(rows.values()))


def observation(tx: sa.Connection, company: str, txn_id: str) -> Observation | None:
    """The document as QuickBooks showed it last."""
    statement = (
        sa.select(observations)
        .where(observations.c.company == company, observations.c.txn_id == txn_id)
        .order_by(observations.c.seen_at.desc(), observations.c.id.desc())
        .limit(1)
    )
    row = tx.execute(statement).one_or_none()
    return None if row is None else _observation(row)


def observations_of(tx: sa.Connection, document_key: str) -> list[Observation]:
    """All that was seen of one of our documents, the oldest first."""
    statement = sa.select(observations).where(observations.c.document_key == document_key)
    return [
        _observation(row) for row in tx.execute(statement.order_by(observations.c.seen_at, observations.c.id))
    ]


def _observation(row: AnyRow) -> Observation:
    return Observation(
        txn_id=row.txn_id,
        kind=row.kind,
        edit_sequence=row.edit_sequence,
        document_key=row.document_key,
        total=None if row.total is None else Money.from_minor(row.total, row.currency),
        data=row.data,
        seen_at=moment(row.seen_at),
    )


def put_balances(tx: sa.Connection, company: str, seen: dict[str, Money], at: datetime) -> None:
    """Keep account balances as QuickBooks told them at one moment."""
    rows = [
        {
            "company": company,
            "account": account,
            "seen_at": moment_text(at),
            "amount": amount.minor,
            "currency": amount.currency,
        }
        for account, amount in seen.items()
    ]
    put_rows(tx, balance_table, ("company", "account", "seen_at"), rows)


def balances(tx: sa.Connection, company: str) -> dict[str, Money]:
    """Account -> balance as last told."""
    statement = (
        sa.select(balance_table).where(balance_table.c.company == company).order_by(balance_table.c.seen_at)
    )
    return {row.account: Money.from_minor(row.amount, row.currency) for row in tx.execute(statement)}
