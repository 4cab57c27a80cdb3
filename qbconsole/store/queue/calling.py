"""What a person means: the rows of a key, an order's name or a RefNumber."""

from __future__ import annotations

import sqlalchemy as sa

from qbconsole.store.queue.rows import LIVE, OPEN, QueueId
from qbconsole.store.schema import documents, holds, requests

_D, _H, _R = documents.c, holds.c, requests.c


def ids_of_key(tx: sa.Connection, key: str) -> list[QueueId]:
    """The rows that a key stands for: a document's, a held subject's, or a list entry's.

    Every company file may have a list entry so called: "MERCHANT/KEY" is the one that a merchant waits for.
    """
    found = _keyed(tx, key)
    merchant, slash, rest = key.partition("/")
    if not found and slash:
        own = sa.select(_R.id).where(
            _R.merchant == merchant, _R.subject_key == rest, _R.document_key.is_(None)
        )
        found = [
            QueueId("request", n) for n in tx.execute(own.where(_R.state.in_(LIVE)).order_by(_R.id)).scalars()
        ]
    return found


def _keyed(tx: sa.Connection, key: str) -> list[QueueId]:
    found = [QueueId("document", n) for n in tx.execute(sa.select(_D.id).where(_D.key == key)).scalars()]
    if not found:
        stuck = sa.select(_R.id).where(_R.subject_key == key, _R.document_key.is_(None), _R.state.in_(LIVE))
        found = [QueueId("request", number) for number in tx.execute(stuck.order_by(_R.id)).scalars()]
    if not found:
        held = sa.select(sa.func.min(_H.id)).where(OPEN, _H.subject == key).group_by(_H.company, _H.merchant)
        found = [QueueId("hold", number) for number in tx.execute(held).scalars()]
    return found


def ids_called(tx: sa.Connection, text: str) -> list[QueueId]:
    """The rows of a key, else of an order's name or a RefNumber."""
    found = ids_of_key(tx, text)
    if not found:
        named = sa.or_(_D.ref_number == text, _D.number.in_((text, f"#{text}")))
        found = [QueueId("document", n) for n in tx.execute(sa.select(_D.id).where(named)).scalars()]
    if not found:
        places = (text, f"order {text}", f"order #{text}")
        # Behind a comma stands who asked to wait: "order #1001, hold_unusual".
        asked = (_H.place.startswith(f"{place}, ", autoescape=True) for place in places)
        placed = sa.or_(_H.place.in_(places), *asked)
        held = sa.select(sa.func.min(_H.id)).where(OPEN, placed).group_by(_H.company, _H.merchant, _H.subject)
        found = [QueueId("hold", number) for number in tx.execute(held).scalars()]
    return found
