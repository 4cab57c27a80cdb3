"""requests.xsd as a check and as the one place where lengths live."""

from __future__ import annotations

import pytest

from qbconsole.qbxml.schema import Schema, shipped_schema


@pytest.fixture(scope="module")
def schema() -> Schema:
    return shipped_schema()


def receipt(inside: str) -> str:
    return f"<SalesReceiptAddRq><SalesReceiptAdd>{inside}</SalesReceiptAdd></SalesReceiptAddRq>"


LINE = "<SalesReceiptLineAdd><Amount>1.00</Amount></SalesReceiptLineAdd>"


@pytest.mark.parametrize(
    ("request_name", "path", "limit"),
    [
        ("SalesReceiptAdd", "RefNumber", 11),
        ("ReceivePaymentAdd", "RefNumber", 20),
        ("SalesReceiptAdd", "Memo", 4095),
        ("SalesReceiptAdd", "CustomerRef/FullName", 209),
        ("SalesReceiptAdd", "SalesReceiptLineAdd/SalesTaxCodeRef/FullName", 3),
        ("CustomerAdd", "Name", 41),
        ("CustomerAdd", "BillAddress/Addr1", 41),
        ("ItemInventoryAdd", "Name", 31),
        ("AccountAdd", "AccountNumber", 7),
        ("JournalEntryAdd", "JournalCreditLine/Memo", 4095),
        ("DepositAdd", "DepositLineAdd/CheckNumber", 11),
        ("TxnVoid", "TxnID", 36),
    ],
)
def test_lengths_are_read_from_the_xsd(schema, request_name, path, limit):
    assert schema.limits[request_name, path] == limit


def test_fields_know_what_they_hold(schema):
    assert schema.fields["SalesReceiptAdd", "Memo"].is_text
    assert not schema.fields["SalesReceiptAdd", "ExternalGUID"].is_text
    assert schema.fields["CustomerAdd", "Name"].required
    assert {"Amount", "Rate", "Quantity", "TaxRate", "ExchangeRate"} <= schema.numbers
    assert "RefNumber" not in schema.numbers


def test_a_right_request_has_no_faults(schema):
    assert schema.check(receipt(f"<TxnDate>2026-03-04</TxnDate>{LINE}"))[0] == []


@pytest.mark.parametrize(
    ("text", "path", "sentence"),
    [
        (receipt(LINE.replace("1.00", "20.0")), "SalesReceiptLineAdd/Amount", "Amount is written '20.0', which"),
        (receipt(f"<RefNumber>123456789012</RefNumber>{LINE}"), "RefNumber", "RefNumber has 12 characters; QuickBooks takes 11"),
        (receipt(f"<Memo>x</Memo><RefNumber>1</RefNumber>{LINE}"), "RefNumber", "RefNumber is unknown to QuickBooks, or does not belong here"),
        (receipt("<Memo>x</Memo>"), "SalesReceiptAdd", "SalesReceiptAdd lacks "),
        (receipt(f"<IsTaxIncluded>true</IsTaxIncluded>{LINE}"), "IsTaxIncluded", "IsTaxIncluded is unknown"),
        (receipt(f"{LINE}<DiscountLineAdd/>"), "DiscountLineAdd", "DiscountLineAdd is unknown"),
        (receipt(f"<TxnDate>2026-02-30</TxnDate>{LINE}"), "TxnDate", "TxnDate is written '2026-02-30'"),
        ("<FooRq/>", "FooRq", "FooRq is unknown to QuickBooks"),
        (f'<HostQueryRq requestID="{"x" * 51}"/>', "HostQueryRq", "requestID of HostQueryRq has 51 characters"),
        ("<ClassAddRq><ClassAdd><Name>", "", "this is no well-formed XML"),
        ("<a>\x01</a>", "", "this is no well-formed XML"),
        ("<a>\ud800</a>", "", "this is no well-formed XML"),
    ],
)  # fmt: skip
def test_a_fault_says_where_and_why(schema, text, path, sentence):
    fault = schema.check(text)[0][0]
    assert fault.path.endswith(path)
    assert fault.sentence.startswith(sentence)


def test_lines_are_counted_in_the_text_that_was_checked(schema):
    fault = schema.check(receipt(f"\n<TxnDate>soon</TxnDate>\n{LINE}"))[0][0]
    assert fault.line == 2


def test_a_doctype_or_an_entity_in_a_document_is_refused(schema):
    bomb = '<!DOCTYPE QBXML [<!ENTITY a "b">]><QBXML><QBXMLMsgsRq onError="stopOnError"/></QBXML>'
    assert [fault.sentence for fault in schema.check_document(bomb)] == [
        "a DOCTYPE has no place in a request"
    ]


def test_an_envelope_needs_its_error_mode_and_short_ids(schema):
    assert schema.check_document('<QBXML><QBXMLMsgsRq onError="stopOnError"/></QBXML>') == []
    assert schema.check_document("<QBXML><QBXMLMsgsRq/></QBXML>") != []
    assert schema.check_document("<QBXML/>") != []
    long = f'<QBXML><QBXMLMsgsRq onError="stopOnError" newMessageSetID="{"A" * 25}"/></QBXML>'
    assert "25 characters" in schema.check_document(long)[0].sentence


@pytest.mark.parametrize(
    "name",
    [
        "CreditCardTxnInfo",
        "CreditCardInfo",
        "CreditCardNumber",
        "SalesTaxCountry",
        "IsTaxIncluded",
        "TaxAmount",
    ],
)
def test_fields_that_must_never_be_sent_are_in_no_request(schema, name):
    assert not [place for place in schema.fields if name in place[1].split("/")]
