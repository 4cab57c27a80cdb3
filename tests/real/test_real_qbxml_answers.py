"""Every captured answer of a real QuickBooks is read to its outcome."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from qbconsole.company import CompanyIdentity, Customer, Host, Item, Preferences, Ref
from qbconsole.money import Money
from qbconsole.qbxml.response import Row, outcome, read, read_all
from qbconsole.qbxml.statuses import Action

SAMPLES = Path(__file__).parents[2] / "../shared/samples/qbwc"


def captured(name):
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"{path} is absent: real captures are read from ../shared only")
    text = path.read_text(encoding="utf-8")
    if "Envelope" in text:
        inner = etree.fromstring(text.encode()).xpath(
            "string(//*[local-name()='response' or local-name()='strHCPResponse'])"
        )
        return str(inner)
    return text


def answered(name):
    answer = read_all([captured(name)])
    assert answer.fault is None
    return answer.replies


def test_every_bare_answer_is_read_without_a_fault():
    if not SAMPLES.exists():
        pytest.skip("../shared/samples is absent")
    bare = [
        path for path in sorted(SAMPLES.glob("*.xml")) if "Envelope" not in path.read_text(encoding="utf-8")
    ]
    assert len(bare) >= 8
    for path in bare:
        replies = answered(path.name)
        assert replies, path.name
        assert all(outcome(reply).action in Action for reply in replies)
        # One byte at a time gives the same.
        assert read_all(path.read_bytes()[n : n + 1] for n in range(path.stat().st_size)).replies == replies


def test_the_last_page_of_an_invoice_iterator():
    (reply,) = answered("consolibyte_InvoiceQueryRs_iterator_last.xml")
    assert (reply.iterator_remaining, reply.iterator_id) == (0, "{6fcbb18b-68cf-4adb-bf40-164ac0bb4ec0}")
    opening, sale = reply.rows
    assert (opening.txn_id, opening.ref_number, opening.total) == (
        "4-1232328070",
        "",
        Money.of("100.00", "USD"),
    )
    assert (opening.links[0].kind, opening.links[0].amount) == ("ReceivePayment", Money.of("-55.00", "USD"))
    assert (sale.ref_number, sale.txn_date) == ("1", date(2009, 1, 18))
    assert sale.total == Money.of("193.98", "USD")
    assert [line.amount for line in sale.lines] == [Money.of("39.00", "USD"), Money.of("144.00", "USD")]
    assert sale.lines[1].item == Ref("40000-1232328225", "Test Inventory Part 2")
    assert sale.customer.full_name == "Keith Palmer:QuickBooks Integration"


def test_an_empty_item_query_is_success_without_data():
    (reply,) = answered("flowlink_item_inventory_query_rs_empty.xml")
    assert (reply.request_id, outcome(reply).action) == ("1", Action.EMPTY)


def test_items_with_odd_accounts_are_read_as_they_are():
    (reply,) = answered("flowlink_item_query_rs.xml")
    assert all(isinstance(item, Item) and item.kind == "ItemInventory" for item in reply.rows)
    haskell = reply.rows[0]
    assert (haskell.full_name, haskell.quantity_on_hand) == ("Haskell T-Shirt", Decimal(300))
    assert haskell.income_account == haskell.cost_account
    assert haskell.asset_account.full_name == "Inventory Asset"


def test_an_invalid_reference_is_held_with_quickbooks_own_text():
    (reply,) = answered("flowlink_sales_order_add_rs_invalid_record_ref.xml")
    done = outcome(reply)
    assert (done.status_code, done.action) == (3140, Action.FIX)
    assert 'Customer "Joe Smith"' in done.message
    assert reply.request_id == ""


def test_a_colon_in_a_name_stops_the_rest_of_the_set():
    first, second = answered("jsgoupil_3090_then_3231.xml")
    assert (outcome(first).action, outcome(second).action) == (Action.FIX, Action.REQUEUE)
    assert (first.index, second.index) == (0, 1)


def test_an_added_customer_has_its_ids():
    (reply,) = answered("qbwcgem_CustomerAddRs.xml")
    (customer,) = reply.rows
    assert isinstance(customer, Customer)
    assert (customer.name, customer.full_name) == ("mrjoecustomer", "Joseph Customer")
    done = outcome(reply)
    assert (done.list_id, done.edit_sequence, done.txn_id) == ("8000001B-1405768916", "1405768916", "")


def test_a_name_that_was_not_found_is_an_empty_answer():
    (reply,) = answered("qbwcgem_CustomerQueryRs_warn500.xml")
    assert (reply.status_code, outcome(reply).action) == (500, Action.EMPTY)


@pytest.mark.parametrize(
    "name", ["qbwcgem_HCP_host_company_prefs_repaired.xml", "qbwcgem_sendRequestXML_first_call.xml"]
)
def test_host_company_and_preferences_of_a_session_start(name):
    rows = [event.value for event in read([captured(name)]) if isinstance(event, Row)]
    host, company, preferences = rows
    assert isinstance(host, Host)
    assert (host.product, host.country, host.highest_version, host.mode) == (
        "QuickBooks Pro 2014",
        "US",
        "13.0",
        "SingleUser",
    )
    assert isinstance(company, CompanyIdentity)
    assert (company.name, company.fiscal_first_month) == ("myCompany", 1)
    owner = "{512349B1-1111-2222-3333-000DE1813D20}"
    assert company.private_value(owner, "AppLock").startswith("LOCKED:")
    assert company.private_value(owner, "FileID")
    assert isinstance(preferences, Preferences)
    assert preferences.assigning_journal_numbers
    assert preferences.auto_apply_payments
    assert not preferences.sales_tax_on
    assert preferences.closing_date is None


def test_answers_inside_soap_envelopes_are_read_too():
    (invoice,) = answered("flowlink_invoice_add_rs.xml")
    done = outcome(invoice)
    assert (done.txn_id, done.observed.total) == ("C5-1417118624", Money.of("206.00", "USD"))
    (payment,) = answered("flowlink_receive_payment_add_rs.xml")
    assert payment.request_id == "0bb737ee-2862-4ab7-8d35-f551f84793c9"
    assert outcome(payment).observed.total == Money.of("210.00", "USD")
