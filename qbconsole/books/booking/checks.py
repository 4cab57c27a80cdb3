"""Reasons to keep a whole order out of the books: it is a test, unfinished, foreign, or does not add up.

Nothing here repairs anything: a difference is shown, never plugged. Source: accounting.md section 5
(invariants 1 to 3) and section 13 (conventions 14 to 17, 32).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qbconsole.books.holds import Hold, Reason
from qbconsole.books.policy import Settings
from qbconsole.shop.agreements import LINE_TYPES
from qbconsole.shop.bag import Bag, bag_total
from qbconsole.shop.cancellations import Promise, fell_through_at, promise
from qbconsole.shop.events import OrderEvent
from qbconsole.shop.orders import Order, TaxLine
from qbconsole.shop.timeline import is_untold, tenders_marked_test


def order_holds(order: Order, settings: Settings, *, booked: bool = False) -> tuple[Hold, ...]:
    """Why none of the order's events may be booked now; empty when they may.

    With `booked` some of it is in the books already: what could keep the whole order out no longer counts,
    but new events still wait where its amounts do not add up.
    """
    return tuple(_holds(order, settings, booked))


def _holds(order: Order, settings: Settings, booked: bool) -> Iterator[Hold]:
    if order.test and not settings.include_test:
        yield _hold(
            order,
            Reason.TEST_ORDER,
            "It is a test order.",
            "Nothing to do; pull with --include-test to book test orders on purpose.",
        )
        return
    if order.currency != settings.home_currency:
        yield _hold(
            order,
            Reason.CURRENCY_MISMATCH,
            f"It is in {order.currency}, the company file is kept in {settings.home_currency}.",
            "Book it by hand, or post this shop into a company file of its currency.",
        )
    if order.missing:
        yield _hold(
            order,
            Reason.INCOMPLETE_ORDER,
            f"Shopify did not send {', '.join(order.missing)}, which its amounts need.",
            "Pull the order again with all its fields, or give the app the scope that shows them.",
        )
        return
    if not booked:
        yield from _too_early(order, settings)
        yield from _promises(order, settings)
    yield from _unknown(order)
    yield from _sums(order)


def untold_holds(order: Order, known: Sequence[OrderEvent]) -> tuple[Hold, ...]:
    """An order that was read by its sales agreements is told without them: money alone would say what it was for."""
    if not is_untold(order, known):
        return ()
    return (
        _hold(
            order,
            Reason.INCOMPLETE_ORDER,
            "Shopify did not send the sales agreements that it was read by before; what is new of it stands in those.",
            "Pull the order again from Shopify; if it is told so for good, book by hand what is new.",
        ),
    )


def tender_holds(order: Order) -> tuple[Hold, ...]:
    """Test money in an order that is none: it posts nothing and is listed; the order itself is booked."""
    return tuple(
        Hold(
            reason=Reason.TEST_ORDER,
            where=f"order {order.name}",
            sentence="A payment of it was made in test mode; it is not money.",
            next_step="Nothing to do, or take the gateway out of test mode in Shopify.",
            subject=f"txn/{tender_id}",
            cause=f"{Reason.TEST_ORDER}:{tender_id}",
        )
        for tender_id in tenders_marked_test(order)
    )


def lapsed_holds(order: Order, settings: Settings) -> tuple[Hold, ...]:
    """Listed beside the reversal of a sale that was booked on a promise of money alone."""
    return tuple(hold for hold in _promises(order, settings) if hold.reason is Reason.VOIDED)


def _too_early(order: Order, settings: Settings) -> Iterator[Hold]:
    if settings.policy.before_start == "opening_balance":
        return
    if settings.start is not None and order.shop.day(order.at) < settings.start:
        yield _hold(
            order,
            Reason.BEFORE_START,
            f"It is of {order.shop.day(order.at)}, before the start date {settings.start}.",
            "Enter what is still open of it by hand, or move the merchant's start date.",
        )


def _unknown(order: Order) -> Iterator[Hold]:
    """A kind of sale newer than this program is never guessed."""
    kinds = {sale.line_type for agreed in order.agreements for sale in agreed.sales} - LINE_TYPES
    if kinds:
        yield _hold(
            order,
            Reason.UNKNOWN_SALE,
            f"It has a sale of a kind this program does not know: {', '.join(sorted(kinds))}.",
            "Update qbconsole, or book the order by hand.",
        )


def _hold(order: Order, reason: Reason, sentence: str, next_step: str) -> Hold:
    return Hold(
        reason=reason,
        where=f"order {order.name}",
        sentence=sentence,
        next_step=next_step,
        subject=f"order/{order.id}",
        cause=f"{reason}:{order.id}",
    )


def _promises(order: Order, settings: Settings) -> Iterator[Hold]:
    """Money promised and not taken (conventions 16 and 32)."""
    state = promise(order)
    if state is Promise.OPEN and settings.policy.authorized == "hold":
        yield _hold(
            order,
            Reason.AUTHORIZED_UNCAPTURED,
            f"{order.total.shop} is authorised and not captured.",
            "Capture or cancel it in Shopify; it is booked on its own day then.",
        )
    if state is Promise.LAPSED:
        yield _hold(
            order,
            Reason.VOIDED,
            "Its payment was authorised and voided or lapsed; no money was taken.",
            "Nothing to do, unless the customer paid elsewhere.",
        )


def _sums(order: Order) -> Iterator[Hold]:
    """Invariants 1 to 3; the difference is shown."""
    taxes = [tax.amount for tax in _taxes(order)]
    if order.lines or not order.agreements:
        tax = bag_total(taxes, order.total)
        yield from _same(
            order, "lines, discounts, shipping, tax, fees and tip", _parts(order, tax), order.total
        )
        yield from _same(order, "tax lines", tax, order.total_tax)
    if order.agreements and fell_through_at(order) is None:
        yield from _agreed(order)


def _agreed(order: Order) -> Iterator[Hold]:
    """Invariant 3. Shopify's current total may or may not count differences it booked itself."""
    sales = [sale for agreed in order.agreements for sale in agreed.sales]
    own = bag_total([sale.total for sale in sales if sale.line_type != "ADJUSTMENT"], order.total)
    if own != order.current_total:
        whole = bag_total([sale.total for sale in sales], order.total)
        yield from _same(order, "sales agreements", whole, order.current_total)


