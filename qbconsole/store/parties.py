"""Parties: the company files and merchants of a workspace, and what is known about each.

Lease, marker, lists and closing date belong to the company; cursors, snapshots and mapping to the merchant.
Nothing here decides whether a company file is the right one; it only remembers what was told.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from qbconsole.errors import StoreError
from qbconsole.shop.orders import Shop
from qbconsole.store.database.statements import AnyRow, put_new, put_rows, run
from qbconsole.store.encoding import maybe_moment, moment_text, pack, unpack
from qbconsole.store.schema import companies, company_notes, merchants, request_counts
from qbconsole.value import Value


class Company(Value):
    """One QuickBooks company file."""

    id: str
    name: str
    file: str
    #: Rises when QuickBooks' books went back in time; part of every message set's id.
    epoch: int
    #: The last serial we wrote into the file's marker.
    marker_serial: int
    #: Company name and marker of the file first linked; "" while none is.
    linked_name: str
    linked_marker: str
    linked_at: datetime | None
    #: The .qwc file's GUIDs.
    owner_id: str
    file_id: str
    #: JSON, as last told.
    host: str
    preferences: str
    #: QuickBooks' local texts; compared, never computed with.
    last_restore_time: str
    last_condense_time: str
    closing_date: date | None
    #: Why nothing is written to it; "" while all is well.
    stopped: str
    last_contact_at: datetime | None


class Merchant(Value):
    """One shop that posts into a company file."""

    id: str
    company: str
    #: "oak-ember.myshopify.com"
    domain: str
    #: As the shop last told; None before the first pull.
    shop: Shop | None


_COMPANY = sa.select(companies).where(companies.c.id == sa.bindparam("id"))
_EPOCH = sa.select(companies.c.epoch).where(companies.c.id == sa.bindparam("id"))
_MERCHANT = sa.select(merchants).where(merchants.c.id == sa.bindparam("id"))
_RENAMED = (
    sa.update(companies)
    .where(companies.c.id == sa.bindparam("the_id"))
    .values(name=sa.bindparam("the_name"), file=sa.bindparam("the_file"))
)
_MOVED = (
    sa.update(merchants)
    .where(merchants.c.id == sa.bindparam("the_id"))
    .values(company=sa.bindparam("the_company"), domain=sa.bindparam("the_domain"))
)
_TOLD = (
    sa.update(merchants).where(merchants.c.id == sa.bindparam("the_id")).values(shop=sa.bindparam("the_shop"))
)
#: Rows that name the merchant may still be added by others.
_LOCK = sa.select(merchants.c.id).where(merchants.c.id == sa.bindparam("id")).with_for_update(key_share=True)
_OPENED = sa.update(companies).where(companies.c.id == sa.bindparam("the_id")).values(closing_date=None)
_NOTE = sa.select(company_notes.c.value).where(
    company_notes.c.company == sa.bindparam("company"), company_notes.c.name == sa.bindparam("name")
)
_COUNTS = [column.name for column in request_counts.c if column.name != "company"]
_TEXTS = ("linked_name", "linked_marker", "owner_id", "file_id", "host", "preferences")
_TEXTS_MORE = ("last_restore_time", "last_condense_time", "stopped")


def put_company(tx: sa.Connection, company_id: str, *, name: str, file: str, at: datetime) -> None:
    """Add a company, or give it another name or file; all else about it stays."""
    row = dict.fromkeys((*_TEXTS, *_TEXTS_MORE), "") | {
        "id": company_id,
        "name": name,
        "file": file,
        "epoch": 1,
        "marker_serial": 0,
        "added_at": moment_text(at),
    }
    put_new(tx, companies, ("id",), [row])
    put_new(tx, request_counts, ("company",), [dict.fromkeys(_COUNTS, 0) | {"company": company_id}])
    run(tx, _RENAMED, {"the_id": company_id, "the_name": name, "the_file": file})


def company(tx: sa.Connection, company_id: str) -> Company | None:
    """One company; None when it was never put."""
    row = run(tx, _COMPANY, {"id": company_id}).one_or_none()
    return None if row is None else _company(row)


def epoch(tx: sa.Connection, company_id: str) -> int:
    """The company's epoch alone, which is asked for with every set; 1 where it was never put."""
    return int(run(tx, _EPOCH, {"id": company_id}).scalar_one_or_none() or 1)


def all_companies(tx: sa.Connection) -> list[Company]:
    """All of them, by id."""
    return [_company(row) for row in tx.execute(sa.select(companies).order_by(companies.c.id))]


