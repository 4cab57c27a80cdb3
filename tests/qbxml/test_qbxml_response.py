"""Answers are read as they arrive: rows, replies, faults, hostile input, flat memory."""

import tracemalloc
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbconsole.company import (
    Account,
    Activity,
    CompanyIdentity,
    Customer,
    DeletedDocument,
    DeletedRecord,
    Entry,
    Host,
    Item,
    ObservedDocument,
    Preferences,
    PrivateValue,
    Ref,
    Vendor,
)
from qbconsole.errors import ResponseUnreadable
from qbconsole.money import Money
from qbconsole.qbxml.response import MessageSet, Reply, Row, outcome, read, read_all
from qbconsole.qbxml.rows import BareIds
from qbconsole.qbxml.statuses import Action

OK = 'statusCode="0" statusSeverity="Info" statusMessage="Status OK"'


def wrapped(inside, head=""):
    return f'<?xml version="1.0" ?><QBXML><QBXMLMsgsRs {head}>{inside}</QBXMLMsgsRs></QBXML>'


def only_reply(inside, **kw):
    answer = read_all([wrapped(inside)], **kw)
    assert answer.fault is None
    (reply,) = answer.replies
    return reply


def only_row(inside, name="XQuery", **kw):
    (row,) = only_reply(f"<{name}Rs {OK}>{inside}</{name}Rs>", **kw).rows
    return row


RECEIPT = f"""<SalesReceiptAddRs requestID="7" {OK}><SalesReceiptRet>
  <TxnID>C5-1417118624</TxnID><TimeModified>2026-11-01T10:00:00-05:00</TimeModified>
  <EditSequence>1417118624</EditSequence>
  <CustomerRef><ListID>80-1</ListID><FullName>Shopify Online</FullName></CustomerRef>
  <TxnDate>2026-11-01</TxnDate><RefNumber>#1001</RefNumber><Subtotal>20.00</Subtotal>
  <TotalAmount>21.65</TotalAmount><Memo>Caf&#233; &amp; Co [qbc1/x]</Memo>
  <DepositToAccountRef><FullName>Clearing</FullName></DepositToAccountRef>
  <ExternalGUID>{{aa}}</ExternalGUID>
  <SalesReceiptLineRet><TxnLineID>C7-1</TxnLineID><ItemRef><FullName>MUG</FullName></ItemRef>
    <Quantity>2</Quantity><Rate>10.00</Rate><Amount>20.00</Amount>
    <SalesTaxCodeRef><FullName>Non</FullName></SalesTaxCodeRef></SalesReceiptLineRet>
  <SalesReceiptLineGroupRet><TxnLineID>C8-1</TxnLineID><TotalAmount>1.65</TotalAmount>
    <SalesReceiptLineRet><TxnLineID>C9-1</TxnLineID><ItemRef><FullName>Tax</FullName></ItemRef>
    <Amount>1.65</Amount></SalesReceiptLineRet></SalesReceiptLineGroupRet>
</SalesReceiptRet></SalesReceiptAddRs>"""


def test_a_saved_receipt_is_read_with_its_lines_total_and_entities():
    reply = only_reply(RECEIPT)
    assert (reply.request_name, reply.request_id, reply.index) == ("SalesReceiptAdd", "7", 0)
    (seen,) = reply.rows
    assert seen.kind == "SalesReceipt"
    assert seen.total == Money.of("21.65", "USD")
    assert seen.memo == "Café & Co [qbc1/x]"
    assert seen.txn_date == date(2026, 11, 1)
    assert seen.customer == Ref("80-1", "Shopify Online")
    assert seen.account.full_name == "Clearing"
    assert [(line.item.full_name, line.amount.text()) for line in seen.lines] == [
        ("MUG", "20.00"),
        ("Tax", "1.65"),
    ]
    assert seen.lines[0].quantity == Decimal(2)
    assert not seen.is_void


def test_the_outcome_of_an_add_has_its_ids_and_the_document():
    done = outcome(only_reply(RECEIPT))
    assert (done.action, done.txn_id, done.edit_sequence) == (Action.OK, "C5-1417118624", "1417118624")
    assert done.observed.ref_number == "#1001"
    assert not done.needs_look_up


