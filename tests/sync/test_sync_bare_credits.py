"""A payment that only uses credits is no document in QuickBooks: it answers without an id, and that is all."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from golden.harness import open_on_both_sides
from hands import Hands
from trip import COMPANY, Trip

from qbconsole.books.lifecycle import RequestState
from qbconsole.care.attention import Operator
from qbconsole.care.company_file import decide, plan_decision
from qbconsole.store import books, holds, requests
from qbconsole.views.postings import postings
from qbconsole.webconnector.conversation import Hello, Login

GOLDEN = Path(__file__).parents[1] / "golden"
#: What is settled by credits alone: an edit, an exchange, a card, a rate, an overpayment paid back by check.
CASES = (
    "foreign_order_refunded_at_another_rate",
    "overpaid_and_paid_back",
    "cancelled_unpaid",
    "edited_to_nothing",
    "exchange_for_something_dearer",
)


@pytest.fixture
def trip(tmp_path):
    made = Trip(tmp_path)
    made.quickbooks = replace(made.quickbooks, bare_credits=True)
    yield made
    made.close()


def bare(trip):
    """Requests for payments without money, and how they ended."""
    with trip.workspace.store.reading() as tx:
        rows = requests.requests_in(tx, company=COMPANY)
    return [row for row in rows if row.name == "ReceivePaymentAdd" and "<SetCredit>" in row.body]


def waiting(trip):
    with trip.workspace.store.reading() as tx:
        return [row.hold.sentence for row in holds.open_holds(tx, flags_too=False)]


def pull_case(trip, name):
    facts = json.loads((GOLDEN / name / "input.json").read_text(encoding="utf-8"))
    facts.pop("now", None)
    trip.pull(facts)
    trip.book()
    trip.deliver()


@pytest.mark.parametrize("name", CASES)
def test_credits_are_used_once_and_nothing_is_looked_for_or_sent_again(trip, name):
    pull_case(trip, name)
    sent = bare(trip)
    assert sent
    assert {(row.state, row.qb_id) for row in sent} == {(RequestState.ANSWERED, "")}
    assert (waiting(trip), open_on_both_sides(trip)) == ([], [])
    with trip.workspace.store.reading() as tx:
        kept = books.documents(tx, keys=[row.document_key or "" for row in sent])
    assert {document.state.value for document in kept} <= {"recorded", "verified"}
    before = postings(trip.workspace.store)
    for _ in range(2):
        trip.book()
        trip.deliver()
    assert bare(trip) == sent
    assert postings(trip.workspace.store) == before
    assert waiting(trip) == []


def test_a_lost_answer_is_asked_for_and_the_credits_are_not_used_again(trip):
    facts = json.loads((GOLDEN / "cancelled_unpaid" / "input.json").read_text(encoding="utf-8"))
    trip.pull(facts)
    trip.book()
    lose_the_answer_to(trip, "<SetCredit>")
    trip.deliver()
    (sent,) = bare(trip)
    assert (sent.state, sent.qb_id) == (RequestState.ANSWERED, "")
    assert (waiting(trip), open_on_both_sides(trip)) == ([], [])


def test_where_quickbooks_kept_no_record_either_the_refusal_says_that_the_credit_may_be_used_already(trip):
    trip.quickbooks = replace(trip.quickbooks, retention="none")
    trip.pull(json.loads((GOLDEN / "cancelled_unpaid" / "input.json").read_text(encoding="utf-8")))
    trip.book()
    lose_the_answer_to(trip, "<SetCredit>")
    trip.deliver()
    (sent,) = bare(trip)
    assert sent.state is RequestState.REFUSED
    assert open_on_both_sides(trip) == []
    with trip.workspace.store.reading() as tx:
        (told,) = [row.hold for row in holds.open_holds(tx, flags_too=False)]
    assert "used in QuickBooks already, leave it out: `qbconsole queue ignore KEY" in told.next_step
    ann = Operator(store=trip.workspace.store, clock=trip.workspace.clock, who="operator:ann")
    assert ann.ignore([sent.document_key], "used already").done == (sent.document_key,)
    trip.book()
    trip.deliver()
    assert (waiting(trip), open_on_both_sides(trip)) == ([], [])
    assert [row.state for row in bare(trip)] == [RequestState.SUPERSEDED]


def used_since_a_backup(trip, tmp_path):
    """A backup of the company file from just before a credit was used; gives its path."""
    trip.quickbooks = replace(trip.quickbooks, clock=lambda: trip.now)
    backup = tmp_path / "backup.json"
    trip.pull(json.loads((GOLDEN / "cancelled_unpaid" / "input.json").read_text(encoding="utf-8")))
    trip.book()
    hands = Hands(trip)
    hands.login()
    text = hands.take_until("<SetCredit>")
    trip.company_file.save(backup)
    hands.say(hands.bring(text))
    hands.finish()
    trip.deliver()
    return backup


def test_after_an_older_company_file_a_person_is_asked_to_look_at_them(trip, tmp_path):
    """The backup has the memo and the invoice, and the one was not used for the other by then; no look can tell."""
    backup = used_since_a_backup(trip, tmp_path)
    (sent,) = bare(trip)
    trip.now += timedelta(days=2)
    trip.company_file.restore(backup, trip.now)
    trip.now += timedelta(hours=14)
    assert "restored from a backup" in trip.session()
    store, clock = trip.workspace.store, trip.workspace.clock
    plan = plan_decision(store, COMPANY, "restored", clock, post_again=True)
    decide(store, COMPANY, "restored", clock, who="operator:ann", seen=plan.hash, post_again=True)
    trip.deliver()
    assert open_on_both_sides(trip) != []
    with store.reading() as tx:
        (told,) = [row.hold for row in holds.open_holds(tx) if row.hold.subject == sent.document_key]
    assert "may be unused again" in told.sentence
    assert bare(trip) == [sent], "nothing is used twice unasked"


def test_each_older_company_file_asks_for_a_look_of_its_own(trip, tmp_path):
    """The person applied the credit and released the flag; a second restore takes that away too."""
    backup = used_since_a_backup(trip, tmp_path)
    ann = Operator(store=trip.workspace.store, clock=trip.workspace.clock, who="operator:ann")
    for is_released in (True, False, True):
        trip.now += timedelta(days=2)
        trip.company_file.restore(backup, trip.now)
        trip.now += timedelta(hours=14)
        goes_on_with_what_is_older(trip)
        trip.deliver()
        assert open_on_both_sides(trip) != []
        told = flagged(trip)
        assert ["may be unused again" in hold.sentence for hold in told] == [True], (
            "one, and no older one beside it"
        )
        if is_released:
            ann.release([told[0].subject])
            trip.deliver()
            assert flagged(trip) == [], "a person looked, and nothing was restored since"


def goes_on_with_what_is_older(trip):
    """A session finds out, and the operator says that it is to be gone on with."""
    assert "restored from a backup" in trip.session()
    store, clock = trip.workspace.store, trip.workspace.clock
    plan = plan_decision(store, COMPANY, "restored", clock)
    decide(store, COMPANY, "restored", clock, who="operator:ann", seen=plan.hash)


def flagged(trip):
    with trip.workspace.store.reading() as tx:
        return [row.hold for row in holds.open_holds(tx)]


def lose_the_answer_to(trip, what):
    """QuickBooks does the set that says this, and nobody hears of it."""
    delivery = trip.delivery
    opened = delivery.open(Login(user=COMPANY, password=trip._password, peer="127.0.0.1"))
    hcp = trip.quickbooks.hello()
    for _ in range(100):
        hello = Hello(hcp=hcp, company_file="", country="US", major=16, minor=0)
        text, hcp = delivery.next(opened.ticket, hello), ""
        answer = trip.quickbooks.process(text)
        if what in text:
            return
        assert delivery.answer(opened.ticket, [answer.response], "", "") < 100
    raise AssertionError(f"{what} was never sent")
