"""Knowing a company: what the store keeps of QuickBooks' lists, as one `Company` value.

Rows are kept as the reading of qbXML made them, encoded whole, so that nothing is read twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from qbconsole.company.identity import Host, Preferences
from qbconsole.company.lists import Chart, Entries, Items, Names
from qbconsole.company.records import Account, Customer, Entry, Item, Vendor
from qbconsole.company.renames import Rename, Renames, renames_of
from qbconsole.company.snapshot import Company
from qbconsole.store import lists, parties
from qbconsole.store.encoding import unpack
from qbconsole.store.former_names import FormerName, former_names

#: List -> the record its rows are, in the order a session asks for them.
RECORDS: dict[str, type] = {
    "account": Account,
    "vendor": Vendor,
    "customer": Customer,
    "item": Item,
    "class": Entry,
    "terms": Entry,
    "payment_method": Entry,
    "sales_tax_code": Entry,
    "ship_method": Entry,
    "customer_message": Entry,
    "sales_rep": Entry,
    "template": Entry,
    "inventory_site": Entry,
}


def known_company(tx: sa.Connection, company_id: str) -> Company:
    """The company as last read; lists never read have `known` false."""
    row = parties.company(tx, company_id)
    read = lists.names_known(tx, company_id)

    def records(kind: str) -> tuple[Any, ...]:
        if kind not in read:
            return ()
        return tuple(unpack(one.data, RECORDS[kind]) for one in lists.list_rows(tx, company_id, kind))

    def entries(kind: str) -> Entries:
        return Entries(records(kind), known=kind in read)

    return Company(
        name=row.linked_name or row.name if row else company_id,
        host=unpack(row.host.encode(), Host) if row and row.host else None,
        preferences=unpack(row.preferences.encode(), Preferences) if row and row.preferences else None,
        chart=Chart(records("account"), known="account" in read),
        items=Items(records("item"), known="item" in read),
        names=Names(
            customers=records("customer"),
            vendors=records("vendor"),
            known="customer" in read and "vendor" in read,
        ),
        classes=entries("class"),
        terms=entries("terms"),
        payment_methods=entries("payment_method"),
        sales_tax_codes=entries("sales_tax_code"),
        ship_methods=entries("ship_method"),
        customer_messages=entries("customer_message"),
        sales_reps=entries("sales_rep"),
        templates=entries("template"),
        sites=entries("inventory_site"),
        renames=known_renames(tx, company_id),
    )


def known_renames(tx: sa.Connection, company_id: str) -> Renames:
    """Names that are gone because QuickBooks' entry, by its ListID, is called otherwise since."""
    return renames_of((one.kind, _rename(one)) for one in former_names(tx, company_id))


def _rename(one: FormerName) -> Rename:
    number = unpack(one.data, Account).number if one.kind == "account" else ""
    return Rename(was=one.was, now=one.full_name, number=number.strip())


def kind_of(record: object) -> str:
    """The list a record belongs to; entries are told apart by what they were asked as."""
    for kind, type_ in RECORDS.items():
        if isinstance(record, type_) and type_ is not Entry:
            return kind
    return ""


def names_of(records: Iterable[Any]) -> tuple[str, ...]:
    """Full names, inactive ones left out: they exist, but no document may use them."""
    return tuple(record.full_name for record in records if record.is_active)
