"""Faults that cost money, each once found by a second reader: posted twice, stuck for ever, on a wrong account."""

from __future__ import annotations

import copy
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from trip import COMPANY, NOW, SHOP

from qbconsole.books.identity import key_in
from qbconsole.books.lifecycle import RequestState
from qbconsole.care.attention import Operator
from qbconsole.sandbox.shopify import Shop
from qbconsole.store import holds, requests
from qbconsole.views.tally import tally
from qbconsole.webconnector.conversation import Hello, Login

pytestmark = pytest.mark.slow


def some_orders(count=12, domain="oak-ember.myshopify.com"):
    return {"orders": copy.deepcopy(Shop.seeded(domain=domain, seed=4, orders=30).orders[:count])}


def hello(hcp=""):
    return Hello(hcp=hcp, company_file="", country="US", major=16, minor=0)


def log_in(trip):
    delivery = trip.delivery
    trip.quickbooks.reopen()
    return delivery.open(Login(user=COMPANY, password=trip._password, peer="127.0.0.1")).ticket


def kept(trip):
    with trip.workspace.store.reading() as tx:
        return requests.requests_in(tx, company=COMPANY)


def open_holds(trip):
    with trip.workspace.store.reading() as tx:
        return [row.hold for row in holds.open_holds(tx, flags_too=False)]


def keys_of(trip):
    return Counter(filter(None, (key_in(filed.memo) for filed in trip.company_file.documents())))


def assert_books_equal(trip):
    ours = tally(trip.workspace.store, COMPANY).ledger
    theirs = dict(trip.company_file.trial_balance())
    for cost in ("Cost of Goods Sold", "Inventory Asset"):
        theirs.pop(cost, None)
    assert {name: value for name, value in ours.items() if value} == theirs


# -- answers that come again ---------------------------------------------------------------------------


def test_every_answer_may_come_twice_and_is_filed_once(make_trip):
    """A client whose connection broke repeats its call; the next set is kept already by then."""
    trip = make_trip()
    trip.pull(some_orders())
    trip.book()
    delivery, ticket, hcp = trip.delivery, log_in(trip), trip.quickbooks.hello()
    percent = 0
    while percent < 100:
        text, hcp = delivery.next(ticket, hello(hcp)), ""
        answer = trip.quickbooks.process(text)
        percent = delivery.answer(ticket, [answer.response], answer.hresult, answer.message)
        assert delivery.answer(ticket, [answer.response], answer.hresult, answer.message) == percent
    delivery.close(ticket)
    assert_all_there_once(trip)


def assert_all_there_once(trip):
    assert {row.state for row in kept(trip)} == {RequestState.ANSWERED, RequestState.SUPERSEDED}
    assert max(keys_of(trip).values()) == 1
    assert_books_equal(trip)


def test_every_call_may_come_twice_and_a_set_is_done_once(make_trip):
    """Something on the way repeats answers, and then the calls that ask for the next set."""
    trip = make_trip()
    trip.pull(some_orders())
    trip.book()
    delivery, ticket, hcp = trip.delivery, log_in(trip), trip.quickbooks.hello()
    percent = 0
    while percent < 100:
        text = delivery.next(ticket, hello(hcp))
        trip.now += timedelta(milliseconds=1)
        assert delivery.next(ticket, hello(hcp)) == text
        hcp, answer = "", trip.quickbooks.process(text)
        for _ in range(2):
            percent = delivery.answer(ticket, [answer.response], answer.hresult, answer.message)
            trip.now += timedelta(milliseconds=1)
    delivery.close(ticket)
    assert_all_there_once(trip)


@pytest.mark.parametrize("place", range(2, 12))
def test_an_answer_that_comes_again_once_the_next_set_left_is_no_answer_to_it(make_trip, place):
    """What it holds may be done by then: it is not handed out again, and the next update asks what became of it."""
    trip = make_trip()
    trip.pull(some_orders())
    trip.book()
    delivery, percent, updates, sets = trip.delivery, 0, 0, 0
    while percent < 100:
        ticket, hcp, updates = log_in(trip), trip.quickbooks.hello(), updates + 1
        while percent < 100 and (text := delivery.next(ticket, hello(hcp))):
            hcp, answer, sets = "", trip.quickbooks.process(text), sets + 1
            percent = delivery.answer(ticket, [answer.response], answer.hresult, answer.message)
            if sets == place:
                delivery.next(ticket, hello())
                delivery.answer(ticket, [answer.response], answer.hresult, answer.message)
        delivery.close(ticket)
    assert updates <= 2
    assert_all_there_once(trip)


