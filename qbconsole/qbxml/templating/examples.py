"""Examples of every request, made from the classes themselves: the smallest, the fullest, one for each choice.

`templates check` renders them, and so do our own tests.
"""

from __future__ import annotations

import types
import typing
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Protocol

from qbconsole.books.documents import (
    Memo,
    deposit,
    items,
    journal_entry,
    list_entries,
    posting,
    purchasing,
    questions,
    sales_orders,
    stock,
)
from qbconsole.money import Money
from qbconsole.qbxml.templating.facts import Facts, LineFacts, OrderFacts

GUID = "{5f0c0b3e-8c1e-5a53-9d2c-0a8f3c1d2e4f}"
#: What a field of free text cannot show: choices, keys, short codes.
VALUES: dict[str, Any] = {
    "account_type": "Income",
    "account_types": ("Income", "Bank"),
    "active_status": "All",
    "assign_to_objects": ("Company", "SalesReceipt"),
    "billable_status": "NotBillable",
    "data_ext_type": "STR255TYPE",
    "detail_level": "SummaryOnly",
    "external_guid": GUID,
    "iterator": "Start",
    "list_del_types": ("Customer", "Account"),
    "other_data_ext_type": "Company",
    "owner_id": GUID,
    "owner_ids": (GUID, "0"),
    "paid_status": "NotPaidOnly",
    "payment_method_type": "Visa",
    "posting_status": "Posting",
    "preferred_delivery_method": "Email",
    "sales_rep_ref": "JD",
    "sales_tax_code_ref": "Non",
    "customer_sales_tax_code_ref": "Non",
    "txn_del_type": "ReceivePayment",
    "txn_del_types": ("Invoice", "Check"),
    "txn_types": ("Invoice", "SalesReceipt"),
    "txn_void_type": "SalesReceipt",
}
#: Fields that exclude one another: the fullest example leaves these out; further examples use them.
EXCLUDED = {
    "ReceivePayment": {"is_auto_apply"},
    "ItemNonInventory": {"sales_and_purchase"},
    "ItemService": {"sales_and_purchase"},
    "ItemOtherCharge": {"sales_and_purchase"},
    "ItemDiscount": {"discount_rate"},
    "TransactionQuery": {"txn_ids"},
    "InventorySiteQuery": {"list_ids", "full_names"},
    "InventoryAdjustmentLine": {"new_quantity"},
}
#: Where requests are described.
MODULES = (posting, deposit, purchasing, stock, sales_orders, items, journal_entry, list_entries, questions)
_KEYS = {"list_ids", "full_names", "txn_ids", "ref_numbers", "ref_numbers_case_sensitive"}


class Request(Protocol):
    """A document, list entry or question: it names its request and its template."""

    request: ClassVar[str]
    template: ClassVar[str]


def all_requests() -> list[type[Request]]:
    """Every class that names a request, in the order of the modules."""
    return [
        kind
        for module in MODULES
        for kind in vars(module).values()
        if isinstance(kind, type) and kind.__module__ == module.__name__ and hasattr(kind, "request")
    ]


def _hint(hint: Any) -> Any:
    if isinstance(hint, types.UnionType):
        return next(each for each in typing.get_args(hint) if each is not types.NoneType)
    return hint


def value(name: str, hint: Any, *, full: bool) -> Any:
    """A value for a field of this name and type."""
    wanted = _hint(hint)
    if name in VALUES:
        return VALUES[name]
    if typing.get_origin(wanted) is tuple:
        one = value(name.removesuffix("s"), typing.get_args(wanted)[0], full=full)
        return (one, one) if full else (one,)
    if is_dataclass(wanted) and wanted not in (Money, Memo):
        return (fullest if full else smallest)(typing.cast(type, wanted))
    return {
        str: "Ab",
        Money: Money.of("12.50", "USD"),
        Decimal: Decimal("1.5"),
        bool: True,
        int: 30,
        date: date(2026, 3, 4),
        datetime: datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
        Memo: Memo(text="Shopify #1001", key="qbc1/oak-ember/order/1/1/0"),
    }[wanted]


def smallest(kind: type) -> Any:
    """Only what must be there."""
    hints = typing.get_type_hints(kind)
    given = {
        field.name: value(field.name, hints[field.name], full=False)
        for field in fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    }
    if kind.__name__ in ("ItemNonInventory", "ItemService", "ItemOtherCharge"):
        given["sales_or_purchase"] = items.SalesOrPurchase()
    if kind is stock.InventoryAdjustmentLine:
        given["quantity_difference"] = Decimal("-1")
    if kind is posting.ReceivePayment:
        given["applied_to"] = (posting.AppliedTo(txn_id="1-1"),)
    return kind(**given)


def fullest(kind: type, **changes: Any) -> Any:
    """Every field that may stand beside the others."""
    out = set(EXCLUDED.get(kind.__name__, ()))
    if issubclass(kind, questions.ListQuestion | questions.DatedQuestion):
        out |= _KEYS | {"from_txn_date", "to_txn_date"}
    hints = typing.get_type_hints(kind)
    given = {
        field.name: value(field.name, hints[field.name], full=True)
        for field in fields(kind)
        if field.name not in out
    }
    return kind(**(given | changes))


def examples(kind: type) -> list[Any]:
    """Smallest, fullest, and one for each choice the fullest cannot show."""
    found = [smallest(kind), fullest(kind)]
    if kind is posting.ReceivePayment:
        found.append(fullest(kind, is_auto_apply=False, applied_to=()))
    if kind.__name__ in ("ItemNonInventory", "ItemService", "ItemOtherCharge"):
        both = fullest(items.SalesAndPurchase)
        found.append(fullest(kind, sales_or_purchase=None, sales_and_purchase=both))
    if kind is items.ItemDiscount:
        found.append(fullest(kind, discount_rate=Decimal("2.5"), discount_rate_percent=None))
    if kind is stock.InventoryAdjustment:
        line = stock.InventoryAdjustmentLine(item_ref="SKU-1", new_quantity=Decimal(0))
        found.append(fullest(kind, lines=(line,)))
    keys = _KEYS & {field.name for field in fields(kind)}
    found += [kind(**{key: ("Ab", "Cd")}) for key in sorted(keys)]
    if issubclass(kind, questions.DatedQuestion):
        found.append(kind(from_txn_date=date(2026, 1, 1), to_txn_date=date(2026, 2, 1)))
    return found


def example_facts(document: Any) -> Facts:
    """Everything an order can tell of a document, with letters that want care."""
    text = 'Ann <Example> & "Co", Łódź'
    given: dict[str, Any] = dict.fromkeys(OrderFacts.__struct_fields__, text)
    given |= {"id": "8734", "name": "#1001", "date": "2026-03-04"}
    given |= dict.fromkeys(("tags", "discount_codes", "shipping"), (text, text))
    line = LineFacts(**dict.fromkeys(LineFacts.__struct_fields__, text))
    return Facts(order=OrderFacts(**given), lines=tuple(line for _ in getattr(document, "lines", ())))
