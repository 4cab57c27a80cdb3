"""Lists are read in one question where they are short, page by page where they are long, and whole either way."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hands import Hands
from trip import COMPANY, Trip

from qbconsole.sandbox.quickbooks import QuickBooks
from qbconsole.sandbox.shopify import Shop
from qbconsole.store import lists
from qbconsole.sync.deliver import asking
from qbconsole.sync.deliver.phases import lists as phase

ASKS = re.compile(r"<(Customer|Item|Vendor)QueryRq[^>]*>")


class Asks(Hands):
    """Notes which questions about long lists each set held."""

    def __init__(self, trip: Trip):
        super().__init__(trip)
        self.sets: list[list[str]] = []

    def bring(self, text: str):
        found = [
            f"{one[1]} {'Continue' if 'Continue' in one[0] else 'Start' if 'Start' in one[0] else 'page'}"
            for one in ASKS.finditer(text)
            if "<FullName>" not in text
        ]
        self.sets += [found] if found else []
        return super().bring(text)


@pytest.fixture
def trip(tmp_path):
    made = Trip(tmp_path)
    made.quickbooks = QuickBooks(
        made.company_file, requests_xsd=made.quickbooks.requests_xsd, clock=lambda: made.now
    )
    made.pull({"orders": Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=12).orders})
    made.book()
    made.delivery  # noqa: B018  the password is made with it
    yield made
    made.close()


def known(trip: Trip, kind: str) -> set[str]:
    with trip.workspace.store.reading() as tx:
        return {row.full_name for row in lists.list_rows(tx, COMPANY, kind)}


def read_again(trip: Trip) -> list[list[str]]:
    trip.now += timedelta(hours=13)
    hands = Asks(trip)
    hands.whole_session()
    return hands.sets


def test_short_lists_are_one_question(trip):
    hands = Asks(trip)
    hands.whole_session()
    assert hands.sets == [["Vendor page", "Customer page", "Item page"]]
    assert len(known(trip, "item")) > 3


def test_a_list_that_was_more_than_a_page_is_read_by_pages(trip, monkeypatch):
    Hands(trip).whole_session()
    read_again(trip)
    items = known(trip, "item")
    monkeypatch.setattr(asking, "PAGE", 3)
    monkeypatch.setattr(phase, "PAGE", 3)
    told = [one for found in read_again(trip) for one in found if "Item" in one]
    assert told == ["Item Start", *["Item Continue"] * (-(-len(items) // 3) - 1)]
    assert known(trip, "item") == items


def test_a_list_that_grew_beyond_a_page_is_not_taken_for_whole(trip, monkeypatch):
    Hands(trip).whole_session()
    items = known(trip, "item")
    most = len(items)
    monkeypatch.setattr(asking, "PAGE", most + 1)
    monkeypatch.setattr(phase, "PAGE", most + 1)
    for number in range(3):
        trip.company_file.add_name("ItemService", f"Made by hand {number}", trip.now)
    told = read_again(trip)
    assert ["Item Start"] in told
    assert any("Item page" in found for found in told)
    assert known(trip, "item") == items | {f"Made by hand {number}" for number in range(3)}