def test_a_repeated_refusal_does_not_put_the_next_set_aside(make_trip):
    trip = make_trip()
    trip.pull(some_orders(3))
    trip.book()
    delivery, ticket, hcp = trip.delivery, log_in(trip), trip.quickbooks.hello()
    while True:
        text, hcp = delivery.next(ticket, hello(hcp)), ""
        if "AddRq" in text and "DataExt" not in text:
            break
        delivery.answer(ticket, [trip.quickbooks.process(text).response], "", "")
    for _ in range(2):
        delivery.answer(ticket, [], "0x80040400", "QuickBooks found an error when parsing the XML.")
    assert not [row for row in kept(trip) if row.state is RequestState.QUARANTINED]
    delivery.close(ticket)
    trip.deliver()
    assert_books_equal(trip)


def test_a_client_that_always_answers_something_else_is_stopped(make_trip):
    trip = make_trip()
    trip.pull(some_orders(1))
    trip.book()
    delivery, ticket = trip.delivery, log_in(trip)
    other = (
        '<QBXML><QBXMLMsgsRs><ClassQueryRs requestID="77.0" statusCode="0" statusSeverity="Info"/>'
        "</QBXMLMsgsRs></QBXML>"
    )
    told = []
    while not told or told[-1] >= 0:
        delivery.next(ticket, hello())
        told.append(delivery.answer(ticket, [other], "", ""))
        assert len(told) < 20
    assert "something else" in delivery.explain(ticket)


def test_whole_lists_are_told_apart_by_their_names_not_their_places(make_trip):
    trip = make_trip()
    trip.pull(some_orders(4))
    trip.book()
    delivery, ticket, hcp = trip.delivery, log_in(trip), trip.quickbooks.hello()
    percent, turned = 0, False
    while percent < 100:
        text, hcp = delivery.next(ticket, hello(hcp)), ""
        response = trip.quickbooks.process(text).response
        if "AccountQueryRq" in text:
            response, turned = _turned(response), True
        percent = delivery.answer(ticket, [response], "", "")
    delivery.close(ticket)
    assert turned
    assert not open_holds(trip)
    assert_books_equal(trip)


def _turned(response):
    from lxml import etree

    tree = etree.fromstring(response.encode())
    replies = tree.find("QBXMLMsgsRs")
    replies[:] = list(replies)[::-1]
    for reply in replies:
        del reply.attrib["requestID"]
    return etree.tostring(tree, encoding="unicode")


@pytest.mark.parametrize("drop", [0, 1])
def test_replies_without_request_ids_are_matched_only_when_all_came(make_trip, drop):
    from lxml import etree

    trip = make_trip()
    trip.pull(some_orders(8))
    trip.book()
    delivery, ticket, hcp = trip.delivery, log_in(trip), trip.quickbooks.hello()
    percent = 0
    while percent < 100:
        text, hcp = delivery.next(ticket, hello(hcp)), ""
        response = trip.quickbooks.process(text).response
        if "SalesReceiptAddRq" in text:
            tree = etree.fromstring(response.encode())
            replies = tree.find("QBXMLMsgsRs")
            for reply in replies:
                del reply.attrib["requestID"]
            replies[:] = list(replies)[drop:]
            response = etree.tostring(tree, encoding="unicode")
        percent = delivery.answer(ticket, [response], "", "")
    delivery.close(ticket)
    trip.deliver()
    assert max(keys_of(trip).values()) == 1
    filed = {key_in(one.memo): one.txn_id for one in trip.company_file.documents()}
    linked = {row.document_key: row.qb_id for row in kept(trip) if row.qb_id and row.document_key}
    assert linked == filed
    assert_books_equal(trip)


# -- refused, and what then ----------------------------------------------------------------------------


