"""Goods, payouts and their probes: what stands for them is in QuickBooks once, whichever answer was lost."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from trip import COMPANY, NOW, Trip

from qbconsole.books.identity import key_in
from qbconsole.books.lifecycle import RequestState
from qbconsole.sandbox.quickbooks import QuickBooks
from qbconsole.store import holds, requests
from qbconsole.webconnector.conversation import Hello, Login

pytestmark = pytest.mark.slow


def usd(amount):
    return {"amount": amount, "currencyCode": "USD"}


def purchase(*receipts):
    lines = [{"sku": sku, "quantity": 5, "unitCost": "2.00"} for sku in ("MUG", "CUP")]
    ordered = {"number": "PO-1", "vendor": "Potter", "orderedAt": "2026-11-01T10:00:00Z", "lines": lines}
    return ordered | {"currencyCode": "USD", "receipts": list(receipts), "bills": []}


def receipt(number, day):
    line = {"sku": "CUP", "quantity": 2, "unitCost": "2.00"}
    return {"id": f"R{number}", "receivedAt": f"2026-11-{day:02}T10:00:00Z", "lines": [line]}


def payout(number, day, amount, net):
    on = f"2026-11-{day:02}T15:00:00Z"
    row = {
        "id": f"gid://shopify/ShopifyPaymentsBalanceTransaction/{number}",
        "type": "CHARGE",
        "amount": usd(amount),
        "fee": usd("2.90"),
        "net": usd(net),
        "transactionDate": on,
        "test": False,
    }
    head = {
        "id": f"gid://shopify/ShopifyPaymentsPayout/{number}",
        "legacyResourceId": str(number),
        "issuedAt": on,
        "status": "PAID",
        "net": usd(net),
        "summary": {},
    }
    return {"payout": head, "balanceTransactions": [row]}


FACTS = {
    "orders": [],
    "purchases": [purchase(receipt(1, 3))],
    "payouts": [
        payout(1, 4, "100.00", "97.10"),
        payout(2, 4, "50.00", "47.10"),
        payout(3, 5, "9.00", "6.10"),
    ],
}


@pytest.fixture
def trip(tmp_path):
    made = Trip(tmp_path)
    yield made
    made.close()


def lose_the_answer_to(trip, name):
    """QuickBooks does the set that holds this request, and nobody hears of it."""
    opened = trip.delivery.open(Login(user=COMPANY, password=trip._password, peer="127.0.0.1"))
    trip.quickbooks.reopen()
    hcp = trip.quickbooks.hello()
    for _ in range(100):
        hello = Hello(hcp=hcp, company_file="", country="US", major=16, minor=0)
        text, hcp = trip.delivery.next(opened.ticket, hello), ""
        answer = trip.quickbooks.process(text)
        if f"<{name}Rq" in text:
            return
        assert trip.delivery.answer(opened.ticket, [answer.response], "", "") < 100
    raise AssertionError(f"{name} was never sent")


def kinds_by_key(trip):
    return Counter((filed.kind, key_in(filed.memo)) for filed in trip.company_file.documents())


def open_reasons(trip):
    with trip.workspace.store.reading() as tx:
        return [(row.hold.reason, row.hold.sentence) for row in holds.open_holds(tx, flags_too=False)]


def kept(trip):
    with trip.workspace.store.reading() as tx:
        return requests.requests_in(tx, company=COMPANY)


@pytest.mark.parametrize("retention", ["all", "none"])
@pytest.mark.parametrize("name", ["PurchaseOrderAdd", "BillAdd", "DepositAdd"])
def test_a_lost_answer_is_found_by_number_or_day_and_nothing_is_sent_twice(trip, retention, name):
    trip.quickbooks = QuickBooks(trip.company_file, clock=lambda: NOW, retention=retention)
    trip.pull(FACTS)
    trip.book()
    lose_the_answer_to(trip, name)
    trip.deliver()
    found = kinds_by_key(trip)
    assert set(found.values()) == {1}
    assert Counter(kind for kind, _ in found) == {"PurchaseOrder": 1, "Bill": 1, "Deposit": 3}
    assert {row.state for row in kept(trip)} <= {RequestState.ANSWERED, RequestState.SUPERSEDED}
    assert open_reasons(trip) == []


def test_goods_that_come_after_their_order_was_recorded_are_tied_to_its_line(trip):
    trip.pull({"orders": [], "purchases": [purchase()]})
    trip.book()
    trip.deliver()
    trip.pull({"orders": [], "purchases": [purchase(receipt(1, 3), receipt(2, 9))]})
    trip.book()
    trip.deliver()
    bills = [filed for filed in trip.company_file.documents() if filed.kind == "Bill"]
    assert [(bill.lines[0].item, str(bill.total)) for bill in bills] == [("CUP", "4.00")] * 2
    assert all(bill.applied for bill in bills)
    assert open_reasons(trip) == []


@pytest.mark.parametrize("days", [-9, 1, 30])
def test_a_deposit_that_somebody_moved_to_another_day_before_we_heard_of_it_is_found(trip, days):
    trip.quickbooks = QuickBooks(trip.company_file, clock=lambda: NOW, retention="none")
    trip.pull({"orders": [], "payouts": [payout(1, 4, "100.00", "97.10"), payout(2, 9, "50.00", "48.00")]})
    trip.book()
    lose_the_answer_to(trip, "DepositAdd")
    filed = next(one for one in trip.company_file.documents() if one.kind == "Deposit")
    moved = filed.txn_date + timedelta(days=days)
    trip.company_file.edit_document(filed.txn_id, txn_date=moved, now=NOW)
    trip.deliver()
    assert set(kinds_by_key(trip).values()) == {1}


def test_a_deposit_of_the_same_day_and_amount_without_our_key_is_looked_at_by_a_person(trip):
    trip.quickbooks = QuickBooks(trip.company_file, clock=lambda: NOW, retention="none")
    trip.pull({"orders": [], "payouts": [payout(1, 4, "100.00", "97.10")]})
    trip.book()
    lose_the_answer_to(trip, "DepositAdd")
    (filed,) = trip.company_file.documents()
    trip.company_file.edit_document(filed.txn_id, memo="tidied up", now=NOW)
    trip.deliver()
    assert len(trip.company_file.documents()) == 1
    ((_, sentence),) = open_reasons(trip)
    assert sentence == "QuickBooks has Deposit of the same day and amount without our key."
