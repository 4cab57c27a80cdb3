"""Summary mode: one JournalEntry for a shop day, channel, location and currency.

Debits and credits of a role are added up apart, so that sales and returns, money in and money out can both be
read; only accounts receivable is netted, because a journal entry may have one line of it. A part that is unsent is
drawn up anew under its key; what comes later opens the next part, and so does a part that grows too long.
Source: accounting.md section 10; design.md section 7.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from qbconsole.books.booking.order import RECEIVABLE
from qbconsole.books.identity import base36, document_key
from qbconsole.books.plan import DocumentKind, Member, Plan, Posting
from qbconsole.books.summary.pool import LINE_CAP, Pool, last_part
from qbconsole.money import Money, exponent
from qbconsole.shop.orders import Shop

_Side = tuple[str, str, bool]


def add_to_day(
    pool: Pool,
    shop: Shop,
    booked: Sequence[Plan],
    open_parts: Collection[str],
    given: Iterable[tuple[str, Sequence[Posting]]],
) -> tuple[Plan, ...]:
    """The parts of the day that are new or drawn up anew, with these events (key and postings) added.

    A currency of three decimals is rounded once a document, so none of its parts is opened again.
    """
    last = booked[-1] if booked else None
    may_grow = last is not None and last.key in open_parts and exponent(pool.currency) <= 2
    day = _Day(pool=pool, shop=shop, count=last_part(booked))
    if last is not None and may_grow:
        day.reopen(last)
    for event_key, postings in given:
        day.add(event_key, postings)
    day.close()
    return tuple(day.done)


@dataclass(slots=True)
class _Day:
    """The day's parts as they are added up; lives only inside `add_to_day`."""

    pool: Pool
    shop: Shop
    #: The number of the last part there is.
    count: int
    done: list[Plan] = field(default_factory=list)
    #: The part that was there already, where it grows.
    part: Plan | None = None
    members: list[Member] = field(default_factory=list)
    sums: dict[_Side, Decimal] = field(default_factory=dict)

    def reopen(self, plan: Plan) -> None:
        self.part, self.members, self.sums = plan, list(plan.members), {}
        _gather(self.sums, plan.postings)

    def add(self, event_key: str, postings: Sequence[Posting]) -> None:
        grown = dict(self.sums)
        _gather(grown, postings)
        if len(grown) > LINE_CAP and self.members:
            self.close()
            grown = {}
            _gather(grown, postings)
        self.sums = grown
        self.members.append(Member(event_key=event_key))

    def close(self) -> None:
        """Draw up the part at hand and begin the next one."""
        if self.members and (self.part is None or len(self.members) > len(self.part.members)):
            self.done.append(self._plan())
        self.part, self.members, self.sums = None, [], {}

    def _plan(self) -> Plan:
        postings = _postings(self.sums, self.pool)
        if self.part is not None:
            return replace(self.part, members=tuple(self.members), postings=postings)
        self.count += 1
        pool = self.pool
        return Plan(
            key=document_key(self.shop.handle, pool.source_id, str(self.count)),
            kind=DocumentKind.JOURNAL_ENTRY,
            on=pool.on,
            currency=pool.currency,
            members=tuple(self.members),
            postings=postings,
            number=f"J{pool.on:%y%m%d}{(pool.channel[:1] or 'X').upper()}",
            suffix=base36(self.count) if self.count > 1 else "",
            memo=f"Shopify {pool.words}" + (f", part {self.count}" if self.count > 1 else ""),
            channel=pool.channel,
            source=pool.source,
            location=pool.location,
        )


def _gather(sums: dict[_Side, Decimal], postings: Iterable[Posting]) -> None:
    for row in postings:
        debit = row.role == RECEIVABLE or row.amount.amount > 0
        side = (row.role, row.facet, debit)
        sums[side] = sums.get(side, Decimal(0)) + row.amount.amount


def _postings(sums: dict[_Side, Decimal], pool: Pool) -> tuple[Posting, ...]:
    return tuple(
        Posting(on=pool.on, role=role, amount=Money(amount, pool.currency), facet=facet)
        for (role, facet, _), amount in sorted(sums.items())
        if amount
    )