def test_error_recovery_in_place_of_the_record_gives_its_ids():
    reply = only_reply(
        f"<InvoiceAddRs {OK}><ErrorRecovery><TxnID>1-2</TxnID><EditSequence>3</EditSequence>"
        "<ExternalGUID>{x}</ExternalGUID></ErrorRecovery></InvoiceAddRs>"
    )
    assert reply.rows == (BareIds(txn_id="1-2", edit_sequence="3", external_guid="{x}"),)
    done = outcome(reply)
    assert (done.txn_id, done.edit_sequence, done.needs_look_up) == ("1-2", "3", False)


def test_a_record_saved_without_any_id_must_be_looked_up():
    answered = '<CustomerAddRs statusCode="510" statusSeverity="Warn" statusMessage="x"/>'
    assert outcome(only_reply(answered)).needs_look_up
    assert not outcome(only_reply(f"<DataExtAddRs {OK}/>")).needs_look_up
    assert not outcome(only_reply(f"<CustomerQueryRs {OK}/>")).needs_look_up


def test_the_number_decides_and_not_the_severity():
    refused = '<ReceivePaymentAddRs statusCode="3210" statusSeverity="Info" statusMessage="too much"/>'
    done = outcome(only_reply(refused))
    assert (done.action, done.message, done.needs_look_up) == (Action.FIX, "too much", False)


def test_void_and_delete_tell_their_ids_bare():
    reply = only_reply(
        f"<TxnVoidRs {OK}><TxnVoidType>SalesReceipt</TxnVoidType><TxnID>1-2</TxnID>"
        "<TimeModified>2026-01-01T00:00:00</TimeModified><RefNumber>R1</RefNumber></TxnVoidRs>"
    )
    assert outcome(reply).txn_id == "1-2"
    reply = only_reply(f"<ListDelRs {OK}><ListDelType>Item</ListDelType><ListID>8-1</ListID></ListDelRs>")
    assert outcome(reply).list_id == "8-1"


def test_replies_keep_their_position_when_request_ids_are_missing():
    answer = read_all(
        [
            wrapped(
                '<CustomerAddRs statusCode="3090" statusMessage="colon"/><!-- between -->'
                '<Strange/><CustomerQueryRs statusCode="3231"/>',
                'newMessageSetID="ABC" messageSetStatusCode="0"',
            )
        ]
    )
    assert answer.message_set == MessageSet(new_id="ABC", status_code=0)
    assert [(one.index, one.request_name, one.request_id) for one in answer.replies] == [
        (0, "CustomerAdd", ""),
        (1, "CustomerQuery", ""),
    ]


def test_a_status_check_without_replies_still_has_its_code():
    answer = read_all(['<QBXML><QBXMLMsgsRs newMessageSetID="A" messageSetStatusCode="9002"/></QBXML>'])
    assert answer.message_set == MessageSet(new_id="A", status_code=9002)
    assert answer.replies == ()
    assert answer.fault is None


def test_iterators_and_counts_are_told():
    reply = only_reply(
        '<ItemQueryRs statusCode="0" retCount="2" iteratorRemainingCount="13" iteratorID="{i}">'
        "<ItemServiceRet><ListID>1</ListID></ItemServiceRet><ItemNewKindRet/></ItemQueryRs>"
    )
    assert (reply.iterator_remaining, reply.iterator_id, reply.ret_count) == (13, "{i}", 2)
    assert reply.is_whole
    short = only_reply('<ItemQueryRs statusCode="0" retCount="2"/>')
    assert not short.is_whole


def test_accounts_are_read_by_special_type_number_and_balance():
    row = only_row(
        "<AccountRet><ListID>1</ListID><Name>Shopify</Name><FullName>Sales:Shopify</FullName>"
        "<IsActive>false</IsActive><AccountType>Income</AccountType><AccountNumber>4000</AccountNumber>"
        "<SpecialAccountType>UndepositedFunds</SpecialAccountType><Balance>12.50</Balance></AccountRet>"
    )
    assert isinstance(row, Account)
    assert (row.full_name, row.number, row.is_active) == ("Sales:Shopify", "4000", False)
    assert row.special_account_type == "UndepositedFunds"
    assert row.balance == Money.of("12.50", "USD")


def test_a_balance_in_a_currency_we_cannot_name_stays_unread():
    row = "<AccountRet><CurrencyRef><FullName>{}</FullName></CurrencyRef><Balance>5.00</Balance></AccountRet>"
    assert only_row(row.format("Groat")).balance is None
    assert only_row(row.format("Euro")).balance == Money.of("5.00", "EUR")


