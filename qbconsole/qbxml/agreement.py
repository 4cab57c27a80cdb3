"""Reads a rendered request again and compares it with its document: a template lays out, it never decides.

A merchant's template may change words (memo, descriptions, addresses, messages), leave optional words out and
add classes, sales reps or printing marks. It may not change money, counts, dates of posting, keys, or the
accounts, items and names that a document posts to; the laws of `books.proof` were proved for those. Amounts
are compared as numbers, in order, element by element; what a template adds counts as a difference too.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal, InvalidOperation
from itertools import zip_longest
from typing import Any
from xml.sax.saxutils import escape, unescape

from lxml import etree

from qbconsole.books.documents import Memo
from qbconsole.money import Money
from qbconsole.qbxml.flat import element_name, values_of, written
from qbconsole.qbxml.schema import Fault
from qbconsole.qbxml.text import fit

#: Names, numbers and keys that say where and when a document posts and which one it is.
ANCHORS = frozenset(
    {
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
        "ExpenseAccountRef",
        "ExternalGUID",
        "IncomeAccountRef",
        "InventorySiteRef",
        "IsAutoApply",
        "IsPending",
        "ItemRef",
        "ItemSalesTaxRef",
        "OverrideItemAccountRef",
        "OwnerID",
        "PayeeEntityRef",
        "PaymentMethodRef",
        "PriceLevelRef",
        "RefNumber",
        "RefundFromAccountRef",
        "SalesTaxCodeRef",
        "TaxVendorRef",
        "TxnDate",
        "TxnDelType",
        "TxnID",
        "TxnVoidType",
    }
)
Carried = tuple[str, str]
#: How to read a class's fields that count, with the element of each and whether it has parts of its own.
Plan = tuple[Callable[[Any], tuple[Any, ...]], list[tuple[str, bool]]]
#: Made once a class: a fact about our own code, not about any document.
_PLANS: dict[type, Plan] = {}
#: Every element with text, by the name that counts: a reference is known by its own name, not by FullName.
#: Runs over XML that lxml wrote anew: no blanks in tags, no comments, no CDATA can hide an element from it.
_WITH_TEXT = re.compile(r"<(\w+)>(?:\s*<(?:ListID|FullName)/?>)*([^<]+)(?=<)")


def disagreements(document: Any, rendered: etree._Element, numbers: frozenset[str]) -> list[Fault]:
    """Name the first difference between a document and its rendered request; none for a faithful template.

    `numbers` are the elements that hold money, rates and counts (`Schema.numbers`).
    """
    if document.request.endswith("Query"):
        return []  # a question changes nothing in QuickBooks
    text = etree.tostring(rendered, encoding="unicode")
    found: list[Carried] = [
        each for each in _WITH_TEXT.findall(text) if each[0] in ANCHORS or each[0] in numbers
    ]
    expected: list[Carried] = []
    _expect(document, expected, numbers)
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


def _expect(value: object, into: list[Carried], numbers: frozenset[str]) -> None:
    """Collect what a document carries, in order."""
    kind = type(value)
    plan = _PLANS.get(kind)
    if plan is None:
        plan = _PLANS[kind] = _plan(kind, numbers)
    read, names = plan
    for each, (name, is_part) in zip(read(value), names, strict=True):
        if each is None or each == "":
            continue
        if is_part:
            for one in each if isinstance(each, tuple) else (each,):
                _expect(one, into, numbers)
        else:
            into.append((name, each if type(each) is str else written(each)))


def _plan(kind: type, numbers: frozenset[str]) -> Plan:
    """List the fields of a class that count, with the element each is written to."""
    elements: Mapping[str, str] = getattr(kind, "elements", {})
    hints = typing.get_type_hints(kind)
    wanted: dict[str, tuple[str, bool]] = {}
    for field in fields(kind):
        name = elements.get(field.name) or element_name(field.name)
        if (is_part := _holds_parts(hints[field.name])) or name in ANCHORS or name in numbers:
            wanted[field.name] = (name, is_part)
    return values_of(list(wanted)), list(wanted.values())


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


def _equal(should: str, does: str) -> bool:
    """Compare as QuickBooks would read them: names as they are stored, amounts as numbers."""
    if unescape(does) in (should, fit(should).text):
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