def test_a_document_refused_twice_leaves_under_a_new_message_set_id_each_time(make_trip):
    """The same bytes under the old id would bring QuickBooks' stored refusal back for ever."""
    trip = make_trip()
    trip.pull(some_orders(30))
    trip.book()
    trip.deliver()
    trip.pull({"orders": [_another_of(trip)]})
    trip.book()
    for _ in range(3):
        trip.quickbooks.refuse_next(
            "SalesReceiptAddRq", 3180, "There was an error when saving a Sales Receipt."
        )
        trip.session()
        trip.book()
    trip.deliver()
    assert not open_holds(trip)
    assert not [row for row in kept(trip) if row.state is RequestState.READY]
    assert_books_equal(trip)


def _another_of(trip):
    """A later order just like one that went as a single receipt, so that nothing else has to be sent for it."""
    import json
    import re

    receipts = {row.document_key for row in kept(trip) if row.name == "SalesReceiptAdd"}
    for order in some_orders(30)["orders"]:
        text = json.dumps(order)
        mine = [key for key in receipts if f'/{key.split("/")[3]}"' in text]
        if mine and not order["refunds"]:
            text = re.sub(
                r"(gid://shopify/(?!Product|Variant|Location|Customer)\w+/)(\d+)", r"\g<1>9\2", text
            )
            return json.loads(text) | {"name": "#77777"}
    raise AssertionError("no such order")


def test_what_quickbooks_will_not_resolve_waits_for_a_person_and_can_be_retried(make_trip):
    trip = make_trip()
    trip.pull(some_orders(1))
    trip.book()
    trip.quickbooks.refuse_next("InvoiceAddRq", 3000, "The given object ID is invalid.")
    trip.deliver()
    # The payment that waits for the invoice says so.
    assert sorted(hold.reason for hold in open_holds(trip)) == ["refused", "waits_for"]
    stuck = next(row for row in kept(trip) if row.state is RequestState.QUARANTINED)
    means = trip.workspace
    done = Operator(store=means.store, clock=lambda: NOW, who="tester").retry([stuck.document_key])
    assert done.done == (stuck.document_key,)
    trip.deliver()
    assert not open_holds(trip)
    assert_books_equal(trip)


def test_a_name_of_another_kind_can_be_retried_after_it_was_renamed(make_trip):
    trip = make_trip()
    trip.company_file.add_name("Vendor", "Shopify Online Store", NOW)
    trip.pull(some_orders(4))
    trip.book()
    for _ in range(3):
        trip.session()
    stuck = next(row for row in kept(trip) if row.state is RequestState.QUARANTINED)
    assert not stuck.doubtful, "a probe found nothing of it"
    with trip.workspace.store.atomic() as tx:
        requests.release(tx, [stuck.id], at=NOW)
    assert RequestState.READY in {row.state for row in kept(trip)}


# -- what may be in QuickBooks is not planned anew -------------------------------------------------------


def test_a_document_that_left_while_it_was_booked_again_stays_as_it_was_sent(make_trip):
    """Another mapping is in force, and a session took the document between the reading and the commit."""
    trip = make_trip()
    trip.pull(some_orders(3))
    trip.book()
    delivery, ticket, hcp = trip.delivery, log_in(trip), trip.quickbooks.hello()
    while True:
        text, hcp = delivery.next(ticket, hello(hcp)), ""
        if "SalesReceiptAddRq" in text or "InvoiceAddRq" in text:
            break
        delivery.answer(ticket, [trip.quickbooks.process(text).response], "", "")
    sent = {row.document_key: row.body for row in kept(trip) if row.state is RequestState.SENT}
    assert sent
    _hold_all(trip, sent)
    file = trip.workspace.root / "mappings.toml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("Sales:Shopify", "Sales:Elsewhere"), encoding="utf-8"
    )
    trip.book()
    assert {row.document_key: row.body for row in kept(trip) if row.state is RequestState.SENT} == sent
    delivery.answer(ticket, [trip.quickbooks.process(text).response], "", "")
    delivery.close(ticket)
    trip.deliver()
    assert max(keys_of(trip).values()) == 1


def _hold_all(trip, keys):
    from qbconsole.books.holds import Hold, Reason

    with trip.workspace.store.atomic() as tx:
        found = [
            Hold(
                reason=Reason.MISSING_NAME,
                where="x",
                sentence="y.",
                next_step="z.",
                subject=key,
                cause=f"c:{key}",
            )
            for key in keys
        ]
        holds.put_holds(tx, "oak-ember", COMPANY, found, NOW)


