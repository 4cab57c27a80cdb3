"""How fast an order becomes a request, step by step and as the whole `book` verb.

Two yardsticks write the very same documents from ready values: qbwc-kit's builder, and an f-string with escaping,
the floor. Nothing is asserted: machines are noisy, people read the table.
"""

from __future__ import annotations

import cProfile
import gc
import pstats
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lxml import etree
from measure import Step, in_rounds, written
from qbwc_kit.qbxml.builder import elements
from trip import SHOP, Trip

from qbconsole.books.booking.order import walk
from qbconsole.books.naming.documents import name_plan
from qbconsole.books.naming.namer import Namer
from qbconsole.books.plan import Plan
from qbconsole.decide import Case, Desk, decide, desk_of
from qbconsole.qbxml.render import Renderer, slot_token
from qbconsole.qbxml.schema import Schema, shipped_schema
from qbconsole.sandbox.shopify import Shop
from qbconsole.shop.orders import Order
from qbconsole.shop.timeline import timeline
from qbconsole.sources.shopify.reading import read_order
from qbconsole.store import parties
from qbconsole.sync.deciding import desk_spec
from qbconsole.workspace import Workspace

ORDERS = 400
#: So many of them are booked and delivered beforehand, where QuickBooks' lists are to be known.
MET = 100
#: Beside the floor, what a step's time is told in.
PEER = "qbwc-kit builder"
Named = list[tuple[Plan, Order, str]]
_PASSED = etree.Element("passed")


class _Unchecked:
    """requests.xsd without the checking: for the step that only names and writes, as the yardsticks do."""

    def __init__(self, schema: Schema) -> None:
        self.fields, self.numbers = schema.fields, schema.numbers

    def check(self, request: str) -> tuple[list[Any], Any]:
        # No tree would be a fault, which would be placed in the template's text for each document.
        return [], _PASSED


def main() -> None:
    """Print one row a step, then where the time of `decide` and of `book` goes."""
    raws = Shop.seeded(domain=str(SHOP["myshopifyDomain"]), seed=9, orders=ORDERS).orders
    with _trip({"orders": []}) as trip:
        steps = _steps(trip, raws)
        taken = in_rounds(steps)
        spent = _parts(lambda: steps["decide"].of(None), _OF_DECIDE)
    sys.stdout.write(written(taken, floor="f-string floor", peer=PEER, unit="order"))
    sys.stdout.write("\nWhere the time goes, by a profile (which slows small functions down):\n")
    sys.stdout.write(f"decide   {spent}\n")
    with _trip({"orders": raws}) as trip:
        sys.stdout.write(f"book     {_parts(trip.book, _OF_BOOK)}\n")


def _steps(trip: Trip, raws: Sequence[dict[str, Any]]) -> dict[str, Step]:
    desk, shop = _desk(trip.workspace), _shop(trip.workspace)
    orders = [read_order(raw, shop) for raw in raws]
    decided = [(order, one) for order in orders for one in decide(Case(order=order), desk).documents]
    plans = [(one.named.plan, order, one.named.ref_number) for order, one in decided if one.text]
    documents = [one.named.document for _, one in decided if one.text]
    values = [_fields(etree.fromstring(one.text)) for _, one in decided if one.text]
    means = trip.workspace.means()
    quick = Renderer(means.templates, _Unchecked(shipped_schema()), proven=means.shipped_templates)  # type: ignore[arg-type]
    return {
        "f-string floor": Step(ORDERS, lambda _: _each(_floor, values)),
        PEER: Step(ORDERS, lambda _: _each(elements, values)),
        "names and Jinja": Step(ORDERS, lambda _: _names(plans, desk, quick)),
        "render and check (XSD)": Step(ORDERS, lambda _: _render(documents, desk.renderer)),
        "read the order": Step(ORDERS, lambda _: _each(lambda raw: read_order(raw, shop), raws)),
        "book by role": Step(ORDERS, lambda _: _each(lambda order: walk(order, timeline(order, ())), orders)),
        "decide": Step(ORDERS, lambda _: _decide(orders, desk)),
        "book, before the first session": Step(ORDERS, Trip.book, lambda: _trip({"orders": raws})),
        "book, snapshot to request row": Step(
            ORDERS - MET, Trip.book, lambda: _trip({"orders": raws}, before={"orders": raws[:MET]})
        ),
    }


def _each(work: Callable[[Any], object], given: Sequence[Any]) -> None:
    for one in given:
        work(one)


def _names(plans: Named, desk: Desk, quick: Renderer) -> None:
    """What a builder does too: values by name, then text."""
    for plan, order, number in plans:
        answers = desk.answers.on(plan.on)
        namer = Namer(names=desk.names, plan=plan, order=order, answers=answers, slot=slot_token)
        quick.render(name_plan(namer, number).document, request_id="b")  # type: ignore[arg-type]


def _render(documents: Sequence[Any], renderer: Renderer) -> None:
    for document in documents:
        renderer.render(document, request_id="b")


def _decide(orders: Sequence[Order], desk: Desk) -> None:
    desk.taken.clear()
    for order in orders:
        decide(Case(order=order), desk)


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


@contextmanager
def _trip(facts: dict[str, Any], before: dict[str, Any] | None = None) -> Iterator[Trip]:
    """A workspace of its own with these facts pulled; those of `before` are in QuickBooks already."""
    with tempfile.TemporaryDirectory() as folder:
        trip = Trip(Path(folder))
        try:
            if before is not None:
                trip.pull(before)
                trip.book()
                trip.deliver()
            trip.pull(facts)
            # What the bench itself holds is not swept in the middle of a step.
            gc.collect()
            gc.freeze()
            yield trip
        finally:
            trip.close()


def _shop(workspace: Workspace) -> Any:
    with workspace.store.reading() as tx:
        found = parties.merchant(tx, "oak-ember")
        assert found is not None
        return found.shop


def _desk(workspace: Workspace) -> Desk:
    means = workspace.means()
    return desk_of(desk_spec(means, means.merchant("oak-ember"), _shop(workspace)))


#: Words for the reader -> the functions that stand for them: file's end and name.
_OF_DECIDE = {
    "events": ("shop/timeline.py", "timeline"),
    "checks": ("booking/checks.py", "order_holds"),
    "booked by role": ("decide/orders.py", "_bookable"),
    "drawn up": ("booking/shape.py", "shape"),
    "proved": ("books/proof.py", "prove"),
    "named": ("naming/documents.py", "name_plan"),
    "written": ("qbxml/render.py", "_text"),
    "checked by XSD": ("qbxml/schema.py", "check"),
}
_OF_BOOK = {
    "read": ("sources/shopify/reading/order.py", "read_order"),
    "decided": ("decide/orders.py", "decide_order"),
    "kept": ("sync/keeping/chunk.py", "keep_decisions"),
    "of it SQL": ("engine/default.py", "do_executemany"),
}


def _parts(run: Callable[[], object], of: dict[str, tuple[str, str]]) -> str:
    """Each function's share of a run, what it calls included."""
    profile = cProfile.Profile()
    profile.runcall(run)
    stats: Any = pstats.Stats(profile)  # what it has counted is in no stub
    shares = []
    for word, (end, name) in of.items():
        spent = sum(
            row[3] for (file, _, called), row in stats.stats.items() if file.endswith(end) and called == name
        )
        shares.append(f"{word} {spent / stats.total_tt:.0%}")
    return ", ".join(shares)


if __name__ == "__main__":
    main()
