"""Two shops of one company file have a purchase of the same number: what holds one of them is not the other's."""

from __future__ import annotations

import pytest
from trip import SHOP, Trip

from qbconsole.views.postings import postings

OUTLET = '\n[merchants.outlet]\ncompany = "oak"\nshop = "outlet.myshopify.com"\n'


def a_purchase(currency: str) -> dict:
    goods = [{"sku": "MUG", "quantity": 10, "unitCost": "4.00"}]
    return {
        "number": "PO1",
        "vendor": "Clayworks",
        "orderedAt": "2026-03-01",
        "currencyCode": currency,
        "lines": goods,
        "receipts": [{"id": "R1", "receivedAt": "2026-03-03", "lines": goods}],
    }


@pytest.fixture
def trip(tmp_path):
    trip = Trip(tmp_path, edit=lambda text: text + OUTLET)
    yield trip
    trip.close()


def told(trip: Trip, *, oak: str = "", outlet: str = "") -> tuple[list[str], str]:
    """The places that are held, and what both owe their vendors, once these were pulled and booked."""
    for currency, shop in ((oak, SHOP), (outlet, SHOP | {"myshopifyDomain": "outlet.myshopify.com"})):
        if currency:
            trip.pull({"shop": shop, "purchases": [a_purchase(currency)]})
    trip.book()
    trip.book()
    found = postings(trip.workspace.store)
    owed = found["postings"].get("2026-03-03", {}).get("accounts_payable", "0.00")
    held = [one for one in found["holds"] if one["reason"] == "currency_mismatch"]
    return sorted(one["source"] for one in held), owed


def places(merchant: str) -> list[str]:
    return [f"purchase PO1 of {merchant}", f"purchase PO1 receipt R1 of {merchant}"]


@pytest.mark.parametrize("first", ["oak", "outlet"])
def test_a_purchase_stays_held_while_the_other_shops_is_booked(trip, first):
    second = {"oak": "outlet", "outlet": "oak"}[first]
    mine = places({"oak": "oak-ember", "outlet": "outlet"}[first])
    assert told(trip, **{first: "EUR"}) == (["purchase PO1", "purchase PO1 receipt R1"], "0.00")
    assert told(trip, **{second: "USD"}) == (mine, "-40.00")


def test_of_two_that_are_held_one_stays_when_the_other_is_cured(trip):
    both = sorted([*places("oak-ember"), *places("outlet")])
    assert told(trip, oak="EUR", outlet="EUR") == (both, "0.00")
    assert told(trip, oak="USD") == (places("outlet"), "-40.00")
    assert told(trip, outlet="USD") == ([], "-80.00")
