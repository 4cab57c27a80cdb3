"""Reading one aggregate of a request: typed, by name, refusing what QuickBooks would refuse.

Text outside Windows-1252 is stored as '?', for ever, as in the field (qbwc-protocol.md section 12).
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from lxml import etree

from qbconsole.sandbox.quickbooks.file.records import Block, Refused, Value

_AMOUNT = re.compile(r"[+-]?[0-9]{1,13}(\.[0-9]{2})?")
_PRICE = re.compile(r"[+-]?[0-9]{1,10}(\.[0-9]{1,5})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TRUTH = {"true": True, "1": True, "false": False, "0": False}


class Named(NamedTuple):
    """What a ...Ref says; the ListID wins."""

    list_id: str
    full_name: str


class Given:
    """One element of a request and its children, first of each name at hand."""

    __slots__ = ("_first", "_named", "element", "tag")

    def __init__(self, element: etree._Element) -> None:
        self.element = element
        self.tag = str(element.tag)
        self._first: dict[str, etree._Element] = {}
        self._named: dict[str, Named | None] = {}
        for child in element:
            if isinstance(child.tag, str):
                self._first.setdefault(child.tag, child)

    def __contains__(self, name: str) -> bool:
        return name in self._first

    def attribute(self, name: str) -> str:
        """An attribute, empty when absent."""
        return self.element.get(name) or ""

    def names(self) -> list[str]:
        """The names of the children, each once, in order."""
        return list(self._first)

    def text(self, name: str) -> str:
        """The stored form of a text, trimmed; empty when absent."""
        child = self._first.get(name)
        return storable(child.text) if child is not None and child.text else ""

    def texts(self, name: str) -> list[str]:
        """All children of that name as text."""
        return [storable(child.text or "") for child in self.element.iterfind(name)]

    def part(self, name: str) -> Given | None:
        """A child aggregate."""
        child = self._first.get(name)
        return None if child is None else Given(child)

    def parts(self, *names: str) -> list[Given]:
        """All child aggregates of those names, in their order."""
        return [Given(child) for child in self.element if child.tag in names]

    def amount(self, name: str) -> Decimal | None:
        """An amount of money; code 3040 when it is none."""
        return self._decimal(name, _AMOUNT, 3040, "amount")

    def price(self, name: str) -> Decimal | None:
        """A price, rate, percentage or quantity; code 3045 when it is none."""
        return self._decimal(name, _PRICE, 3045, "price")

    def _decimal(self, name: str, form: re.Pattern[str], code: int, what: str) -> Decimal | None:
        text = self.text(name)
        if not text:
            return None
        if not form.fullmatch(text):
            raise Refused(
                code, f'There was an error when converting the {what} "{text}" in the "{name}" field.'
            )
        return Decimal(text)

    def flag(self, name: str) -> bool | None:
        """A boolean; code 3010 when it is none."""
        text = self.text(name)
        if not text:
            return None
        if text not in _TRUTH:
            raise Refused(3010, f'There was an error when converting the boolean value "{text}" in "{name}".')
        return _TRUTH[text]

    def day(self, name: str) -> date | None:
        """A date; code 3020 when it is none."""
        text = self.text(name)
        if not text:
            return None
        try:
            if not _DAY.fullmatch(text):
                raise ValueError(text)
            return date.fromisoformat(text)
        except ValueError as cause:
            message = f'There was an error when converting the date value "{text}" in the "{name}" field.'
            raise Refused(3020, message) from cause

    def named(self, name: str) -> Named | None:
        """A reference, None when absent or blank."""
        child = self._first.get(name)
        if child is None:
            return None
        if name not in self._named:
            self._named[name] = _named(child)
        return self._named[name]

    def kept(self, name: str) -> Value:
        """A child to be echoed later: text, or the whole aggregate."""
        child = self._first[name]
        return _keep(child) if len(child) else storable(child.text or "")


def _named(child: etree._Element) -> Named | None:
    list_id = full_name = ""
    for part in child:
        if part.tag == "ListID":
            list_id = (part.text or "").strip()
        elif part.tag == "FullName":
            full_name = storable(part.text or "")
    return Named(list_id, full_name) if list_id or full_name else None


def _keep(element: etree._Element) -> Value:
    if not len(element):
        return storable(element.text or "")
    return Block(tuple((str(child.tag), _keep(child)) for child in element if isinstance(child.tag, str)))


@lru_cache(maxsize=4096)
def storable(text: str) -> str:
    """Text as the company file can hold it."""
    text = text.strip()
    return text if text.isascii() else text.encode("cp1252", "replace").decode("cp1252")
