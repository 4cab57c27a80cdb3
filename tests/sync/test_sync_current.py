"""Unsent documents follow the decisions in force; what was sent, or may be, keeps its bytes."""

from __future__ import annotations

import pytest
from builders import Line, Pay
from shopday import counted
from trip import COMPANY, Trip

from qbconsole.books.lifecycle import RequestState
from qbconsole.care.mapping_file import edit_mapping
from qbconsole.store import books, requests
from qbconsole.store import current

ITEM = "merchants.oak-ember.items.sku.SKU-1"


def order(number: int = 1, **more):
    return counted(
        Line(price="20.00"), number=number, tracked=False, **({"pays": [Pay(amount="20.00")]} | more)
    )


def mapped(trip: Trip, *pairs: tuple[str, str]) -> int:
    path = trip.workspace.root / "mappings.toml"
    return edit_mapping(trip.workspace.means(), path, list(pairs), who="operator:ann").revision


def asked(trip: Trip):
    """Requests of documents that no other took the place of, oldest first."""
    with trip.workspace.store.reading() as tx:
        keys = [row.key for row in books.documents(tx, limit=100)]
        rows = requests.requests_of_documents(tx, keys)
    return [row for row in rows if row.state is not RequestState.SUPERSEDED]


def behind(trip: Trip) -> tuple[str, ...]:
    with trip.workspace.store.reading() as tx:
        return current.behind(tx, COMPANY)


@pytest.fixture
def trip(tmp_path):
    trip = Trip(tmp_path, settings={"items": {"sku": {"SKU-1": "Old Mug"}}})
    yield trip
    trip.close()


def test_a_name_changed_before_it_was_sent_is_the_one_that_is_sent(trip):
    trip.pull({"orders": [order()]})
    trip.book()
    (before,) = asked(trip)
    number = mapped(trip, (ITEM, '"New Mug"'))
    assert behind(trip) == ("oak-ember",)
    trip.book()
    (after,) = asked(trip)
    assert behind(trip) == ()
    assert (after.subject_key, after.id != before.id) == (before.subject_key, True)
    assert "Old Mug" in before.body
    assert "New Mug" in after.body
    assert "Old Mug" not in after.body
    with trip.workspace.store.reading() as tx:
        (row,) = books.documents(tx)
        assert row.mapping_revision == number
    trip.deliver()
    text = str(trip.company_file.documents())
    assert "New Mug" in text
    assert "Old Mug" not in text


def test_what_was_sent_keeps_its_bytes(trip):
    trip.pull({"orders": [order()]})
    trip.book()
    trip.deliver()
    (before,) = asked(trip)
    mapped(trip, (ITEM, '"New Mug"'))
    trip.pull({"orders": [order(), order(2)]})
    trip.book()
    first, second = asked(trip)
    assert first == before
    assert first.state is RequestState.ANSWERED
    assert "New Mug" in second.body


def test_nothing_is_decided_again_where_nothing_that_decides_changed(trip):
    trip.pull({"orders": [order()]})
    trip.book()
    (before,) = asked(trip)
    mapped(trip, ("merchants.oak-ember.schedule.at", '"03:00"'))
    assert behind(trip) == ()
    trip.book()
    assert asked(trip) == [before]


def test_nothing_of_a_merchant_is_sent_between_the_change_and_its_book(trip):
    trip.pull({"orders": [order()]})
    trip.book()
    mapped(trip, (ITEM, '"New Mug"'))
    trip.deliver(3)
    assert [row.state for row in asked(trip)] != [RequestState.ANSWERED]
    assert not trip.company_file.documents()
    trip.book()
    trip.deliver()
    assert [row.state for row in asked(trip)] == [RequestState.ANSWERED]


def test_changed_back_before_it_was_booked_anew_the_same_request_goes(trip):
    trip.pull({"orders": [order()]})
    trip.book()
    (before,) = asked(trip)
    mapped(trip, (ITEM, '"New Mug"'))
    mapped(trip, (ITEM, '"Old Mug"'))
    assert behind(trip) == ()
    trip.deliver()
    (after,) = asked(trip)
    assert (after.id, after.body, after.state) == (before.id, before.body, RequestState.ANSWERED)
