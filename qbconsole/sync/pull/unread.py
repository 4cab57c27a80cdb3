"""What could not be read whole: held by name, and orders asked for again until a reading no older brings them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from qbconsole.books.holds import Hold, Reason
from qbconsole.rules.mapping.values import Merchant
from qbconsole.sources.shopify.facts import Unread
from qbconsole.store import holds, snapshots
from qbconsole.store.encoding import comparable
from qbconsole.sync.means import Means
from qbconsole.sync.pull.keep import source_id
from qbconsole.value import Value

#: Orders that wait until they can be read: JSON, number -> `Noted`, the one asked for longest ago first.
ORDERS = "orders_unread"
#: Orders asked for again by one pull, at most.
AT_ONCE = 25
#: Named in one sentence, at most.
_NAMED = 3
_ORDER = "order"


class Noted(Value):
    """One order that could not be read whole."""

    #: When it had changed, comparable as text; "" where that is not known.
    changed: str = ""
    #: As people call it: "Order #1001".
    name: str = ""


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


def note_orders(
    tx: sa.Connection,
    means: Means,
    merchant: Merchant,
    *,
    rows: Iterable[Mapping[str, Any]] = (),
    unread: Iterable[Unread] = (),
    gone: Collection[str] = (),
) -> None:
    """Hold and note these orders, and end that of those which came or are gone; in the commit that keeps the others.

    No window brings them once the cursor is behind them. Two pulls at once may commit in either order: a reading
    older than the one that was in contradictions does not end it, and one that is older than that, or than what is
    kept, begins none. Nor does one merchant's end what another one of the shop waits for in the same company.
    """
    before = noted(tx, merchant.id)
    came = {source_id(_ORDER, row): _changed(row.get("updatedAt")) for row in rows}
    over = {one for one in before if one in gone or came.get(one, "") >= (before[one].changed or " ")}
    found = {one.number: one for one in unread}
    kept = snapshots.updated_of(tx, merchant.id, _ORDER, found)
    found = {
        number: one
        for number, one in found.items()
        if not one.updated_at or (kept.get(number) or "") <= _changed(one.updated_at)
    }
    # One that changed since is held anew, also where a person released it as it was.
    since = {
        number
        for number, one in found.items()
        if number in before and before[number].changed < _changed(one.updated_at)
    }
    read = over | (came.keys() - before.keys())
    tell_read(tx, means, merchant, _ORDER, since | (read - _noted_by_others(tx, means, merchant)))
    older = {
        number
        for number, one in found.items()
        if number in before and one.updated_at and _changed(one.updated_at) < before[number].changed
    }
    tell_unread(tx, means, merchant, _ORDER, (one for number, one in found.items() if number not in older))
    after = {number: one for number, one in before.items() if number not in over and number not in found}
    for number, one in found.items():
        known = before.get(number, Noted())
        after[number] = Noted(changed=max(known.changed, _changed(one.updated_at)), name=one.name)
    if list(after.items()) != list(before.items()):
        snapshots.set_cursor(tx, merchant.id, ORDERS, msgspec.json.encode(after).decode(), means.clock())


def tell_kept(
    tx: sa.Connection, means: Means, merchant: Merchant, kind: str, rows: Sequence[Mapping[str, Any]]
) -> None:
    """These rows were given to us in another way, whole: what was held of them is over."""
    if kind == _ORDER:
        note_orders(tx, means, merchant, rows=rows)
    else:
        tell_read(tx, means, merchant, kind, (source_id(kind, row) for row in rows))


def forget_noted(tx: sa.Connection, means: Means, merchant: Merchant) -> None:
    """The orders that wait are of a shop that this merchant has no more: nobody can ask for them."""
    numbers = noted(tx, merchant.id).keys()
    tell_read(tx, means, merchant, _ORDER, numbers)
    if numbers:
        snapshots.set_cursor(tx, merchant.id, ORDERS, "", means.clock())


def _noted_by_others(tx: sa.Connection, means: Means, merchant: Merchant) -> set[str]:
    """Orders that other merchants of the shop wait for in the same company: a hold there is of all of them."""
    return {
        number
        for one in means.mapping.merchants_of_shop(merchant.shop)
        if one.company == merchant.company and one.id != merchant.id
        for number in noted(tx, one.id)
    }


def noted(tx: sa.Connection, merchant: str) -> dict[str, Noted]:
    """The orders that could not be read whole so far, by number; the one asked for longest ago first."""
    found = snapshots.get_cursor(tx, merchant, ORDERS) or ""
    if found.startswith("{"):
        return msgspec.json.decode(found, type=dict[str, Noted])
    return {number: Noted() for number in found.split()}  # as it was written at first: numbers alone


def stock_waits(tx: sa.Connection, merchant: Merchant) -> str:
    """Why stock is not compared: orders that no person has released, for nobody knows what they took; "" where there is none."""
    held = holds.open_causes(tx, merchant.company, _cause(_ORDER, ""))
    names = [
        one.name or f"Order {number}"
        for number, one in noted(tx, merchant.id).items()
        if _cause(_ORDER, number) in held
    ]
    if not names:
        return ""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"Stock was not compared: {', '.join(names[:_NAMED])}{more} could not be read whole"


def hold_of(kind: str, unread: Unread) -> Hold:
    """What a person is told of such a record."""
    released = (
        " Stock is not compared until then. Release this only where that may not wait: what the order took from the "
        "shelves is then adjusted as a loss, and as a find when it comes."
    )
    return Hold(
        reason=Reason.NOT_READ_WHOLE,
        where=f"{kind} {unread.number}" + (f" as of {unread.updated_at}" if unread.updated_at else ""),
        sentence=f"{unread.sentence()}.",
        next_step="Run `qbconsole pull` again: it is asked for anew. If it stays so, report it with the log, "
        "and enter nothing by hand: it is booked as soon as it comes whole."
        + (released if kind == _ORDER else ""),
        subject=f"{kind}/{unread.number}",
        cause=_cause(kind, unread.number),
    )


def _changed(updated_at: object) -> str:
    return comparable(str(updated_at)) or "" if updated_at else ""


def _cause(kind: str, number: str) -> str:
    return f"not_read_whole:{kind}/{number}"
