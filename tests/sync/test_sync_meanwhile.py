"""Somebody else writes between what `book` read and its commit: it decides again, nothing is written over what moved."""

from __future__ import annotations

from decimal import Decimal

import pytest
from builders import Line, Pay, an_order
from golden.harness import SUMMARY, ledger_beside_postings, taxes
from shopday import counted, documents_of
from trip import COMPANY, Trip

from qbconsole.books.lifecycle import DocumentState
from qbconsole.care.attention import Operator
from qbconsole.store import books, holds, requests, snapshots
from qbconsole.store.books import ground
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


# -- persons, numbers, words ------------------------------------------------------------------------

LOOK = """
[[merchants.oak-ember.rules]]
when = { amount = { at_least = "100" } }
hold = "Look at it"
"""


def large(number, **more):
    return an_order([Line(price="200.00")], pays=[Pay(amount="200.00")], number=number, **more)


def test_an_order_let_go_while_it_was_decided_again_is_booked(tmp_path, monkeypatch):
    """The run read it as held, and would have said that it is looked at: nobody would look again."""
    trip = Trip(tmp_path, edit=lambda text: text + LOOK)
    try:
        trip.pull({"orders": [large(1)]})
        trip.book()
        assert set(held(trip)) == {"plugin_hold"}
        operator = Operator(store=trip.workspace.store, clock=trip.workspace.clock, who="operator:ann")
        once(monkeypatch, "cases_of", lambda: operator.release(["#1001"]))
        trip.book()
        assert len(documents_of(trip, "SalesReceipt")) == 1
        balanced(trip, apart=True)
    finally:
        trip.close()


def test_a_merchant_with_plugins_is_decided_again_by_a_child_that_knows_what_moved(tmp_path, monkeypatch):
    (tmp_path / "plugins").mkdir()
    own = tmp_path / "plugins" / "gifts.py"
    own.write_text(
        "from qbconsole.plugin import hookimpl\n\n\n@hookimpl\ndef hold_event():\n    return None\n"
    )
    own.chmod(0o644)
    trip = Trip(tmp_path, edit=lambda text: text.replace("plugins = []", 'plugins = ["gifts"]', 1))
    try:
        trip.pull({"orders": [counted(number=n, pays=[Pay(amount="20.00")]) for n in (1, 2)]})

        def others():
            trip.book()
            trip.pull({"orders": [counted(number=3, pays=[Pay(amount="20.00")])]})

        once(monkeypatch, "cases_of", others)
        assert trip.book().stopped == {}
        assert len(documents_of(trip, "SalesReceipt")) == 3
        balanced(trip, apart=True)
    finally:
        trip.close()


@pytest.mark.parametrize("meanwhile", [False, True], ids=["before", "meanwhile"])
def test_a_day_entry_that_a_person_keeps_back_waits_for_that_person_when_it_grows(
    trip, monkeypatch, meanwhile
):
    trip.pull({"orders": [counted(number=1, pays=[Pay(amount="20.00")])]})
    trip.book()
    key = documents_of(trip, "JournalEntry")[0].row.key
    operator = Operator(store=trip.workspace.store, clock=trip.workspace.clock, who="operator:ann")
    if meanwhile:
        once(monkeypatch, "day_cases", lambda: operator.hold([key], "ask Ann"))
    else:
        operator.hold([key], "ask Ann")
    trip.pull({"orders": [counted(number=2, pays=[Pay(amount="20.00")])]})
    trip.book()
    trip.deliver()
    assert members(trip) == ["order/1", "order/2"]
    assert [one.row.state.value for one in documents_of(trip, "JournalEntry")] == ["planned"]
    assert operator.release([key]).done == (key,)
    balanced(trip, apart=False)


