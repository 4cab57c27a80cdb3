"""What an operator decides: each decision does what it says, and nothing that may be in QuickBooks is sent anew."""

from __future__ import annotations

import pytest
from builders import Line, Pay, an_order
from hands import Hands
from trip import COMPANY, NOW, Trip

from qbconsole.books.holds import Hold, Reason
from qbconsole.books.lifecycle import DocumentState, RequestState
from qbconsole.care.attention import Operator
from qbconsole.errors import UsageError
from qbconsole.sandbox.quickbooks import Answer
from qbconsole.store import books, holds, journal, requests
from qbconsole.store.requests import Purpose
from qbconsole.store.sessions import MessageSet, open_session, put_message_set
from qbconsole.views.plan import batch_plan
from qbconsole.views.queue import View, ids, rows

RECEIPT = an_order([Line(price="20.00")], pays=[Pay(amount="20.00")], number=1)
INVOICE = an_order([Line(price="25.00")], number=2)
PAID_LATER = an_order(
    [Line(price="30.00")],
    pays=[Pay(amount="30.00", at="03-09 12:00")],
    number=3,
    displayFinancialStatus="PAID",
)


@pytest.fixture
def trip(tmp_path):
    found = Trip(tmp_path)
    yield found
    found.close()


@pytest.fixture
def operator(trip):
    return Operator(store=trip.workspace.store, clock=trip.workspace.clock, who="operator:ann")


def booked(trip, *orders):
    trip.pull({"orders": list(orders)})
    trip.book()


def rows_of(trip, text, view=View.ALL):
    return rows(trip.workspace.store, ids(trip.workspace.store, view, text=text))


def request_of(trip, key):
    with trip.workspace.store.reading() as tx:
        return requests.requests_of_documents(tx, [key])[-1]


def request_of_entry(trip, key):
    with trip.workspace.store.reading() as tx:
        (row,) = [one for one in requests.requests_in(tx, company=COMPANY) if one.subject_key == key]
    return row


def test_a_refused_request_is_retried_and_goes_in(trip, operator):
    booked(trip, INVOICE)
    trip.quickbooks.refuse_next("InvoiceAddRq", 3180, "There was an error when saving an Invoice.")
    trip.deliver()
    (row,) = rows_of(trip, "status:refused")
    done = operator.retry(None)
    assert (done.done, done.left, done.probed_first) == ((row.key,), (), ())
    assert done.sentence("made ready again") == "1 made ready again."
    with trip.workspace.store.reading() as tx:
        assert holds.open_holds(tx, company=COMPANY) == []
        assert journal.of(tx, row.key)[-1].who == "operator:ann"
    trip.deliver()
    assert [one.state for one in rows_of(trip, "1002", View.RECORDED)] == ["VERIFIED"]


@pytest.mark.parametrize(
    ("request_name", "view"), [("InvoiceAddRq", "kind:Invoice"), ("CustomerAddRq", "status:refused")]
)
def test_what_was_refused_goes_again_by_the_word_that_its_hold_names(trip, operator, request_name, view):
    booked(trip, INVOICE)
    trip.quickbooks.refuse_next(request_name, 3180, "There was an error when saving it.")
    trip.deliver()
    (row,) = [one for one in rows_of(trip, view) if one.state == "REFUSED"]
    with trip.workspace.store.reading() as tx:
        (told,) = [one.hold for one in holds.open_holds(tx, company=COMPANY, reason="refused")]
    assert told.next_step.endswith("then run `qbconsole release KEY`, or `L` in the queue.")
    done = operator.release([row.key])
    assert (done.done, done.left) == ((row.key,), ())
    trip.deliver()
    (row,) = rows_of(trip, "kind:Invoice")
    assert row.state == "VERIFIED"
    with trip.workspace.store.reading() as tx:
        assert holds.open_holds(tx, company=COMPANY) == []


def test_what_quickbooks_could_not_read_goes_again_when_it_is_released(trip, operator):
    booked(trip, INVOICE)
    _ = trip.delivery
    hands = Hands(trip)
    hands.login()
    hands.take_until("<InvoiceAdd>")
    hands.say(Answer(hresult="0x80040400", message="QuickBooks found an error when parsing."))
    hands.close()
    (row,) = rows_of(trip, "kind:Invoice")
    assert row.state == "QUARANTINED"
    assert operator.release([row.key]).done == (row.key,)
    trip.deliver()
    assert [one.state for one in rows_of(trip, "kind:Invoice")] == ["VERIFIED"]