# -- two merchants of one company ------------------------------------------------------------------------


def test_two_merchants_use_one_item_name_with_accounts_of_their_own(make_trip):
    """The item is added once, as the first describes it; the other's lines state their account."""
    second = (
        '\n[merchants.second]\ncompany = "oak"\nshop = "second.myshopify.com"\n'
        'accounts = { sales_income = "Sales:Second", shipping_income = "Sales:Second Shipping" }\n'
    )
    trip = make_trip(edit=lambda text: text + second)
    trip.session()
    trip.pull(some_orders(15))
    trip.pull(
        some_orders(15, "second.myshopify.com") | {"shop": SHOP | {"myshopifyDomain": "second.myshopify.com"}}
    )
    trip.book()
    trip.deliver(20)
    assert_books_equal(trip)
    assert trip.company_file.trial_balance()["Sales:Second Shipping"] < 0


# -- an amended document ---------------------------------------------------------------------------------


AMENDING = '''"""A plugin under test."""
import dataclasses
from qbconsole.plugin import hookimpl
__version__ = "1.0"
HOOK_API = 1


@hookimpl
def amend_document(document):
    lines = getattr(document, "lines", None)
    if not lines:
        return None
    first, *rest = lines
    return {change}
'''
CHEATS = {
    "an amount": '{"lines": (dataclasses.replace(first, amount=first.amount * 2), *rest)}',
    "an account": '{"lines": (dataclasses.replace(first, override_item_account_ref="Elsewhere"), *rest)}',
    "a price of QuickBooks": '{"lines": (dataclasses.replace(first, amount=None), *rest)}',
    "its number": '{"ref_number": "SAME"}',
    "its key": '{"memo": dataclasses.replace(document.memo, key="")}',
    "its day": '{"txn_date": document.txn_date.replace(day=1, month=1)}',
    "no lines": '{"lines": None}',
    "lines of words": '{"lines": ("x",)}',
}


def amended_trip(make_trip, tmp_path, change):
    (tmp_path / "plugins").mkdir()
    file = tmp_path / "plugins" / "amending.py"
    file.write_text(AMENDING.replace("{change}", change), encoding="utf-8")
    file.chmod(0o600)
    trip = make_trip(edit=lambda text: text.replace("plugins = []", 'plugins = ["amending"]'))
    trip.pull(some_orders(2))
    trip.book()
    return trip


@pytest.mark.parametrize("change", CHEATS.values(), ids=CHEATS)
def test_a_plugin_cannot_amend_what_a_document_posts_or_is_found_by(make_trip, tmp_path, change):
    trip = amended_trip(make_trip, tmp_path, change)
    assert {hold.reason for hold in open_holds(trip)} == {"law_broken"}
    for hold in open_holds(trip):
        assert re.search(r"amend_document of plugin amending \(plugins/amending\.py:\d+\) \w+", hold.sentence)
        assert hold.next_step.startswith("Mend the plugin")
    assert not kept(trip)


def test_a_plugin_may_amend_words_and_how_lines_are_cut(make_trip, tmp_path):
    change = (
        '{"lines": (dataclasses.replace(first, desc="Hand made"), *rest),'
        ' "memo": dataclasses.replace(document.memo, text="Hello")}'
    )
    trip = amended_trip(make_trip, tmp_path, change)
    trip.deliver()
    assert not open_holds(trip)
    assert any(one.memo.startswith("Hello [qbc1/") for one in trip.company_file.documents())
    assert_books_equal(trip)


# -- the file is not the one that was written to ---------------------------------------------------------


@pytest.mark.parametrize("restored_by", ["the program", "a copy of the file"])
def test_nothing_is_written_to_a_file_restored_from_a_backup(make_trip, tmp_path, restored_by):
    trip = make_trip()
    trip.pull(some_orders(2))
    trip.book()
    trip.deliver()
    backup = tmp_path / "backup.json"
    trip.company_file.save(backup)
    trip.pull(some_orders(6))
    trip.book()
    trip.deliver()
    trip.pull(some_orders(8))
    trip.book()
    if restored_by == "the program":
        trip.company_file.restore(backup, NOW)
    else:
        trip.quickbooks.file = trip.company_file = type(trip.company_file).load(backup)
    before = len(trip.company_file.documents())
    assert "restored from a backup" in trip.session()
    assert len(trip.company_file.documents()) == before


