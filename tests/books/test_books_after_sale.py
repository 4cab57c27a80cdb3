"""What happens after the sale: refunds, edits, cancellations, by order fields (accounting.md sections 2 and 13)."""

from __future__ import annotations

import pytest
from builders import Back, Line, Pay, Ship, an_order, booked, later

AR = "accounts_receivable"
CARD = "clearing:shopify_payments"
PAID = Pay(amount="22.00")
TAXED = Line(price="10.00", quantity=2, taxes={"CA": "2.00"})


def _refunded(
    amount: str, *, at: str = "03-05 10:00", gateway: str = "shopify_payments", **more: object
) -> Pay:
    return Pay(amount=amount, kind="REFUND", at=at, gateway=gateway, **more)


def test_a_refund_of_items_gives_back_income_tax_and_money():
    raw = an_order(
        [TAXED], pays=[PAID, _refunded("11.00")], refunds=[Back(lines=[(1, 1, "10.00", "1.00")], pays=[2])]
    )
    books = booked(raw)
    assert books.kinds == ["SalesReceipt", "CreditMemo", "ARRefundCreditCard"]
    assert books.postings["03-05"] == {CARD: "-11.00", "returns": "10.00", "sales_tax_payable": "1.00"}
    assert books.plans[2].applied[0].document_key == books.plans[1].key


def test_a_refund_of_shipping_has_its_own_role():
    raw = an_order(
        [Line(price="20.00")],
        shipping=[Ship(price="5.00", taxes={"CA": "0.50"})],
        pays=[Pay(amount="25.50"), _refunded("5.50")],
        refunds=[Back(shipping=[("5.00", "0.50")], pays=[2])],
    )
    assert booked(raw).postings["03-05"] == {
        CARD: "-5.50",
        "sales_tax_payable": "0.50",
        "shipping_refunds": "5.00",
    }


def test_an_inclusive_refund_holds_its_tax_inside():
    raw = an_order(
        [Line(price="12.00", taxes={"VAT": "2.00"})],
        shipping=[Ship(price="6.00", taxes={"VAT": "1.00"})],
        inclusive=True,
        pays=[Pay(amount="18.00"), _refunded("18.00")],
        refunds=[Back(lines=[(1, 1, "12.00", "2.00")], shipping=[("6.00", "1.00")], pays=[2])],
    )
    assert booked(raw).postings["03-05"] == {
        CARD: "-18.00",
        "returns": "10.00",
        "sales_tax_payable": "3.00",
        "shipping_refunds": "5.00",
    }


def test_an_adjustment_keeps_money_back():
    raw = an_order(
        [TAXED],
        pays=[PAID, _refunded("8.80")],
        refunds=[Back(lines=[(1, 1, "10.00", "1.00")], adjustments=[("2.00", "0.20")], pays=[2])],
    )
    books = booked(raw)
    assert books.postings["03-05"] == {
        CARD: "-8.80",
        "refund_discrepancy": "-2.00",
        "returns": "10.00",
        "sales_tax_payable": "0.80",
    }
    assert books.reasons == []


def test_a_return_fee_is_kept_by_the_refund_that_settles_the_return():
    raw = an_order(
        [TAXED],
        pays=[PAID, _refunded("8.00")],
        returns=[("03-04", "3.00")],
        refunds=[Back(lines=[(1, 1, "10.00", "1.00")], pays=[2], of_return=1)],
    )
    assert booked(raw).postings["03-05"] == {
        CARD: "-8.00",
        "return_fees_income": "-3.00",
        "returns": "10.00",
        "sales_tax_payable": "1.00",
    }


def test_an_amount_only_refund_is_a_discrepancy_and_not_flagged():
    books = booked(an_order(pays=[Pay(amount="20.00"), _refunded("5.00")], refunds=[Back(pays=[2])]))
    assert books.postings["03-05"] == {CARD: "-5.00", "refund_discrepancy": "5.00"}
    assert books.reasons == []


def test_money_beyond_the_parts_is_a_discrepancy_and_flagged():
    raw = an_order(
        pays=[Pay(amount="20.00"), _refunded("12.00")], refunds=[Back(lines=[(1, 1, "10.00", "0")], pays=[2])]
    )
    books = booked(raw)
    assert books.postings["03-05"] == {CARD: "-12.00", "refund_discrepancy": "2.00", "returns": "10.00"}
    assert books.reasons == ["refund_residual_review"]