def test_what_is_in_doubt_is_not_released(trip, operator):
    booked(trip, INVOICE)
    _ = trip.delivery
    hands = Hands(trip)
    hands.login()
    hands.take_until("<InvoiceAdd>")
    hands.close()
    (row,) = rows_of(trip, "kind:Invoice")
    assert operator.release([row.key]).done == ()
    assert request_of(trip, row.key).state is RequestState.IN_DOUBT


def test_what_was_put_right_in_quickbooks_is_released_though_it_is_not_as_booked_by_then(trip, operator):
    booked(trip, INVOICE)
    trip.deliver()
    (row,) = rows_of(trip, "kind:Invoice")
    hold = Hold(
        reason=Reason.TAX_DIFFERENCE,
        where="Invoice 1002",
        sentence="QuickBooks charged other tax.",
        next_step="Correct it in QuickBooks, then release it.",
        subject=row.key,
        cause="tax_difference",
    )
    with trip.workspace.store.atomic() as tx:
        holds.put_holds(tx, row.merchant, COMPANY, [hold], NOW)
        books.set_document_state(tx, row.key, DocumentState.DRIFTED, at=NOW)
    assert operator.release([row.key]).done == (row.key,)
    with trip.workspace.store.reading() as tx:
        assert holds.open_holds(tx, company=COMPANY) == []


def test_a_refusal_that_comes_again_is_held_again(trip, operator):
    booked(trip, INVOICE)
    for _ in range(2):
        trip.quickbooks.refuse_next("InvoiceAddRq", 3180, "There was an error when saving an Invoice.")
        trip.deliver()
        assert [row.state for row in rows_of(trip, "1002", View.EXCEPTIONS)] == ["REFUSED"]
        operator.retry(["#1002"])


def test_what_was_sent_is_probed_first_and_never_made_ready(trip, operator):
    booked(trip, RECEIPT)
    store = trip.workspace.store
    with store.atomic() as tx:
        (again,) = requests.put_requests(
            tx,
            [
                requests.NewRequest(
                    company=COMPANY,
                    merchant="oak-ember",
                    subject_key="customer/lost",
                    purpose=Purpose.LIST_ADD,
                    name="CustomerAdd",
                    body='<CustomerAddRq requestID="1"/>',
                )
            ],
            at=NOW,
        )
        open_session(tx, ticket="t", company=COMPANY, fence=1, phase="send", at=NOW)
        put_message_set(
            tx,
            MessageSet(
                id="S" * 20, company=COMPANY, ticket="t", seq=1, body="x", purpose="send", fence=1, attempt=0
            ),
            NOW,
        )
        requests.mark_sent(tx, [again], "S" * 20, at=NOW)
        requests.doubt(tx, [again], at=NOW)
    done = operator.retry(None)
    assert (done.done, done.probed_first) == ((), ("customer/lost",))
    assert "probed first" in done.sentence("made ready again")
    with store.reading() as tx:
        assert requests.requests_by_id(tx, [again])[0].state is RequestState.IN_DOUBT


def test_a_held_document_stays_until_it_is_released(trip, operator):
    booked(trip, RECEIPT)
    (row,) = rows_of(trip, "kind:SalesReceipt")
    assert operator.hold([row.key], "ask Ann").done == (row.key,)
    trip.deliver()
    assert request_of(trip, row.key).state is RequestState.AWAITING_APPROVAL
    assert [one.state for one in rows_of(trip, "1001", View.QUEUED)] == ["AWAITING_APPROVAL"]
    assert operator.release([row.key]).done == (row.key,)
    trip.deliver()
    assert [one.state for one in rows_of(trip, "1001")] == ["VERIFIED"]
    late = operator.hold([row.key], "too late")
    assert late.done == ()
    assert "verified" in late.left[0][1]


def test_an_approval_of_another_plan_is_refused(trip, operator):
    booked(trip, RECEIPT)
    seen = batch_plan(trip.workspace.store, COMPANY).hash
    booked(trip, INVOICE)
    with pytest.raises(UsageError, match=seen):
        operator.approve(COMPANY, seen)
    now = batch_plan(trip.workspace.store, COMPANY).hash
    assert operator.approve(COMPANY, now).hash == now