@pytest.mark.parametrize(
    ("inside", "income", "cost", "asset"),
    [
        (
            "<ItemInventoryRet>%s<IncomeAccountRef><FullName>I</FullName></IncomeAccountRef><COGSAccountRef>"
            "<FullName>C</FullName></COGSAccountRef><AssetAccountRef><FullName>A</FullName></AssetAccountRef>"
            "</ItemInventoryRet>",
            "I",
            "C",
            "A",
        ),
        (
            "<ItemServiceRet>%s<SalesOrPurchase><Price>5</Price><AccountRef><FullName>I</FullName>"
            "</AccountRef></SalesOrPurchase></ItemServiceRet>",
            "I",
            "",
            "",
        ),
        (
            "<ItemNonInventoryRet>%s<SalesAndPurchase><SalesPrice>5</SalesPrice><IncomeAccountRef><FullName>I"
            "</FullName></IncomeAccountRef><ExpenseAccountRef><FullName>E</FullName></ExpenseAccountRef>"
            "</SalesAndPurchase></ItemNonInventoryRet>",
            "I",
            "E",
            "",
        ),
        ("<ItemDiscountRet>%s<AccountRef><FullName>D</FullName></AccountRef></ItemDiscountRet>", "D", "", ""),
        (
            "<ItemPaymentRet>%s<DepositToAccountRef><FullName>B</FullName></DepositToAccountRef>"
            "</ItemPaymentRet>",
            "",
            "",
            "B",
        ),
        ("<ItemSubtotalRet>%s</ItemSubtotalRet>", "", "", ""),
    ],
)
def test_items_of_every_kind_name_their_accounts(inside, income, cost, asset):
    row = only_row(inside % "<ListID>9</ListID><Name>MUG</Name><FullName>Goods:MUG</FullName>")
    assert isinstance(row, Item)
    assert inside.startswith(f"<{row.kind}Ret>")
    assert (row.name, row.full_name) == ("MUG", "Goods:MUG")
    accounts = (row.income_account, row.cost_account, row.asset_account)
    assert tuple(one.full_name for one in accounts) == (income, cost, asset)


def test_tax_items_and_groups_tell_rate_vendor_and_members():
    tax = only_row(
        "<ItemSalesTaxRet><ListID>1</ListID><Name>CA</Name><TaxRate>8.25</TaxRate><TaxVendorRef>"
        "<FullName>State</FullName></TaxVendorRef></ItemSalesTaxRet>"
    )
    assert (tax.full_name, tax.tax_rate, tax.tax_vendor.full_name) == ("CA", Decimal("8.25"), "State")
    group = only_row(
        "<ItemSalesTaxGroupRet><ListID>1</ListID><Name>G</Name><ItemSalesTaxRef><FullName>CA</FullName>"
        "</ItemSalesTaxRef><ItemSalesTaxRef><FullName>LA</FullName></ItemSalesTaxRef></ItemSalesTaxGroupRet>"
    )
    assert [one.full_name for one in group.members] == ["CA", "LA"]
    bundle = only_row(
        "<ItemGroupRet><ListID>1</ListID><Name>B</Name><ItemGroupLine><ItemRef><FullName>MUG</FullName>"
        "</ItemRef></ItemGroupLine></ItemGroupRet>"
    )
    assert bundle.members == (Ref("", "MUG"),)


def test_names_and_short_lists_are_read():
    customer = only_row(
        "<CustomerRet><ListID>1</ListID><Name>J</Name><FullName>P:J</FullName><Email>a@b.c</Email>"
        "<IsActive>FALSE</IsActive><PreferredDeliveryMethod>Mail</PreferredDeliveryMethod></CustomerRet>"
    )
    assert isinstance(customer, Customer)
    assert (customer.full_name, customer.email, customer.is_active) == ("P:J", "a@b.c", False)
    vendor = only_row("<VendorRet><ListID>1</ListID><Name>V</Name><IsTaxAgency>1</IsTaxAgency></VendorRet>")
    assert isinstance(vendor, Vendor)
    assert vendor.is_tax_agency
    code = only_row(
        "<SalesTaxCodeRet><ListID>1</ListID><Name>Non</Name><IsTaxable>false</IsTaxable></SalesTaxCodeRet>"
    )
    assert code == Entry(kind="SalesTaxCode", list_id="1", full_name="Non", is_taxable=False)
    method = only_row(
        "<PaymentMethodRet><ListID>1</ListID><Name>Visa</Name><PaymentMethodType>Visa</PaymentMethodType>"
        "</PaymentMethodRet>"
    )
    assert (method.payment_type, method.is_taxable) == ("Visa", None)
    assert only_row("<ClassRet><ListID>1</ListID><FullName>Web</FullName></ClassRet>").kind == "Class"
    assert only_row("<StandardTermsRet><ListID>1</ListID></StandardTermsRet>").kind == "StandardTerms"


