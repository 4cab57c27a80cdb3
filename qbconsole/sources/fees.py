"""`pull --fees`: what a gateway kept, from a table the gateway or a person wrote (CSV).

Header names are taken as they come (PayPal's own, too); content is not: a line that cannot be read is named, and the
file is taken whole or not at all. A fee is positive, a fee given back negative. A table that has gross, fee and net
says by its own sums which sign its fees have.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from qbconsole.errors import InputUnreadable
from qbconsole.money import Money, MoneyError
from qbconsole.sources.cells import CellUnreadable, amount, day, day_first

#: Column -> the headers it may have, the better one first; letters and digits only.
HEADERS: Mapping[str, tuple[str, ...]] = {
    "date": ("date", "feedate", "transactiondate", "day", "createdat", "created", "paidat", "datetime"),
    "gateway": ("gateway", "paymentgateway", "processor", "provider", "paymentmethod"),
    "fee": ("fee", "fees", "feeamount", "amount", "feetotal", "totalfee"),
    "currency": ("currency", "currencycode"),
    "reference": ("reference", "referenceid", "transactionid", "id", "feeid", "payoutid", "txnid"),
    "gross": ("gross", "grossamount"),
    "net": ("net", "netamount"),
    "status": ("status",),
}
#: Only PayPal's own export has all of these.
_PAYPAL = frozenset({"timezone", "gross", "fee", "net", "transactionid"})
#: A row in one of these states took no money yet, or never will.
_IDLE = frozenset({"pending", "denied", "canceled", "cancelled", "expired", "failed", "unclaimed", "placed"})
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One line of the table: where it stands and its cells by column."""

    number: int
    cells: Mapping[str, str]


def read_fees(path: Path, *, gateway: str | None = None, currency: str | None = None) -> list[dict[str, Any]]:
    """Read a table of fees into rows {id, gateway, date, amount, currencyCode, reference?}.

    `gateway` and `currency` stand in where the table does not say. Raises InputUnreadable naming every bad line.
    """
    lines, paypal = _lines(path)
    stand_in = gateway or ("paypal" if paypal else None)
    lines = [line for line in lines if line.cells.get("status", "").strip().lower() not in _IDLE]
    by_day = day_first(line.cells["date"] for line in lines)
    turned = _turned(lines)
    rows: list[dict[str, Any]] = []
    bad: list[tuple[int, str]] = []
    seen: Counter[str] = Counter()
    for line in lines:
        try:
            row = _row(line, stand_in, currency, by_day=by_day, turned=turned)
            if row is not None:
                rows.append(_identified(row, seen))
        except CellUnreadable as cause:
            bad.append((line.number, str(cause)))
    if bad:
        raise _refusal(path, bad)
    if rows and all(row["amount"].startswith("-") for row in rows):
        raise InputUnreadable(
            "every fee in the file is negative, which would be fees given back",
            where=f"{path.name}:{lines[0].number}",
            next="Write a fee as a positive amount; nothing was taken in.",
        )
    return rows


def _lines(path: Path) -> tuple[list[_Line], bool]:
    """The lines below the header, and whether it is PayPal's own export."""
    text = _text(path)
    head = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    columns: dict[str, int] = {}
    names: list[str] = []
    lines, at = [], 1
    try:
        for cells in reader:
            start, at = at, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not names:
                names = [re.sub(r"[^a-z0-9]", "", cell.lower()) for cell in cells]
                columns = _columns(path, names)
                continue
            if len(cells) != len(names):
                raise InputUnreadable(
                    f"the line has {len(cells)} cells, the header {len(names)}",
                    where=f"{path.name}:{start}",
                    next="Quote cells that hold the separator; nothing was taken in.",
                )
            lines.append(_Line(number=start, cells={name: cells[place] for name, place in columns.items()}))
    except csv.Error as cause:
        raise InputUnreadable(f"the line is no CSV: {cause}", where=f"{path.name}:{at}") from cause
    if not names:
        raise InputUnreadable("the file is empty", where=f"{path.name}:1")
    return lines, set(names) >= _PAYPAL


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as cause:
        raise InputUnreadable(
            f"the file cannot be read: {cause.strerror or cause}",
            where=str(path),
            next="Check the path and its permissions.",
        ) from cause
    except UnicodeDecodeError as cause:
        raise InputUnreadable(
            "the file is not written in UTF-8",
            where=path.name,
            next="Save it again as CSV UTF-8; nothing was taken in.",
        ) from cause


