"""Plugins with `document_recorded` are told what QuickBooks recorded since the last run of `book`.

Not while the Web Connector waits: plugins run in the supervised child, which starts in its own time. Told at least
once: a run that dies in between tells again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import msgspec
import sqlalchemy as sa

from qbconsole.decide import DeskSpec
from qbconsole.decide.telling import Recorded
from qbconsole.errors import InputUnreadable
from qbconsole.host.supervisor import PluginHost
from qbconsole.qbxml.templating.examples import all_requests
from qbconsole.rules.mapping.values import Merchant
from qbconsole.shop.orders import Order, Shop
from qbconsole.sources.shopify.reading import read_order
from qbconsole.store import books, journal, parties, snapshots
from qbconsole.store.encoding import unpack
from qbconsole.sync.deciding import desk_spec
from qbconsole.sync.means import Means
from qbconsole.sync.plugins.force import Standing

HOOK = "document_recorded"
#: Cursor: number of the journal's last row that was told.
TOLD = "plugins_told"
_CHUNK = 200


def tell_recorded(means: Means, merchant: Merchant, standings: Mapping[str, Standing]) -> int:
    """Tell a merchant's plugins; gives how many documents. Raises PluginBroken.

    A plugin that has just begun to listen is not told of the past.
    """
    if not any(_listens(standings.get(name)) for name in merchant.plugins):
        return 0
    with means.store.reading() as tx:
        known = parties.merchant(tx, merchant.id)
        cursor = snapshots.get_cursor(tx, merchant.id, TOLD)
        head, _ = journal.head(tx)
    if known is None or known.shop is None:
        return 0
    if cursor is None:
        _move(means, merchant, head)
        return 0
    count, spec = 0, None
    for last, told in _recorded(means, merchant, known.shop, int(cursor)):
        if told:
            spec = spec or desk_spec(means, merchant, known.shop)
            _tell(spec, merchant, told)
        _move(means, merchant, last)
        count += len(told)
    return count


def _listens(standing: Standing | None) -> bool:
    """Whether a plugin has the hook; of an installed one it is not known before it is loaded."""
    return standing is not None and (standing.in_force is None or HOOK in standing.in_force.hooks)


def _tell(spec: DeskSpec, merchant: Merchant, told: list[Recorded]) -> None:
    with PluginHost(spec, plugins=merchant.plugins, work="qbconsole.decide.telling") as host:
        cases: Any = told
        for _ in host.decide_all(cases):
            pass


def _move(means: Means, merchant: Merchant, seq: int) -> None:
    with means.store.atomic() as tx:
        snapshots.set_cursor(tx, merchant.id, TOLD, str(seq), means.clock())


def _recorded(
    means: Means, merchant: Merchant, shop: Shop, after: int
) -> Iterator[tuple[int, list[Recorded]]]:
    """Chunks of what was recorded beyond a row of the journal, with the row each ends at."""
    while True:
        with means.store.reading() as tx:
            rows = journal.about(tx, "quickbooks", "recorded", after=after, limit=_CHUNK)
            keys = [row.subject for row in rows]
            mine = books.documents(tx, merchant=merchant.id, keys=keys, limit=_CHUNK) if keys else []
            found = [one for row in mine if (one := _whole(tx, row, shop)) is not None]
        if not rows:
            return
        after = rows[-1].seq
        yield after, found


def _whole(tx: sa.Connection, row: books.DocumentRow, shop: Shop) -> Recorded | None:
    kept = books.document(tx, row.key)
    kind = {one.request: one for one in all_requests()}.get(f"{row.kind}Add")
    if kept is None or kind is None:
        return None
    document = unpack(kept.document, cast(type[object], kind))
    return Recorded(key=row.key, document=document, order=_order(tx, row, shop), txn_id=row.txn_id)


def _order(tx: sa.Connection, row: books.DocumentRow, shop: Shop) -> Order | None:
    """The order as the shop last told it."""
    found = snapshots.latest(tx, row.merchant, "order", row.source_id) if "/" not in row.source_id else None
    try:
        return read_order(msgspec.json.decode(found.raw), shop) if found is not None else None
    except InputUnreadable:
        return None
