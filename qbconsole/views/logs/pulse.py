"""Pulse: how much was written lately, and how often an error, in a few signs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

#: Lines that are looked at.
LATELY = 1000
_PARTS = 20
_SIGNS = " .:|"
_AT = re.compile(rb'"timestamp": ?"([^"]{19,40})"')
_ERROR = re.compile(rb'"level": ?"(?:error|critical|exception)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """What the newest lines were like."""

    #: A sign for each part of the time they were written in, the newest last: " " none, "." few, ":" more, "|" most.
    bars: str
    #: Errors in that time, as "0.2" a minute.
    errors: str


def pulse_of(raws: Iterable[bytes]) -> Pulse:
    """The pulse of these lines; lines without a time are left out."""
    told = [(at, bool(_ERROR.search(raw))) for raw in raws if (at := _moment(raw)) is not None]
    if not told:
        return Pulse(bars="", errors="0.0")
    first, last = min(told)[0], max(told)[0]
    span = max(1, int((last - first).total_seconds()))
    counts = [0] * _PARTS
    for at, _ in told:
        counts[min(_PARTS - 1, int((at - first).total_seconds()) * _PARTS // span)] += 1
    most = max(counts)
    bars = "".join(_SIGNS[-(-count * (len(_SIGNS) - 1) // most)] for count in counts)
    tenths = sum(is_error for _, is_error in told) * 600 // max(60, span)
    return Pulse(bars=bars, errors=f"{tenths // 10}.{tenths % 10}")


def _moment(raw: bytes) -> datetime | None:
    found = _AT.search(raw)
    if found is None:
        return None
    try:
        at = datetime.fromisoformat(found[1].decode())
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
