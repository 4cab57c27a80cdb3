"""Cells of a table that people or other programs wrote: amounts and dates, read without guessing.

What can be read in two ways is refused with a sentence that says how to write it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

_SIGNS = "$€£¥₩₹"
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]\S.*)?", re.ASCII)
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_PLAIN = re.compile(r"\d+(?:\.\d+)?|\.\d+", re.ASCII)


class CellUnreadable(ValueError):
    """A cell that is not what its column holds; the text is a sentence for people."""


def amount(text: str) -> Decimal:
    """An amount: signs, brackets for negative, thousands and either decimal mark. "1,234" alone is refused."""
    rest = text.strip().replace("\u2212", "-")
    negative = rest.startswith("(") and rest.endswith(")")
    if negative:
        rest = rest[1:-1]
    rest = rest.strip().strip(_SIGNS).strip()
    if rest[:1] in ("-", "+"):
        negative, rest = negative != (rest[0] == "-"), rest[1:].strip(_SIGNS + " ")
    plain = _one_mark(re.sub(r"[ \u00a0\u202f']", "", rest), text)
    if not _PLAIN.fullmatch(plain):
        raise CellUnreadable(f"{text!r} is no amount")
    return -Decimal(plain) if negative else Decimal(plain)


def _one_mark(digits: str, text: str) -> str:
    """With a dot as decimal mark and nothing between thousands."""
    if "," not in digits:
        if digits.count(".") > 1:
            return _grouped(digits, ".", text)
        return digits
    if "." in digits:
        decimal = max(",.", key=digits.rfind)
        whole, _, part = digits.rpartition(decimal)
        return f"{_grouped(whole, ',' if decimal == '.' else '.', text)}.{part}"
    if digits.count(",") > 1:
        return _grouped(digits, ",", text)
    whole, _, part = digits.partition(",")
    if len(part) == 3 and whole not in ("", "0"):
        raise CellUnreadable(
            f"{text!r} may be {whole}{part} or {whole}.{part}: write it with a decimal point"
        )
    return f"{whole or '0'}.{part}"


def _grouped(digits: str, mark: str, text: str) -> str:
    first, *groups = digits.split(mark)
    if not 1 <= len(first) <= 3 or any(len(group) != 3 for group in groups):
        raise CellUnreadable(f"{text!r} is no amount")
    return first + "".join(groups)


def day_first(texts: Iterable[str]) -> bool | None:
    """Whether dates with slashes begin with the day, as far as some of them can be read one way only."""
    found = [match for text in texts if (match := _SLASHED.fullmatch(text.strip()))]
    by_day = any(int(match[1]) > 12 for match in found)
    by_month = any(int(match[2]) > 12 for match in found)
    return None if by_day == by_month else by_day


def day(text: str, *, by_day: bool | None) -> date:
    """A date as written, a time behind it left out; `by_day` says how to read slashes (None: not known)."""
    cell = text.strip()
    try:
        if match := _ISO.fullmatch(cell):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := _DOTTED.fullmatch(cell):
            return date(int(match[3]), int(match[2]), int(match[1]))
        if match := _SLASHED.fullmatch(cell):
            first, second, year = int(match[1]), int(match[2]), int(match[3])
            if by_day is None and first != second:
                raise CellUnreadable(f"{text!r} may begin with the day or the month: write it as 2026-01-31")
            return date(year, second, first) if by_day else date(year, first, second)
    except CellUnreadable:
        raise
    except ValueError as cause:
        raise CellUnreadable(f"{text!r} is no date of the calendar") from cause
    raise CellUnreadable(f"{text!r} is no date: write it as 2026-01-31")
