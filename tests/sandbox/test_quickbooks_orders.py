"""Sales orders, estimates and tax groups of the simulated QuickBooks."""

from __future__ import annotations

from decimal import Decimal

import pytest
from quickbooks_bench import Bench, customer, line, named, sale, shop_bench, stock_item
from quickbooks_papers import GONE, VOIDED, line_link

D = Decimal
INTENDED = ("SalesOrder", "Estimate")


@pytest.fixture
def bench() -> Bench:
    bench = shop_bench()
    bench.done(stock_item("Bowl", "10", "4.00"))
    return bench


def order_of(bench: Bench, *lines: str, kind: str = "SalesOrder", **options: str) -> tuple[str, list[str]]:
    """TxnID and the lines' ids."""
    reply = bench.done(sale(kind, "".join(lines), **options))
    return reply.text("TxnID"), reply.texts(f"{kind}LineRet/TxnLineID")


def wanted(item: str, amount: str = "", **options: str) -> str:
    return line("SalesOrder", item, amount, **options)


def shown(bench: Bench, txn_id: str) -> tuple[str, list[str]]:
    """IsFullyInvoiced, and what was invoiced line by line."""
    reply = bench.done(
        f"<SalesOrderQueryRq><TxnID>{txn_id}</TxnID><IncludeLineItems>true</IncludeLineItems></SalesOrderQueryRq>"
    )
    return reply.text("IsFullyInvoiced"), reply.texts("SalesOrderLineRet/Invoiced")


def linked_invoice(*orders: str, lines: str = "", **options: str) -> str:
    ids = "".join(f"<LinkToTxnID>{one}</LinkToTxnID>" for one in orders)
    return sale("Invoice", lines, inside=ids, ref="", **options)


def linked_line(txn_id: str, line_id: str, **texts: str) -> str:
    inside = "".join(f"<{tag}>{text}</{tag}>" for tag, text in texts.items())
    return f"<InvoiceLineAdd>{inside}{line_link(txn_id, line_id)}</InvoiceLineAdd>"


@pytest.mark.parametrize("kind", INTENDED)
def test_neither_posts_anything_nor_moves_stock(bench, kind):
    before = bench.file.trial_balance()
    lines = line(kind, "Bowl", "30.00", quantity="3") + line(kind, "Taxed mug", "10.00")
    reply = bench.done(sale(kind, lines, tax="State"))
    assert (reply.text("SalesTaxTotal"), reply.text("TotalAmount")) == ("0.73", "40.73")
    assert bench.file.trial_balance() == before
    assert bench.file.on_hand("Bowl").quantity == 10
    assert bench.file.owed[bench.file.find("Customer", "", "Ada").list_id] == 0


@pytest.mark.parametrize("kind", INTENDED)
@pytest.mark.parametrize(
    ("item", "amount", "options", "code"),
    [
        ("Cup", "1.00", {}, 3140),
        ("Mug", "-1.00", {}, 3180),
        ("Mug", "1.00", {"name": "Nobody"}, 3140),
        ("Mug", "1.00", {"name": ""}, 3150),
        ("Mug", "1.0", {}, 3040),
        ("Mug", "1.00", {"day": "2026-02-30"}, 3020),
    ],
)
def test_both_are_read_as_strictly_as_sales(kind, item, amount, options, code):
    free = shop_bench(xsd=None)
    assert free.code(sale(kind, line(kind, item, amount), **options)) == code
    assert free.code(sale(kind, "")) == 3150


def test_pro_has_no_sales_orders_but_estimates():
    bench = shop_bench(edition="Pro")
    assert bench.code(sale("SalesOrder", wanted("Mug", "1.00"))) == 3250
    assert bench.code(sale("Estimate", line("Estimate", "Mug", "1.00"))) == 0


@pytest.mark.parametrize("kind", INTENDED)
def test_both_are_found_deleted_and_never_voided(bench, kind):
    txn_id, _ = order_of(bench, line(kind, "Mug", "1.00"), kind=kind, ref="S1", memo="[qbc1/oak/order/1/1/0]")
    found = bench.done(f"<{kind}QueryRq><RefNumber>S1</RefNumber></{kind}QueryRq>")
    assert (found.text("TxnID"), found.text("Memo")) == (txn_id, "[qbc1/oak/order/1/1/0]")
    bench.done(GONE.format(kind, txn_id))
    free = shop_bench(xsd=None)
    txn_id, _ = order_of(free, line(kind, "Mug", "1.00"), kind=kind)
    assert free.code(VOIDED.format(kind, txn_id)) == 3210


