"""Stock in summary: what a shop day sold leaves QuickBooks' shelves, once, whatever happens in between."""

from __future__ import annotations

from decimal import Decimal

import pytest
from builders import Back, Line, Pay
from golden.harness import ledger_beside_postings, sent_by
from lxml import etree
from shopday import counted, documents_of
from trip import SHOP, Trip

from qbconsole.sync import book as booking
from qbconsole.views.postings import postings

SETTINGS = {
    "policy": {"cogs": "quickbooks", "closed_period": "first_open_day"},
    "modes": {"sales": "summary", "inventory": "detailed"},
}
MUG = Line(price="10.00", quantity=3)


def pays(amount: str, *more: Pay) -> tuple[Pay, ...]:
    return (Pay(amount=amount), *more)


@pytest.fixture
def trip(tmp_path):
    trip = Trip(tmp_path, settings=SETTINGS)
    yield trip
    trip.close()


def moved(trip: Trip) -> list[dict[str, int]]:
    """The adjustments, each as units by SKU."""
    return [
        {line.sku: line.quantity for line in one.plan.lines}
        for one in documents_of(trip, "InventoryAdjustment")
    ]


def pull_and_book(trip: Trip, *orders, **facts) -> None:
    trip.pull({"orders": list(orders), **facts})
    trip.book()


def test_what_was_sold_leaves_and_what_was_put_back_returns(trip):
    money_back = Pay(amount="20.00", kind="REFUND", at="03-05 10:00")
    sold = counted(MUG, number=1, pays=pays("30.00"))
    back = counted(
        MUG,
        Line(price="5.00"),
        number=2,
        pays=pays("35.00", money_back),
        refunds=[Back(lines=[(1, 2, "20.00", "0")], pays=[2])],
    )
    broken = counted(
        MUG,
        number=3,
        pays=pays("30.00", Pay(amount="10.00", kind="REFUND", at="03-05 10:00")),
        refunds=[Back(lines=[(1, 1, "10.00", "0")], pays=[2], restock="NO_RESTOCK")],
    )
    pull_and_book(trip, sold, back, broken)
    assert moved(trip) == [{"SKU-1": -9, "SKU-2": -1}, {"SKU-1": 2}]
    told = postings(trip.workspace.store)
    assert not {"cogs", "inventory_asset"} & {role for day in told["postings"].values() for role in day}
    trip.deliver()
    assert postings(trip.workspace.store)["holds"] == []
    assert trip.company_file.on_hand("SKU-1").quantity == -7
    ledger, ours = ledger_beside_postings(trip, apart=True)
    assert ledger == ours


def test_the_document_is_the_days_and_has_its_key(trip):
    pull_and_book(trip, counted(MUG, pays=pays("30.00")))
    (one,) = documents_of(trip, "InventoryAdjustment")
    assert one.row.key == "qbc1/oak-ember/day/2026-03-02.other..USD/S1/0"
    assert [(member.event_key, member.part) for member in one.members] == [("order/1", "stock")]
    assert one.plan.postings == ()
    sent = etree.fromstring(f"<all>{sent_by(trip)}</all>")
    assert sent.findtext(".//InventoryAdjustmentAdd/AccountRef/FullName") == "Cost of Goods Sold"


def test_an_unsent_part_is_drawn_up_anew_under_its_key(trip):
    pull_and_book(trip, counted(MUG, number=1, pays=pays("30.00")))
    pull_and_book(trip, counted(MUG, number=2, pays=pays("30.00")))
    assert moved(trip) == [{"SKU-1": -6}]
    pull_and_book(trip, counted(MUG, number=2, pays=pays("30.00"), updated="03-21 12:00"))
    assert moved(trip) == [{"SKU-1": -6}]


def test_what_comes_after_the_part_was_sent_opens_the_next(trip):
    pull_and_book(trip, counted(MUG, number=1, pays=pays("30.00")))
    trip.deliver()
    pull_and_book(trip, counted(Line(price="10.00"), number=2, pays=pays("10.00")))
    assert moved(trip) == [{"SKU-1": -3}, {"SKU-1": -1}]
    assert documents_of(trip, "InventoryAdjustment")[1].row.key.endswith("/S2/0")
    trip.deliver()
    assert trip.company_file.on_hand("SKU-1").quantity == -4


def test_an_open_part_that_would_come_to_nothing_is_left_and_answered_by_the_next(trip):
    """The goods of a day come back on the same day, after it was booked and before it was sent."""
    pull_and_book(trip, counted(MUG, pays=pays("30.00")))
    money_back = Pay(amount="30.00", kind="REFUND", at="03-02 18:00")
    back = Back(lines=[(1, 3, "30.00", "0")], pays=[2], at="03-02 18:00")
    pull_and_book(trip, counted(MUG, pays=pays("30.00", money_back), refunds=[back], updated="03-21 12:00"))
    assert moved(trip) == [{"SKU-1": -3}, {"SKU-1": 3}]
    trip.deliver()
    assert trip.company_file.on_hand("SKU-1").quantity == 0


