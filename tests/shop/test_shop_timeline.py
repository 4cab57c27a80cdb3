"""Events of an order: what comes first, what is known, what Shopify tells differently now."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from builders import Agreed, Back, Line, Pay, Sold, an_order, read

from qbconsole.shop.bag import Bag, bag_total
from qbconsole.shop.cancellations import Promise, promise
from qbconsole.shop.timeline import changed, timeline


def dollars(amount):
    return {name: {"amount": amount, "currencyCode": "USD"} for name in ("shopMoney", "presentmentMoney")}


def _keys(raw, known=()):
    return [event.key for event in timeline(read(raw), known)]


def test_the_order_comes_first_even_when_its_money_was_earlier():
    assert _keys(an_order(pays=[Pay(amount="20.00", at="03-02 14:59")])) == ["order/1", "txn/1"]


def test_events_stand_in_the_order_they_happened_whatever_their_numbers():
    pays = [Pay(amount="1.00", at="03-02 15:01") for _ in range(10)] + [Pay(amount="1.00", at="03-02 15:00")]
    keys = _keys(an_order(pays=pays))
    assert keys == ["order/1", "txn/11", *(f"txn/{n}" for n in range(1, 11))]


def test_money_out_of_the_same_instant_comes_after_money_in():
    pays = [Pay(amount="5.00", kind="CHANGE"), Pay(amount="25.00")]
    assert _keys(an_order(pays=pays)) == ["order/1", "txn/2", "txn/1"]


def test_parts_of_a_refund_come_before_its_money():
    raw = an_order(
        pays=[Pay(amount="20.00"), Pay(amount="20.00", kind="REFUND", at="03-05 09:00")],
        refunds=[Back(lines=[(1, 1, "20.00", "0")], pays=[2], at="03-05 10:00")],
    )
    assert _keys(raw) == ["order/1", "txn/1", "refund/1", "txn/2"]


def test_known_events_stay_and_new_ones_join_them():
    first = timeline(read(an_order()))
    raw = an_order([Line(price="20.00", off="5.00")], pays=[Pay(amount="15.00")], updated="03-20 12:00")
    events = timeline(read(raw), first)
    assert [event.key for event in events] == ["order/1", "txn/1", "edit/1.1"]
    assert events[0] is first[0]
    assert timeline(read(raw), events) == events


@pytest.mark.parametrize(
    "back", [Pay(amount="5.00", kind="REFUND", at="03-10 09:00"), Pay(amount="-5.00", at="03-10 09:00")]
)
def test_money_that_gives_back_what_an_edit_took_off_comes_after_it(back):
    """Whichever way it is told, and however much later the order was changed once more."""
    first = timeline(read(an_order(pays=[Pay(amount="20.00")])))
    raw = an_order([Line(price="20.00", off="5.00")], pays=[Pay(amount="20.00"), back], updated="03-20 12:00")
    events = timeline(read(raw), first)
    assert [event.key for event in events] == ["order/1", "txn/1", "edit/1.1", "txn/2"]
    assert events[2].at == events[3].at


def test_what_shopify_tells_differently_is_named():
    raw = an_order(pays=[Pay(amount="20.00")])
    known = timeline(read(raw))
    assert changed(read(raw), ()) == changed(read(raw), known) == ()
    assert changed(read(an_order(pays=[Pay(amount="19.00")])), known) == ("txn/1",)


def test_a_changed_agreement_is_named():
    known = timeline(read(an_order(agreements=[Agreed([Sold(total="20.00", line=1)])])))
    now = read(an_order(agreements=[Agreed([Sold(total="21.00", line=1)])]))
    assert changed(now, known) == ("agreement/1",)


@pytest.mark.parametrize(
    ("pays", "state"),
    [
        ([], Promise.NONE),
        ([Pay(amount="1", kind="AUTHORIZATION", status="FAILURE")], Promise.NONE),
        ([Pay(amount="1", kind="AUTHORIZATION")], Promise.OPEN),
        (
            [Pay(amount="1", kind="AUTHORIZATION"), Pay(amount="1", kind="VOID", status="FAILURE", parent=1)],
            Promise.OPEN,
        ),
        ([Pay(amount="1", kind="AUTHORIZATION"), Pay(amount="1", kind="VOID")], Promise.LAPSED),
        ([Pay(amount="1", kind="AUTHORIZATION"), Pay(amount="1", kind="CAPTURE")], Promise.NONE),
    ],
)
def test_a_promise_is_judged_by_its_tenders(pays, state):
    assert promise(read(an_order(pays=pays))) is state


def test_a_shop_day_is_its_own_zones():
    shop = read(an_order()).shop
    assert shop.day(datetime(2026, 3, 2, 4, 59, tzinfo=UTC)) == date(2026, 3, 1)
    assert shop.day(date(2026, 3, 2)) == date(2026, 3, 2)


def test_a_bag_keeps_both_currencies_apart_through_every_sum():
    order = read(an_order([Line(price=("9.00", "13.50"), quantity=2)], seen="CAD"))
    bag = order.lines[0].total
    assert (bag.shop.text(), bag.presentment.text()) == ("18.00", "27.00")
    for got, factor in (
        (bag + bag, 2),
        (bag - bag, 0),
        (-bag, -1),
        (bag * 3, 3),
        (bag_total([bag, bag], bag), 2),
    ):
        assert (got.shop, got.presentment) == (bag.shop * factor, bag.presentment * factor)
    zero = Bag.zero("USD", "CAD")
    assert not zero
    assert Bag.zero("USD", "USD").is_plain
    assert not zero.is_plain


def test_the_last_units_of_a_line_take_what_refunds_and_edits_left_of_it():
    """Seven units of 58.90 less 2.50 are 409.80: a seventh is 58.54 or 58.55, and all of them are not seven times either."""

    def at(current, *, refunded, updated):
        backs = [
            Back(lines=[(1, 1, "58.54", "0")], at=f"03-0{number + 5} 10:00") for number in range(refunded)
        ]
        line = Line(price="58.90", quantity=7, off="2.50", current=current)
        return read(an_order([line], refunds=backs, updated=updated))

    events = timeline(at(6, refunded=1, updated="03-05 10:00"))
    events = timeline(at(2, refunded=1, updated="03-06 09:00"), events)
    events = timeline(at(0, refunded=2, updated="03-06 12:00"), events)
    parts = [part for event in events for part in getattr(event, "parts", ())]
    assert [str(part.total.shop.amount) for part in parts] == [
        "409.80",
        "-58.54",
        "-234.17",
        "-58.54",
        "-58.55",
    ]
    assert sum(part.quantity for part in parts) == 0


def test_a_refund_record_that_comes_after_the_edit_leaves_the_same_cents():
    """Of three units for 100.00 an edit takes one at 33.33; the record of the other two says 66.66, and nothing is left."""

    def at(current, *refunds, updated):
        return read(
            an_order(
                [Line(price="33.34", quantity=3, off="0.02", current=current)],
                refunds=refunds,
                updated=updated,
            )
        )

    back = Back(lines=[(1, 2, "66.66", "0")], at="03-06 10:00")
    events = timeline(at(2, updated="03-05 10:00"))
    events = timeline(at(0, back, updated="03-06 12:00"), events)
    parts = [part for event in events for part in getattr(event, "parts", ())]
    assert [str(part.total.shop.amount) for part in parts] == ["100.00", "-33.33", "-66.66", "-0.01"]
    assert timeline(at(0, back, updated="03-07 12:00"), events) == events
    at_once = timeline(at(0, back, updated="03-06 12:00"))
    assert not bag_total([p.total for e in at_once for p in getattr(e, "parts", ())], parts[0].net)


def test_what_is_taken_off_is_the_same_each_time_it_is_looked_at():
    """Simulated seed 2272: two titles of tax are a cent apart each, and the second look had one of them left to tell by."""
    lines = [
        Line(price="49.99", current=0, taxes={"State": "3.00", "County": "0.62"}),
        Line(price="3.75", quantity=2, current=0, taxes={"State": "0.45", "County": "0.09"}),
    ]
    back = Back(lines=[(1, 1, "49.99", "3.62"), (2, 1, "3.75", "0.26")], at="03-06 10:00")
    raw = an_order(lines, refunds=[back], currentTotalTaxSet=dollars("0"), updated="03-06 12:00")
    events = timeline(read(raw))
    parts = [part for event in events for part in getattr(event, "parts", ())]
    assert not bag_total([part.tax for part in parts], parts[0].net)
    assert timeline(read(raw), events) == events


def test_units_refunded_after_an_edit_took_others_off_leave_no_title_of_tax_a_cent_apart():
    """Simulated seed 6017: a refund tells the tax of all titles in one figure, so each share of it falls otherwise."""

    def at(current, *refunds, tax, updated):
        line = Line(price="16.25", quantity=2, current=current, taxes={"State": "1.95", "County": "0.41"})
        raw = an_order([line], refunds=refunds, currentTotalTaxSet=dollars(tax), updated=updated)
        return read(raw)

    back = Back(lines=[(1, 1, "16.25", "1.17")], at="03-06 10:00")
    events = timeline(at(2, tax="2.36", updated="03-04 10:00"))
    events = timeline(at(1, tax="1.17", updated="03-05 10:00"), events)
    events = timeline(at(0, back, tax="0", updated="03-06 12:00"), events)
    taxes = {}
    for event in events:
        for part in getattr(event, "parts", ()):
            for tax in part.taxes:
                taxes.setdefault(tax.title, []).append(str(tax.amount.shop.amount))
    assert taxes == {"State": ["1.95", "-0.98", "-0.97"], "County": ["0.41", "-0.21", "-0.20"]}
    assert [event.kind for event in events if hasattr(event, "parts")] == ["order", "edit", "refund"]