def _columns(path: Path, names: Sequence[str]) -> dict[str, int]:
    twice = [name for name, times in Counter(names).items() if times > 1 and name]
    columns = {}
    for column, known in HEADERS.items():
        found = next((name for name in known if name in names), None)
        if found is not None:
            if found in twice:
                raise InputUnreadable(f"two columns are named {found!r}", where=f"{path.name}:1")
            columns[column] = names.index(found)
    for needed in ("date", "fee"):
        if needed not in columns:
            raise InputUnreadable(
                f"no column holds the {needed}",
                where=f"{path.name}:1",
                next=f"Name one of the columns {' or '.join(HEADERS[needed][:4])}.",
            )
    return columns


def _turned(lines: Sequence[_Line]) -> bool:
    """Whether gross + fee = net: then a fee is written negative."""
    for line in lines:
        try:
            if (fee := amount(line.cells["fee"])) and {"gross", "net"} <= set(line.cells):
                return amount(line.cells["gross"]) + fee == amount(line.cells["net"])
        except CellUnreadable:
            continue
    return False


def _row(
    line: _Line, gateway: str | None, currency: str | None, *, by_day: bool | None, turned: bool
) -> dict[str, Any] | None:
    """The row without its id; None where there was no fee."""
    cells = line.cells
    fee = amount(cells["fee"])
    if {"gross", "net"} <= set(cells):
        _check_sums(cells, fee if turned else -fee)
    if not fee:
        return None
    code = (cells.get("currency") or currency or "").strip().upper()
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise CellUnreadable(f"{code!r} is no currency code" if code else "the currency is not told")
    named = (cells.get("gateway") or "").strip() or gateway
    if not named:
        raise CellUnreadable("the gateway is not told: name it with --gateway")
    row: dict[str, Any] = {
        "id": "",
        "gateway": named,
        "date": day(cells["date"], by_day=by_day).isoformat(),
        "amount": _exact(-fee if turned else fee, code, cells["fee"]),
        "currencyCode": code,
    }
    if reference := (cells.get("reference") or "").strip():
        row["reference"] = reference
    return row


def _check_sums(cells: Mapping[str, str], signed: Decimal) -> None:
    if amount(cells["gross"]) + signed != amount(cells["net"]):
        raise CellUnreadable(f"gross {cells['gross']} and fee {cells['fee']} do not make net {cells['net']}")


def _exact(value: Decimal, currency: str, written: str) -> str:
    """The amount as text; refuses one finer than the currency's smallest unit."""
    try:
        Money.of(str(value), currency)
    except MoneyError as cause:
        raise CellUnreadable(f"{written!r} is no amount of {currency}") from cause
    return str(value)


def _identified(row: dict[str, Any], seen: Counter[str]) -> dict[str, Any]:
    """With an id that is the same at every import: the gateway's own reference, else made of the content."""
    handle = re.sub(r"[^a-z0-9]+", "_", row["gateway"].lower()).strip("_")
    reference = row.get("reference")
    if reference is not None:
        name = re.sub(r"[^A-Za-z0-9._-]", "_", reference)[:40]
        if name != reference:  # two references may not become one
            name = f"{name}-{hashlib.sha256(reference.encode()).hexdigest()[:8]}"
        seen[f"{handle}-{name}"] += 1
        if seen[f"{handle}-{name}"] > 1:
            raise CellUnreadable(f"the reference {reference!r} stands in the file twice")
        return {**row, "id": f"{handle}-{name}"}
    text = "|".join(str(row[part]) for part in ("date", "gateway", "amount", "currencyCode"))
    seen[text] += 1
    digest = hashlib.sha256(f"{text}|{seen[text]}".encode()).hexdigest()[:16]
    return {**row, "id": f"{handle}-{digest}"}


def _refusal(path: Path, bad: Sequence[tuple[int, str]]) -> InputUnreadable:
    named = "; ".join(f"{path.name}:{number}: {what}" for number, what in bad[:_MOST_NAMED])
    more = f"; and {len(bad) - _MOST_NAMED} more" if len(bad) > _MOST_NAMED else ""
    lines = "1 line" if len(bad) == 1 else f"{len(bad)} lines"
    return InputUnreadable(
        f"{lines} cannot be read: {named}{more}",
        where=f"{path.name}:{bad[0][0]}",
        next="Correct them and pull again; nothing was taken in.",
    )
