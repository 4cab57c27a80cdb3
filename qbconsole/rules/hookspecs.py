"""Every hook a merchant's plugin can implement: signature, one sentence, no body.

Arguments are passed by name, so an implementation names only those it needs. All of them are frozen values;
None is the answer "I have no opinion". docs/hooks.md shows an example of each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias

import pluggy

from qbconsole.books.holds import Hold
from qbconsole.books.news import News
from qbconsole.books.plan import PlanLine
from qbconsole.shop.events import Event, FactEvent
from qbconsole.shop.orders import Order, OrderLine

#: Raised when a hook or an argument is taken away or changes its meaning; new ones do not raise it.
HOOK_API = 1
PROJECT = "qbconsole"
#: What the merchant says to this plugin in mappings.toml, as the plugin's OPTIONS declares it.
Options: TypeAlias = Mapping[str, Any]

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec(firstresult=True)
def choose_document(
    order: Order, channel: str, day: date | None, merchant: str, options: Options
) -> str | None:
    """Say whether a sale that is paid at once becomes a "SalesReceipt" or an "Invoice"."""


@hookspec(firstresult=True)
def choose_customer(
    order: Order, channel: str, day: date | None, merchant: str, options: Options
) -> str | None:
    """Name the QuickBooks customer an order is written to."""


@hookspec(firstresult=True)
def choose_vendor(vendor: str, day: date | None, merchant: str, options: Options) -> str | None:
    """Name the QuickBooks vendor that stands for one of the shop's vendors."""


@hookspec(firstresult=True)
def choose_item(
    line: PlanLine,
    sale_line: OrderLine | None,
    order: Order,
    role: str,
    channel: str,
    day: date | None,
    merchant: str,
    options: Options,
) -> str | None:
    """Name the QuickBooks item a line is written with, and so the accounts it posts to."""


@hookspec(firstresult=True)
def choose_account(
    role: str,
    line: PlanLine | None,
    sale_line: OrderLine | None,
    order: Order | None,
    channel: str,
    day: date | None,
    merchant: str,
    options: Options,
) -> str | None:
    """Name the account a role posts to here, instead of the item's own where a line is given."""


@hookspec(firstresult=True)
def choose_class(
    line: PlanLine | None,
    sale_line: OrderLine | None,
    order: Order,
    channel: str,
    day: date | None,
    merchant: str,
    options: Options,
) -> str | None:
    """Name the class of one line, or of the whole sale where line is None."""


@hookspec(firstresult=True)
def choose_tax(
    line: PlanLine,
    sale_line: OrderLine | None,
    title: str,
    order: Order,
    channel: str,
    day: date | None,
    merchant: str,
    options: Options,
) -> str | None:
    """Name the sales-tax item for one tax of an order."""


@hookspec(firstresult=True)
def choose_payment_method(
    gateway: str, order: Order, channel: str, day: date | None, merchant: str, options: Options
) -> str | None:
    """Name the payment method of money that came through a gateway."""


@hookspec(firstresult=True)
def choose_field(
    field: str, kind: str, order: Order, channel: str, day: date | None, merchant: str, options: Options
) -> str | None:
    """Say what a document's terms, sales_rep, ship_method, template, customer_message, site or memo shall be."""


@hookspec
def hold_event(
    event: Event, order: Order, channel: str, day: date, merchant: str, options: Options, news: News
) -> str | Hold | Sequence[str | Hold] | None:
    """Say in a sentence why an event must wait for a person; the reasons of all plugins count."""


@hookspec
def hold_fact(
    fact: object, event: FactEvent, day: date, merchant: str, options: Options
) -> str | Hold | Sequence[str | Hold] | None:
    """Say in a sentence why a payout, fee, gift card, purchase or movement of stock must wait for a person."""


@hookspec
def amend_document(
    document: object, order: Order, day: date | None, merchant: str, options: Options
) -> object:
    """Return a changed copy of a document, or a dict of its changed fields; the laws are checked again."""


@hookspec
def document_recorded(
    document: object, order: Order | None, txn_id: str, merchant: str, options: Options
) -> None:
    """Take note that QuickBooks recorded a document; nothing can be changed any more."""