def test_a_line_refunded_at_nothing_leaves_all_its_money_a_residual():
    raw = an_order(
        [Line(price="10.00", current=0)],
        pays=[Pay(amount="10.00"), _refunded("10.00")],
        refunds=[Back(lines=[(1, 1, "0.0", "0.0")], pays=[2])],
    )
    books = booked(raw)
    assert books.postings["03-05"] == {CARD: "-10.00", "refund_discrepancy": "10.00"}
    assert books.reasons == ["refund_residual_review"]


def test_a_refund_over_several_tenders_uses_up_its_credit_once():
    raw = an_order(
        [Line(price="20.00")],
        pays=[
            Pay(amount="12.00"),
            Pay(amount="8.00", gateway="gift_card"),
            _refunded("12.00"),
            _refunded("8.00", gateway="gift_card"),
        ],
        refunds=[Back(lines=[(1, 1, "20.00", "0")], pays=[3, 4])],
    )
    books = booked(raw)
    assert books.postings["03-05"] == {CARD: "-12.00", "gift_card_liability": "-8.00", "returns": "20.00"}
    assert books.reasons == []


def test_a_refund_to_a_gift_card_on_another_day_is_an_entry_on_its_liability():
    raw = an_order(
        pays=[Pay(amount="20.00"), _refunded("20.00", gateway="gift_card", at="03-08")],
        refunds=[Back(lines=[(1, 1, "20.00", "0")], pays=[2])],
    )
    books = booked(raw)
    assert books.postings["03-05"] == {AR: "-20.00", "returns": "20.00"}
    assert books.postings["03-08"] == {AR: "20.00", "gift_card_liability": "-20.00"}


def test_a_manual_refund_is_a_check():
    raw = an_order(
        pays=[Pay(amount="20.00", gateway="manual"), _refunded("20.00", gateway="manual", manual=True)],
        refunds=[Back(lines=[(1, 1, "20.00", "0")], pays=[2])],
    )
    assert booked(raw).kinds == ["SalesReceipt", "CreditMemo", "Check"]


def test_a_pending_refund_leaves_the_credit_with_the_customer():
    back = Back(lines=[(1, 1, "20.00", "0")], pays=[2])
    first = an_order(pays=[Pay(amount="20.00"), _refunded("20.00", status="PENDING")], refunds=[back])
    books = booked(first)
    assert books.postings["03-05"] == {AR: "-20.00", "returns": "20.00"}
    assert books.reasons == []
    after = later(books, an_order(pays=[Pay(amount="20.00"), _refunded("20.00", at="03-09")], refunds=[back]))
    assert after.postings["03-09"] == {AR: "20.00", CARD: "-20.00"}


def test_money_told_a_moment_before_its_refund_still_belongs_to_it():
    raw = an_order(
        pays=[Pay(amount="20.00"), _refunded("20.00", at="03-05 09:59")],
        refunds=[Back(lines=[(1, 1, "20.00", "0")], pays=[2], at="03-05 10:00")],
    )
    books = booked(raw)
    assert books.postings["03-05"] == {CARD: "-20.00", "returns": "20.00"}


def test_money_given_back_while_the_customer_owes_is_owed_again():
    books = booked(an_order(pays=[Pay(amount="8.00"), _refunded("5.00")], refunds=[Back(pays=[2])]))
    assert books.postings["03-05"] == {AR: "5.00", CARD: "-5.00"}
    assert books.reasons == ["refund_residual_review"]


def test_more_than_was_ever_received_is_a_discrepancy():
    books = booked(an_order(pays=[Pay(amount="8.00"), _refunded("10.00")], refunds=[Back(pays=[2])]))
    assert books.postings["03-05"] == {AR: "8.00", CARD: "-10.00", "refund_discrepancy": "2.00"}


def test_a_foreign_residual_is_taken_at_the_tenders_own_rate():
    raw = an_order(
        [Line(price=("10.00", "15.00"))],
        seen="CAD",
        pays=[
            Pay(amount=("10.00", "15.00")),
            Pay(amount=("8.40", "12.00"), kind="REFUND", at="03-05 10:00"),
        ],
        refunds=[Back(lines=[(1, 1, ("6.67", "10.00"), "0")], pays=[2])],
    )
    books = booked(raw)
    # 2.00 CAD beyond the credit, at 8.40 / 12.00; the rest settles 10.00 CAD that were booked as 6.67.
    assert books.postings["03-05"] == {
        CARD: "-8.40",
        "fx_gain_loss": "0.33",
        "refund_discrepancy": "1.40",
        "returns": "6.67",
    }