def test_two_chunks_share_one_part(trip, monkeypatch):
    monkeypatch.setattr(booking, "CHUNK", 1)
    pull_and_book(trip, *(counted(MUG, number=n, pays=pays("30.00")) for n in (1, 2, 3)))
    assert moved(trip) == [{"SKU-1": -9}]


def test_a_session_that_takes_the_part_meanwhile_leaves_it_as_it_was_sent(trip, monkeypatch):
    pull_and_book(trip, counted(MUG, number=1, pays=pays("30.00")))
    day_cases, sessions = booking.day_cases, []

    def with_a_session_in_between(*given):
        cases = day_cases(*given)
        if not sessions:
            sessions.append(trip.deliver())
        return cases

    monkeypatch.setattr(booking, "day_cases", with_a_session_in_between)
    pull_and_book(trip, counted(Line(price="10.00"), number=2, pays=pays("10.00")))
    assert moved(trip) == [{"SKU-1": -3}, {"SKU-1": -1}]
    trip.deliver()
    assert trip.company_file.on_hand("SKU-1").quantity == -4
    ledger, ours = ledger_beside_postings(trip, apart=True)
    assert ledger == ours


def test_a_closed_day_moves_its_goods_with_its_amounts(trip):
    pull_and_book(trip, counted(MUG, pays=pays("30.00")), closing_date="2026-03-31")
    (one,) = documents_of(trip, "InventoryAdjustment")
    assert one.plan.on.isoformat() == "2026-04-01"


def test_a_gift_of_no_price_leaves_the_shelf_though_it_posts_nothing(trip):
    free = counted(Line(price="0.00"), number=1)
    pull_and_book(trip, free)
    pull_and_book(trip, free)
    assert moved(trip) == [{"SKU-1": -1}]
    assert documents_of(trip, "JournalEntry") == documents_of(trip, "SalesReceipt") == []


@pytest.mark.parametrize("line", [Line(price="10.00", sku=None), Line(price="10.00", gift_card=True)])
def test_what_nobody_counts_moves_nothing(trip, line):
    pull_and_book(trip, counted(line, pays=pays("10.00")))
    pull_and_book(trip, counted(Line(price="1.00"), number=2, tracked=False, pays=pays("1.00")))
    assert moved(trip) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"policy": {"cogs": "off"}, "modes": {"sales": "summary", "inventory": "summary"}},
        {"policy": {"cogs": "quickbooks"}, "modes": {"sales": "detailed", "inventory": "detailed"}},
    ],
)
def test_no_adjustment_where_quickbooks_keeps_no_stock_or_receipts_relieve_it(tmp_path, settings):
    trip = Trip(tmp_path, settings=settings)
    try:
        pull_and_book(trip, counted(MUG, pays=pays("30.00")))
        assert moved(trip) == []
    finally:
        trip.close()


def test_a_currency_of_three_decimals_moves_the_same_goods(trip):
    shop = SHOP | {"currencyCode": "KWD", "homeCurrency": "KWD"}
    order = counted(Line(price="1.125", quantity=2), currency="KWD", pays=pays("2.250"))
    trip.pull({"shop": shop, "orders": [order]})
    trip.book()
    assert moved(trip) == [{"SKU-1": -2}]
    trip.deliver()
    ledger, ours = ledger_beside_postings(trip, apart=True)
    assert ledger == ours
    assert trip.company_file.on_hand("SKU-1").quantity == Decimal(-2)


def test_goods_that_quickbooks_does_not_count_are_held_by_name(tmp_path):
    settings = {"policy": {"cogs": "off"}, "modes": {"sales": "detailed", "inventory": "summary"}}
    trip = Trip(tmp_path, settings=settings)
    try:
        pull_and_book(trip, counted(MUG, number=1, pays=pays("30.00")))
        trip.deliver()  # SKU-1 is a non-inventory item now
        text = (tmp_path / "mappings.toml").read_text(encoding="utf-8")
        text = text.replace('cogs = "off"', 'cogs = "quickbooks"').replace(
            'sales = "detailed"\ninventory = "summary"', 'sales = "summary"\ninventory = "detailed"'
        )
        (tmp_path / "mappings.toml").write_text(text, encoding="utf-8")
        pull_and_book(trip, counted(MUG, number=2, pays=pays("30.00")))
        told = [hold["message"] for hold in postings(trip.workspace.store)["holds"]]
        assert told == ['QuickBooks counts no stock of "SKU-1": it is no inventory item.']
    finally:
        trip.close()
