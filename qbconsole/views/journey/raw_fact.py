"""A kept fact beside orders as the shop told it, read for showing only: whatever is missing is left out.

Booking never reads through here; its own reading is strict.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from qbconsole.money import Money, MoneyError

_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")
#: What the rows of a list are called by, the first that is there.
_TITLES = ("type", "sku", "name", "title", "number", "id")
#: What a row's amount is called, the first that is there.
_AMOUNTS = ("net", "amount", "unitCost", "delta")


def raw_fact(raw: bytes) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str, str], ...]]:
    """Facts (label, value) and lines (title, quantity, amount); a body that is no object gives none."""
    try:
        body = json.loads(raw)
    except ValueError:
        body = {}
    row: Mapping[str, Any] = body if isinstance(body, dict) else {}
    inner = row.get("payout")
    told = {**inner, **row} if isinstance(inner, dict) else row
    return tuple(_facts(told)), tuple(_lines(row))


def _facts(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in row.items():
        text = _text(value)
        if text and key != "payout":
            yield _WORD.sub(" ", key).capitalize(), text


def _text(value: object) -> str:
    """A plain value or an amount of money; "" for tables and lists."""
    if isinstance(value, dict):
        shop = value.get("shopMoney")
        bag = shop if isinstance(shop, dict) else value
        if "amount" in bag:
            return _money(str(bag["amount"]), str(bag.get("currencyCode") or ""))
        return str(value.get("name") or "")
    if isinstance(value, list) or value is None:
        return ""
    return str(value)


def _money(amount: str, currency: str) -> str:
    """With the decimals of its currency ("5.0" is 5.00 USD); what is no such amount as it came."""
    try:
        return f"{Money.of(amount, currency).text()} {currency}".strip()
    except MoneyError:
        return f"{amount} {currency}".strip()


def _lines(row: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, str, str]]:
    """The rows of every list, one list after the other; rows of a row's own lists behind it."""
    for key, value in row.items():
        rows = value.get("nodes") if isinstance(value, dict) else value
        for one in rows if isinstance(rows, list) else ():
            if isinstance(one, dict):
                title = next((_text(one[name]) for name in _TITLES if one.get(name)), key)
                item = _text(one.get("item")) or _inner(one.get("item"))
                amount = next((_text(one[name]) for name in _AMOUNTS if one.get(name) is not None), "")
                test = "(test mode: ignored)" if one.get("test") is True else ""
                words = " ".join(filter(None, (within, title, item, test)))
                yield words, str(one.get("quantity") or ""), amount
                yield from _lines(one, title)


def _inner(item: object) -> str:
    return str(item.get("sku") or item.get("id") or "") if isinstance(item, dict) else ""
