"""Redated: what Shopify does not date is dated by when it was seen, so a database that lost days sees it another day.

An edit of an order without agreements is such a thing. In summary it stands in the entry of its day, and a day's key is
its date: booked anew, it would be posted a second time. So where our database went back, a day's entry with such an
event in it is looked for under the days before as well; where one of those says more than our books know of, or may be in
the summary of a condensed file, a person compares. Source: reliability.md F34 and F32, accounting.md section 13, convention 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from qbconsole.books.holds import Reason
from qbconsole.books.identity import PLAIN, base36, made_number, ref_number
from qbconsole.books.lifecycle import HoldState, RequestState
from qbconsole.books.plan import Plan
from qbconsole.books.policy import Numbers
from qbconsole.company.bearings import Bearings
from qbconsole.company.documents import ObservedDocument
from qbconsole.shop.events import EventKind
from qbconsole.store import books, holds, parties, requests
from qbconsole.store.books.recorded import THERE
from qbconsole.store.requests import RequestRow
from qbconsole.sync.deliver.dependants import put_aside
from qbconsole.sync.deliver.doubt.condensed import Summary, may_be_summed, summary
from qbconsole.sync.deliver.met import bearings
from qbconsole.sync.deliver.seen.twice import key_of
from qbconsole.sync.deliver.turn import Filing

#: A shop's day, and the session that was known last, are days of different zones.
_ZONES = timedelta(days=2)
#: Days before that are looked for at most.
_MOST = timedelta(days=62)
#: Entries that a hold names.
_NAMED = 3
#: Parts of a day that are looked for.
_PARTS = 3
_DIGITS = "0123456789"


def numbers_before(tx: sa.Connection, row: books.DocumentRow) -> tuple[str, ...]:
    """Numbers of the days under which what this entry holds may stand in QuickBooks; none for most."""
    left = bearings(tx, row.company)
    whole = books.document(tx, row.key) if left.lost_since else None
    if whole is None or not _is_undated(whole.plan):
        return ()
    plan = whole.plan
    styles = (PLAIN, Numbers(prefix=row.ref_number.removesuffix("".join(plan.told_number))))
    numbers = []
    for day in _days(left, plan):
        given = f"{plan.number[:1]}{day:%y%m%d}{plan.number[7:]}"
        for part in range(1, _PARTS + 1):
            suffix = base36(part) if part > 1 else ""
            key = _key_of(plan.key, day, part)
            numbers += [ref_number(plan.kind, given, suffix, key, {}, style) for style in styles]
            # The merchant's style, or another entry had the other.
            numbers.append(made_number(plan.kind, key))
    return tuple(dict.fromkeys(numbers))


def _key_of(key: str, day: date, part: int) -> str:
    """The key of that part of another day's entry."""
    begin, shop, kind, pool, series, generation = key.split("/")
    rest = pool.partition(".")[2]
    return "/".join(
        (begin, shop, kind, f"{day.isoformat()}.{rest}", f"{series.rstrip(_DIGITS)}{part}", generation)
    )


def hold_redated(filing: Filing, absent: Iterable[RequestRow]) -> list[RequestRow]:
    """Of requests that were not found, those that may go; an entry that may be in another day's waits for a person."""
    rows = list(absent)
    left = bearings(filing.tx, filing.company)
    if not left.lost_since:
        return rows
    epoch = parties.epoch(filing.tx, filing.company)
    of = summary(filing)
    return [row for row in rows if row.epoch >= epoch or not _is_held(filing, row, left, of)]


