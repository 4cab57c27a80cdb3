"""An order's events -> postings by role, walking them in the order they happened.

The customer's account runs along in shop and presentment money; it decides what a refund uses up, what is
beyond any credit, and what is left over as an exchange difference. Postings: debit positive.
Source: accounting.md sections 2 and 13 (conventions 6, 18 to 21, 31).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from qbconsole.books.booking.roles_of import discount_role, is_liability, money_role, part_role, tax_role
from qbconsole.books.holds import Hold, Reason
from qbconsole.books.plan import PlanLine, Posting, Tally, listed
from qbconsole.money import Money
from qbconsole.shop.bag import Bag
from qbconsole.shop.events import Event, OrderEvent, Part, SaleEvent, TenderEvent
from qbconsole.shop.orders import Order
from qbconsole.value import Value, replace

RECEIVABLE = "accounts_receivable"
DISCREPANCY = "refund_discrepancy"


class Entry(Value):
    """One event as the books see it."""

    event: Event
    #: The day it is booked on; its shop date unless a closing date moved it.
    on: date
    #: Sums to zero; one a role and tax title.
    postings: tuple[Posting, ...]
    #: Money given back beyond any credit, positive; shop currency.
    discrepancy: Money
    #: What an exchange rate left over on this tender, debit positive; shop currency.
    exchange: Money
    flags: tuple[Hold, ...] = ()
    #: What the customer owes after it, in presentment money; None for what is derived.
    balance: Money | None = None
    #: True for money taken before the sale counts: it waits on `customer_deposits`.
    is_deposit: bool = False
    #: The payout whose summary it stands in; "" where its shop day's does.
    payout: str = ""
    #: Units that go to stock or leave it by it, where QuickBooks keeps the stock; by order line, of no amount.
    goods: tuple[PlanLine, ...] = ()
    #: Key of the sale without which it must not be booked; "" where it stands by itself.
    follows: str = ""


class Account:
    """The customer's account of one order, as the walk goes along."""

    def __init__(self, nothing: Bag) -> None:
        self.nothing = nothing
        #: Positive = the customer owes.
        self.owed = nothing
        #: Money taken less money given back, in presentment money.
        self.received = nothing.presentment

    @property
    def credit(self) -> Money:
        """What the customer may have back, in presentment money (convention 18)."""
        return max(self.nothing.presentment, -self.owed.presentment)


def walk(order: Order, events: Sequence[OrderEvent]) -> tuple[Entry, ...]:
    """Book each event in turn, on its own shop date."""
    account = Account(Bag.zero(order.currency, order.presentment_currency))
    with_parts = {f"refund/{refund.id}" for refund in order.refunds if refund.has_parts}
    entries = []
    for event in events:
        if isinstance(event, SaleEvent):
            entries.append(_sale(event, account))
            continue
        if event.rounding and is_liability(event):
            # Only a drawer is rounded; a stray figure on a gift card moves nothing.
            event = replace(event, rounding=account.nothing)
        if event.amount.shop.amount < 0:
            entries.append(_money_out(order, event, account, event.refund_key in with_parts))
        else:
            entries.append(_money_in(event, account))
    return tuple(entries)


def _sale(event: SaleEvent, account: Account) -> Entry:
    owed = event.total(account.nothing)
    account.owed = account.owed + owed
    return Entry(
        event=event,
        on=event.on,
        postings=owed_postings(event.parts, event.on, owed.shop),
        discrepancy=account.nothing.shop,
        exchange=account.nothing.shop,
        balance=account.owed.presentment,
    )


def owed_postings(parts: Sequence[Part], on: date, owed: Money) -> tuple[Posting, ...]:
    """What parts post, and what the customer owes for them (convention 6).

    Own role -(net + discount), discount role +(discount), each tax -(amount).
    """
    sums: Tally = {(on, RECEIVABLE, ""): owed.amount}
    for part in parts:
        off = part.discount.shop.amount
        _add(sums, (on, part_role(part), ""), -(part.net.shop.amount + off))
        if off:
            _add(sums, (on, discount_role(part), ""), off)
        for tax in part.taxes:
            _add(sums, (on, tax_role(tax.channel_liable), tax.title), -tax.amount.shop.amount)
    return listed(sums, owed.currency)


