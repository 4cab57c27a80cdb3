"""Writes schema_0001.sql: a small store as the program of schema 0001 left it, before memberships told anything.

It must run with that program, not with today's:

    git archive 09a6e2d^ | tar -x -C /tmp/old && cd /tmp/old
    PYTHONPATH=.:tests python THIS_FILE schema_0001.sql

Order 1 is paid in part before its sale counts, order 2 is paid in part and then in full, of order 3 two of three mugs
came back at a cost of 4.00 each.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from pathlib import Path

from builders import Agreed, Line, Pay, Sold, an_order
from trip import Trip

SETTINGS = {
    "policy": {"recognise_on": "payment", "cogs": "unit_cost"},
    "modes": {"sales": "summary", "inventory": "summary"},
}
FIRST, REST = Pay(amount="5.00", at="03-03 15:00"), Pay(amount="15.00", at="03-04 15:00")


def mugs() -> dict:
    order = an_order(
        [Line(price="10.00", quantity=3)],
        number=3,
        pays=[Pay(amount="30.00"), Pay(amount="20.00", kind="REFUND", at="03-05 10:01")],
        agreements=[
            Agreed([Sold(total="30.00", quantity=3, line=1)]),
            Agreed([Sold(total="-20.00", quantity=-2, line=1, action="RETURN")], "REFUND", "03-05 10:00"),
        ],
    )
    unit = {"amount": "4.00", "currencyCode": "USD"}
    item = {"id": "gid://shopify/Item/1", "tracked": True, "unitCost": unit}
    order["lineItems"]["nodes"][0]["variant"] = {"id": "gid://shopify/Variant/1", "inventoryItem": item}
    return order


def told(number: int, *pays: Pay) -> dict:
    order = an_order(number=number, pays=list(pays))
    for row in order["transactions"]:
        row["id"] += f"0{number}"
    return order


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as root:
        trip = Trip(Path(root), settings=SETTINGS)
        third = mugs()
        for row in third["transactions"]:
            row["id"] += "03"
        trip.pull({"orders": [told(1, FIRST), told(2, FIRST, REST), third]})
        trip.book()
        trip.close()
        with sqlite3.connect(Path(root) / ".qbconsole" / "state.db") as store:
            target.write_text("\n".join(store.iterdump()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
