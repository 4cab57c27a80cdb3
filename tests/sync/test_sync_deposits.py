"""A merchant who counts sales at payment goes back to counting them at the order: no deposit is left behind."""

from __future__ import annotations

import pytest
from builders import Pay, an_order
from golden.harness import SUMMARY, ledger_beside_postings
from trip import Trip

from qbconsole.views.postings import postings

ON_PAYMENT = {"policy": {"recognise_on": "payment", "cogs": "off"}}


@pytest.mark.parametrize("mode", ["detailed", "summary"])
def test_deposits_become_payment_when_the_policy_goes_back_to_the_order(tmp_path, mode):
    modes = SUMMARY["modes"] if mode == "summary" else {"inventory": "summary"}
    trip = Trip(tmp_path, settings=ON_PAYMENT | {"modes": modes})
    try:
        trip.pull({"orders": [an_order(pays=[Pay(amount="5.00", at="03-03 15:00")])]})
        trip.book()
        assert postings(trip.workspace.store)["postings"]["2026-03-03"]["customer_deposits"] == "-5.00"
        trip.deliver()
        mapping = trip.workspace.root / "mappings.toml"
        text = mapping.read_text(encoding="utf-8")
        mapping.write_text(text.replace('\nrecognise_on = "payment"', '\nrecognise_on = "order"'), "utf-8")
        both = [Pay(amount="5.00", at="03-03 15:00"), Pay(amount="15.00", at="03-04 15:00")]
        trip.pull({"orders": [an_order(pays=both, updated="03-21 12:00")]})
        trip.book()
        assert postings(trip.workspace.store)["postings"] == {
            "2026-03-02": {"accounts_receivable": "20.00", "sales_income": "-20.00"},
            "2026-03-03": {"accounts_receivable": "-5.00", "clearing:shopify_payments": "5.00"},
            "2026-03-04": {"accounts_receivable": "-15.00", "clearing:shopify_payments": "15.00"},
        }
        trip.deliver()
        ledger, ours = ledger_beside_postings(trip, apart=False)
        assert ledger == ours
    finally:
        trip.close()
