"""A bookkeeper moves a document to another customer: what is bound to it follows, sent already or not yet.

QuickBooks takes no payment of another customer's invoice, and nothing of ours may write the invoice back.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import Back as Refund
from builders import Line, Pay
from hands import Hands
from shopday import counted
from trip import COMPANY, Trip

from qbconsole.care.attention import Operator
from qbconsole.care.company_file import decide, plan_decision
from qbconsole.sandbox.quickbooks import QuickBooks
from qbconsole.store.entities_there import entities_there
from qbconsole.views.postings import postings

JANE = "<CustomerAddRq><CustomerAdd><Name>Jane Roe</Name></CustomerAdd></CustomerAddRq>"
MUG = Line(price="30.00")
PAID = Pay(amount="30.00", at="03-09 12:00")


@pytest.fixture
def trip(tmp_path):
    trip = Trip(tmp_path)
    trip.quickbooks = QuickBooks(
        trip.company_file, requests_xsd=trip.quickbooks.requests_xsd, clock=lambda: trip.now
    )
    trip.owner_sets_up(JANE)
    yield trip
    trip.close()


def told(trip: Trip, *pays: Pay, updated: str, **more) -> None:
    """The shop tells the order as it is by then, and it is booked."""
    order = counted(MUG, tracked=False, pays=pays, updated=f"{updated} 12:00", sourceName="web", **more)
    trip.pull({"orders": [order]})
    trip.book()


def filed(trip: Trip, kind: str) -> list:
    return [one for one in trip.company_file.filed.values() if one.kind == kind]


def customers(trip: Trip, kind: str) -> list[str]:
    return [trip.company_file.entries[one.entity].full_name for one in filed(trip, kind)]


def moved(trip: Trip, kind: str, customer: str) -> None:
    """A bookkeeper puts the document on another customer, a while after it came."""
    trip.now += timedelta(hours=1)
    (one,) = filed(trip, kind)
    trip.company_file.edit_document(one.txn_id, now=trip.now, customer=customer)


def noticed(trip: Trip) -> None:
    """The next day's session looks at what was changed."""
    trip.now += timedelta(hours=26)
    trip.deliver()


def holds(trip: Trip) -> list[str]:
    return [one["reason"] for one in postings(trip.workspace.store)["holds"]]


def payment(trip: Trip) -> str:
    return next(one["key"] for one in postings(trip.workspace.store)["documents"] if "/txn/" in one["key"])


def kept(trip: Trip) -> list[str]:
    with trip.workspace.store.reading() as tx:
        keys = [one["key"] for one in postings(trip.workspace.store)["documents"]]
        return list(entities_there(tx, keys).values())


def begun(trip: Trip) -> None:
    """An invoice is in QuickBooks and read back."""
    told(trip, updated="03-20")
    trip.deliver()
    noticed(trip)


def test_a_later_payment_is_of_the_customer_that_the_invoice_was_moved_to(trip):
    begun(trip)
    moved(trip, "Invoice", "Jane Roe")
    noticed(trip)
    told(trip, PAID, updated="03-21")
    trip.deliver()
    assert customers(trip, "Invoice") == customers(trip, "ReceivePayment") == ["Jane Roe"]
    assert not any(trip.company_file.owed.values())
    assert holds(trip) == ["drifted"], "that the invoice was moved is told; nothing else is"


def test_one_that_is_kept_back_meanwhile_is_booked_again_before_it_goes(trip):
    begun(trip)
    told(trip, PAID, updated="03-21")
    operator = Operator(store=trip.workspace.store, clock=lambda: trip.now, who="operator:ann")
    assert len(operator.hold([payment(trip)], "look at it").done) == 1
    moved(trip, "Invoice", "Jane Roe")
    noticed(trip)
    assert len(operator.release([payment(trip)]).done) == 1
    trip.deliver()
    assert filed(trip, "ReceivePayment") == [], "it waits for `book`, and QuickBooks refused nothing"
    trip.book()
    trip.deliver()
    assert customers(trip, "ReceivePayment") == ["Jane Roe"]
    assert holds(trip) == ["drifted"]
    assert not any(trip.company_file.owed.values())


