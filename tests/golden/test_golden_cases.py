"""Golden cases: a shop's facts beside the books they must come to, readable by an accountant.

Each folder is one case: `input.json` (the shape of `pull --from-file`), `postings.json` (amounts by day and role,
debit positive, and what is held), `documents.qbxml` (what QuickBooks is sent). `make golden` writes the last two anew (cases whose books were worked out by hand are in test_expected_books.py);
a person reads the difference. Every case is then delivered: the simulated ledger must equal the postings.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from golden.harness import SUMMARY, compare, ledger_beside_postings, sent_by
from trip import Trip

from qbconsole.views.postings import postings

pytestmark = pytest.mark.slow
CASES = sorted(path.parent for path in Path(__file__).parent.glob("*/postings.json"))


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
        ledger, ours = ledger_beside_postings(trip, apart=True)
        assert ledger == ours
    finally:
        trip.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_daily_journal_comes_to_the_same_books(case, tmp_path):
    trip = Trip(tmp_path, settings=SUMMARY)
    try:
        trip.pull(json.loads((case / "input.json").read_text(encoding="utf-8")))
        trip.book()
        told, beside = told_by(trip), json.loads((case / "postings.json").read_text(encoding="utf-8"))
        assert told["postings"] == beside["postings"]
        assert {hold["reason"] for hold in told["holds"]} == {hold["reason"] for hold in beside["holds"]}
        trip.deliver()
        ledger, ours = ledger_beside_postings(trip, apart=False)
        assert ledger == ours
    finally:
        trip.close()
