"""What changed on the shelves that nothing else explains: one adjustment group a pull.

Shopify keeps no list of past corrections. So each pull remembers, for every tracked item, the units on hand less the
units committed to orders, and compares. From the difference it takes what is known to have caused it:

* units that orders took or gave back since, from the orders themselves;
* units on their way between places, and units received from a supplier, from the transfers.

What is left is a count, a loss or a find. It is reckoned per item over all places (which place a committed unit will
leave from is not known) and told at the place that changed most. A sale takes its unit whether or not it has been sent.

Nothing is derived at the first pull, for an item seen for the first time, for an item that moved after the orders'
window ended or of which another pull told something while the shelves were asked for (it waits for the next pull), or
while transfers are withheld or one of them could not be read whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from qbconsole.errors import ShopifyContradiction, ShopifyRefused
from qbconsole.failpoints import reach
from qbconsole.sources.shopify import facts
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.facts.batch import stamp
from qbconsole.store import journal, parties, snapshots
from qbconsole.store.encoding import comparable, moment_text
from qbconsole.sync.means import Means
from qbconsole.sync.pull.keep import Pulled, keep, source_id
from qbconsole.sync.pull.stock.nameless import VARIANT, named_since, told_anew, variants_of
from qbconsole.sync.pull.stopped import EVERYWHERE
from qbconsole.value import Value

#: Kind of snapshot: what an item's shelves held the last time. Nothing is booked from it.
LEVEL = "inventory_level"
GROUP = "inventory_group"
CURSOR = "facts/inventory_level"
_MOVED = "stock_moved"
_CHUNK = 500
_ON_ITS_WAY = frozenset({"IN_TRANSIT", "PARTIALLY_RECEIVED"})
Raw = Mapping[str, Any]


def note_moved(tx: sa.Connection, merchant: str, orders: Sequence[Raw], at: datetime) -> None:
    """Add up what these orders took or gave back beyond what was known; in the commit that keeps them."""
    looked = snapshots.get_cursor(tx, merchant, CURSOR)
    if not orders or looked is None:
        return  # no shelf was looked at yet, so there is nothing to compare with
    moved = _moved(tx, merchant)
    newest: dict[str, tuple[str | None, Raw | None]] = {}
    for order in orders:
        number, changed = source_id("order", order), _when(order.get("updatedAt"))
        if number not in newest:
            held = snapshots.latest(tx, merchant, "order", number)
            newest[number] = (held.updated_at, msgspec.json.decode(held.raw)) if held else (None, None)
        before, known = newest[number]
        if changed is not None and before is not None and changed < before:
            continue  # older than what is known: it is not kept either
        newest[number] = changed or before, order
        made = _when(order.get("createdAt")) or ""
        is_late = known is None and bool(made) and made < (comparable(looked) or "")
        for item, units in units_out(order).items():
            if is_late and made < _first_look(tx, merchant, item):
                continue  # what was remembered of the item was without them from the beginning
            moved[item] = moved.get(item, 0) + units
        for item, units in units_out(known or {}).items():
            moved[item] = moved.get(item, 0) - units
    _set_moved(tx, merchant, moved, at)


def _when(told: object) -> str | None:
    """A time of an order as text that can be compared; None where there is none."""
    try:
        return comparable(str(told)) if told else None
    except ValueError:
        return None  # it is refused where it is kept


def _first_look(tx: sa.Connection, merchant: str, item: str) -> str:
    """Of when an item was first remembered; "" where it never was, for then nothing is compared with it."""
    looks = snapshots.history(tx, merchant, LEVEL, item.rpartition("/")[2])
    # It had not changed since that window's end, however late it was kept. Looks of old do not say when that was.
    return (looks[-1].updated_at or moment_text(looks[-1].arrived_at)) if looks else ""


def _moved(tx: sa.Connection, merchant: str) -> dict[str, int]:
    found = snapshots.get_cursor(tx, merchant, _MOVED)
    return msgspec.json.decode(found, type=dict[str, int]) if found else {}


def _set_moved(tx: sa.Connection, merchant: str, moved: Mapping[str, int], at: datetime) -> None:
    kept = {item: units for item, units in moved.items() if units}
    snapshots.set_cursor(tx, merchant, _MOVED, msgspec.json.encode(kept).decode(), at)


def units_out(order: Raw) -> dict[str, int]:
    """Units an order holds or took, by inventory item: what it still sells, and what came back but to no shelf."""
    lost: dict[str, int] = {}
    for refund in order.get("refunds") or ():
        for row in (refund.get("refundLineItems") or {}).get("nodes") or ():
            if not row.get("restocked"):
                line = str((row.get("lineItem") or {}).get("id"))
                lost[line] = lost.get(line, 0) + int(row["quantity"])
    out: dict[str, int] = {}
    for line in (order.get("lineItems") or {}).get("nodes") or ():
        item = ((line.get("variant") or {}).get("inventoryItem") or {}).get("id")
        if item:
            current = line.get("currentQuantity")
            units = int(line["quantity"] if current is None else current) + lost.get(str(line["id"]), 0)
            out[str(item)] = out.get(str(item), 0) + units
    return out


def pull_stock(
    means: Means,
    merchant: str,
    client: ShopifyClient,
    until: datetime,
    pulled: Pulled,
    *,
    transfers_read: bool,
) -> Pulled:
    """Look at the shelves and keep one group for what nothing explains; `until` is the end of the orders' window."""
    if not transfers_read:
        return pulled.warned(["Stock corrections were not looked for: they cannot be told from transfers"])
    with means.store.reading() as tx:
        before = _causes(tx, merchant)
        known = _known(tx, merchant)
    try:
        items = list(facts.stock_levels(client))
        asked = {"first": 1, "query": f"updated_at:>='{stamp(until)}'"}
        busy = bool(client.query("order_index", asked).need("orders")["nodes"])
        variants = variants_of(client, _nameless(items, known, before))
    except EVERYWHERE:
        raise
    except (ShopifyRefused, ShopifyContradiction) as cause:
        return pulled.warned([f"No stock levels were read: {cause}"])
    with means.store.atomic() as tx:
        parties.lock_merchant(tx, merchant)
        pulled = _compare(means, tx, merchant, items, until, pulled, before, variants, busy=busy)
        reach("before_pulled_commit")
    reach("after_pulled_commit")
    return pulled


