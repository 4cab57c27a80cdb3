"""What cannot be kept is decided again or held with a reason, and counted: nothing is lost silently."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import Pay, an_order
from golden.harness import SUMMARY, ledger_beside_postings
from shopday import counted, documents_of
from trip import COMPANY, Trip

from qbconsole.books.holds import Hold, Reason
from qbconsole.store import books, holds
from qbconsole.sync import book as booking
from qbconsole.views.postings import postings


@pytest.fixture
def trip(tmp_path):
    trip = Trip(tmp_path)
    yield trip
    trip.close()


def lacking(key: str) -> Hold:
    return Hold(
        reason=Reason.MISSING_NAME,
        where=key,
        sentence="QuickBooks has no such account.",
        next_step="Create it.",
        subject=key,
        cause="missing:account:x",
    )


def another(day: books.Document) -> books.NewDocument:
    """A document of somebody else's that stands for the same events."""
    row = day.row
    key = row.key.replace("/1/0", "/9/0")
    return books.NewDocument(
        key=key,
        company=row.company,
        merchant=row.merchant,
        source_id="elsewhere/1",
        kind=row.kind,
        txn_date=row.txn_date,
        ref_number="ELSEWHERE",
        number=row.number,
        plan=replace(day.plan, key=key),
        document=day.document,
        provenance=day.provenance,
        mapping_revision=None,
        total=row.total,
        postings=(),
        members=day.members,
    )


def hold(trip: Trip, key: str) -> None:
    with trip.workspace.store.atomic() as tx:
        holds.put_holds(tx, "oak-ember", COMPANY, [lacking(key)], trip.now)


def test_an_order_whose_document_a_session_takes_meanwhile_is_decided_again(trip, monkeypatch):
    paid = [Pay(amount="20.00")]
    trip.pull({"orders": [an_order(pays=paid)]})
    trip.book()
    hold(trip, documents_of(trip, "SalesReceipt")[0].row.key)
    read = booking.cases_of

    def taken_meanwhile(*given, **more):
        monkeypatch.undo()
        cases = read(*given, **more)
        trip.deliver()
        return cases

    monkeypatch.setattr(booking, "cases_of", taken_meanwhile)
    tip = [*paid, Pay(amount="5.00", at="03-06 15:00")]
    trip.pull({"orders": [an_order(pays=tip, updated="03-21 12:00")]})
    done = trip.book()
    assert (done.documents, done.held) == (1, 0)
    assert [document.row.state.value for document in documents_of(trip, "SalesReceipt")] == ["verified"]
    trip.deliver()
    ledger, ours = ledger_beside_postings(trip, apart=True)
    assert ledger == ours


def test_a_waiting_day_that_contradicts_the_books_is_held_and_counted(tmp_path):
    trip = Trip(tmp_path, settings=SUMMARY)
    try:
        trip.pull({"orders": [counted(number=1, pays=[Pay(amount="20.00")])]})
        trip.book()
        day = documents_of(trip, "JournalEntry")[0]
        hold(trip, day.row.key)
        with trip.workspace.store.atomic() as tx:  # as if another document stood for its order
            books.release_members(tx, day.row.key)
            books.put_documents(tx, [another(day)], trip.now)
        done = trip.book()
        assert done.held == 1
        told = [one for one in postings(trip.workspace.store)["holds"] if "contradicts" in one["message"]]
        assert [one["source"] for one in told] == [day.row.source_id.replace("/", " ")]
    finally:
        trip.close()
