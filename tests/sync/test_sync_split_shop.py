"""One shop split over two merchants by filters: each order is booked once, by one of them, and nothing of it is lost."""

from __future__ import annotations

import copy
import tomllib
from collections import Counter

import pytest
from trip import Trip

from qbconsole.books.holds import Reason
from qbconsole.books.lifecycle import DocumentState
from qbconsole.sandbox.shopify import Shop
from qbconsole.store import books, holds, requests, snapshots

ORDERS = Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=14).orders
OAK, PINE = "oak-ember", "wholesale"
_SPLIT = """
[companies.pine]
name = "Pine LLC"
file = 'C:\\\\QB\\\\Pine.qbw'

[merchants.oak-ember.filters]
tag = {{ except = ["B2B"] }}

[merchants.oak-ember.modes]
sales = "{sales}"
inventory = "summary"

[merchants.wholesale]
company = "{company}"
shop = "oak-ember.myshopify.com"

[merchants.wholesale.filters]
tag = {{ only = ["B2B"] }}

[merchants.wholesale.modes]
sales = "{sales}"
inventory = "summary"
"""


def split(root, *, sales, company="pine"):
    def edit(text):
        made = text + _SPLIT.format(sales=sales, company=company)
        assert {*tomllib.loads(made)["merchants"]} == {OAK, PINE}
        return made

    return Trip(root, edit=edit)


def tagged(orders, wholesale):
    made = copy.deepcopy(orders)
    for at, order in enumerate(made):
        order["tags"] = ["B2B"] if wholesale(at) else []
    return made


def documents(trip, merchant):
    with trip.workspace.store.reading() as tx:
        return books.documents(tx, merchant=merchant, limit=1000)


def members(trip, merchant):
    """Events -> in how many live documents of this merchant each stands."""
    with trip.workspace.store.reading() as tx:
        sources = {row.source_id for row in books.documents(tx, merchant=merchant, limit=1000)}
        plans = books.plans_of(tx, merchant, sources)
    return Counter(one.event_key for group in plans.values() for plan in group for one in plan.members)


def told(trip, merchant):
    """What waits of a merchant, but what its filters leave out."""
    with trip.workspace.store.reading() as tx:
        found = [row.hold for row in holds.open_holds(tx, merchant=merchant)]
    return [hold for hold in found if hold.reason is not Reason.FILTERED]


@pytest.mark.parametrize("company", ["pine", "oak"])
def test_days_of_two_merchants_of_one_shop_are_apart(tmp_path, company):
    alone = Trip(tmp_path, settings={"modes": {"sales": "summary", "inventory": "summary"}})
    alone.pull({"orders": tagged(ORDERS, lambda _at: False)})
    alone.book()
    every, total = members(alone, OAK), sum(row.total.minor for row in documents(alone, OAK))
    alone.close()
    (tmp_path / "split").mkdir()
    trip = split(tmp_path / "split", sales="summary", company=company)
    trip.pull({"orders": tagged(ORDERS, lambda at: at % 2)})
    trip.book()
    trip.book()
    mine, theirs = members(trip, OAK), members(trip, PINE)
    assert mine
    assert theirs
    assert mine + theirs == every
    assert set(every.values()) == {1}
    days = {merchant: {row.source_id for row in documents(trip, merchant)} for merchant in (OAK, PINE)}
    assert days[OAK] & days[PINE]
    assert sum(row.total.minor for merchant in days for row in documents(trip, merchant)) == total
    assert {row.company for row in documents(trip, PINE)} == {company}
    trip.close()


def test_what_a_split_shop_booked_in_a_day_before_it_was_split_stays_where_it_is(tmp_path):
    trip = Trip(tmp_path, settings={"modes": {"sales": "summary", "inventory": "summary"}})
    trip.pull({"orders": tagged(ORDERS[:6], lambda _at: False)})
    trip.book()
    before = {row.key for row in documents(trip, OAK)}
    path = tmp_path / "mappings.toml"
    plain = path.read_text("utf-8").partition("\n[merchants.oak-ember.modes]")[0]
    path.write_text(plain + _SPLIT.format(sales="summary", company="oak"), encoding="utf-8")
    trip.pull({"orders": tagged(ORDERS, lambda at: at > 5)})
    trip.book()
    assert before <= {row.key for row in documents(trip, OAK)}
    assert not members(trip, OAK).keys() & members(trip, PINE).keys()
    assert members(trip, PINE)
    assert told(trip, PINE) == []
    trip.close()


@pytest.mark.parametrize("is_sent", [True, False])
def test_an_order_that_its_tags_move_to_the_other_merchant_is_booked_once(tmp_path, is_sent):
    trip = split(tmp_path, sales="detailed")
    orders = tagged(ORDERS[:3], lambda _at: False)
    trip.pull({"orders": orders})
    trip.book()
    if is_sent:
        trip.deliver()
    before = {row.key: row.state for row in documents(trip, OAK)}
    moved = orders[0]["legacyResourceId"]
    orders[0] |= {"tags": ["B2B"], "updatedAt": "2026-11-20T00:00:00Z"}
    trip.pull({"orders": orders})
    for _ in range(2):
        trip.book()
        with trip.workspace.store.reading() as tx:
            assert snapshots.waiting_ids(tx, PINE, "order") == set()
    if is_sent:
        (hold,) = told(trip, PINE)
        assert (hold.reason, hold.subject) == (Reason.CHANGED_AFTER_BOOKING, f"order/{moved}")
        assert "oak-ember has booked it" in hold.sentence
        assert "filters" in hold.next_step
        assert documents(trip, PINE) == []
        assert {row.key: row.state for row in documents(trip, OAK)} == before
        assert set(before.values()) == {DocumentState.VERIFIED}
        # Its tags are put back: nobody waits for it any more.
        orders[0] |= {"tags": [], "updatedAt": "2026-11-21T00:00:00Z"}
        trip.pull({"orders": orders})
        trip.book()
    else:
        assert [row.company for row in documents(trip, PINE)] == ["pine"]
        with trip.workspace.store.reading() as tx:
            key = documents(trip, PINE)[0].key
            asked = requests.requests_of_documents(tx, [key])
        live = [row.company for row in asked if row.state.value != "superseded"]
        assert live == ["pine"]
    assert told(trip, PINE) == []
    trip.close()
