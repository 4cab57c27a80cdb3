"""Answers that stand before a merchant's own and pass every question on; whoever knows better overrides some."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from qbconsole.books.answers import Answers, Choice, Provenance
from qbconsole.books.holds import Hold
from qbconsole.books.news import NOTHING_NEW, News
from qbconsole.books.plan import DocumentKind, PlanLine
from qbconsole.shop.events import Event, FactEvent
from qbconsole.shop.orders import Order, OrderLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Relayed:
    """A merchant's answers as they are."""

    answers: Answers

    def on(self, day: date) -> Self:
        """The same on a shop date."""
        return replace(self, answers=self.answers.on(day))

    def alike(self, line: PlanLine, sold: OrderLine | None, order: Order) -> Hashable | None:
        """The merchant's."""
        return self.answers.alike(line, sold, order)

    def alike_sale(self, order: Order) -> Hashable | None:
        """The merchant's."""
        return self.answers.alike_sale(order)

    def document(self, order: Order) -> Choice | None:
        """The merchant's."""
        return self.answers.document(order)

    def customer(self, order: Order) -> Choice | None:
        """The merchant's."""
        return self.answers.customer(order)

    def vendor(self, vendor: str) -> Choice | None:
        """The merchant's."""
        return self.answers.vendor(vendor)

    def channel(self, order: Order) -> str:
        """The merchant's."""
        return self.answers.channel(order)

    def item(self, line: PlanLine, order: Order) -> Choice | None:
        """The merchant's."""
        return self.answers.item(line, order)

    def account(self, role: str, line: PlanLine | None, order: Order | None) -> Choice | None:
        """The merchant's."""
        return self.answers.account(role, line, order)

    def class_(self, line: PlanLine | None, order: Order) -> Choice | None:
        """The merchant's."""
        return self.answers.class_(line, order)

    def tax_item(self, line: PlanLine, order: Order) -> Choice | None:
        """The merchant's."""
        return self.answers.tax_item(line, order)

    def agency(self, tax_item: str) -> Choice | None:
        """The merchant's."""
        return self.answers.agency(tax_item)

    def fixed_item(self, word: str) -> Choice | None:
        """The merchant's."""
        return self.answers.fixed_item(word)

    def payment_method(self, gateway: str, order: Order) -> Choice | None:
        """The merchant's."""
        return self.answers.payment_method(gateway, order)

    def field(self, name: str, order: Order, kind: DocumentKind) -> Choice | None:
        """The merchant's."""
        return self.answers.field(name, order, kind)

    def unregistered(self, order: Order) -> Choice | None:
        """The merchant's."""
        return self.answers.unregistered(order)

    def holds(self, event: Event, order: Order, news: News = NOTHING_NEW) -> tuple[Hold, ...]:
        """The merchant's."""
        return self.answers.holds(event, order, news)

    def fact_holds(self, event: FactEvent, fact: object, label: str) -> tuple[Hold, ...]:
        """The merchant's."""
        return self.answers.fact_holds(event, fact, label)

    def amend(self, document: object, order: Order) -> tuple[object, tuple[Provenance, ...]]:
        """The merchant's."""
        return self.answers.amend(document, order)
