"""Reads a rendered request again and compares it with its document: a template lays out, it never decides.

A merchant's template may change words (memo, descriptions, addresses), fill custom fields, leave optional words out
and add classes, sales reps, ways of shipping, printed forms, messages or printing marks. Everything else of the
document must stand in the request as it is, in its order, and nothing beside it: money, counts, dates, keys, and the
accounts, items, taxes and names a document posts to; the laws of `books.proof` were proved for those. What is free is
listed, so an element nobody thought of is not. Amounts are compared as numbers.
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
from qbconsole.qbxml.schema import Fault, Schema
from qbconsole.qbxml.text import fit, fit_name

#: What a template may write as it likes, besides words.
FREE = frozenset(
    {
        "ClassRef",
        "CustomerMsgRef",
        "IsToBeEmailed",
        "IsToBePrinted",
        "SalesRepRef",
        "ShipMethodRef",
        "TemplateRef",
    }
)
#: Texts that are no words: they say which entry, which piece or which number it is.
_FIXED_TEXTS = frozenset(
    {
        *("AccountNumber", "AddSerialNumber", "BankNumber", "BarCodeValue", "DataExtName", "DataExtValue"),
        *("LotNumber", "ManufacturerPartNumber", "Name", "RefNumber", "RemoveSerialNumber", "ResaleNumber"),
        *("SerialNumber", "UnitOfMeasure", "VendorTaxIdent"),
    }
)
#: A custom field inside a document; owner "0" has the fields people see.
_CUSTOM, _PUBLIC = "DataExt", "0"
#: Aggregates a template may write or leave out, as the words in them.
_WORDS_ONLY = ("Address", "Contacts")
#: What stands for the start and the end of a line or another aggregate, among what is carried.
_BEGINS, _ENDS = "(begins)", "(ends)"
Carried = tuple[str, str]
#: How to read a class's fields that count: the element of each, and how it is carried.
Plan = tuple[Callable[[Any], tuple[Any, ...]], list[tuple[str, "_Carriage"]]]


class _Carriage(Enum):
    """How a field's value comes to stand in a request."""

    VALUE = "as an element of its own, or several"
    PARTS = "as an aggregate, or several"
    MEMO = "as words that end in our key"
    CUSTOM = "as custom fields, which a template may fill otherwise"


