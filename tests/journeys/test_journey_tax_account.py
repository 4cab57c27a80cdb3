"""Tax as a charge (`liability_line`) needs an ordinary liability; QuickBooks' own account takes no item."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from trip import Trip

from qbconsole.views.postings import postings

ORDER = Path(__file__).parents[1] / "golden" / "paid_at_once" / "input.json"


def told_after(tmp_path, mode, accounts=None):
    settings = {"policy": {"tax": "liability_line"}, "modes": {"sales": mode}, "accounts": accounts or {}}
    trip = Trip(tmp_path, settings=settings)
    try:
        trip.pull(json.loads(ORDER.read_text(encoding="utf-8")))
        trip.book()
        trip.deliver()
        return postings(trip.workspace.store), dict(trip.company_file.trial_balance())
    finally:
        trip.close()


def test_the_own_account_is_told_by_name_and_nothing_is_sent(tmp_path):
    told, ledger = told_after(tmp_path, "detailed")
    (hold,) = told["holds"]
    assert hold["reason"] == "unmapped"
    assert "Sales Tax Payable is QuickBooks' own account" in hold["message"]
    assert ledger == {}


@pytest.mark.parametrize("mode", ["detailed", "summary"])
def test_an_ordinary_liability_takes_it(tmp_path, mode):
    told, ledger = told_after(tmp_path, mode, {"sales_tax_payable": "Shopify Tax Collected"})
    assert told["holds"] == []
    assert str(ledger["Shopify Tax Collected"]) == "-2.04"


def test_a_journal_names_the_agency_of_the_own_account_before_the_chart_was_read(tmp_path):
    told, ledger = told_after(tmp_path, "summary")
    assert told["holds"] == []
    assert str(ledger["Sales Tax Payable"]) == "-2.04"
