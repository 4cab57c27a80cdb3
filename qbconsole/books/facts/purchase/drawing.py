"""A purchase drawn up: the order, then per receipt exactly one document, then what bills and credits change.

Ordering posts nothing. Goods are posted once, on the day they arrive, at the receipt's own cost; a bill posts only
what it says otherwise, on its own day. Source: accounting.md section 2 and section 13, conventions 27 and 28.

| event | key | document |
|---|---|---|
| ordered | `purchase/<number>` | PurchaseOrder, where vendors are kept apart (`modes.vendors = "detailed"`) |
| received | `receipt/<number>.<receipt>` | Bill or ItemReceipt (`policy.receipts`), filling the order |
| billed | `bill/<number>.<bill>` | freight and tax: Bill, or VendorCredit where it comes to less than nothing |
| billed, per receipt | `bill/<number>.<bill>.<receipt>` | what the same units cost more; on the document above while it is not booked |
| given back | `vendor_credit/<number>.<credit>` | VendorCredit |
"""

from __future__ import annotations

from collections.abc import Sequence

from qbconsole.books.facts.checks import happened, held
from qbconsole.books.facts.drawn import Drawn, joined
from qbconsole.books.facts.purchase.billing import draw_bills
from qbconsole.books.facts.purchase.buying import Buying, charge
from qbconsole.books.facts.purchase.matching import Meeting, by_day, meet
from qbconsole.books.holds import Reason
from qbconsole.books.plan import DocumentKind, Plan
from qbconsole.books.policy import Settings
from qbconsole.money import total
from qbconsole.shop.events import EventKind
from qbconsole.shop.orders import Shop
from qbconsole.shop.purchases import Purchase, PurchaseLine, Receipt, VendorReturn


def draw_purchase(purchase: Purchase, shop: Shop, settings: Settings, booked: Sequence[Plan]) -> Drawn:
    """Everything the purchase means now; an event that has nothing to post is listed without a document."""
    buying = Buying(purchase=purchase, shop=shop, settings=settings, booked=tuple(booked))
    meeting = meet(purchase)
    ordered = _ordered(buying)
    received = _received(buying, meeting, fills=_order_key(buying, ordered))
    billed = draw_bills(buying, meeting, {plan.members[0].event_key: plan.kind for plan in received.plans})
    returned = [_given_back(buying, at, credit) for at, credit in enumerate(purchase.returns, 1)]
    return joined([ordered, received, billed, *returned])


def _said(lines: Sequence[PurchaseLine]) -> list[tuple[str, int, str]]:
    return [(line.sku, line.quantity, str(line.unit_cost.amount.normalize())) for line in lines]


def _ordered(buying: Buying) -> Drawn:
    """The order; one that is a draft has not happened."""
    purchase = buying.purchase
    if purchase.ordered_on is None:
        return Drawn()
    said = [purchase.vendor, *_said(purchase.lines)]
    key = buying.key(EventKind.PURCHASE)
    event = happened(buying.shop, key, EventKind.PURCHASE, purchase.ordered_on, said)
    holds = tuple(buying.holds(event, ""))
    if holds or not purchase.lines or not buying.keeps_orders:
        return Drawn(events=(event,), holds=holds)
    lines = buying.all_goods(purchase.lines)
    memo = f"Purchase order {purchase.number}"
    plan = buying.plan(DocumentKind.PURCHASE_ORDER, [event], lines, suffix="", memo=memo)
    return Drawn(events=(event,), plans=(plan,))


def _order_key(buying: Buying, ordered: Drawn) -> str:
    """Key of the purchase order's document, booked or about to be; "" where there is none."""
    standing = buying.standing(buying.key(EventKind.PURCHASE))
    if standing is not None:
        return standing.key
    return next((plan.key for plan in ordered.plans), "")


