"""What was recorded is read back: verified, or drifted with a flag that says what differs; nothing is written over."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest
from hands import Hands
from trip import COMPANY, Trip

from qbconsole.books.holds import Reason
from qbconsole.books.identity import key_in
from qbconsole.books.lifecycle import DocumentState
from qbconsole.qbxml.envelope import forgotten_by
from qbconsole.sandbox.quickbooks import QuickBooks
from qbconsole.sandbox.shopify import Shop
from qbconsole.store import books, holds, sessions
from qbconsole.store.sessions import SetState
from qbconsole.sync.deliver import asking
from qbconsole.sync.deliver.phases import changed, clear, verify


@pytest.fixture
def trip(tmp_path):
    """Everything is in QuickBooks; its PC's clock goes with ours."""
    made = Trip(tmp_path)
    made.quickbooks = QuickBooks(
        made.company_file, requests_xsd=made.quickbooks.requests_xsd, clock=lambda: made.now
    )
    shop = Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=30)
    made.pull({"orders": shop.orders})
    made.book()
    made.delivery  # noqa: B018  the password is made with it
    yield made
    made.close()


def states(trip):
    with trip.workspace.store.reading() as tx:
        return Counter(row.state for row in books.documents(tx, company=COMPANY, limit=10_000))


def row_of(trip, kind):
    with trip.workspace.store.reading() as tx:
        return next(
            row
            for row in books.documents(tx, company=COMPANY, limit=10_000)
            if row.kind == kind and row.txn_id
        )


def again(trip, row):
    with trip.workspace.store.reading() as tx:
        return next(iter(books.documents(tx, keys=[row.key], limit=1)))


def told(trip, reason=Reason.DRIFTED):
    with trip.workspace.store.reading() as tx:
        return {row.hold.subject: row.hold for row in holds.open_holds(tx, company=COMPANY, reason=reason)}


def next_day(trip):
    trip.now += timedelta(days=1)
    return Hands(trip).whole_session()


def test_everything_recorded_is_verified_in_the_same_session(trip):
    Hands(trip).whole_session()
    there = states(trip)
    assert there[DocumentState.VERIFIED] > 20
    assert there[DocumentState.RECORDED] == 0
    assert there[DocumentState.DRIFTED] == 0
    assert told(trip) == {}


def test_a_session_reads_back_a_bounded_number_and_later_ones_the_rest(trip, monkeypatch):
    monkeypatch.setattr(verify, "AT_ONCE", 3)
    monkeypatch.setattr(verify, "QUESTIONS", 2)
    Hands(trip).whole_session()
    assert states(trip)[DocumentState.VERIFIED] == 6
    left = states(trip)[DocumentState.RECORDED]
    for _ in range(20):
        next_day(trip)
        if not states(trip)[DocumentState.RECORDED]:
            break
    assert left > 0
    assert states(trip)[DocumentState.RECORDED] == 0


def test_a_document_that_somebody_edits_is_found_within_a_day_told_and_not_written_over(trip):
    Hands(trip).whole_session()
    row = row_of(trip, "SalesReceipt")
    next_day(trip)
    trip.now += timedelta(hours=1)
    trip.company_file.edit_document(row.txn_id, now=trip.now, txn_date=row.txn_date - timedelta(days=3))
    before = [filed.txn_id for filed in trip.company_file.documents()]
    next_day(trip)
    assert again(trip, row).state is DocumentState.DRIFTED
    hold = told(trip)[row.key]
    assert f"its date is {row.txn_date - timedelta(days=3)}, not {row.txn_date}" in hold.sentence
    assert hold.is_flag
    assert [filed.txn_id for filed in trip.company_file.documents()] == before
    trip.company_file.edit_document(row.txn_id, now=trip.now, txn_date=row.txn_date)
    next_day(trip)
    assert again(trip, row).state is DocumentState.VERIFIED
    assert told(trip) == {}


def test_a_memo_without_our_key_is_told(trip):
    Hands(trip).whole_session()
    row = row_of(trip, "SalesReceipt")
    next_day(trip)
    trip.company_file.edit_document(row.txn_id, now=trip.now, memo="thank you")
    next_day(trip)
    assert "does not end in our key" in told(trip)[row.key].sentence


def test_looks_for_changes_are_a_day_apart(trip):
    asked = []

    class Asks(Hands):
        def bring(self, text):
            asked.append(text.count("<ModifiedDateRangeFilter>"))
            return super().bring(text)

    Asks(trip).whole_session()
    assert not any(asked)
    trip.now += timedelta(hours=13)
    Asks(trip).whole_session()
    assert not any(asked)
    trip.now += timedelta(hours=13)
    Asks(trip).whole_session()
    kinds = len({row.kind for row in _rows(trip)})
    assert [one for one in asked if one] == [kinds], "all kinds in one question"
    asked.clear()
    trip.now += timedelta(hours=13)
    Asks(trip).whole_session()
    assert not any(asked)


def _rows(trip):
    with trip.workspace.store.reading() as tx:
        return [row for row in books.documents(tx, company=COMPANY, limit=10_000) if row.txn_id]


