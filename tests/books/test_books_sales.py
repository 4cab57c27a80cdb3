"""Sales and tenders of an order, row by row of accounting.md's event table, by order fields."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from builders import Line, Pay, Ship, an_order, booked, later, read

from qbconsole.books.booking.checks import tender_holds
from qbconsole.books.booking.shape import shape
from qbconsole.books.proof import prove

AR = "accounts_receivable"
CARD = "clearing:shopify_payments"


def test_an_order_paid_at_once_is_a_receipt():
    books = booked(
        an_order(
            [Line(price="20.00", quantity=2, off="4.00", taxes={"CA": "3.60"})],
            shipping=[Ship(price="5.00")],
            pays=[Pay(amount="44.60")],
        )
    )
    assert books.kinds == ["SalesReceipt"]
    assert books.postings == {
        "03-02": {
            CARD: "44.60",
            "discounts": "4.00",
            "sales_income": "-40.00",
            "sales_tax_payable": "-3.60",
            "shipping_income": "-5.00",
        }
    }


def test_invoices_throughout_when_the_merchant_asks():
    books = booked(an_order(pays=[Pay(amount="20.00")]), receipts=False)
    assert books.kinds == ["Invoice", "ReceivePayment"]
    assert books.postings == {"03-02": {CARD: "20.00", "sales_income": "-20.00"}}


def test_several_gateways_make_an_invoice_and_a_payment_each():
    pays = [Pay(amount="15.00"), Pay(amount="5.00", gateway="PayPal (Express)")]
    books = booked(an_order(pays=pays))
    assert books.kinds == ["Invoice", "ReceivePayment", "ReceivePayment"]
    assert books.postings == {"03-02": {CARD: "15.00", "clearing:paypal": "5.00", "sales_income": "-20.00"}}


def test_an_order_paid_later_stays_receivable_until_then():
    books = booked(an_order(pays=[Pay(amount="20.00", at="03-09")]))
    assert books.postings == {
        "03-02": {AR: "20.00", "sales_income": "-20.00"},
        "03-09": {AR: "-20.00", CARD: "20.00"},
    }


def test_a_partial_payment_leaves_the_rest_receivable():
    books = booked(an_order(pays=[Pay(amount="8.00", gateway="manual")]))
    assert books.postings == {"03-02": {AR: "12.00", "clearing:manual": "8.00", "sales_income": "-20.00"}}


@pytest.mark.parametrize(
    "pays", [[], [Pay(amount="20.00", status="PENDING")], [Pay(amount="20.00", status="FAILURE")]]
)
def test_unpaid_pending_and_failed_are_all_unpaid(pays):
    books = booked(an_order(pays=pays))
    assert (books.kinds, books.reasons) == (["Invoice"], [])
    assert books.postings == {"03-02": {AR: "20.00", "sales_income": "-20.00"}}


def test_an_authorised_order_waits():
    books = booked(an_order(pays=[Pay(amount="20.00", kind="AUTHORIZATION")]))
    assert (books.reasons, books.postings) == (["authorized_uncaptured"], {})
    assert "20.00 USD" in books.holds[0].sentence


def test_an_authorised_order_is_posted_when_the_merchant_asks_and_reversed_on_the_day_of_its_void():
    hold = Pay(amount="20.00", kind="AUTHORIZATION")
    books = booked(an_order(pays=[hold]), authorized="post")
    assert books.postings == {"03-02": {AR: "20.00", "sales_income": "-20.00"}}
    void = Pay(amount="20.00", kind="VOID", parent=1, at="03-07")
    after = later(books, an_order(pays=[hold, void]))
    assert after.postings["03-07"] == {AR: "-20.00", "sales_income": "20.00"}
    assert later(after, an_order(pays=[hold, void])).postings == after.postings


def test_every_promise_that_lapses_turns_the_sale_round_and_every_new_one_puts_it_back():
    pays = [
        Pay(amount="20.00", kind="AUTHORIZATION"),
        Pay(amount="20.00", kind="VOID", parent=1, at="03-04"),
        Pay(amount="20.00", kind="AUTHORIZATION", at="03-05"),
        Pay(amount="20.00", kind="VOID", parent=3, at="03-07"),
        Pay(amount="20.00", kind="AUTHORIZATION", at="03-09", expires="03-12"),
        Pay(amount="20.00", gateway="manual", at="03-14"),
    ]
    told = [
        (1, "03-02 16:00"),
        (2, "03-04"),
        (3, "03-05"),
        (4, "03-07"),
        (5, "03-09"),
        (5, "03-13"),
        (6, "03-14"),
    ]
    first, *rest = [an_order(pays=pays[:count], updated=updated) for count, updated in told]
    books = booked(first, authorized="post")
    for raw in rest:
        books = later(books, raw)
        assert later(books, raw).postings == books.postings
    sold, turned = {AR: "20.00", "sales_income": "-20.00"}, {AR: "-20.00", "sales_income": "20.00"}
    assert books.postings == {
        "03-02": sold,
        "03-04": turned,
        "03-05": sold,
        "03-07": turned,
        "03-09": sold,
        "03-12": turned,
        "03-14": {"clearing:manual": "20.00", "sales_income": "-20.00"},
    }


def test_a_sale_put_back_can_still_be_cancelled():
    pays = [
        Pay(amount="20.00", kind="AUTHORIZATION"),
        Pay(amount="20.00", kind="VOID", parent=1, at="03-04"),
        Pay(amount="20.00", kind="AUTHORIZATION", at="03-05"),
    ]
    books = booked(an_order(pays=pays[:1], updated="03-02 16:00"), authorized="post")
    for count, updated in ((2, "03-04"), (3, "03-05")):
        books = later(books, an_order(pays=pays[:count], updated=updated))
    cancelled = an_order(pays=pays, updated="03-08", cancelledAt="2026-03-08T15:00:00Z")
    books = later(books, cancelled)
    assert books.postings["03-08"] == {AR: "-20.00", "returns": "20.00"}
    assert later(books, cancelled).postings == books.postings


def test_a_voided_order_is_held_as_voided():
    pays = [Pay(amount="20.00", kind="AUTHORIZATION"), Pay(amount="20.00", kind="VOID", parent=1)]
    for authorized in ("hold", "post"):
        books = booked(an_order(pays=pays, cancelledAt="2026-03-03T10:00:00Z"), authorized=authorized)
        assert (books.reasons, books.postings) == (["voided"], {})


def test_an_authorisation_past_its_expiry_is_no_longer_open():
    books = booked(an_order(pays=[Pay(amount="20.00", kind="AUTHORIZATION", expires="03-09")]))
    assert books.reasons == ["voided"]


def test_one_open_authorisation_among_voided_ones_is_open():
    pays = [
        Pay(amount="20.00", kind="AUTHORIZATION"),
        Pay(amount="20.00", kind="VOID", parent=1),
        Pay(amount="20.00", kind="AUTHORIZATION", at="03-03"),
    ]
    assert booked(an_order(pays=pays)).reasons == ["authorized_uncaptured"]


def test_a_capture_is_money_on_its_own_day():
    pays = [
        Pay(amount="20.00", kind="AUTHORIZATION"),
        Pay(amount="20.00", kind="CAPTURE", parent=1, at="03-04"),
    ]
    books = booked(an_order(pays=pays))
    assert books.postings == {
        "03-02": {AR: "20.00", "sales_income": "-20.00"},
        "03-04": {AR: "-20.00", CARD: "20.00"},
    }


def test_cash_rounding_goes_with_the_drawer_and_to_its_own_role():
    books = booked(an_order([Line(price="9.99")], pays=[Pay(amount="9.99", gateway="cash", rounding="0.01")]))
    assert books.postings == {
        "03-02": {"cash_rounding": "-0.01", "clearing:cash": "10.00", "sales_income": "-9.99"}
    }
    assert books.kinds == ["SalesReceipt"]


def test_rounding_of_a_later_cash_payment_has_its_own_entry():
    books = booked(
        an_order([Line(price="9.99")], pays=[Pay(amount="9.99", gateway="cash", rounding="0.01", at="03-04")])
    )
    assert books.kinds == ["Invoice", "ReceivePayment", "JournalEntry"]
    assert books.postings["03-04"] == {AR: "-9.99", "cash_rounding": "-0.01", "clearing:cash": "10.00"}


def test_change_is_money_out():
    pays = [Pay(amount="50.00", gateway="cash"), Pay(amount="30.00", kind="CHANGE", gateway="cash")]
    books = booked(an_order(pays=pays))
    assert books.kinds == ["SalesReceipt"]
    assert books.postings == {"03-02": {"clearing:cash": "20.00", "sales_income": "-20.00"}}


def test_change_of_a_later_payment_stands_on_the_payment():
    pays = [
        Pay(amount="50.00", gateway="cash", at="03-04"),
        Pay(amount="30.00", kind="CHANGE", gateway="cash", at="03-04"),
    ]
    books = booked(an_order(pays=pays))
    assert books.kinds == ["Invoice", "ReceivePayment"]
    assert books.postings["03-04"] == {AR: "-20.00", "clearing:cash": "20.00"}


def test_discounts_follow_where_they_hang():
    books = booked(
        an_order(
            [Line(price="20.00", off="2.00")],
            shipping=[Ship(price="6.00", off="6.00")],
            pays=[Pay(amount="18.00")],
        )
    )
    assert books.postings == {
        "03-02": {
            CARD: "18.00",
            "discounts": "2.00",
            "sales_income": "-20.00",
            "shipping_discounts": "6.00",
            "shipping_income": "-6.00",
        }
    }


def test_an_inclusive_line_is_sold_at_its_net():
    books = booked(
        an_order(
            [Line(price="120.00", taxes={"VAT": "20.00"}, rate="0.2")],
            inclusive=True,
            pays=[Pay(amount="120.00")],
        )
    )
    assert books.postings == {
        "03-02": {CARD: "120.00", "sales_income": "-100.00", "sales_tax_payable": "-20.00"}
    }


def test_an_inclusive_discount_is_split_from_its_tax():
    line = Line(price="120.00", off="12.00", taxes={"VAT": "18.00"}, rate="0.2")
    books = booked(an_order([line], inclusive=True, pays=[Pay(amount="108.00")]))
    assert books.postings == {
        "03-02": {
            CARD: "108.00",
            "discounts": "10.00",
            "sales_income": "-100.00",
            "sales_tax_payable": "-18.00",
        }
    }


def test_a_free_inclusive_line_is_split_by_its_rates():
    line = Line(price="12.00", off="12.00", taxes={"VAT": "0.00"}, rate="0.2")
    books = booked(an_order([line], inclusive=True))
    assert books.postings == {"03-02": {"discounts": "10.00", "sales_income": "-10.00"}}
    assert books.kinds == ["SalesReceipt"]


def test_the_last_unit_of_inclusive_discounts_goes_to_the_largest_line():
    small = Line(price="12.00", off="1.00", taxes={"VAT": "1.83"}, rate="0.2")
    books = booked(an_order([small, small, small], inclusive=True))
    # Each line alone gives 0.8336; together 2.5009.
    assert books.postings["03-02"]["discounts"] == "2.50"
    first, second, third = (line for line in books.plans[0].lines if line.role == "discounts")
    assert [line.amount.text() for line in (first, second, third)] == ["-0.84", "-0.83", "-0.83"]


def test_inclusive_shipping_is_income_without_its_tax():
    books = booked(
        an_order(
            [Line(price="12.00", taxes={"VAT": "2.00"})],
            shipping=[Ship(price="6.00", taxes={"VAT": "1.00"})],
            inclusive=True,
            pays=[Pay(amount="18.00")],
        )
    )
    assert books.postings == {
        "03-02": {
            CARD: "18.00",
            "sales_income": "-10.00",
            "sales_tax_payable": "-3.00",
            "shipping_income": "-5.00",
        }
    }


def test_tax_a_marketplace_remits_stands_apart():
    lines = [
        Line(price="10.00", taxes={"CA": "1.00"}),
        Line(price="10.00", taxes={"CA": "0.90"}, liable=True),
    ]
    books = booked(an_order(lines, pays=[Pay(amount="21.90")]))
    assert books.postings == {
        "03-02": {
            CARD: "21.90",
            "marketplace_tax": "-0.90",
            "sales_income": "-20.00",
            "sales_tax_payable": "-1.00",
        }
    }


def test_duties_and_fees_are_owed_to_others():
    books = booked(an_order([Line(price="20.00", duty="3.00")], fees=["1.50"], pays=[Pay(amount="24.50")]))
    assert books.postings == {
        "03-02": {
            CARD: "24.50",
            "additional_fees": "-1.50",
            "duties_payable": "-3.00",
            "sales_income": "-20.00",
        }
    }


def test_a_tip_is_counted_once():
    lines = [Line(price="20.00"), Line(price="4.00", tip=True)]
    books = booked(an_order(lines, tip="4.00", pays=[Pay(amount="24.00")]))
    assert books.postings == {"03-02": {CARD: "24.00", "sales_income": "-20.00", "tips_payable": "-4.00"}}


def test_a_gift_card_sold_is_a_liability():
    books = booked(an_order([Line(price="50.00", gift_card=True)], pays=[Pay(amount="50.00")]))
    assert books.postings == {"03-02": {CARD: "50.00", "gift_card_liability": "-50.00"}}


def test_a_gift_card_used_lowers_the_receipt():
    pays = [Pay(amount="15.00", gateway="gift_card"), Pay(amount="5.00")]
    books = booked(an_order(pays=pays))
    assert books.kinds == ["SalesReceipt"]
    assert books.postings == {
        "03-02": {CARD: "5.00", "gift_card_liability": "15.00", "sales_income": "-20.00"}
    }


def test_a_sale_paid_by_gift_card_alone_moves_no_clearing():
    books = booked(an_order(pays=[Pay(amount="20.00", gateway="gift_card")]))
    assert books.postings == {"03-02": {"gift_card_liability": "20.00", "sales_income": "-20.00"}}


@pytest.mark.parametrize("gateway", ["shopify_store_credit", "store_credit"])
def test_store_credit_has_its_own_liability(gateway):
    books = booked(an_order(pays=[Pay(amount="20.00", gateway=gateway)]))
    assert books.postings == {"03-02": {"sales_income": "-20.00", "store_credit_liability": "20.00"}}


def test_a_gift_card_used_later_is_a_memo_applied_to_the_invoice():
    books = booked(an_order(pays=[Pay(amount="20.00", gateway="gift_card", at="03-06")]))
    assert books.kinds == ["Invoice", "CreditMemo", "ReceivePayment"]
    assert books.postings["03-06"] == {AR: "-20.00", "gift_card_liability": "20.00"}
    assert books.plans[2].applied[0].credit_key == books.plans[1].key


def test_a_free_order_is_a_receipt_of_nothing():
    books = booked(an_order([Line(price="20.00", off="20.00")]))
    assert books.kinds == ["SalesReceipt"]
    assert books.postings == {"03-02": {"discounts": "20.00", "sales_income": "-20.00"}}


def test_a_custom_line_without_sku_is_sold_like_any_other():
    books = booked(an_order([Line(price="7.00", sku=None)], pays=[Pay(amount="7.00")]))
    assert books.postings == {"03-02": {CARD: "7.00", "sales_income": "-7.00"}}


def test_dates_are_the_shops_own():
    books = booked(an_order(at="03-02 03:30", pays=[Pay(amount="20.00", at="03-03 04:59")]))
    assert list(books.postings) == ["03-01", "03-02"]  # New York is five hours behind


def test_an_order_known_by_its_date_alone_keeps_that_date():
    raw = an_order(processedAt="2026-03-02")
    assert list(booked(raw).postings) == ["03-02"]


def test_test_money_in_a_live_order_posts_nothing_and_is_listed():
    raw = an_order(pays=[Pay(amount="20.00", test=True)])
    assert booked(raw).postings == {"03-02": {AR: "20.00", "sales_income": "-20.00"}}
    assert [(hold.reason, hold.subject) for hold in tender_holds(read(raw))] == [("test_order", "txn/1")]


def test_a_tender_told_twice_counts_once():
    raw = an_order(pays=[Pay(amount="20.00")])
    raw["transactions"] *= 2
    assert booked(raw).postings == {"03-02": {CARD: "20.00", "sales_income": "-20.00"}}


def test_the_same_order_again_books_nothing():
    raw = an_order(pays=[Pay(amount="20.00")])
    books = booked(raw)
    assert len(later(books, raw).plans) == 1


def test_a_foreign_sale_settled_at_another_rate_leaves_an_exchange_difference():
    raw = an_order(
        [Line(price=("9.00", "13.50"))], seen="CAD", pays=[Pay(amount=("9.20", "13.50"), at="03-03")]
    )
    books = booked(raw)
    assert books.postings == {
        "03-02": {AR: "9.00", "sales_income": "-9.00"},
        "03-03": {AR: "-9.00", CARD: "9.20", "fx_gain_loss": "-0.20"},
    }
    assert books.kinds == ["Invoice", "JournalEntry", "ReceivePayment"]


def test_presentment_money_that_does_not_come_to_zero_makes_no_exchange_difference():
    raw = an_order(
        [Line(price=("9.00", "13.50"))], seen="CAD", pays=[Pay(amount=("9.00", "12.77"), at="03-03")]
    )
    assert booked(raw).postings["03-03"] == {AR: "-9.00", CARD: "9.00"}


def test_a_document_moved_to_an_open_day_tells_its_true_one():
    books = booked(an_order(pays=[Pay(amount="20.00", at="03-04")]))
    on = date(2026, 4, 1)
    moved = [
        replace(entry, on=on, postings=tuple(replace(posting, on=on) for posting in entry.postings))
        for entry in books.entries
    ]
    plans = shape(read(an_order()), moved, ())
    prove(moved, plans, "USD")
    assert [(plan.on, plan.true_on) for plan in plans] == [(on, date(2026, 3, 2)), (on, date(2026, 3, 4))]


def test_yen_have_no_decimals():
    books = booked(
        an_order([Line(price="2000", taxes={"JCT": "200"})], currency="JPY", pays=[Pay(amount="2200")])
    )
    assert books.postings == {
        "03-02": {CARD: "2200.00", "sales_income": "-2000.00", "sales_tax_payable": "-200.00"}
    }


def test_three_decimals_are_rounded_once_a_role_and_document():
    lines = [Line(price="1.005"), Line(price="1.005"), Line(price="0.004", taxes={"T": "0.004"})]
    books = booked(an_order(lines, currency="KWD", pays=[Pay(amount="2.018")]))
    assert books.postings == {"03-02": {CARD: "2.02", "rounding": "-0.01", "sales_income": "-2.01"}}


def test_three_decimals_of_an_invoice_and_its_payment_settle_each_other():
    books = booked(an_order([Line(price="1.005")], currency="KWD", pays=[Pay(amount="1.005", at="03-04")]))
    assert books.postings == {
        "03-02": {AR: "1.01", "sales_income": "-1.01"},
        "03-04": {AR: "-1.01", CARD: "1.01"},
    }
    assert books.plans[1].applied[0].amount.text() == "1.01"


def test_two_hundred_and_fifty_lines_are_one_document():
    books = booked(an_order([Line(price="1.00", taxes={"CA": "0.07"})] * 250, pays=[Pay(amount="267.50")]))
    assert books.postings == {
        "03-02": {CARD: "267.50", "sales_income": "-250.00", "sales_tax_payable": "-17.50"}
    }
