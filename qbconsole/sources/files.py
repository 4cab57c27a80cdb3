"""`pull --from-file`: shop facts from disk, in the shapes of the Admin GraphQL API.

Two forms: one JSON object (accounting.md section 13, "Shapes of pull --from-file"), or bulk JSONL, one object a
line, children carrying `__parentId`. A file is taken whole or not at all: what is cut off, malformed or of an
unknown kind is an error that names the line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from qbconsole.errors import InputUnreadable

#: Lists of the file -> kind of snapshot, and how each row is identified.
KINDS: dict[str, str] = {
    "orders": "order",
    "payouts": "payout",
    "disputes": "dispute",
    "giftCards": "gift_card",
    "storeCreditTransactions": "store_credit",
    "inventoryAdjustmentGroups": "inventory_group",
    "cashSessions": "cash_session",
    "fees": "fee",
    "inventoryTransfers": "transfer",
    "purchases": "purchase",
}
_CHILDREN = {
    "LineItem": "lineItems",
    "ShippingLine": "shippingLines",
    "Refund": "refunds",
    "OrderTransaction": "transactions",
    "RefundLineItem": "refundLineItems",
    "Return": "returns",
}


#: What reading JSON raises: wrong JSON, wrong UTF-8, JSON nested beyond all reason.
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopFile:
    """What one file holds."""

    #: The shop as the file tells it; None in bulk JSONL.
    shop: Mapping[str, Any] | None
    #: Kind of snapshot -> rows, raw.
    rows: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    closing_date: date | None = None


def read_file(path: Path) -> ShopFile:
    """Read a file whole. Raises InputUnreadable with file:line and what to do."""
    try:
        data = path.read_bytes()
    except OSError as cause:
        raise InputUnreadable(
            f"the file cannot be read: {cause.strerror or cause}",
            where=str(path),
            next="Check the path and its permissions.",
        ) from cause
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        return _jsonl(path, data)
    return _json(path, data)


def _json(path: Path, data: bytes) -> ShopFile:
    try:
        raw = msgspec.json.decode(data)
    except _UNREADABLE as cause:
        raise InputUnreadable(
            f"the file is no JSON: {_sentence(cause)}",
            where=f"{path.name}:{_line(data, cause)}",
            next="Export it again; a file that was cut off ends in the middle of a value.",
        ) from cause
    if not isinstance(raw, dict):
        raise InputUnreadable("the file holds no JSON object", where=f"{path.name}:1")
    shop = raw.get("shop")
    if not isinstance(shop, dict):
        raise InputUnreadable(
            'the file has no "shop"',
            where=f"{path.name}:1",
            next='Add {"shop": {"myshopifyDomain": …, "currencyCode": …, "ianaTimezone": …}}.',
        )
    rows = {kind: _rows(path, raw, name) for name, kind in KINDS.items() if raw.get(name)}
    if "purchase" in rows:
        rows["purchase"] = _each_once(path, rows["purchase"])
    return ShopFile(shop=shop, rows=rows, closing_date=_closing_date(path, raw.get("closing_date")))


def _rows(path: Path, raw: Mapping[str, Any], name: str) -> tuple[Mapping[str, Any], ...]:
    value = raw[name]
    if isinstance(value, dict):
        value = value.get("nodes")
    if not isinstance(value, list):
        raise InputUnreadable(f'"{name}" is no list', where=path.name)
    for number, row in enumerate(value, 1):
        if not isinstance(row, dict):
            raise InputUnreadable(f'"{name}" row {number} is no object', where=path.name)
    return tuple(value)


def _each_once(path: Path, purchases: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """A purchase told twice counts once; two that share a number are no change of each other: nobody knows which holds."""
    first: dict[str, int] = {}
    kept: list[Mapping[str, Any]] = []
    for at, row in enumerate(purchases):
        number = str(row.get("number") or "")
        before = first.setdefault(number, at) if number else at
        if before == at:
            kept.append(row)
        elif purchases[before] != row:
            raise InputUnreadable(
                f'"purchases" row {before + 1} and row {at + 1} both have the number {number} and differ',
                where=path.name,
                next="Give each purchase a number of its own, or join the two rows into one.",
            )
    return tuple(kept)


def _closing_date(path: Path, value: object) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError as cause:
        raise InputUnreadable(
            f"closing_date {value!r} is no date", where=path.name, next="Write it as 2026-01-31."
        ) from cause


def _jsonl(path: Path, data: bytes) -> ShopFile:
    """Join children to their parents; a last line without its end means that the file was cut off."""
    if data and not data.endswith(b"\n"):
        last = data.count(b"\n") + 1
        tail = data[data.rfind(b"\n") + 1 :]
        try:
            msgspec.json.decode(tail)
        except _UNREADABLE as cause:
            raise InputUnreadable(
                "the file ends in the middle of a line",
                where=f"{path.name}:{last}",
                next="Download the bulk result again and whole; nothing of it was taken in.",
            ) from cause
    # Children may stand before their parents, so all rows are read before any is joined.
    rows = list(_lines(path, data))
    parents = {str(row["id"]): row for _, row in rows if row.get("id")}
    for number, row in rows:
        parent_id = row.pop("__parentId", None)
        if parent_id is not None:
            _adopt(path, number, parents, str(parent_id), row)
        elif "/Order/" not in str(row.get("id")):
            kind = row.get("id") or "no id"
            raise InputUnreadable(f"a row of an unknown kind: {kind}", where=f"{path.name}:{number}")
    orders = tuple(row for row_id, row in parents.items() if "/Order/" in row_id)
    return ShopFile(shop=None, rows={"order": orders})


def _lines(path: Path, data: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = msgspec.json.decode(line)
        except _UNREADABLE as cause:
            raise InputUnreadable(
                f"line {number} is no JSON: {_sentence(cause)}", where=f"{path.name}:{number}"
            ) from cause
        if not isinstance(row, dict):
            raise InputUnreadable("a line that is no object", where=f"{path.name}:{number}")
        yield number, row


def _adopt(
    path: Path, number: int, parents: dict[str, dict[str, Any]], parent_id: str, row: dict[str, Any]
) -> None:
    parent = parents.get(parent_id)
    if parent is None:
        raise InputUnreadable(f"a child of an unknown parent {parent_id}", where=f"{path.name}:{number}")
    kind = str(row.get("id") or row.get("__typename") or "").removeprefix("gid://shopify/").split("/", 1)[0]
    if kind.endswith("Agreement"):
        name = "agreements"
    elif kind.endswith("Sale"):
        name = "sales"
    else:
        name = _CHILDREN.get(kind, "")
    if not name:
        raise InputUnreadable(f"a child of an unknown kind {kind!r}", where=f"{path.name}:{number}")
    held = parent.get(name)
    if isinstance(held, list):  # lists come inside their parent, connections row by row
        held.append(row)
        return
    if not isinstance(held, dict) or not isinstance(held.get("nodes"), list):
        held = parent[name] = {"nodes": []}
    held["nodes"].append(row)


def _sentence(cause: Exception) -> str:
    if isinstance(cause, RecursionError):
        return "it is nested too deeply"
    return str(cause).split(" (byte", 1)[0]


def _line(data: bytes, cause: Exception) -> int:
    """The line of msgspec's "(byte 123)"; the last line where the text simply ended."""
    text = str(cause)
    if "(byte " in text:
        offset = int(text.rsplit("(byte ", 1)[1].rstrip(")"))
        return data.count(b"\n", 0, offset) + 1
    return data.count(b"\n") + 1
