"""The queue as people see it: views, filters, one word for where a row stands, and why."""

from __future__ import annotations

import pytest
from builders import Line, Pay, an_order
from trip import COMPANY, Trip

from qbconsole.books.holds import Hold, Reason
from qbconsole.books.lifecycle import DocumentState
from qbconsole.errors import UsageError
from qbconsole.store import books, holds, requests
from qbconsole.views.journey import journey
from qbconsole.views.queue import View, detail, ids, rows

HELD = an_order([Line(price="30.00")], pays=[Pay(amount="30.00", kind="AUTHORIZATION")], number=3)
FACTS = {
    "orders": [
        an_order([Line(price="20.00")], pays=[Pay(amount="20.00")], number=1),
        an_order([Line(price="25.00")], number=2),
        HELD | {"customer": {"displayName": "Zoë [b]"}},
    ]
}


@pytest.fixture(scope="module")
def trip(tmp_path_factory):
    found = Trip(tmp_path_factory.mktemp("queue"))
    found.pull(FACTS)
    found.book()
    yield found
    found.close()


@pytest.fixture(scope="module")
def delivered(tmp_path_factory):
    found = Trip(tmp_path_factory.mktemp("delivered"))
    found.pull(FACTS)
    found.book()
    found.quickbooks.refuse_next("InvoiceAddRq", 3180, "There was an error when saving an Invoice.")
    found.deliver()
    yield found
    found.close()


def listed(trip, view, **more):
    return rows(trip.workspace.store, ids(trip.workspace.store, view, **more))


def test_before_delivery_everything_waits_but_what_is_held(trip):
    queued = listed(trip, View.QUEUED)
    assert {
        (row.number, row.kind, row.state) for row in queued if row.kind in ("SalesReceipt", "Invoice")
    } == {
        ("#1001", "SalesReceipt", "WAITING"),
        ("#1002", "Invoice", "WAITING"),
    }
    (held,) = listed(trip, View.EXCEPTIONS)
    assert (held.key, held.state, held.reason) == ("order/3", "HELD", "authorized_uncaptured")
    assert (held.customer, held.total.text(), held.source) == ("Zoë [b]", "30.00", "order #1003")
    assert listed(trip, View.RECORDED) == []


def test_names_to_be_added_stand_in_the_queue_too(trip):
    assert any(row.kind == "item" and row.state == "WAITING" for row in listed(trip, View.ALL))


def test_all_is_the_sum_of_the_views(trip, delivered):
    for one in (trip, delivered):
        parts = [
            set(ids(one.workspace.store, view)) for view in (View.EXCEPTIONS, View.QUEUED, View.RECORDED)
        ]
        assert set(ids(one.workspace.store, View.ALL)) == set().union(*parts)
        assert sum(map(len, parts)) == len(set().union(*parts))


def test_after_delivery_a_refusal_is_an_exception_and_the_rest_is_recorded(delivered):
    assert [(row.number, row.state) for row in listed(delivered, View.RECORDED)] == [("#1001", "VERIFIED")]
    states = {row.number: (row.state, row.reason) for row in listed(delivered, View.EXCEPTIONS)}
    assert states["#1002"] == ("REFUSED", "refused")
    assert states["#1003"] == ("HELD", "authorized_uncaptured")


def test_detail_says_why_and_what_to_do(delivered):
    (row,) = listed(delivered, View.EXCEPTIONS, text="status:refused")
    found = detail(delivered.workspace.store, row.key)
    assert "There was an error when saving an Invoice." in found.why
    assert found.fix
    assert any("refused" in line for line in found.history)
    assert list(found.history) == sorted(found.history)


def test_detail_of_a_waiting_document_names_what_it_waits_for(trip):
    (row,) = listed(trip, View.QUEUED, text="kind:Invoice")
    assert detail(trip.workspace.store, row.key).why.startswith("It waits for ")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1001", ["#1001"]),
        ("status:held", ["#1003"]),
        ("reason:authorized", ["#1003"]),
        ("customer:shopify kind:invoice", ["#1002"]),
        ('"no such thing"', []),
        ("100% _", []),
    ],
)
def test_text_narrows_by_words_and_by_named_fields(trip, text, numbers):
    found = [row.number for row in listed(trip, View.ALL, text=text) if row.number.startswith("#")]
    assert found == numbers


def test_an_open_quote_while_somebody_types_is_no_error(trip):
    assert listed(trip, View.ALL, text='"100') == []