def _compare(
    means: Means,
    tx: sa.Connection,
    merchant: str,
    items: Sequence[Raw],
    until: datetime,
    pulled: Pulled,
    before: _Causes,
    variants: Mapping[str, Raw],
    *,
    busy: bool,
) -> Pulled:
    """Compare with the last time; `busy` says that orders changed after the window ended.

    `before`: the causes known when the shelves were asked for. What another pull told of an item meanwhile may have
    happened since, so that item waits for the next pull; where another one looked meanwhile, all do.
    """
    causes = _causes(tx, merchant)
    since, moved, away = causes.looked, causes.moved, causes.away
    if since != before.looked or (since is not None and stamp(until) < since):
        return pulled
    known = _known(tx, merchant)
    if given := named_since(items, known):
        pulled += keep(means, tx, merchant, GROUP, told_anew(_latest(tx, merchant, GROUP), given))
    levels, changes, waiting = [], [], {}
    for item in items:
        gid = str(item["id"])
        if _unsettled(item, until, busy=busy) or causes.of(gid) != before.of(gid):
            waiting[gid] = moved.get(gid, 0)
            continue
        level = _level(item, away.get(gid, 0))
        if not item["sku"] and (variant := variants.get(gid) or known.get(gid, {}).get(VARIANT)):
            level[VARIANT] = variant
        if level != known.get(gid):
            levels.append(level)
        if gid in known:
            changes += _change(item, level, known[gid], moved.get(gid, 0))
    at = means.clock()
    snapshots.put(tx, merchant, LEVEL, [_snapshot(level, until) for level in levels], at)
    _nothing_to_book(tx, merchant)
    _set_moved(tx, merchant, waiting, at)
    snapshots.set_cursor(tx, merchant, CURSOR, stamp(until), at)
    if since is None or not changes:
        return pulled
    pulled += keep(means, tx, merchant, GROUP, [_group(since, until, changes)])
    journal.record(tx, "operator", "pull", merchant, pulled.counts(), at)
    return pulled


def _known(tx: sa.Connection, merchant: str) -> dict[str, Raw]:
    return {str(row["id"]): row for row in _latest(tx, merchant, LEVEL)}


def _nameless(items: Iterable[Raw], known: Mapping[str, Raw], causes: _Causes) -> set[str]:
    """Items without a SKU of which a change is to be told, and nobody knows yet what they are called."""
    return {
        gid
        for item in items
        if not item["sku"] and VARIANT not in known.get(gid := str(item["id"]), {VARIANT: None})
        if _change(item, _level(item, causes.away.get(gid, 0)), known[gid], causes.moved.get(gid, 0))
    }


class _Causes(Value):
    """What is known to have changed the shelves since they were looked at."""

    looked: str | None
    #: Units by item that orders took, and that are between places.
    moved: dict[str, int]
    away: dict[str, int]

    def of(self, item: str) -> tuple[int, int]:
        """Those of one item."""
        return self.moved.get(item, 0), self.away.get(item, 0)