def test_host_company_preferences_and_activity_are_read():
    host = only_row(
        "<HostRet><ProductName>QuickBooks Pro 2024</ProductName><MajorVersion>34</MajorVersion>"
        "<MinorVersion>0</MinorVersion><Country>US</Country><SupportedQBXMLVersion>9.0</SupportedQBXMLVersion>"
        "<SupportedQBXMLVersion>CA16.0</SupportedQBXMLVersion><SupportedQBXMLVersion>16.0"
        "</SupportedQBXMLVersion><QBFileMode>MultiUser</QBFileMode></HostRet>"
    )
    assert isinstance(host, Host)
    assert (host.version, host.mode, host.is_us, host.highest_version) == ("34.0", "MultiUser", True, "16.0")
    company = only_row(
        "<CompanyRet><CompanyName>Oak</CompanyName><AddressBlock><Addr1>1 St</Addr1><Addr2/></AddressBlock>"
        "<Address><Country>US</Country></Address><FirstMonthFiscalYear>April</FirstMonthFiscalYear>"
        "<EIN>12-3456789</EIN><DataExtRet><OwnerID>{A}</OwnerID><DataExtName>FileID</DataExtName>"
        "<DataExtValue>{f}</DataExtValue></DataExtRet></CompanyRet>"
    )
    assert isinstance(company, CompanyIdentity)
    assert (company.name, company.address, company.country) == ("Oak", ("1 St",), "US")
    assert company.fiscal_first_month == 4
    assert company.private == (PrivateValue(owner_id="{A}", name="FileID", value="{f}"),)
    assert "3456789" not in repr(company)
    preferences = only_row(
        "<PreferencesRet><AccountingPreferences><IsUsingClassTracking>true</IsUsingClassTracking>"
        "<ClosingDate>2026-06-30</ClosingDate></AccountingPreferences><SalesTaxPreferences>"
        "<DefaultTaxableSalesTaxCodeRef><FullName>Tax</FullName></DefaultTaxableSalesTaxCodeRef>"
        "</SalesTaxPreferences></PreferencesRet>"
    )
    assert isinstance(preferences, Preferences)
    assert preferences.sales_tax_on
    assert preferences.class_tracking
    assert preferences.closing_date == date(2026, 6, 30)
    assert preferences.default_taxable_code.full_name == "Tax"
    assert not only_row("<PreferencesRet/>").sales_tax_on
    activity = only_row(
        "<CompanyActivityRet><LastRestoreTime>2026-07-01T10:00:00-05:00</LastRestoreTime>"
        "<LastCondenseTime>1969-12-31T19:00:00-05:00</LastCondenseTime></CompanyActivityRet>"
    )
    assert isinstance(activity, Activity)
    assert (activity.restored, activity.condensed) == ("2026-07-01T10:00:00", "")


def test_deleted_things_are_read():
    assert only_row(
        "<TxnDeletedRet><TxnDelType>Invoice</TxnDelType><TxnID>1-1</TxnID></TxnDeletedRet>"
    ) == DeletedDocument(kind="Invoice", txn_id="1-1")
    assert only_row(
        "<ListDeletedRet><ListDelType>Item</ListDelType><ListID>1</ListID><FullName>M</FullName>"
        "</ListDeletedRet>"
    ) == DeletedRecord(kind="Item", list_id="1", full_name="M")


