"""Purchases: goods post once, when they arrive; a bill posts only what it says otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from builders import SHOP

from qbconsole.books.facts.drawn import Drawn
from qbconsole.books.facts.purchase import draw_purchase
from qbconsole.books.holds import Reason
from qbconsole.books.plan import DocumentKind, LineKind, Plan, tally
from qbconsole.books.policy import Modes, Policy, Settings
from qbconsole.books.proof import prove_plans
from qbconsole.sources.shopify.reading import read_shop
from qbconsole.sources.shopify.reading_stock import read_purchase

OAK = read_shop(SHOP)
ITEM_RECEIPTS = {"policy": Policy(receipts="item_receipt")}
Json = dict[str, Any]


def line(sku: str, quantity: int, cost: str) -> Json:
    return {"sku": sku, "quantity": quantity, "unitCost": cost}


def receipt(name: str, day: str, *lines: Json) -> Json:
    return {"id": name, "receivedAt": f"2026-{day}", "lines": list(lines)}


def bill(number: str, day: str, *lines: Json, **more: Any) -> Json:
    return {"number": number, "billedAt": f"2026-{day}", "lines": list(lines)} | more


def credit(number: str, day: str, *lines: Json, **more: Any) -> Json:
    return {"number": number, "creditedAt": f"2026-{day}", "lines": list(lines)} | more


def purchase(*receipts: Json, bills: Any = (), credits: Any = (), lines: Any = None, **more: Any) -> Json:
    """Ten of A at 5.00 and four of B at 2.50 were ordered on 1 March."""
    return {
        "number": "PO-7",
        "vendor": "Acme",
        "orderedAt": "2026-03-01",
        "currencyCode": "USD",
        "lines": [line("A", 10, "5.00"), line("B", 4, "2.50")] if lines is None else lines,
        "receipts": list(receipts),
        "bills": list(bills),
        "vendorCredits": list(credits),
    } | more


def drawn(raw: Json, booked: Any = (), **settings: Any) -> Drawn:
    found = draw_purchase(read_purchase(raw, OAK), OAK, Settings(merchant="oak", **settings), booked)
    prove_plans(found.plans)
    return found


def of_key(found: Drawn, event_key: str) -> Plan:
    (plan,) = [plan for plan in found.plans if any(m.event_key == event_key for m in plan.members)]
    return plan


def amounts(plan: Plan) -> dict[str, str]:
    return {posting.role: posting.amount.text() for posting in plan.postings}


def by_day(found: Drawn) -> dict[tuple[str, str], str]:
    sums = tally(posting for plan in found.plans for posting in plan.postings)
    return {(on.isoformat()[5:], role): f"{amount:f}" for (on, role, _), amount in sums.items() if amount}


WHOLE = receipt("R1", "03-05", line("A", 10, "5.00"), line("B", 4, "2.50"))


def test_ordering_posts_nothing():
    found = drawn(purchase())
    (plan,), (event,) = found.plans, found.events
    assert (event.key, plan.kind, plan.on, plan.postings) == (
        "purchase/PO-7",
        DocumentKind.PURCHASE_ORDER,
        date(2026, 3, 1),
        (),
    )
    assert (plan.key, plan.number, plan.suffix, plan.vendor, plan.memo, plan.total.text()) == (
        "qbc1/oak/purchase/PO-7/1/0",
        "PO-7",
        "",
        "Acme",
        "Purchase order PO-7",
        "60.00",
    )
    assert [(row.kind, row.role, row.sku, row.quantity, row.amount.text()) for row in plan.lines] == [
        (LineKind.PRODUCT, "inventory_asset", "A", 10, "50.00"),
        (LineKind.PRODUCT, "inventory_asset", "B", 4, "10.00"),
    ]


def test_a_receipt_is_a_bill_that_fills_the_order():
    found = drawn(purchase(WHOLE))
    plan = of_key(found, "receipt/PO-7.R1")
    assert (plan.kind, plan.on, plan.fills, plan.suffix) == (
        DocumentKind.BILL,
        date(2026, 3, 5),
        "qbc1/oak/purchase/PO-7/1/0",
        "R1",
    )
    assert [(row.sku, row.quantity, row.order_line) for row in plan.lines] == [("A", 10, 1), ("B", 4, 2)]
    assert (plan.vendor, plan.vendor_number) == ("Acme", "")
    assert by_day(found) == {("03-05", "inventory_asset"): "60.00", ("03-05", "accounts_payable"): "-60.00"}


def test_or_an_item_receipt_with_the_same_postings():
    raw = purchase(WHOLE, bills=[bill("INV-1", "03-09", receipt="R1")])
    found = drawn(raw, **ITEM_RECEIPTS)
    plan = of_key(found, "receipt/PO-7.R1")
    assert (plan.kind, plan.vendor_number) == (DocumentKind.ITEM_RECEIPT, "")
    assert by_day(found) == by_day(drawn(raw))


def test_a_receipt_posts_at_its_own_cost_not_the_orders():
    found = drawn(purchase(receipt("R1", "03-05", line("A", 3, "5.25"))))
    assert by_day(found) == {("03-05", "inventory_asset"): "15.75", ("03-05", "accounts_payable"): "-15.75"}


def test_without_stock_keeping_goods_are_purchases():
    found = drawn(
        purchase(WHOLE, bills=[bill("1", "03-09", line("B", 4, "3.00"))]),
        policy=Policy(cogs="off"),
        modes=Modes(inventory="summary"),
    )
    assert by_day(found) == {
        ("03-05", "purchases"): "60.00",
        ("03-05", "accounts_payable"): "-60.00",
        ("03-09", "purchases"): "2.00",
        ("03-09", "accounts_payable"): "-2.00",
    }


def test_the_house_vendor_has_no_orders():
    found = drawn(purchase(WHOLE), modes=Modes(vendors="summary"))
    (plan,) = found.plans
    assert [event.key for event in found.events] == ["purchase/PO-7", "receipt/PO-7.R1"]
    assert (plan.kind, plan.fills, {row.order_line for row in plan.lines}) == (DocumentKind.BILL, "", {0})


def test_the_number_of_a_bill_known_already_stands_on_the_receipt():
    raw = purchase(
        WHOLE, bills=[bill("INV-2", "03-10", receipt="R1"), bill("INV-1", "03-09", line("A", 1, "5"))]
    )
    assert of_key(drawn(raw), "receipt/PO-7.R1").vendor_number == "INV-1"


# -- bills --------------------------------------------------------------------------------------


def test_a_bill_that_agrees_posts_nothing():
    found = drawn(
        purchase(WHOLE, bills=[bill("INV-1", "03-09", line("A", 10, "5.00"), line("B", 4, "2.50"))])
    )
    assert [event.key for event in found.events] == ["purchase/PO-7", "receipt/PO-7.R1", "bill/PO-7.INV-1"]
    assert (len(found.plans), found.holds) == (2, ())


def test_a_dearer_bill_posts_only_the_difference():
    """Ten at 5.20 against 5.00 is 2.00; freight 8.00; tax 1.10."""
    raw = purchase(
        WHOLE, bills=[bill("INV-1", "03-09", line("A", 10, "5.20"), receipt="R1", freight="8.00", tax="1.10")]
    )
    found = drawn(raw)
    plan = of_key(found, "bill/PO-7.INV-1")
    assert plan is of_key(found, "bill/PO-7.INV-1.R1")
    assert (plan.kind, plan.on, plan.vendor_number, plan.suffix, plan.fills) == (
        DocumentKind.BILL,
        date(2026, 3, 9),
        "INV-1",
        "B1",
        "",
    )
    assert amounts(plan) == {
        "accounts_payable": "-11.10",
        "freight_in": "8.00",
        "inventory_asset": "2.00",
        "purchase_tax": "1.10",
    }
    assert [(row.kind, row.quantity, row.label) for row in plan.lines] == [
        (LineKind.CHARGE, None, "Freight, bill INV-1"),
        (LineKind.CHARGE, None, "Tax, bill INV-1"),
        (LineKind.CHARGE, None, "A: 10 billed at 5.20, received at 5.00"),
    ]
    assert found.holds == ()


def test_a_cheaper_bill_is_a_vendor_credit():
    found = drawn(purchase(WHOLE, bills=[bill("INV-1", "03-09", line("A", 10, "4.50"), freight="2.00")]))
    plan = of_key(found, "bill/PO-7.INV-1")
    assert (plan.kind, plan.total.text()) == (DocumentKind.VENDOR_CREDIT, "3.00")
    assert amounts(plan) == {"accounts_payable": "3.00", "freight_in": "2.00", "inventory_asset": "-5.00"}


def test_a_bill_that_comes_to_nothing_still_moves_freight():
    found = drawn(purchase(WHOLE, bills=[bill("INV-1", "03-09", line("A", 10, "4.50"), freight="5.00")]))
    plan = of_key(found, "bill/PO-7.INV-1")
    assert (plan.kind, plan.total.text()) == (DocumentKind.BILL, "0.00")
    assert amounts(plan) == {"freight_in": "5.00", "inventory_asset": "-5.00"}


def test_a_bill_for_part_of_a_receipt_leaves_the_rest_to_another():
    first = bill("INV-1", "03-09", line("A", 6, "5.10"))
    second = bill("INV-2", "03-12", line("A", 4, "5.30"))
    assert by_day(drawn(purchase(WHOLE, bills=[second, first]))) == {
        ("03-05", "inventory_asset"): "60.00",
        ("03-05", "accounts_payable"): "-60.00",
        ("03-09", "inventory_asset"): "0.60",
        ("03-09", "accounts_payable"): "-0.60",
        ("03-12", "inventory_asset"): "1.20",
        ("03-12", "accounts_payable"): "-1.20",
    }


def test_units_are_billed_oldest_first():
    """8 billed at 6.00: 5 received at 5.00 first, then 3 of those at 5.50."""
    raw = purchase(
        receipt("R2", "03-07", line("A", 5, "5.50")),
        receipt("R1", "03-05", line("A", 5, "5.00")),
        bills=[bill("INV-1", "03-09", line("A", 8, "6.00"))],
    )
    plan = of_key(drawn(raw), "bill/PO-7.INV-1.R1")
    assert [member.event_key for member in plan.members] == ["bill/PO-7.INV-1.R1", "bill/PO-7.INV-1.R2"]
    assert [row.amount.text() for row in plan.lines] == ["5.00", "1.50"]


def test_a_bill_that_names_a_receipt_is_for_that_one():
    raw = purchase(
        receipt("R1", "03-05", line("A", 5, "5.00")),
        receipt("R2", "03-07", line("A", 5, "5.50")),
        bills=[bill("INV-1", "03-09", line("A", 5, "6.00"), receipt="R2")],
    )
    assert amounts(of_key(drawn(raw), "bill/PO-7.INV-1.R2"))["inventory_asset"] == "2.50"


def test_billed_and_not_received_waits_but_freight_does_not():
    found = drawn(purchase(bills=[bill("INV-1", "03-04", line("A", 10, "5.20"), freight="8.00")]))
    (hold,) = found.holds
    assert by_day(found) == {("03-04", "freight_in"): "8.00", ("03-04", "accounts_payable"): "-8.00"}
    assert (hold.reason, hold.is_flag, hold.subject) == (Reason.BILLED_NOT_RECEIVED, True, "bill/PO-7.INV-1")
    assert "10 of A" in hold.sentence


def test_goods_that_arrive_after_their_bill_give_the_same_books_as_all_at_once():
    bills = [bill("INV-1", "03-04", line("A", 10, "5.20"), freight="8.00")]
    before = drawn(purchase(bills=bills))
    whole = purchase(receipt("R1", "03-05", line("A", 10, "5.00")), bills=bills)
    after = drawn(whole, booked=before.plans)
    placed = {member.event_key for plan in before.plans for member in plan.members}
    new = [plan for plan in after.plans if not {member.event_key for member in plan.members} & placed]
    assert [member.event_key for plan in new for member in plan.members] == [
        "receipt/PO-7.R1",
        "bill/PO-7.INV-1.R1",
    ]
    both = Drawn(plans=(*before.plans, *new))
    assert by_day(both) == by_day(drawn(whole))
    assert len({plan.key for plan in both.plans}) == len(both.plans)


def test_after_an_item_receipt_staff_are_told_to_convert_it():
    raw = purchase(WHOLE, bills=[bill("INV-1", "03-09", line("A", 10, "5.20"))])
    found = drawn(raw, **ITEM_RECEIPTS)
    (hold,) = found.holds
    assert (hold.reason, hold.is_flag, hold.subject) == (Reason.BILL_AFTER_RECEIPT, True, "bill/PO-7.INV-1")
    assert "R1" in hold.sentence
    assert amounts(of_key(found, "bill/PO-7.INV-1.R1")) == {
        "inventory_asset": "2.00",
        "accounts_payable": "-2.00",
    }


def test_a_bill_that_names_an_item_receipt_and_no_goods_converts_it_too():
    bills = [bill("INV-1", "03-09", receipt="R1", freight="3.00"), bill("INV-2", "03-09", freight="1.00")]
    found = drawn(purchase(WHOLE, bills=bills), **ITEM_RECEIPTS)
    assert [(hold.reason, hold.subject) for hold in found.holds] == [
        (Reason.BILL_AFTER_RECEIPT, "bill/PO-7.INV-1")
    ]


def test_what_was_sent_counts_not_what_the_policy_says_today():
    raw = purchase(WHOLE, bills=[bill("INV-1", "03-09", line("A", 10, "5.00"))])
    sent_as_receipt = drawn(purchase(WHOLE), **ITEM_RECEIPTS).plans
    sent_as_bill = drawn(purchase(WHOLE)).plans
    assert [hold.reason for hold in drawn(raw, booked=sent_as_receipt).holds] == [Reason.BILL_AFTER_RECEIPT]
    assert drawn(raw, booked=sent_as_bill, **ITEM_RECEIPTS).holds == ()


def test_two_bills_of_one_number_are_two():
    bills = [bill("INV-1", "03-09", freight="1.00"), bill("INV-1", "03-09", freight="2.00")]
    found = drawn(purchase(WHOLE, bills=bills))
    assert [event.key for event in found.events[2:]] == ["bill/PO-7.INV-1", "bill/PO-7.INV-1~20~282~29"]
    assert by_day(found)[("03-09", "freight_in")] == "3.00"


# -- filling the order --------------------------------------------------------------------------


def test_receipts_fill_lines_of_their_sku_in_turn():
    lines = [line("A", 6, "5"), line("A", 4, "5"), line("B", 4, "2")]
    raw = purchase(
        receipt("R2", "03-07", line("A", 4, "5"), line("C", 1, "9")),
        receipt("R1", "03-05", line("A", 6, "5"), line("A", 1, "5"), line("A", 1, "5")),
        lines=lines,
    )
    found = drawn(raw)
    filled = {plan.suffix: [row.order_line for row in plan.lines] for plan in found.plans[1:]}
    # The older one, listed second, comes first: one document fills a line of the order once, so its third A finds
    # none. C was never ordered.
    assert filled == {"R2": [1, 2, 0], "R1": [2, 0]}


def test_goods_never_ordered_fill_no_order():
    plan = of_key(drawn(purchase(receipt("R1", "03-05", line("C", 1, "9.00")))), "receipt/PO-7.R1")
    assert (plan.fills, plan.lines[0].order_line) == ("", 0)


def test_the_order_as_it_was_booked_is_filled():
    sent = drawn(purchase()).plans
    renewed = [replace(plan, key="qbc1/oak/purchase/PO-7/1/1") for plan in sent]
    assert (
        of_key(drawn(purchase(WHOLE), booked=renewed), "receipt/PO-7.R1").fills
        == "qbc1/oak/purchase/PO-7/1/1"
    )


def test_a_draft_has_not_been_ordered():
    found = drawn(purchase(WHOLE, orderedAt=None))
    assert [event.key for event in found.events] == ["receipt/PO-7.R1"]
    assert found.plans[0].fills == ""


# -- what the vendor gives back -----------------------------------------------------------------


def test_goods_sent_back_leave_stock():
    found = drawn(purchase(WHOLE, credits=[credit("CR-1", "03-20", line("A", 2, "5.00"), receipt="R1")]))
    plan = of_key(found, "vendor_credit/PO-7.CR-1")
    assert (plan.kind, plan.vendor_number, plan.suffix) == (DocumentKind.VENDOR_CREDIT, "CR-1", "V1")
    assert [(row.kind, row.sku, row.quantity) for row in plan.lines] == [(LineKind.PRODUCT, "A", 2)]
    assert amounts(plan) == {"accounts_payable": "10.00", "inventory_asset": "-10.00"}


@pytest.mark.parametrize(
    ("lines", "amount", "rest"),
    [((), "7.50", ["7.50"]), ((line("A", 2, "5.00"),), "9.00", ["10.00", "-1.00"])],
)
def test_the_amount_is_the_whole_credit(lines, amount, rest):
    found = drawn(purchase(WHOLE, credits=[credit("CR-1", "03-20", *lines, amount=amount)]))
    plan = of_key(found, "vendor_credit/PO-7.CR-1")
    assert ([row.amount.text() for row in plan.lines], plan.total.text()) == (rest, amount)


def test_a_credit_below_nothing_is_held():
    found = drawn(purchase(credits=[credit("CR-1", "03-20", amount="-1.00")]))
    assert [hold.reason for hold in found.holds] == [Reason.DOES_NOT_ADD_UP]
    assert [plan.kind for plan in found.plans] == [DocumentKind.PURCHASE_ORDER]


def test_an_empty_credit_has_no_document():
    assert len(drawn(purchase(credits=[credit("CR-1", "03-20")])).plans) == 1


# -- holds and keys -----------------------------------------------------------------------------


def test_another_currency_is_held_event_by_event():
    raw = purchase(WHOLE, bills=[bill("INV-1", "03-09", freight="1.00")], currencyCode="CAD")
    found = drawn(raw)
    assert found.plans == ()
    assert {(hold.reason, hold.subject) for hold in found.holds} == {
        (Reason.CURRENCY_MISMATCH, event.key) for event in found.events
    }


def test_what_is_of_before_the_start_is_held_and_what_follows_stands_alone():
    raw = purchase(WHOLE, bills=[bill("INV-1", "03-09", line("A", 10, "5.20"))])
    found = drawn(raw, start=date(2026, 3, 3))
    assert [(hold.reason, hold.subject) for hold in found.holds] == [(Reason.BEFORE_START, "purchase/PO-7")]
    assert [(plan.suffix, plan.fills, {row.order_line for row in plan.lines}) for plan in found.plans] == [
        ("R1", "", {0}),
        ("B1", "", {0}),
    ]
    # The receipt stands in the opening balances: only what the bill says otherwise is posted.
    assert by_day(drawn(raw, start=date(2026, 3, 8))) == {
        ("03-09", "inventory_asset"): "2.00",
        ("03-09", "accounts_payable"): "-2.00",
    }


def test_no_number_can_break_a_key():
    raw = purchase(receipt("a/b.c]", "03-05", line("A", 1, "5")), number="PÖ 7/[qbc1/")
    found = drawn(raw)
    assert found.events[1].key == "receipt/P~C3~96~207~2F~5Bqbc1~2F.a~2Fb~2Ec~5D"
    one = purchase(receipt("c", "03-05"), number="a.b")
    other = purchase(receipt("b.c", "03-05"), number="a")
    assert drawn(one).events[1].key != drawn(other).events[1].key


def test_what_an_event_says_is_told_by_its_digest():
    found, again = drawn(purchase(WHOLE)), drawn(purchase(WHOLE, bills=[bill("1", "03-09", freight="1")]))
    assert found.events == again.events[:2]
    dearer = drawn(purchase(receipt("R1", "03-05", line("A", 10, "5.01"), line("B", 4, "2.5"))))
    assert [one.digest == two.digest for one, two in zip(found.events, dearer.events, strict=True)] == [
        True,
        False,
    ]


def test_costs_of_three_decimals_come_to_their_rounded_sum():
    lines = line("A", 6, "1.531"), line("B", 3, "20.87"), line("C", 17, "0.745")
    (bill,) = drawn(purchase(receipt("R1", "03-02", *lines), lines=[])).plans
    assert [row.amount.text() for row in bill.lines] == ["9.19", "62.61", "12.66"]
    assert amounts(bill) == {"accounts_payable": "-84.46", "inventory_asset": "84.46"}
