"""Answers of the simulated QuickBooks have the shape Intuit's own schema gives them."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree
from quickbooks_bench import (
    GUID,
    Bench,
    account,
    applied,
    credit_memo,
    customer,
    invoice,
    item,
    journal,
    line,
    named,
    payment,
    receipt,
    refund,
    sale,
    set_credit,
    shop_bench,
    stock_item,
    vendor,
)

INTUIT = Path(__file__).resolve().parents[2] / "../shared/reference/qbxml-xsd/qbxmlops160.xsd"


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    if not INTUIT.exists():
        pytest.skip("Intuit's XSD is not here")
    return etree.XMLSchema(etree.parse(str(INTUIT)))


def check(schema: etree.XMLSchema, response: str) -> None:
    schema.assertValid(etree.fromstring(response.encode()))


class Checked(Bench):
    schema: etree.XMLSchema

    def raw(self, body: str, **options: str):
        answer = super().raw(body, **options)
        check(self.schema, answer.response)
        return answer


def checked(schema: etree.XMLSchema) -> Checked:
    bench = shop_bench(xsd=None)
    bench.__class__ = Checked
    bench.schema = schema
    bench.file.preferences.class_tracking = True
    return bench


def test_the_first_call_fits_the_schema(schema):
    bench = Bench()
    bench.file.preferences.closing_date = bench.now.date()
    response = bench.qb.hello()
    assert "<ClosingDate>" in response
    check(schema, response)


def test_added_records_fit_the_schema(schema):
    bench = checked(schema)
    bench.done("<ClassAddRq><ClassAdd><Name>Web</Name></ClassAdd></ClassAddRq>")
    address = (
        "<BillAddress><Addr1>1 Main St</Addr1><City>Leeds</City></BillAddress><Phone>1</Phone>"
        + "<Email>a@b.c</Email><Contact>A</Contact>"
        + named("TermsRef", "Net 30")
        + named("SalesTaxCodeRef", "Tax")
        + named("ItemSalesTaxRef", "State")
        + f"<ExternalGUID>{GUID}</ExternalGUID>"
    )
    bench.done(customer("Eve", named("ClassRef", "Web") + address))
    bench.ask(vendor("V") + account("Till", "Bank", "Checking") + stock_item("Bowl", "4"))
    bench.done(item("Service", "Kit", "Merchandise Sales", "Tax"))
    lists = "Customer Vendor Item Account Class Terms PaymentMethod SalesTaxCode ShipMethod CustomerMsg"
    for name in lists.split():
        reply = bench.done(f"<{name}QueryRq/>")
        assert len(reply.element) > 0


def test_documents_fit_the_schema(schema):
    bench = checked(schema)
    bench.done(stock_item("Bowl", "4"))
    bench.done(
        receipt(
            ("Mug", "5.00"),
            ("State", "0.40"),
            memo="m",
            tax="City",
            inside=f"<ExternalGUID>{GUID}</ExternalGUID>",
        )
    )
    bench.done(sale("SalesReceipt", line("SalesReceipt", "Bowl", "9.00", quantity="1", desc="A bowl")))
    owed = bench.done(invoice(("Mug", "10.00"), ("Discount", "-1.00"))).text("TxnID")
    memo = bench.done(credit_memo(("Mug", "8.00"), ("Subtotal", ""), ("State", "0.10"))).text("TxnID")
    bench.done(payment("3.00", applied(owed, "3.00", set_credit(memo, "4.00"))))
    bench.done(refund(memo, "2.00"))
    bench.done(journal(("Debit", "Accounts Receivable", "5.00", "Ada"), ("Credit", "Checking", "5.00", "")))
    bench.done(
        f"<CheckAddRq><CheckAdd>{named('AccountRef', 'Checking')}{named('PayeeEntityRef', 'Ada')}"
        f"<ApplyCheckToTxnAdd><TxnID>{memo}</TxnID><Amount>1.00</Amount></ApplyCheckToTxnAdd><ExpenseLineAdd>"
        f"{named('AccountRef', 'Accounts Receivable')}<Amount>1.00</Amount><Memo>x</Memo>"
        f"{named('CustomerRef', 'Ada')}</ExpenseLineAdd></CheckAdd></CheckAddRq>"
    )
    whole = "<IncludeLineItems>true</IncludeLineItems>"
    linked = "<IncludeLinkedTxns>true</IncludeLinkedTxns>"
    for kind in (
        "SalesReceipt",
        "Invoice",
        "CreditMemo",
        "ReceivePayment",
        "ARRefundCreditCard",
        "Check",
        "JournalEntry",
    ):
        more = linked if kind in ("Invoice", "CreditMemo", "Check") else ""
        reply = bench.done(f"<{kind}QueryRq>{whole}{more}</{kind}QueryRq>")
        assert reply.texts("TxnID")
    bench.done("<TransactionQueryRq/>")


def test_changes_and_refusals_fit_the_schema(schema):
    bench = checked(schema)
    first, second = (bench.done(receipt(("Mug", "5.00"))).text("TxnID") for _ in range(2))
    bench.ask(
        f"<TxnVoidRq><TxnVoidType>SalesReceipt</TxnVoidType><TxnID>{first}</TxnID></TxnVoidRq>"
        f"<TxnDelRq><TxnDelType>SalesReceipt</TxnDelType><TxnID>{second}</TxnID></TxnDelRq>"
        "<TxnDeletedQueryRq><TxnDelType>SalesReceipt</TxnDelType></TxnDeletedQueryRq>"
        '<CustomerQueryRq iterator="Start"><MaxReturned>1</MaxReturned></CustomerQueryRq>'
        "<CompanyActivityQueryRq/>"
    )
    bench.file.delete_record("Customer", "Bob", bench.now)
    bench.done("<ListDeletedQueryRq><ListDelType>Customer</ListDelType></ListDeletedQueryRq>")
    field = f"<OwnerID>{GUID}</OwnerID><DataExtName>Marker</DataExtName>"
    bench.ask(
        f"<DataExtDefAddRq><DataExtDefAdd>{field}<DataExtType>STR255TYPE</DataExtType>"
        "<AssignToObject>Company</AssignToObject></DataExtDefAdd></DataExtDefAddRq>"
        f"<DataExtAddRq><DataExtAdd>{field}<OtherDataExtType>Company</OtherDataExtType>"
        "<DataExtValue>1</DataExtValue></DataExtAdd></DataExtAddRq>"
        f"<CompanyQueryRq><OwnerID>{GUID}</OwnerID></CompanyQueryRq>"
    )
    replies = bench.ask(
        customer("Ada") + customer("A:b"), on_error="stopOnError", ids=' newMessageSetID="S1"'
    )
    assert [one.code for one in replies] == [3100, 3231]
