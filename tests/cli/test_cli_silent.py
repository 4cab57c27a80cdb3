"""`queue gone`: an operator says that a silent connector does not come back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hands import Hands
from trip import Trip

from qbconsole.sandbox.shopify import Shop
from qbconsole.sync.deliver.exchange import LEASE_SECONDS


@pytest.fixture
def books(tmp_path):
    """A workspace in which the connector at 10.0.0.5 took documents and went quiet."""
    trip = Trip(tmp_path)
    shop = Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=8)
    trip.pull({"orders": shop.orders})
    trip.book()
    trip.delivery  # noqa: B018  the password is made with it
    quiet = Hands(trip)
    quiet.login()
    quiet.take_until("<SalesReceiptAdd>")
    trip.now += timedelta(seconds=LEASE_SECONDS + 1)
    Hands(trip, peer="10.0.0.9").whole_session()
    trip.close()
    return tmp_path


def test_it_is_told_in_the_status_with_the_command_and_declared_gone_once(run, books):
    told = run("status", workspace=books)
    assert told.status == 1
    assert "The Web Connector at 10.0.0.5 took" in told.out
    held = run("queue", "list", "--json", workspace=books).json["rows"]
    assert {row["reason"] for row in held} >= {"connector_silent"}
    gone = run("queue", "gone", "--json", workspace=books)
    assert gone.status == 0
    (one,) = gone.json["gone"]
    assert (one["peer"], gone.json["company"]) == ("10.0.0.5", "oak")
    assert one["requests"] > 0
    assert "10.0.0.5 took" not in run("status", workspace=books).out
    again = run("queue", "gone", workspace=books)
    assert (again.status, again.out) == (1, "")
    assert "No Web Connector is silent" in again.err


def test_read_only_changes_nothing(run, books):
    assert run("--readonly", "queue", "gone", workspace=books).status == 2
    assert run("queue", "gone", workspace=books).status == 0
