"""Inventory groups and purchases as JSON -> values: lenient about what is absent, strict about what is wrong."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from builders import SHOP
from hypothesis import given
from hypothesis import strategies as st

from qbconsole.errors import InputUnreadable
from qbconsole.money import Money
from qbconsole.shop.purchases import Purchase
from qbconsole.shop.stock import StockGroup, UnitCost
from qbconsole.sources.shopify.reading import read_shop
from qbconsole.sources.shopify.reading_stock import read_purchase, read_stock_group

OAK = read_shop(SHOP)
GROUP: dict[str, Any] = {
    "id": "gid://shopify/InventoryAdjustmentGroup/55?x=1",
    "createdAt": "2026-03-02T15:00:00Z",
    "reason": "damaged",
    "changes": [
        {
            "name": "on_hand",
            "delta": -2,
            "quantityAfterChange": 3,
            "item": {
                "id": "gid://shopify/InventoryItem/9",
                "sku": " A ",
                "unitCost": {"amount": "5.125", "currencyCode": "USD"},
            },
            "location": {"id": "gid://shopify/Location/1", "name": "Leeds"},
        }
    ],
}
LINE = {"sku": "A", "quantity": 10, "unitCost": "5.00"}
PURCHASE: dict[str, Any] = {
    "number": "PO-7",
    "vendor": "Acme",
    "orderedAt": "2026-03-01",
    "currencyCode": "USD",
    "lines": [LINE],
    "receipts": [{"id": "R1", "receivedAt": "2026-03-05", "lines": [LINE]}],
    "bills": [
        {
            "number": "INV-1",
            "billedAt": "2026-03-09",
            "receipt": "R1",
            "lines": [LINE],
            "freight": "8.0",
            "tax": "1",
        }
    ],
    "vendorCredits": [{"number": "CR-1", "creditedAt": "2026-03-20", "lines": [LINE], "amount": "7.50"}],
}


def changed(raw: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """The row with one value replaced: "receipts.0.lines.0.unitCost"."""
    told = copy.deepcopy(raw)
    *way, last = path.split(".")
    at: Any = told
    for step in way:
        at = at[int(step)] if isinstance(at, list) else at[step]
    at[int(last) if isinstance(at, list) else last] = value
    return told


def test_a_group_is_read_whole():
    group = read_stock_group(GROUP, OAK)
    (change,) = group.changes
    assert (group.id, group.created_at, group.reason) == (
        "55",
        datetime(2026, 3, 2, 15, tzinfo=UTC),
        "damaged",
    )
    assert (change.name, change.delta, change.item_id, change.sku) == ("on_hand", -2, "9", "A")
    assert (change.location, change.location_id) == ("Leeds", "1")
    assert change.unit_cost == UnitCost(Decimal("5.125"), "USD")


def test_of_a_group_little_is_needed():
    assert read_stock_group({"id": "5", "createdAt": "2026-03-02"}, OAK) == StockGroup(
        id="5", created_at=date(2026, 3, 2)
    )
    bare = {"id": "5", "createdAt": "2026-03-02", "changes": {"nodes": [{"delta": 1, "item": {"sku": "A"}}]}}
    (change,) = read_stock_group(bare, OAK).changes
    assert (change.item_id, change.name, change.location, change.unit_cost) == ("A", "", "", None)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("id", None),
        ("id", "a/b]"),
        ("createdAt", None),
        ("createdAt", "yesterday"),
        ("createdAt", "2026-W10-1"),
        ("createdAt", "9999-12-31T23:59:59Z"),
        ("createdAt", 20260302),
        ("changes", "all"),
        ("changes", [None]),
        ("changes.0.delta", None),
        ("changes.0.delta", 1.5),
        ("changes.0.delta", "2"),
        ("changes.0.delta", True),
        ("changes.0.delta", 10**30),
        ("changes.0.item", []),
        ("changes.0.item", {"sku": " "}),
        ("changes.0.location", "Leeds"),
        ("changes.0.item.unitCost", "5.00"),
        ("changes.0.item.unitCost.amount", None),
        ("changes.0.item.unitCost.amount", "NaN"),
        ("changes.0.item.unitCost.amount", "1e9"),
        ("changes.0.item.unitCost.amount", 5.25),
        ("changes.0.item.unitCost.currencyCode", "dollars"),
    ],
)
def test_a_malformed_group_names_its_place(path, value):
    with pytest.raises(InputUnreadable) as caught:
        read_stock_group(changed(GROUP, path, value), OAK)
    named = str(caught.value).replace("[0]", ".0")
    assert path in named
    assert "stock group" in named


def test_a_purchase_is_read_whole():
    purchase = read_purchase(PURCHASE | {"somethingNew": {"x": 1}}, OAK)
    (receipt,), (bill,), (credit,) = purchase.receipts, purchase.bills, purchase.returns
    assert (purchase.number, purchase.vendor, purchase.ordered_on, purchase.currency) == (
        "PO-7",
        "Acme",
        date(2026, 3, 1),
        "USD",
    )
    assert (receipt.id, receipt.received_on, receipt.lines) == ("R1", date(2026, 3, 5), purchase.lines)
    assert (bill.number, bill.billed_on, bill.receipt_id) == ("INV-1", date(2026, 3, 9), "R1")
    assert (bill.freight, bill.tax) == (Money.of("8", "USD"), Money.of("1", "USD"))
    assert (credit.number, credit.credited_on, credit.amount) == (
        "CR-1",
        date(2026, 3, 20),
        Money.of("7.50", "USD"),
    )
    assert purchase.lines[0].amount == Money.of("50", "USD")


def test_of_a_purchase_only_the_number_is_needed():
    assert read_purchase({"number": 7}, OAK) == Purchase(
        number="7", vendor="", ordered_on=None, currency="USD"
    )
    bare = read_purchase(PURCHASE | {"bills": [{"number": "1", "billedAt": "2026-03-09"}]}, OAK).bills[0]
    assert (bool(bare.freight), bool(bare.tax), bare.receipt_id, bare.lines) == (False, False, None, ())


def test_lines_of_no_units_are_left_out():
    assert read_purchase(changed(PURCHASE, "lines.0.quantity", 0), OAK).lines == ()


def test_a_time_becomes_the_shops_date():
    """Half past three at night in UTC is still the day before in New York; a bare date is not moved."""
    late = read_purchase(changed(PURCHASE, "receipts.0.receivedAt", "2026-03-05T03:30:00Z"), OAK)
    assert late.receipts[0].received_on == date(2026, 3, 4)


def test_a_number_used_twice_is_told_apart():
    twice = read_purchase(PURCHASE | {"bills": PURCHASE["bills"] * 2}, OAK)
    assert [(bill.id, bill.number) for bill in twice.bills] == [("INV-1", "INV-1"), ("INV-1 (2)", "INV-1")]


def test_two_receipts_of_one_id_are_refused():
    with pytest.raises(InputUnreadable, match=r"receipts\[1\]\.id of purchase PO-7"):
        read_purchase(PURCHASE | {"receipts": PURCHASE["receipts"] * 2}, OAK)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("number", None),
        ("number", " "),
        ("number", "x" * 81),
        ("number", "a\nb"),
        ("number", ["PO"]),
        ("currencyCode", "US dollars"),
        ("orderedAt", "01/03/2026"),
        ("lines", {"nodes": "A"}),
        ("lines", ["A"]),
        ("lines.0.quantity", None),
        ("lines.0.quantity", -1),
        ("lines.0.quantity", 2.0),
        ("lines.0.unitCost", None),
        ("lines.0.unitCost", 5.0),
        ("lines.0.unitCost", "-5"),
        ("lines.0.unitCost", "5,00"),
        ("lines.0.unitCost", "٥"),
        ("lines.0.unitCost", "Infinity"),
        ("receipts", "R1"),
        ("receipts.0.id", None),
        ("receipts.0.receivedAt", None),
        ("receipts.0.lines.0.unitCost", ""),
        ("bills.0.number", None),
        ("bills.0.billedAt", "2026-13-01"),
        ("bills.0.freight", "1.005"),
        ("bills.0.freight", "much"),
        ("bills.0.tax", 0.1),
        ("bills.0.receipt", {}),
        ("vendorCredits.0.creditedAt", "1066-10-14"),
        ("vendorCredits.0.amount", "1 000"),
    ],
)
def test_a_malformed_purchase_names_its_place(path, value):
    with pytest.raises(InputUnreadable) as caught:
        read_purchase(changed(PURCHASE, path, value), OAK)
    named = str(caught.value).replace("[0]", ".0")
    assert path in named
    assert "purchase" in named


def read_or_none(read: Any, raw: dict[str, Any]) -> Any:
    """None where it is refused by name; any other exception is a fault of the reader."""
    try:
        return read(raw, OAK)
    except InputUnreadable:
        return None


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["5.00", "2026-03-01"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


@given(
    st.sampled_from(
        ["number", "lines", "receipts", "bills.0", "bills.0.lines", "receipts.0.lines.0", "lines.0.unitCost"]
    ),
    JSON,
)
def test_whatever_stands_in_a_purchase_it_is_read_or_refused(path, value):
    purchase = read_or_none(read_purchase, changed(PURCHASE, path, value))
    assert purchase is None or purchase.number


@given(
    st.sampled_from(
        ["id", "createdAt", "reason", "changes", "changes.0", "changes.0.item", "changes.0.item.unitCost"]
    ),
    JSON,
)
def test_whatever_stands_in_a_group_it_is_read_or_refused(path, value):
    group = read_or_none(read_stock_group, changed(GROUP, path, value))
    assert group is None or group.id
