"""Answers that repeat the names of a document: what follows one up must meet it on its account and customer."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from qbconsole.books.answers import Choice, Provenance
from qbconsole.books.documents import CreditMemo, Invoice, SalesReceipt
from qbconsole.books.documents.fields import FIELDS
from qbconsole.books.holds import Hold
from qbconsole.books.naming.following.relayed import Relayed
from qbconsole.books.news import NOTHING_NEW, News
from qbconsole.books.plan import DocumentKind, PlanLine
from qbconsole.shop.events import Event, FactEvent
from qbconsole.shop.orders import Order, OrderLine

SalesDocument = SalesReceipt | Invoice | CreditMemo
_BY = Provenance(who="qbconsole", place="as on the document it follows up")


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied(Relayed):
    """A merchant's answers, but for the names `like` has already; no plugin changes what comes of it."""

    like: SalesDocument

    def alike(self, line: PlanLine, sold: OrderLine | None, order: Order) -> Hashable | None:
        """None: the document it follows up decides."""
        return None

    def alike_sale(self, order: Order) -> Hashable | None:
        """None, for the same reason."""
        return None

    def customer(self, order: Order) -> Choice | None:
        """The document's own."""
        return _copy(self.like.customer_ref)

    def account(self, role: str, line: PlanLine | None, order: Order | None) -> Choice | None:
        """The account the document's total went to; `rounding` is the merchant's to name."""
        if role == "rounding":
            return self.answers.account(role, line, order)
        if isinstance(self.like, SalesReceipt):
            return _copy(self.like.deposit_to_account_ref)
        return _copy(self.like.ar_account_ref)

    def class_(self, line: PlanLine | None, order: Order) -> Choice | None:
        """The document's own."""
        return _copy(self.like.class_ref) if line is None else None

    def field(self, name: str, order: Order, kind: DocumentKind) -> Choice | None:
        """The document's own, where it stands in its head; a printed form only fits its own kind."""
        ref = FIELDS[name].ref
        if not ref or (name == "template" and kind != type(self.like).__name__):
            return None
        return _copy(getattr(self.like, ref, None))

    def unregistered(self, order: Order) -> Choice | None:
        """None: its document is in QuickBooks already."""
        return None

    def holds(self, event: Event, order: Order, news: News = NOTHING_NEW) -> tuple[Hold, ...]:
        """None: its document is in QuickBooks already."""
        return ()

    def fact_holds(self, event: FactEvent, fact: object, label: str) -> tuple[Hold, ...]:
        """None: its document is in QuickBooks already."""
        return ()

    def amend(self, document: object, order: Order) -> tuple[object, tuple[Provenance, ...]]:
        """As it is."""
        return document, ()


def _copy(name: str | None) -> Choice | None:
    return Choice(value=name, by=_BY) if name else None
