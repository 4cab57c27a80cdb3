"""Golden cases: a shop's facts beside the books they must come to, readable by an accountant.

Each folder is one case: `input.json` (the shape of `pull --from-file`), `postings.json` (amounts by day and role,
debit positive, and what is held), `documents.qbxml` (what QuickBooks is sent). `make golden` writes the last two anew;
a person reads the difference. Every case is then delivered: the simulated ledger must equal the postings.
"""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree
from trip import COMPANY, Trip

from qbconsole.store import requests
from qbconsole.views.postings import postings

pytestmark = pytest.mark.slow
CASES = sorted(path.parent for path in Path(__file__).parent.glob("*/input.json"))
WRITE = os.environ.get("QBCONSOLE_GOLDEN") == "write"


def told_by(trip):
    """Postings by day and role, and holds, without anything that changes from run to run."""
    told = postings(trip.workspace.store)
    return {
        "postings": told["postings"],
        "documents": [
            {name: document[name] for name in ("kind", "ref_number", "txn_date")}
            for document in told["documents"]
        ],
        "holds": [{"reason": hold["reason"], "source": hold["source"]} for hold in told["holds"]],
    }


def sent_by(trip):
    """The requests for documents, pretty-printed, in the order they go."""
    with trip.workspace.store.reading() as tx:
        rows = requests.requests_in(tx, company=COMPANY)
    parser = etree.XMLParser(remove_blank_text=True, resolve_entities=False)
    texts = []
    for row in rows:
        if row.document_key is None:
            continue
        tree = etree.fromstring(row.body, parser)
        for trimmed in tree.findall("IncludeRetElement"):
            tree.remove(trimmed)
        texts.append(etree.tostring(tree, pretty_print=True, encoding="unicode"))
    return "\n".join(texts)


def compare(path, text):
    if WRITE:
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text, f"{path} differs; `make golden` writes it anew"


def test_there_are_cases():
    assert len(CASES) >= 14


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_comes_to_the_books_beside_it(case, tmp_path):
    trip = Trip(tmp_path)
    try:
        facts = json.loads((case / "input.json").read_text(encoding="utf-8"))
        trip.pull(facts)
        trip.book()
        compare(case / "postings.json", json.dumps(told_by(trip), indent=1, ensure_ascii=False) + "\n")
        compare(case / "documents.qbxml", sent_by(trip))
        trip.deliver()
        assert_ledger_equals_postings(trip)
    finally:
        trip.close()


def assert_ledger_equals_postings(trip):
    accounts: dict[str, Decimal] = {}
    for named in postings(trip.workspace.store)["accounts"].values():
        for account, text in named.items():
            accounts[account] = accounts.get(account, Decimal(0)) + Decimal(text)
    ledger = dict(trip.company_file.trial_balance())
    for cost in ("Cost of Goods Sold", "Inventory Asset"):
        ledger.pop(cost, None)
    assert {account: value for account, value in accounts.items() if value} == ledger