def test_an_invoice_for_the_whole_order_brings_its_lines_and_closes_it(bench):
    order, _ = order_of(bench, wanted("Bowl", "30.00", quantity="3"), wanted("Mug", "5.00"))
    item = bench.done("<ItemQueryRq><FullName>Bowl</FullName></ItemQueryRq>")
    assert item.text("QuantityOnSalesOrder") == "3"
    reply = bench.done(linked_invoice(order))
    assert reply.texts("InvoiceLineRet/Amount") == ["30.00", "5.00"]
    assert shown(bench, order) == ("true", ["3", "1"])
    assert bench.balance("Accounts Receivable") == D("35.00")
    assert bench.balance("Cost of Goods Sold") == D("12.00")
    item = bench.done("<ItemQueryRq><FullName>Bowl</FullName></ItemQueryRq>")
    assert item.text("QuantityOnSalesOrder") == "0"


def test_lines_sent_beside_a_linked_order_come_on_top_of_it(bench):
    order, _ = order_of(bench, wanted("Mug", "5.00"))
    reply = bench.done(linked_invoice(order, lines=line("Invoice", "Mug", "5.00")))
    assert reply.texts("InvoiceLineRet/Amount") == ["5.00", "5.00"]


def test_an_order_is_invoiced_line_by_line(bench):
    order, (bowls, mug) = order_of(bench, wanted("Bowl", "30.00", quantity="3"), wanted("Mug", "5.00"))
    part = bench.done(linked_invoice(lines=linked_line(order, bowls, Quantity="1")))
    assert part.text("BalanceRemaining") == "10.00"
    assert shown(bench, order) == ("false", ["1", "0"])
    rest = linked_line(order, bowls, Desc="the rest", Amount="19.99") + linked_line(order, mug, Rate="4.00")
    assert bench.done(linked_invoice(lines=rest)).texts("InvoiceLineRet/Amount") == ["19.99", "4.00"]
    assert shown(bench, order) == ("true", ["3", "1"])


def test_an_order_with_a_tax_item_as_a_line_stays_open_for_ever(bench):
    order, _ = order_of(bench, wanted("Mug", "10.00"), wanted("State", "0.73"))
    reply = bench.done(linked_invoice(order))
    assert reply.text("BalanceRemaining") == "10.73"
    assert shown(bench, order) == ("false", ["1", "0"])


@pytest.mark.parametrize("words", [VOIDED, GONE])
def test_taking_the_invoice_back_opens_the_order(bench, words):
    order, _ = order_of(bench, wanted("Mug", "5.00"))
    sold = bench.done(linked_invoice(order)).text("TxnID")
    assert bench.code(GONE.format("SalesOrder", order)) == 3160
    bench.done(words.format("Invoice", sold))
    assert shown(bench, order) == ("false", ["0"])


def test_wrong_links_are_refused(bench):
    order, (mug,) = order_of(bench, wanted("Mug", "5.00"))
    estimate, _ = order_of(bench, line("Estimate", "Mug", "5.00"), kind="Estimate")
    assert bench.code(linked_invoice("1-1")) == 3120
    assert bench.code(linked_invoice(order, order)) == 3177
    assert bench.code(linked_invoice(order, lines=linked_line(order, mug))) == 3000
    assert bench.code(linked_invoice(order, name="Bob")) == 3170
    assert bench.code(linked_invoice(estimate)) == 3170  # an estimate cannot be linked by a request
    bench.done(linked_invoice(order))
    assert bench.code(linked_invoice(order)) == 3180
    beside = bench.one(linked_invoice(order, lines=line("Invoice", "Mug", "1.00")))
    assert beside.code == 570


def test_a_manually_closed_order_takes_no_invoice(bench):
    closed = "<IsManuallyClosed>true</IsManuallyClosed>"
    order, _ = order_of(bench, wanted("Mug", "5.00"), inside=closed)
    assert bench.code(linked_invoice(order)) == 3180


def test_the_taxable_lines_of_an_order_are_taxed_on_its_invoice(bench):
    order, (mug,) = order_of(bench, wanted("Taxed mug", "100.00"), tax="State")
    code = "<SalesTaxCodeRef><FullName>Non</FullName></SalesTaxCodeRef>"
    untaxed = bench.raw(
        linked_invoice(lines=linked_line(order, mug).replace("<Link", code + "<Link"), tax="State")
    )
    assert "<SalesTaxTotal>0.00" in untaxed.response
    other, _ = order_of(bench, wanted("Taxed mug", "100.00"), tax="State")
    assert bench.done(linked_invoice(other, tax="State")).text("SalesTaxTotal") == "7.25"


