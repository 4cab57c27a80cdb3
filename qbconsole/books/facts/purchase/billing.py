"""What a vendor's bill says otherwise than the receipts: the difference, freight and tax, never the goods twice.

Ties decided here:

* Units billed and not yet received post nothing and are flagged `billed_not_received`; once they arrive, their
  difference is posted on the bill's own day, and the flag goes. Freight and tax do not wait.
* Units received and not yet billed wait for another bill; nothing is posted for them.
* A bill whose difference, freight and tax come to less than nothing is a VendorCredit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from qbconsole.books.facts.checks import happened, held
from qbconsole.books.facts.drawn import Drawn, joined
from qbconsole.books.facts.purchase.buying import Buying, charge, reversed_line
from qbconsole.books.facts.purchase.matching import Meeting, Met
from qbconsole.books.holds import Hold, Reason
from qbconsole.books.plan import DocumentKind, Plan, PlanLine
from qbconsole.money import Money, total
from qbconsole.shop.events import EventKind, FactEvent
from qbconsole.shop.purchases import VendorBill
from qbconsole.value import Value


class _Part(Value, kw_only=False):
    """One event of a bill and its lines, as a Bill has them."""

    event: FactEvent
    lines: tuple[PlanLine, ...]


def draw_bills(buying: Buying, meeting: Meeting, drawn_receipts: Mapping[str, DocumentKind]) -> Drawn:
    """Every bill; `drawn_receipts` tells what document each receipt's event is given now."""
    return joined(
        [
            _bill(buying, bill, f"B{at}", meeting, drawn_receipts)
            for at, bill in enumerate(buying.purchase.bills, 1)
        ]
    )


def _bill(
    buying: Buying,
    bill: VendorBill,
    suffix: str,
    meeting: Meeting,
    drawn_receipts: Mapping[str, DocumentKind],
) -> Drawn:
    met = [row for row in meeting.met if row.bill is bill]
    parts = [_extras(buying, bill), *_differences(buying, bill, met)]
    events = tuple(part.event for part in parts)
    what = f"bill {bill.number}"
    holds = [hold for event in events for hold in buying.holds(event, what)]
    groups = () if holds else _groups(buying, parts)
    flags = () if holds else _flags(buying, bill, events[0], meeting, drawn_receipts)
    return Drawn(
        events=events,
        plans=tuple(_document(buying, bill, group, suffix) for group in groups),
        holds=(*holds, *flags),
    )


def _extras(buying: Buying, bill: VendorBill) -> _Part:
    """Freight and tax, beside any goods."""
    lines = []
    if bill.freight:
        lines.append(charge("freight_in", bill.freight, f"Freight, bill {bill.number}"))
    if bill.tax:
        lines.append(charge("purchase_tax", bill.tax, f"Tax, bill {bill.number}"))
    said = (bill.freight.text(), bill.tax.text())
    key = buying.key(EventKind.BILL, bill.id)
    return _Part(happened(buying.shop, key, EventKind.BILL, bill.billed_on, said), tuple(lines))


def _differences(buying: Buying, bill: VendorBill, met: Sequence[Met]) -> Iterator[_Part]:
    """An event a receipt of which the bill tells other costs; where they agree there is none."""
    by_receipt: dict[str, list[Met]] = {}
    for row in met:
        by_receipt.setdefault(row.receipt.id, []).append(row)
    for receipt_id, rows in by_receipt.items():
        lines = tuple(
            charge(buying.goods_role, row.difference, _words(row), row.billed_line.sku)
            for row in rows
            if row.difference
        )
        if lines:
            said = [(line.sku, line.amount.text()) for line in lines]
            key = buying.key(EventKind.BILL, bill.id, receipt_id)
            yield _Part(happened(buying.shop, key, EventKind.BILL, bill.billed_on, said), lines)


def _words(row: Met) -> str:
    billed, received = row.billed_line.unit_cost.amount, row.received_line.unit_cost.amount
    return f"{row.billed_line.sku}: {row.units} billed at {billed:f}, received at {received:f}"


def _groups(buying: Buying, parts: Sequence[_Part]) -> list[list[_Part]]:
    """Parts by document: booked ones stay with the document that stands for them, new ones share one."""
    groups: dict[str, list[_Part]] = {}
    for part in parts:
        if part.lines:
            standing: Plan | None = buying.standing(part.event.key)
            groups.setdefault(standing.key if standing else "", []).append(part)
    return list(groups.values())


def _document(buying: Buying, bill: VendorBill, parts: Sequence[_Part], suffix: str) -> Plan:
    lines = [line for part in parts for line in part.lines]
    comes_to = total((line.amount for line in lines), buying.purchase.currency)
    less = comes_to < Money.zero(comes_to.currency)
    return buying.plan(
        DocumentKind.VENDOR_CREDIT if less else DocumentKind.BILL,
        [part.event for part in parts],
        [reversed_line(line) for line in lines] if less else lines,
        suffix=suffix,
        memo=f"Bill {bill.number} against what was received, purchase {buying.purchase.number}",
        vendor_number=bill.number,
    )


def _flags(
    buying: Buying,
    bill: VendorBill,
    event: FactEvent,
    meeting: Meeting,
    drawn_receipts: Mapping[str, DocumentKind],
) -> Iterator[Hold]:
    where = buying.told(f"bill {bill.number}")
    receipts = {row.receipt.id for row in meeting.met if row.bill is bill} | {bill.receipt_id}
    waiting = [
        receipt_id
        for receipt_id in sorted(filter(None, receipts))
        if _is_item_receipt(buying, receipt_id, drawn_receipts)
    ]
    if waiting:
        yield held(
            event.key,
            Reason.BILL_AFTER_RECEIPT,
            where,
            f"It bills goods of receipt {', '.join(waiting)}, which stands in QuickBooks as an item receipt.",
            "In QuickBooks open the item receipt and mark it as billed; the difference is posted apart.",
        )
    missing = [
        f"{units} of {line.sku or 'a product without SKU'}"
        for owed, line, units in meeting.unmet
        if owed is bill
    ]
    if missing:
        yield held(
            event.key,
            Reason.BILLED_NOT_RECEIVED,
            where,
            f"It bills {', '.join(missing)} not received yet; these goods are posted when they arrive.",
            "Receive them at the source, or ask the vendor for a credit.",
        )


def _is_item_receipt(buying: Buying, receipt_id: str, drawn: Mapping[str, DocumentKind]) -> bool:
    """As booked, whatever the policy says today; else as it is drawn now."""
    key = buying.key(EventKind.RECEIPT, receipt_id)
    standing = buying.standing(key)
    kind = standing.kind if standing else drawn.get(key)
    return kind is DocumentKind.ITEM_RECEIPT