def _same(order: Order, what: str, got: Bag, want: Bag | None) -> Iterator[Hold]:
    if want is None or got == want:
        return
    gap = want - got
    yield _hold(
        order,
        Reason.DOES_NOT_ADD_UP,
        f"Its {what} come to {got.shop}, Shopify says {want.shop}: {gap.shop or gap.presentment} apart.",
        "Compare the order in Shopify; pull it again once it is right there, or book it by hand.",
    )


def order_total(order: Order) -> Bag:
    """Invariant 1: lines − allocations + shipping + tax (exclusive only) + duties + fees + tip."""
    return _parts(order, bag_total([tax.amount for tax in _taxes(order)], order.total))


def _parts(order: Order, tax: Bag) -> Bag:
    charged = [line.total for line in order.lines if line.id not in order.tip_line_ids]
    off = [discount.amount for line in order.lines for discount in line.discounts]
    for shipping in order.shipping:
        if not shipping.is_removed:
            charged.append(shipping.price)
            off += [discount.amount for discount in shipping.discounts]
    charged += [duty.amount for line in order.lines for duty in line.duties]
    charged += [fee.price for fee in order.fees]
    charged += [order.tip] if order.tip else []
    charged += [] if order.taxes_included else [tax]
    return bag_total(charged, order.total) - bag_total(off, order.total)


def _taxes(order: Order) -> Iterator[TaxLine]:
    for line in order.lines:
        yield from line.taxes
        for duty in line.duties:
            yield from duty.taxes
    for shipping in order.shipping:
        if not shipping.is_removed:
            yield from shipping.taxes
    for fee in order.fees:
        yield from fee.taxes
