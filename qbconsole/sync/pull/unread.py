"""What happened beside orders and could not be read whole: held by name, until a pull brings it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa

from qbconsole.books.holds import Hold, Reason
from qbconsole.rules.mapping.values import Merchant
from qbconsole.sources.shopify.facts import Unread
from qbconsole.store import holds, snapshots
from qbconsole.sync.means import Means

#: Orders that wait until they can be read, their numbers.
ORDERS = "orders_unread"


def tell_unread(
    tx: sa.Connection, means: Means, merchant: Merchant, kind: str, unread: Iterable[Unread]
) -> None:
    """Hold these, each alone; in the commit that keeps the others."""
    found = [hold_of(kind, one) for one in unread]
    if found:
        holds.put_holds(tx, merchant.id, merchant.company, found, means.clock())


def tell_read(tx: sa.Connection, means: Means, merchant: Merchant, kind: str, numbers: Iterable[str]) -> None:
    """These came whole: what was held of them is over."""
    waiting = holds.open_causes(tx, merchant.company, _cause(kind, ""))
    for cause in sorted(waiting & {_cause(kind, number) for number in numbers}):
        holds.cure(tx, merchant.company, cause, means.clock())


def note_unread(
    tx: sa.Connection, merchant: str, read: Collection[str], unread: Iterable[Unread], at: datetime
) -> None:
    """Note the orders that are to be asked for again, for no window brings them once the cursor is behind them."""
    before = noted(tx, merchant)
    after = (before - set(read)) | {one.number for one in unread}
    if after != before:
        snapshots.set_cursor(tx, merchant, ORDERS, " ".join(sorted(after)), at)


def noted(tx: sa.Connection, merchant: str) -> set[str]:
    """Numbers of the orders that could not be read whole so far."""
    return set((snapshots.get_cursor(tx, merchant, ORDERS) or "").split())


def hold_of(kind: str, unread: Unread) -> Hold:
    """What a person is told of such a record."""
    return Hold(
        reason=Reason.NOT_READ_WHOLE,
        where=f"{kind} {unread.number}",
        sentence=f"{unread.sentence()}.",
        next_step="Run `qbconsole pull` again: it is asked for anew. If it stays so, report it with the log, "
        "and enter nothing by hand: it is booked as soon as it comes whole.",
        subject=f"{kind}/{unread.number}",
        cause=_cause(kind, unread.number),
    )


def _cause(kind: str, number: str) -> str:
    return f"not_read_whole:{kind}/{number}"
