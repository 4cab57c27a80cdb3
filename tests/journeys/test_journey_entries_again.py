"""Both went back in time: list entries that were found after our database was restored are lost with an older file."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
from test_journey_restores import backed_up
from test_journey_third_look import drill
from trip import COMPANY

from qbconsole.books.identity import key_in
from qbconsole.books.lifecycle import DocumentState, HoldState, RequestState
from qbconsole.store import holds, parties, requests
from qbconsole.store.requests import NewRequest, Purpose
from qbconsole.sync.again.renewing import renew_entries
from qbconsole.sync.settle import list_was_read

__all__ = ["drill"]

pytestmark = pytest.mark.slow


def database_as_it_was(drill, kept):
    """Somebody restores our database from a backup."""
    state = drill.workspace.own / "state.db"
    drill._delivery = None
    drill.workspace.close()
    for beside in (state.with_name("state.db-wal"), state.with_name("state.db-shm"), state):
        beside.unlink(missing_ok=True)
    shutil.copy(kept, state)


def entries(drill, state):
    with drill.workspace.store.reading() as tx:
        rows = requests.requests_in(tx, company=COMPANY, states=[state], limit=10_000)
    return {row.subject_key for row in rows if row.purpose is Purpose.LIST_ADD}


@pytest.mark.parametrize("post_again", [True, False])
def test_entries_that_were_there_when_our_database_went_back_are_added_again(drill, tmp_path, post_again):
    drill.orders(4)
    drill.settle()
    drill.workspace.close()
    kept = shutil.copy(drill.workspace.own / "state.db", tmp_path / "kept.db")
    backup = backed_up(drill, tmp_path)
    drill.now += timedelta(days=3)
    drill.orders(16)
    drill.settle()
    database_as_it_was(drill, kept)
    drill.orders(16)
    drill.stops("own_restored")
    drill.say("restored")
    drill.settle()
    found = {one for one in entries(drill, RequestState.SUPERSEDED) if one.startswith("item/")}
    assert found, "they were there, and so never left"

    drill.now += timedelta(days=1)
    drill.company_file.restore(backup, drill.now)
    drill.stops("restored")
    drill.say("restored", post_again=post_again)
    drill.settle()
    lost = [row.key for row in drill.rows(DocumentState.LOST_BY_RESTORE)]
    assert bool(lost) is not post_again
    if lost:
        assert set(drill.operator().retry(lost).done) == set(lost)
        drill.settle()
    drill.assert_books_are_right()
    assert found <= entries(drill, RequestState.ANSWERED)
    with drill.workspace.store.reading() as tx:
        assert [one.hold.sentence for one in holds.open_holds(tx)] == []


def test_one_that_nobody_approved_is_not_added_unasked(drill):
    drill.orders(1)
    drill.settle()
    at, name = drill.now, ("account", "Sales:Odd")
    new = {"company": COMPANY, "merchant": "oak-ember"}
    body = '<AccountAddRq requestID="1"><AccountAdd><Name>Odd</Name></AccountAdd></AccountAddRq>'
    with drill.workspace.store.atomic() as tx:
        entry = NewRequest(
            subject_key="account/sales:odd",
            purpose=Purpose.LIST_ADD,
            name="AccountAdd",
            body=body,
            needs_approval=True,
            **new,
        )
        requests.put_requests(tx, [entry], at=at)
        list_was_read(tx, COMPANY, "account", {"Sales:Odd": True}, at)
        parties.update_company(tx, COMPANY, epoch=(parties.company(tx, COMPANY).epoch + 1))
        waits = NewRequest(
            subject_key="one", purpose=Purpose.ADD, name="CheckAdd", body="<x/>", needs=(name,), **new
        )
        requests.put_requests(tx, [waits], at=at)
        renew_entries(tx, COMPANY, at)
        (number,) = requests.standing(tx, COMPANY, Purpose.LIST_ADD, ["account/sales:odd"]).values()
        (again,) = requests.requests_by_id(tx, [number])
    assert (again.state, again.body) == (RequestState.AWAITING_APPROVAL, body)


def test_an_entry_that_somebody_renamed_is_not_added_a_second_time(drill, tmp_path):
    drill.orders(4)
    drill.settle()
    drill.company_file.restore(backed_up(drill, tmp_path), drill.now)
    drill.orders(6)
    drill.stops("restored")
    drill.say("restored")
    drill.settle()
    receipt = next(one for one in drill.company_file.documents("SalesReceipt") if "STRK-01" in repr(one))
    drill.company_file.rename(drill.company_file.find("Item", "", "STRK-01"), "Streak", drill.now)
    drill.company_file.delete_document(receipt.txn_id, drill.now)
    drill.now += timedelta(days=1)
    drill.update()
    key = key_in(receipt.memo)
    assert drill.operator().retry([key]).done == (key,)
    for _ in range(3):
        drill.update()
    assert drill.company_file.find("Item", "", "Streak")
    assert not drill.company_file.find("Item", "", "STRK-01"), "stock and history would be split over two"
    with drill.workspace.store.reading() as tx:
        told = [one.hold.reason.value for one in holds.holds_of(tx, key) if one.state is HoldState.OPEN]
    assert told == ["missing_name"]


def test_an_entry_that_was_not_sent_yet_waits_for_the_account_that_is_gone_with_an_older_file(
    drill, tmp_path
):
    """Only what was posted, and documents, waited; the new item left first and was refused."""
    backup = backed_up(drill, tmp_path)
    drill.orders(4)
    drill.settle()
    drill.orders(16)
    new = {one for one in entries(drill, RequestState.READY) if one.startswith("item/")}
    assert new, "items of the later orders, whose accounts were there"
    drill.now += timedelta(days=1)
    drill.company_file.restore(backup, drill.now)
    drill.stops("restored")
    drill.say("restored", post_again=True)
    drill.settle()
    with drill.workspace.store.reading() as tx:
        assert [one.hold.sentence for one in holds.open_holds(tx)] == []
    assert new <= entries(drill, RequestState.ANSWERED)
    drill.assert_books_are_right()
