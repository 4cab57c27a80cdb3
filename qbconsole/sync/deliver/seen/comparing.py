"""Whether a document in QuickBooks is still what was booked: total, day, whom it is for, account, our key.

A penny of tax that QuickBooks computed otherwise was told when it was recorded; only what changed since counts. A
customer or account that was renamed is the same: QuickBooks knows it by its ListID.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import msgspec

from qbconsole.books.identity import key_in
from qbconsole.company.documents import ObservedDocument
from qbconsole.company.records import Ref
from qbconsole.money import Money
from qbconsole.visible import safe

#: Whether an entry of QuickBooks' lists is the one we name.
SameName = Callable[[str, Ref], bool]
_NAME = 80


class _Amount(msgspec.Struct):
    amount: str


class _Line(msgspec.Struct):
    account_ref: str
    amount: _Amount


class _Named(msgspec.Struct):
    """The names a kept document may carry."""

    customer_ref: str | None = None
    vendor_ref: str | None = None
    payee_entity_ref: str | None = None
    deposit_to_account_ref: str | None = None
    refund_from_account_ref: str | None = None
    account_ref: str | None = None
    debits: tuple[_Line, ...] = ()
    credits: tuple[_Line, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """What QuickBooks should hold."""

    key: str
    txn_date: date
    #: Totals that are right, in minor units: ours, and what QuickBooks told when it recorded it.
    totals: frozenset[int]
    #: Of the totals; QuickBooks tells its own in two decimals, whatever the currency.
    currency: str
    #: JSON of the named document.
    document: bytes


def differences(booked: Booked, found: ObservedDocument, same: SameName) -> list[str]:
    """What differs, each as half a sentence; what QuickBooks does not tell does not differ."""
    named = msgspec.json.decode(booked.document, type=_Named)
    return [
        *_total(booked, found, named),
        *_day(booked, found),
        *_name(
            "it is for",
            named.customer_ref or named.vendor_ref or named.payee_entity_ref,
            found.customer,
            same,
        ),
        *_name(
            "its account is",
            named.deposit_to_account_ref or named.refund_from_account_ref or named.account_ref,
            found.account,
            same,
        ),
        *_journal(found, named, same),
        *_key(booked, found),
    ]


def _total(booked: Booked, found: ObservedDocument, named: _Named) -> Iterator[str]:
    if found.kind == "JournalEntry" and not named.debits:
        return
    if found.total is None or not booked.totals:
        return
    total = Money(found.total.amount, booked.currency)
    if total.minor not in booked.totals:
        ours = " or ".join(Money.from_minor(one, booked.currency).text() for one in sorted(booked.totals))
        yield f"its total is {total.text()}, not {ours}"


def _day(booked: Booked, found: ObservedDocument) -> Iterator[str]:
    if found.txn_date not in (None, booked.txn_date):
        yield f"its date is {found.txn_date}, not {booked.txn_date}"


def _name(what: str, ours: str | None, theirs: Ref, same: SameName) -> Iterator[str]:
    told = theirs.list_id or theirs.full_name
    if ours and told and not same(ours, theirs):
        yield f"{what} {safe(theirs.full_name, limit=_NAME)}, not {safe(ours, limit=_NAME)}"


def _journal(found: ObservedDocument, named: _Named, same: SameName) -> Iterator[str]:
    """Lines of a journal entry by side, account and amount; their order means nothing."""
    if found.kind != "JournalEntry" or not found.lines or not named.debits:
        return
    for kind, ours in (("JournalDebitLine", named.debits), ("JournalCreditLine", named.credits)):
        left = [line for line in found.lines if line.kind == kind and line.amount is not None]
        wanted = Counter(Decimal(one.amount.amount) for one in ours)
        if wanted != Counter(line.amount.amount for line in left if line.amount is not None):
            yield "the amounts of its lines differ"
            return
        for one in ours:
            match = next(
                (
                    line
                    for line in left
                    if line.amount is not None
                    and line.amount.amount == Decimal(one.amount.amount)
                    and same(one.account_ref, line.account)
                ),
                None,
            )
            if match is None:
                yield f"no line of {one.amount.amount} is on {safe(one.account_ref, limit=_NAME)} any more"
                return
            left.remove(match)


def _key(booked: Booked, found: ObservedDocument) -> Iterator[str]:
    memos = [found.memo, *(line.description for line in found.lines)]
    if not any(key_in(memo) == booked.key for memo in memos):
        yield "its memo does not end in our key any more"
