"""Stock whose item QuickBooks does not count waits alone, by name; what stands beside it is adjusted all the same."""

from __future__ import annotations

import pytest
from trip import Trip

from qbconsole.store import holds
from qbconsole.views.postings import postings

USD = "USD"


@pytest.fixture
def trip(tmp_path):
    made = Trip(tmp_path)
    yield made
    made.close()


def change(number, sku, delta, *, title="", place="Leeds", cost="5.00"):
    item = {
        "id": f"gid://shopify/InventoryItem/{number}",
        "sku": sku,
        "unitCost": {"amount": cost, "currencyCode": USD},
    }
    if title:
        item["variant"] = {"id": f"gid://shopify/ProductVariant/7{number}", "displayName": title}
    return {
        "name": "on_hand",
        "delta": delta,
        "quantityAfterChange": 3,
        "item": item,
        "location": {"id": f"gid://shopify/Location/{place}", "name": place},
    }


def counted(*changes, number=55):
    group = {
        "id": f"gid://shopify/InventoryAdjustmentGroup/{number}",
        "createdAt": "2026-11-02T18:30:00Z",
        "reason": "damaged",
        "changes": list(changes),
    }
    return {"orders": [], "inventoryAdjustmentGroups": [group]}


MUG, BLUE, RED = (
    change(1, "MUG", -2),
    change(2, None, -3, title="Cup - Blue"),
    change(3, "", 4, title="Cup - Red"),
)


def day(trip, facts):
    trip.pull(facts)
    trip.book()
    trip.deliver()


def adjusted(trip):
    return sorted(
        (line.item, line.quantity)
        for filed in trip.company_file.documents()
        if filed.kind == "InventoryAdjustment"
        for line in filed.lines
    )


def waiting(trip):
    with trip.workspace.store.reading() as tx:
        return [row.hold for row in holds.open_holds(tx, flags_too=False)]


def test_the_stock_of_a_variant_without_a_sku_waits_alone_and_says_which_and_why(trip):
    day(trip, counted(MUG, BLUE, RED))
    assert adjusted(trip) == [("MUG", "-2")]
    blue, red = waiting(trip)
    assert blue.sentence == (
        'QuickBooks counts no stock of "Cup - Blue": it has no SKU, and "Shopify misc" is no inventory item.'
    )
    assert "mapping set merchants.oak-ember.items.variant.72 " in blue.next_step
    assert (red.where, red.cause) == ('stock of "Cup - Red"', "not_counted:73")
    # Only the way to QuickBooks is blocked: what the shop lost and found is told whole.
    told = postings(trip.workspace.store)["postings"]["2026-11-02"]
    assert told == {"inventory_adjustment": "5.00", "inventory_asset": "-5.00"}
    # Nothing that nobody asked for was added for it.
    assert "Shopify misc" not in trip.company_file.listed("Item")
    trip.book()
    trip.deliver()
    assert (adjusted(trip), len(waiting(trip))) == ([("MUG", "-2")], 2)


def test_with_a_sku_given_since_it_is_adjusted_and_what_has_none_goes_on_waiting(trip):
    day(trip, counted(MUG, BLUE, RED))
    day(trip, counted(MUG, change(2, "CUP-B", -3, title="Cup - Blue"), RED))
    assert adjusted(trip) == [("CUP-B", "-3"), ("MUG", "-2")]
    assert [hold.where for hold in waiting(trip)] == ['stock of "Cup - Red"']
    trip.book()
    trip.deliver()
    assert adjusted(trip) == [("CUP-B", "-3"), ("MUG", "-2")]


def test_mapped_to_an_inventory_item_it_is_adjusted_though_it_has_no_sku(trip):
    day(trip, counted(MUG, change(9, "ELSE", 1), BLUE, RED))
    path = trip.workspace.root / "mappings.toml"
    text = path.read_text(encoding="utf-8") + '\n[merchants.oak-ember.items.variant]\n72 = "ELSE"\n'
    path.write_text(text, encoding="utf-8")
    trip.book()
    trip.deliver()
    assert adjusted(trip) == [("ELSE", "-3"), ("ELSE", "1"), ("MUG", "-2")]
    assert [hold.where for hold in waiting(trip)] == ['stock of "Cup - Red"']


