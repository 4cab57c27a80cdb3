"""Documents of money that no sale document took in: payments, money given back, and what goes with them.

A refund takes its money from credit memos (ARRefundCreditCard; a Check for manual gateways or where no memo
covers it). A gift card used later is a memo on its liability; given back to, a journal entry that uses the memos up.
"""

from __future__ import annotations

from collections.abc import Sequence

from qbconsole.books.booking.drafting import Drafting, Moved, true_day
from qbconsole.books.booking.goods.cost import COGS
from qbconsole.books.booking.lines import liability_line
from qbconsole.books.booking.order import DISCREPANCY, RECEIVABLE, Entry, tender_postings
from qbconsole.books.booking.roles_of import is_liability, money_role
from qbconsole.books.plan import DocumentKind, LineKind, Member, PlanLine
from qbconsole.books.roles import gateway_handle
from qbconsole.money import Money, total

Amounts = Sequence[tuple[str, Money]]


def draw_tender(draft: Drafting, moved: Moved) -> None:
    """Draw up one tender: what it settles, and apart from it discrepancy, cash rounding and exchange rest."""
    entry, event = moved
    draft.placed.add(event.key)
    if entry.discrepancy:
        _discrepancy(draft, moved)
    if event.amount.shop.amount > 0:
        if is_liability(event):
            _card_used(draft, moved)
        else:
            _payment(draft, moved, _exchange(draft, moved))
    elif event.amount.shop:
        _pay_back(draft, moved)
    if event.rounding.shop:
        _journal(
            draft,
            moved,
            "rounding",
            ((money_role(event), event.rounding.shop), ("cash_rounding", -event.rounding.shop)),
            f"Cash rounding of {draft.order.name}",
        )
    if entry.exchange and (is_liability(event) or event.amount.shop.amount <= 0):
        _exchange(draft, moved)
    # A card's memo, what was paid beyond what was owed, or what the rate left over: used for what is open.
    draft.apply_credits(entry.on, event.key)


def draw_journal(draft: Drafting, entry: Entry) -> None:
    """What no sales document shows: a deposit taken before its sale counts, the cost of goods, or units of them."""
    if entry.goods:
        _stock(draft, entry)
    if not entry.postings:
        return
    words = "Deposit on" if entry.is_deposit else "Cost of goods of"
    draft.add(
        DocumentKind.JOURNAL_ENTRY,
        entry.on,
        entry.event.key,
        "1",
        members=(Member(event_key=entry.event.key),),
        postings=entry.postings,
        memo=f"{words} {draft.order.name}",
        true_on=true_day(entry),
    )


def _stock(draft: Drafting, entry: Entry) -> None:
    """Units that go to stock or leave it: QuickBooks moves their cost itself, between stock and cost of sales."""
    draft.add(
        DocumentKind.INVENTORY_ADJUSTMENT,
        entry.on,
        entry.event.key,
        "1",
        members=(Member(event_key=entry.event.key),),
        postings=(),
        lines=entry.goods,
        money_role=COGS,
        memo=f"Restocking of {draft.order.name} as told later",
        true_on=true_day(entry),
    )


def _whole(moved: Moved) -> str:
    """The member's part: "" where one document stands for the whole tender."""
    return "" if moved.is_plain and not moved.event.rounding.shop else "1"


def _settled(moved: Moved, money: Money) -> Amounts:
    """What a payment or refund moves by itself: money against the customer's account."""
    return ((money_role(moved.event), money), (RECEIVABLE, -money))


def _card_used(draft: Drafting, moved: Moved) -> None:
    """A gift card used after its invoice: a memo on its liability that settles the invoice."""
    entry, event = moved
    draft.add(
        DocumentKind.CREDIT_MEMO,
        entry.on,
        event.key,
        "1",
        members=(Member(event_key=event.key, part=_whole(moved)),),
        postings=tender_postings(entry.on, draft.order.currency, _settled(moved, event.amount.shop)),
        lines=(liability_line(event, settles=False),),
        memo=f"Payment of {draft.order.name} by {event.gateway.replace('_', ' ')}",
        true_on=true_day(entry),
    )


