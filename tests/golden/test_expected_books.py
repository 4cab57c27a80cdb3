"""Expected books: what accounting.md says a shop's facts come to, worked out by hand before the program ran.

Each folder with a `case.toml` is one case: its input, why it is here, and `expected.json` with amounts by day and role
(debit positive) and what is held. The same books are expected in every mode the case names. What QuickBooks is sent
(`documents.qbxml`, `documents.summary.qbxml`) is written by `make golden` and read by a person; it is then delivered,
and the simulated ledger must equal the postings.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from golden.harness import (
    Case,
    accounting_holds,
    booked,
    compare,
    ledger_beside_postings,
    open_on_both_sides,
    read_case,
    sent_by,
    unmet,
    wait_for_the_days_to_be_over,
)

from qbconsole.views.postings import postings

pytestmark = pytest.mark.slow
CASES = [read_case(path.parent) for path in sorted(Path(__file__).parent.glob("*/case.toml"))]
RUNS = [pytest.param(case, mode, id=f"{case.folder.name}-{mode}") for case in CASES for mode in case.modes]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.folder.name)
def test_what_is_expected_balances_day_by_day(case: Case):
    for day, roles in case.expected["postings"].items():
        assert sum(map(Decimal, roles.values())) == 0, day


@pytest.mark.parametrize(("case", "mode"), RUNS)
def test_the_books_come_to_what_was_worked_out(case: Case, mode: str, tmp_path: Path):
    trip = booked(case, mode, tmp_path)
    try:
        told = postings(trip.workspace.store)
        assert told["postings"] == case.expected["postings"]
        assert unmet(case.expected["holds"], accounting_holds(told)) == []
        wait_for_the_days_to_be_over(trip)
        assert postings(trip.workspace.store)["postings"] == told["postings"]
        name = "documents.qbxml" if mode == "detailed" else "documents.summary.qbxml"
        compare(case.folder / name, sent_by(trip))
        trip.deliver()
        delivered = case.expected.get("delivered", {})
        if "postings" in delivered:
            assert postings(trip.workspace.store)["postings"] == delivered["postings"]
        if "holds" in delivered:
            held = postings(trip.workspace.store)["holds"]
            assert unmet(delivered["holds"], held) == []
        ledger, ours = ledger_beside_postings(trip, apart=case.quickbooks_keeps_cost(mode))
        assert ledger == ({} if delivered.get("waits") else ours)
        if mode == "detailed":
            assert open_on_both_sides(trip) == []
    finally:
        trip.close()
