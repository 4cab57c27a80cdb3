"""The marker around what a session writes, and what is looked for before it is sent."""

from __future__ import annotations

import copy
import re
import shutil

import pytest
from trip import COMPANY, Trip

from qbconsole.care.company_file import decide
from qbconsole.sandbox.shopify import Shop
from qbconsole.store import requests
from qbconsole.store.requests.behind import may_be_behind
from qbconsole.sync.deliver.met import bearings
from qbconsole.views.company_file import file_state
from qbconsole.webconnector.conversation import Hello, Login

pytestmark = pytest.mark.slow


@pytest.fixture
def trip(tmp_path):
    made = Trip(tmp_path)
    made.session()
    yield made
    made.close()


def give_orders(trip, count):
    seeded = Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=30).orders
    trip.pull({"orders": copy.deepcopy(seeded[:count])})
    trip.book()


def sets_of_a_session(trip, *, until="nothing"):
    """The texts QuickBooks is given, until one of them has a word in it; then the line is cut."""
    delivery = trip.delivery
    trip.quickbooks.reopen()
    opened = delivery.open(Login(user=COMPANY, password=trip._password, peer="127.0.0.1"))
    hcp, texts, percent = trip.quickbooks.hello(), [], 0
    while percent < 100:
        hello = Hello(hcp=hcp, company_file="", country="US", major=16, minor=0)
        text, hcp = delivery.next(opened.ticket, hello), ""
        texts.append(text)
        answer = trip.quickbooks.process(text)
        percent = delivery.answer(opened.ticket, [answer.response], answer.hresult, answer.message)
        if until in text:
            break
    delivery.close(opened.ticket)
    return texts


def serials(text):
    return [int(found) for found in re.findall(r"serial=(\d+);", text)]


def test_the_marker_moves_before_the_first_write_and_after_the_last(trip):
    give_orders(trip, 3)
    texts = sets_of_a_session(trip)
    marked = [place for place, text in enumerate(texts) if "<DataExtModRq" in text]
    wrote = [place for place, text in enumerate(texts) if re.search(r"<(?!DataExt)\w+AddRq", text)]
    assert len(marked) == 2
    assert marked[0] < min(wrote)
    assert max(wrote) < marked[1]
    assert serials(texts[marked[0]])[0] + 1 == serials(texts[marked[1]])[0]


def test_a_session_that_only_reads_does_not_touch_the_marker(trip):
    give_orders(trip, 3)
    trip.deliver()
    with trip.workspace.store.atomic() as tx:
        from qbconsole.store import lists

        lists.read_again(tx, COMPANY)
    assert not any("DataExt" in text for text in sets_of_a_session(trip))


def test_a_database_from_before_a_session_that_died_in_the_middle_is_known_to_be_older(trip):
    """The session never came to its last marker; the one before its first write tells."""
    give_orders(trip, 5)
    trip.workspace.close()
    state = trip.workspace.own / "state.db"
    kept = state.with_name("kept.db")
    shutil.copy(state, kept)
    trip._delivery = None
    sets_of_a_session(trip, until="SalesReceiptAddRq")
    there = len(trip.company_file.documents())
    assert there
    trip.workspace.close()
    for beside in (state.with_name("state.db-wal"), state.with_name("state.db-shm")):
        beside.unlink(missing_ok=True)
    shutil.copy(kept, state)
    trip._delivery = None
    assert "our database was restored" in trip.session()
    assert len(trip.company_file.documents()) == there
    assert file_state(trip.workspace.store, COMPANY, "Oak").verdict == "own_restored"
    decide(trip.workspace.store, COMPANY, "restored", trip.workspace.clock, who="operator:ann")
    trip.deliver()  # its first session meets that file and begins a new epoch
    memos = [one.memo for one in trip.company_file.documents()]
    assert len(memos) == len(set(memos))
    give_orders(trip, 7)
    with trip.workspace.store.reading() as tx:
        assert may_be_behind(tx, COMPANY), "documents of days that were lost once are looked for first"
        late = [row for row in requests.requests_in(tx, company=COMPANY) if row.state in ("ready", "waiting")]
        assert {row.epoch for row in late if row.purpose == "add"} == {1}
    trip.deliver()
    memos = [one.memo for one in trip.company_file.documents()]
    assert len(memos) == len(set(memos))


def test_a_marker_held_up_by_a_dialog_that_comes_late_stops_nothing(trip):
    give_orders(trip, 2)
    delivery = trip.delivery
    trip.quickbooks.reopen()
    opened = delivery.open(Login(user=COMPANY, password=trip._password, peer="127.0.0.1"))
    hcp, text = trip.quickbooks.hello(), ""
    while "<DataExtModRq" not in text:
        if text:
            answer = trip.quickbooks.process(text)
            delivery.answer(opened.ticket, [answer.response], answer.hresult, answer.message)
        hello = Hello(hcp=hcp, company_file="", country="US", major=16, minor=0)
        text, hcp = delivery.next(opened.ticket, hello), ""
    delivery.close(opened.ticket)
    trip.deliver()
    with trip.workspace.store.reading() as tx:
        sent = bearings(tx, COMPANY).marker_sent
    late = re.sub(r' (new|old)MessageSetID="[^"]*"', "", text)
    assert 'statusCode="0"' in trip.quickbooks.process(late).response
    assert serials(text)[0] < serials(sent)[0]
    give_orders(trip, 4)
    assert trip.session() == "100"
    assert file_state(trip.workspace.store, COMPANY, "Oak").verdict == "ok"


def test_transfers_of_stock_are_asked_for_apart(trip):
    asker = trip.delivery.planner.asker
    (both, apart) = asker.by_txn_ids(["1-1", "2-2"], ["3-3"])
    assert both.startswith("<TransactionQueryRq")
    assert "<TxnID>1-1</TxnID>" in both
    assert apart.startswith("<TransferInventoryQueryRq")
    assert "3-3" not in both
    assert len(asker.by_txn_ids([], ["3-3"])) == 1
