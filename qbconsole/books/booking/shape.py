"""Entries -> plans in detailed mode: which documents QuickBooks should hold for them.

Paid at once by one tender: a SalesReceipt. Else an Invoice and a ReceivePayment per tender. What comes back: a
CreditMemo, and per refund of money an ARRefundCreditCard (a Check for manual gateways) applied to it.
Everything is applied explicitly, by our own keys. Source: accounting.md section 2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from qbconsole.books.booking.drafting import Drafting, Moved
from qbconsole.books.booking.open_items import OpenItems
from qbconsole.books.booking.order import Entry
from qbconsole.books.booking.sale_documents import draw_sale
from qbconsole.books.booking.tender_documents import draw_journal, draw_tender
from qbconsole.books.ordered import sales_orders
from qbconsole.books.plan import Plan
from qbconsole.shop.events import SaleEvent, TenderEvent
from qbconsole.shop.orders import Order


def shape(
    order: Order, entries: Sequence[Entry], booked: Sequence[Plan], *, receipts: bool = True
) -> tuple[Plan, ...]:
    """Draw up the documents of entries not booked yet; `receipts` False asks for invoices throughout."""
    counts = Counter(plan.suffix[:1] or "E" for plan in booked)
    draft = Drafting(order, OpenItems.of(booked), counts, receipts, ordered=sales_orders(booked))
    for day in sorted({_day(entry) for entry in entries}):
        _one_day(draft, [entry for entry in entries if _day(entry) == day])
    return tuple(draft.plans)


def _day(entry: Entry) -> tuple[date, date]:
    """Days moved to one open day stay apart, so that each document can tell its true day."""
    return (entry.on, entry.event.on)


def _one_day(draft: Drafting, entries: Sequence[Entry]) -> None:
    """In the order things happened; a sale may take in money that comes later the same day."""
    draft.day = [Moved(e, e.event) for e in entries if isinstance(e.event, TenderEvent) and not e.is_deposit]
    waiting = {moved.event.key: moved for moved in draft.day}
    for entry in entries:
        if isinstance(entry.event, SaleEvent):
            draw_sale(draft, entry, entry.event)
        elif entry.event.key not in waiting:
            draw_journal(draft, entry)
        elif entry.event.key not in draft.placed:
            draw_tender(draft, waiting[entry.event.key])
