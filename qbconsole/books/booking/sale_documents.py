"""Documents of what is owed: SalesReceipt where the day's money settles it, else Invoice; CreditMemo for what
comes back. A gift card of the same day is a negative line, since a payment cannot go to a liability.
"""

from __future__ import annotations

from collections.abc import Sequence

from qbconsole.books.booking.drafting import Drafting, Moved, true_day
from qbconsole.books.booking.lines import liability_line, owed_for, rounding_line, sales_lines, sides
from qbconsole.books.booking.order import Entry, owed_postings
from qbconsole.books.booking.roles_of import is_liability, money_role
from qbconsole.books.plan import DocumentKind, Member, PlanLine, netted
from qbconsole.money import Money, total
from qbconsole.shop.events import Part, SaleEvent
from qbconsole.shop.orders import Order


def draw_sale(draft: Drafting, entry: Entry, event: SaleEvent) -> None:
    """Draw up what one sale event makes owed and gives back."""
    sold, back = sides(event.parts)
    if sold:
        alone = not back and event.key not in draft.ordered
        group = _settling(draft, sold) if alone else None
        if group is not None:
            _receipt(draft, entry, event, sold, group)
        else:
            _owed(draft, DocumentKind.INVOICE, entry, event, sold, part="sold" if back else "")
    if back:
        _owed(draft, DocumentKind.CREDIT_MEMO, entry, event, back, part="returned" if sold else "")
    draft.apply_credits(entry.on, event.key)


def _settling(draft: Drafting, sold: Sequence[Part]) -> list[Moved] | None:
    """The day's tenders that settle a sale exactly, with one money gateway at most; None when none do."""
    if not draft.receipts or not draft.items.are_settled:
        return None
    left = owed_for(sold, draft.order.currency)
    group: list[Moved] = []
    for moved in draft.waiting():
        if not left:
            break
        if moved.event.tender != "REFUND":
            left = left - moved.event.amount.shop
            group.append(moved)
    roles = {money_role(moved.event) for moved in group if not is_liability(moved.event)}
    settles = not left and len(roles) <= 1 and all(moved.is_plain for moved in group)
    return group if settles else None


def _receipt(
    draft: Drafting, entry: Entry, event: SaleEvent, sold: Sequence[Part], group: Sequence[Moved]
) -> None:
    tenders = [moved.event for moved in group]
    money = [tender for tender in tenders if not is_liability(tender)]
    lines = [*sales_lines(sold, credit=False)]
    lines += [rounding_line(tender) for tender in money if tender.rounding.shop]
    lines += [liability_line(tender) for tender in tenders if is_liability(tender)]
    draft.placed |= {tender.key for tender in tenders}
    first = (money or tenders)[0] if tenders else None
    draft.add(
        DocumentKind.SALES_RECEIPT,
        entry.on,
        event.key,
        "1",
        members=(Member(event_key=event.key), *(Member(event_key=tender.key) for tender in tenders)),
        postings=netted((*entry.postings, *(p for moved in group for p in moved.entry.postings))),
        lines=tuple(lines),
        money_role=money_role(money[0]) if money else "clearing:other",
        money=total([m for t in money for m in (t.amount.shop, t.rounding.shop)], draft.order.currency),
        gateway=first.gateway if first else "",
        memo=_words(draft.order, event),
        true_on=true_day(entry),
    )


def _owed(
    draft: Drafting, kind: DocumentKind, entry: Entry, event: SaleEvent, parts: Sequence[Part], *, part: str
) -> None:
    """An invoice or memo of some parts, with gift cards of the day that fit on it whole."""
    currency = draft.order.currency
    credit = kind is DocumentKind.CREDIT_MEMO
    lines: list[PlanLine] = [*sales_lines(parts, credit=credit)]
    if not lines:
        return
    used = _fitting_cards(draft, total([line.amount for line in lines], currency), incoming=not credit)
    lines += [liability_line(moved.event) for moved in used]
    draft.placed |= {moved.event.key for moved in used}
    own = owed_postings(parts, entry.on, owed_for(parts, currency))
    draft.add(
        kind,
        entry.on,
        event.key,
        part or "1",
        members=(
            Member(event_key=event.key, part=part),
            *(Member(event_key=moved.event.key) for moved in used),
        ),
        postings=netted((*own, *(posting for moved in used for posting in moved.entry.postings))),
        lines=tuple(lines),
        memo=_words(draft.order, event),
        true_on=true_day(entry),
        fills="" if credit or part else draft.ordered.get(event.key, ""),
    )


def _fitting_cards(draft: Drafting, room: Money, *, incoming: bool) -> list[Moved]:
    """Gift-card and store-credit tenders of the day, in this direction, that fit on the document whole."""
    fitting = []
    for moved in draft.waiting():
        amount = moved.event.amount.shop if incoming else -moved.event.amount.shop
        if is_liability(moved.event) and moved.is_plain and amount.amount > 0 and amount <= room:
            fitting.append(moved)
            room = room - amount
    return fitting


def _words(order: Order, event: SaleEvent) -> str:
    words = {
        "ORDER_EDIT": f"Edit of {order.name}",
        "REFUND": f"Refund of {order.name}",
        "RETURN": f"Return of {order.name}",
        "CANCEL": f"Cancellation of {order.name}",
        "VOID": f"Payment of {order.name} voided",
        "REVIVED": f"{order.name} after all",
    }.get(event.reason, f"Shopify {order.name}")
    return f"{words}, PO {order.po_number}" if order.po_number and event.reason == "ORDER" else words
