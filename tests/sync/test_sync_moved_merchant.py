"""A merchant is moved to another company file: what is unsent follows it, nothing more goes into the one it left."""

from __future__ import annotations

import copy
import re
from collections import Counter

import pytest
from hands import Hands
from trip import COMPANY, Trip

from qbconsole.books.lifecycle import DocumentState, RequestState
from qbconsole.rules.mapping.read import read
from qbconsole.sandbox.shopify import Shop
from qbconsole.store import books, holds, requests
from qbconsole.sync.enrolling import enrol
from qbconsole.sync.revising import keep_text

ORDERS = Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=12).orders
ELM = "[companies.elm]\nname = \"Elm LLC\"\nfile = 'C:\\QB\\Elm.qbw'\n\n[merchants.oak-ember]\n"
THERE = (DocumentState.RECORDED, DocumentState.VERIFIED)


@pytest.fixture
def trip(tmp_path):
    found = Trip(tmp_path)
    yield found
    found.close()


def pull(trip, count):
    trip.pull({"orders": copy.deepcopy(ORDERS[:count])})


def mapping(trip):
    return trip.workspace.root / "mappings.toml"


def move(trip):
    text = re.sub(
        r'(\[merchants\.oak-ember\]\s*\n)company = "oak"', r'\1company = "elm"', mapping(trip).read_text()
    )
    mapping(trip).write_text(text.replace("[merchants.oak-ember]\n", ELM, 1))


def documents(trip):
    with trip.workspace.store.reading() as tx:
        return books.documents(tx, limit=1000)


def unsent(trip, company):
    with trip.workspace.store.reading() as tx:
        states = (RequestState.WAITING, RequestState.READY, RequestState.AWAITING_APPROVAL)
        return requests.requests_in(tx, company=company, states=states, limit=1000)


def open_holds(trip):
    with trip.workspace.store.reading() as tx:
        return Counter((row.company, row.hold.reason.value) for row in holds.open_holds(tx))


@pytest.mark.parametrize("pulled", [False, True])
def test_what_is_unsent_follows_and_nothing_more_is_added_to_the_file_it_left(trip, pulled):
    pull(trip, 5)
    trip.book()
    trip.deliver()
    pull(trip, 12)
    trip.book()
    assert unsent(trip, COMPANY)
    before = trip.company_file.trial_balance()
    move(trip)
    if pulled:
        pull(trip, 12)
    trip.book()
    assert {(row.company, row.state in THERE) for row in documents(trip)} == {("oak", True), ("elm", False)}
    assert unsent(trip, COMPANY) == []
    assert Hands(trip).whole_session() == "none"
    assert trip.company_file.trial_balance() == before


def test_what_was_held_is_looked_at_again_where_the_merchant_posts_now(trip):
    closed = mapping(trip).read_text().replace("# closing_date = 2025-12-31", "closing_date = 2026-01-08")
    mapping(trip).write_text(closed)
    pull(trip, 12)
    trip.book()
    assert set(open_holds(trip)) == {(COMPANY, "closed_period")}
    booked = len(documents(trip))
    move(trip)
    trip.book()
    assert open_holds(trip) == {}
    assert len(documents(trip)) > booked


def test_between_the_move_and_its_book_nothing_of_it_is_sent(trip):
    pull(trip, 5)
    trip.book()
    trip.deliver()
    pull(trip, 12)
    trip.book()
    before = len(trip.company_file.documents())
    move(trip)
    means = trip.workspace.means()
    text = mapping(trip).read_text()
    assert read(text, mapping(trip)).merchants["oak-ember"].company == "elm"
    with means.store.atomic() as tx:
        keep_text(tx, means, text, who="operator:ann", why="moved")
    enrol(means)
    Hands(trip).whole_session()
    assert len(trip.company_file.documents()) == before
    trip.book()
    Hands(trip).whole_session()
    assert len(trip.company_file.documents()) == before


def test_what_was_sent_and_not_answered_is_still_settled_in_the_file_it_left(trip):
    pull(trip, 5)
    trip.book()
    hands = Hands(trip)
    hands.login()
    hands.bring(hands.take_until("<SalesReceiptAdd>"))
    hands.close()
    move(trip)
    trip.book()
    for _ in range(3):
        Hands(trip).whole_session()
    there = {row.key for row in documents(trip) if row.state in THERE}
    assert there == {row.key for row in documents(trip) if row.company == COMPANY}
    assert len(trip.company_file.documents("SalesReceipt")) == sum(
        row.kind == "SalesReceipt" for row in documents(trip) if row.key in there
    )
