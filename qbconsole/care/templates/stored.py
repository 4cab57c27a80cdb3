"""Documents that were booked, with the order behind each, to try a template on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec
import sqlalchemy as sa

from qbconsole.books.plan import DocumentKind, Plan
from qbconsole.decide.documents import returned
from qbconsole.decide.rendering import rendered_text
from qbconsole.errors import InputUnreadable
from qbconsole.qbxml.render import Fragment, Renderer
from qbconsole.qbxml.templating.examples import all_requests
from qbconsole.shop.orders import Order
from qbconsole.sources.shopify.reading import read_order
from qbconsole.store import books, parties, snapshots
from qbconsole.store.encoding import unpack
from qbconsole.sync.means import Means

_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One document as it was booked."""

    merchant: str
    words: str
    plan: Plan
    document: object
    #: The order behind it; None for facts beside orders and shop days.
    order: Order | None

    def render(self, renderer: Renderer) -> Fragment:
        """Its request as these templates write it. Raises TemplateBroken."""
        return rendered_text(
            renderer, self.document, self.plan, self.order, returned(self.plan.kind), self.merchant
        )


def stored_documents(
    means: Means, merchants: Sequence[str], request: str, since: date | None
) -> Iterator[Stored]:
    """The documents of these merchants that a request adds, dated `since` or later, oldest first."""
    kind = request.removesuffix("Add")
    classes = {one.request: one for one in all_requests()}
    if kind not in set(DocumentKind) or request not in classes:
        return
    for merchant in merchants:
        after = 0
        while True:
            with means.store.reading() as tx:
                rows = books.documents(
                    tx, merchant=merchant, kind=kind, first=since, after=after, limit=_PAGE
                )
                found = [_stored(tx, row, classes[request]) for row in rows]
            yield from (one for one in found if one is not None)
            if not rows:
                break
            after = rows[-1].id


def _stored(tx: sa.Connection, row: books.DocumentRow, kind: type) -> Stored | None:
    whole = books.document(tx, row.key)
    if whole is None:
        return None
    return Stored(
        merchant=row.merchant,
        words=f"{row.kind} {row.ref_number or row.number} of {row.txn_date}",
        plan=whole.plan,
        document=unpack(whole.document, kind),
        order=_order(tx, row),
    )


def _order(tx: sa.Connection, row: books.DocumentRow) -> Order | None:
    """The order as the shop last told it; what cannot be read any more has no facts to print."""
    known = parties.merchant(tx, row.merchant)
    snapshot = (
        snapshots.latest(tx, row.merchant, "order", row.source_id) if "/" not in row.source_id else None
    )
    if known is None or known.shop is None or snapshot is None:
        return None
    try:
        return read_order(msgspec.json.decode(snapshot.raw), known.shop)
    except InputUnreadable:
        return None
