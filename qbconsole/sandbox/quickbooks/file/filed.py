"""What the owner reads in a company file: documents and lines in plain text and Decimals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from qbconsole.sandbox.quickbooks.file.books import Books
from qbconsole.sandbox.quickbooks.file.records import Document, Line, Reference

_QUANTITIES = ("Quantity", "QuantityDifference", "QuantityTransferred")


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledLine:
    """One line as the owner reads it; a journal's credit line has side "credit"."""

    item: str
    account: str
    entity: str
    description: str
    quantity: str
    amount: Decimal
    tax_code: str
    side: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """One document as the owner reads it; postings are (account, amount debit positive, name)."""

    kind: str
    txn_id: str
    txn_number: int
    edit_sequence: str
    ref_number: str
    txn_date: date
    memo: str
    customer: str
    account: str
    subtotal: Decimal
    tax_total: Decimal
    total: Decimal
    open: Decimal
    lines: tuple[FiledLine, ...]
    postings: tuple[tuple[str, Decimal, str], ...]
    #: Those of the postings that QuickBooks found by itself, at average cost.
    own: tuple[tuple[str, Decimal, str], ...]
    applied: tuple[tuple[str, Decimal], ...]
    external_guid: str
    voided: bool
    time_created: str
    time_modified: str


def filed(file: Books, document: Document) -> Filed:
    """A document with every record by its full name."""
    return Filed(
        kind=document.kind,
        txn_id=document.txn_id,
        txn_number=document.number,
        edit_sequence=document.edit_sequence,
        ref_number=document.ref_number,
        txn_date=document.txn_date,
        memo=document.memo,
        customer=_full(file, document.entity),
        account=_full(file, document.account),
        subtotal=document.subtotal,
        tax_total=document.tax_total,
        total=document.total,
        open=document.open,
        lines=tuple(_line(file, line) for line in document.lines),
        postings=tuple(
            (_full(file, account), amount, _full(file, entity))
            for account, amount, entity, _own in document.postings
        ),
        own=tuple(
            (_full(file, account), amount, _full(file, entity))
            for account, amount, entity, own in document.postings
            if own
        ),
        applied=tuple((link.other, link.amount) for link in document.links),
        external_guid=document.external_guid,
        voided=document.voided,
        time_created=document.created,
        time_modified=document.modified,
    )


def _line(file: Books, line: Line) -> FiledLine:
    code = line.fields.get("SalesTaxCodeRef")
    texts = {name: value for name, value in line.fields.items() if isinstance(value, str)}
    return FiledLine(
        item=_full(file, line.item),
        account=_full(file, line.account),
        entity=_full(file, line.entity),
        description=texts.get("Desc", texts.get("Memo", "")),
        quantity=next((texts[name] for name in _QUANTITIES if name in texts), ""),
        amount=line.amount,
        tax_code=_full(file, code.list_id) if isinstance(code, Reference) else "",
        side=line.sort.lower(),
    )


def _full(file: Books, list_id: str) -> str:
    entry = file.entries.get(list_id)
    return entry.full_name if entry else ""