# -- what was refused, or lost on the way ----------------------------------------------------------------


def test_a_document_whose_memo_lost_our_key_is_looked_at_by_a_person_not_sent_again(make_trip):
    trip = make_trip()
    trip.pull(some_orders(1))
    trip.book()
    while not trip.company_file.documents():
        delivery, ticket, hcp = trip.delivery, log_in(trip), trip.quickbooks.hello()
        while "InvoiceAddRq" not in (text := delivery.next(ticket, hello(hcp))) and text:
            hcp = ""
            delivery.answer(ticket, [trip.quickbooks.process(text).response], "", "")
        trip.quickbooks.fail_next("0x80040402", ran=-1)
        failed = trip.quickbooks.process(text)
        delivery.answer(ticket, [], failed.hresult, failed.message)
        delivery.close(ticket)
    for filed in trip.company_file.documents():
        trip.company_file.edit_document(filed.txn_id, memo="looked at by Ann", now=NOW)
    count = len(trip.company_file.documents())
    trip.deliver()
    trip.book()
    trip.deliver()
    assert "without our key" in " ".join(hold.sentence for hold in open_holds(trip))
    first = next(filed for filed in trip.company_file.documents() if filed.kind == "Invoice")
    same = [filed for filed in trip.company_file.documents() if filed.ref_number == first.ref_number]
    assert [filed.kind for filed in same].count("Invoice") == 1, count


def test_a_request_quickbooks_always_puts_off_is_given_to_a_person_in_the_end(make_trip):
    trip = make_trip()
    trip.pull(some_orders(1))
    trip.book()
    for _ in range(20):
        trip.quickbooks.refuse_next("InvoiceAddRq", 3176, "The object is in use.")
        if trip.session() == "none":
            break
    assert any("It was tried 5 times" in hold.sentence for hold in open_holds(trip))
    sent = {row.attempt for row in kept(trip) if row.name == "InvoiceAdd"}
    assert max(sent) <= 6


def test_a_refused_list_entry_is_asked_anew_when_the_mapping_describes_it_otherwise(make_trip):
    """An item with an account QuickBooks refuses: another account in the mapping is the cure, no retry needed."""
    trip = make_trip()
    trip.pull(some_orders(2))
    trip.book()
    for _ in range(6):
        trip.quickbooks.refuse_next("ItemNonInventoryAddRq", 3000, "The given object is invalid.")
        trip.quickbooks.refuse_next("ItemOtherChargeAddRq", 3000, "The given object is invalid.")
        trip.quickbooks.refuse_next("ItemServiceAddRq", 3000, "The given object is invalid.")
        trip.session()
    trip.quickbooks._refusals.clear()
    parked = [row for row in kept(trip) if row.state is RequestState.QUARANTINED]
    assert parked
    file = trip.workspace.root / "mappings.toml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("Sales:Shopify", "Sales:Elsewhere"), encoding="utf-8"
    )
    trip.book()
    trip.deliver()
    changed = [row for row in parked if "Sales:Shopify" in row.body]
    assert changed
    states = {row.id: row.state for row in kept(trip)}
    assert {row.subject_key for row in changed if states[row.id] is not RequestState.SUPERSEDED} == set()
    assert not open_holds(trip)
    assert_books_equal(trip)


@pytest.mark.parametrize(("began", "word"), [(timedelta(hours=-1), "busy"), (timedelta(), "C:\\QB\\Oak.qbw")])
def test_a_set_in_flight_is_not_taken_from_a_connector_that_looks_the_same(make_trip, began, word):
    """Two connectors behind one address look alike; only our own restart proves that the old session is over."""
    trip = make_trip()
    trip.pull(some_orders(1))
    trip.book()
    delivery = replace(trip.delivery, started_at=NOW + began)
    mine = Login(user=COMPANY, password=trip._password, peer="127.0.0.1")
    assert delivery.next(delivery.open(mine).ticket, hello(trip.quickbooks.hello()))
    assert delivery.open(mine).word == word
