"""What is bound to a document is of its customer and on its account, whatever the mapping says by then.

QuickBooks takes no payment, refund or credit of another customer's document: "The transaction belongs to another
customer or another accounts receivable account", and no retry would ever cure that.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from builders import Back as Refund
from builders import Line, Pay
from shopday import counted
from trip import Trip

from qbconsole.books.documents import CreditMemo, SalesLine
from qbconsole.books.naming.following.shared import Shared
from qbconsole.books.naming.following.so_far import SharedNames
from qbconsole.care.attention import Operator
from qbconsole.care.mapping_file import edit_mapping
from qbconsole.views.postings import postings

HOUSE = "merchants.oak-ember.customers.house"
OWED = "merchants.oak-ember.accounts.accounts_receivable"
OTHER_OWED = (
    "<AccountAddRq><AccountAdd><Name>Web Receivable</Name><AccountType>AccountsReceivable</AccountType>"
    "</AccountAdd></AccountAddRq>"
)
#: Another customer, another account.
CHANGES = [(HOUSE, '"Web Buyers"'), (OWED, '"Web Receivable"')]
MUG = Line(price="30.00")
BACK = Pay(amount="30.00", kind="REFUND", at="03-09 12:00", parent=1)
HAND = Pay(amount="30.00", kind="REFUND", at="03-09 12:00", parent=1, gateway="manual", manual=True)


@pytest.fixture
def trip(tmp_path):
    trip = Trip(tmp_path)
    trip.owner_sets_up(OTHER_OWED)
    yield trip
    trip.close()


def come(trip: Trip, *pays: Pay, updated: str = "03-20", lines=(MUG,), **more) -> None:
    """The order as the shop tells it now, booked and delivered."""
    trip.pull(
        {
            "orders": [
                counted(
                    *lines, tracked=False, pays=pays, updated=f"{updated} 12:00", sourceName="web", **more
                )
            ]
        }
    )
    trip.book()
    trip.deliver()


def mapped(trip: Trip, *pairs: tuple[str, str]) -> None:
    edit_mapping(
        trip.workspace.means(), trip.workspace.root / "mappings.toml", list(pairs), who="operator:ann"
    )


def filed(trip: Trip, kind: str) -> list:
    return [one for one in trip.company_file.filed.values() if one.kind == kind]


def customers(trip: Trip, kind: str) -> list[str]:
    """Whom QuickBooks' documents of a kind are for, oldest first."""
    return [trip.company_file.entries[one.entity].full_name for one in filed(trip, kind)]


def assert_settled(trip: Trip) -> None:
    assert postings(trip.workspace.store)["holds"] == []
    assert {one["state"] for one in postings(trip.workspace.store)["documents"]} == {"verified"}
    assert {one.open for one in trip.company_file.filed.values()} == {0}
    assert not any(trip.company_file.owed.values())


@pytest.mark.parametrize("change", CHANGES)
def test_a_payment_is_of_the_customer_of_its_invoice_and_on_its_account(trip, change):
    come(trip)
    mapped(trip, change)
    come(trip, Pay(amount="30.00", at="03-09 12:00"), updated="03-21")
    (invoice,), (payment,) = filed(trip, "Invoice"), filed(trip, "ReceivePayment")
    assert (payment.entity, payment.receivable) == (invoice.entity, invoice.receivable)
    assert_settled(trip)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(("paid", "kind"), [(BACK, "ARRefundCreditCard"), (HAND, "Check")])
def test_a_refund_is_of_the_customer_of_its_memo_and_on_its_account(trip, change, paid, kind):
    pay = Pay(amount="30.00")
    come(trip, pay, refunds=[Refund(lines=[(1, 1, "30.00", "0")])])
    assert len(filed(trip, "CreditMemo")) == 1
    mapped(trip, change)
    come(trip, pay, paid, refunds=[Refund(lines=[(1, 1, "30.00", "0")], pays=[2])], updated="03-21")
    assert len(filed(trip, kind)) == 1
    assert_settled(trip)


