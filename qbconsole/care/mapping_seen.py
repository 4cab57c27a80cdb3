"""What stored orders came from and were paid by: each is looked at for three words only, so that 10,000 take a moment."""

from __future__ import annotations

from typing import Any

import msgspec

from qbconsole.books.roles import gateway_handle
from qbconsole.rules.mapping.lint.seen import Seen
from qbconsole.store import snapshots
from qbconsole.store.database import Store

#: So many orders are read at once.
_PAGE = 500


class _Place(msgspec.Struct, gc=False):
    name: Any = None


class _Order(msgspec.Struct, gc=False, rename="camel"):
    """An order as Shopify tells it, as far as it is looked at; whatever shape the rest has."""

    source_name: Any = None
    retail_location: _Place | None = None
    tenders: Any = msgspec.field(default=None, name="transactions")


_READ = msgspec.json.Decoder(_Order)


def seen_orders(store: Store, merchant: str) -> Seen:
    """What a merchant's stored orders say of channel, location and gateway; those that cannot be read say nothing."""
    channels: set[str] = set()
    locations: set[str] = set()
    gateways: set[str] = set()
    after, orders = "", 0
    while True:
        with store.reading() as tx:
            rows = snapshots.latest_of(tx, merchant, "order", after=after, limit=_PAGE)
        if not rows:
            break
        after, orders = rows[-1].source_id, orders + len(rows)
        for row in rows:
            try:
                order = _READ.decode(row.raw)
            except msgspec.MsgspecError:
                continue  # held as unreadable: not what is looked for here
            _add(channels, order.source_name)
            _add(locations, order.retail_location.name if order.retail_location else None)
            for tender in _rows(order.tenders):
                _add(gateways, tender.get("gateway") if isinstance(tender, dict) else None)
    return Seen(
        channels=frozenset(channels),
        locations=frozenset(locations),
        gateways=frozenset((*gateways, *map(gateway_handle, gateways))),
        orders=orders,
    )


def _add(found: set[str], word: object) -> None:
    if isinstance(word, str) and word:
        found.add(word)


def _rows(told: object) -> list[Any]:
    """A list, or the nodes of a connection."""
    rows = told.get("nodes") if isinstance(told, dict) else told
    return rows if isinstance(rows, list) else []
