"""Purchase orders, item receipts, bills and vendor credits of the simulated QuickBooks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from quickbooks_bench import Bench, line, named, sale
from quickbooks_papers import (
    GONE,
    VOIDED,
    bill,
    bought,
    buying_bench,
    item_receipt,
    line_link,
    ordered,
    owing,
    purchase_order,
    spent,
    vendor_credit,
)

D = Decimal
KINDS = ("Bill", "ItemReceipt", "VendorCredit")


@pytest.fixture
def bench() -> Bench:
    return buying_bench()


def placed(bench: Bench, *lines: str, **options: str) -> tuple[str, list[str]]:
    """A purchase order's TxnID and its lines' ids."""
    reply = bench.done(purchase_order(*lines, **options))
    return reply.text("TxnID"), reply.texts("PurchaseOrderLineRet/TxnLineID")


def order_shown(bench: Bench, txn_id: str) -> tuple[str, list[str]]:
    """IsFullyReceived, and what was received line by line."""
    reply = bench.done(
        f"<PurchaseOrderQueryRq><TxnID>{txn_id}</TxnID><IncludeLineItems>true</IncludeLineItems>"
        "</PurchaseOrderQueryRq>"
    )
    return reply.text("IsFullyReceived"), reply.texts("PurchaseOrderLineRet/ReceivedQuantity")


def changes(bench: Bench, before: dict[str, D]) -> dict[str, D]:
    after = bench.file.trial_balance()
    moved = {name: after.get(name, D(0)) - before.get(name, D(0)) for name in {*after, *before}}
    return {name: amount for name, amount in moved.items() if amount}


# -- what they post ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_lines_are_posted_against_payables(bench, kind):
    before = bench.file.trial_balance()
    reply = bench.done(
        owing(
            kind,
            spent("Freight and Shipping Costs", "5.00"),
            bought("Bowl", "45.00", quantity="10"),
            bought("Clay", quantity="4"),
            bought("Clay", "2.00", override="Office Supplies"),
            ref="V-1",
        )
    )
    sign = -1 if kind == "VendorCredit" else 1
    assert changes(bench, before) == {
        "Freight and Shipping Costs": sign * D("5.00"),
        "Inventory Asset": sign * D("45.00"),
        "Purchases": sign * D("5.00"),
        "Office Supplies": sign * D("2.00"),
        "Accounts Payable": -sign * D("57.00"),
    }
    assert reply.texts("ItemLineRet/Cost") == ["4.50", "1.25", "2.00"]
    assert reply.text("ExpenseLineRet/Amount") == "5.00"
    total = {"Bill": "AmountDue", "ItemReceipt": "TotalAmount", "VendorCredit": "CreditAmount"}[kind]
    assert reply.text(total) == "57.00"
    shown = bench.done("<VendorQueryRq><FullName>Kiln Co</FullName></VendorQueryRq>")
    assert shown.text("Balance") == f"{sign * D('57.00')}"


def test_bought_stock_raises_the_average_cost(bench):
    bench.done(bill(bought("Bowl", "60.00", quantity="10")))
    assert (bench.file.on_hand("Bowl").quantity, bench.file.on_hand("Bowl").value) == (20, D("100.00"))
    bench.done(sale("SalesReceipt", line("SalesReceipt", "Bowl", "9.00", quantity="2")))
    assert bench.balance("Cost of Goods Sold") == D("10.00")


def test_what_a_vendor_takes_back_leaves_at_its_amount(bench):
    bench.done(vendor_credit(bought("Bowl", "5.00", quantity="1")))
    assert (bench.file.on_hand("Bowl").quantity, bench.file.on_hand("Bowl").value) == (9, D("35.00"))
    assert bench.balance("Inventory Asset") == D("35.00")


def test_without_a_quantity_only_the_value_changes(bench):
    bench.done(bill(bought("Bowl", "3.00")))
    assert (bench.file.on_hand("Bowl").quantity, bench.file.on_hand("Bowl").value) == (10, D("43.00"))


def test_without_amount_and_cost_the_items_own_cost_holds(bench):
    assert bench.done(bill(bought("Plate", quantity="4"))).text("AmountDue") == "10.00"
    assert bench.done(bill(bought("Plate", quantity="4", cost="3.00"))).text("AmountDue") == "12.00"
    stated = bench.done(bill(bought("Plate", "10.00", quantity="3", cost="9.99")))
    assert (stated.text("AmountDue"), stated.text("ItemLineRet/Cost")) == ("10.00", "3.33333")


def test_units_sold_before_they_came_are_costed_anew_by_quickbooks_itself(bench):
    bench.done(sale("SalesReceipt", line("SalesReceipt", "Plate", "9.00", quantity="2")))
    assert bench.balance("Cost of Goods Sold") == D("5.00")
    before = bench.file.trial_balance()
    txn_id = bench.done(bill(bought("Plate", "30.00", quantity="10"))).text("TxnID")
    assert changes(bench, before) == {
        "Inventory Asset": D("29.00"),
        "Cost of Goods Sold": D("1.00"),
        "Accounts Payable": D("-30.00"),
    }
    assert (bench.file.on_hand("Plate").quantity, bench.file.on_hand("Plate").value) == (8, D("24.00"))
    assert bench.file.trial_balance(own_cost=False)["Inventory Asset"] == D("70.00")
    bench.done(GONE.format("Bill", txn_id))
    assert bench.file.trial_balance() == before
    assert (bench.file.on_hand("Plate").quantity, bench.file.on_hand("Plate").value) == (-2, D("-5.00"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("words", [VOIDED, GONE])
def test_taking_one_back_takes_the_stock_back(bench, kind, words):
    before = bench.file.trial_balance()
    txn_id = bench.done(owing(kind, bought("Bowl", "45.00", quantity="10"))).text("TxnID")
    bench.done(words.format(kind, txn_id))
    assert bench.file.trial_balance() == before
    assert (bench.file.on_hand("Bowl").quantity, bench.file.on_hand("Bowl").value) == (10, D("40.00"))


# -- what is refused -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("lines", "options", "code"),
    [
        ((), {}, 3180),
        ((spent("Rent Expense", "-0.01"),), {}, 3180),
        ((spent("Rent Expense", "0.00"),), {}, 0),
        ((spent("Rent Expense", "5.00"),), {"who": "Nobody"}, 3140),
        ((spent("Rent Expense", "5.00"),), {"who": "Ada"}, 3140),
        ((spent("Rent Expense", "5.00"),), {"payable": "Checking"}, 3210),
        ((spent("Nowhere", "5.00"),), {}, 3140),
        ((spent("Purchase Orders", "5.00"),), {}, 3210),
        ((spent("Accounts Payable", "5.00"),), {}, 3180),
        ((spent("Accounts Receivable", "5.00"),), {}, 3180),
        ((spent("Accounts Receivable", "5.00", who="Ada"),), {}, 3180),
        ((bought("Cup", "5.00"),), {}, 3140),
        ((bought("", "5.00"),), {}, 3150),
        ((bought("State", "5.00"),), {}, 3210),
        ((bought("Subtotal"),), {}, 3210),
        ((bought("Bowl", "5.00", override="Office Supplies"),), {}, 3210),
        ((bought("Clay", "5.00", override="Accounts Payable"),), {}, 3210),
        ((bought("Bowl", "5.00", site="Leeds"),), {}, 3250),
        ((bought(link=line_link("1-1", "2-2")),), {}, 3120),
        ((spent("Rent Expense", "5.00"),), {"links": ("1-1",)}, 3120),
    ],
)
def test_what_quickbooks_refuses(kind, lines, options, code):
    free = buying_bench(xsd=None)  # a vendor credit has no place for LinkToTxnID in the schema
    before = free.file.trial_balance(), len(free.file.documents())
    assert free.code(owing(kind, *lines, **options)) == code
    if code:
        assert (free.file.trial_balance(), len(free.file.documents())) == before


def test_a_vendor_is_required():
    bench = buying_bench(xsd=None)
    assert bench.code(bill(spent("Rent Expense", "5.00"), who="")) == 3150
    assert bench.code(purchase_order(ordered("Bowl", "1"), who="")) == 3150


def test_sales_tax_payable_takes_the_vendor_of_the_bill(bench):
    agency = "State Board of Equalization"
    bench.done(bill(spent("Sales Tax Payable", "5.00"), who=agency))
    assert bench.balance("Sales Tax Payable") == D("5.00")


def test_a_closed_day_is_3171(bench):
    bench.file.preferences.closing_date = date(2026, 3, 2)
    for kind in KINDS:
        assert bench.code(owing(kind, spent("Rent Expense", "5.00"))) == 3171
    assert bench.code(purchase_order(ordered("Bowl", "1"))) == 3171
    bench.done(bill(spent("Rent Expense", "5.00"), day="2026-03-03"))


@pytest.mark.parametrize("tag", ["ItemLineAdd", "ExpenseLineAdd"])
def test_fields_that_the_american_edition_lacks(tag):
    bench = buying_bench(xsd=None)
    text = bill(spent("Rent Expense", "5.00"), bought("Clay", "5.00"))
    assert bench.code(text.replace("<TxnDate>", "<IsTaxIncluded>1</IsTaxIncluded><TxnDate>")) == 3250
    assert bench.code(text.replace(f"</{tag}>", f"<TaxAmount>1.00</TaxAmount></{tag}>")) == 3250


def test_item_groups_are_not_bought_here():
    bench = buying_bench(xsd=None)
    group = f"<{{0}}>{named('ItemGroupRef', 'Set')}</{{0}}>"
    assert bench.code(bill(group.format("ItemGroupLineAdd"))) == 3140
    assert bench.code(purchase_order(group.format("PurchaseOrderLineGroupAdd"))) == 3140


def test_an_item_without_an_account_to_buy_with_is_3180(bench):
    bench.done(
        "<ItemNonInventoryAddRq><ItemNonInventoryAdd><Name>Glaze</Name><SalesAndPurchase>"
        f"{named('IncomeAccountRef', 'Merchandise Sales')}</SalesAndPurchase></ItemNonInventoryAdd>"
        "</ItemNonInventoryAddRq>"
    )
    assert bench.code(bill(bought("Glaze", "5.00"))) == 3180
    assert bench.code(bill(bought("Glaze", "5.00", override="Purchases"))) == 0


def test_lines_in_the_wrong_order_do_not_parse(bench):
    answer = bench.raw(bill(bought("Clay", "5.00"), spent("Rent Expense", "5.00")))
    assert answer.hresult == "0x80040400"


# -- purchase orders -----------------------------------------------------------------------------------


def test_a_purchase_order_posts_nothing_and_is_on_order(bench):
    before = bench.file.trial_balance()
    reply = bench.done(purchase_order(ordered("Bowl", "10", rate="4.50"), ordered("Clay", "4")))
    assert changes(bench, before) == {}
    assert reply.text("TotalAmount") == "50.00"
    assert reply.texts("PurchaseOrderLineRet/ItemRef/FullName") == ["Bowl", "Clay"]
    assert reply.texts("PurchaseOrderLineRet/ReceivedQuantity") == ["0", "0"]
    assert len(set(reply.texts("PurchaseOrderLineRet/TxnLineID"))) == 2
    item = bench.done("<ItemQueryRq><FullName>Bowl</FullName></ItemQueryRq>")
    assert item.text("QuantityOnOrder") == "10"


def test_only_the_elements_asked_for_come_back(bench):
    reply = bench.done(purchase_order(ordered("Bowl", "10"), returned="TxnID PurchaseOrderLineRet"))
    assert [one.tag for one in reply.element[0]] == ["TxnID", "PurchaseOrderLineRet"]


@pytest.mark.parametrize("kind", ["Bill", "ItemReceipt"])
def test_linking_the_whole_order_brings_what_is_left_of_it(bench, kind):
    order, _ = placed(bench, ordered("Bowl", "10", rate="4.50"), ordered("Clay", "4", amount="5.00"))
    before = bench.file.trial_balance()
    reply = bench.done(owing(kind, links=(order,)))
    assert reply.texts("ItemLineRet/Quantity") == ["10", "4"]
    assert changes(bench, before) == {
        "Inventory Asset": D("45.00"),
        "Purchases": D("5.00"),
        "Accounts Payable": D("-50.00"),
    }
    assert order_shown(bench, order) == ("true", ["10", "4"])
    item = bench.done("<ItemQueryRq><FullName>Bowl</FullName></ItemQueryRq>")
    assert (item.text("QuantityOnOrder"), item.text("QuantityOnHand")) == ("0", "20")


def test_line_by_line_until_the_order_closes(bench):
    order, (bowls, clay) = placed(bench, ordered("Bowl", "10", rate="4.50"), ordered("Clay", "4"))
    bench.done(bill(bought(quantity="6", cost="4.60", link=line_link(order, bowls))))
    assert order_shown(bench, order) == ("false", ["6", "0"])
    rest = bench.done(
        bill(bought(link=line_link(order, bowls)), bought("", "4.99", link=line_link(order, clay)))
    )
    assert rest.texts("ItemLineRet/Quantity") == ["4", "4"]
    assert rest.texts("ItemLineRet/Amount") == ["18.00", "4.99"]
    assert order_shown(bench, order) == ("true", ["10", "4"])


def test_a_linked_line_may_say_more_of_itself(bench):
    order, (bowls, clay) = placed(bench, ordered("Bowl", "10"), ordered("Clay", "4"))
    told = f"<Desc>second delivery</Desc>{named('CustomerRef', 'Ada')}{line_link(order, clay)}"
    override = f"{named('OverrideItemAccountRef', 'Office Supplies')}<LinkToTxn>"
    text = bill(f"<ItemLineAdd>{told}</ItemLineAdd>".replace("<LinkToTxn>", override))
    reply = bench.done(text)
    assert reply.text("ItemLineRet/Desc") == "second delivery"
    assert reply.text("ItemLineRet/CustomerRef/FullName") == "Ada"
    assert bench.balance("Office Supplies") == D("5.00")
    stock = f"<ItemLineAdd>{line_link(order, bowls)}</ItemLineAdd>".replace("<LinkToTxn>", override)
    assert bench.code(bill(stock)) == 3210


def test_words_on_an_order_come_with_it(bench):
    words = "<PurchaseOrderLineAdd><Desc>handle with care</Desc></PurchaseOrderLineAdd>"
    order, _ = placed(bench, ordered("Bowl", "1"), words)
    reply = bench.done(bill(links=(order,)))
    assert reply.texts("ItemLineRet/Desc") == ["handle with care"]
    assert order_shown(bench, order)[0] == "true"


def test_linking_changes_the_edit_sequence_of_the_order(bench):
    order, _ = placed(bench, ordered("Bowl", "10"))
    before = bench.document(order).edit_sequence
    bench.done(bill(links=(order,)))
    assert bench.document(order).edit_sequence > before


def test_more_may_come_than_was_ordered(bench):
    order, (bowls,) = placed(bench, ordered("Bowl", "10", rate="4.50"))
    reply = bench.done(bill(bought(quantity="12", link=line_link(order, bowls))))
    assert reply.text("AmountDue") == "54.00"
    assert order_shown(bench, order) == ("true", ["12"])
    assert bench.file.on_hand("Bowl").quantity == 22


@pytest.mark.parametrize("words", [VOIDED, GONE])
def test_taking_a_bill_back_opens_the_order_again(bench, words):
    order, _ = placed(bench, ordered("Bowl", "10", rate="4.50"))
    paper = bench.done(bill(links=(order,))).text("TxnID")
    assert bench.code(GONE.format("PurchaseOrder", order)) == 3160
    bench.done(words.format("Bill", paper))
    assert order_shown(bench, order) == ("false", ["0"])
    bench.done(bill(links=(order,)))
    assert order_shown(bench, order) == ("true", ["10"])


def test_a_closed_order_is_not_linked_again(bench):
    order, (bowls,) = placed(bench, ordered("Bowl", "10"))
    bench.done(bill(links=(order,)))
    assert bench.code(bill(links=(order,))) == 3180  # nothing else is in it
    assert bench.code(bill(bought(link=line_link(order, bowls)))) == 3180
    reply = bench.one(bill(spent("Rent Expense", "5.00"), links=(order,)))
    assert (reply.code, reply.severity) == (570, "Warn")
    assert bench.document(reply.text("TxnID")).total == D("5.00")


def test_wrong_links_are_refused(bench):
    order, (bowls, _) = placed(bench, ordered("Bowl", "10"), ordered("Clay", "4"))
    receipt = bench.done(item_receipt(spent("Rent Expense", "5.00"))).text("TxnID")
    assert bench.code(bill(links=(order, order))) == 3177
    assert bench.code(bill(bought(link=line_link(order, bowls)), links=(order,))) == 3000
    assert bench.code(bill(bought(link=line_link(order, "9-9")))) == 3120
    assert bench.code(bill(bought("Bowl", quantity="1", link=line_link(order, bowls)))) == 3180
    assert bench.code(bill(links=(order,), who="Clay Ltd")) == 3170
    # A bill for an item receipt is made by staff, never by a request.
    assert bench.code(bill(links=(receipt,))) == 3170
    assert order_shown(bench, order) == ("false", ["0", "0"])


def test_the_order_and_its_bill_show_each_other(bench):
    order, _ = placed(bench, ordered("Bowl", "10"))
    paper = bench.done(bill(links=(order,))).text("TxnID")
    for kind, one, other in (("PurchaseOrder", order, paper), ("Bill", paper, order)):
        reply = bench.done(
            f"<{kind}QueryRq><TxnID>{one}</TxnID><IncludeLinkedTxns>true</IncludeLinkedTxns></{kind}QueryRq>"
        )
        assert (reply.text("LinkedTxn/TxnID"), reply.text("LinkedTxn/LinkType")) == (other, "QUANTYPE")


def test_an_order_can_be_deleted_but_not_voided(bench):
    order, _ = placed(bench, ordered("Bowl", "10"))
    free = buying_bench(xsd=None)
    other, _ = placed(free, ordered("Bowl", "10"))
    assert free.code(VOIDED.format("PurchaseOrder", other)) == 3210
    bench.done(GONE.format("PurchaseOrder", order))
    gone = bench.done("<TxnDeletedQueryRq><TxnDelType>PurchaseOrder</TxnDelType></TxnDeletedQueryRq>")
    assert gone.text("TxnDeletedRet/TxnID") == order


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (ordered("Cup", "1"), 3140),
        (ordered("State", "1"), 3210),
        (ordered("Bowl", "1", amount="-1.00"), 3180),
        ("<PurchaseOrderLineAdd><Desc>only words</Desc></PurchaseOrderLineAdd>", 3150),
        (
            f"<PurchaseOrderLineAdd>{named('ItemRef', 'Bowl')}<Amount>1.0</Amount></PurchaseOrderLineAdd>",
            3040,
        ),
    ],
)
def test_orders_that_are_refused(line, code):
    assert buying_bench(xsd=None).code(purchase_order(line)) == code


def test_all_of_them_are_found_by_number_and_among_all_documents(bench):
    placed(bench, ordered("Bowl", "10"), ref="PO7")
    bench.done(bill(spent("Rent Expense", "5.00"), ref="VENDOR-INVOICE-0001"))
    bench.done(item_receipt(spent("Rent Expense", "5.00"), ref="R-1", memo="[qbc1/oak/receipt/1/1/0]"))
    bench.done(vendor_credit(spent("Rent Expense", "5.00"), ref="C-1"))
    for kind, ref in (
        ("PurchaseOrder", "PO7"),
        ("Bill", "VENDOR-INVOICE-0001"),
        ("ItemReceipt", "R-1"),
        ("VendorCredit", "C-1"),
    ):
        asked = f"<RefNumberCaseSensitive>{ref}</RefNumberCaseSensitive>"
        assert bench.done(f"<{kind}QueryRq>{asked}</{kind}QueryRq>").text("RefNumber") == ref
    free = buying_bench(xsd=None)
    placed(free, ordered("Bowl", "10"))
    free.done(bill(spent("Rent Expense", "5.00")))
    posting = "<TransactionPostingStatusFilter>{}</TransactionPostingStatusFilter>"
    for status, kinds in (("NonPosting", ["PurchaseOrder"]), ("Posting", ["InventoryAdjustment", "Bill"])):
        shown = free.done(f"<TransactionQueryRq>{posting.format(status)}</TransactionQueryRq>")
        assert shown.texts("TransactionRet/TxnType") == kinds


def test_bills_are_open_until_paid(bench):
    bench.done(bill(spent("Rent Expense", "5.00")))
    bench.done(bill(spent("Rent Expense", "0.00")))
    unpaid = bench.done("<BillQueryRq><PaidStatus>NotPaidOnly</PaidStatus></BillQueryRq>")
    assert (unpaid.texts("BillRet/AmountDue"), unpaid.texts("OpenAmount")) == (["5.00"], ["5.00"])
    assert len(bench.done("<BillQueryRq><PaidStatus>PaidOnly</PaidStatus></BillQueryRq>").element) == 1