class Fails(Hands):
    """QuickBooks refuses, or breaks off, its first answer about receipts that were changed."""

    def __init__(self, trip, how):
        super().__init__(trip)
        self.how, self.failed = how, 0

    def bring(self, text):
        answer = super().bring(text)
        if self.failed or "FromModifiedDate" not in text or "<SalesReceiptQuery" not in text:
            return answer
        self.failed += 1
        if self.how == "cut":
            return replace(
                answer, response=answer.response[: answer.response.index("<SalesReceiptRet>") + 40]
            )
        empty = re.sub(r"<SalesReceiptRet>.*</SalesReceiptRet>", "", answer.response, flags=re.DOTALL)
        status = r'\1statusCode="3180" statusSeverity="Error"'
        told = r'(<SalesReceiptQueryRs [^>]*?)statusCode="\d+" statusSeverity="\w+"'
        return replace(answer, response=re.sub(told, status, empty))


@pytest.mark.parametrize("how", ["refused", "cut"])
def test_a_look_that_failed_is_made_again_from_where_it_began(trip, how):
    Hands(trip).whole_session()
    row = row_of(trip, "SalesReceipt")
    trip.now += timedelta(hours=2)
    trip.company_file.edit_document(row.txn_id, now=trip.now, txn_date=row.txn_date - timedelta(days=3))
    trip.now += timedelta(days=3)
    fails = Fails(trip, how)
    fails.whole_session()
    assert fails.failed == 1
    assert again(trip, row).state is DocumentState.VERIFIED
    for _ in range(3):
        trip.now += timedelta(days=3)
        Hands(trip).whole_session()
    assert again(trip, row).state is DocumentState.DRIFTED


def test_a_renamed_account_is_no_drift_and_another_account_is(trip):
    Hands(trip).whole_session()
    with trip.workspace.store.reading() as tx:
        receipt = books.document(tx, row_of(trip, "SalesReceipt").key)
    account = msgspec.json.decode(receipt.document)["deposit_to_account_ref"]
    trip.company_file.rename_account(account, "Money on its way", trip.now)
    next_day(trip)
    for row in _rows(trip):
        trip.company_file.edit_document(row.txn_id, now=trip.now, ref_number=row.ref_number)
    next_day(trip)
    assert told(trip) == {}
    assert states(trip)[DocumentState.DRIFTED] == 0


def test_other_amounts_are_told_with_both_totals(trip):
    Hands(trip).whole_session()
    row = row_of(trip, "SalesReceipt")
    next_day(trip)
    trip.company_file.edit_document(row.txn_id, now=trip.now, amounts={0: Decimal("1.00")})
    next_day(trip)
    total = trip.company_file.filed[row.txn_id].total
    assert f"its total is {total}, not {row.total.text()}" in told(trip)[row.key].sentence


def test_a_voided_document_is_gone_and_waits_for_a_person(trip):
    Hands(trip).whole_session()
    row = row_of(trip, "SalesReceipt")
    next_day(trip)
    trip.company_file.void_document(row.txn_id, trip.now)
    next_day(trip)
    assert again(trip, row).state is DocumentState.DELETED_IN_QUICKBOOKS
    (hold,) = told(trip, Reason.DELETED_IN_QUICKBOOKS).values()
    assert "was voided in QuickBooks" in hold.sentence
    next_day(trip)
    assert (
        Counter(filter(None, (key_in(one.memo) for one in trip.company_file.documents()))).most_common(1)[0][
            1
        ]
        == 1
    )


def test_quickbooks_forgets_sets_a_day_after_they_were_answered_and_knows_them_until_then(trip):
    Hands(trip).whole_session()
    kept = set(trip.company_file.sets)
    assert kept
    trip.now += timedelta(hours=23)
    Hands(trip).whole_session()
    assert kept <= set(trip.company_file.sets)
    trip.now += timedelta(hours=2)
    for _ in range(4):
        trip.now += timedelta(hours=13)
        Hands(trip).whole_session()
    assert kept - set(trip.company_file.sets)
    with trip.workspace.store.reading() as tx:
        left = sessions.forgettable_sets(tx, COMPANY, trip.now - clear.KEPT_FOR, 99)
        gone = {one.id for one in sessions.sets_in(tx, COMPANY, [SetState.CLEARED])}
    assert left == []
    assert not gone & set(trip.company_file.sets)


def old_sets(trip):
    """Ids of the sets that were sent and answered, a day ago when this returns; nothing is left to be read back."""
    Hands(trip).whole_session()
    Hands(trip).whole_session()
    with trip.workspace.store.reading() as tx:
        sets = sessions.sets_in(tx, COMPANY, [SetState.ANSWERED])
    trip.now += timedelta(hours=25)
    return {one.id for one in sets if not one.id.startswith("q.")}


def more_orders(trip, first=30):
    shop = Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=first + 4)
    trip.pull({"orders": shop.orders[first:]})
    trip.book()


