"""Orders that a delivery points at and Shopify does not show us: flagged, because nothing else tells of them again."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import sqlalchemy as sa

from qbconsole.books.holds import Hold, Reason
from qbconsole.rules.mapping.values import Merchant
from qbconsole.store import holds, snapshots
from qbconsole.sync.means import Means


def tell_unfound(
    tx: sa.Connection, means: Means, merchant: Merchant, unfound: Iterable[str], deleted: Collection[str]
) -> None:
    """Flag these orders, in the commit that marks the deliveries as handled. One we never kept and that is gone is none."""
    flags = [
        flag_of(number, is_deleted=number in deleted)
        for number in unfound
        if number not in deleted or snapshots.latest(tx, merchant.id, "order", number) is not None
    ]
    if flags:
        holds.put_holds(tx, merchant.id, merchant.company, flags, means.clock())


def tell_found(tx: sa.Connection, means: Means, merchant: Merchant, found: Iterable[str]) -> None:
    """Shopify shows these orders: what was flagged of them is over."""
    open_ones = holds.open_causes(tx, merchant.company, _cause(""))
    for cause in sorted(open_ones & {_cause(number) for number in found}):
        holds.cure(tx, merchant.company, cause, means.clock())


def flag_of(number: str, *, is_deleted: bool) -> Hold:
    """What a person is told of such an order."""
    return Hold(
        reason=Reason.ORDER_NOT_FOUND,
        where=f"order {number}",
        sentence=f"{deleted_sentence(number) if is_deleted else unseen_sentence(number)}.",
        next_step=(
            f"Look at `qbconsole show {number}`, take back in QuickBooks by hand what must not stand, then release this."
            if is_deleted
            else f"Let the app read all orders (`read_all_orders`), then `qbconsole pull --order {number}`; "
            "or book by hand what changed. Then release this."
        ),
        subject=f"order/{number}",
        cause=_cause(number),
    )


def deleted_sentence(number: str) -> str:
    """Of an order that was deleted."""
    return f"Order {number} was deleted in Shopify; what was booked of it stays until a person takes it back"


def unseen_sentence(number: str) -> str:
    """Of an order that something happened to and that we may not see."""
    return (
        f"Something happened to order {number}, but Shopify does not show it to us: "
        "it is older than 60 days and the app may not read all orders, or it was deleted"
    )


def _cause(number: str) -> str:
    return f"order_not_found:{number}"
