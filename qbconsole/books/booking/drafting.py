"""The desk on which one order's documents are drawn up: what is open, which tenders of the day still wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from qbconsole.books.booking.cents import coin, in_cents
from qbconsole.books.booking.open_items import OpenItems
from qbconsole.books.booking.order import Entry
from qbconsole.books.identity import document_key
from qbconsole.books.plan import DocumentKind, Plan
from qbconsole.money import Money
from qbconsole.shop.events import TenderEvent
from qbconsole.shop.orders import Order

_SUFFIX = {
    DocumentKind.INVOICE: "E",
    DocumentKind.SALES_RECEIPT: "E",
    DocumentKind.CREDIT_MEMO: "C",
    DocumentKind.RECEIVE_PAYMENT: "P",
    DocumentKind.AR_REFUND_CREDIT_CARD: "R",
    DocumentKind.CHECK: "K",
    DocumentKind.JOURNAL_ENTRY: "J",
    DocumentKind.INVENTORY_ADJUSTMENT: "S",
}
_SALES = (DocumentKind.INVOICE, DocumentKind.SALES_RECEIPT)


class Moved(NamedTuple):
    """A tender and how it is booked."""

    entry: Entry
    event: TenderEvent

    @property
    def is_plain(self) -> bool:
        """True when it settles the customer's account and nothing else."""
        return not self.entry.exchange and not self.entry.discrepancy


@dataclass(slots=True)
class Drafting:
    """The plans of one order as they are drawn up; lives only inside `shape`."""

    order: Order
    items: OpenItems
    counts: Counter[str]
    #: False asks for invoices throughout.
    receipts: bool
    plans: list[Plan] = field(default_factory=list)
    #: Event -> key of the sales order its invoice is made from.
    ordered: Mapping[str, str] = field(default_factory=dict)
    #: The tenders of the day at hand.
    day: Sequence[Moved] = ()
    #: Keys of tenders that stand on a document.
    placed: set[str] = field(default_factory=set)

    def waiting(self) -> Iterator[Moved]:
        """Tenders of the day that stand on no document yet, oldest first."""
        return (moved for moved in self.day if moved.event.key not in self.placed)

    def money(self, amount: Money) -> Money:
        """An amount as QuickBooks can keep it."""
        return coin(amount)

    def add(self, kind: DocumentKind, on: date, event_key: str, part: str, **more: object) -> Plan:
        """Draw up one document; `more` are the other fields of a Plan."""
        plan = in_cents(
            Plan(
                key=document_key(self.order.shop.handle, event_key, part),
                kind=kind,
                on=on,
                currency=self.order.currency,
                number=self.order.name,
                suffix=self._suffix(kind, part),
                **more,  # type: ignore[arg-type]
            )
        )
        self.items.add(plan)
        self.plans.append(plan)
        return plan

    def _suffix(self, kind: DocumentKind, part: str) -> str:
        letter = "A" if part.startswith("apply") else _SUFFIX[kind]
        count = self.counts[letter]
        self.counts[letter] += 1
        if kind in _SALES:
            return f"E{count}" if count else ""
        return f"{letter}{count + 1}"

    def apply_credits(self, on: date, event_key: str) -> None:
        """Settle credits against open invoices, by payments of zero that name both."""
        for number, applied in enumerate(self.items.offset(), 1):
            self.add(
                DocumentKind.RECEIVE_PAYMENT,
                on,
                event_key,
                f"apply{number}",
                members=(),
                postings=(),
                money=Money.zero(self.order.currency),
                applied=(applied,),
                memo=f"Credit used for {self.order.name}",
            )


def true_day(entry: Entry) -> date | None:
    """The day of the event where a closing date moved its document."""
    return entry.event.on if entry.event.on != entry.on else None