def test_what_is_told_at_once_is_of_one_customer_whatever_a_dated_rule_says(tmp_path):
    """The invoice's day has another customer than the payment's."""
    rule = '\n[[merchants.oak-ember.rules]]\nwhen = {}\ncustomer = "Spring Buyers"\nfrom = 2026-03-05\n'
    trip = Trip(tmp_path, edit=lambda text: text + rule)
    come(trip, Pay(amount="30.00", at="03-09 12:00"))
    assert customers(trip, "ReceivePayment") == customers(trip, "Invoice") == ["Shopify Online Store"]
    assert_settled(trip)
    trip.close()


def test_a_return_of_what_was_settled_long_ago_follows_the_mapping(trip):
    pay = Pay(amount="30.00", at="03-09 12:00")
    come(trip, pay)
    mapped(trip, CHANGES[0])
    back = Pay(amount="30.00", kind="REFUND", at="03-12 12:00", parent=1)
    come(trip, pay, back, refunds=[Refund(lines=[(1, 1, "30.00", "0")], pays=[2], at="03-12 12:00")])
    assert customers(trip, "Invoice") == customers(trip, "ReceivePayment") == ["Shopify Online Store"]
    assert customers(trip, "CreditMemo") == customers(trip, "ARRefundCreditCard") == ["Web Buyers"]
    assert_settled(trip)


def test_two_memos_that_one_refund_pays_out_are_of_one_customer(trip):
    """The second is bound to nothing that is booked yet; the refund of both would find two customers."""
    lines = [MUG, Line(price="20.00")]
    pay = Pay(amount="50.00")
    first, second = (
        Refund(lines=[(line, 1, amount, "0")], at=f"03-0{line + 4} 10:00")
        for line, amount in ((1, "30.00"), (2, "20.00"))
    )
    come(trip, pay, lines=lines, refunds=[first])
    mapped(trip, CHANGES[0])
    come(trip, pay, lines=lines, refunds=[first, second], updated="03-21")
    back = Pay(amount="50.00", kind="REFUND", at="03-22 12:00", parent=1)
    come(trip, pay, back, lines=lines, refunds=[first, replace(second, pays=[2])], updated="03-23")
    assert customers(trip, "CreditMemo") == ["Shopify Online Store"] * 2
    assert customers(trip, "ARRefundCreditCard") == ["Shopify Online Store"]
    assert_settled(trip)


def test_a_buyer_who_is_called_otherwise_by_now_pays_under_the_name_of_the_invoice(tmp_path):
    trip = Trip(tmp_path, settings={"modes": {"customers": "detailed"}})
    come(trip, customer=buyer("Ann Lee"))
    come(trip, Pay(amount="30.00", at="03-09 12:00"), customer=buyer("Ann Reed"), updated="03-21")
    assert customers(trip, "ReceivePayment") == ["Ann Lee"]
    assert trip.company_file.find("Customer", "", "Ann Reed") is None
    assert_settled(trip)
    trip.close()


def buyer(name: str) -> dict:
    return {"id": "gid://shopify/Customer/7", "displayName": name}


def test_a_customer_that_was_renamed_in_quickbooks_is_the_same_one(trip):
    come(trip)
    file = trip.company_file
    file.rename(file.find("Customer", "", "Shopify Online Store"), "Web Shop", trip.now)
    mapped(trip, CHANGES[0])
    trip.now += timedelta(hours=13)  # the lists are read again once they are old
    trip.deliver()
    come(trip, Pay(amount="30.00", at="03-09 12:00"), updated="03-21")
    assert customers(trip, "ReceivePayment") == ["Web Shop"]
    assert file.find("Customer", "", "Shopify Online Store") is None
    assert_settled(trip)


