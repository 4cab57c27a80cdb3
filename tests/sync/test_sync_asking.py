"""Probes: every kind of document can be asked for after a lost answer, by number or by day."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from qbconsole.books.plan import DocumentKind
from qbconsole.qbxml.render import Renderer
from qbconsole.qbxml.schema import shipped_schema
from qbconsole.sync.deliver.asking import Asker

sys.path.append(str(Path(__file__).parents[1] / "qbxml"))  # the templates' own tests read them too
from qbxml_samples import sources

SCHEMA = shipped_schema()
ASKER = Asker(Renderer(sources(), SCHEMA))


@dataclass(frozen=True)
class Known:
    ref_number: str
    txn_date: date


SOUGHT = (Known("1001", date(2026, 3, 4)), Known("1002", date(2026, 3, 5)), Known("1003", date(2026, 3, 4)))


@pytest.mark.parametrize("kind", sorted(set(DocumentKind) - {DocumentKind.DEPOSIT}))
def test_documents_are_asked_for_by_their_numbers(kind):
    (question,) = ASKER.documents(kind, SOUGHT)
    assert SCHEMA.check(question)[0] == []
    tree = etree.fromstring(question)
    assert tree.tag == f"{kind}QueryRq"
    assert [node.text for node in tree.iterfind("RefNumberCaseSensitive")] == ["1001", "1002", "1003"]
    told = {node.text for node in tree.iterfind("IncludeRetElement")}
    assert not told or {"TxnID", "EditSequence", "RefNumber", "TxnDate", "Memo"} <= told


def test_deposits_have_no_number_and_are_asked_for_by_the_days_around_theirs():
    """Somebody may have moved one before we heard that it is there."""
    far = Known("", date(2026, 7, 1))
    questions = [etree.fromstring(text) for text in ASKER.documents("Deposit", [*SOUGHT, far])]
    days = [(tree.findtext(".//FromTxnDate"), tree.findtext(".//ToTxnDate")) for tree in questions]
    assert days == [("2026-02-01", "2026-04-05"), ("2026-05-31", "2026-08-01")]
    assert {node.text for node in questions[0].iterfind("IncludeRetElement")} >= {"Memo", "DepositTotal"}
    assert len({tree.get("requestID") for tree in questions}) == 2


def test_lines_are_asked_for_where_the_key_or_what_others_wait_for_stands_there():
    wanted = {
        kind
        for kind in set(DocumentKind) - {DocumentKind.DEPOSIT}
        if "<IncludeLineItems>true</IncludeLineItems>" in ASKER.documents(kind, SOUGHT)[0]
    }
    assert wanted == {DocumentKind.JOURNAL_ENTRY, DocumentKind.PURCHASE_ORDER}
    assert "<IncludeRetElement>PurchaseOrderLineRet<" in ASKER.documents("PurchaseOrder", SOUGHT)[0]