def _received(buying: Buying, meeting: Meeting, fills: str) -> Drawn:
    """One document a receipt, oldest first, so that each fills what the ones before left open."""
    places = {receipt.id: at for at, receipt in enumerate(buying.purchase.receipts, 1)}
    open_units = [line.quantity for line in buying.purchase.lines]
    parts = []
    for receipt in by_day(buying.purchase.receipts):
        filled = _fill(buying.purchase.lines, open_units, receipt)
        parts.append(
            _receipt(buying, receipt, f"R{places[receipt.id]}", meeting, filled if fills else {}, fills)
        )
    return joined(parts)


def _fill(ordered: Sequence[PurchaseLine], open_units: list[int], receipt: Receipt) -> dict[int, int]:
    """Line of the receipt -> line of the order, from 1: the first of its SKU still open, each at most once."""
    filled: dict[int, int] = {}
    for at, line in enumerate(receipt.lines):
        for place, wanted in enumerate(ordered):
            if wanted.sku == line.sku and open_units[place] > 0 and place + 1 not in filled.values():
                open_units[place] -= line.quantity
                filled[at] = place + 1
                break
    return filled


def _receipt(
    buying: Buying, receipt: Receipt, suffix: str, meeting: Meeting, filled: dict[int, int], fills: str
) -> Drawn:
    key = buying.key(EventKind.RECEIPT, receipt.id)
    event = happened(buying.shop, key, EventKind.RECEIPT, receipt.received_on, _said(receipt.lines))
    holds = tuple(buying.holds(event, f"receipt {receipt.id}"))
    if holds or not receipt.lines:
        return Drawn(events=(event,), holds=holds)
    as_bill = buying.settings.policy.receipts == "bill"
    plan = buying.plan(
        DocumentKind.BILL if as_bill else DocumentKind.ITEM_RECEIPT,
        [event],
        buying.all_goods(receipt.lines, filled),
        suffix=suffix,
        memo=f"Goods received, purchase {buying.purchase.number}, receipt {receipt.id}",
        vendor_number=_vendor_number(buying, receipt, meeting) if as_bill else "",
        fills=fills if filled else "",
    )
    return Drawn(events=(event,), plans=(plan,))


def _vendor_number(buying: Buying, receipt: Receipt, meeting: Meeting) -> str:
    """The number of the first bill for the receipt, where one is known already."""
    named = [bill for bill in buying.purchase.bills if bill.receipt_id == receipt.id]
    found = [*named, *(met.bill for met in meeting.met if met.receipt.id == receipt.id)]
    return min(found, key=lambda bill: bill.billed_on).number if found else ""


def _given_back(buying: Buying, at: int, credit: VendorReturn) -> Drawn:
    """What the vendor credits: goods leave stock at the credited cost; the rest of `amount` follows them."""
    key = buying.key(EventKind.VENDOR_CREDIT, credit.id)
    goods = total((line.amount for line in buying.all_goods(credit.lines)), buying.purchase.currency)
    whole = goods if credit.amount is None else credit.amount
    said = [str(whole.amount.normalize()), *_said(credit.lines)]
    event = happened(buying.shop, key, EventKind.VENDOR_CREDIT, credit.credited_on, said)
    holds = list(buying.holds(event, f"credit {credit.number}"))
    if whole.amount < 0:
        sentence = f"It comes to {whole}, less than nothing; that is a bill, no credit."
        step = "Correct it at its source: what is owed to the vendor belongs in `bills`."
        where = buying.told(f"credit {credit.number}")
        holds.append(held(key, Reason.DOES_NOT_ADD_UP, where, sentence, step))
    lines = buying.all_goods(credit.lines)
    if whole - goods:
        lines.append(charge(buying.goods_role, whole - goods, f"Credit {credit.number}"))
    if holds or not lines:
        return Drawn(events=(event,), holds=tuple(holds))
    came_with = f", receipt {credit.receipt_id}" if credit.receipt_id else ""
    plan = buying.plan(
        DocumentKind.VENDOR_CREDIT,
        [event],
        lines,
        suffix=f"V{at}",
        memo=f"Vendor's credit {credit.number}, purchase {buying.purchase.number}{came_with}",
        vendor_number=credit.number,
    )
    return Drawn(events=(event,), plans=(plan,))
