"""Answers: what booking asks the merchant's rules, and what an answer looks like.

`books` only knows this shape; `rules.asking` gives the answers from plugins and mappings.toml. Every answer
says who gave it, because "why this account?" must always have an answer too.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date
from typing import Protocol

from qbconsole.books.holds import Hold
from qbconsole.books.news import NOTHING_NEW, News
from qbconsole.books.plan import DocumentKind, PlanLine
from qbconsole.shop.events import Event, FactEvent
from qbconsole.shop.orders import Order, OrderLine
from qbconsole.value import Value

#: Between the titles of several taxes that one tax group of QuickBooks stands for.
TOGETHER = " + "


class Provenance(Value):
    """Who decided, and who was asked before and said nothing."""

    #: "mappings.toml", or a plugin's name.
    who: str
    #: "mappings.toml:14", or "plugins/oak_ember.py:22".
    place: str = ""
    #: Hook that answered; "" for a table of mappings.toml.
    hook: str = ""
    #: Plugin's version and the first 12 hex digits of its sha256.
    version: str = ""
    sha256: str = ""
    silent: tuple[str, ...] = ()


class Choice(Value):
    """One answer."""

    value: str
    by: Provenance
    #: True when a rule or plugin said it for this very line or sale, not a table for the role.
    explicit: bool = False


class Answers(Protocol):
    """What the rules answer for one merchant; None means nobody named anything."""

    def on(self, day: date) -> Answers:
        """The same merchant's answers for events of a shop date: dated rules are honoured by it."""

    def alike(self, line: PlanLine, sold: OrderLine | None, order: Order) -> Hashable | None:
        """What decides the item, accounts, tax item and class of a line besides its own words and kind.

        `sold` is the order's line behind it. None where a plugin answers or a rule looks further: then each line is
        asked about by itself.
        """

    def alike_sale(self, order: Order) -> Hashable | None:
        """What decides the names in the head of a sales document besides its kind, its gateway and its role of money.

        None where a plugin answers, or a rule, the buyer or a field of the mapping has a say.
        """

    def document(self, order: Order) -> Choice | None:
        """ "SalesReceipt" (default) or "Invoice" for a sale that is paid at once."""

    def customer(self, order: Order) -> Choice | None:
        """Full name of the QuickBooks customer."""

    def vendor(self, vendor: str) -> Choice | None:
        """Full name of the QuickBooks vendor that stands for one of the shop's vendors."""

    def channel(self, order: Order) -> str:
        """Label of the order's channel: "Online Store"."""

    def item(self, line: PlanLine, order: Order) -> Choice | None:
        """Full name of the item a line is written with."""

    def account(self, role: str, line: PlanLine | None, order: Order | None) -> Choice | None:
        """Full name of the account a role posts to, here."""

    def class_(self, line: PlanLine | None, order: Order) -> Choice | None:
        """Full name of the class; of the whole sale where line is None."""

    def tax_item(self, line: PlanLine, order: Order) -> Choice | None:
        """Name of the sales-tax item (or other-charge item) for one tax.

        Where QuickBooks computes the tax: the item or tax group for all taxes of a line, titles parted by TOGETHER.
        """

    def agency(self, tax_item: str) -> Choice | None:
        """Name of the vendor a sales-tax item owes its tax to."""

    def fixed_item(self, word: str) -> Choice | None:
        """Name of an item no role needs: "zero_tax" (the 0 % tax item), "subtotal" or "payment" (a day's money)."""

    def payment_method(self, gateway: str, order: Order) -> Choice | None:
        """Name of the payment method."""

    def field(self, name: str, order: Order, kind: DocumentKind) -> Choice | None:
        """What a field of `books.documents.fields` says on a document of this kind; None leaves it out."""

    def unregistered(self, order: Order) -> Choice | None:
        """The province an order's tax may not be owed to, and where that is said; None where all is well."""

    def holds(self, event: Event, order: Order, news: News = NOTHING_NEW) -> tuple[Hold, ...]:
        """Reasons of plugins and filters to keep an event out of the books for now."""

    def fact_holds(self, event: FactEvent, fact: object, label: str) -> tuple[Hold, ...]:
        """Reasons of plugins to keep a fact beside orders out of the books for now."""

    def amend(self, document: object, order: Order) -> tuple[object, tuple[Provenance, ...]]:
        """The document as a plugin wants it, and who changed it."""
