"""Stock groups: what remains of a group posts at unit cost, what cancels has moved and posts nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from builders import SHOP
from hypothesis import given
from hypothesis import strategies as st

from qbconsole.books.facts.drawn import Drawn
from qbconsole.books.facts.stock import draw_stock_group
from qbconsole.books.holds import Reason
from qbconsole.books.plan import DocumentKind, LineKind
from qbconsole.books.policy import Modes, Policy, Settings
from qbconsole.books.proof import prove_plans
from qbconsole.sources.shopify.reading import read_shop
from qbconsole.sources.shopify.reading_stock import read_stock_group

OAK = read_shop(SHOP)
SUMMARY = {"modes": Modes(inventory="summary"), "policy": Policy(cogs="unit_cost")}
SITES = {"policy": Policy(transfers="sites")}


def change(
    sku: str,
    delta: int,
    cost: str | None = "5.00",
    at: str = "Leeds",
    name: str = "on_hand",
    money: str = "USD",
) -> dict[str, Any]:
    return {
        "name": name,
        "delta": delta,
        "quantityAfterChange": 10,
        "item": {
            "id": f"gid://shopify/InventoryItem/{sku}",
            "sku": sku,
            "unitCost": None if cost is None else {"amount": cost, "currencyCode": money},
        },
        "location": {"id": f"gid://shopify/Location/{at}", "name": at},
    }


def group(*changes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "gid://shopify/InventoryAdjustmentGroup/55",
        "createdAt": "2026-03-02T03:30:00Z",  # the evening before in New York
        "reason": "damaged",
        "changes": list(changes),
    } | more


def drawn(raw: dict[str, Any], **settings: Any) -> Drawn:
    found = draw_stock_group(read_stock_group(raw, OAK), OAK, Settings(merchant="oak", **settings), ())
    prove_plans(found.plans)
    return found


def amounts(found: Drawn) -> dict[str, str]:
    return {posting.role: posting.amount.text() for plan in found.plans for posting in plan.postings}


def test_a_loss_of_two_at_five():
    found = drawn(group(change("A", -2)))
    (plan,), (event,) = found.plans, found.events
    (line,) = plan.lines
    assert (event.key, event.on, plan.on) == ("stock/55", date(2026, 3, 1), date(2026, 3, 1))
    assert (plan.kind, plan.key, plan.money_role, plan.number, plan.memo) == (
        DocumentKind.INVENTORY_ADJUSTMENT,
        "qbc1/oak/stock/55/1/0",
        "inventory_adjustment",
        "55A",
        "Stock adjusted: damaged",
    )
    assert (line.kind, line.role, line.amount.text(), line.quantity, line.sku, line.site) == (
        LineKind.PRODUCT,
        "inventory_asset",
        "-10.00",
        -2,
        "A",
        "Leeds",
    )
    assert amounts(found) == {"inventory_adjustment": "10.00", "inventory_asset": "-10.00"}
    assert found.holds == ()


def test_unit_cost_without_stock_in_quickbooks_is_a_journal():
    found = drawn(group(change("A", 3, "4.25"), change("B", -1, "2.00")), **SUMMARY)
    assert [plan.kind for plan in found.plans] == [DocumentKind.JOURNAL_ENTRY]
    assert amounts(found) == {"inventory_adjustment": "-10.75", "inventory_asset": "10.75"}


def test_only_what_lies_on_hand_counts():
    found = drawn(group(change("A", -2, name="available"), change("A", 2, name="damaged")))
    assert found == Drawn()
    found = drawn(group(change("A", -2, name="available"), change("A", -1)))
    assert amounts(found) == {"inventory_adjustment": "5.00", "inventory_asset": "-5.00"}


def test_with_cost_off_a_group_posts_nothing():
    off = Policy(cogs="off")
    found = drawn(group(change("A", -2), change("B", -1, None)), policy=off, modes=Modes(inventory="summary"))
    assert ([event.key for event in found.events], found.plans, found.holds) == (["stock/55"], (), ())


def test_what_cancels_has_moved_and_posts_nothing():
    found = drawn(group(change("A", -4), change("A", 4, at="York")))
    assert ([event.key for event in found.events], found.plans, found.holds) == (["transfer/55"], (), ())


def test_only_what_does_not_cancel_is_lost():
    """5 left Leeds, 3 came to York: 2 are gone, from Leeds."""
    found = drawn(group(change("A", -5), change("A", 3, at="York")))
    assert [event.key for event in found.events] == ["stock/55", "transfer/55"]
    assert [(line.quantity, line.site) for line in found.plans[0].lines] == [(-2, "Leeds")]
    assert amounts(found) == {"inventory_adjustment": "10.00", "inventory_asset": "-10.00"}


def test_two_locations_of_one_name_are_two():
    there = change("A", 4)
    there["location"] = {"id": "gid://shopify/Location/2", "name": "Leeds"}
    found = drawn(group(change("A", -4), there))
    assert [event.key for event in found.events] == ["transfer/55"]


def test_items_do_not_cancel_each_other():
    found = drawn(group(change("A", -1), change("B", 1, "7.00", at="York")))
    assert [event.key for event in found.events] == ["stock/55"]
    assert amounts(found) == {"inventory_adjustment": "-2.00", "inventory_asset": "2.00"}


def test_with_sites_a_move_is_a_transfer_a_pair_of_locations():
    changes = [change("A", -4), change("A", 3, at="York"), change("A", 1, at="Hull"), change("B", -2, None)]
    found = drawn(group(*changes, change("B", 2, None, at="York")), **SITES)
    york, hull = found.plans
    assert york.kind is hull.kind is DocumentKind.TRANSFER_INVENTORY
    assert [(line.sku, line.quantity, line.site) for line in york.lines] == [
        ("A", -3, "Leeds"),
        ("A", 3, "York"),
        ("B", -2, "Leeds"),
        ("B", 2, "York"),
    ]
    assert [(line.sku, line.quantity, line.site) for line in hull.lines] == [
        ("A", -1, "Leeds"),
        ("A", 1, "Hull"),
    ]
    assert (york.key, hull.key) == ("qbc1/oak/transfer/55/1/0", "qbc1/oak/transfer/55/2/0")
    assert [(member.event_key, member.part) for plan in found.plans for member in plan.members] == [
        ("transfer/55", "1"),
        ("transfer/55", "2"),
    ]
    assert (york.postings, york.memo, found.holds) == ((), "Stock moved from Leeds to York", ())


def test_no_sites_without_stock_in_quickbooks():
    settings = {"modes": Modes(inventory="summary"), "policy": Policy(cogs="unit_cost", transfers="sites")}
    assert drawn(group(change("A", -4), change("A", 4, at="York")), **settings).plans == ()


def test_without_unit_cost_units_are_adjusted_no_cost_is_posted_and_a_flag_says_so():
    found = drawn(group(change("A", -2), change("B", -3, None)))
    (hold,) = found.holds
    told = [(line.sku, line.quantity, line.amount.text()) for line in found.plans[0].lines]
    assert told == [("A", -2, "-10.00"), ("B", -3, "0.00")]
    assert amounts(found) == {"inventory_adjustment": "10.00", "inventory_asset": "-10.00"}
    assert (hold.reason, hold.is_flag, hold.subject) == (Reason.NO_UNIT_COST, True, "stock/55")
    assert "no unit cost of B" in hold.sentence


def test_without_unit_cost_a_journal_has_nothing_to_say():
    found = drawn(group(change("B", -3, None)), **SUMMARY)
    assert ([hold.reason for hold in found.holds], found.plans) == ([Reason.NO_UNIT_COST], ())


def test_a_flag_names_a_few_products_and_counts_the_rest():
    found = drawn(group(*(change(f"S{at}", -1, None) for at in range(7))))
    assert "S0, S1, S2, S3, S4 and 2 more, so" in found.holds[0].sentence


def test_goods_that_cost_nothing_are_still_counted_where_quickbooks_keeps_stock():
    found = drawn(group(change("A", -2, "0")))
    assert (found.plans[0].lines[0].quantity, found.plans[0].postings) == (-2, ())
    assert drawn(group(change("A", -2, "0")), **SUMMARY).plans == ()


def test_a_cost_finer_than_a_cent_is_rounded_once_a_line():
    found = drawn(group(change("A", -3, "0.125")))
    assert amounts(found) == {"inventory_adjustment": "0.38", "inventory_asset": "-0.38"}


def test_a_cost_in_another_currency_is_held():
    found = drawn(group(change("A", -2), change("B", -1, money="CAD")))
    (hold,) = found.holds
    assert (found.plans, hold.reason, hold.subject) == ((), Reason.CURRENCY_MISMATCH, "stock/55")


def test_before_the_start_it_is_held():
    changes = [change("A", -5), change("A", 3, at="York")]
    found = drawn(group(*changes), start=date(2026, 3, 2), **SITES)
    assert [(hold.reason, hold.subject) for hold in found.holds] == [
        (Reason.BEFORE_START, "stock/55"),
        (Reason.BEFORE_START, "transfer/55"),
    ]
    assert found.plans == ()


@pytest.mark.parametrize(
    "reason", ["restock", "received", "cycle_count_available", "correction", "other", ""]
)
def test_a_reason_that_staff_choose_posts(reason):
    assert len(drawn(group(change("A", 1), reason=reason)).plans) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"reason": "order_fulfilled"},
        {"reason": "Refund restock"},
        {"reason": "return"},
        {"referenceDocumentUri": "gid://shopify/Order/873"},
        {"referenceDocumentUri": "gid://shopify/Refund/9"},
    ],
)
def test_what_an_order_caused_is_not_counted_twice(more):
    found = drawn(group(change("A", 1), **more))
    (hold,) = found.holds
    assert (found.plans, hold.reason, hold.is_flag) == ((), Reason.COUNTED_WITH_ORDER, False)


def test_a_date_without_a_time_is_a_shop_date():
    assert drawn(group(change("A", 1), createdAt="2026-03-02")).events[0].on == date(2026, 3, 2)


def test_todays_cost_does_not_change_what_the_group_said():
    """Shopify tells an item's present cost; the one first booked stays (convention 26)."""
    first, later = drawn(group(change("A", -2))), drawn(group(change("A", -2, "6.00")))
    assert first.events == later.events
    assert first.events != drawn(group(change("A", -3))).events


CHANGES = st.lists(
    st.builds(
        change,
        st.sampled_from("ABC"),
        st.integers(-9, 9),
        st.sampled_from(["5.00", "0.333", "12.5", None]),
        st.sampled_from(["Leeds", "York", "Hull"]),
        st.sampled_from(["on_hand", "on_hand", "available"]),
    ),
    max_size=12,
)


@given(CHANGES)
def test_nothing_is_lost_between_what_moved_and_what_remains(changes):
    """Units at every location add up to the group's; both kinds of document post the same."""
    found = drawn(group(*changes), **SITES)
    told: dict[tuple[str, str], int] = {}
    for row in changes:
        if row["name"] == "on_hand":
            at = (row["item"]["sku"], row["location"]["name"])
            told[at] = told.get(at, 0) + row["delta"]
    seen: dict[tuple[str, str], int] = {}
    for plan in found.plans:
        for line in plan.lines:
            seen[(line.sku, line.site)] = seen.get((line.sku, line.site), 0) + (line.quantity or 0)
    for (sku, site), units in told.items():
        assert seen.get((sku, site), 0) == units
    assert amounts(found) == amounts(drawn(group(*changes), **SUMMARY))
    assert found == drawn(group(*changes), **SITES)
