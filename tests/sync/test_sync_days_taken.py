"""A shop day's parts while sessions come in between, and once a part was undone: no number is used twice."""

from __future__ import annotations

import pytest
from builders import Pay
from golden.harness import SUMMARY, ledger_beside_postings
from shopday import counted, documents_of
from trip import COMPANY, Trip

from qbconsole.books.holds import Hold, Reason
from qbconsole.books.lifecycle import DocumentState
from qbconsole.store import books, holds
from qbconsole.sync import book as booking


@pytest.fixture
def trip(tmp_path):
    trip = Trip(tmp_path, settings=SUMMARY)
    yield trip
    trip.close()


def one_more(trip: Trip, number: int) -> None:
    trip.pull({"orders": [counted(number=number, pays=[Pay(amount="20.00")])]})
    trip.book()


def parts(trip: Trip) -> list[tuple[str, str]]:
    rows = (document.row for document in documents_of(trip, "JournalEntry"))
    return [(row.key.split("/")[-2], row.state.value) for row in rows]


def test_a_waiting_part_that_a_session_takes_meanwhile_stays_as_it_was_sent(trip, monkeypatch):
    one_more(trip, 1)
    key = documents_of(trip, "JournalEntry")[0].row.key
    lacking = Hold(
        reason=Reason.MISSING_NAME,
        where=key,
        sentence="QuickBooks has no such account.",
        next_step="Create it.",
        subject=key,
        cause="missing:account:x",
    )
    with trip.workspace.store.atomic() as tx:
        holds.put_holds(tx, "oak-ember", COMPANY, [lacking], trip.now)
    looked_up = booking.waiting_days

    def taken_meanwhile(*given, **more):
        monkeypatch.undo()
        days = looked_up(*given, **more)
        with trip.workspace.store.atomic() as tx:
            holds.release_absent(tx, COMPANY, key, set(), trip.now)
        trip.deliver()
        return days

    monkeypatch.setattr(booking, "waiting_days", taken_meanwhile)
    trip.book()
    assert parts(trip) == [("1", "verified")]
    ledger, ours = ledger_beside_postings(trip, apart=False)
    assert ledger == ours


def test_a_part_after_an_undone_one_has_a_number_of_its_own(trip):
    for number in (1, 2):
        one_more(trip, number)
        trip.deliver()
    with trip.workspace.store.atomic() as tx:
        first = documents_of(trip, "JournalEntry")[0].row.key
        books.set_document_state(tx, first, DocumentState.UNDONE, at=trip.now)
    one_more(trip, 3)
    assert parts(trip) == [("1", "undone"), ("2", "verified"), ("3", "planned")]


def test_the_last_part_that_was_undone_is_booked_again_under_a_key_of_its_own(trip):
    for number in (1, 2):
        one_more(trip, number)
        trip.deliver()
    last = documents_of(trip, "JournalEntry")[-1].row
    undo(trip, last.key)
    pays = [Pay(amount="20.00")]
    trip.pull({"orders": [counted(number=2, pays=pays, updated="03-21 12:00")]})
    trip.book()
    again = documents_of(trip, "JournalEntry")[-1].row
    assert again.key == last.key.removesuffix("/0") + "/1"
    assert parts(trip) == [("1", "verified"), ("2", "undone"), ("2", "planned")]
    trip.deliver()
    assert parts(trip)[-1] == ("2", "verified")


def test_an_undone_receipt_is_booked_again_under_a_key_of_its_own(tmp_path):
    trip = Trip(tmp_path)
    try:
        one_more(trip, 1)
        trip.deliver()
        first = documents_of(trip, "SalesReceipt")[0].row
        for generation in (1, 2):
            undo(trip, documents_of(trip, "SalesReceipt")[-1].row.key)
            order = counted(number=1, pays=[Pay(amount="20.00")], updated=f"03-2{generation} 13:00")
            trip.pull({"orders": [order]})
            trip.book()
            again = documents_of(trip, "SalesReceipt")[-1].row
            assert again.key == first.key.removesuffix("/0") + f"/{generation}"
            trip.deliver()
    finally:
        trip.close()


def undo(trip: Trip, key: str) -> None:
    with trip.workspace.store.atomic() as tx:
        books.set_document_state(tx, key, DocumentState.UNDONE, at=trip.now)


@pytest.mark.parametrize("before", [(), (1,)], ids=["no part yet", "an unsent part"])
@pytest.mark.parametrize("others", [(), (3,)], ids=["the same order", "another order"])
def test_two_runs_that_book_into_one_day_at_once_book_each_sale_once(trip, monkeypatch, before, others):
    """What the other run booked was not there yet when this one looked."""
    for number in before:
        one_more(trip, number)
    trip.pull({"orders": [counted(number=2, pays=[Pay(amount="20.00")])]})
    undisturbed = booking._Run.keep

    def disturbed(*given, **more):
        monkeypatch.undo()
        for number in others:
            one_more(trip, number)
        trip.book()
        return undisturbed(*given, **more)

    monkeypatch.setattr(booking._Run, "keep", disturbed)
    trip.book()
    (entry,) = documents_of(trip, "JournalEntry")
    orders = sorted(one.event_key for one in entry.members if one.event_key.startswith("order/"))
    assert orders == [f"order/{number}" for number in sorted((*before, 2, *others))]
    assert sum(one.amount.amount for one in entry.plan.postings if one.amount.amount > 0) == 20 * len(orders)
    with trip.workspace.store.reading() as tx:
        assert not holds.held_subjects(tx, COMPANY)
    trip.deliver()
    ledger, ours = ledger_beside_postings(trip, apart=False)
    assert ledger == ours
