"""Where QuickBooks keeps the stock: told late, told in pieces or told at once, its stock and its cost are the same."""

from __future__ import annotations

import pytest
from builders import Agreed, Back, Line, Pay, Sold
from golden.harness import ledger_beside_postings
from shopday import counted, documents_of
from trip import Trip

from qbconsole.views.postings import postings

MUG = Line(price="10.00", quantity=3)
SALE = Agreed([Sold(total="30.00", quantity=3, line=1)])
BACK = Agreed([Sold(total="-20.00", quantity=-2, line=1, action="RETURN")], "REFUND", "03-05 10:00")
SWAP = Agreed(
    [
        Sold(total="-20.00", quantity=-2, line=1, action="RETURN"),
        Sold(total="20.00", quantity=1, line=2),
    ],
    "RETURN",
    "03-05 10:00",
)
#: Ten mugs at 4.00, so that QuickBooks has an average cost to move.
BOUGHT = {
    "number": "PO-1",
    "vendor": "Kiln",
    "orderedAt": "2026-02-01",
    "currencyCode": "USD",
    "lines": [{"sku": "SKU-1", "quantity": 10, "unitCost": "4.00"}],
    "receipts": [
        {
            "id": "R1",
            "receivedAt": "2026-02-02",
            "lines": [{"sku": "SKU-1", "quantity": 10, "unitCost": "4.00"}],
        }
    ],
    "bills": [],
}
KINDS = {"RETURN": "RETURN", "OUT": "NO_RESTOCK"}


def told(words: str, updated: str, *, swap: bool = False) -> dict:
    """An order of three mugs of which two came back; `words` say what became of each: "RETURN OUT", "" for nothing."""
    lines = (MUG, Line(price="20.00", current=1, quantity=1)) if swap else (MUG,)
    money = Pay(amount="20.00", kind="REFUND", at="03-05 10:01")
    order = counted(
        *lines,
        pays=[Pay(amount="30.00"), *([] if swap else [money])],
        agreements=[SALE, SWAP if swap else BACK],
        refunds=[
            Back(lines=[(1, 1, "10.00", "0")], restock=KINDS[word], at=f"03-0{5 + n} 1{n}:00")
            for n, word in enumerate(words.split())
        ],
        updated=updated,
        **({"totalPriceSet": _bag("30.00"), "currentTotalPriceSet": _bag("30.00")} if swap else {}),
    )
    if swap:
        # Shopify tells the exchanged line with the order, but the order's own total is of what was bought first.
        order["lineItems"]["nodes"][1]["originalTotalSet"] = _bag("0.00")
    return order


def _bag(amount: str) -> dict:
    money = {"amount": amount, "currencyCode": "USD"}
    return {"shopMoney": money, "presentmentMoney": money}


def books(root, sales: str, *states: str, swap: bool = False):
    """What QuickBooks has after these states of the order were pulled, booked and delivered one after the other."""
    root.mkdir()
    modes = {"sales": sales, "inventory": "detailed"}
    trip = Trip(root, settings={"policy": {"cogs": "quickbooks"}, "modes": modes})
    try:
        trip.pull({"purchases": [BOUGHT]})
        trip.book()
        trip.deliver()
        for number, words in enumerate(states):
            trip.pull({"orders": [told(words, f"03-2{number} 12:00", swap=swap)]})
            trip.book()
            trip.deliver()
        assert not trip.book().documents
        assert postings(trip.workspace.store)["holds"] == []
        ledger, ours = ledger_beside_postings(trip, apart=True)
        assert ledger == ours
        days = postings(trip.workspace.store)["postings"]
        roles = {role for day, amounts in days.items() if day > "2026-03" for role in amounts}
        assert not {"cogs", "inventory_asset", "inventory_adjustment"} & roles
        moved = [
            {line.sku: line.quantity for line in one.plan.lines}
            for one in documents_of(trip, "InventoryAdjustment")
        ]
        stock = {sku: trip.company_file.on_hand(sku).quantity for sku in ("SKU-1", "SKU-2")[: 1 + swap]}
        return stock, dict(trip.company_file.trial_balance()), moved
    finally:
        trip.close()


@pytest.mark.parametrize("sales", ["detailed", "summary"])
@pytest.mark.parametrize(
    "states",
    [
        ("", "OUT OUT"),
        ("", "OUT", "OUT RETURN"),
        ("OUT OUT", "RETURN OUT"),
        ("OUT OUT", "RETURN RETURN", "RETURN OUT"),
        ("RETURN OUT",),
    ],
    ids=lambda states: "-then-".join(state.replace(" ", "+").lower() or "nothing" for state in states),
)
def test_told_late_stock_and_cost_are_as_if_told_at_once(tmp_path, sales, states):
    late, late_ledger, _ = books(tmp_path / "late", sales, *states)
    at_once, ledger, _ = books(tmp_path / "once", sales, states[-1])
    back = states[-1].split().count("RETURN")
    assert late == at_once == {"SKU-1": 7 + back}
    assert late_ledger == ledger
    assert ledger["Cost of Goods Sold"] == 4 * (3 - back)


@pytest.mark.parametrize("sales", ["detailed", "summary"])
def test_an_exchange_is_corrected_too(tmp_path, sales):
    stock, _, moved = books(tmp_path / "late", sales, "", "OUT RETURN", swap=True)
    assert stock == {"SKU-1": 8, "SKU-2": -1}
    assert moved[-1] == {"SKU-1": -1}


def test_the_adjustment_tells_what_it_is_for(tmp_path):
    trip = Trip(tmp_path, settings={"policy": {"cogs": "quickbooks"}, "modes": {"inventory": "detailed"}})
    try:
        for words, updated in (("", "03-20 12:00"), ("OUT OUT", "03-21 12:00")):
            trip.pull({"orders": [told(words, updated)]})
            trip.book()
        (adjusted,) = documents_of(trip, "InventoryAdjustment")
        assert adjusted.plan.memo == "Restocking of #1001 as told later"
        assert adjusted.plan.on.isoformat() == "2026-03-06"
        assert adjusted.plan.postings == ()
    finally:
        trip.close()
