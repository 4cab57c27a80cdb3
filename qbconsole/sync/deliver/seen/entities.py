"""Whom QuickBooks has a document on: what is bound to it has to be of the same customer or vendor.

A bookkeeper may move an invoice to another customer; and after our database went back, a document may be booked anew
under a mapping that names another one than it was sent with. A payment, a refund or goods that were booked by our own name are
then refused, however often they are sent. So what is bound to it and has not left is booked again first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec
import sqlalchemy as sa

from qbconsole.books.naming.following.so_far import LENDING
from qbconsole.company.documents import ObservedDocument
from qbconsole.company.records import Ref
from qbconsole.store import books, lists, requests, snapshots
from qbconsole.store.books import recorded
from qbconsole.store.books.sources import snapshot_of
from qbconsole.store.encoding import folded
from qbconsole.store.entities_there import put_entities
from qbconsole.store.former_names import names_borne
from qbconsole.store.requests.behind import NOT_THERE
from qbconsole.store.requests.current import wait_for_book
from qbconsole.sync.deliver.seen.comparing import SameName
from qbconsole.sync.deliver.turn import Filing

_LENDING = frozenset(kind.value for kind in LENDING)


class _Named(msgspec.Struct):
    customer_ref: str | None = None
    vendor_ref: str | None = None


def same_names(tx: sa.Connection, company: str, found: Iterable[ObservedDocument]) -> SameName:
    """Knows the entries that these documents name again by every name they bore."""
    refs = [
        ref for one in found for ref in (one.customer, one.account, *(line.account for line in one.lines))
    ]
    return _Borne(names_borne(tx, company, {ref.list_id for ref in refs if ref.list_id}))


@dataclass(frozen=True, slots=True)
class _Borne:
    borne: Mapping[str, frozenset[str]]

    def __call__(self, ours: str, theirs: Ref) -> bool:
        return folded(ours) in {folded(theirs.full_name), *self.borne.get(theirs.list_id, ())}


def heed_entities(filing: Filing, found: Mapping[str, ObservedDocument], same: SameName) -> None:
    """Keep whom these documents of ours (by key) are on; what is bound to one that moved waits for `book`."""
    lending = {key: one for key, one in found.items() if one.kind in _LENDING and one.customer.full_name}
    if not lending:
        return
    told: dict[str, str | None] = {}
    lists_of: dict[str, str] = {}
    for key, (_, body) in books.named_bodies(filing.tx, lending).items():
        named = msgspec.json.decode(body, type=_Named)
        ours, theirs = named.customer_ref or named.vendor_ref, lending[key].customer
        told[key] = None if ours is None or same(ours, theirs) else theirs.full_name
        lists_of[key] = "customer" if named.customer_ref else "vendor"
    news = put_entities(filing.tx, told)
    if news:
        _read_again(filing, ((lists_of[key], told[key]) for key in news))
        _book_again(filing, news)


def _read_again(filing: Filing, named: Iterable[tuple[str, str | None]]) -> None:
    """A list that we know without such a name is older than it: who books would take the name for one that is gone."""
    for kind, name in named:
        if name is not None and not lists.find_names(filing.tx, filing.company, kind, [name]):
            lists.read_again(filing.tx, filing.company, [kind])


def _book_again(filing: Filing, keys: Iterable[str]) -> None:
    """What is bound to these and has not left is named again before it goes."""
    bound = {one for some in recorded.applied_to(filing.tx, filing.company, keys).values() for one in some}
    waiting = {
        row.document_key
        for row in requests.requests_of_documents(filing.tx, sorted(bound))
        if row.state in NOT_THERE and not row.is_fixed and row.document_key
    }
    for row in books.documents(filing.tx, keys=sorted(waiting), limit=len(waiting)) if waiting else ():
        kind, source_id = snapshot_of(row.source_id)
        snapshots.want_booking(filing.tx, row.merchant, kind, [source_id])
        wait_for_book(filing.tx, row.merchant, filing.at)