@pytest.mark.parametrize(
    ("inside", "total"),
    [
        ("<InvoiceRet>%s<Subtotal>10.00</Subtotal><SalesTaxTotal>0.83</SalesTaxTotal></InvoiceRet>", "10.83"),
        ("<InvoiceRet>%s<Subtotal>10.00</Subtotal></InvoiceRet>", "10.00"),
        ("<DepositRet>%s<DepositTotal>7.00</DepositTotal></DepositRet>", "7.00"),
        ("<CheckRet>%s<Amount>-3.10</Amount></CheckRet>", "-3.10"),
        ("<BillRet>%s<AmountDue>4.00</AmountDue></BillRet>", "4.00"),
        ("<VendorCreditRet>%s<CreditAmount>4.00</CreditAmount></VendorCreditRet>", "4.00"),
        ("<ItemReceiptRet>%s<TotalAmount>4.00</TotalAmount></ItemReceiptRet>", "4.00"),
        ("<PurchaseOrderRet>%s<TotalAmount>4.00</TotalAmount></PurchaseOrderRet>", "4.00"),
        (
            "<SalesOrderRet>%s<Subtotal>4.00</Subtotal><SalesTaxTotal>0.40</SalesTaxTotal><TotalAmount>4.40"
            "</TotalAmount></SalesOrderRet>",
            "4.40",
        ),
        ("<EstimateRet>%s<Subtotal>4.00</Subtotal><TotalAmount>4.40</TotalAmount></EstimateRet>", "4.40"),
        (
            "<JournalEntryRet>%s<JournalDebitLine><Amount>4.00</Amount><Memo>m</Memo></JournalDebitLine>"
            "<JournalCreditLine><Amount>5.00</Amount></JournalCreditLine><JournalDebitLine><Amount>1.00"
            "</Amount></JournalDebitLine></JournalEntryRet>",
            "5.00",
        ),
    ],
)
def test_every_kind_of_document_has_its_total(inside, total):
    row = only_row(inside % "<TxnID>1-1</TxnID>")
    assert isinstance(row, ObservedDocument)
    assert row.total == Money.of(total, "USD")


def test_the_memo_of_a_journal_entry_is_its_first_lines():
    row = only_row(
        "<JournalEntryRet><TxnID>1</TxnID><JournalDebitLine><Memo>sales [qbc1/k]</Memo><EntityRef><FullName>E"
        "</FullName></EntityRef></JournalDebitLine></JournalEntryRet>"
    )
    assert row.memo == "sales [qbc1/k]"
    assert row.lines[0].entity.full_name == "E"
    assert row.total is None


def test_stock_has_no_total_and_its_lines_tell_what_moved():
    adjusted = only_row(
        "<InventoryAdjustmentRet><TxnID>1</TxnID><AccountRef><FullName>Shrinkage</FullName></AccountRef>"
        "<RefNumber>A1</RefNumber><Memo>Counted [qbc1/k]</Memo><InventoryAdjustmentLineRet><TxnLineID>2"
        "</TxnLineID><ItemRef><FullName>MUG</FullName></ItemRef><QuantityDifference>-3</QuantityDifference>"
        "<ValueDifference>-12.60</ValueDifference></InventoryAdjustmentLineRet></InventoryAdjustmentRet>"
    )
    assert (adjusted.total, adjusted.memo, adjusted.account.full_name) == (
        None,
        "Counted [qbc1/k]",
        "Shrinkage",
    )
    (line,) = adjusted.lines
    assert (line.item.full_name, line.quantity) == ("MUG", Decimal(-3))
    assert line.amount == Money.of("-12.60", "USD")
    carried = only_row(
        "<TransferInventoryRet><TxnID>1</TxnID><TransferInventoryLineRet><TxnLineID>2</TxnLineID><ItemRef>"
        "<FullName>MUG</FullName></ItemRef><QuantityTransferred>3</QuantityTransferred>"
        "</TransferInventoryLineRet></TransferInventoryRet>"
    )
    assert carried.total is None
    assert [line.quantity for line in carried.lines] == [Decimal(3)]


def test_the_lines_of_a_purchase_order_come_in_order_with_their_ids():
    order = only_row(
        "<PurchaseOrderRet><TxnID>1</TxnID><VendorRef><FullName>Potter</FullName></VendorRef>"
        "<PurchaseOrderLineRet><TxnLineID>A</TxnLineID><Quantity>2</Quantity></PurchaseOrderLineRet>"
        "<PurchaseOrderLineRet><TxnLineID>B</TxnLineID></PurchaseOrderLineRet></PurchaseOrderRet>"
    )
    assert order.customer.full_name == "Potter"
    assert [(line.kind, line.txn_line_id) for line in order.lines] == [
        ("PurchaseOrderLine", "A"),
        ("PurchaseOrderLine", "B"),
    ]