def test_without_a_title_it_is_told_by_the_number_of_its_inventory_item(trip):
    day(trip, counted(MUG, change(4, None, -1)))
    (hold,) = waiting(trip)
    assert hold.where == 'stock of "inventory item 4"'
    assert hold.next_step == "Give it a SKU in Shopify and pull. The next book then sends it."
    assert adjusted(trip) == [("MUG", "-2")]


def test_a_sku_given_after_it_was_adjusted_adjusts_nothing_again(trip):
    path = trip.workspace.root / "mappings.toml"
    mapped = path.read_text(encoding="utf-8") + '\n[merchants.oak-ember.items.variant]\n72 = "MUG"\n'
    path.write_text(mapped, encoding="utf-8")
    day(trip, counted(change(1, "MUG", -2), number=54))
    day(trip, counted(MUG, BLUE, RED))
    before = adjusted(trip)
    assert sum(int(units) for _, units in before) == -7
    day(trip, counted(MUG, change(2, "CUP-B", -3, title="Cup - Blue"), RED))
    day(trip, counted(change(1, "MUG-2", -2), change(2, "CUP-C", -3), change(3, "CUP-R", 4)))
    assert adjusted(trip) == sorted([*before, ("CUP-R", "4")])
    day(trip, counted(change(1, "MUG-3", -2), change(2, "CUP-D", -3), change(3, "CUP-S", 4)))
    assert adjusted(trip) == sorted([*before, ("CUP-R", "4")])
    assert waiting(trip) == []


def test_an_item_of_another_kind_does_not_keep_the_others_back(trip):
    trip.owner_sets_up(
        "<AccountAddRq><AccountAdd><Name>Fees</Name><AccountType>Income</AccountType></AccountAdd></AccountAddRq>",
        "<ItemServiceAddRq><ItemServiceAdd><Name>CARE</Name><SalesOrPurchase><AccountRef><FullName>Fees</FullName>"
        "</AccountRef></SalesOrPurchase></ItemServiceAdd></ItemServiceAddRq>",
    )
    trip.deliver()  # the lists are read
    day(trip, counted(change(4, "CARE", -1), MUG))
    assert adjusted(trip) == [("MUG", "-2")]
    (hold,) = waiting(trip)
    assert hold.sentence == 'QuickBooks counts no stock of "CARE": it is no inventory item.'


def test_where_no_variant_has_a_sku_each_waits_for_itself_and_nothing_is_refused(trip):
    day(trip, counted(BLUE, RED))
    assert (adjusted(trip), len(waiting(trip))) == ([], 2)
    day(trip, counted(change(2, "CUP-B", -3), RED))
    assert (adjusted(trip), len(waiting(trip))) == ([("CUP-B", "-3")], 1)


def purchase(*receipts, bills=()):
    lines = [{"sku": sku, "quantity": 5, "unitCost": "2.00"} for sku in ("MUG", "", "CARE")]
    back = {"number": "CR-1", "creditedAt": "2026-11-09", "lines": [lines[1] | {"quantity": 1}]}
    told = {
        "number": "PO-1",
        "vendor": "Potter",
        "orderedAt": "2026-11-01",
        "currencyCode": USD,
        "lines": lines,
    }
    got = [{"id": one, "receivedAt": "2026-11-03", "lines": lines} for one in receipts]
    credits = [back] if receipts else []
    return {
        "orders": [],
        "purchases": [told | {"receipts": got, "bills": list(bills), "vendorCredits": credits}],
    }


@pytest.mark.parametrize("ordered_before", [True, False])
def test_goods_without_stock_are_bought_on_the_account_we_say_not_on_the_income_they_sell_on(
    trip, ordered_before
):
    trip.owner_sets_up(
        "<AccountAddRq><AccountAdd><Name>Fees</Name><AccountType>Income</AccountType></AccountAdd></AccountAddRq>",
        "<ItemServiceAddRq><ItemServiceAdd><Name>CARE</Name><SalesOrPurchase><AccountRef><FullName>Fees</FullName>"
        "</AccountRef></SalesOrPurchase></ItemServiceAdd></ItemServiceAddRq>",
    )
    trip.deliver()  # the lists are read
    if ordered_before:
        day(trip, purchase())
    day(trip, purchase("R1"))
    day(trip, purchase("R1"))
    ledger = {name: amount for name, amount in trip.company_file.trial_balance().items() if amount}
    assert {name: str(amount) for name, amount in ledger.items()} == {
        "Inventory Asset": "28.00",
        "Accounts Payable": "-28.00",
    }
    assert waiting(trip) == []