def test_sorting_turns_round_and_unknown_words_are_refused(trip):
    store = trip.workspace.store
    for sort in ("date", "number", "kind", "total", "state", "since", "merchant"):
        assert ids(store, View.ALL, sort=sort, reverse=True) == ids(store, View.ALL, sort=sort)[::-1]
    with pytest.raises(UsageError, match="sorted"):
        ids(store, View.ALL, sort="colour")
    with pytest.raises(UsageError, match="held"):
        ids(store, View.ALL, text="status:heldd")
    with pytest.raises(UsageError):
        detail(store, "qbc1/none/order/0/1/0")


def test_rows_stand_in_the_order_of_the_days_they_show(tmp_path):
    trip = Trip(tmp_path)
    on = {4: "2026-01-09", 5: "2026-01-02", 6: "2026-01-05", 7: "", 8: "2026-01-03"}
    orders = []
    for number, day in on.items():
        held = number != 6
        pays = [Pay(amount="30.00", kind="AUTHORIZATION" if held else "SALE")]
        order = an_order([Line(price="30.00")], pays=pays, number=number)
        orders.append(order | {"processedAt": f"{day}T09:00:00Z"} if day else order)
    trip.pull({"orders": orders})
    trip.book()
    shown = [row.date for row in listed(trip, View.ALL) if row.number.startswith("#")]
    assert shown == sorted(shown)
    assert len(shown) >= len(on)
    assert len(set(shown)) > 3
    turned = [row.date for row in listed(trip, View.ALL, reverse=True) if row.number.startswith("#")]
    assert turned == sorted(shown, reverse=True)
    numbers = [row.number for row in listed(trip, View.ALL, sort="number") if row.number.startswith("#")]
    assert numbers == sorted(numbers)
    trip.close()


def test_another_merchant_or_company_has_no_rows(trip):
    store = trip.workspace.store
    assert ids(store, View.ALL, merchant="cedar-lane") == []
    assert ids(store, View.ALL, company="birch") == []
    assert len(ids(store, View.ALL, company=COMPANY)) == len(ids(store, View.ALL))


def test_rows_that_went_away_are_left_out(trip):
    store = trip.workspace.store
    found = ids(store, View.ALL)
    gone = found[0]._replace(number=10**9)
    assert len(rows(store, [gone, *found])) == len(found)


def test_the_counts_agree_with_the_queue(delivered):
    with delivered.workspace.store.reading() as tx:
        counts = requests.counts(tx, COMPANY)
    refused = listed(delivered, View.ALL, text="status:refused")
    assert len(refused) == sum(n for state, n in counts.items() if state.value == "refused")


def test_what_is_gone_from_quickbooks_says_so_and_is_found_by_that_word(tmp_path):
    trip = Trip(tmp_path)
    trip.pull(FACTS)
    trip.book()
    trip.deliver()
    (row,) = [one for one in listed(trip, View.RECORDED) if one.number == "#1001"]
    held = Hold(
        reason=Reason.LOST_BY_RESTORE, where="here", sentence="Gone.", next_step="Retry.", subject=row.key
    )
    with trip.workspace.store.atomic() as tx:
        books.set_document_state(tx, row.key, DocumentState.LOST_BY_RESTORE, at=trip.now)
        holds.put_holds(tx, "oak-ember", COMPANY, [held], trip.now)
    (found,) = listed(trip, View.EXCEPTIONS, text="status:lost_by_restore")
    assert (found.key, found.state) == (row.key, "LOST_BY_RESTORE")
    trip.close()


def test_a_refused_entry_and_who_waits_for_it_have_steps_that_lead_to_it(tmp_path):
    trip = Trip(tmp_path)
    trip.pull(FACTS)
    trip.book()
    trip.quickbooks.refuse_next("ItemNonInventoryAddRq", 3140, "There is no such account.")
    trip.deliver()
    (entry,) = listed(trip, View.EXCEPTIONS, text="status:refused")
    waits = listed(trip, View.EXCEPTIONS, text="reason:waits_for")
    step = detail(trip.workspace.store, waits[0].key).fix
    assert f"`qbconsole show {entry.key}`" in step
    found = journey(trip.workspace.store, entry.key)
    assert found.company == COMPANY
    assert any("There is no such account." in stop.sentence for stop in found.stops)
    assert [hold.reason for hold in found.holds] == [Reason.REFUSED]
    facts = dict(found.facts)
    assert "<ItemNonInventoryAdd>" in facts["Request"]
    assert waits[0].key in facts["Waited for by"]
    assert journey(trip.workspace.store, f"oak-ember/{entry.key}") == found
    trip.close()
