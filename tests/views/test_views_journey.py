"""The journey of anything: found by what people call it, and every event told with what it became and why."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from builders import Line, Pay, an_order
from golden.harness import booked, read_case
from trip import Trip

from qbconsole.errors import UsageError
from qbconsole.store.schema import documents, snapshot_heads
from qbconsole.views.journey import journey

GOLDEN = Path(__file__).parents[1] / "golden"
#: A case of each kind of event, in a mode it runs in.
CASES = [
    ("cash_rounded_at_sale_and_refund", "detailed"),
    ("cash_drawers_short_over_and_open", "detailed"),
    ("disputes_lost_and_won", "detailed"),
    ("exchange_with_a_fee_and_money_back", "detailed"),
    ("free_order_with_a_tender_of_nothing", "detailed"),
    ("gift_card_used_after_the_invoice", "detailed"),
    ("gift_cards_issued_by_staff_and_sold", "detailed"),
    ("payout_fees_on_the_day_of_sale", "detailed"),
    ("payout_paid_then_failed", "detailed"),
    ("purchase_received_in_two_parts_and_billed", "detailed"),
    ("recognised_on_fulfilment", "detailed"),
    ("sale_in_a_closed_month_moved", "summary"),
    ("stock_counts_damage_and_transfers", "detailed"),
    ("unit_cost_restocked_and_lost", "summary"),
]


@pytest.fixture(scope="module")
def trip_of(tmp_path_factory):
    """A golden case, booked; each once."""
    trips: dict[tuple[str, str], Trip] = {}

    def booked_case(name: str, mode: str = "detailed") -> Trip:
        if (name, mode) not in trips:
            trips[name, mode] = booked(read_case(GOLDEN / name), mode, tmp_path_factory.mktemp(name))
        return trips[name, mode]

    yield booked_case
    for trip in trips.values():
        trip.close()


def told(trip, text):
    return [event.sentence for event in journey(trip.workspace.store, text).events]


@pytest.mark.parametrize(("name", "mode"), CASES)
def test_every_document_is_explained_by_an_event_and_every_source_says_something(trip_of, name, mode):
    store = trip_of(name, mode).workspace.store
    with store.reading() as tx:
        sources = {f"{row.kind}/{row.source_id}" for row in tx.execute(sa.select(snapshot_heads))}
        kept = tx.execute(sa.select(documents)).all()
    sources |= {row.source_id for row in kept if row.source_id.startswith("day/")}
    explained = set()
    for source in sources:
        found = journey(store, source)
        assert bool(found.events) != bool(found.nothing)
        for event in found.events:
            assert event.sentence.endswith(".")
            assert "draws it up" not in event.sentence
            assert "something happened" not in event.sentence
            explained |= {document.key for document in event.documents}
    assert explained == {row.key for row in kept}
    assert {journey(store, row.key).order_id for row in kept} == {row.source_id for row in kept}


def test_a_sale_paid_at_once_and_a_return(trip_of):
    sentences = told(trip_of("unit_cost_restocked_and_lost"), "#2400")
    assert sentences[0] == (
        "On 2 March 2026 the customer bought 3 × Stoneware mug for 48.60 USD. It was paid at once by one gateway, "
        "shopify payments, so it is sales receipt 2400, which deposits to Shopify Payments Clearing."
    )
    assert (
        "On 5 March 2026 1 × Stoneware mug came back, worth 16.20 USD. What is given back is credit memo 2400C1."
        in sentences
    )
    assert any("so it is journal entry 2400J1." in one for one in sentences)


def test_an_invoice_says_why_it_is_none_of_the_other_kind(trip_of):
    assert "It is sold on terms (Net 30)" in told(trip_of("net_terms_paid_in_two_parts"), "2005")[0]
    late = told(trip_of("gift_card_used_after_the_invoice"), "#2215")
    assert "It was paid later, on 6 March 2026, so it is invoice 2215" in late[0]
    assert "A payment cannot go to a liability" in late[1]


@pytest.mark.parametrize(
    ("case", "names"),
    [
        ("payout_paid_then_failed", ("payout 8809", "payout/8809", "8809", "oak-ember/payout/8809", "8809F")),
        ("gift_cards_issued_by_staff_and_sold", ("gift card 31", "gift_card/31", "Gift Card 31")),
        ("cash_drawers_short_over_and_open", ("drawer 2", "cash_session/2", "cash session 2")),
        (
            "stock_counts_damage_and_transfers",
            ("stock group 1", "stock 1", "inventory_group/1", "1A", "stock/1"),
        ),
        (
            "purchase_received_in_two_parts_and_billed",
            ("purchase PO-11", "PO-11", "receipt/PO-11.R-1", "CW-881"),
        ),
    ],
)
def test_a_fact_is_found_by_everything_people_call_it(trip_of, case, names):
    store = trip_of(case).workspace.store
    found = [journey(store, name) for name in names]
    assert len({one.order_id for one in found}) == 1
    assert found[0].kind in found[0].order_id
    assert found[0].facts
    assert found[0].raw


def test_a_plain_number_of_several_things_must_be_told_apart(trip_of):
    store = trip_of("disputes_lost_and_won").workspace.store
    assert journey(store, "dispute 1").nothing.startswith("A dispute posts nothing itself")
    mixed = trip_of("stock_counts_damage_and_transfers").workspace.store
    with pytest.raises(UsageError, match="nothing here is called"):
        journey(mixed, "payout 1")


def test_a_held_payout_says_why(trip_of):
    found = journey(trip_of("payout_that_does_not_add_up").workspace.store, "payout 8813")
    (event,) = found.events
    assert (event.key, event.documents, event.date) == ("payout/8813", (), None)
    assert event.sentence.startswith("It is held (does_not_add_up): Its rows come to 95.00 USD")


def test_an_order_in_summary_names_its_day_and_the_day_names_its_orders(trip_of):
    store = trip_of("unit_cost_restocked_and_lost", "summary").workspace.store
    order = journey(store, "#2400")
    assert [day.ref_number for day in order.days] == ["J260302O", "J260305O", "J260307O"]
    assert order.documents == ()
    assert "It stands in journal entry J260302O of 2 March 2026, Online Store." in order.events[0].sentence
    day = journey(store, "J260302O")
    assert day.order_id == journey(store, "day/2026-03-02").order_id == journey(store, day.order_id).order_id
    assert [(one.order_id, one.name) for one in day.orders] == [(order.order_id, "#2400")]
    assert set(day.orders[0].events) == {f"order/{order.order_id}", "txn/901", f"cost/order/{order.order_id}"}
    assert [one.date.isoformat() for one in day.events] == ["2026-03-02"] * 3


def test_a_day_that_was_moved_says_so(trip_of):
    for mode in ("detailed", "summary"):
        first = told(trip_of("sale_in_a_closed_month_moved", mode), "#2602")[0]
        assert "The books are closed on its own day, so it is dated 1 February 2026" in first


def test_pennies_of_tax_are_told_with_the_sale_they_correct(tmp_path):
    trip = booked(read_case(GOLDEN / "tax_by_quickbooks_a_penny_less_on_an_invoice"), "detailed", tmp_path)
    trip.deliver()
    store = trip.workspace.store
    with store.reading() as tx:
        kept = tx.execute(sa.select(documents)).all()
    (order,) = {row.source_id for row in kept}
    found = journey(store, order)
    assert {one.key for event in found.events for one in event.documents} == {row.key for row in kept}
    assert "moves the pennies to Rounding." in found.events[0].sentence
    trip.close()


def test_what_is_not_shipped_is_told_as_an_order_that_posts_nothing(tmp_path):
    policy = {"orders": "sales_order", "recognise_on": "fulfillment", "tax": "liability_line"}
    trip = Trip(tmp_path, settings={"policy": policy})
    trip.pull({"orders": [an_order([Line(price="5.00", sku="MUG")])]})
    trip.book()
    (sale,) = journey(trip.workspace.store, "#1001").events
    assert [one.kind for one in sale.documents] == ["SalesOrder"]
    assert "It is not shipped yet, so until it counts it is sales order" in sale.sentence
    trip.close()


def test_orders_of_one_day_are_counted_together(tmp_path):
    trip = Trip(
        tmp_path, settings={"policy": {"cogs": "off"}, "modes": {"sales": "summary", "inventory": "summary"}}
    )
    facts = [an_order([Line(price="5.00")], pays=[Pay(amount="5.00")], number=number) for number in (1, 2, 3)]
    for number, order in enumerate(facts, 1):
        order["transactions"][0]["id"] = f"gid://shopify/OrderTransaction/{number}"
    trip.pull({"orders": facts})
    trip.book()
    assert ", together with 2 other orders." in told(trip, "#1001")[0]
    trip.close()
