"""Somebody else writes between what `book` read and its commit: it decides again, nothing is written over what moved."""

from __future__ import annotations

from decimal import Decimal

import pytest
from builders import Line, Pay, an_order
from golden.harness import SUMMARY, ledger_beside_postings, taxes
from shopday import counted, documents_of
from trip import COMPANY, Trip

from qbconsole.books.lifecycle import DocumentState
from qbconsole.store import books, holds, requests
from qbconsole.sync import book as booking

#: Three lines whose tax the shop rounds one by one: 0.69, QuickBooks 0.70; and 0.72 against 0.71.
MORE = tuple(Line(price="3.35", taxes={"State": "0.23"}) for _ in range(3))
LESS = tuple(Line(price="3.36", taxes={"State": "0.24"}) for _ in range(3))


@pytest.fixture
def trip(tmp_path):
    trip = Trip(tmp_path, settings=SUMMARY)
    yield trip
    trip.close()


@pytest.fixture
def detailed(tmp_path):
    trip = Trip(tmp_path)
    yield trip
    trip.close()


def once(monkeypatch, name, meanwhile):
    """Let `meanwhile` happen once, after the run has read what it decides by."""
    undisturbed = getattr(booking, name)

    def disturbed(*given, **more):
        found = undisturbed(*given, **more)
        monkeypatch.undo()
        meanwhile()
        return found

    monkeypatch.setattr(booking, name, disturbed)


def held(trip):
    with trip.workspace.store.reading() as tx:
        return {row.hold.reason.value: row.hold.subject for row in holds.open_holds(tx, company=COMPANY)}


def members(trip):
    entries = documents_of(trip, "JournalEntry")
    return sorted(one.event_key for entry in entries for one in entry.members if "order/" in one.event_key)


def balanced(trip, *, apart):
    trip.deliver()
    assert held(trip) == {}
    ledger, ours = ledger_beside_postings(trip, apart=apart)
    assert ledger == ours
    return ours


@pytest.mark.parametrize(("lines", "total"), [(MORE, "10.74"), (LESS, "10.80")])
@pytest.mark.parametrize("reading", ["cases_of", "with a first payment"])
def test_a_payment_decided_while_its_invoice_is_put_right_by_pennies_pays_it(
    tmp_path, monkeypatch, lines, total, reading
):
    rules = '\n[merchants.oak-ember.taxes]\nState = { item = "State 7" }\n'
    trip = Trip(tmp_path, edit=lambda text: text + rules, settings={"policy": {"tax": "quickbooks"}})
    try:
        trip.owner_sets_up(*taxes({"taxes": {"State 7": "7.0"}}))
        first = [] if reading == "cases_of" else [Pay(amount="1.00", at="03-03 10:00")]
        trip.pull({"orders": [an_order(lines, pays=first)]})
        trip.book()
        rest = str(Decimal(total) - sum(Decimal(pay.amount) for pay in first))
        pays = [*first, Pay(amount=rest, at="03-04 10:00")]
        trip.pull({"orders": [an_order(lines, pays=pays, updated="03-21 12:00")]})
        once(monkeypatch, "cases_of", trip.deliver)
        trip.book()
        ours = balanced(trip, apart=True)
        assert "Accounts Receivable" not in ours
        assert not [one for one in trip.company_file.documents() if one.open], "every item is settled"
    finally:
        trip.close()


@pytest.mark.parametrize("before", [(), (1,)], ids=["no part yet", "an unsent part"])
@pytest.mark.parametrize("sent", [False, True], ids=["unsent", "sent"])
def test_orders_another_run_booked_since_they_were_read_leave_no_hold_on_their_day(
    trip, monkeypatch, before, sent
):
    """The day is looked up after the orders: it held them by then, though these were read as new."""
    for number in before:
        trip.pull({"orders": [counted(number=number, pays=[Pay(amount="20.00")])]})
        trip.book()
    trip.pull({"orders": [counted(number=n, pays=[Pay(amount="20.00")]) for n in (2, 3)]})

    def other_run():
        trip.book()
        if sent:
            trip.deliver()
        trip.pull({"orders": [counted(number=4, pays=[Pay(amount="20.00")])]})

    once(monkeypatch, "cases_of", other_run)
    trip.book()
    assert held(trip) == {}
    assert members(trip) == [f"order/{number}" for number in (*before, 2, 3, 4)]
    balanced(trip, apart=False)


def test_an_order_only_this_run_read_is_booked_when_another_run_took_its_neighbour(trip, monkeypatch):
    """One order of the chunk stands in its day already, the other comes with it: neither waits for the other."""
    monkeypatch.setattr(booking, "CHUNK", 2)
    trip.pull({"orders": [counted(number=2, pays=[Pay(amount="20.00")])]})
    later = [counted(number=n, pays=[Pay(amount="20.00")], updated="03-21 12:00") for n in (2, 3)]

    def other_run():
        trip.book()
        trip.pull({"orders": later})

    once(monkeypatch, "cases_of", other_run)
    trip.book()
    trip.book()
    assert members(trip) == ["order/2", "order/3"]
    balanced(trip, apart=False)


def test_an_order_told_anew_and_booked_meanwhile_is_not_decided_by_what_was_told_before(
    detailed, monkeypatch
):
    trip = detailed
    unpaid = an_order(pays=[])
    trip.pull({"orders": [unpaid]})

    def other_run():
        trip.pull({"orders": [an_order(pays=[Pay(amount="20.00", at="03-05 10:00")], updated="03-21 12:00")]})
        trip.book()

    once(monkeypatch, "cases_of", other_run)
    trip.book()
    assert len(documents_of(trip, "Invoice")) + len(documents_of(trip, "SalesReceipt")) == 1
    ours = balanced(trip, apart=True)
    assert "Accounts Receivable" not in ours


def test_a_document_undone_meanwhile_ends_no_run(trip, monkeypatch):
    """Its key is spent: what the day's orders come to is booked under another."""
    trip.pull({"orders": [counted(number=1, pays=[Pay(amount="20.00")])]})
    trip.book()
    key = documents_of(trip, "JournalEntry")[0].row.key

    def undone():
        with trip.workspace.store.atomic() as tx:
            requests.supersede(tx, [key], at=trip.now)
            books.set_document_state(tx, key, DocumentState.IGNORED, at=trip.now, note="by hand")

    trip.pull({"orders": [counted(number=2, pays=[Pay(amount="20.00")])]})
    once(monkeypatch, "day_cases", undone)
    trip.book()
    states = {row.row.state.value: len(row.members) for row in documents_of(trip, "JournalEntry")}
    assert set(states) == {"ignored", "planned"}
    assert held(trip) == {}