def test_a_number_another_run_gave_away_meanwhile_is_not_given_twice(detailed, monkeypatch):
    trip = detailed
    mine, other = (counted(number=n, name="#77", pays=[Pay(amount="20.00")]) for n in (1, 2))
    trip.pull({"orders": [mine]})

    def other_run():
        monkeypatch.undo()
        before = booking.snapshots.to_book
        trip.pull({"orders": [other]})
        # only the other order: the first is in this run's hands
        monkeypatch.setattr(
            booking.snapshots,
            "to_book",
            lambda *given, **more: [row for row in before(*given, **more) if row.source_id == "2"],
        )
        trip.book()
        monkeypatch.undo()

    once(monkeypatch, "cases_of", other_run)
    trip.book()
    numbers = [document.row.ref_number for document in documents_of(trip, "SalesReceipt")]
    assert len(numbers) == len(set(numbers)) == 2
    assert "77" in numbers
    balanced(trip, apart=True)


def test_what_moves_every_time_waits_for_the_next_run(trip, monkeypatch):
    """Nothing is written over it, nothing is held for it, and the run goes on with the others."""
    trip.pull({"orders": [counted(number=n, pays=[Pay(amount="20.00")]) for n in (1, 2)]})
    asked = []

    def restless(tx, merchant, company, grounds):
        asked.append(grounds)
        mine = [source for one in grounds for source in one.sources]
        return "order/2" if "2" in mine else ""

    monkeypatch.setattr("qbconsole.sync.keeping.chunk.moved", restless)
    assert trip.book().documents == 1
    assert members(trip) == ["order/1"]
    assert len(asked) == booking.ROUNDS + 1 + booking.ROUNDS, "together, the first alone, the second alone"
    with trip.workspace.store.reading() as tx:
        assert snapshots.waiting_ids(tx, "oak-ember", "order") == {"2"}
    monkeypatch.undo()
    trip.book()
    assert members(trip) == ["order/1", "order/2"]
    balanced(trip, apart=False)


@pytest.mark.parametrize("point", ["cases_of", "day_cases", "waiting_days"])
@pytest.mark.parametrize("settings", [{}, SUMMARY], ids=["detailed", "summary"])
@pytest.mark.parametrize("sent", [False, True], ids=["unsent", "sent"])
def test_wherever_another_run_and_a_session_come_in_the_books_come_to_the_same(
    tmp_path, monkeypatch, point, settings, sent
):
    """Orders paid later, one told anew meanwhile: whoever is first, every event is booked once."""
    trip = Trip(tmp_path, settings=settings)
    try:
        trip.pull({"orders": [counted(number=n, pays=[]) for n in (1, 2)]})
        trip.book()
        pays = [Pay(amount="20.00", at="03-05 10:00")]
        trip.pull(
            {"orders": [counted(number=1, pays=pays, updated="03-21 12:00"), counted(number=3, pays=pays)]}
        )

        def others():
            trip.pull({"orders": [counted(number=2, pays=pays, updated="03-22 12:00")]})
            trip.book()
            if sent:
                trip.deliver()

        once(monkeypatch, point, others)
        trip.book()
        trip.book()
        ours = balanced(trip, apart=True)
        assert ours["Shopify Payments Clearing"] == Decimal("60.00")
        assert "Accounts Receivable" not in ours
    finally:
        trip.close()


def test_the_ground_names_what_moved(trip):
    trip.pull({"orders": [counted(number=1, pays=[Pay(amount="20.00")])]})
    trip.book()
    (day,) = documents_of(trip, "JournalEntry")
    about = {"sources": ["1", day.row.source_id], "event_keys": ["order/1"], "words": ["sku:SKU-1"]}
    store = trip.workspace.store
    with store.reading() as tx:
        was = ground.ground_of(tx, "oak-ember", COMPANY, **about)
        assert ground.moved(tx, "oak-ember", COMPANY, [was]) == ""
    assert was.first == {"sku:SKU-1": "1"}
    assert was.pooled == {"order/1": frozenset({""})}
    with store.atomic() as tx:
        books.release_members(tx, day.row.key)
        assert ground.moved(tx, "oak-ember", COMPANY, [was]) == "order/1"
        requests.supersede(tx, [day.row.key], at=trip.now)
        books.set_document_state(tx, day.row.key, DocumentState.IGNORED, at=trip.now)
        assert ground.moved(tx, "oak-ember", COMPANY, [was]) == day.row.source_id
