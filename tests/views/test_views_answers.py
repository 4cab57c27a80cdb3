"""Status, batch plan, postings and the journey: what they say of one small trip."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal

import pytest
from builders import Back, Line, Pay, an_order
from trip import COMPANY, NOW, Trip

from qbconsole.books.lifecycle import DocumentState
from qbconsole.errors import UsageError
from qbconsole.money import Money
from qbconsole.views.journey import journey
from qbconsole.views.plan import batch_plan
from qbconsole.views.postings import postings
from qbconsole.views.status import status


def apart(order):
    """The same order with ids of its own below it, as a shop gives them."""
    number = order["id"].rpartition("/")[2]
    text = re.sub(r"(gid://shopify/(?!Order/)\w+/)(\d+)", rf"\g<1>{number}0\2", json.dumps(order))
    return json.loads(text)


FACTS = {
    "orders": [
        apart(
            an_order(
                [Line(price="20.00", title="\x1b[31mMug")],
                pays=[Pay(amount="20.00"), Pay(amount="20.00", kind="REFUND", at="03-05 10:00")],
                refunds=[Back(lines=[(1, 1, "20.00", "0.00")], pays=[2])],
                number=1,
            )
        ),
        apart(
            an_order(
                [Line(price="25.00")],
                pays=[Pay(amount="25.00", at="03-03 15:01")],
                number=2,
                at="03-03 15:00",
            )
        ),
        apart(an_order([Line(price="30.00")], pays=[Pay(amount="30.00", kind="AUTHORIZATION")], number=3)),
        apart(an_order([Line(price="9.00")], pays=[Pay(amount="9.00", test=True)], number=4, test=True)),
    ]
}


@pytest.fixture(scope="module")
def trip(tmp_path_factory):
    found = Trip(tmp_path_factory.mktemp("answers"))
    found.pull(FACTS)
    found.book()
    yield found
    found.close()


@pytest.fixture(scope="module")
def delivered(tmp_path_factory):
    found = Trip(tmp_path_factory.mktemp("delivered"))
    found.pull(FACTS)
    found.book()
    found.deliver()
    yield found
    found.close()


def test_status_counts_orders_documents_and_what_is_held(trip):
    found = status(trip.workspace.store, trip.workspace.means().mapping, now=NOW)
    (company,), (merchant,) = found.companies, found.merchants
    assert (company.id, company.last_contact_at, company.lists_known, company.sessions) == (
        COMPANY,
        None,
        False,
        (),
    )
    assert (merchant.orders, merchant.to_book, merchant.held, merchant.flagged) == (4, 0, 2, 0)
    assert merchant.documents[DocumentState.PLANNED] > 2
    assert merchant.last_pulled_at == NOW
    assert {cause.reason: cause.count for cause in found.held_by_cause} == {
        "authorized_uncaptured": 1,
        "test_order": 1,
    }


def test_a_test_order_alone_needs_nobody(trip):
    found = status(trip.workspace.store, trip.workspace.means().mapping, now=NOW)
    assert [line.split(":")[0] for line in found.attention] == ["1 × authorized_uncaptured"]


def test_status_after_a_session_shows_the_session(delivered):
    found = status(delivered.workspace.store, delivered.workspace.means().mapping, now=NOW)
    (company,) = found.companies
    assert company.linked_name == "Oak & Ember LLC"
    assert company.lists_known
    assert company.sessions[0].requests > 3
    assert company.sessions[0].last_error == ""
    assert company.lease_owner == ""


def test_status_of_one_merchant_or_company_leaves_others_out(trip):
    mapping = trip.workspace.means().mapping
    assert status(trip.workspace.store, mapping, now=NOW, merchant="nobody").merchants == ()
    assert status(trip.workspace.store, mapping, now=NOW, company="none").companies == ()


def test_a_plan_balances_and_its_hash_stands_for_its_content(trip, delivered):
    found = batch_plan(trip.workspace.store, COMPANY)
    assert found.hash == batch_plan(trip.workspace.store, COMPANY).hash
    assert sum((net.amount for *_, net in found.effect), Decimal(0)) == 0
    assert all(debit - credit == net for _, debit, credit, net in found.effect)
    assert {one.number for one in found.going} == {"#1001", "#1002"}
    nothing = batch_plan(delivered.workspace.store, COMPANY)
    assert (nothing.documents, nothing.effect, nothing.hash) == ((), (), "")


def test_postings_sum_to_zero_each_day_and_are_text(trip):
    told = json.loads(json.dumps(postings(trip.workspace.store)))
    assert set(told) == {"postings", "accounts", "documents", "holds"}
    for kind in ("postings", "accounts"):
        for amounts in told[kind].values():
            assert sum(Decimal(amount) for amount in amounts.values()) == 0
            assert all(amount.partition(".")[2].__len__() == 2 for amount in amounts.values())
    assert told["postings"]["2026-03-03"] == {"clearing:shopify_payments": "25.00", "sales_income": "-25.00"}
    assert {row["reason"] for row in told["holds"]} == {"authorized_uncaptured", "test_order"}
    assert {"key", "kind", "ref_number", "txn_date", "state", "postings"} == set(told["documents"][0])


def test_postings_are_the_same_before_and_after_delivery(trip, delivered):
    before, after = postings(trip.workspace.store), postings(delivered.workspace.store)
    assert before["postings"] == after["postings"]
    assert before["accounts"] == after["accounts"]
    assert {row["state"] for row in after["documents"]} == {"verified"}


def test_postings_of_some_days_only(trip):
    told = postings(trip.workspace.store, first=date(2026, 3, 3), last=date(2026, 3, 3))
    assert list(told["postings"]) == ["2026-03-03"]
    assert [row["txn_date"] for row in told["documents"]] == ["2026-03-03"]
    assert postings(trip.workspace.store, merchant="nobody")["postings"] == {}


def test_a_journey_lists_its_stops_in_order(delivered):
    found = journey(delivered.workspace.store, "#1002")
    assert [stop.name for stop in found.stops] == [
        "pulled",
        "events",
        "decided",
        "request",
        "sent",
        "answered",
        "recorded",
    ]
    (document,) = found.documents
    assert document.qbxml.startswith("<SalesReceiptAddRq")
    assert document.answer.startswith("<SalesReceiptAddRs")
    assert document.answer.count("AddRs") in (1, 2)
    assert ("Sales:Shopify", "sales_income", None, Money.of("25.00", "USD")) in document.postings
    assert any(one.value == "Sales:Shopify" and "mappings.toml:" in one.place for one in document.choices)
    assert json.loads(found.raw)["name"] == "#1002"


def test_a_journey_is_found_by_everything_people_call_it(delivered):
    store = delivered.workspace.store
    first = journey(store, "1001")
    names = ["#1001", "1", "order/1", "gid://shopify/Order/1", "oak-ember/1001"]
    names += [one.key for one in first.documents] + [one.txn_id for one in first.documents]
    names += [one.ref_number for one in first.documents]
    assert {journey(store, name).order_id for name in names} == {"1"}


def test_a_journey_of_a_held_order_says_why(trip):
    found = journey(trip.workspace.store, "1003")
    assert [hold.reason for hold in found.holds] == ["authorized_uncaptured"]
    assert found.documents == ()
    assert ("Total", "30.00") in found.facts


def test_an_unknown_name_suggests_a_near_one(trip):
    with pytest.raises(UsageError) as told:
        journey(trip.workspace.store, "#10011")
    assert "#1001" in str(told.value)


def test_a_broken_snapshot_is_shown_as_far_as_it_goes():
    from qbconsole.views.raw_order import raw_order

    for raw in (
        b"",
        b"[]",
        b"{",
        b'{"lineItems": 3, "totalPriceSet": {"shopMoney": {"amount": "x"}}, "tags": 1}',
    ):
        found = raw_order(raw)
        assert found.total is None
        assert found.lines == ()