def test_cash_refunds_round_with_their_own_sign():
    raw = an_order(
        [Line(price="5.02")],
        pays=[
            Pay(amount="5.02", gateway="cash", rounding="-0.02"),
            _refunded("5.02", gateway="cash", rounding="-0.02"),
        ],
        refunds=[Back(lines=[(1, 1, "5.02", "0")], pays=[2])],
    )
    books = booked(raw)
    assert books.postings["03-02"] == {
        "cash_rounding": "0.02",
        "clearing:cash": "5.00",
        "sales_income": "-5.02",
    }
    assert books.postings["03-05"] == {"cash_rounding": "-0.02", "clearing:cash": "-5.00", "returns": "5.02"}


def test_a_refunded_duty_and_tip_go_back_to_their_liabilities():
    raw = an_order(
        [Line(price="20.00", duty="3.00"), Line(price="4.00", tip=True)],
        tip="4.00",
        pays=[Pay(amount="27.00"), _refunded("7.00")],
        refunds=[Back(lines=[(2, 1, "4.00", "0")], duties=["3.00"], pays=[2])],
    )
    assert booked(raw).postings["03-05"] == {CARD: "-7.00", "duties_payable": "3.00", "tips_payable": "4.00"}


def test_a_refunded_gift_card_lowers_its_liability():
    raw = an_order(
        [Line(price="50.00", gift_card=True)],
        pays=[Pay(amount="50.00"), _refunded("50.00")],
        refunds=[Back(lines=[(1, 1, "50.00", "0")], pays=[2])],
    )
    assert booked(raw).postings["03-05"] == {CARD: "-50.00", "gift_card_liability": "50.00"}


@pytest.mark.parametrize(
    ("restock", "restocked"), [("RETURN", True), ("CANCEL", True), ("NO_RESTOCK", False)]
)
def test_only_restocked_units_go_back_to_stock(restock, restocked):
    raw = an_order(refunds=[Back(lines=[(1, 1, "20.00", "0")], restock=restock)])
    memo = booked(raw).plans[1]
    assert [line.restocked for line in memo.lines] == [restocked]


def test_an_edit_that_takes_units_off_is_a_credit():
    line = Line(price="10.00", quantity=2, taxes={"CA": "2.60"})
    books = booked(an_order([line], pays=[Pay(amount="22.60")]))
    edited = an_order(
        [line.__class__(**(line.__dict__ | {"current": 1}))],
        pays=[Pay(amount="22.60")],
        updated="03-10 12:00",
    )
    after = later(books, edited)
    assert after.postings["03-10"] == {AR: "-11.30", "returns": "10.00", "sales_tax_payable": "1.30"}
    assert later(after, edited).postings == after.postings


def test_a_line_edited_to_nothing_is_given_back_whole_step_by_step():
    def at(current: int, updated: str) -> dict:
        return an_order([Line(price="10.00", quantity=3, off="0.01", current=current)], updated=updated)

    books = later(later(booked(at(3, "03-02 16:00")), at(2, "03-10")), at(0, "03-11"))
    assert books.postings["03-02"][AR] == "29.99"
    assert (books.postings["03-10"][AR], books.postings["03-11"][AR]) == ("-10.00", "-19.99")


def test_a_gift_card_edited_away_is_booked_once():
    def at(current: int) -> dict:
        return an_order([Line(price="50.00", gift_card=True, current=current)], updated="03-10")

    books = later(later(booked(at(1)), at(0)), at(0))
    assert books.postings["03-10"] == {AR: "-50.00", "gift_card_liability": "50.00"}


def test_an_edit_up_and_a_new_line_are_owed():
    books = booked(an_order([Line(price="10.00")], pays=[Pay(amount="10.00")]))
    edited = an_order(
        [Line(price="10.00", quantity=2), Line(price="7.00")], pays=[Pay(amount="10.00")], updated="03-10"
    )
    assert later(books, edited).postings["03-10"] == {AR: "17.00", "sales_income": "-17.00"}


def test_a_discount_added_by_edit_is_a_discount():
    books = booked(an_order([Line(price="100.00")], pays=[Pay(amount="100.00")]))
    after = later(
        books, an_order([Line(price="100.00", off="20.00")], pays=[Pay(amount="100.00")], updated="03-10")
    )
    assert after.postings["03-10"] == {AR: "-20.00", "discounts": "20.00"}
    memo = after.plans[-1]
    assert (memo.kind, [line.role for line in memo.lines]) == ("CreditMemo", ["discounts"])


