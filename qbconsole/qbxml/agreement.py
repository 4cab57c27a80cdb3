"""Reads a rendered request again and compares it with its document: a template lays out, it never decides.

A merchant's template may change words (memo, descriptions, addresses, messages), leave optional words out and
add classes, sales reps or printing marks. It may not change money, counts, dates of posting, keys, or the
accounts, items and names that a document posts to; the laws of `books.proof` were proved for those. Amounts
are compared as numbers, in order, element by element; what a template adds counts as a difference too.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum
from itertools import zip_longest
from typing import Any

from lxml import etree

from qbconsole.books.documents import Memo
from qbconsole.money import Money
from qbconsole.qbxml.flat import element_name, values_of, written
from qbconsole.qbxml.schema import Fault
from qbconsole.qbxml.text import fit

#: Names, numbers and keys that say where and when a document posts and which one it is.
ANCHORS = frozenset(
    {
        "APAccountRef",
        "ARAccountRef",
        "AccountRef",
        "AccountType",
        "AssetAccountRef",
        "COGSAccountRef",
        "CreditTxnID",
        "CurrencyRef",
        "CustomerRef",
        "CustomerSalesTaxCodeRef",
        "DataExtName",
        "DataExtValue",
        "DepositToAccountRef",
        "DiscountAccountRef",
        "EntityRef",
        "ExpenseAccountRef",
        "ExternalGUID",
        "FromInventorySiteRef",
        "IncomeAccountRef",
        "InventorySiteRef",
        "IsAutoApply",
        "IsPending",
        "ItemRef",
        "ItemSalesTaxRef",
        "LinkToTxnID",
        "OverrideItemAccountRef",
        "OwnerID",
        "PayeeEntityRef",
        "PaymentMethodRef",
        "PriceLevelRef",
        "RefNumber",
        "RefundFromAccountRef",
        "SalesTaxCodeRef",
        "TaxVendorRef",
        "ToInventorySiteRef",
        "TxnDate",
        "TxnDelType",
        "TxnID",
        "TxnLineID",
        "TxnVoidType",
        "VendorRef",
    }
)
Carried = tuple[str, str]
#: How to read a class's fields that count: the element of each, and how it is carried.
Plan = tuple[Callable[[Any], tuple[Any, ...]], list[tuple[str, "_Carriage"]]]


class _Carriage(Enum):
    """How a field's value comes to stand in a request."""

    VALUE = "as an element of its own, or several"
    PARTS = "as an aggregate, or several"
    MEMO = "as words that end in our key"


class Agreement:
    """Compares documents with what templates made of them; `numbers` is `Schema.numbers`."""

    def __init__(self, numbers: frozenset[str]) -> None:
        self._counted = numbers | ANCHORS
        self._tags = [*sorted(self._counted), "Memo"]
        self._plans: dict[type, Plan] = {}

    def disagreements(self, document: Any, rendered: etree._Element) -> list[Fault]:
        """Name the first difference between a document and its request; none for a faithful template."""
        if document.request.endswith("Query"):
            return []  # a question changes nothing in QuickBooks
        found: list[Carried] = []
        memos: list[str] = []
        for node in rendered.iter(self._tags):
            # A reference's own text is that of its one child; where it has two, neither is what we gave.
            text = node.text if not len(node) else "".join([child.text or "" for child in node])
            if node.tag == "Memo":
                memos.append(text or "")
            elif text:
                found.append((node.tag, text))
        expected: list[Carried] = []
        keys: list[str] = []
        self._expect(document, expected, keys)
        faults = _differences(document.request, expected, found) if found != expected else []
        return faults + [_dropped(document.request, key) for key in _lost(keys, memos)]

    def _expect(self, value: object, into: list[Carried], keys: list[str]) -> None:
        """Collect what a document carries, in order, and the keys its memos end in."""
        kind = type(value)
        plan = self._plans.get(kind)
        if plan is None:
            plan = self._plans[kind] = self._plan(kind)
        read, names = plan
        for each, (name, how) in zip(read(value), names, strict=True):
            if each is None or each == "":
                continue
            if how is _Carriage.VALUE:
                for one in each if isinstance(each, tuple) else (each,):
                    into.append((name, one if type(one) is str else written(one)))
            elif how is _Carriage.MEMO:
                if each.key:
                    keys.append(each.key)
            else:
                for one in each if isinstance(each, tuple) else (each,):
                    self._expect(one, into, keys)

    def _plan(self, kind: type) -> Plan:
        """List the fields of a class that count."""
        elements: Mapping[str, str] = getattr(kind, "elements", {})
        hints = typing.get_type_hints(kind)
        wanted: dict[str, tuple[str, _Carriage]] = {}
        for field in fields(kind):
            name = (elements.get(field.name) or element_name(field.name)).rpartition("/")[2]
            kinds = [hints[field.name], *typing.get_args(hints[field.name])]
            if Memo in kinds:
                wanted[field.name] = (name, _Carriage.MEMO)
            elif any(is_dataclass(each) and each is not Money for each in kinds):
                wanted[field.name] = (name, _Carriage.PARTS)
            elif name in self._counted:
                wanted[field.name] = (name, _Carriage.VALUE)
        return values_of(list(wanted)), list(wanted.values())


def _lost(keys: list[str], memos: list[str]) -> list[str]:
    """List the keys that fewer memos end in than should."""
    return [
        key
        for key in dict.fromkeys(keys)
        if sum(memo.endswith(f"[{key}]") for memo in memos) < keys.count(key)
    ]


def _dropped(request: str, key: str) -> Fault:
    what = f"the template drops the key [{key}] from the end of the memo, by which we find the document"
    return Fault(f"{request}/Memo", 1, what)


def _differences(request: str, expected: list[Carried], found: list[Carried]) -> list[Fault]:
    """Say where the two part; what follows the first difference is mostly the same one, shifted."""
    for should, does in zip_longest(expected, found):
        if should is None or does is None or should[0] != does[0] or not _equal(should[1], does[1]):
            name = (does or should or ("", ""))[0]
            return [Fault(f"{request}/{name}", 1, _sentence(should, does))]
    return []


def _equal(should: str, does: str) -> bool:
    """Compare as QuickBooks would read them: names as they are stored, amounts as numbers."""
    if does in (should, fit(should).text):
        return True
    try:
        return Decimal(should) == Decimal(does)
    except InvalidOperation:
        return False


def _sentence(should: Carried | None, does: Carried | None) -> str:
    if should is None and does is not None:
        return f"the template adds {does[0]} {does[1]}, which the document does not have"
    if does is None and should is not None:
        return f"the template leaves out {should[0]} {should[1]}"
    if should is None or does is None or should[0] != does[0]:
        wanted = f"{should[0]} {should[1]}" if should else "nothing"
        return f"the template writes {does[0] if does else 'nothing'} where the document has {wanted}"
    return f"the template writes {does[0]} {does[1]}; the document says {should[1]}"
