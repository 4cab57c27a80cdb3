"""Law: whatever edits, books and sessions come in which order, each document has the name in force when it left."""

from __future__ import annotations

import re

import pytest
from builders import Line, Pay
from golden.harness import SUMMARY, ledger_beside_postings
from hypothesis import given, settings
from hypothesis import strategies as st
from shopday import counted
from trip import Trip

from qbconsole.care.mapping_file import edit_mapping

PATH = "merchants.oak-ember.accounts.sales_income"
_INCOME = re.compile(r"Income \d+")
STEP = st.one_of(
    st.tuples(st.just("edit"), st.integers(1, 3)),
    st.tuples(st.sampled_from(["order", "book", "session", "session"]), st.just(0)),
)


def incomes(trip: Trip) -> dict[str, set[str]]:
    """TxnID of each document in QuickBooks -> accounts of income it names."""
    return {one.txn_id: set(_INCOME.findall(str(one))) for one in trip.company_file.documents()}


@pytest.mark.parametrize("mode", ["detailed", "summary"])
@settings(max_examples=12, deadline=None)
@given(steps=st.lists(STEP, max_size=10))
def test_a_document_has_the_name_in_force_when_it_left(tmp_path_factory, mode, steps):
    more = SUMMARY if mode == "summary" else {}
    trip = Trip(tmp_path_factory.mktemp("law"), settings={"accounts": {"sales_income": "Income 0"}} | more)
    try:
        number, in_force = 0, "Income 0"
        for step, value in [("order", 0), ("book", 0), *steps, ("book", 0), *[("session", 0)] * 6]:
            if step == "edit":
                in_force = f"Income {value}"
                path = trip.workspace.root / "mappings.toml"
                edit_mapping(trip.workspace.means(), path, [(PATH, in_force)], who="operator:ann")
            elif step == "order":
                number += 1
                told = counted(Line(price="20.00"), number=number, tracked=False, pays=[Pay(amount="20.00")])
                trip.pull({"orders": [told]})
            elif step == "book":
                trip.book()
            else:
                before = incomes(trip)
                trip.session()
                after = incomes(trip)
                assert before.items() <= after.items(), "what was sent is never changed"
                fresh = {name for key in after.keys() - before.keys() for name in after[key]}
                assert fresh <= {in_force}
        assert incomes(trip)
        assert {len(names) for names in incomes(trip).values()} == {1}
        ledger, ours = ledger_beside_postings(trip, apart=False)
        assert ledger == ours
        assert sum(-amount for name, amount in ours.items() if name.startswith("Income")) == 20 * number
    finally:
        trip.close()