def _add(sums: Tally, at: tuple[date, str, str], amount: Decimal) -> None:
    sums[at] = sums[at] + amount if at in sums else amount


def tender_postings(on: date, currency: str, amounts: Sequence[tuple[str, Money]]) -> tuple[Posting, ...]:
    """Amounts by role, on one day."""
    sums: Tally = {}
    for role, amount in amounts:
        _add(sums, (on, role, ""), amount.amount)
    return listed(sums, currency)


def _money_in(event: TenderEvent, account: Account) -> Entry:
    account.owed = account.owed - event.amount
    account.received = account.received + event.amount.presentment
    return _tender_entry(event, account, settled=event.amount, discrepancy=account.nothing.shop)


def _money_out(order: Order, event: TenderEvent, account: Account, has_parts: bool) -> Entry:
    """Use up credit first; what is beyond it is a discrepancy, or owed again (conventions 18, 19, 31)."""
    given, nothing = -event.amount.presentment, account.nothing.presentment
    beyond = nothing if event.tender == "CHANGE" else given - min(given, account.credit)
    owed_again = nothing
    if not has_parts and account.owed.presentment > nothing:
        owed_again = min(beyond, max(nothing, account.received))
    excess = beyond - owed_again
    discrepancy = _at_own_rate(event, excess)
    settled = event.amount + Bag.of(discrepancy, excess)
    account.owed = account.owed - settled
    account.received = account.received + event.amount.presentment
    flagged = (excess and has_parts) or owed_again
    shown = "owed by the customer again" if owed_again else "a refund discrepancy"
    flags = (_review(order, event, excess + owed_again, shown),) if flagged else ()
    return _tender_entry(event, account, settled=settled, discrepancy=discrepancy, flags=flags)


def _tender_entry(
    event: TenderEvent, account: Account, *, settled: Bag, discrepancy: Money, flags: tuple[Hold, ...] = ()
) -> Entry:
    """Clearing moves with the cash rounding, which goes to its own role (convention 21)."""
    exchange = _exchange(account)
    amounts = [
        (money_role(event), event.amount.shop + event.rounding.shop),
        ("cash_rounding", -event.rounding.shop),
        (DISCREPANCY, discrepancy),
        ("fx_gain_loss", exchange),
        (RECEIVABLE, -settled.shop - exchange),
    ]
    return Entry(
        event=event,
        on=event.on,
        postings=tender_postings(event.on, settled.shop.currency, amounts),
        discrepancy=discrepancy,
        exchange=exchange,
        flags=flags,
        balance=account.owed.presentment,
    )


def _at_own_rate(event: TenderEvent, excess: Money) -> Money:
    """Presentment money beyond the credit in shop money, at the tender's own rate, half-up."""
    amount = event.amount
    if not excess or not amount.presentment:
        return Money.zero(amount.shop.currency)
    if excess == -amount.presentment:
        return -amount.shop
    rate = excess.amount * amount.shop.amount / amount.presentment.amount
    return Money.rounded(rate, amount.shop.currency)


def _exchange(account: Account) -> Money:
    """When presentment money comes to zero, what remains in shop money is an exchange difference."""
    left = account.owed.shop
    if account.owed.presentment or not left:
        return account.nothing.shop
    account.owed = account.nothing
    return left


def _review(order: Order, event: TenderEvent, unexplained: Money, shown: str) -> Hold:
    return Hold(
        reason=Reason.REFUND_RESIDUAL_REVIEW,
        where=f"order {order.name}",
        sentence=f"{unexplained} was paid back beyond what the refund's parts explain.",
        next_step=f"Look at the refund in Shopify; the books show it as {shown}.",
        subject=event.key,
        cause=f"refund_residual:{event.key}",
    )