def test_a_deposits_own_lines_are_no_links_and_keep_their_sign():
    row = only_row(
        "<DepositRet><TxnID>1</TxnID><TxnDate>2026-03-04</TxnDate><DepositToAccountRef><FullName>Bank</FullName>"
        "</DepositToAccountRef><Memo>Payout [qbc1/k]</Memo><DepositTotal>97.10</DepositTotal><DepositLineRet>"
        "<TxnLineID>2</TxnLineID><AccountRef><FullName>Clearing</FullName></AccountRef><Amount>100.00</Amount>"
        "</DepositLineRet><DepositLineRet><TxnLineID>3</TxnLineID><AccountRef><FullName>Fees</FullName>"
        "</AccountRef><Amount>-2.90</Amount></DepositLineRet></DepositRet>"
    )
    assert (row.ref_number, row.memo, row.links) == ("", "Payout [qbc1/k]", ())
    assert row.account.full_name == "Bank"
    assert [str(line.amount.amount) for line in row.lines] == ["100.00", "-2.90"]


def test_a_payment_tells_what_it_was_applied_to_and_a_deposit_what_it_took():
    payment = only_row(
        "<ReceivePaymentRet><TxnID>2</TxnID><TotalAmount>9.00</TotalAmount><AppliedToTxnRet><TxnID>1</TxnID>"
        "<TxnType>Invoice</TxnType><Amount>9.00</Amount></AppliedToTxnRet></ReceivePaymentRet>"
    )
    (link,) = payment.links
    assert (link.txn_id, link.kind, link.amount) == ("1", "Invoice", Money.of("9.00", "USD"))
    deposit = only_row(
        "<DepositRet><TxnID>3</TxnID><DepositLineRet><TxnType>ReceivePayment</TxnType><TxnID>2</TxnID>"
        "<Amount>9.00</Amount></DepositLineRet><DepositLineRet><AccountRef><FullName>Fees</FullName>"
        "</AccountRef><Amount>-1.00</Amount></DepositLineRet></DepositRet>"
    )
    assert [one.txn_id for one in deposit.links] == ["2"]
    assert len(deposit.lines) == 2
    refund = only_row(
        "<ARRefundCreditCardRet><TxnID>3</TxnID><RefundAppliedToTxnRet><TxnID>2</TxnID><RefundAmount>4.00"
        "</RefundAmount></RefundAppliedToTxnRet></ARRefundCreditCardRet>"
    )
    assert refund.links[0].amount == Money.of("4.00", "USD")


def test_a_row_of_a_transaction_query_is_of_the_kind_it_names():
    row = only_row(
        "<TransactionRet><TxnType>Deposit</TxnType><TxnID>3</TxnID><Memo>k</Memo></TransactionRet>"
    )
    assert (row.kind, row.txn_id, row.memo) == ("Deposit", "3", "k")


def test_a_voided_document_shows_zero_and_says_so():
    row = only_row("<CheckRet><TxnID>1</TxnID><Amount>0.00</Amount><Memo>VOID: order #1</Memo></CheckRet>")
    assert row.is_void
    row = only_row("<CheckRet><TxnID>1</TxnID><Amount>1.00</Amount><Memo>VOID: no</Memo></CheckRet>")
    assert not row.is_void


def test_unknown_rows_and_unreadable_values_are_left_out_without_a_fault():
    reply = only_reply(
        f"<ItemQueryRs {OK}><ItemInventoryRet><ListID>1</ListID><SalesPrice>NaN</SalesPrice><QuantityOnHand>x"
        "</QuantityOnHand><NewThing a='1'><Deep/></NewThing></ItemInventoryRet><ItemSitesRet><ListID>5</ListID>"
        "</ItemSitesRet><FutureRet/><Loose>1</Loose></ItemQueryRs>"
    )
    (item,) = reply.rows
    assert (item.sales_price, item.quantity_on_hand) == (None, None)
    assert reply.row_count == 3
    broken = only_row(
        "<CheckRet><TxnID>1</TxnID><Amount>1.005</Amount><TxnDate>yesterday</TxnDate></CheckRet>"
    )
    assert (broken.total, broken.txn_date) == (None, None)


