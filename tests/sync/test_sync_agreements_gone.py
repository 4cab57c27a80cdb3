"""An order read by its sales agreements comes without them: what is new of it waits, whatever the money says."""

from __future__ import annotations

import copy

import pytest
from trip import Trip

from qbconsole.books.holds import Reason
from qbconsole.sandbox.shopify import Shop
from qbconsole.store import books, holds


@pytest.fixture
def trip(tmp_path):
    made = Trip(tmp_path)
    yield made
    made.close()


def kinds(trip):
    with trip.workspace.store.reading() as tx:
        return sorted(row.kind for row in books.documents(tx, merchant="oak-ember", limit=100))


def waiting(trip):
    with trip.workspace.store.reading() as tx:
        return [row.hold.reason for row in holds.open_holds(tx, merchant="oak-ember")]


def test_money_paid_back_waits_for_the_agreement_that_says_what_for(trip):
    shop = Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=14)
    order = next(
        one
        for one in shop.orders
        if one["agreements"]["nodes"] and one["displayFinancialStatus"] == "PAID" and not one["refunds"]
    )
    trip.pull({"orders": [copy.deepcopy(order)]})
    trip.book()
    trip.deliver()
    shop.add_refund(order["name"], at=shop.world.end)
    # As an agreement comes that has more sales than one answer holds: without any.
    trip.pull({"orders": [copy.deepcopy(order) | {"agreements": {"nodes": []}}]})
    for _ in range(2):
        trip.book()
        assert kinds(trip) == ["SalesReceipt"]
        assert waiting(trip) == [Reason.INCOMPLETE_ORDER]
    whole = copy.deepcopy(order)
    trip.pull({"orders": [whole]})
    trip.book()
    assert waiting(trip) == []
    once = kinds(trip)
    assert len(once) > 1
    with trip.workspace.store.reading() as tx:
        given_back = [
            row for row in books.documents(tx, merchant="oak-ember", limit=100) if row.kind == "CreditMemo"
        ]
    assert len(given_back) == 1
