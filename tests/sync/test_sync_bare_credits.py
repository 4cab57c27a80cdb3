"""A payment that only uses credits is no document in QuickBooks: it answers without an id, and that is all."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from golden.harness import open_on_both_sides
from trip import COMPANY, Trip

from qbconsole.books.lifecycle import RequestState
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