@pytest.mark.parametrize("anew", [False, True])
def test_an_approval_of_the_others_lets_nothing_go_that_a_person_holds_by_name(trip, operator, anew):
    booked(trip, RECEIPT)
    (row,) = rows_of(trip, "kind:SalesReceipt")
    operator.hold([row.key], "ask Ann")
    booked(trip, INVOICE)
    if anew:
        path = trip.workspace.root / "mappings.toml"
        text = path.read_text(encoding="utf-8")
        path.write_text(
            text.replace('house = "Shopify {channel}"', 'house = "Web {channel}"'), encoding="utf-8"
        )
        trip.book()
    for _ in range(3):
        seen = batch_plan(trip.workspace.store, COMPANY)
        (told,) = [one.held for one in seen.documents if one.key == row.key]
        assert told == "operator:ann holds it: ask Ann."
        assert row.key not in {one.key for one in seen.going}
        operator.approve(COMPANY, seen.hash)
        trip.deliver()
    assert [one.state for one in rows_of(trip, "kind:Invoice")] == ["VERIFIED"]
    assert request_of(trip, row.key).state is RequestState.AWAITING_APPROVAL
    assert operator.release([row.key]).done == (row.key,)
    assert [one.key for one in batch_plan(trip.workspace.store, COMPANY).going] == [row.key]
    trip.deliver()
    assert [one.state for one in rows_of(trip, "kind:SalesReceipt")] == ["VERIFIED"]


def test_a_list_entry_that_a_person_holds_by_name_is_not_approved_with_a_batch(trip, operator):
    booked(trip, RECEIPT)
    with trip.workspace.store.reading() as tx:
        asked = requests.requests_in(tx, company=COMPANY)
    (key,) = [one.subject_key for one in asked if one.subject_key.startswith("customer/")]
    assert operator.hold([key], "another name").done == (key,)
    operator.approve(COMPANY, batch_plan(trip.workspace.store, COMPANY).hash)
    trip.deliver()
    assert request_of_entry(trip, key).state is RequestState.AWAITING_APPROVAL
    assert operator.release([key]).done == (key,)
    trip.deliver()
    assert [one.state for one in rows_of(trip, "kind:SalesReceipt")] == ["VERIFIED"]


def test_ignoring_refuses_to_leave_a_payment_waiting_for_ever(trip, operator):
    booked(trip, PAID_LATER)
    kinds = {row.kind: row.key for row in rows_of(trip, "1003") if row.number == "#1003"}
    assert set(kinds) == {"Invoice", "ReceivePayment"}
    with pytest.raises(UsageError, match="wait for"):
        operator.ignore([kinds["Invoice"]], "no")
    assert operator.ignore(list(kinds.values()), "paid in cash").left == ()
    with trip.workspace.store.reading() as tx:
        for key in kinds.values():
            assert books.document(tx, key).row.state is DocumentState.IGNORED
    trip.book()
    assert trip.deliver() >= 0
    assert rows_of(trip, "1003", View.QUEUED) == []


def test_what_is_in_quickbooks_is_not_ignored(trip, operator):
    booked(trip, RECEIPT)
    trip.deliver()
    (row,) = rows_of(trip, "1001")
    assert operator.ignore([row.key], "no").left[0][0] == row.key
    with pytest.raises(UsageError, match="reason"):
        operator.ignore([row.key], "  ")


def test_a_refused_list_entry_is_left_out_once_nothing_waits_for_it(trip, operator):
    booked(trip, RECEIPT)
    trip.quickbooks.refuse_next("CustomerAddRq", 3180, "There was an error when saving a Customer.")
    trip.deliver()
    (customer,) = [row for row in rows_of(trip, "", View.EXCEPTIONS) if row.state == "REFUSED"]
    assert operator.ignore([customer.key], "no").left[0][1].startswith("documents wait for this name")
    (receipt,) = rows_of(trip, "kind:SalesReceipt")
    assert operator.ignore([receipt.key], "paid in cash").done == (receipt.key,)
    assert operator.ignore([customer.key], "nothing needs it").done == (customer.key,)
    assert rows_of(trip, "", View.EXCEPTIONS) == []
    with trip.workspace.store.reading() as tx:
        assert holds.open_holds(tx, company=COMPANY) == []


def test_an_ignored_order_stays_out_when_it_is_booked_again(trip, operator):
    booked(trip, an_order([Line(price="9.00")], pays=[Pay(amount="9.00", kind="AUTHORIZATION")], number=4))
    assert operator.ignore(["#1004"], "a mistake").done == ("order/4",)
    trip.book()
    assert rows_of(trip, "1004") == []


def test_unknown_keys_change_nothing(trip, operator):
    booked(trip, INVOICE)
    (row,) = rows_of(trip, "kind:Invoice")
    with pytest.raises(UsageError, match="nope"):
        operator.hold([row.key, "nope"], "")
    assert not request_of(trip, row.key).needs_approval


def test_what_is_left_as_it_was_is_told_in_one_sentence_with_one_full_stop(trip, operator):
    trip.pull({"orders": [RECEIPT | {"test": True}]})
    trip.book()
    (held,) = rows_of(trip, "reason:test_order")
    told = operator.release([held.key]).sentence("released")
    assert told.startswith("0 released; 1 left as they were: its cause must go away")
    assert told.endswith(".")
    assert not told.endswith("..")
