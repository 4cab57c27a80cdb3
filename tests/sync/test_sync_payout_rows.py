"""A row of the balance is paid out once: a payout with a row of another one's is held by name, whenever fees count."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from decimal import Decimal

import pytest
from trip import NOW, Trip

from qbconsole.views.postings import postings
from qbconsole.workspace import Workspace


def usd(amount: Decimal | str) -> dict:
    return {"amount": str(amount), "currencyCode": "USD"}


def a_payout(number: int, on: str, rows: dict[int, tuple[str, str]]) -> dict:
    """A payout that was paid, of rows given by number with amount and fee; what is negative was given back."""
    told = [
        {
            "id": f"gid://shopify/ShopifyPaymentsBalanceTransaction/{row}",
            "type": "REFUND" if amount.startswith("-") else "CHARGE",
            "amount": usd(amount),
            "fee": usd(fee),
            "net": usd(Decimal(amount) - Decimal(fee)),
            "transactionDate": "2026-03-05T20:00:00Z",
            "test": False,
        }
        for row, (amount, fee) in rows.items()
    ]
    net = sum(Decimal(amount) - Decimal(fee) for amount, fee in rows.values())
    payout = {"id": f"gid://shopify/ShopifyPaymentsPayout/{number}", "legacyResourceId": str(number)}
    return {
        "payout": payout | {"issuedAt": on, "status": "PAID", "net": usd(net)},
        "balanceTransactions": told,
    }


FIRST = a_payout(
    10, "2026-03-06T20:00:00Z", {1: ("100.00", "3.00"), 2: ("50.00", "1.50"), 4: ("-20.00", "0.00")}
)
SECONDS = {
    "with a fee": {1: ("100.00", "3.00"), 3: ("10.00", "0.30")},
    "without a fee": {4: ("-20.00", "0.00"), 3: ("50.00", "1.50")},
    "of another amount": {2: ("49.00", "1.50"), 3: ("10.00", "0.30")},
}


@pytest.fixture(params=["payout", "transaction"])
def trip(request, tmp_path):
    trip = Trip(tmp_path, settings={"policy": {"fees_date": request.param}})
    yield trip
    trip.close()


def held(told: dict) -> list[tuple[str, str]]:
    return [(hold["reason"], hold["source"]) for hold in told["holds"]]


@pytest.mark.parametrize("sent", [False, True])
@pytest.mark.parametrize("rows", SECONDS.values(), ids=SECONDS)
def test_a_payout_with_a_row_that_another_one_paid_out_is_held(trip, rows, sent):
    trip.pull({"payouts": [FIRST]})
    trip.book()
    if sent:
        trip.deliver()
    before = postings(trip.workspace.store)["postings"]
    trip.pull({"payouts": [a_payout(11, "2026-03-08T20:00:00Z", rows)]})
    trip.book()
    trip.book()
    told = postings(trip.workspace.store)
    assert told["postings"] == before
    assert held(told) == [("changed_after_booking", "payout 11")]


@pytest.mark.parametrize("rows", SECONDS.values(), ids=SECONDS)
def test_of_two_that_come_at_once_one_is_held_and_others_go_on(trip, rows):
    other = a_payout(12, "2026-03-09T20:00:00Z", {9: ("7.00", "0.20")})
    trip.pull({"payouts": [FIRST, a_payout(11, "2026-03-08T20:00:00Z", rows), other]})
    trip.book()
    trip.book()
    told = postings(trip.workspace.store)
    bank = {day: roles["bank"] for day, roles in told["postings"].items() if "bank" in roles}
    assert bank == {"2026-03-06": "125.50", "2026-03-09": "6.80"}
    assert held(told) == [("changed_after_booking", "payout 11")]


def test_a_payout_told_again_as_it_was_is_not_held(trip):
    trip.pull({"payouts": [FIRST]})
    trip.book()
    before = postings(trip.workspace.store)
    trip.pull({"payouts": [FIRST | {"payout": FIRST["payout"] | {"externalTraceId": "TR-1"}}]})
    trip.book()
    assert postings(trip.workspace.store) == before


def test_the_row_held_with_its_payout_is_free_for_the_one_that_pays_it_out(trip):
    wrong = a_payout(10, "2026-03-06T20:00:00Z", {1: ("100.00", "3.00")})
    wrong["payout"]["net"] = usd("90.00")  # does not add up, so nothing of it is booked
    trip.pull({"payouts": [wrong]})
    trip.book()
    trip.pull({"payouts": [a_payout(11, "2026-03-08T20:00:00Z", {1: ("100.00", "3.00")})]})
    trip.book()
    told = postings(trip.workspace.store)
    assert told["postings"]["2026-03-08"]["bank"] == "97.00"
    assert held(told) == [("does_not_add_up", "payout 10")]


def test_a_payout_that_an_older_program_booked_is_heeded_after_the_upgrade(trip):
    trip.pull({"payouts": [FIRST]})
    trip.book()
    trip.deliver()
    before = postings(trip.workspace.store)["postings"]
    trip.close()
    root = trip.workspace.root
    with closing(sqlite3.connect(root / ".qbconsole" / "state.db")) as store:
        store.execute("DELETE FROM first_words WHERE word LIKE 'row:%'")
        store.execute("DROP TABLE entities_there")  # that program did not have it yet
        store.execute("UPDATE alembic_version SET version_num = '0008'")
        store.commit()
    trip.workspace = Workspace.open(root, environ={"QBCONSOLE_NOW": NOW.isoformat()})
    trip.pull({"payouts": [a_payout(11, "2026-03-08T20:00:00Z", SECONDS["without a fee"])]})
    trip.book()
    told = postings(trip.workspace.store)
    assert told["postings"] == before
    assert held(told) == [("changed_after_booking", "payout 11")]
