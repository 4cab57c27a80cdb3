"""What an answer settles: ids of lines for those who wait, totals held against the plan, doubt where ids lack."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qbconsole.books.documents.purchasing import line_key
from qbconsole.books.lifecycle import RequestState
from qbconsole.money import Money
from qbconsole.qbxml.render import fill, line_slot_token, slot_token
from qbconsole.qbxml.response import read_all
from qbconsole.store import books, holds, journal, lists, parties, requests
from qbconsole.store.database import Store
from qbconsole.store.requests import NewRequest, Purpose
from qbconsole.sync.settle import found_document, settle_set

sys.path.append(str(Path(__file__).parents[1] / "store"))  # a document as the store's own tests put it
from test_store_books import new_document
from test_store_requests import put, send

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
ORDER, GOODS = new_document(1), new_document(2)
LINES = "".join(f"<PurchaseOrderLineRet><TxnLineID>L-{n}</TxnLineID></PurchaseOrderLineRet>" for n in (1, 2))
TOLD = "<PurchaseOrderRet><TxnID>T-1</TxnID><EditSequence>1</EditSequence><TotalAmount>{}</TotalAmount>{}</PurchaseOrderRet>"


@pytest.fixture
def store(tmp_path):
    with Store.open(str(tmp_path / "state.db"), clock=lambda: AT) as opened:
        with opened.atomic() as tx:
            parties.put_company(tx, "oak", name="Oak", file="", at=AT)
            parties.put_merchant(tx, "oak-ember", company="oak", domain="oak.myshopify.com", at=AT)
            books.put_documents(tx, [ORDER, GOODS], AT)
        yield opened


def request(document, name, body, **more) -> NewRequest:
    return NewRequest(
        company="oak",
        merchant="oak-ember",
        subject_key=document.key,
        purpose=Purpose.ADD,
        name=name,
        body=f'<{name}Rq requestID="{name}">{body}</{name}Rq>',
        document_key=document.key,
        **more,
    )


def goods() -> NewRequest:
    """A receipt that fills the second line of the order."""
    txn, line = slot_token(ORDER.key), line_slot_token(ORDER.key, 2)
    body = f"<LinkToTxn><TxnID>{txn}</TxnID><TxnLineID>{line}</TxnLineID></LinkToTxn>"
    return request(GOODS, "BillAdd", body, slots={txn: ORDER.key, line: line_key(ORDER.key, 2)})


def sent(store, name, total="20.00"):
    ids = put(store, request(ORDER, name, "", total=Money.of(total, "USD")))
    send(store, ids)
    with store.reading() as tx:
        return requests.requests_by_id(tx, ids)


def settled(store, rows, name, inside):
    answer = read_all(
        [
            f'<QBXML><QBXMLMsgsRs><{name}Rs requestID="{name}" statusCode="0">{inside}</{name}Rs></QBXMLMsgsRs></QBXML>'
        ]
    )
    with store.atomic() as tx:
        return settle_set(tx, "oak", rows, answer.replies, AT), answer.replies


def body_of(store, ids):
    with store.reading() as tx:
        (row,) = requests.requests_by_id(tx, ids)
        return row.state, row.body


def reasons(store):
    with store.reading() as tx:
        return [row.hold.sentence for row in holds.open_holds(tx)]


def test_a_recorded_order_gives_its_lines_to_the_goods_that_wait(store):
    ids = put(store, goods(), fill=fill)
    rows = sent(store, "PurchaseOrderAdd")
    came, _ = settled(store, rows, "PurchaseOrderAdd", TOLD.format("20.00", LINES))
    assert came.recorded == 1
    state, body = body_of(store, ids)
    assert state is RequestState.READY
    assert "<LinkToTxn><TxnID>T-1</TxnID><TxnLineID>L-2</TxnLineID></LinkToTxn>" in body
    assert reasons(store) == []


def test_goods_that_come_later_find_the_lines_of_their_order(store):
    settled(store, sent(store, "PurchaseOrderAdd"), "PurchaseOrderAdd", TOLD.format("20.00", LINES))
    state, body = body_of(store, put(store, goods(), fill=fill))
    assert state is RequestState.READY
    assert "<TxnLineID>L-2</TxnLineID>" in body
    with store.reading() as tx:
        kept = lists.links_of(tx, "oak-ember", requests.LINE)
    assert {key: link.qb_id for key, link in kept.items()} == {
        line_key(ORDER.key, 1): "L-1",
        line_key(ORDER.key, 2): "L-2",
    }


def test_an_order_whose_lines_were_not_told_is_looked_up_again(store):
    ids = put(store, goods(), fill=fill)
    rows = sent(store, "PurchaseOrderAdd")
    came, _ = settled(store, rows, "PurchaseOrderAdd", TOLD.format("20.00", ""))
    assert (came.recorded, came.doubtful) == (0, 1)
    assert body_of(store, [rows[0].id])[0] is RequestState.IN_DOUBT
    (found,) = (
        read_all(
            [
                "<QBXML><QBXMLMsgsRs><XQueryRs statusCode='0'>",
                TOLD.format("20.00", LINES),
                "</XQueryRs></QBXMLMsgsRs></QBXML>",
            ]
        )
        .replies[0]
        .rows
    )
    with store.atomic() as tx:
        (row,) = requests.requests_by_id(tx, [rows[0].id])
        found_document(tx, "oak", row, found, AT)
    assert body_of(store, ids)[0] is RequestState.READY


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("PurchaseOrderAdd", f"<TotalAmount>19.00</TotalAmount>{LINES}"),
        ("BillAdd", "<AmountDue>19.00</AmountDue>"),
        ("ItemReceiptAdd", "<TotalAmount>19.00</TotalAmount>"),
        ("VendorCreditAdd", "<CreditAmount>19.00</CreditAmount>"),
        ("DepositAdd", "<DepositTotal>19.00</DepositTotal>"),
        ("SalesOrderAdd", "<TotalAmount>19.00</TotalAmount>"),
        ("EstimateAdd", "<TotalAmount>19.00</TotalAmount>"),
        ("JournalEntryAdd", "<JournalDebitLine><Amount>19.00</Amount></JournalDebitLine>"),
    ],
)
def test_a_total_that_is_not_the_plans_is_told(store, name, inside):
    kind = name.removesuffix("Add")
    settled(store, sent(store, name), name, f"<{kind}Ret><TxnID>T-1</TxnID>{inside}</{kind}Ret>")
    assert reasons(store) == ["QuickBooks recorded 19.00, planned were 20.00."]


@pytest.mark.parametrize(
    ("name", "inside", "planned"),
    [
        ("JournalEntryAdd", "", "20.00"),
        ("JournalEntryAdd", "<JournalDebitLine><Amount>19.00</Amount></JournalDebitLine>", "0.00"),
        ("InventoryAdjustmentAdd", "", "20.00"),
        ("TransferInventoryAdd", "", "0.00"),
    ],
)
def test_what_states_no_total_is_recorded_without_one(store, name, inside, planned):
    kind = name.removesuffix("Add")
    rows = sent(store, name, planned)
    came, _ = settled(store, rows, name, f"<{kind}Ret><TxnID>T-1</TxnID>{inside}</{kind}Ret>")
    assert came.recorded == 1
    assert reasons(store) == []


def test_a_set_is_settled_at_once_each_request_by_its_own_answer(store):
    documents = [new_document(number) for number in range(3, 8)]
    with store.atomic() as tx:
        books.put_documents(tx, documents, AT)
    ids = put(
        store,
        *(
            replace(
                request(one, "CheckAdd", "", total=Money.of("20.00", "USD")),
                body=f'<CheckAddRq requestID="c{place}"/>',
            )
            for place, one in enumerate(documents)
        ),
    )
    send(store, ids)
    with store.reading() as tx:
        rows = requests.requests_by_id(tx, ids)
    told = '<CheckAddRs requestID="c{0}" statusCode="0"><CheckRet><TxnID>T-{0}</TxnID><EditSequence>1</EditSequence><Amount>{1}</Amount></CheckRet></CheckAddRs>'
    refused = '<CheckAddRs requestID="c2" statusCode="3140" statusMessage="There is no such account."/>'
    answers = [told.format(4, "20.00"), refused, told.format(0, "20.00"), told.format(1, "19.00")]
    answer = read_all([f"<QBXML><QBXMLMsgsRs>{''.join(answers)}</QBXMLMsgsRs></QBXML>"])
    with store.atomic() as tx:
        came = settle_set(tx, "oak", rows, answer.replies, AT)
    assert (came.recorded, came.refused, came.doubtful) == (3, 1, 1)
    with store.reading() as tx:
        now = requests.requests_by_id(tx, ids)
        kept = books.documents(tx, keys=[one.key for one in documents], limit=9)
        counted = requests.counts(tx, "oak")
        assert journal.verify(tx) is None
        written = [(entry.verb, entry.subject) for entry in journal.tail(tx, 9)]
    assert [(row.state.value, row.qb_id) for row in now] == [
        ("answered", "T-0"),
        ("answered", "T-1"),
        ("refused", ""),
        ("in_doubt", ""),
        ("answered", "T-4"),
    ]
    assert [row.txn_id for row in kept] == ["T-0", "T-1", "", "", "T-4"]
    assert {state.value: count for state, count in counted.items() if count} == {
        "answered": 3,
        "refused": 1,
        "in_doubt": 1,
    }
    recorded = [("recorded", documents[place].key) for place in (0, 1, 4)]
    assert written == [*recorded, ("refused", documents[2].key)]
    assert any("19.00" in one for one in reasons(store))