def test_our_marker_has_quickbooks_forget_old_sets_without_an_exchange_of_their_own(trip):
    old = old_sets(trip)
    more_orders(trip)
    taken = []

    class Notes(Hands):
        def bring(self, text):
            taken.append(text)
            return super().bring(text)

    assert Notes(trip).whole_session() == "OK"
    forgotten = {found for text in taken if (found := forgotten_by(text))}
    assert len(forgotten) == 2
    assert forgotten <= old
    assert not any(forgotten_by(text) for text in taken if "requestID" in text and "DataExt" not in text)
    alone = {text for text in taken if "oldMessageSetID" in text and "newMessageSetID" not in text}
    assert len(alone) == len(old - forgotten)
    assert not old & set(trip.company_file.sets)
    with trip.workspace.store.reading() as tx:
        assert {one.id for one in sessions.sets_in(tx, COMPANY, [SetState.CLEARED])} == old


def test_a_set_whose_answer_was_lost_clears_nothing_in_our_books(trip):
    old = old_sets(trip)
    more_orders(trip)
    hands = Hands(trip)
    hands.login()
    lost = hands.take_until("oldMessageSetID")
    hands.bring(lost)
    hands.close()
    with trip.workspace.store.reading() as tx:
        assert sessions.message_set(tx, forgotten_by(lost)).state is SetState.ANSWERED
    assert Hands(trip).whole_session() == "OK"
    assert not old & set(trip.company_file.sets)
    with trip.workspace.store.reading() as tx:
        assert sessions.message_set(tx, forgotten_by(lost)).state is SetState.CLEARED


def test_what_quickbooks_forgot_by_itself_is_cleared_once_and_a_session_clears_a_bounded_number(
    trip, monkeypatch
):
    Hands(trip).whole_session()
    trip.company_file.sets.clear()
    trip.now += timedelta(hours=25)
    asked = []

    class Asks(Hands):
        def bring(self, text):
            answer = super().bring(text)
            if "oldMessageSetID" in text and "newMessageSetID" not in text:
                asked.append('StatusCode="600"' in answer.response)
            return answer

    monkeypatch.setattr(clear, "AT_MOST", 2)
    assert Asks(trip).whole_session() == "OK"
    assert asked == [True, True]


class Counts(Hands):
    """Counts the questions about receipts that were changed."""

    asked = 0

    def bring(self, text):
        self.asked += "FromModifiedDate" in text and "<SalesReceiptQuery" in text
        return super().bring(text)


def receipts(trip):
    return [row for row in _rows(trip) if row.kind == "SalesReceipt"]


@pytest.fixture
def many(trip, monkeypatch):
    """Receipts that were read back, six pages' worth of them at most a session."""
    monkeypatch.setattr(asking, "CHANGED_PAGE", 2)
    monkeypatch.setattr(changed, "CHANGED_PAGE", 2)
    monkeypatch.setattr(changed, "PAGES", 6)
    Hands(trip).whole_session()
    next_day(trip)
    return receipts(trip)


def test_more_changes_than_one_session_reads_are_read_by_the_next_ones(trip, many):
    for row in many:
        trip.now += timedelta(hours=5)
        trip.company_file.edit_document(row.txn_id, now=trip.now, txn_date=row.txn_date - timedelta(days=1))
    sessions_needed = 0
    while len(told(trip)) < len(many):
        trip.now += timedelta(minutes=30)
        hands = Counts(trip)
        hands.whole_session()
        assert hands.asked <= 6
        sessions_needed += 1
        assert sessions_needed < 20
    assert len(many) > 8
    assert sessions_needed > 1
    assert {again(trip, row).state for row in many} == {DocumentState.DRIFTED}
    # And the look ends: a day later it is a new one, of what changed since.
    for _ in range(8):
        trip.now += timedelta(minutes=30)
        Hands(trip).whole_session()
    trip.now += timedelta(minutes=30)
    hands = Counts(trip)
    hands.whole_session()
    assert hands.asked == 0


def test_what_changed_all_at_once_is_read_to_its_end(trip, many):
    trip.now += timedelta(hours=3)
    for row in many:
        trip.company_file.edit_document(row.txn_id, now=trip.now, txn_date=row.txn_date - timedelta(days=1))
    trip.now += timedelta(days=1)
    for _ in range(30):
        trip.now += timedelta(minutes=30)
        Hands(trip).whole_session()
    assert {again(trip, row).state for row in many} == {DocumentState.DRIFTED}


@pytest.mark.parametrize("pages", range(4, 16))
def test_a_look_ends_whatever_the_number_of_its_pages(trip, many, monkeypatch, pages):
    monkeypatch.setattr(changed, "PAGES", pages)
    trip.now += timedelta(hours=3)
    for row in many:
        trip.company_file.edit_document(row.txn_id, now=trip.now, txn_date=row.txn_date - timedelta(days=1))
        trip.now += timedelta(hours=1)
    trip.now += timedelta(days=1)
    for _ in range(30):
        trip.now += timedelta(minutes=30)
        if Hands(trip).whole_session() == "none":
            break
    else:
        raise AssertionError("it never ended")
    assert {again(trip, row).state for row in many} == {DocumentState.DRIFTED}
