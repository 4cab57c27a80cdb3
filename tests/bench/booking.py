"""How fast an order becomes a request: `make bench`. Medians of five interleaved rounds, ratios within one run.

Beside our own steps run two yardsticks on the very same documents: qbwc-kit's builder from ready values, and an
f-string with escaping, the floor. Nothing is asserted: machines are noisy, people read the table.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from lxml import etree
from qbwc_kit.qbxml.builder import elements
from trip import SHOP, Trip

from qbconsole.books.booking.order import walk
from qbconsole.decide import Case, Desk, Entered, decide, desk_of
from qbconsole.qbxml.render import Renderer
from qbconsole.sandbox.shopify import Shop
from qbconsole.shop.orders import Order
from qbconsole.shop.timeline import timeline
from qbconsole.sources.shopify.reading import read_order
from qbconsole.sync.book import desk_spec
from qbconsole.workspace import Workspace

ROUNDS = 5
ORDERS = 400


def main() -> None:
    """Print one row a step: median microseconds an order and the ratio to the floor."""
    raws = Shop.seeded(domain=SHOP["myshopifyDomain"], seed=9, orders=ORDERS).orders
    with tempfile.TemporaryDirectory() as folder:
        trip = Trip(Path(folder))
        try:
            steps = _steps(trip, raws)
            taken = _measured(steps)
        finally:
            trip.close()
    taken["book, snapshot to request row"] = [_book(raws) for _ in range(ROUNDS)]
    floor = median(taken["f-string floor"])
    for name, times in taken.items():
        middle = median(times)
        sys.stdout.write(
            f"{name:34} {middle * 1e6:8.0f} us/order  {1 / middle:9.0f} orders/s  {middle / floor:7.1f} x floor"
            f"  ({min(times) * 1e6:.0f}-{max(times) * 1e6:.0f})\n"
        )


def _measured(steps: dict[str, Callable[[], int]]) -> dict[str, list[float]]:
    for step in steps.values():
        step()  # warm: templates compiled, caches filled
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(ROUNDS):
        for name, step in steps.items():
            start = time.process_time()
            count = step()
            taken[name].append((time.process_time() - start) / count)
    return taken


def _steps(trip: Trip, raws: Sequence[dict[str, Any]]) -> dict[str, Callable[[], int]]:
    trip.pull({"orders": []})
    desk = _desk(trip.workspace)
    shop = _shop(trip.workspace)
    orders = [read_order(raw, shop) for raw in raws]
    decisions = [decide(Case(order=order), desk) for order in orders]
    documents = [one.named.document for decision in decisions for one in decision.documents if one.text]
    texts = [one.text for decision in decisions for one in decision.documents if one.text]
    values = [_fields(etree.fromstring(text)) for text in texts]
    return {
        "f-string floor": lambda: _each(_floor, values, ORDERS),
        "qbwc-kit builder": lambda: _each(elements, values, ORDERS),
        "render and check": lambda: _render(desk.renderer, documents),
        "read": lambda: _each(lambda raw: read_order(raw, shop), raws, ORDERS),
        "book by role (walk)": lambda: _each(lambda order: walk(order, timeline(order, ())), orders, ORDERS),
        "decide": lambda: _decide(orders, desk),
    }


def _each(work: Callable[[Any], object], given: Sequence[Any], count: int) -> int:
    for one in given:
        work(one)
    return count


def _render(renderer: Renderer, documents: Sequence[Any]) -> int:
    for document in documents:
        renderer.render(document, request_id="b")
    return ORDERS


def _decide(orders: Sequence[Order], desk: Desk) -> int:
    desk.taken.clear()
    found: list[Entered] = []
    for order in orders:
        found.extend(decide(Case(order=order), desk).entries)
    return ORDERS


def _fields(node: Any) -> dict[str, list[Any]]:
    """An element's children by name, each name's in a list, as qbwc-kit wants repeated ones."""
    found: dict[str, list[Any]] = {}
    for child in node:
        found.setdefault(child.tag, []).append(_fields(child) if len(child) else child.text or "")
    return found


def _floor(fields: dict[str, list[Any]]) -> str:
    return "".join(
        f"<{name}>{_floor(value)}</{name}>"
        if isinstance(value, dict)
        else f"<{name}>{value.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')}</{name}>"
        for name, values in fields.items()
        for value in values
    )


def _book(raws: Sequence[dict[str, Any]]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        trip = Trip(Path(folder))
        try:
            trip.pull({"orders": list(raws)})
            start = time.process_time()
            trip.book()
            return (time.process_time() - start) / len(raws)
        finally:
            trip.close()


def _shop(workspace: Workspace) -> Any:
    from qbconsole.store import parties

    with workspace.store.reading() as tx:
        return parties.merchant(tx, "oak-ember").shop


def _desk(workspace: Workspace) -> Desk:
    means = workspace.means()
    return desk_of(desk_spec(means, means.merchant("oak-ember"), _shop(workspace)))


if __name__ == "__main__":
    main()
