"""A payout's rows made in test mode post nothing, and are listed with the reason: in the run's summary and in `show`."""

from __future__ import annotations

import json
from pathlib import Path

from trip import Trip

from qbconsole.views.journey.raw_fact import raw_fact

INPUT = Path(__file__).parents[1] / "golden" / "payout_with_sales_fees_and_refund" / "input.json"


def test_a_test_row_is_listed_once_with_its_reason(tmp_path):
    facts = json.loads(INPUT.read_text(encoding="utf-8"))
    facts.pop("now", None)
    (row,) = (row for row in facts["payouts"][0]["balanceTransactions"] if row["test"])
    trip = Trip(tmp_path)
    try:
        trip.pull(facts)
        (sentence,) = trip.book().ignored
        assert sentence.startswith("payout ")
        assert sentence.endswith(f", {row['type']}, was made in test mode; that is not money.")
        assert trip.book().ignored == ()
    finally:
        trip.close()


def test_show_tells_which_row_was_made_in_test_mode():
    payout = json.loads(INPUT.read_text(encoding="utf-8"))["payouts"][0]
    _, lines = raw_fact(json.dumps(payout).encode())
    assert [title for title, _, _ in lines if "test mode" in title] == ["CHARGE (test mode: ignored)"]


def test_show_writes_amounts_with_the_decimals_of_their_currency():
    told = {"net": {"amount": "-50.0", "currencyCode": "USD"}, "fee": {"amount": "much", "currencyCode": ""}}
    facts, lines = raw_fact(json.dumps({"rows": [told], **told}).encode())
    assert dict(facts) == {"Net": "-50.00 USD", "Fee": "much"}
    assert [amount for _, _, amount in lines] == ["-50.00 USD"]