def _causes(tx: sa.Connection, merchant: str) -> _Causes:
    return _Causes(
        looked=snapshots.get_cursor(tx, merchant, CURSOR),
        moved=_moved(tx, merchant),
        away=_away(_latest(tx, merchant, "transfer")),
    )


def _latest(tx: sa.Connection, merchant: str, kind: str) -> Iterator[dict[str, Any]]:
    after = ""
    while rows := snapshots.latest_of(tx, merchant, kind, after=after, limit=_CHUNK):
        after = rows[-1].source_id
        for row in rows:
            yield msgspec.json.decode(row.raw)


def _away(transfers: Iterable[Raw]) -> dict[str, int]:
    """Units by item that left a shelf and reached none yet; units a supplier brought count the other way."""
    away: dict[str, int] = {}
    for transfer in transfers:
        ours = transfer.get("origin") is not None
        for shipment in (transfer.get("shipments") or {}).get("nodes") or ():
            for line in (shipment.get("lineItems") or {}).get("nodes") or ():
                item = str((line.get("inventoryItem") or {}).get("id"))
                if not ours:
                    units = -int(line["acceptedQuantity"])
                elif shipment["status"] in _ON_ITS_WAY:
                    units = int(line["unreceivedQuantity"])
                else:
                    units = 0
                away[item] = away.get(item, 0) + units
    return away


def _quantity(level: Raw, name: str) -> int:
    return sum(int(row["quantity"]) for row in level["quantities"] if row["name"] == name)


def _unsettled(item: Raw, until: datetime, *, busy: bool) -> bool:
    """Whether something moved after the orders' window: then not every cause is known yet.

    A quantity that does not say when it changed is taken as moved when any order did.
    """
    return any(
        busy if not row.get("updatedAt") else datetime.fromisoformat(row["updatedAt"]) >= until
        for level in item["inventoryLevels"]["nodes"]
        for row in level["quantities"]
    )


def _level(item: Raw, away: int) -> dict[str, Any]:
    """What is remembered of an item: units at each place that no order has a claim on, and units between places."""
    return {
        "id": item["id"],
        "sku": item["sku"],
        "unitCost": item["unitCost"],
        "away": away,
        "places": [
            {
                "location": level["location"],
                "free": _quantity(level, "on_hand") - _quantity(level, "committed"),
                "onHand": _quantity(level, "on_hand"),
            }
            for level in sorted(item["inventoryLevels"]["nodes"], key=lambda level: str(level["id"]))
        ],
    }


def _change(item: Raw, now: Raw, then: Raw, moved: int) -> list[dict[str, Any]]:
    before = {row["location"]["id"]: int(row["free"]) for row in then["places"]}
    deltas = {
        row["location"]["id"]: int(row["free"]) - before.pop(row["location"]["id"], 0)
        for row in now["places"]
    }
    gone = sum(before.values())  # places the item is no longer kept at
    delta = sum(deltas.values()) - gone + int(now["away"]) - int(then["away"]) + moved
    if not delta or not now["places"]:
        return []
    sign = 1 if delta > 0 else -1
    place = max(now["places"], key=lambda row: sign * deltas[row["location"]["id"]])
    return [
        {
            "name": "on_hand",
            "delta": delta,
            "quantityAfterChange": place["onHand"],
            "item": {name: now[name] for name in ("id", "sku", "unitCost", VARIANT) if name in now},
            "location": place["location"],
        }
    ]


def _group(since: str, until: datetime, changes: Sequence[Raw]) -> dict[str, Any]:
    """The group in the shape of the file; its id is the span it covers, so the same pull makes the same group."""
    span = f"{since}-{stamp(until)}".replace(":", "")
    return {
        "id": f"gid://qbconsole/InventoryAdjustmentGroup/{span}",
        "createdAt": stamp(until),
        "reason": "difference_between_pulls",
        "changes": list(changes),
    }


def _snapshot(level: Raw, as_of: datetime) -> snapshots.NewSnapshot:
    number = str(level["id"]).rpartition("/")[2]
    return snapshots.NewSnapshot(source_id=number, updated_at=stamp(as_of), raw=msgspec.json.encode(level))


def _nothing_to_book(tx: sa.Connection, merchant: str) -> None:
    """Levels are our own memory: they do not wait to be booked."""
    while rows := snapshots.to_book(tx, merchant, LEVEL, limit=_CHUNK):
        snapshots.mark_booked(tx, [row.id for row in rows], None)
