"""Inventory adjustments and transfers of the simulated QuickBooks, and the ledger without its own cost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from quickbooks_bench import Bench, journal, line, sale
from quickbooks_papers import (
    GONE,
    VOIDED,
    adjustment,
    bill,
    bought,
    buying_bench,
    counted,
    revalued,
    spent,
    transfer,
)

D = Decimal


@pytest.fixture
def bench() -> Bench:
    return buying_bench()


@pytest.fixture
def free() -> Bench:
    """Without a schema: the published ones have no room for the value of a value adjustment."""
    return buying_bench(xsd=None)


def held(bench: Bench, item: str = "Bowl") -> tuple[D, D]:
    stock = bench.file.on_hand(item)
    return stock.quantity, stock.value


# -- quantity ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "difference"),
    [({"more": "-3"}, "-3"), ({"new": "7"}, "-3"), ({"more": "5"}, "5"), ({"new": "10"}, "0")],
)
def test_a_count_is_valued_at_average_cost(bench, change, difference):
    reply = bench.done(adjustment(counted("Bowl", **change)))
    value = D(difference) * 4
    assert reply.text("QuantityDifference") == difference
    assert reply.text("ValueDifference") == f"{value:.2f}"
    assert bench.balance("Inventory Shrinkage") == -value
    assert held(bench) == (10 + D(difference), 40 + value)


def test_counting_to_nothing_takes_the_whole_value(bench):
    bench.done(bill(bought("Bowl", "0.01")))
    bench.done(adjustment(counted("Bowl", new="0")))
    assert bench.balance("Inventory Asset") == 0
    assert bench.balance("Inventory Shrinkage") == D("40.01")


def test_several_lines_of_one_item_follow_each_other(bench):
    bench.done(adjustment(counted("Bowl", more="-4"), counted("Bowl", new="10"), counted("Plate", more="2")))
    assert held(bench) == (10, D("40.00"))
    assert held(bench, "Plate") == (2, D("5.00"))
    assert bench.balance("Inventory Shrinkage") == D("-5.00")


@pytest.mark.parametrize("words", [VOIDED, GONE])
def test_an_adjustment_is_taken_back(bench, words):
    before = bench.file.trial_balance()
    txn_id = bench.done(adjustment(counted("Bowl", more="-3"))).text("TxnID")
    bench.done(words.format("InventoryAdjustment", txn_id))
    assert held(bench) == (10, D("40.00"))
    assert bench.file.trial_balance() == before


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (adjustment(counted("Clay", more="1")), 3140),
        (adjustment(counted("Nothing", more="1")), 3140),
        (adjustment(counted("Bowl", more="1"), account="Nowhere"), 3140),
        (adjustment(counted("Bowl", more="1"), account="Accounts Receivable"), 3210),
        (adjustment(counted("Bowl", more="1"), account="Accounts Payable"), 3210),
        (adjustment(counted("Bowl", more="1"), account="Purchase Orders"), 3210),
        (adjustment(counted("Bowl", more="1"), counted("Clay", more="1")), 3140),
        (adjustment(), 3150),
        (adjustment(counted("Bowl")), 3150),
        (adjustment(counted("Bowl", more="one")), 3045),
        (adjustment(revalued("Bowl", more="1")), 3150),
        (adjustment(counted("Bowl", more="1")).replace("QuantityAdjustment", "LotNumberAdjustment"), 3250),
        (adjustment(counted("Bowl", more="1")).replace("QuantityAdjustment", "Nothing"), 3150),
    ],
)
def test_adjustments_that_are_refused_change_nothing(free, text, code):
    before = free.file.trial_balance(), held(free), len(free.file.documents())
    assert free.code(text) == code
    assert (free.file.trial_balance(), held(free), len(free.file.documents())) == before


def test_adjusting_needs_single_user_mode_except_in_enterprise():
    for edition, code in (("Premier", 3180), ("Pro", 3180), ("Enterprise", 0)):
        bench = buying_bench(edition=edition)
        bench.qb.mode = "multi"
        assert bench.code(adjustment(counted("Bowl", more="1"))) == code
        bench.qb.mode = "single"
        assert bench.code(adjustment(counted("Bowl", more="1"))) == 0


def test_a_closed_day_is_3171(bench):
    bench.file.preferences.closing_date = date(2026, 3, 2)
    assert bench.code(adjustment(counted("Bowl", more="1"))) == 3171


def test_an_adjustment_is_found(bench):
    bench.done(adjustment(counted("Bowl", more="1")))
    asked = "<RefNumber>A1</RefNumber><IncludeLineItems>true</IncludeLineItems>"
    reply = bench.done(f"<InventoryAdjustmentQueryRq>{asked}</InventoryAdjustmentQueryRq>")
    assert reply.text("AccountRef/FullName") == "Inventory Shrinkage"
    assert reply.text("InventoryAdjustmentLineRet/ItemRef/FullName") == "Bowl"


# -- value ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "value", "after"),
    [
        ({"worth": "-1.23"}, "-1.23", (10, "38.77")),
        ({"value": "50.00"}, "10.00", (10, "50.00")),
        ({"more": "-3", "worth": "-13.37"}, "-13.37", (7, "26.63")),
        ({"new": "12", "value": "45.00"}, "5.00", (12, "45.00")),
    ],
)
def test_a_value_adjustment_posts_exactly_its_difference(free, change, value, after):
    free.done(adjustment(revalued("Bowl", **change)))
    assert free.balance("Inventory Shrinkage") == -D(value)
    assert held(free) == (after[0], D(after[1]))


def test_the_published_schema_has_no_room_for_a_value(bench):
    assert bench.raw(adjustment(revalued("Bowl", worth="-1.23"))).hresult == "0x80040400"


# -- sites ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edition", "sites", "code"),
    [("Enterprise", True, 0), ("Enterprise", False, 3250), ("Premier", True, 3250)],
)
def test_moving_stock_needs_enterprise_with_sites(edition, sites, code):
    bench = buying_bench(edition=edition)
    bench.file.preferences.sites = sites
    for name in ("Leeds", "York"):
        bench.file.add_name("InventorySite", name, bench.now)
    before = bench.file.trial_balance()
    assert bench.code(transfer("Bowl", "3")) == code
    assert bench.file.trial_balance() == before
    enabled = bench.done("<PreferencesQueryRq/>").text("IsMultiLocationInventoryEnabled")
    assert enabled == ("false" if code else "true")


def test_transfers_are_read_strictly_and_found():
    bench = buying_bench(edition="Enterprise")
    bench.file.preferences.sites = True
    for name in ("Leeds", "York"):
        bench.file.add_name("InventorySite", name, bench.now)
    assert bench.code(transfer("Bowl", "3", target="Leeds")) == 3210
    assert bench.code(transfer("Bowl", "3", target="Hull")) == 3140
    assert bench.code(transfer("Bowl", "-3")) == 3210
    assert bench.code(transfer("Clay", "3")) == 3140
    start, _, rest = transfer("Bowl", "3").partition("<TransferInventoryLineAdd>")
    assert bench.code(start + rest.partition("</TransferInventoryLineAdd>")[2]) == 3150
    txn_id = bench.done(transfer("Bowl", "3")).text("TxnID")
    reply = bench.done(
        f"<TransferInventoryQueryRq><TxnID>{txn_id}</TxnID><IncludeLineItems>true</IncludeLineItems>"
        "</TransferInventoryQueryRq>"
    )
    assert reply.text("ToInventorySiteRef/FullName") == "York"
    assert reply.text("TransferInventoryLineRet/QuantityTransferred") == "3"
    assert bench.file.on_hand("Bowl").quantity == 10
    bench.done(GONE.format("TransferInventory", txn_id))


# -- the ledger without what QuickBooks found by itself ------------------------------------------------


def test_the_ledger_can_be_read_without_quickbooks_own_cost(bench):
    sold = sale("SalesReceipt", line("SalesReceipt", "Bowl", "30.00", quantity="3"), deposit="Checking")
    bench.done(sold)
    bench.done(sale("CreditMemo", line("CreditMemo", "Bowl", "10.00", quantity="1")))
    bench.done(
        journal(("Debit", "Cost of Goods Sold", "1.11", ""), ("Credit", "Inventory Asset", "1.11", ""))
    )
    bench.done(bill(spent("Cost of Goods Sold", "0.50"), bought("Bowl", "8.00", quantity="2")))
    bench.done(adjustment(counted("Bowl", more="-1"), account="Cost of Goods Sold"))
    whole = bench.file.trial_balance()
    assert (whole["Cost of Goods Sold"], whole["Inventory Asset"]) == (D("13.61"), D("34.89"))
    assert sum(bench.file.trial_balance(own_cost=False).values(), D(0)) == 0
    ours = bench.file.trial_balance(own_cost=False, own_value=False)
    assert (ours["Cost of Goods Sold"], ours["Inventory Asset"]) == (D("1.61"), D("46.89"))
    valued = bench.file.trial_balance(own_cost=False)
    assert (valued["Cost of Goods Sold"], valued["Inventory Asset"]) == (D("5.61"), D("42.89"))
    days = bench.file.ledger_by_day(own_cost=False, own_value=False).values()
    assert sum((day.get("Cost of Goods Sold", D(0)) for day in days), D(0)) == D("1.61")


def test_own_cost_stays_apart_after_saving_and_condensing(bench, tmp_path):
    bench.done(sale("SalesReceipt", line("SalesReceipt", "Bowl", "30.00", quantity="3"), day="2026-01-02"))
    bench.done(adjustment(counted("Bowl", more="-1")))
    ours = bench.file.trial_balance(own_cost=False)
    bench.file.save(tmp_path / "oak.qbw")
    assert type(bench.file).load(tmp_path / "oak.qbw").trial_balance(own_cost=False) == ours
    bench.file.condense(date(2026, 2, 1), bench.now)
    assert bench.file.trial_balance(own_cost=False) == ours
    assert "Cost of Goods Sold" not in ours
