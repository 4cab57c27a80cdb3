"""Pennies of tax: what becomes of a document whose tax QuickBooks computed a little otherwise than the shop charged.

The document posts what QuickBooks charged; a follow-up moves the difference to `rounding`, so that the account its
total went to holds the shop's total again. Where the document came out smaller than what is already drawn up to pay
or refund it, the rest is settled against the follow-up. Source: accounting.md section 6, penny policy.
"""

from __future__ import annotations

from collections.abc import Sequence

from qbconsole.books.booking.open_items import OpenItems
from qbconsole.books.booking.order import RECEIVABLE
from qbconsole.books.naming.taxes import is_own_tax
from qbconsole.books.plan import Applied, DocumentKind, LineKind, Plan, PlanLine, Posting, listed, netted
from qbconsole.books.proof import effect
from qbconsole.money import Money
from qbconsole.value import replace

ROUNDING = "rounding"
#: Ends a follow-up's RefNumber: "1001T1".
_LETTER = "T"


def penny_key(key: str) -> str:
    """The key of the follow-up of a document."""
    return f"{key}/penny"


def charged(plan: Plan, more: Money) -> Plan:
    """The document with the tax QuickBooks charged, `more` than the shop (less where negative).

    QuickBooks tells one sum, so the difference stands on the largest tax.
    """
    taxes = [at for at, line in enumerate(plan.lines) if is_own_tax(line)]
    largest = max(taxes, key=lambda at: abs(plan.lines[at].amount))
    lines = list(plan.lines)
    lines[largest] = replace(lines[largest], amount=lines[largest].amount + more)
    money = plan.money + more if plan.money is not None and plan.money_role else plan.money
    posted = replace(plan, lines=tuple(lines), money=money)
    return replace(posted, postings=listed(effect(posted), plan.currency))


def follow_ups(plan: Plan, more: Money, booked: Sequence[Plan]) -> tuple[Plan, ...]:
    """What moves the pennies, and where it leaves two open items of them, what settles one against the other.

    `booked` are all documents of the order; they tell which numbers come next.
    """
    moved = _moved(plan, more, booked)
    if plan.kind is DocumentKind.SALES_RECEIPT or more.amount < 0:
        return (moved,)
    owed, credit = (plan, moved) if plan.kind is DocumentKind.INVOICE else (moved, plan)
    count = sum(1 for one in booked if one.suffix.startswith("A")) + 1
    settled = replace(
        moved,
        key=f"{moved.key}/apply",
        kind=DocumentKind.RECEIVE_PAYMENT,
        postings=(),
        money=Money.zero(plan.currency),
        applied=(Applied(document_key=owed.key, amount=more, credit_key=credit.key),),
        suffix=f"A{count}",
        memo=f"Pennies of tax used for {plan.number}",
        corrects="",
    )
    return (moved, settled)


def _moved(plan: Plan, more: Money, booked: Sequence[Plan]) -> Plan:
    """A journal entry, or a memo where a refund must find a credit."""
    is_memo = plan.kind is DocumentKind.CREDIT_MEMO
    role = plan.money_role if plan.kind is DocumentKind.SALES_RECEIPT else RECEIVABLE
    back = more if is_memo else -more
    count = sum(1 for one in booked if one.corrects) + 1
    moved = Plan(
        key=penny_key(plan.key),
        kind=DocumentKind.JOURNAL_ENTRY,
        on=plan.on,
        currency=plan.currency,
        members=(),
        postings=netted(
            (
                Posting(on=plan.on, role=role, amount=back),
                Posting(on=plan.on, role=ROUNDING, amount=-back),
            )
        ),
        number=plan.number,
        suffix=f"{_LETTER}{count}",
        memo=f"Tax of {plan.number}: QuickBooks computed {abs(more).text()} {'more' if more.amount > 0 else 'less'}",
        true_on=plan.true_on,
        corrects=plan.key,
    )
    if not is_memo or more.amount > 0:
        return moved
    line = PlanLine(kind=LineKind.CHARGE, role=ROUNDING, amount=-more, label="Pennies of tax", returned=True)
    return replace(moved, kind=DocumentKind.CREDIT_MEMO, lines=(line,))


def settled_anew(booked: Sequence[Plan], corrected: str, planned: frozenset[str]) -> tuple[Plan, ...]:
    """Payments and refunds not sent yet that would settle more of a document than QuickBooks made it.

    What is too much is settled against its follow-up. `booked` holds the document as charged and the follow-up.
    """
    items = OpenItems.of(booked)
    left = items.left(corrected)
    changed: list[Plan] = []
    for plan in reversed(booked):
        if left is None or left.amount >= 0:
            break
        if plan.key in planned:
            applied, left = _shifted(plan.applied, corrected, left)
            if applied != plan.applied:
                changed.append(replace(plan, applied=applied))
    return tuple(changed)


def _shifted(applied: Sequence[Applied], corrected: str, left: Money) -> tuple[tuple[Applied, ...], Money]:
    """The rows with what is beyond the document moved to its follow-up; and what is still beyond it.

    The last rows go first: they settle the pennies of another document, where there are any.
    """
    rows: list[Applied] = []
    penny = penny_key(corrected)
    for row in reversed(applied):
        over = min(row.amount, -left) if corrected in (row.document_key, row.credit_key) else -left
        if corrected not in (row.document_key, row.credit_key) or over.amount <= 0:
            rows.append(row)
            continue
        left = left + over
        rows.append(
            replace(row, amount=over, document_key=penny)
            if row.document_key == corrected
            else replace(row, amount=over, credit_key=penny)
        )
        if row.amount != over:
            rows.append(replace(row, amount=row.amount - over))
    return tuple(reversed(rows)), left
