"""Reads a rendered request again and compares it with its document: a template lays out, it never decides.

A merchant's template may change words (memo, descriptions, addresses, messages), leave optional words out and
add classes, sales reps or printing marks. It may not change money, counts, dates of posting, keys, or the
accounts, items and names that a document posts to; the laws of `books.proof` were proved for those. Amounts
are compared as numbers, in order, element by element; what a template adds counts as a difference too.
"""

from __future__ import annotations

import functools
import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal, InvalidOperation
from itertools import zip_longest
from operator import attrgetter
from typing import Any
from xml.sax.saxutils import escape, unescape

from lxml import etree

from qbconsole.books.documents import Memo
from qbconsole.money import Money
from qbconsole.qbxml.flat import element_name, written
from qbconsole.qbxml.schema import Fault
from qbconsole.qbxml.text import fit_reference, is_plain

#: Every element of ours that holds money, a rate or a count.
NUMBERS = frozenset(
    """Amount AppliedAmount CreditLimit DiscountAmount DiscountPct DiscountRate DiscountRatePercent ExchangeRate
    OpenBalance PaymentAmount Price PricePercent PurchaseCost Quantity QuantityOnHand Rate RatePercent RefundAmount
    ReorderPoint SalesPrice TaxRate TotalAmount TotalValue Cost Max""".split()
)
#: Names, numbers and keys that say where and when a document posts and which one it is.
ANCHORS = frozenset(
    """ARAccountRef AccountRef AssetAccountRef COGSAccountRef CreditTxnID CustomerRef CustomerSalesTaxCodeRef
    DepositToAccountRef DiscountAccountRef ExpenseAccountRef ExternalGUID IncomeAccountRef InventorySiteRef IsAutoApply
    IsPending ItemRef ItemSalesTaxRef OverrideItemAccountRef PayeeEntityRef PaymentMethodRef PriceLevelRef RefNumber
    RefundFromAccountRef SalesTaxCodeRef TaxVendorRef TxnDate TxnDelType TxnID TxnVoidType CurrencyRef AccountType
    OwnerID DataExtName DataExtValue""".split()
)
Carried = tuple[str, str]
#: Runs over XML that lxml wrote anew: no blanks in tags, no comments, no CDATA can hide an element from it.
_CARRIED = re.compile(
    rf"<({'|'.join(sorted(NUMBERS | ANCHORS))})>(?:\s*<(?:ListID|FullName)>)?([^<]*)<",
)


def disagreements(document: Any, rendered: etree._Element) -> list[Fault]:
    """Name the first difference between a document and its rendered request; none for a faithful template."""
    if document.request.endswith("Query"):
        return []  # a question changes nothing in QuickBooks
    text = etree.tostring(rendered, encoding="unicode")
    found: list[Carried] = _CARRIED.findall(text)
    expected: list[Carried] = []
    _expect(document, expected)
    faults = []
    if found != expected:
        faults += _differences(document.request, expected, found)
    memo = getattr(document, "memo", None)
    if isinstance(memo, Memo) and memo.key and f"[{escape(memo.key)}]</Memo>" not in text:
        faults.append(
            Fault(
                f"{document.request}/Memo",
                1,
                f"the template drops the key [{memo.key}] from the end of the memo, by which we find the document",
            )
        )
    return faults


def _expect(value: Any, into: list[Carried]) -> None:
    """Collect what a document carries, in order."""
    for read, name, kind in _plan(type(value)):
        each = read(value)
        if each is None or each == ():
            continue
        if kind == "part":
            for one in each if isinstance(each, tuple) else (each,):
                _expect(one, into)
        elif kind == "reference":
            into.append((name, each if is_plain(each) else fit_reference(each).text))
        else:
            into.append((name, each if isinstance(each, str) else written(each)))


@functools.cache
def _plan(kind: type) -> tuple[tuple[Callable[[Any], Any], str, str], ...]:
    """List the fields of a class that count, with the element each is written to."""
    elements: Mapping[str, str] = getattr(kind, "elements", {})
    hints = typing.get_type_hints(kind)
    plan = []
    for field in fields(kind):
        name = elements.get(field.name) or element_name(field.name)
        if _holds_parts(hints[field.name]):
            plan.append((attrgetter(field.name), name, "part"))
        elif name in NUMBERS or name in ANCHORS:
            plan.append((attrgetter(field.name), name, "reference" if name.endswith("Ref") else "value"))
    return tuple(plan)


def _holds_parts(hint: Any) -> bool:
    kinds = [hint, *typing.get_args(hint)]
    return any(is_dataclass(kind) and kind not in (Money, Memo) for kind in kinds)


def _differences(request: str, expected: list[Carried], found: list[Carried]) -> list[Fault]:
    """Say where the two part; what follows the first difference is mostly the same one, shifted."""
    for should, does in zip_longest(expected, found):
        if should is None or does is None or should[0] != does[0] or not _equal(should[1], does[1]):
            name = (does or should or ("", ""))[0]
            return [Fault(f"{request}/{name}", 1, _sentence(should, does))]
    return []


def _equal(one: str, other: str) -> bool:
    if one == unescape(other):
        return True
    try:
        return Decimal(one) == Decimal(other)
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
