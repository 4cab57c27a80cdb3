"""The laws, proved before anything is kept: what breaks one is held with the difference shown.

Two roads must meet: the postings of the events, and what the drawn-up documents would post by their lines and
money. Raised, never asserted. Source: design.md section 5, "Laws".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qbconsole.books.booking.order import RECEIVABLE, Entry
from qbconsole.books.plan import DocumentKind, Plan, Posting, netted
from qbconsole.errors import BooksDoNotBalance
from qbconsole.money import Money, total

_CREDITS = (DocumentKind.INVOICE, DocumentKind.SALES_RECEIPT)


def prove(entries: Sequence[Entry], plans: Sequence[Plan], currency: str) -> None:
    """Raise BooksDoNotBalance unless every law holds for these entries and their documents."""
    for entry in entries:
        _zero(entry.postings, currency, entry.event.key)
    for plan in plans:
        _zero(plan.postings, currency, plan.key)
        _same(netted(plan.postings), expand(plan), f"{plan.kind} {plan.key}: events against lines")
        if plan.kind in (*_CREDITS, DocumentKind.CREDIT_MEMO) and plan.total < Money.zero(currency):
            raise BooksDoNotBalance(f"{plan.kind} would have the negative total {plan.total}", where=plan.key)
    _same(
        netted(p for entry in entries for p in entry.postings),
        netted(p for plan in plans for p in plan.postings),
        "events against documents",
    )
    _members_once(plans)


def expand(plan: Plan) -> tuple[Posting, ...]:
    """What the document would post by role, from its lines and money alone; tells taxes apart by title."""
    if plan.kind is DocumentKind.JOURNAL_ENTRY:
        return netted(plan.postings)
    rows: list[Posting] = []
    sign = -1 if plan.kind in _CREDITS else 1
    for line in plan.lines:
        rows.append(Posting(on=plan.on, role=line.role, amount=line.amount * sign, facet=line.tax_title))
    if plan.kind is DocumentKind.SALES_RECEIPT:
        if plan.money is not None:
            rows.append(Posting(on=plan.on, role=plan.money_role, amount=plan.money))
    elif plan.lines:
        rows.append(Posting(on=plan.on, role=RECEIVABLE, amount=plan.total * -sign))
    elif plan.money is not None:
        incoming = 1 if plan.kind is DocumentKind.RECEIVE_PAYMENT else -1
        rows.append(Posting(on=plan.on, role=RECEIVABLE, amount=plan.money * -incoming))
        if plan.money_role:
            rows.append(Posting(on=plan.on, role=plan.money_role, amount=plan.money * incoming))
    return netted(rows)


def _zero(postings: Iterable[Posting], currency: str, where: str) -> None:
    rest = total((posting.amount for posting in postings), currency)
    if rest:
        raise BooksDoNotBalance(f"postings come to {rest} instead of nothing", where=where)


def _same(one: Sequence[Posting], other: Sequence[Posting], what: str) -> None:
    if tuple(one) == tuple(other):
        return
    gap = netted((*one, *(Posting(on=p.on, role=p.role, amount=-p.amount, facet=p.facet) for p in other)))
    told = ", ".join(f"{p.on} {p.role} {p.amount}" for p in gap)
    raise BooksDoNotBalance(f"{what} differ: {told}")


def _members_once(plans: Sequence[Plan]) -> None:
    seen: set[tuple[str, str]] = set()
    for plan in plans:
        for member in plan.members:
            at = (member.event_key, member.part)
            if at in seen:
                raise BooksDoNotBalance("an event stands in two documents", where=member.event_key)
            seen.add(at)
