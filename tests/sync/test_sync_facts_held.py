"""A plugin asks that a fact beside orders waits: it is held whole, let go by a person, and booked as it is told then."""

from __future__ import annotations

import pytest
from trip import Trip

from qbconsole.books.holds import Reason
from qbconsole.care.attention import Operator
from qbconsole.store import holds
from qbconsole.views.postings import postings

PLUGIN = """from qbconsole.plugin import GatewayFee, Purchase, hookimpl


@hookimpl
def hold_fact(fact, event, options):
    if isinstance(fact, GatewayFee) and fact.amount.amount > 5:
        return f"A fee of {fact.amount} is unusual."
    if isinstance(fact, Purchase) and event.kind == "receipt":
        return "Goods came: count them first."
    return None
"""


@pytest.fixture
def trip(tmp_path):
    (tmp_path / "plugins").mkdir()
    path = tmp_path / "plugins" / "look.py"
    path.write_text(PLUGIN)
    path.chmod(0o644)
    found = Trip(tmp_path, edit=lambda text: text.replace("plugins = []", 'plugins = ["look"]', 1))
    yield found
    found.close()


def a_fee(number: str, amount: str) -> dict:
    told = {"id": number, "gateway": "paypal", "date": "2026-03-05"}
    return told | {"amount": amount, "currencyCode": "USD"}


def held(trip: Trip) -> dict[str, str]:
    with trip.workspace.store.reading() as tx:
        rows = holds.open_holds(tx, reason=Reason.PLUGIN_HOLD)
    return {row.hold.where: row.hold.sentence for row in rows}


def posted(trip: Trip, role: str) -> list[str]:
    return [day[role] for day in postings(trip.workspace.store)["postings"].values() if role in day]


def release(trip: Trip, name: str) -> None:
    done = Operator(store=trip.workspace.store, clock=trip.workspace.clock, who="operator:ann").release(
        [name], "seen"
    )
    assert done.done


def test_a_fact_waits_for_a_person_and_others_go_on(trip):
    trip.pull({"fees": [a_fee("1", "1.00"), a_fee("2", "9.00")]})
    trip.book()
    assert held(trip) == {"fee paypal-2, look": "A fee of 9.00 USD is unusual."}
    assert posted(trip, "merchant_fees") == ["1.00"]
    trip.book()
    assert posted(trip, "merchant_fees") == ["1.00"], "looked at again, it waits still"
    release(trip, "fee paypal-2")
    trip.book()
    assert (held(trip), posted(trip, "merchant_fees")) == ({}, ["10.00"])
    trip.book()
    assert posted(trip, "merchant_fees") == ["10.00"]


def test_a_plugin_that_is_content_now_lets_it_go(trip):
    trip.pull({"fees": [a_fee("2", "9.00")]})
    trip.book()
    path = trip.workspace.root / "plugins" / "look.py"
    path.write_text(PLUGIN.replace("> 5", "> 50"))
    trip.book()
    assert (held(trip), posted(trip, "merchant_fees")) == ({}, ["9.00"])


def test_a_purchase_waits_whole(trip):
    goods = [{"sku": "MUG", "quantity": 1, "unitCost": "4.00"}]
    told = {
        "number": "7",
        "vendor": "Clayworks",
        "orderedAt": "2026-03-01",
        "currencyCode": "USD",
        "lines": goods,
    }
    trip.pull(
        {"purchases": [told | {"receipts": [{"id": "R1", "receivedAt": "2026-03-03", "lines": goods}]}]}
    )
    trip.book()
    assert held(trip) == {"purchase 7, look": "Goods came: count them first."}
    assert posted(trip, "inventory_asset") == []
    release(trip, "purchase 7")
    trip.book()
    assert (held(trip), posted(trip, "inventory_asset")) == ({}, ["4.00"])
