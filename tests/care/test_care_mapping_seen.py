"""What stored orders speak of, for notes on rules that name what none of them has."""

from __future__ import annotations

import pytest
from builders import Line, Pay, an_order
from trip import NOW, Trip

from qbconsole.care.mapping_seen import seen_orders
from qbconsole.store.snapshots import NewSnapshot, put

RULES = """
[[merchants.oak-ember.rules]]
when = { location = "Leeds" }
class = "Leeds"
[[merchants.oak-ember.rules]]
when = { gateway = "bogus" }
account = "Checking"
[[merchants.oak-ember.rules]]
when = { sku = "MUG" }
until = 2020-01-01
class = "Old"
"""


@pytest.fixture
def trip(tmp_path):
    trip = Trip(tmp_path)
    orders = [
        an_order([Line(price="12.00")], number=1, pays=[Pay(amount="12.00")]) | {"sourceName": "web"},
        an_order([Line(price="12.00")], number=2, pays=[Pay(amount="12.00")])
        | {"sourceName": "pos", "retailLocation": {"id": "gid://shopify/Location/1", "name": "York"}},
    ]
    trip.pull({"orders": orders})
    yield trip
    trip.close()


def test_channels_locations_and_gateways_are_read_from_what_is_stored(trip):
    seen = seen_orders(trip.workspace.store, "oak-ember")
    assert (seen.channels, seen.locations, seen.orders) == ({"web", "pos"}, {"York"}, 2)
    assert "shopify_payments" in seen.gateways


def test_what_cannot_be_read_says_nothing_and_stops_nothing(trip):
    with trip.workspace.store.atomic() as tx:
        rows = [
            NewSnapshot(source_id="9", updated_at=None, raw=b'{"sourceName": "faire", "retailLocation": 3}'),
            NewSnapshot(source_id="91", updated_at=None, raw=b'{"sourceName": 7, "transactions": ["x", 3]}'),
        ]
        put(tx, "oak-ember", "order", rows, NOW)
    seen = seen_orders(trip.workspace.store, "oak-ember")
    assert (seen.channels, seen.orders) == ({"web", "pos"}, 4)


def test_a_check_notes_what_no_order_had_and_what_is_over_and_has_no_errors(trip):
    path = trip.workspace.root / "mappings.toml"
    path.write_text(path.read_text(encoding="utf-8") + RULES, encoding="utf-8")
    found = trip.workspace.mapping_checked()
    assert (found.errors, found.warnings) == ((), ())
    assert [one.path.partition("rules")[2] for one in found.notes] == [
        "[0].when.location",
        "[1].when.gateway",
        "[2]",
    ]
