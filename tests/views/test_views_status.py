"""Status: what does not move and that no hold tells of, in sentences that are true at every hour."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hands import Hands
from trip import COMPANY, NOW, Trip

from qbconsole.books.lifecycle import RequestState
from qbconsole.care.attention import Operator
from qbconsole.care.company_file import decide
from qbconsole.care.doctor import Health, check_house
from qbconsole.console.screens.dashboard import book_lines
from qbconsole.sandbox.quickbooks import CompanyFile
from qbconsole.sandbox.shopify import Shop
from qbconsole.store import lists
from qbconsole.sync.deliver.telling import in_window
from qbconsole.views.company_file import file_state
from qbconsole.views.plan import batch_plan
from qbconsole.views.status import _quiet, status

_ELM = """
[companies.elm]
name = "Elm Ltd"

[merchants.cedar-lane]
company = "elm"
shop = "cedar-lane.myshopify.com"
"""


@pytest.fixture
def trip(tmp_path):
    trip = Trip(tmp_path)
    yield trip
    trip.close()


def _booked(trip):
    trip.pull({"orders": Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=8).orders})
    trip.book()


def _told(trip):
    return status(trip.workspace.store, trip.workspace.means().mapping, now=trip.now).in_companies


def test_a_company_taken_out_of_the_mapping_with_its_merchants_is_told_while_documents_of_it_wait(trip):
    _booked(trip)
    path = trip.workspace.root / "mappings.toml"
    whole = path.read_text(encoding="utf-8")
    start, end = whole.index("[companies.oak]"), whole.index("[defaults.policy]")
    path.write_text(whole[:start] + _ELM + whole[end:], encoding="utf-8")
    trip.book()
    (told,) = _told(trip)
    assert told.startswith("mappings.toml does not name the company file oak any more: ")
    assert "Put [companies.oak] and its merchants back and run `qbconsole book`" in told
    checks = check_house(trip.workspace.means(), {}, port=1, now=trip.now)
    (check,) = [one for one in checks if one.name == "company oak"]
    assert check.health is Health.FAILED
    path.write_text(whole, encoding="utf-8")
    trip.book()
    trip.deliver()
    assert trip.company_file.documents()
    path.write_text(whole[:start] + _ELM + whole[end:], encoding="utf-8")
    trip.book()
    assert not _told(trip)


def test_answers_that_never_came_are_told_when_the_connector_is_late_and_not_while_it_works(trip):
    _booked(trip)
    trip.delivery  # noqa: B018  the password is made with it
    hands = Hands(trip)
    hands.login()
    hands.take_until("<SalesReceiptAdd>")
    assert not _told(trip)
    trip.now += timedelta(minutes=50)
    assert not _told(trip)
    trip.now += timedelta(minutes=20)
    (told,) = _told(trip)
    assert "were sent and QuickBooks' answer did not arrive; the Web Connector was last here on" in told
    assert "See that `qbconsole serve` runs" in told


def test_one_request_is_told_as_one():
    early = NOW - timedelta(days=3)
    assert _quiet({RequestState.SENT: 1}, early, NOW).startswith("1 request was sent and QuickBooks' answer")
    assert _quiet({RequestState.READY: 1}, early, NOW).startswith("1 request waits to be sent")


def test_commands_told_name_the_company_file_where_there_are_several(tmp_path):
    several = Trip(tmp_path, edit=lambda text: text.replace('approve = "auto"', 'approve = "manual"') + _ELM)
    try:
        _booked(several)
        several.deliver()
        means = several.workspace.means()
        for company in (None, COMPANY):
            found = status(several.workspace.store, means.mapping, now=several.now, company=company)
            (told,) = [one for one in found.attention if "for approval" in one]
            assert f"look at `qbconsole --company {COMPANY} plan`" in told
    finally:
        several.close()


def test_a_connector_that_stays_away_is_told_only_while_something_waits_for_it(trip):
    trip.session()
    trip.now += timedelta(days=3)
    assert not _told(trip)
    _booked(trip)
    (told,) = _told(trip)
    assert "wait to be sent, and the Web Connector was last here on" in told
    trip.deliver()
    assert not _told(trip)


@pytest.mark.parametrize(
    ("word", "then"),
    [
        ("relink", "the next session carries it out."),
        ("stop", "nothing is written until another file is open."),
    ],
)
def test_once_a_word_was_said_nobody_is_asked_to_say_it(trip, word, then):
    trip.session()
    trip.quickbooks.file = CompanyFile.create(name="Elm Ltd", now=trip.now)
    with trip.workspace.store.atomic() as tx:
        lists.read_again(tx, COMPANY)
    trip.session()
    assert "`qbconsole company decide oak relink`" in _told(trip)[0]
    decide(trip.workspace.store, COMPANY, word, lambda: trip.now, who="operator:ann")
    (told,) = _told(trip)
    assert "company decide" not in told
    assert told.endswith(f"Decided: {word}, by operator:ann; {then}")
    assert file_state(trip.workspace.store, COMPANY, "Oak").decided.endswith(then.rstrip("."))


def test_a_dialog_in_quickbooks_is_told_with_what_to_do_and_the_company_is_not_called_well(trip):
    _booked(trip)
    trip.delivery  # noqa: B018  the password is made with it
    hands = Hands(trip)
    hands.login()
    trip.delivery.fail(hands.ticket, "0x80040414", "A modal dialog box is showing.")
    assert _told(trip) == (
        "oak: A dialog window is open in QuickBooks and blocks everything. A modal dialog box is showing. "
        "Close the dialog on the PC with QuickBooks.",
    )
    state = file_state(trip.workspace.store, COMPANY, "Oak")
    assert (state.word, state.is_well) == ("stopped", False)


def test_a_wrong_password_is_told_until_the_right_one_comes(trip):
    _booked(trip)
    trip.delivery  # noqa: B018  the password is made with it
    right, trip._password = trip._password, "wrong"
    hands = Hands(trip)
    assert hands.login() == "nvu"
    (told,) = _told(trip)
    assert told.startswith("oak: a Web Connector gave a wrong password on ")
    assert "`qbconsole --company oak qwc --new-password`" in told
    checks = check_house(trip.workspace.means(), {}, port=1, now=trip.now)
    (check,) = [one for one in checks if one.name == "company oak"]
    assert check.health is Health.FAILED
    assert "gave a wrong password on" in check.sentence
    assert "qwc --new-password" in check.next_step
    trip.now += timedelta(minutes=15)
    trip._password = right
    assert hands.login() != "nvu"
    assert not _told(trip)


def test_what_the_web_connectors_window_cannot_show_is_cut_between_words():
    told = in_window("The file is older than what was recorded. " * 9)
    assert len(told) <= 200
    cut, dots, rest = told.partition(" …")
    assert (dots, rest) == (" …", "")
    assert cut.split()[-1] in ["The", "file", "is", "older", "than", "what", "was", "recorded."]
    assert in_window("Short.\nAnd well.") == "Short. And well."


def test_what_is_held_and_needs_nobody_is_listed_and_not_counted_as_a_thing_for_a_person(trip):
    orders = Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=80).orders
    trip.pull({"orders": [one for one in orders if one["test"]]})
    trip.book()
    found = status(trip.workspace.store, trip.workspace.means().mapping, now=trip.now)
    assert {cause.reason for cause in found.held_by_cause} == {"test_order"}
    (shop,) = found.merchants
    assert shop.held == shop.held_quietly > 0
    assert (found.things, found.attention) == (0, ())
    trip.pull({"orders": orders[:4]})
    trip.book()
    found = status(trip.workspace.store, trip.workspace.means().mapping, now=trip.now)
    (shop,) = found.merchants
    assert (shop.held - shop.held_quietly, found.things) == (1, 1)


def test_what_waits_for_approval_is_a_thing_for_a_person(tmp_path):
    trip = Trip(tmp_path, settings={"policy": {"approve": "manual"}})
    _booked(trip)
    trip.deliver()
    found = status(trip.workspace.store, trip.workspace.means().mapping, now=trip.now)
    (told,) = found.in_companies
    assert "wait for approval" in told
    assert found.things == 1 + sum(one.count for one in found.held_by_cause)
    trip.close()


def test_plan_and_status_and_the_dashboard_count_the_same_documents_that_wait_for_approval(tmp_path):
    trip = Trip(tmp_path, settings={"policy": {"approve": "manual"}})
    _booked(trip)
    store, mapping = trip.workspace.store, trip.workspace.means().mapping

    def both():
        (company,) = status(store, mapping, now=trip.now).companies
        plan = batch_plan(store, "oak")
        assert plan.to_approve == company.to_approve
        going = [one for one in plan.going if one.needs_approval]
        assert company.to_approve.documents == len(going)
        kept = [one for one in plan.documents if "holds it" in one.held]
        assert len(company.to_approve.kept) == len(kept)
        shown = "\n".join(str(line) for line in book_lines(status(store, mapping, now=trip.now)))
        assert shown.split("approval")[1].split()[0] == str(company.to_approve.count + len(kept))
        return company.to_approve

    before = both()
    assert before.documents
    assert before.incomplete
    trip.deliver()
    after = both()
    assert after.documents == before.documents
    person = Operator(store=store, clock=lambda: trip.now, who="operator:ann")
    person.hold([batch_plan(store, "oak").documents[0].key], "look")
    assert both().documents == before.documents - 1
    trip.close()