def test_a_customer_that_was_merged_into_another_is_the_one_the_mapping_says(trip):
    """QuickBooks tells of no merger: the entry is gone, and the documents are another's."""
    come(trip)
    file = trip.company_file
    there = file.find("Customer", "", "Shopify Online Store")
    (invoice,) = filed(trip, "Invoice")
    mapped(trip, CHANGES[0])
    file.rename(there, "Web Buyers", trip.now)
    trip.now += timedelta(hours=13)
    trip.deliver()
    with trip.workspace.store.atomic() as tx:  # merged, not renamed: under a ListID that was never seen
        tx.execute(sa.text("DELETE FROM former_names"))
    come(trip, Pay(amount="30.00", at="03-09 12:00"), updated="03-21")
    assert [one.entity for one in filed(trip, "ReceivePayment")] == [invoice.entity]
    assert file.find("Customer", "", "Shopify Online Store") is None
    assert_settled(trip)


def test_a_name_that_nobody_gave_is_shared_with_nobody():
    memo = CreditMemo(
        customer_ref="?customer",
        ar_account_ref="Accounts Receivable",
        txn_date=date(2026, 3, 2),
        lines=(SalesLine(desc="Nothing"),),
    )
    assert Shared.of(memo) == Shared(ar_account_ref="Accounts Receivable")


def test_what_is_left_out_for_good_lends_no_name(trip):
    trip.pull({"orders": [counted(MUG, tracked=False, sourceName="web")]})
    trip.book()
    (key,) = (one["key"] for one in postings(trip.workspace.store)["documents"])
    operator = Operator(store=trip.workspace.store, clock=lambda: trip.now, who="operator:ann")
    assert operator.ignore([key], "entered by hand").done == (key,)
    mapped(trip, CHANGES[0])
    back = Refund(lines=[(1, 1, "30.00", "0")])
    come(trip, refunds=[back], updated="03-21")
    assert customers(trip, "CreditMemo") == ["Web Buyers"]


def test_a_refused_one_of_an_earlier_version_is_mended_by_the_next_booking(trip, monkeypatch):
    come(trip)
    mapped(trip, CHANGES[0])
    with monkeypatch.context() as before:
        before.setattr(SharedNames, "answers_for", lambda _self, _plan, answers, _names: answers)
        come(trip, Pay(amount="30.00", at="03-09 12:00"), updated="03-21")
    (hold,) = postings(trip.workspace.store)["holds"]
    assert "another customer" in hold["message"]
    trip.book()
    trip.deliver()
    assert customers(trip, "ReceivePayment") == ["Shopify Online Store"]
    assert_settled(trip)


def test_an_invoice_is_of_the_customer_of_its_sales_order(tmp_path):
    settings = {
        "policy": {"recognise_on": "fulfillment", "tax": "liability_line", "orders": "sales_order"},
        "accounts": {"sales_tax_payable": "Sales Tax Owed"},
    }
    trip = Trip(tmp_path, settings=settings)
    come(trip, displayFulfillmentStatus="UNFULFILLED")
    trip.book()
    trip.deliver()
    mapped(trip, CHANGES[0])
    done = {"status": "SUCCESS", "createdAt": "2026-03-06T10:00:00Z"}
    come(trip, displayFulfillmentStatus="FULFILLED", fulfillments=[done], updated="03-21")
    assert customers(trip, "Invoice") == customers(trip, "SalesOrder") == ["Shopify Online Store"]
    assert filed(trip, "SalesOrder")[0].closed()
    trip.close()


def test_goods_are_of_the_vendor_of_their_purchase_order(tmp_path):
    trip = Trip(tmp_path, settings={"vendors": {"names": {"Clayworks": "Clay Works Inc"}}})
    goods = [{"sku": "MUG", "quantity": 2, "unitCost": "4.00"}]
    told = {
        "number": "PO-1",
        "vendor": "Clayworks",
        "orderedAt": "2026-03-01",
        "currencyCode": "USD",
        "lines": goods,
    }
    trip.pull({"purchases": [told]})
    trip.book()
    trip.deliver()
    mapped(trip, ("merchants.oak-ember.vendors.names.Clayworks", '"Clay Works Ltd"'))
    receipt = {"id": "R1", "receivedAt": "2026-03-03", "lines": goods}
    trip.pull({"purchases": [told | {"receipts": [receipt]}]})
    trip.book()
    trip.deliver()
    assert customers(trip, "Bill") == customers(trip, "PurchaseOrder") == ["Clay Works Inc"]
    trip.close()
