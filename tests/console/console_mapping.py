"""A real workspace for the mapping editor: forty orders whose tax title nobody named, and QuickBooks' lists read."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from builders import Line, Pay, an_order
from console_watching import settle, until
from textual.pilot import Pilot
from trip import NOW, Trip

from qbconsole.cli.console import ConsoleActions
from qbconsole.cli.deciding import operator
from qbconsole.cli.given import Given
from qbconsole.console.app import QbConsole
from qbconsole.console.live import open_desk
from qbconsole.workspace import Workspace

TITLE = "CA-ORANGE"
#: The shipped line that takes every tax nobody named.
ANY_TAX = '"*" = { item = "Shopify Sales Tax", agency = "Sales Tax Agency" }'
_ID = re.compile(r"(gid://shopify/(?!Order/)\w+/)(\d+)")
ENVIRON = {"QBCONSOLE_NOW": NOW.isoformat()}


def without_any_tax(text: str) -> str:
    assert ANY_TAX in text
    return text.replace(ANY_TAX, '"CA State Tax" = "CA State Tax"')


def taxed(count: int, title: str = TITLE) -> dict:
    """Orders of one line with one tax."""
    return {"orders": [_order(number, title) for number in range(1, count + 1)]}


def _order(number: int, title: str) -> dict:
    """One order whose parts have ids that no other order's parts have."""
    line = Line(price="20.00", taxes={title: "1.55"}, sku=None)
    order = an_order(
        [line],
        pays=[Pay(amount="21.55", at="11-18 15:01")],
        at="11-18 15:00",
        updated="11-18 15:30",
        number=number,
    )
    text = _ID.sub(lambda found: f"{found[1]}{number:03}{found[2]}", json.dumps(order))
    return json.loads(text)


TAX_ITEM = """<VendorAddRq><VendorAdd><Name>CDTFA</Name></VendorAdd></VendorAddRq>
<ItemSalesTaxAddRq><ItemSalesTaxAdd><Name>{name}</Name><TaxRate>0</TaxRate>
<TaxVendorRef><FullName>CDTFA</FullName></TaxVendorRef></ItemSalesTaxAdd></ItemSalesTaxAddRq>"""


def held_trip(root: Path, count: int = 40, title: str = TITLE) -> Trip:
    """Pulled, booked, and one session held: lists are known, everything waits for the tax."""
    trip = Trip(root, edit=without_any_tax)
    trip.owner_sets_up(TAX_ITEM.format(name="CA Sales Tax 7.75"))
    trip.pull(taxed(count, title))
    trip.book()
    trip.deliver()
    return trip


def actions(workspace: Workspace) -> ConsoleActions:
    return ConsoleActions(operator(Given(root=workspace.root), workspace), workspace)


@asynccontextmanager
async def editor(root: Path, *keys: str, readonly: bool = False, **more: object) -> AsyncIterator[Pilot]:
    """The console on a workspace, settled after each key."""
    app = QbConsole(
        lambda: open_desk(root, environ=ENVIRON, readonly=readonly, actions=actions),
        readonly=readonly,
        **more,
    )
    try:
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await until(pilot, lambda: app.desk is not None)
            await press(pilot, *keys)
            yield pilot
    finally:
        if app.desk is not None:
            app.desk.close()


async def press(pilot: Pilot, *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settle(pilot)
