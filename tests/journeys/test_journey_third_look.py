"""More of what second readers found: lost without a word, sent though it was held, stuck for ever, tied to a void."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hands import Hands
from test_journey_restores import Drill, backed_up
from trip import COMPANY

from qbconsole.books.lifecycle import DocumentState, RequestState
from qbconsole.store import holds, lists, requests

pytestmark = pytest.mark.slow


class _ByHand(Drill):
    """A drill whose sessions need no server."""

    def update(self):
        self.now += timedelta(minutes=5)
        return self.session()


@pytest.fixture
def drill(tmp_path):
    made = _ByHand(tmp_path)
    yield made
    made.close()


def some(drill, *states):
    with drill.workspace.store.reading() as tx:
        return requests.requests_in(tx, company=COMPANY, states=states or None, limit=10_000)


def last_of(drill, key):
    with drill.workspace.store.reading() as tx:
        return requests.requests_of_documents(tx, [key])[-1]


def refused(drill):
    with drill.workspace.store.reading() as tx:
        return [row.hold for row in holds.open_holds(tx, company=COMPANY, reason="refused")]


def document(drill, key):
    return next(row for row in drill.rows() if row.key == key)


# -- restored ------------------------------------------------------------------------------------------


def test_what_left_before_the_backup_and_was_done_after_it_is_looked_for_too(drill, tmp_path):
    """A dialog of QuickBooks stood open over it for days; another session worked on, and its mark is in the backup."""
    drill.orders(4)
    drill.settle()
    drill.orders(9)
    first = Hands(drill)
    first.login()
    text = first.take_until("<SalesReceiptAdd>")
    drill.now += timedelta(days=2)
    drill.orders(12)
    assert _session(drill, peer="10.0.0.9")
    backup = backed_up(drill, tmp_path)
    drill.now += timedelta(hours=1)
    first.bring(text)
    for _ in range(3):
        _session(drill)
    drill.now += timedelta(hours=1)
    drill.orders(14)
    _session(drill)
    newer = set(drill.keys_there())
    drill.company_file.restore(backup, drill.now)
    lost = newer - set(drill.keys_there())
    drill.orders(15)
    _session(drill)
    assert drill.say("restored", post_again=True).recorded >= len(lost)
    for _ in range(4):
        drill.now += timedelta(minutes=5)
        _session(drill)
    drill.assert_books_are_right()


def _session(drill, peer="10.0.0.5"):
    """Another Web Connector's whole update; gives whether there was anything to do."""
    hands = Hands(drill, peer=peer)
    if hands.login() in ("none", "nvu", "busy"):
        return False
    while text := hands.take():
        if not 0 <= hands.say(hands.bring(text)) < 100:
            break
    hands.close()
    return True


def test_what_an_operator_holds_stays_held_when_a_backup_is_gone_on_with(drill, tmp_path):
    drill.orders(2)
    drill.settle()
    backup = backed_up(drill, tmp_path)
    drill.now += timedelta(days=1)
    drill.orders(14)
    drill.settle()
    drill.orders(26)
    held = [row.document_key for row in some(drill, RequestState.READY) if row.document_key]
    assert held
    assert set(drill.operator().hold(held, "do not send").done) == set(held)
    drill.company_file.restore(backup, drill.now)
    drill.stops("restored")
    drill.say("restored", post_again=True)
    drill.settle()
    assert not set(held) & set(drill.keys_there())
    assert set(drill.operator().release(held).done) == set(held)
    drill.settle()
    drill.assert_books_are_right()


# -- without our key -----------------------------------------------------------------------------------


@pytest.mark.parametrize("ours", [True, False])
def test_what_stands_there_without_our_key_is_looked_for_again_when_it_is_retried(drill, ours):
    drill.quickbooks.retention = "none"
    drill.orders(4)
    drill.settle()
    drill.orders(6)
    hands = Hands(drill)
    hands.login()
    hands.bring(hands.take_until("<SalesReceiptAdd>"))
    hands.close()
    there = [one for one in drill.company_file.documents() if one.kind == "SalesReceipt"][-1]
    drill.company_file.edit_document(there.txn_id, now=drill.now, memo="edited by hand")
    drill.settle()
    (stuck,) = some(drill, RequestState.QUARANTINED)
    key = stuck.document_key
    assert "without our key" in refused(drill)[0].sentence
    assert drill.operator().retry([key]).probed_first == (key,)
    drill.settle()
    assert some(drill, RequestState.QUARANTINED), "nothing was put right: it waits again"
    assert "without our key" in refused(drill)[0].sentence
    if ours:
        drill.company_file.edit_document(there.txn_id, now=drill.now, memo=f"back [{key}]")
    else:
        drill.company_file.edit_document(there.txn_id, now=drill.now, ref_number="BY-HAND")
    drill.operator().retry([key])
    assert not refused(drill)
    drill.settle()
    assert drill.keys_there()[key] == 1
    assert (document(drill, key).txn_id == there.txn_id) is ours
    assert not refused(drill)


# -- voided --------------------------------------------------------------------------------------------


def test_a_payment_that_was_held_is_tied_to_the_invoice_posted_again_not_to_the_void(drill):
    drill.orders(30)
    waiting = [row for row in some(drill, RequestState.WAITING) if row.name == "ReceivePaymentAdd"]
    child, parent = waiting[0].document_key, _invoice_of(drill, waiting[0].id)
    drill.operator().hold([child], "look at it")
    drill.settle()
    gone = document(drill, parent)
    assert gone.txn_id in last_of(drill, child).body
    drill.now += timedelta(days=1, hours=1)
    drill.company_file.void_document(gone.txn_id, now=drill.now)
    with drill.workspace.store.atomic() as tx:
        lists.read_again(tx, COMPANY)
    drill.settle()
    assert document(drill, parent).state is DocumentState.DELETED_IN_QUICKBOOKS
    assert gone.txn_id not in last_of(drill, child).body
    drill.operator().release([child])
    drill.settle()
    assert child not in drill.keys_there()
    assert not refused(drill)
    assert drill.operator().retry([parent]).done == (parent,)
    drill.settle()
    again = document(drill, parent)
    assert again.txn_id != gone.txn_id
    assert again.txn_id in last_of(drill, child).body
    assert drill.keys_there()[child] == 1


def _invoice_of(drill, number):
    with drill.workspace.store.reading() as tx:
        return next(need.name for need in requests.waiting_on(tx, number) if need.kind == "document")