def update_company(
    tx: sa.Connection,
    company_id: str,
    *,
    linked_at: datetime | None = None,
    last_contact_at: datetime | None = None,
    closing_date: date | None = None,
    **columns: str | int,
) -> None:
    """Remember more of a company; what is None or left out stays. Columns: those of `Company`.

    Raises StoreError when there is no such company; the epoch and the marker never go back.
    """
    values: dict[str, Any] = dict(columns)
    if linked_at is not None:
        values["linked_at"] = moment_text(linked_at)
    if last_contact_at is not None:
        values["last_contact_at"] = moment_text(last_contact_at)
    if closing_date is not None:
        values["closing_date"] = closing_date.isoformat()
    if not values:
        return
    row = {f"to_{name}": value for name, value in values.items()}
    if not run(tx, _remembering(tuple(values)), {**row, "the_id": company_id}).rowcount:
        raise StoreError(f"Company {company_id} is unknown, or its epoch or marker would go back.")


@lru_cache(maxsize=64)
def _remembering(names: tuple[str, ...]) -> sa.Update:
    """Built once for each choice of columns: a session writes the same few again and again."""
    to: dict[str, sa.BindParameter[Any]] = {name: sa.bindparam(f"to_{name}") for name in names}
    forward = [companies.c[name] <= to[name] for name in ("epoch", "marker_serial") if name in to]
    return sa.update(companies).where(companies.c.id == sa.bindparam("the_id"), *forward).values(to)


def opened_again(tx: sa.Connection, company_id: str) -> None:
    """QuickBooks has no closing date any more: what was closed may be posted to."""
    run(tx, _OPENED, {"the_id": company_id})


def note(tx: sa.Connection, company_id: str, name: str) -> str:
    """What a session left for the next under a name, as JSON; "" when nothing."""
    return run(tx, _NOTE, {"company": company_id, "name": name}).scalar_one_or_none() or ""


def put_note(tx: sa.Connection, company_id: str, name: str, value: str, at: datetime) -> None:
    """Leave something for the next session, in place of what stood under the name."""
    row = {"company": company_id, "name": name, "value": value, "noted_at": moment_text(at)}
    put_rows(tx, company_notes, ("company", "name"), [row])


def put_merchant(tx: sa.Connection, merchant_id: str, *, company: str, domain: str, at: datetime) -> None:
    """Add a merchant, or give it another company or domain; what it pulled stays."""
    row = {"id": merchant_id, "company": company, "domain": domain, "added_at": moment_text(at)}
    put_new(tx, merchants, ("id",), [row])
    run(tx, _MOVED, {"the_id": merchant_id, "the_company": company, "the_domain": domain})


def merchant(tx: sa.Connection, merchant_id: str) -> Merchant | None:
    """One merchant; None when it was never put."""
    row = run(tx, _MERCHANT, {"id": merchant_id}).one_or_none()
    return None if row is None else _merchant(row)


def lock_merchant(tx: sa.Connection, merchant_id: str) -> None:
    """Be the only one to keep what is told of a merchant until the commit; before anything it is compared with is read.

    On SQLite every writer is alone.
    """
    if tx.dialect.name != "sqlite":
        run(tx, _LOCK, {"id": merchant_id})


def all_merchants(tx: sa.Connection, *, company: str | None = None) -> list[Merchant]:
    """All merchants, or those of one company, by id."""
    statement = sa.select(merchants).order_by(merchants.c.id)
    if company is not None:
        statement = statement.where(merchants.c.company == company)
    return [_merchant(row) for row in tx.execute(statement)]


def set_shop(tx: sa.Connection, merchant_id: str, shop: Shop) -> None:
    """Remember the shop as it was just told."""
    run(tx, _TOLD, {"the_id": merchant_id, "the_shop": pack(shop)})


def _company(row: AnyRow) -> Company:
    return Company(
        id=row.id,
        name=row.name,
        file=row.file,
        epoch=row.epoch,
        marker_serial=row.marker_serial,
        linked_name=row.linked_name,
        linked_marker=row.linked_marker,
        linked_at=maybe_moment(row.linked_at),
        owner_id=row.owner_id,
        file_id=row.file_id,
        host=row.host,
        preferences=row.preferences,
        last_restore_time=row.last_restore_time,
        last_condense_time=row.last_condense_time,
        closing_date=None if row.closing_date is None else date.fromisoformat(row.closing_date),
        stopped=row.stopped,
        last_contact_at=maybe_moment(row.last_contact_at),
    )


def _merchant(row: AnyRow) -> Merchant:
    shop = None if row.shop is None else unpack(row.shop, Shop)
    return Merchant(id=row.id, company=row.company, domain=row.domain, shop=shop)
