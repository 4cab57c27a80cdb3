"""The filters of queries: dates as QuickBooks reads them, names, references, pages and iterators."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime

from qbconsole.sandbox.quickbooks.file.books import Books
from qbconsole.sandbox.quickbooks.file.records import Entry, Refused
from qbconsole.sandbox.quickbooks.requests.desk import Desk, Iterator, missing
from qbconsole.sandbox.quickbooks.requests.given import Given

_MOMENT = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:T(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})([+-]\d{1,2}:\d{1,2})?)?)?)?"
)
_FIRST, _LAST = date(1970, 1, 1), date(2038, 1, 19)
_MATCHES: dict[str, Callable[[str, str], bool]] = {
    "StartsWith": str.startswith,
    "EndsWith": str.endswith,
    "Contains": str.__contains__,
}
_WALL = 19


def wall(desk: Desk, text: str, *, end: bool = False) -> str:
    """A filter's time as local wall time text; a stated offset is believed. Codes 3020, 3030.

    Times we show carry the standard offset, so sending one back during daylight saving shifts it.
    """
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise Refused(3020, f'There was an error when converting the date value "{text}".')
    year, month, day, hour, minute, second, offset = found.groups()
    rest = ("23", "59", "59") if end and hour is None else (hour or "0", minute or "0", second or "0")
    try:
        clock = ":".join(f"{part:0>2}" for part in rest)
        moment = datetime.fromisoformat(f"{year}-{month:0>2}-{day:0>2}T{clock}")
        if offset:
            sign, (hours, minutes) = offset[0], offset[1:].split(":")
            aware = datetime.fromisoformat(f"{moment.isoformat()}{sign}{hours:0>2}:{minutes:0>2}")
            moment = aware.astimezone(desk.now.tzinfo).replace(tzinfo=None)
    except ValueError as cause:
        raise Refused(3020, f'There was an error when converting the date value "{text}".') from cause
    if not _FIRST <= moment.date() <= _LAST:
        raise Refused(3030, f'The date "{text}" is outside the range QuickBooks allows.')
    return moment.isoformat()


def modified(desk: Desk, given: Given | None) -> list[Callable[[str], bool]]:
    """Tests of a modification time against FromModifiedDate and ToModifiedDate."""
    return _between(desk, given, "FromModifiedDate", "ToModifiedDate")


def deleted(desk: Desk, given: Given | None) -> list[Callable[[str], bool]]:
    """Tests of a deletion time."""
    return _between(desk, given, "FromDeletedDate", "ToDeletedDate")


def _between(desk: Desk, given: Given | None, first: str, last: str) -> list[Callable[[str], bool]]:
    tests: list[Callable[[str], bool]] = []
    if given is not None and (text := given.text(first)):
        low = wall(desk, text)
        tests.append(lambda shown: shown[:_WALL] >= low)
    if given is not None and (text := given.text(last)):
        high = wall(desk, text, end=True)
        tests.append(lambda shown: shown[:_WALL] <= high)
    return tests


def dated(desk: Desk, given: Given | None) -> list[Callable[[date], bool]]:
    """Tests of a document date against FromTxnDate and ToTxnDate, or a DateMacro for today."""
    if given is None:
        return []
    tests: list[Callable[[date], bool]] = []
    if macro := given.text("DateMacro"):
        if macro not in ("All", "Today"):
            raise Refused(1030, f'This simulated QuickBooks does not know the DateMacro "{macro}".')
        today = desk.now.date()
        return [lambda day: day == today] if macro == "Today" else []
    first, last = given.day("FromTxnDate"), given.day("ToTxnDate")
    if first is not None:
        tests.append(lambda day: day >= first)
    if last is not None:
        tests.append(lambda day: day <= last)
    return tests


def texts(given: Given, single: str, span: str, inner: str) -> list[Callable[[str], bool]]:
    """Tests of a name or number: a ...Filter with MatchCriterion or a ...RangeFilter."""
    tests: list[Callable[[str], bool]] = []
    part = given.part(single)
    if part is not None:
        match, wanted = _MATCHES[part.text("MatchCriterion")], part.text(inner).casefold()
        tests.append(lambda text: match(text.casefold(), wanted))
    between = given.part(span)
    if between is not None:
        low, high = between.text(f"From{inner}").casefold(), between.text(f"To{inner}").casefold()
        tests.append(lambda text: low <= text.casefold())
        if high:
            tests.append(lambda text: text.casefold() <= high)
    return tests


def named(desk: Desk, given: Given | None, group: str) -> frozenset[str] | None:
    """ListIDs an EntityFilter or AccountFilter asks for, children included where stated; None for no filter."""
    if given is None:
        return None
    found: set[str] = set()
    for name, by_id, children in (
        ("ListID", True, False),
        ("FullName", False, False),
        ("ListIDWithChildren", True, True),
        ("FullNameWithChildren", False, True),
    ):
        for text in given.texts(name):
            entry = desk.file.find(group, text if by_id else "", "" if by_id else text)
            if entry is None:
                raise Refused(3120, f'Object "{text}" specified in the request cannot be found.')
            found |= _family(desk.file, entry) if children else {entry.list_id}
    return frozenset(found)


def _family(file: Books, entry: Entry) -> set[str]:
    prefix = entry.full_name + ":"
    below = {one.list_id for one in file.in_group(entry.family) if one.full_name.startswith(prefix)}
    return below | {entry.list_id}


def page(
    desk: Desk, request: Given, select: Callable[[], Iterable[str]]
) -> tuple[Sequence[str], dict[str, str]]:
    """The keys to answer now and the iterator attributes; iterators live as long as the session."""
    most = int(request.text("MaxReturned") or 0)
    step = request.attribute("iterator")
    if not step:
        keys = list(select())
        return (keys[:most] if most else keys), {}
    if step == "Start":
        if most < 1:
            raise missing("MaxReturned", request.tag)
        name = f"{{{len(desk.iterators) + 1:08x}-0000-4000-8000-{int(desk.now.timestamp()):012x}}}"
        desk.iterators[name] = Iterator(tag=request.tag, keys=list(select()))
    else:
        name = request.attribute("iteratorID")
    iterator = desk.iterators.get(name)
    if iterator is None or iterator.tag != request.tag:
        raise Refused(3000, f'The given object ID "{name}" in the field "iteratorID" is invalid.')
    if step == "Stop":
        del desk.iterators[name]
        return (), {}
    keys, iterator.keys = iterator.keys[:most], iterator.keys[most:]
    return keys, {"iteratorRemainingCount": str(len(iterator.keys)), "iteratorID": name}
