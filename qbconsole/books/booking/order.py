"""An order's events -> postings by role, walking them in the order they happened.

The customer's account runs along in shop and presentment money; it decides what a refund uses up, what is
beyond any credit, and what is left over as an exchange difference. Postings: debit positive.
Source: accounting.md sections 2 and 13 (conventions 6, 18 to 21, 31).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from qbconsole.books.booking.roles_of import discount_role, money_role, part_role, tax_role
from qbconsole.books.holds import Hold, Reason
from qbconsole.books.plan import Posting
from qbconsole.money import Money
from qbconsole.shop.bag import Bag
from qbconsole.shop.events import Event, Part, SaleEvent, TenderEvent
from qbconsole.shop.orders import Order

RECEIVABLE = "accounts_receivable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event as the books see it."""

    event: Event
    #: The day it is booked on; its shop date unless a closing date moved it.
    on: date
    #: Sums to zero.
    postings: tuple[Posting, ...]
    #: Money given back beyond any credit, positive; shop currency.
    discrepancy: Money
    #: What an exchange rate left over on this tender, debit positive; shop currency.
    exchange: Money
    flags: tuple[Hold, ...] = ()


class Account:
    """The customer's account of one order, as the walk goes along; positive = the customer owes."""

    def __init__(self, like: Bag) -> None:
        self.owed = like - like
        self.received = like - like

    @property
    def credit(self) -> Money:
        """What the customer may have back, in presentment money (convention 18)."""
        zero = self.owed.presentment - self.owed.presentment
        return max(zero, -self.owed.presentment)


def walk(order: Order, events: Sequence[Event]) -> tuple[Entry, ...]:
    """Book each event in turn, on its own shop date."""
    account = Account(Bag.zero(order.currency, order.presentment_currency))
    refunds_with_parts = {
        f"refund/{refund.id}"
        for refund in order.refunds
        if refund.lines or refund.shipping or refund.duties or refund.adjustments
    }
    entries = []
    for event in events:
        if isinstance(event, SaleEvent):
            entries.append(_sale(event, account))
        elif event.amount.shop < event.amount.shop - event.amount.shop:
            entries.append(_money_out(order, event, account, event.refund_key in refunds_with_parts))
        else:
            entries.append(_money_in(event, account))
    return tuple(entries)


def _sale(event: SaleEvent, account: Account) -> Entry:
    total = event.total(account.owed)
    account.owed = account.owed + total
    zero = total.shop - total.shop
    postings = [posting for part in event.parts for posting in part_postings(part, event.on)]
    postings.append(Posting(on=event.on, role=RECEIVABLE, amount=total.shop))
    return Entry(event=event, on=event.on, postings=_nonzero(postings), discrepancy=zero, exchange=zero)


def part_postings(part: Part, on: date) -> tuple[Posting, ...]:
    """Own role -(net + discount), discount role +(discount), each tax -(amount) (convention 6)."""
    rows = [
        Posting(on=on, role=part_role(part), amount=-(part.net.shop + part.discount.shop)),
        Posting(on=on, role=discount_role(part), amount=part.discount.shop),
    ]
    rows += [
        Posting(on=on, role=tax_role(tax.channel_liable), amount=-tax.amount.shop, facet=tax.title)
        for tax in part.taxes
    ]
    return tuple(rows)


def _money_in(event: TenderEvent, account: Account) -> Entry:
    account.owed = account.owed - event.amount
    account.received = account.received + event.amount
    zero = event.amount.shop - event.amount.shop
    postings = _money_postings(event)
    postings.append(Posting(on=event.on, role=RECEIVABLE, amount=-event.amount.shop))
    exchange = _exchange(event, account, postings)
    return Entry(event=event, on=event.on, postings=_nonzero(postings), discrepancy=zero, exchange=exchange)


def _money_postings(event: TenderEvent) -> list[Posting]:
    """Clearing moves with the rounding, which goes to cash_rounding (convention 21)."""
    return [
        Posting(on=event.on, role=money_role(event), amount=event.amount.shop + event.rounding.shop),
        Posting(on=event.on, role="cash_rounding", amount=-event.rounding.shop),
    ]


def _money_out(order: Order, event: TenderEvent, account: Account, has_parts: bool) -> Entry:
    """Use up credit first; what is beyond it is a discrepancy, or owed again (conventions 18, 19, 31)."""
    given = -event.amount.presentment
    zero = given - given
    beyond = given - min(given, account.credit)
    if event.tender == "CHANGE":
        beyond = zero
    owed_again = zero
    if beyond and not has_parts and account.owed.presentment > zero:
        owed_again = min(beyond, max(zero, account.received.presentment))
    excess = beyond - owed_again
    discrepancy = _at_own_rate(event, excess)
    settled = Bag(event.amount.shop + discrepancy, event.amount.presentment + excess)
    account.owed = account.owed - settled
    account.received = account.received + event.amount
    postings = _money_postings(event)
    postings.append(Posting(on=event.on, role="refund_discrepancy", amount=discrepancy))
    postings.append(Posting(on=event.on, role=RECEIVABLE, amount=-settled.shop))
    exchange = _exchange(event, account, postings)
    flagged = (excess and has_parts) or owed_again
    flags = (_review(order, event, excess + owed_again),) if flagged else ()
    return Entry(
        event=event,
        on=event.on,
        postings=_nonzero(postings),
        discrepancy=discrepancy,
        exchange=exchange,
        flags=flags,
    )


def _at_own_rate(event: TenderEvent, excess: Money) -> Money:
    """Presentment money beyond the credit in shop money, at the tender's own rate, half-up."""
    amount = event.amount
    if not excess or not amount.presentment:
        return amount.shop - amount.shop
    if excess == -amount.presentment:
        return -amount.shop
    rate = excess.amount * amount.shop.amount / amount.presentment.amount
    return Money.rounded(rate, amount.shop.currency)


def _exchange(event: TenderEvent, account: Account, postings: list[Posting]) -> Money:
    """When presentment money comes to zero, what remains in shop money is an exchange difference."""
    left = account.owed.shop
    if account.owed.presentment or not left:
        return left - left
    postings.append(Posting(on=event.on, role="fx_gain_loss", amount=left))
    postings.append(Posting(on=event.on, role=RECEIVABLE, amount=-left))
    account.owed = Bag(left - left, account.owed.presentment)
    return left


def _review(order: Order, event: TenderEvent, unexplained: Money) -> Hold:
    return Hold(
        reason=Reason.REFUND_RESIDUAL_REVIEW,
        where=f"order {order.name}",
        sentence=f"{unexplained} was paid back beyond what the refund's parts explain.",
        next_step="Look at the refund in Shopify; the books show it as a refund discrepancy.",
        subject=event.key,
        cause=f"refund_residual:{event.key}",
    )


def _nonzero(postings: Sequence[Posting]) -> tuple[Posting, ...]:
    return tuple(posting for posting in postings if posting.amount)