# -- tax groups ----------------------------------------------------------------------------------------


@pytest.fixture
def taxed() -> Bench:
    bench = shop_bench(xsd=None)
    members = named("ItemSalesTaxRef", "State") + named("ItemSalesTaxRef", "City")
    bench.done(
        f"<ItemSalesTaxGroupAddRq><ItemSalesTaxGroupAdd><Name>Both</Name>{members}</ItemSalesTaxGroupAdd>"
        "</ItemSalesTaxGroupAddRq>"
    )
    return bench


@pytest.mark.parametrize("kind", ["SalesReceipt", "Invoice", "CreditMemo"])
def test_a_group_taxes_by_each_of_its_items_rounded_once_each(taxed, kind):
    reply = taxed.done(sale(kind, line(kind, "Taxed mug", "0.50") + line(kind, "Mug", "9.00"), tax="Both"))
    # 7.25 % of 0.50 is 0.03625, 1 % of it 0.005: rounded apart 0.04 + 0.01, together 0.04.
    total = "BalanceRemaining" if kind == "Invoice" else "TotalAmount"  # an InvoiceRet has no TotalAmount
    assert (reply.text("SalesTaxTotal"), reply.text(total)) == ("0.05", "9.55")
    assert reply.text("SalesTaxPercentage") == "8.25"
    sign = 1 if kind == "CreditMemo" else -1
    rows = [row for row in taxed.document(reply.text("TxnID")).postings if row[0] == "Sales Tax Payable"]
    assert rows == [
        ("Sales Tax Payable", sign * D("0.04"), "State Board of Equalization"),
        ("Sales Tax Payable", sign * D("0.01"), "City Department of Revenue"),
    ]


def test_a_group_is_listed_with_its_items_and_may_be_a_customers(taxed):
    reply = taxed.done("<ItemSalesTaxGroupQueryRq/>")
    assert reply.texts("ItemSalesTaxGroupRet/ItemSalesTaxRef/FullName") == ["State", "City"]
    taxed.done(customer("Eve", named("ItemSalesTaxRef", "Both")))
    text = sale("SalesReceipt", line("SalesReceipt", "Taxed mug", "100.00"), name="Eve")
    assert taxed.done(text).text("SalesTaxTotal") == "8.25"


def test_a_group_is_never_a_line(taxed):
    assert taxed.code(sale("SalesReceipt", line("SalesReceipt", "Both", "1.00"))) == 3210


def test_a_group_made_by_hand_taxes_too(bench):
    bench.file.add_tax_group("Hand", ("State", "City"), bench.now)
    reply = bench.done(sale("Invoice", line("Invoice", "Taxed mug", "100.00"), tax="Hand"))
    assert reply.text("SalesTaxTotal") == "8.25"


@pytest.mark.parametrize(
    ("members", "off", "code"),
    [
        ("", False, 3150),
        (named("ItemSalesTaxRef", "Nothing"), False, 3140),
        (named("ItemSalesTaxRef", "State") + named("ItemSalesTaxRef", "Nothing"), False, 3140),
        (named("ItemSalesTaxRef", "State"), True, 3250),
        ("", True, 3250),
    ],
)
def test_groups_that_are_refused(taxed, members, off, code):
    taxed.file.preferences.sales_tax = not off
    text = (
        f"<ItemSalesTaxGroupAddRq><ItemSalesTaxGroupAdd><Name>New</Name>{members}</ItemSalesTaxGroupAdd>"
        "</ItemSalesTaxGroupAddRq>"
    )
    assert taxed.code(text) == code


def test_a_group_survives_saving(taxed, tmp_path):
    taxed.done(sale("Invoice", line("Invoice", "Taxed mug", "0.50"), tax="Both"))
    taxed.file.save(tmp_path / "oak.qbw")
    taxed.file.restore(tmp_path / "oak.qbw", taxed.now)
    again = taxed.done(sale("Invoice", line("Invoice", "Taxed mug", "0.50"), tax="Both"))
    assert again.text("SalesTaxTotal") == "0.05"
    first = taxed.file.documents("Invoice")[0]
    taxed.file.edit_document(first.txn_id, now=taxed.now, amounts={0: D("100.00")})
    assert taxed.document(first.txn_id).tax_total == D("8.25")
