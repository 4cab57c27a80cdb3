"""The laws, proved before anything is kept: what breaks one is held with the difference shown.

Two roads must meet: the postings of the events, and what the drawn-up documents would post by their lines and
money. Raised, never asserted. Source: design.md section 5, "Laws".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from qbconsole.books.booking.order import RECEIVABLE, Entry
from qbconsole.books.plan import (
    GOODS,
    NON_POSTING,
    ORDERED,
    DocumentKind,
    Plan,
    Posting,
    Tally,
    listed,
    tally,
)
from qbconsole.errors import BooksDoNotBalance
from qbconsole.money import Money, exponent, total

PAYABLE = "accounts_payable"
#: Documents whose lines are credits: a line of 10 lowers its role by 10.
_CREDITED = frozenset(
    {
        DocumentKind.INVOICE,
        DocumentKind.SALES_RECEIPT,
        DocumentKind.DEPOSIT,
        DocumentKind.VENDOR_CREDIT,
    }
)
#: Documents whose lines and money are the two sides.
_MONEY_BESIDE_LINES = frozenset({DocumentKind.SALES_RECEIPT, DocumentKind.DEPOSIT})
_PURCHASES = frozenset({DocumentKind.BILL, DocumentKind.ITEM_RECEIPT, DocumentKind.VENDOR_CREDIT})
_NEVER_NEGATIVE = frozenset(
    {
        DocumentKind.INVOICE,
        DocumentKind.SALES_RECEIPT,
        DocumentKind.CREDIT_MEMO,
        DocumentKind.DEPOSIT,
        *_PURCHASES,
    }
)
_HALF_A_CENT = Decimal("0.005")


def prove(entries: Sequence[Entry], plans: Sequence[Plan], currency: str) -> None:
    """Raise BooksDoNotBalance unless every law holds for these entries and their documents."""
    events, documents = prove_entries(entries, currency), prove_plans(plans)
    if exponent(currency) <= 2:
        _same(events, documents, "events against documents", currency)
    else:
        _same_but_for_cents(events, documents, len(plans), currency)


def prove_entries(entries: Sequence[Entry], currency: str) -> Tally:
    """What the entries post; raises BooksDoNotBalance where one of them does not come to nothing."""
    events: Tally = {}
    for entry in entries:
        _zero(entry.postings, currency, entry.event.key)
        _add(events, tally(entry.postings))
    return events


def prove_plans(plans: Sequence[Plan]) -> Tally:
    """What the documents post; raises BooksDoNotBalance where one says other things by its lines."""
    documents: Tally = {}
    for plan in plans:
        _zero(plan.postings, plan.currency, plan.key)
        posted = tally(plan.postings)
        _same(posted, effect(plan), f"{plan.kind} {plan.key}: events against lines", plan.currency)
        _one_day(plan)
        if plan.kind in _NEVER_NEGATIVE and plan.total.amount < 0:
            raise BooksDoNotBalance(f"{plan.kind} would have the negative total {plan.total}", where=plan.key)
        _add(documents, posted)
    _members_once(plans)
    return documents


def expand(plan: Plan) -> tuple[Posting, ...]:
    """What the document would post by role, from its lines and money alone; tells taxes apart by title."""
    return listed(effect(plan), plan.currency)


def effect(plan: Plan) -> Tally:
    """`expand`, added up."""
    if plan.kind is DocumentKind.JOURNAL_ENTRY:
        return tally(plan.postings)
    if plan.kind in NON_POSTING:
        return {}
    sums: Tally = {}
    sign = -1 if plan.kind in _CREDITED else 1
    for line in plan.lines:
        _put(sums, plan.on, line.role, line.tax_title, line.amount.amount * sign)
    if plan.kind in _MONEY_BESIDE_LINES:
        _put(sums, plan.on, plan.money_role, "", plan.money.amount if plan.money else Decimal(0))
    elif plan.kind is DocumentKind.INVENTORY_ADJUSTMENT:
        _put(sums, plan.on, plan.money_role, "", -plan.total.amount)
    elif plan.kind in _PURCHASES:
        _put(sums, plan.on, PAYABLE, "", -sign * plan.total.amount)
    elif plan.lines:
        _put(sums, plan.on, RECEIVABLE, "", -sign * plan.total.amount)
    elif plan.money:
        incoming = 1 if plan.kind is DocumentKind.RECEIVE_PAYMENT else -1
        _put(sums, plan.on, RECEIVABLE, "", plan.money.amount * -incoming)
        if plan.money_role:
            _put(sums, plan.on, plan.money_role, "", plan.money.amount * incoming)
    return sums


def _put(sums: Tally, on: date, role: str, facet: str, amount: Decimal) -> None:
    at = (on, role, facet)
    sums[at] = sums[at] + amount if at in sums else amount


def _add(sums: Tally, more: Tally) -> None:
    for at, amount in more.items():
        sums[at] = sums[at] + amount if at in sums else amount


def _zero(postings: Iterable[Posting], currency: str, where: str) -> None:
    rest = total([posting.amount for posting in postings], currency)
    if rest:
        raise BooksDoNotBalance(f"postings come to {rest} instead of nothing", where=where)


def _one_day(plan: Plan) -> None:
    """A document has one date, so whatever it posts is posted on it."""
    if any(posting.on != plan.on for posting in plan.postings):
        raise BooksDoNotBalance(f"{plan.kind} of {plan.on} holds postings of another day", where=plan.key)


def _gap(one: Tally, other: Tally) -> Tally:
    gap = dict(one)
    for at, amount in other.items():
        gap[at] = gap[at] - amount if at in gap else -amount
    return {at: amount for at, amount in gap.items() if amount}


def _same(one: Tally, other: Tally, what: str, currency: str) -> None:
    gap = _gap(one, other)
    if gap:
        told = ", ".join(f"{on} {role} {Money(amount, currency)}" for (on, role, _), amount in gap.items())
        raise BooksDoNotBalance(f"{what} differ: {told}")


def _same_but_for_cents(events: Tally, documents: Tally, count: int, currency: str) -> None:
    """Each document may be half a hundredth off in each role, the rest stands on `rounding`."""
    by_role: Tally = {}
    for (on, role, _), amount in _gap(events, documents).items():
        _put(by_role, on, role, "", amount)
    wide = {
        at: amount
        for at, amount in by_role.items()
        if at[1] != "rounding" and abs(amount) > _HALF_A_CENT * count
    }
    _same(wide, {}, "events against documents", currency)


def _members_once(plans: Sequence[Plan]) -> None:
    """No event, and no part of one, stands in two documents; a whole event leaves no part over.

    Its amounts, its goods and its order are three different things to stand for.
    """
    parts: dict[tuple[str, str], set[str]] = {}
    for plan in plans:
        for member in plan.members:
            beside = member.part if member.part in (GOODS, ORDERED) else ""
            seen = parts.setdefault((member.event_key, beside), set())
            if member.part in seen or (seen and "" in (*seen, member.part)):
                raise BooksDoNotBalance("an event stands in two documents", where=member.event_key)
            seen.add(member.part)
