"""A document that is in QuickBooks twice is told: a dialog closed after its PC was declared gone, or a copy by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hands import Hands
from trip import COMPANY, Trip

from qbconsole.books.holds import Reason
from qbconsole.books.identity import key_in
from qbconsole.sandbox.quickbooks import QuickBooks
from qbconsole.sandbox.shopify import Shop
from qbconsole.store import books, holds
from qbconsole.sync.deliver.doubt import silence
from qbconsole.sync.deliver.exchange import LEASE_SECONDS


@pytest.fixture
def trip(tmp_path):
    """QuickBooks forgets all sets but the newest; its PC's clock goes with ours."""
    made = Trip(tmp_path)
    made.quickbooks = QuickBooks(
        made.company_file, requests_xsd=made.quickbooks.requests_xsd, clock=lambda: made.now
    )
    made.quickbooks.retention = "newest"
    shop = Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=12)
    made.pull({"orders": shop.orders})
    made.book()
    made.delivery  # noqa: B018  the password is made with it
    yield made
    made.close()


def flags(trip):
    with trip.workspace.store.reading() as tx:
        found = holds.open_holds(tx, company=COMPANY, reason=Reason.TWICE_IN_QUICKBOOKS)
        return [row.hold for row in found]


def filed(trip):
    """Key -> TxnIDs of what stands in QuickBooks."""
    told: dict[str, list[str]] = {}
    for one in trip.company_file.documents():
        if key := key_in(one.memo):
            told.setdefault(key, []).append(one.txn_id)
    return told


def own_id(trip, key):
    """The TxnID we know a document by."""
    with trip.workspace.store.reading() as tx:
        return next(iter(books.documents(tx, keys=[key], limit=1))).txn_id


def taken_and_gone(trip) -> tuple[Hands, str]:
    """A connector goes silent with documents in hand and is declared gone."""
    quiet = Hands(trip)
    quiet.login()
    text = quiet.take_until("<SalesReceiptAdd>")
    trip.now += timedelta(seconds=LEASE_SECONDS + 1)
    Hands(trip, peer="10.0.0.9").whole_session()
    with trip.workspace.store.atomic() as tx:
        assert silence.declare_gone(tx, COMPANY, "operator:ann", trip.now)
    return quiet, text


def test_a_dialog_closed_after_its_pc_was_declared_gone_makes_copies_that_are_told(trip):
    quiet, text = taken_and_gone(trip)
    Hands(trip, peer="10.0.0.9").whole_session()
    quiet.bring(text)
    copies = {key: ids for key, ids in filed(trip).items() if len(ids) > 1}
    assert copies
    trip.now += timedelta(days=1)
    Hands(trip, peer="10.0.0.9").whole_session()
    told = {hold.subject: hold for hold in flags(trip)}
    assert told.keys() == copies.keys()
    for key, ids in copies.items():
        assert told[key].is_flag
        assert all(one in told[key].sentence for one in ids)
    trip.now += timedelta(hours=1)
    for number, (key, ids) in enumerate(sorted(copies.items())):
        ours = own_id(trip, key)
        other = next(one for one in ids if one != ours)
        trip.company_file.void_document(other if number else ours, trip.now)
    trip.now += timedelta(days=1)
    Hands(trip, peer="10.0.0.9").whole_session()
    assert flags(trip) == []


def test_what_was_in_doubt_and_is_found_twice_is_told_at_once(trip):
    quiet, text = taken_and_gone(trip)
    trip.quickbooks.retention = "none"
    quiet.bring(text)
    trip.company_file.sets.clear()
    quiet.bring(text)
    copies = {key for key, ids in filed(trip).items() if len(ids) > 1}
    assert copies
    Hands(trip, peer="10.0.0.9").whole_session()
    assert {hold.subject for hold in flags(trip)} == copies