def test_one_that_went_before_that_was_noticed_is_refused_and_mended_by_the_next_booking(trip):
    begun(trip)
    moved(trip, "Invoice", "Jane Roe")
    told(trip, PAID, updated="03-21")
    trip.deliver()
    assert sorted(holds(trip)) == ["refused"]
    noticed(trip)
    trip.book()
    trip.deliver()
    assert customers(trip, "ReceivePayment") == ["Jane Roe"]
    assert holds(trip) == ["drifted"]


def test_what_was_moved_back_is_as_it_was(trip):
    begun(trip)
    moved(trip, "Invoice", "Jane Roe")
    noticed(trip)
    assert kept(trip) == ["Jane Roe"]
    moved(trip, "Invoice", "Shopify Online Store")
    noticed(trip)
    assert (kept(trip), holds(trip)) == ([], [])
    told(trip, PAID, updated="03-21")
    trip.deliver()
    assert customers(trip, "ReceivePayment") == ["Shopify Online Store"]


def test_a_customer_under_another_name_is_nobody_else(trip):
    begun(trip)
    there = trip.company_file.find("Customer", "", "Shopify Online Store")
    trip.company_file.rename(there, "Web Shop", trip.now)
    (invoice,) = filed(trip, "Invoice")
    trip.company_file.edit_document(invoice.txn_id, now=trip.now + timedelta(hours=1), memo=None)
    noticed(trip)
    assert kept(trip) == []


def test_a_refund_is_of_the_customer_that_its_memo_was_moved_to(trip):
    pay = Pay(amount="30.00")
    told(trip, pay, updated="03-20", refunds=[Refund(lines=[(1, 1, "30.00", "0")])])
    trip.deliver()
    noticed(trip)
    moved(trip, "CreditMemo", "Jane Roe")
    noticed(trip)
    back = Pay(amount="30.00", kind="REFUND", at="03-09 12:00", parent=1)
    told(trip, pay, back, updated="03-21", refunds=[Refund(lines=[(1, 1, "30.00", "0")], pays=[2])])
    trip.deliver()
    assert customers(trip, "ARRefundCreditCard") == customers(trip, "CreditMemo") == ["Jane Roe"]
    assert not any(trip.company_file.owed.values())


def test_a_customer_whom_our_list_does_not_have_yet_is_not_taken_for_one_that_is_gone(trip):
    """QuickBooks told of her as it was asked about the invoice, after its lists were read."""
    begun(trip)
    trip.now += timedelta(hours=26)
    hands = Hands(trip)
    hands.login()
    asked = hands.take_until("<ModifiedDateRangeFilter>")
    trip.company_file.add_name("Customer", "Newly Met", trip.now)
    (invoice,) = filed(trip, "Invoice")
    trip.company_file.edit_document(invoice.txn_id, now=trip.now, customer="Newly Met")
    hands.say(hands.bring(asked))
    hands.finish()
    told(trip, PAID, updated="03-21")
    trip.deliver()
    assert customers(trip, "ReceivePayment") == ["Newly Met"]
    assert holds(trip) == ["drifted"]


def test_an_older_company_file_has_it_on_whom_it_was_on_by_then(trip, tmp_path):
    """No change is told of what a backup puts back; so what we heard of since is read once more before anything goes."""
    begun(trip)
    backup = tmp_path / "backup.json"
    trip.company_file.save(backup)
    moved(trip, "Invoice", "Jane Roe")
    noticed(trip)
    trip.now += timedelta(days=8)
    trip.company_file.restore(backup, trip.now)
    told(trip, PAID, updated="03-21")
    trip.now += timedelta(hours=1)
    assert "restored from a backup" in trip.session()
    goes_on(trip, "restored")
    trip.deliver()
    assert (kept(trip), holds(trip)) == ([], []), "it is as it was booked again, and nothing was refused"
    for _ in range(2):
        trip.book()
        trip.deliver()
    assert holds(trip) == []
    assert customers(trip, "Invoice") == customers(trip, "ReceivePayment") == ["Shopify Online Store"]
    assert not any(trip.company_file.owed.values())


def goes_on(trip: Trip, word: str) -> None:
    """The operator's word on the company file."""
    store, clock = trip.workspace.store, trip.workspace.clock
    plan = plan_decision(store, COMPANY, word, clock)
    decide(store, COMPANY, word, clock, who="operator:ann", seen=plan.hash)