def _is_held(filing: Filing, row: RequestRow, left: Bearings, of: Summary) -> bool:
    whole = books.document(filing.tx, row.document_key or "")
    if whole is None or not _is_undated(whole.plan):
        return False
    days = list(_days(left, whole.plan))
    there = _unexplained(filing, whole.plan.key, {day.isoformat() for day in days})
    found = [f"{one.kind} {one.ref_number} of {one.txn_date}" for one in there]
    condensed = [day for day in days if of.may_hold(day, None)]
    if not found and not condensed:
        return False
    if may_be_summed(filing, [row], of):
        condensed.append(whole.plan.on)
    places, steps = [], []
    if found:
        more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        places.append(f"in {' and '.join(found[:_NAMED])}{more}, which our books do not wholly know")
        steps.append("Compare them.")
    if condensed:
        places.append(f"in the summary of what was condensed on {of.day}")
        steps.append(
            f"Look in the archive copy that QuickBooks made when it condensed, at this shop's entries from {condensed[0]} "
            f"to {condensed[-1]}."
        )
    sentence = (
        "In it is an edit that Shopify does not date, and our database lost days: it may be in QuickBooks already, "
        f"{', or '.join(places)}."
    )
    steps.append(
        "If all of this is there, `qbconsole queue ignore KEY --reason WHY`; if only a part is, "
        "enter the rest by hand and do the same; if nothing is, `qbconsole release KEY` posts it."
    )
    told = {"others": found} | ({"condensed": of.day} if condensed else {})
    put_aside(filing, row, Reason.MAY_BE_REDATED, sentence, " ".join(steps), told)
    return True


def _unexplained(filing: Filing, key: str, days: set[str]) -> Iterator[ObservedDocument]:
    """Entries of the same shop, channel and currency on one of these days that our books know nothing or less of."""
    mine = _day_and_rest(key)
    seen = {told: one for one in filing.values(ObservedDocument) if not one.is_void and (told := key_of(one))}
    placed = {told: _day_and_rest(told) for told in seen}
    there = [
        told for told, at in placed.items() if mine and at and at[0] in days and _is_same(at[1], mine[1])
    ]
    known = (
        {row.key: row for row in books.documents(filing.tx, keys=there, limit=len(there))} if there else {}
    )
    for told in there:
        if told not in known or not _is_explained(filing, known[told], seen[told]):
            yield seen[told]


def _is_explained(filing: Filing, ours: books.DocumentRow, found: ObservedDocument) -> bool:
    """Whether our books know all that an entry says: it is recorded as planned, or at least comes to what is planned."""
    flags = [one for one in holds.holds_of(filing.tx, ours.key) if one.hold.reason is Reason.AMOUNTS_DIFFER]
    if any(one.state is HoldState.OPEN for one in flags):
        return False
    # What waits for a person, or for its turn, was not held against what is there yet; what a person released may say more.
    if found.total is not None and found.total.amount == ours.total.amount:
        return True
    if flags or ours.state not in THERE:
        return False
    return found.total is not None or _left(filing.tx, ours.key)


def _left(tx: sa.Connection, key: str) -> bool:
    """Whether it is there as we sent it. Of stock QuickBooks tells no sum: what a look found may say more than was planned."""
    return any(
        row.message_set is not None and row.state is RequestState.ANSWERED
        for row in requests.requests_of_documents(tx, [key])
    )


def _is_same(pool: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether both are one shop's; a merchant is named where several shared the shop when it was booked."""
    short, long = sorted((pool[1], other[1]), key=len)
    return pool[0] == other[0] and (long == short or long.startswith(f"{short}."))


def _day_and_rest(key: str) -> tuple[str, tuple[str, str]] | None:
    """The day of a summary's key, and what else says which summary it is; None for any other key."""
    parts = key.split("/")
    if len(parts) < 6 or parts[2] != "day":
        return None
    day, _, pool = parts[3].partition(".")
    return day, (parts[1], pool)


def _days(left: Bearings, plan: Plan) -> Iterator[date]:
    """The days before its own that our database may have lost."""
    since = datetime.fromisoformat(left.lost_since).date() - _ZONES
    day = max(since, plan.on - _MOST)
    while day < plan.on:
        yield day
        day += timedelta(days=1)


def _is_undated(plan: Plan) -> bool:
    """Whether it is a shop's day with something in it that was dated by when it was seen."""
    is_day = plan.key.split("/")[2:3] == ["day"] and not plan.payout
    return is_day and any(EventKind.EDIT.value in one.event_key.split("/")[:2] for one in plan.members)