def _exchange(draft: Drafting, moved: Moved) -> str:
    """What the rate left over: owed no more, or no credit any more. Gives the entry's key, "" where there is none."""
    exchange = moved.entry.exchange
    if not exchange:
        return ""
    amounts = (("fx_gain_loss", exchange), (RECEIVABLE, -exchange))
    return _journal(draft, moved, "exchange", amounts, f"Exchange difference of {draft.order.name}")


def _payment(draft: Drafting, moved: Moved, exchange: str) -> None:
    """Money in, less change handed out of the same drawer that day; it names what the rate left over, too."""
    entry, event = moved
    changes = _change(draft, moved)
    draft.placed |= {change.event.key for change in changes}
    money = total([m.event.amount.shop for m in (moved, *changes)], draft.order.currency)
    draft.add(
        DocumentKind.RECEIVE_PAYMENT,
        entry.on,
        event.key,
        "1",
        members=(
            Member(event_key=event.key, part=_whole(moved)),
            *(Member(event_key=change.event.key) for change in changes),
        ),
        postings=tender_postings(entry.on, draft.order.currency, _settled(moved, money)),
        money_role=money_role(event),
        money=money,
        gateway=event.gateway,
        applied=draft.items.pay_with(draft.money(money), exchange),
        memo=f"Payment of {draft.order.name} by {event.gateway}",
        true_on=true_day(entry),
    )


def _change(draft: Drafting, moved: Moved) -> list[Moved]:
    """Change of the day from the same drawer that is less than what was handed over."""
    changes: list[Moved] = []
    left = moved.event.amount.shop
    for other in draft.waiting():
        is_change = other.event.tender == "CHANGE" and other.is_plain and not other.event.rounding.shop
        if not is_change or money_role(other.event) != money_role(moved.event):
            continue
        if (left + other.event.amount.shop).amount > 0:
            left = left + other.event.amount.shop
            changes.append(other)
    return changes


def _discrepancy(draft: Drafting, moved: Moved) -> None:
    """Money given back beyond any credit: a memo makes the credit that the refund then uses."""
    entry, event = moved
    amount = entry.discrepancy
    line = PlanLine(
        kind=LineKind.CHARGE,
        role=DISCREPANCY,
        amount=amount,
        label="Refund beyond returned items",
        returned=True,
    )
    draft.add(
        DocumentKind.CREDIT_MEMO,
        entry.on,
        event.key,
        "memo",
        members=(Member(event_key=event.key, part="memo"),),
        postings=tender_postings(
            entry.on, draft.order.currency, ((DISCREPANCY, amount), (RECEIVABLE, -amount))
        ),
        lines=(line,),
        memo=f"Refund of {draft.order.name} beyond its parts",
        true_on=true_day(entry),
    )


def _pay_back(draft: Drafting, moved: Moved) -> None:
    """Money back to the customer, out of credit memos where there are any, else owed again."""
    entry, event = moved
    amount = -event.amount.shop
    applied = () if is_liability(event) else draft.items.refund(draft.money(amount))
    covered = total([row.amount for row in applied], draft.order.currency) == draft.money(amount)
    if is_liability(event):
        kind = DocumentKind.JOURNAL_ENTRY
    elif covered and not event.manual and gateway_handle(event.gateway) != "manual":
        kind = DocumentKind.AR_REFUND_CREDIT_CARD
    else:
        kind = DocumentKind.CHECK
    draft.add(
        kind,
        entry.on,
        event.key,
        "1",
        members=(Member(event_key=event.key, part=_whole(moved)),),
        postings=tender_postings(entry.on, draft.order.currency, _settled(moved, -amount)),
        money_role=money_role(event),
        money=amount,
        gateway=event.gateway,
        applied=applied,
        memo=f"Refund of {draft.order.name} by {event.gateway}",
        true_on=true_day(entry),
    )


def _journal(draft: Drafting, moved: Moved, part: str, amounts: Amounts, memo: str) -> str:
    entry, event = moved
    plan = draft.add(
        DocumentKind.JOURNAL_ENTRY,
        entry.on,
        event.key,
        part,
        members=(Member(event_key=event.key, part=part),),
        postings=tender_postings(entry.on, draft.order.currency, amounts),
        memo=memo,
        true_on=true_day(entry),
    )
    return plan.key