def test_a_refund_after_an_edit_uses_the_edits_credit():
    books = booked(an_order([Line(price="10.00", quantity=2)], pays=[Pay(amount="20.00")]))
    edited = Line(price="10.00", quantity=2, current=1)
    books = later(books, an_order([edited], pays=[Pay(amount="20.00")], updated="03-10"))
    money = _refunded("10.00", at="03-12")
    books = later(
        books, an_order([edited], pays=[Pay(amount="20.00"), money], refunds=[Back(at="03-12", pays=[2])])
    )
    assert books.postings["03-12"] == {AR: "10.00", CARD: "-10.00"}
    assert books.reasons == []


def test_a_refund_record_that_comes_after_its_edit_counts_the_units_once():
    edited = Line(price="10.00", quantity=2, current=1)
    books = later(booked(an_order([Line(price="10.00", quantity=2)])), an_order([edited], updated="03-10"))
    books = later(
        books,
        an_order(
            [edited], refunds=[Back(at="03-10 12:30", lines=[(1, 1, "10.00", "0")])], updated="03-10 13:00"
        ),
    )
    assert books.postings["03-10"] == {AR: "-10.00", "returns": "10.00"}


def test_shipping_removed_by_an_edit_is_given_back():
    books = booked(an_order([Line(price="20.00")], shipping=[Ship(price="5.00")]))
    raw = an_order([Line(price="20.00")], shipping=[Ship(price="5.00", removed=True)], updated="03-10")
    assert later(books, raw).postings["03-10"] == {AR: "-5.00", "shipping_refunds": "5.00"}


def test_an_unpaid_order_cancelled_is_given_back_beside_its_sale():
    books = booked(an_order([TAXED], cancelledAt="2026-03-04T15:00:00Z"))
    assert books.postings == {
        "03-02": {AR: "22.00", "sales_income": "-20.00", "sales_tax_payable": "-2.00"},
        "03-04": {AR: "-22.00", "returns": "20.00", "sales_tax_payable": "2.00"},
    }
    assert books.kinds == ["Invoice", "CreditMemo", "ReceivePayment"]


def test_a_cancellation_told_by_a_refund_record_is_booked_from_it():
    back = Back(lines=[(1, 2, "20.00", "2.00")], at="03-04 15:00", restock="CANCEL")
    raw = an_order(
        [Line(**(TAXED.__dict__ | {"current": 0}))], refunds=[back], cancelledAt="2026-03-04T15:00:00Z"
    )
    books = booked(raw)
    assert books.postings["03-04"] == {AR: "-22.00", "returns": "20.00", "sales_tax_payable": "2.00"}


def test_units_a_partial_refund_left_are_given_back_by_the_cancellation():
    raw = an_order(
        [Line(price="10.00", quantity=3, current=0)],
        refunds=[Back(lines=[(1, 1, "10.00", "0")], at="03-03 15:00")],
        cancelledAt="2026-03-04T15:00:00Z",
    )
    books = booked(raw)
    assert (books.postings["03-03"][AR], books.postings["03-04"][AR]) == ("-10.00", "-20.00")


def test_a_cancelled_and_refunded_order_comes_to_nothing():
    raw = an_order(
        [Line(**(TAXED.__dict__ | {"current": 0}))],
        pays=[PAID, _refunded("22.00", at="03-04 15:00")],
        refunds=[Back(lines=[(1, 2, "20.00", "2.00")], pays=[2], at="03-04 15:00")],
        cancelledAt="2026-03-04T15:00:00Z",
    )
    assert booked(raw).postings["03-04"] == {CARD: "-22.00", "returns": "20.00", "sales_tax_payable": "2.00"}


def test_a_paid_order_cancelled_without_giving_anything_back_stands():
    raw = an_order(pays=[Pay(amount="20.00")], cancelledAt="2026-03-04T15:00:00Z")
    assert list(booked(raw).postings) == ["03-02"]


def test_a_refund_the_same_day_as_a_sale_over_two_gateways_is_taken_from_its_memo():
    raw = an_order(
        pays=[Pay(amount="12.00"), Pay(amount="8.00", gateway="paypal"), _refunded("6.00", at="03-02 18:00")],
        refunds=[Back(lines=[(1, 1, "6.00", "0")], pays=[3], at="03-02 18:00")],
    )
    books = booked(raw)
    assert books.kinds == ["Invoice", "ReceivePayment", "ReceivePayment", "CreditMemo", "ARRefundCreditCard"]


def test_an_edit_seen_together_with_the_money_it_gave_back_came_before_it():
    raw = an_order(
        [Line(price="10.00", quantity=2, current=1)],
        pays=[Pay(amount="20.00"), _refunded("10.00", at="03-12")],
        refunds=[Back(at="03-12", pays=[2])],
    )
    books = booked(raw)
    assert books.postings["03-12"] == {CARD: "-10.00", "returns": "10.00"}
    assert books.reasons == []
