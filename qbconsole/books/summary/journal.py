"""Summary mode: one JournalEntry for a shop day, channel, location and currency.

Debits and credits of a role are added up apart, so that sales and returns, money in and money out can both be
read; only accounts receivable is netted, because a journal entry may have one line of it.
Source: accounting.md section 10; design.md section 7.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from qbconsole.books.booking.order import RECEIVABLE
from qbconsole.books.plan import DocumentKind, Plan, Posting
from qbconsole.books.summary.parts import Sheet, draw_parts, marked, open_part
from qbconsole.books.summary.pool import Pool
from qbconsole.money import Money, exponent
from qbconsole.shop.orders import Shop

#: Role, facet, and whether it is the debit side -> amount.
_Sums = dict[tuple[str, str, bool], Decimal]


def add_to_day(
    pool: Pool,
    shop: Shop,
    booked: Sequence[Plan],
    open_parts: Collection[str],
    given: Iterable[tuple[str, Sequence[Posting]]],
    *,
    parts: Mapping[str, str] | None = None,
) -> tuple[Plan, ...]:
    """The parts of the day that are new or drawn up anew, with these events (key and postings) added.

    `parts` is what the membership of some events tells beside: the day's sum does not. A currency of three decimals is
    rounded once a document, so none of its parts is opened again.
    """
    growing = open_part(booked, open_parts) if exponent(pool.currency) <= 2 else None
    drawn = draw_parts(_SHEET, pool, shop, booked, given, growing=growing)
    return tuple(marked(plan, parts) for plan in drawn) if parts else drawn


def _added(sums: _Sums, postings: Iterable[Posting]) -> _Sums:
    grown = dict(sums)
    for row in postings:
        debit = row.role == RECEIVABLE or row.amount.amount > 0
        side = (row.role, row.facet, debit)
        grown[side] = grown.get(side, Decimal(0)) + row.amount.amount
    return grown


def _content(sums: _Sums, pool: Pool) -> dict[str, Any]:
    postings = tuple(
        Posting(on=pool.on, role=role, amount=Money(amount, pool.currency), facet=facet)
        for (role, facet, _), amount in sorted(sums.items())
        if amount
    )
    return {"postings": postings}


_SHEET: Sheet[_Sums, Sequence[Posting]] = Sheet(
    kind=DocumentKind.JOURNAL_ENTRY,
    series="",
    letter="J",
    words="Shopify",
    nothing={},
    kept=lambda plan: _added({}, plan.postings),
    added=_added,
    content=_content,
)
