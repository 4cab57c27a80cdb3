"""Reasons to keep a whole order out of the books: it is a test, unfinished, foreign, or does not add up.

Nothing here repairs anything: a difference is shown, never plugged. Source: accounting.md section 5
(invariants 1 to 3) and section 13 (conventions 14 to 17, 32).
"""

from __future__ import annotations

from collections.abc import Iterator

from qbconsole.books.holds import Hold, Reason
from qbconsole.books.policy import Settings
from qbconsole.shop.bag import Bag, bag_total
from qbconsole.shop.orders import Order, TaxLine, Tender


def order_holds(order: Order, settings: Settings) -> tuple[Hold, ...]:
    """Why none of the order's events may be booked now; empty when they may."""
    return tuple(_holds(order, settings))


def _holds(order: Order, settings: Settings) -> Iterator[Hold]:
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
    if settings.start is not None and order.shop.day(order.at) < settings.start:
        yield _hold(
            order,
            Reason.BEFORE_START,
            f"It is of {order.shop.day(order.at)}, before the start date {settings.start}.",
            "Enter what is still open of it by hand, or move the merchant's start date.",
        )
    yield from _promises(order, settings)
    yield from _sums(order)


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
    promised = [t for t in order.tenders if t.kind in _PROMISE_KINDS and t.status == "SUCCESS"]
    taken = [t for t in order.tenders if t.kind in ("SALE", "CAPTURE") and t.status == "SUCCESS"]
    if not promised or taken:
        return
    if any(_is_open(order, tender) for tender in promised):
        if settings.policy.authorized == "hold":
            yield _hold(
                order,
                Reason.AUTHORIZED_UNCAPTURED,
                f"{order.total.shop} is authorised and not captured.",
                "Capture or cancel it in Shopify; it is booked on its own day then.",
            )
    elif not order.refunds:
        yield _hold(
            order,
            Reason.VOIDED,
            "Its payment was authorised and voided or lapsed; no money was taken.",
            "Nothing to do, unless the customer paid elsewhere.",
        )


_PROMISE_KINDS = ("AUTHORIZATION", "EMV_AUTHORIZATION")


def _is_open(order: Order, tender: Tender) -> bool:
    voided = any(
        other.kind == "VOID" and other.status == "SUCCESS" and other.parent_id in (tender.id, None)
        for other in order.tenders
    )
    expires = order.authorization_expires_at
    return not voided and not (expires is not None and expires <= order.updated_at)


def _sums(order: Order) -> Iterator[Hold]:
    """Invariants 1 to 3; the difference is shown."""
    for what, got, want in (
        ("lines, discounts, shipping, tax, fees and tip", order_total(order), order.total),
        ("tax lines", bag_total((tax.amount for tax in _taxes(order)), order.total), order.total_tax),
        ("sales agreements", _agreed(order), order.current_total if _agreements_tell_all(order) else None),
    ):
        if want is None or got == want:
            continue
        difference = want - got
        yield _hold(
            order,
            Reason.DOES_NOT_ADD_UP,
            f"Its {what} come to {got.shop}, Shopify says {want.shop}: {_gap(difference)} apart.",
            "Compare the order in Shopify; pull it again once it is right there, or book it by hand.",
        )


def _agreements_tell_all(order: Order) -> bool:
    """False where a cancellation came without an agreement: we book that one ourselves (convention 16)."""
    untold = order.cancelled_at and len(order.agreements) == 1 and not order.refunds
    return bool(order.agreements) and not untold


def _gap(difference: Bag) -> str:
    return str(difference.shop if difference.shop else difference.presentment)


def order_total(order: Order) -> Bag:
    """Invariant 1: lines − allocations + shipping + tax (exclusive only) + duties + fees + tip."""
    like = order.total
    amounts = [line.total for line in order.lines if line.id not in order.tip_line_ids]
    amounts += [line.price for line in order.shipping if not line.is_removed]
    amounts += [-d.amount for line in order.lines for d in line.discounts]
    amounts += [-d.amount for line in order.shipping if not line.is_removed for d in line.discounts]
    amounts += [duty.amount for line in order.lines for duty in line.duties]
    amounts += [fee.price for fee in order.fees]
    amounts += [order.tip] if order.tip else []
    if not order.taxes_included:
        amounts += [tax.amount for tax in _taxes(order)]
    return bag_total(amounts, like)


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


def _agreed(order: Order) -> Bag:
    return bag_total((sale.total for agreed in order.agreements for sale in agreed.sales), order.total)