class Agreement:
    """Compares documents with what templates made of them."""

    def __init__(self, schema: Schema) -> None:
        self._counted = _counted(schema)
        self._marked = _marked(schema, self._counted)
        self._limits = {
            (request, path.rpartition("/")[2]): field.limit
            for (request, path), field in schema.fields.items()
        }
        self._plans: dict[type, Plan] = {}

    def disagreements(self, document: Any, rendered: etree._Element) -> list[Fault]:
        """Name the first difference between a document and its request; none for a faithful template."""
        request: str = document.request
        if request.endswith("Query"):
            return []  # a question changes nothing in QuickBooks
        found: list[Carried] = []
        memos: list[str] = []
        owners = {owner.text or "" for owner in rendered.iterfind(f".//{_CUSTOM}/OwnerID")}
        self._read(rendered, found, memos)
        expected: list[Carried] = []
        keys: list[str] = []
        own = {_PUBLIC}
        self._expect(document, expected, keys, own)
        faults = self._differences(request, expected, found) if found != expected else []
        faults += [_private(request, owner) for owner in sorted(owners - own)]
        return faults + [_dropped(request, key) for key in _lost(keys, memos)]

    def _read(self, node: etree._Element, found: list[Carried], memos: list[str]) -> None:
        """Collect what stands in a request, in order."""
        for child in node.iterchildren(etree.Element):
            tag = str(child.tag)
            if tag == "Memo":
                memos.append(child.text or "")
            elif tag.endswith("Ref"):
                # A reference's text is that of its one child; where it has two, neither is what we gave.
                text = "".join([one.text or "" for one in child])
                if tag in self._counted and text:
                    found.append((tag, text))
            elif tag in self._marked:
                found.append((tag, _BEGINS))
                self._read(child, found, memos)
                found.append((tag, _ENDS))
            elif len(child):
                if tag != _CUSTOM:
                    self._read(child, found, memos)
            elif tag in self._counted and child.text:
                found.append((tag, child.text))

    def _differences(self, request: str, expected: list[Carried], found: list[Carried]) -> list[Fault]:
        """Say where the two part; what follows the first difference is mostly the same one, shifted."""
        for should, does in zip_longest(expected, found):
            if should is None or does is None or not self._equal(request, should, does):
                name = (does or should or ("", ""))[0]
                return [Fault(f"{request}/{name}", 1, _sentence(should, does))]
        return []

    def _equal(self, request: str, should: Carried, does: Carried) -> bool:
        """Compare as QuickBooks would read them: names as they are stored, amounts as numbers."""
        (name, text), (named, written_text) = should, does
        limit = self._limits.get((request, name))
        fitted = fit_name(text, limit) if name == "Name" else fit(text, limit)
        if name != named or written_text in (text, fitted.text, fit(text).text):
            return name == named
        try:
            return Decimal(text) == Decimal(written_text)
        except InvalidOperation:
            return False

    def _expect(self, value: object, into: list[Carried], keys: list[str], owners: set[str]) -> None:
        """Collect what a document carries, in order, the keys its memos end in, and whose custom fields it has."""
        kind = type(value)
        plan = self._plans.get(kind)
        if plan is None:
            plan = self._plans[kind] = self._plan(kind)
        read, names = plan
        for each, (name, how) in zip(read(value), names, strict=True):
            if each is None or each == "":
                continue
            if how is _Carriage.VALUE:
                # "QuantityAdjustment/NewQuantity": the one value of an aggregate that is no class of its own.
                around, _, name = name.rpartition("/")
                values = each if isinstance(each, tuple) else (each,)
                leaves = [(name, one if type(one) is str else written(one)) for one in values]
                into.extend(
                    [(around, _BEGINS), *leaves, (around, _ENDS)] if around in self._marked else leaves
                )
            elif how is _Carriage.MEMO:
                if each.key:
                    keys.append(each.key)
            elif how is _Carriage.CUSTOM:
                owners.update(one.owner_id for one in each)
            else:
                for one in each if isinstance(each, tuple) else (each,):
                    marked = name in self._marked
                    if marked:
                        into.append((name, _BEGINS))
                    self._expect(one, into, keys, owners)
                    if marked:
                        into.append((name, _ENDS))

    def _plan(self, kind: type) -> Plan:
        """List the fields of a class that count."""
        elements: Mapping[str, str] = getattr(kind, "elements", {})
        hints = typing.get_type_hints(kind)
        wanted: dict[str, tuple[str, _Carriage]] = {}
        for field in fields(kind):
            path = elements.get(field.name) or element_name(field.name)
            name = path.rpartition("/")[2]
            kinds = [hints[field.name], *typing.get_args(hints[field.name])]
            if name == _CUSTOM:
                wanted[field.name] = (name, _Carriage.CUSTOM)
            elif Memo in kinds:
                wanted[field.name] = (name, _Carriage.MEMO)
            elif any(is_dataclass(each) and each is not Money for each in kinds):
                wanted[field.name] = (name, _Carriage.PARTS)
            elif name in self._counted:
                wanted[field.name] = (path, _Carriage.VALUE)
        return values_of(list(wanted)), list(wanted.values())


def _counted(schema: Schema) -> frozenset[str]:
    """Names of all elements that must be as the document has them: all but words and what is listed as free."""
    names = set(_FIXED_TEXTS)
    for (request, path), field in schema.fields.items():
        parent, _, name = path.rpartition("/")
        reference = parent.rpartition("/")[2]
        if request.endswith("Query"):
            continue
        if reference.endswith("Ref"):
            names.add(reference)
        elif not field.is_text:
            names.add(name)
    return frozenset(names - FREE)


def _marked(schema: Schema, counted: frozenset[str]) -> frozenset[str]:
    """Names of the aggregates something that counts stands in: whose it is, a debit's or a credit's, counts too."""
    found: set[str] = set()
    for request, path in schema.fields:
        *above, name = path.split("/")
        if above and above[-1].endswith("Ref"):
            name = above.pop()
        if name in counted and _CUSTOM not in above and not request.endswith("Query"):
            found.update(one for one in above if not one.endswith(_WORDS_ONLY))
    return frozenset(found - {request for request, _ in schema.fields})


def _private(request: str, owner: str) -> Fault:
    what = f'the template fills a private field of {owner}; custom fields people see have OwnerID "0"'
    return Fault(f"{request}/OwnerID", 1, what)


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


def _sentence(should: Carried | None, does: Carried | None) -> str:
    if should is None and does is not None:
        return f"the template adds {does[0]} {does[1]}, which the document does not have"
    if does is None and should is not None:
        return f"the template leaves out {should[0]} {should[1]}"
    if should is None or does is None or should[0] != does[0]:
        wanted = f"{should[0]} {should[1]}" if should else "nothing"
        return f"the template writes {does[0] if does else 'nothing'} where the document has {wanted}"
    return f"the template writes {does[0]} {does[1]}; the document says {should[1]}"