def test_rows_come_one_by_one_before_their_reply():
    text = wrapped(
        f'<ClassQueryRs requestID="3" {OK}><ClassRet><ListID>1</ListID></ClassRet><ClassRet><ListID>2</ListID>'
        f"</ClassRet></ClassQueryRs><TermsQueryRs {OK}/>"
    )
    kinds = [type(event) for event in read(text)]  # a string is its characters: the smallest chunks there are
    assert kinds == [MessageSet, Row, Row, Reply, Reply]
    first = next(event for event in read([text]) if isinstance(event, Row))
    assert (first.index, first.request_name, first.request_id, first.value.list_id) == (
        0,
        "ClassQuery",
        "3",
        "1",
    )


@pytest.mark.parametrize("lead", ["\ufeff", " \n\t", "\ufeff\r\n  "])
def test_blanks_and_a_byte_order_mark_before_the_xml_are_skipped(lead):
    text = lead + wrapped(f"<ClassQueryRs {OK}/>")
    assert len(read_all([text]).replies) == 1
    assert len(read_all([text.encode()[:2], text.encode()[2:]]).replies) == 1


def test_a_declared_encoding_is_ignored_because_the_text_was_decoded_already():
    text = f'<?xml version="1.0" encoding="utf-16"?><QBXML><QBXMLMsgsRs><ClassAddRs {OK}><ClassRet><ListID>1'
    text += "</ListID><FullName>é</FullName></ClassRet></ClassAddRs></QBXMLMsgsRs></QBXML>"
    assert read_all([text]).replies[0].rows[0].full_name == "é"


@pytest.mark.parametrize(
    "end", ["", "<CustomerAddRs requestID='2'", "<CustomerAddRs statusCode='0'><Cust", "&"]
)
def test_a_cut_answer_gives_its_complete_replies_and_then_the_fault(end):
    text = (
        f"<QBXML><QBXMLMsgsRs><CustomerAddRs requestID='1' {OK}><CustomerRet><ListID>1</ListID></CustomerRet>"
    )
    answer = read_all([text + "</CustomerAddRs>" + end])
    assert [one.request_id for one in answer.replies] == ["1"]
    assert isinstance(answer.fault, ResponseUnreadable)


@pytest.mark.parametrize("kept", ["</CustomerRet>", "</CustomerRet></CustomerAddRs"])
def test_a_reply_that_was_cut_off_is_never_given(kept):
    text = f"<QBXML><QBXMLMsgsRs><CustomerAddRs {OK}><CustomerRet><ListID>1</ListID>" + kept
    answer = read_all([text])
    assert answer.replies == ()
    assert "cut off" in str(answer.fault) or "no XML" in str(answer.fault)


def test_an_answer_cut_after_its_replies_is_still_a_fault():
    answer = read_all([f"<QBXML><QBXMLMsgsRs><ClassAddRs {OK}/></QBXMLMsgsRs>"])
    assert len(answer.replies) == 1
    assert answer.fault is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n",
        "hello",
        "<html><body>502 Bad Gateway</body></html>",
        "<QBXML/>",
        "<QBXML xmlns='urn:x'><QBXMLMsgsRs/></QBXML>",
        "<a><QBXML><QBXMLMsgsRs/></QBXML></a>",
        wrapped("<ClassAddRs/>"),
        wrapped("<ClassAddRs statusCode='many'/>"),
        wrapped("<A statusCode='0'></B>"),
        wrapped(f"<ClassAddRs {OK}>\ud800</ClassAddRs>"),
        b"<QBXML><QBXMLMsgsRs>\xff\xfe</QBXMLMsgsRs></QBXML>",
        "<!DOCTYPE QBXML>" + wrapped(f"<ClassAddRs {OK}/>")[22:],
        '<!DOCTYPE q [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]><QBXML><QBXMLMsgsRs>&b;</QBXMLMsgsRs></QBXML>',
        '<!DOCTYPE q SYSTEM "file:///etc/passwd"><QBXML><QBXMLMsgsRs/></QBXML>',
        "<QBXML><QBXMLMsgsRs>&undefined;</QBXMLMsgsRs></QBXML>",
        "<QBXML><QBXMLMsgsRs>" + "<a>" * 5000,
    ],
)
def test_what_is_no_answer_is_refused_with_nothing_concluded(text):
    answer = read_all([text])
    assert isinstance(answer.fault, ResponseUnreadable)
    assert answer.replies == ()


