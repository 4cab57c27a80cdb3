"""What waits for a person, and what waits no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa

from qbconsole.books.holds import PULLED, Hold, Reason
from qbconsole.decide import Decision
from qbconsole.rules.mapping.values import Merchant
from qbconsole.shop.events import EventKind
from qbconsole.store import holds, parties
from qbconsole.value import replace


def keep_holds(
    tx: sa.Connection, merchant: Merchant, decisions: Sequence[Decision], tied: Sequence[Hold], at: datetime
) -> int:
    """Keep what waits, and cure what waits no more. `tied` waits whatever was decided of it."""
    held = len(holds.put_holds(tx, merchant.id, merchant.company, tied, at))
    still: dict[str, set[tuple[Reason, str]]] = {}
    shares = len([one for one in parties.all_merchants(tx) if one.company == merchant.company]) > 1
    for hold in tied:
        still.setdefault(hold.subject, set()).add((hold.reason, hold.where))
    for decision in decisions:
        found = [*decision.holds, *(hold for d in decision.documents for hold in d.holds)]
        if shares:
            found = [_told_apart(hold, merchant) for hold in found]
        standing = holds.put_holds(tx, merchant.id, merchant.company, found, at) if found else []
        held += len({(hold.subject, hold.reason) for hold in standing if not hold.is_flag})
        for hold in found:
            # Its place too: of two names a document lacks, the one that is named by now waits no more.
            still.setdefault(hold.subject, set()).add((hold.reason, hold.where))
        still.setdefault(decision.subject, set())
        for subject in _decided_on(decision):
            still.setdefault(subject, set())
    flagged = {subject for decision in decisions for subject in decision.over}
    for subject in {*holds.held_subjects(tx, merchant.company, still), *flagged}:
        of = merchant.id if _is_by_number(subject) else None
        holds.release_absent(tx, merchant.company, subject, {*still.get(subject, ()), *PULLED}, at, of=of)
    return held


#: What is known by a number that its shop gave it, or its vendor: another shop may have one that is called the same.
_BY_NUMBER = (EventKind.PURCHASE, EventKind.RECEIPT, EventKind.BILL, EventKind.VENDOR_CREDIT)


def _is_by_number(subject: str) -> bool:
    return subject.partition("/")[0] in _BY_NUMBER


def _told_apart(hold: Hold, merchant: Merchant) -> Hold:
    """The hold with whose it is, where two merchants of a company file may be held for the same words."""
    return replace(hold, where=f"{hold.where} of {merchant.id}") if _is_by_number(hold.subject) else hold


def _decided_on(decision: Decision) -> Iterator[str]:
    """Documents and events that are not kept waiting any more, unless a hold found now says otherwise."""
    for decided in decision.documents:
        yield decided.named.plan.key
        yield from (member.event_key for member in decided.named.plan.members)
    yield from (event.key for event in decision.events)
    yield from (entry.event_key for entry in decision.pooled)
    yield from decision.looked_at
