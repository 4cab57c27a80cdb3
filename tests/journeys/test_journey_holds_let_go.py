"""What a plugin or a rule asked to look at: held, let go by a person, booked; and what was new is new no more."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from builders import Line, Pay, an_order
from trip import Trip

from qbconsole.books.holds import Reason
from qbconsole.care.attention import Operator
from qbconsole.store import books, holds
from qbconsole.store.books.first_words import first_sources

PLUGINS = Path(__file__).parents[2] / "plugins"
UNUSUAL = """
[merchants.oak-ember.plugin.hold_unusual]
after_changes = {after_changes}
"""
RULE = """
[[merchants.oak-ember.rules]]
when = { amount = { at_least = "100" } }
hold = "Look at it"
"""


def sold(number: int, sku: str, price: str = "20.00"):
    order = an_order([Line(price=price, sku=sku)], pays=[Pay(amount=price)], number=number)
    order["transactions"][0]["id"] = f"gid://shopify/OrderTransaction/{number}"
    return order


def trip_with(root: Path, text: str, *plugins: str) -> Trip:
    (root / "plugins").mkdir()
    for name in plugins:
        shutil.copyfile(PLUGINS / f"{name}.py", root / "plugins" / f"{name}.py")
        (root / "plugins" / f"{name}.py").chmod(0o644)
    listed = ", ".join(f'"{name}"' for name in plugins)
    return Trip(root, edit=lambda shipped: shipped.replace("plugins = []", f"plugins = [{listed}]", 1) + text)


@pytest.fixture
def unusual(tmp_path):
    trip = trip_with(tmp_path, UNUSUAL.format(after_changes="false"), "hold_unusual")
    yield trip
    trip.close()


def held(trip: Trip) -> dict[str, str]:
    """Where -> why, of everything a plugin or rule keeps back."""
    with trip.workspace.store.reading() as tx:
        rows = holds.open_holds(tx, reason=Reason.PLUGIN_HOLD)
    return {row.hold.where: row.hold.sentence for row in rows}


def numbers(trip: Trip) -> list[str]:
    with trip.workspace.store.reading() as tx:
        return sorted({row.number for row in books.documents(tx, merchant="oak-ember")})


def operator(trip: Trip) -> Operator:
    return Operator(store=trip.workspace.store, clock=trip.workspace.clock, who="operator:ann")


def test_one_order_of_a_new_sku_let_go_lets_the_others_of_it_go_too(unusual):
    unusual.pull({"orders": [sold(1, "NEW"), sold(2, "NEW"), sold(3, "OTHER")]})
    unusual.book()
    assert held(unusual) == {
        f"order #100{n}, hold_unusual": f"Nothing with the SKU {sku} was booked before."
        for n, sku in ((1, "NEW-1"), (2, "NEW-1"), (3, "OTHER-1"))
    }
    assert numbers(unusual) == []
    done = operator(unusual).release(["#1001"], "a new mug")
    assert done.done
    assert not done.left
    unusual.book()
    assert numbers(unusual) == ["#1001"]
    unusual.book()  # what it brought into the books is news to no other order
    assert numbers(unusual) == ["#1001", "#1002"]
    assert list(held(unusual)) == ["order #1003, hold_unusual"]
    unusual.book()
    assert numbers(unusual) == ["#1001", "#1002"]
    unusual.deliver()
    assert unusual.company_file.documents()


def test_the_order_that_brought_it_is_decided_the_same_again(unusual):
    unusual.pull({"orders": [sold(1, "NEW")]})
    unusual.book()
    operator(unusual).release(["#1001"])
    unusual.book()
    with unusual.workspace.store.reading() as tx:
        first = first_sources(tx, "oak-ember", ["sku:NEW-1", "sku:OTHER-1"])
    assert list(first) == ["sku:NEW-1"]
    later = sold(1, "NEW") | {"updatedAt": "2026-04-02T10:00:00Z", "note": "Call first"}
    unusual.pull({"orders": [later]})
    unusual.book()
    assert held(unusual) == {}
    assert numbers(unusual) == ["#1001"]


def test_after_a_change_of_the_mapping_the_first_order_waits_and_then_lets_the_rest_go(tmp_path):
    said = UNUSUAL.format(after_changes="true") + "new_skus = false\n"
    trip = trip_with(tmp_path, said, "hold_unusual")
    try:
        trip.pull({"orders": [sold(1, "A")]})
        trip.book()
        operator(trip).release(["#1001"])
        trip.book()
        trip.pull({"orders": [sold(2, "B")]})
        trip.book()
        assert held(trip) == {}
        assert numbers(trip) == ["#1001", "#1002"]

        path = trip.workspace.root / "mappings.toml"
        path.write_text("# a comment changes nothing\n" + path.read_text())
        trip.pull({"orders": [sold(3, "C")]})
        trip.book()
        assert numbers(trip) == ["#1001", "#1002", "#1003"]

        path.write_text(path.read_text().replace('sales_income = "Sales:Shopify"', 'sales_income = "Sales"'))
        trip.pull({"orders": [sold(4, "D"), sold(5, "E")]})
        trip.book()
        assert list(held(trip)) == ["order #1004, hold_unusual", "order #1005, hold_unusual"]
        operator(trip).release(["#1005"])
        trip.book()
        trip.book()
        assert numbers(trip) == ["#1001", "#1002", "#1003", "#1004", "#1005"]
    finally:
        trip.close()


def test_what_a_rule_holds_can_be_let_go_and_what_is_ignored_stays_out(tmp_path):
    trip = trip_with(tmp_path, RULE)
    try:
        trip.pull({"orders": [sold(1, "A", "150.00"), sold(2, "B", "20.00"), sold(3, "C", "99999.00")]})
        trip.book()
        assert numbers(trip) == ["#1002"]
        assert sorted(held(trip)) == ["order #1001", "order #1003"]
        operator(trip).ignore(["#1003"], "a typing mistake")
        operator(trip).release(["#1001"], "looked at")
        trip.book()
        trip.book()
        assert numbers(trip) == ["#1001", "#1002"]
        assert held(trip) == {}
    finally:
        trip.close()


def test_wrong_options_stop_their_merchant_and_booking_goes_on_once_they_are_right(unusual):
    path = unusual.workspace.root / "mappings.toml"
    good = path.read_text()
    path.write_text(f'{good}amount = "much"\nnew_skus = false\n')
    unusual.pull({"orders": [sold(1, "A")]})
    told = unusual.book()
    assert set(told.stopped) == {"oak-ember"}
    with unusual.workspace.store.reading() as tx:
        (row,) = holds.open_holds(tx, reason=Reason.PLUGIN_BROKEN)
    line = good.count("\n") + 1
    assert row.hold.where == f"mappings.toml:{line}"
    assert "plugin hold_unusual cannot use its options" in row.hold.sentence
    path.write_text(f'{good}amount = "500"\nnew_skus = false\n')
    unusual.book()
    assert numbers(unusual) == ["#1001"]
    with unusual.workspace.store.reading() as tx:
        assert holds.open_holds(tx) == []