def test_a_fault_names_its_place_and_its_cause():
    with pytest.raises(ResponseUnreadable) as raised:
        list(read([wrapped("\n\n<ClassAddRs statusCode='0'></Wrong>")]))
    assert raised.value.where == "line 3"
    assert raised.value.__cause__ is not None
    assert raised.value.as_dict()["code"] == "response_unreadable"


def test_a_row_without_end_is_refused_before_it_fills_the_memory():
    def chunks():
        yield f"<QBXML><QBXMLMsgsRs><InvoiceQueryRs {OK}><InvoiceRet>"
        while True:
            yield "<InvoiceLineRet><Amount>1.00</Amount></InvoiceLineRet>" * 1000

    with pytest.raises(ResponseUnreadable, match="row longer"):
        list(read(chunks()))

    def strange():
        yield "<html>"
        while True:
            yield "<p>x</p>" * 10_000

    with pytest.raises(ResponseUnreadable, match="not qbXML"):
        list(read(strange()))


def customers(count):
    yield f'<?xml version="1.0" ?><QBXML><QBXMLMsgsRs><CustomerQueryRs {OK} retCount="{count}">'
    for number in range(count):
        yield (
            f"<CustomerRet>\n<ListID>{number:X}-1405768916</ListID>\n<EditSequence>14057</EditSequence>\n<Name>"
            f"Buyer {number}</Name>\n<FullName>Buyer {number}</FullName>\n<IsActive>true</IsActive>\n"
            f"<BillAddress><Addr1>{number} Main St.</Addr1><City>Oakland</City></BillAddress>\n"
            f"<Email>b{number}@example.com</Email>\n<Notes>{'n' * 400}</Notes>\n</CustomerRet>"
        )
    yield "</CustomerQueryRs></QBXMLMsgsRs></QBXML>"


def test_a_list_of_14500_customers_is_read_with_flat_memory():
    count, last = 0, None
    tracemalloc.start()
    try:
        for event in read(customers(14_500)):
            count += isinstance(event, Row)
            last = event
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 14_500
    assert last.is_whole
    assert peak < 4 * 2**20


SOUP = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "<QBXML>",
                "</QBXML>",
                "<QBXMLMsgsRs>",
                "</QBXMLMsgsRs>",
                "<CustomerAddRs statusCode='0'>",
                "</CustomerAddRs>",
                "<CustomerRet>",
                "</CustomerRet>",
                "<ListID>1</ListID>",
                "<JournalEntryRet><TxnID>1</TxnID><JournalDebitLine><Amount>1E+999</Amount></JournalDebitLine>",
                "<CompanyRet/>",
                "<![CDATA[",
                "]]>",
                "<!--",
                "-->",
                "&#233;",
                "<?x ?>",
                "<cut/>",
            ]
        ),
        st.text(max_size=5),
    ),
    max_size=20,
)


@given(SOUP)
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused_as_unreadable(parts):
    answer = read_all(["<QBXML><QBXMLMsgsRs>", *parts])
    assert answer.fault is None or isinstance(answer.fault, ResponseUnreadable)


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_refused_as_unreadable(data):
    assert read_all([data]).replies == ()


WHOLE = wrapped(RECEIPT + f"<ClassAddRs {OK}><ClassRet><ListID>1</ListID></ClassRet></ClassAddRs>").encode()


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 400))
@settings(max_examples=200, deadline=None)
def test_an_answer_cut_anywhere_concludes_only_what_it_finished(at, step):
    whole = read_all([WHOLE]).replies
    kept = WHOLE[:at]
    answer = read_all(kept[start : start + step] for start in range(0, at, step))
    assert isinstance(answer.fault, ResponseUnreadable)
    finished = kept.count(b"</SalesReceiptAddRs>") + kept.count(b"</ClassAddRs>")
    assert answer.replies == whole[:finished]


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=3))
@settings(max_examples=200, deadline=None)
def test_a_damaged_answer_never_breaks_the_reader(at, damage):
    answer = read_all([WHOLE[:at] + damage + WHOLE[at + 1 :]])
    assert answer.fault is None or isinstance(answer.fault, ResponseUnreadable)
    for reply in answer.replies:
        outcome(reply)
