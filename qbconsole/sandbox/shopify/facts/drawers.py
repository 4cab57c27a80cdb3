"""The till's drawer: one session a shop day on which cash came in, counted over, short or right; the last is open.

Cash sales are the orders' cash tenders of that day. Amounts are whole smallest units of the shop's currency.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from qbconsole.sandbox.shopify.amounts import money, read
from qbconsole.sandbox.shopify.composing import Ids, Raw, stamp
from qbconsole.sandbox.shopify.seeding import World

_FLOAT = 10000
#: By how much the count was off, day after day.
_OFF = (0, 125, 0, -75, -1000)


def cash_sessions(world: World, orders: Sequence[Raw], ids: Ids) -> list[Raw]:
    """All sessions, oldest first."""
    taken: dict[date, list[int]] = {}
    for order in orders:
        for tender in order["transactions"]:
            if tender["gateway"] == "cash" and tender["status"] == "SUCCESS" and not tender["test"]:
                at = datetime.fromisoformat(tender["processedAt"]).astimezone(world.zone)
                amount = read(tender["amountSet"]).shop
                taken.setdefault(at.date(), []).append(
                    amount if tender["kind"] in ("SALE", "CAPTURE") else -amount
                )
    days = sorted(taken)
    return [
        _session(world, day, taken[day], None if day == days[-1] else _OFF[number % len(_OFF)], ids)
        for number, day in enumerate(days)
    ]


def _session(world: World, day: date, cash: list[int], off: int | None, ids: Ids) -> Raw:
    place = world.locations[1]

    def at(hour: int) -> str:
        return stamp(datetime.combine(day, time(hour, 45), world.zone))

    def amount(value: int | None) -> Raw | None:
        return None if value is None else money(value, world.currency)

    expected = _FLOAT + sum(cash)
    closed = off is not None
    return {
        "id": ids.take("CashTrackingSession"),
        "registerName": "Till 1",
        "cashTrackingEnabled": True,
        "openingTime": at(6),
        "closingTime": at(23) if closed else None,
        "location": {"id": place["id"], "name": place["name"]},
        "openingBalance": amount(_FLOAT),
        "expectedOpeningBalance": amount(_FLOAT),
        "closingBalance": amount(expected + off) if off is not None else None,
        "expectedClosingBalance": amount(expected) if closed else None,
        "expectedBalance": amount(expected),
        "netCashSales": amount(sum(cash)),
        "totalCashSales": amount(sum(value for value in cash if value > 0)),
        "totalCashRefunds": amount(-sum(value for value in cash if value < 0)),
        "totalAdjustments": amount(0),
        "totalDiscrepancy": amount(off),
        "adjustments": {"nodes": []},
    }
