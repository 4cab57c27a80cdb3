"""Orders read from sales agreements: signed rows, dated one by one (accounting.md section 13, conventions 5 to 9)."""

from __future__ import annotations

import pytest
from builders import Agreed, Back, Line, Pay, Ship, Sold, an_order, booked, later

AR = "accounts_receivable"
CARD = "clearing:shopify_payments"
ORDER = Agreed([Sold(total="20.00", line=1)])


def _money_back(amount: str, at: str = "03-05 10:00") -> Pay:
    return Pay(amount=amount, kind="REFUND", at=at)


def test_a_sale_is_gross_with_its_discount_apart():
    raw = an_order(
        [Line(price="20.00", off="2.00", taxes={"CA": "1.80"})],
        agreements=[Agreed([Sold(total="19.80", tax="1.80", off="2.00", line=1)])],
        pays=[Pay(amount="19.80")],
    )
    assert booked(raw).postings == {
        "03-02": {CARD: "19.80", "discounts": "2.00", "sales_income": "-20.00", "sales_tax_payable": "-1.80"}
    }


def test_both_tax_modes_give_gross_before_tax():
    raw = an_order(
        [Line(price="120.00", off="12.00", taxes={"VAT": "18.00"})],
        inclusive=True,
        agreements=[Agreed([Sold(total="108.00", tax="18.00", off="10.00", line=1)])],
        pays=[Pay(amount="108.00")],
    )
    assert booked(raw).postings["03-02"]["sales_income"] == "-100.00"


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        ("PRODUCT", "sales_income"),
        ("SHIPPING", "shipping_income"),
        ("TIP", "tips_payable"),
        ("GIFT_CARD", "gift_card_liability"),
        ("DUTY", "duties_payable"),
        ("ADDITIONAL_FEE", "additional_fees"),
        ("FEE", "return_fees_income"),
        ("ADJUSTMENT", "refund_discrepancy"),
    ],
)
def test_each_kind_of_sale_has_its_role(kind, role):
    raw = an_order([], agreements=[Agreed([Sold(total="5.00", type=kind)])])
    assert booked(raw).postings == {"03-02": {AR: "5.00", role: "-5.00"}}


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        ("PRODUCT", "returns"),
        ("SHIPPING", "shipping_refunds"),
        ("TIP", "tips_payable"),
        ("GIFT_CARD", "gift_card_liability"),
        ("DUTY", "duties_payable"),
    ],
)
def test_a_return_of_each_kind_reverses_it(kind, role):
    sales = [Sold(total="-4.00", type=kind, action="RETURN", off="-1.00" if role == "returns" else "0")]
    raw = an_order([Line(price="20.00")], agreements=[ORDER, Agreed(sales, reason="RETURN", at="03-05")])
    assert booked(raw).postings["03-05"] == {AR: "-4.00", role: "4.00"}


def test_an_unknown_kind_of_sale_holds_the_order():
    raw = an_order([], agreements=[Agreed([Sold(total="5.00", type="HOLOGRAM")])])
    assert booked(raw).reasons == ["unknown_sale"]


def test_tax_without_rows_is_split_by_the_lines_own_taxes():
    line = Line(price="100.00", taxes={"State": "6.00", "County": "1.00"})
    raw = an_order(
        [line], agreements=[Agreed([Sold(total="107.00", tax="7.00", line=1)])], pays=[Pay(amount="107.00")]
    )
    facets = {p.facet: p.amount.text() for p in booked(raw).plans[0].postings if p.facet}
    assert facets == {"County": "-1.00", "State": "-6.00"}


def test_tax_rows_that_miss_a_cent_are_split_in_proportion_to_the_sales_tax():
    sale = Sold(total="107.00", tax="7.00", taxes={"State": "6.00", "County": "1.01"}, line=1)
    line = Line(price="100.00", taxes={"State": "6.00", "County": "1.00"})
    books = booked(an_order([line], agreements=[Agreed([sale])], pays=[Pay(amount="107.00")]))
    facets = {p.facet: p.amount.text() for p in books.plans[0].postings if p.facet}
    assert facets == {"County": "-1.01", "State": "-5.99"}


def test_tax_of_a_line_that_a_marketplace_remits_stands_apart_without_rows():
    line = Line(price="10.00", taxes={"CA": "0.90"}, liable=True)
    raw = an_order(
        [line], agreements=[Agreed([Sold(total="10.90", tax="0.90", line=1)])], pays=[Pay(amount="10.90")]
    )
    assert booked(raw).postings["03-02"]["marketplace_tax"] == "-0.90"


def test_a_tip_sold_as_a_product_line_is_a_tip():
    raw = an_order(
        [Line(price="20.00"), Line(price="4.00", tip=True)],
        tip="4.00",
        agreements=[Agreed([Sold(total="20.00", line=1), Sold(total="4.00", line=2)])],
        pays=[Pay(amount="24.00")],
    )
    assert booked(raw).postings == {
        "03-02": {CARD: "24.00", "sales_income": "-20.00", "tips_payable": "-4.00"}
    }


def test_the_order_agreement_is_dated_processed_at_and_others_happened_at():
    edit = Agreed([Sold(total="7.00", action="UPDATE", line=1)], reason="ORDER_EDIT", at="03-09")
    raw = an_order([Line(price="27.00")], agreements=[Agreed(ORDER.sales, at="03-01"), edit])
    assert {day: roles[AR] for day, roles in booked(raw).postings.items()} == {
        "03-02": "20.00",
        "03-09": "7.00",
    }


def test_an_edit_down_by_agreement_is_a_credit_that_a_refund_uses():
    edit = Agreed(
        [Sold(total="-5.00", action="RETURN", quantity=-1, line=1)], reason="ORDER_EDIT", at="03-04"
    )
    raw = an_order(
        [Line(price="20.00")],
        agreements=[ORDER, edit],
        pays=[Pay(amount="20.00"), _money_back("5.00")],
        refunds=[Back(pays=[2])],
    )
    books = booked(raw)
    assert books.postings["03-04"] == {AR: "-5.00", "returns": "5.00"}
    assert books.postings["03-05"] == {AR: "5.00", CARD: "-5.00"}
    assert books.reasons == []


def test_a_discount_edit_is_zero_income_and_a_discount():
    edit = Agreed([Sold(total="-4.00", off="4.00", action="UPDATE", line=1)], reason="ORDER_EDIT", at="03-04")
    raw = an_order([Line(price="20.00", off="4.00")], agreements=[ORDER, edit])
    books = booked(raw)
    assert books.postings["03-04"] == {AR: "-4.00", "discounts": "4.00"}
    assert [line.role for line in books.plans[1].lines] == ["discounts"]


def test_an_exchange_is_a_memo_and_an_invoice_of_one_agreement():
    swap = Agreed(
        [
            Sold(total="-20.00", action="RETURN", quantity=-1, line=1),
            Sold(total="26.00", line=2),
            Sold(total="2.00", type="FEE", quantity=None),
        ],
        reason="RETURN",
        at="03-05",
    )
    raw = an_order(
        [Line(price="20.00"), Line(price="26.00")],
        agreements=[ORDER, swap],
        pays=[Pay(amount="20.00"), Pay(amount="8.00", at="03-05 16:00")],
        totalPriceSet=an_order([Line(price="46.00")])["totalPriceSet"],
    )
    books = booked(raw)
    assert books.postings["03-05"] == {
        CARD: "8.00",
        "return_fees_income": "-2.00",
        "returns": "20.00",
        "sales_income": "-26.00",
    }
    assert books.kinds == ["SalesReceipt", "Invoice", "CreditMemo", "ReceivePayment", "ReceivePayment"]


def test_a_return_fee_alone_is_an_invoice():
    fee = Agreed([Sold(total="2.00", type="FEE", quantity=None)], reason="RETURN", at="03-05")
    books = booked(an_order(agreements=[ORDER, fee]))
    assert books.postings["03-05"] == {AR: "2.00", "return_fees_income": "-2.00"}


def test_refund_lines_do_not_count_where_an_agreement_tells_the_same():
    back = Agreed(
        [Sold(total="-20.00", action="RETURN", quantity=-1, line=1)], reason="REFUND", at="03-05 10:00"
    )
    raw = an_order(
        agreements=[ORDER, back],
        pays=[Pay(amount="20.00"), _money_back("20.00")],
        refunds=[Back(lines=[(1, 1, "20.00", "0")], pays=[2])],
    )
    assert booked(raw).postings["03-05"] == {CARD: "-20.00", "returns": "20.00"}


def test_money_told_a_moment_before_its_agreement_still_belongs_to_it():
    back = Agreed([Sold(total="-20.00", action="RETURN", line=1)], reason="REFUND", at="03-05 10:01")
    raw = an_order(
        agreements=[ORDER, back],
        pays=[Pay(amount="20.00"), _money_back("20.00")],
        refunds=[Back(lines=[(1, 1, "20.00", "0")], pays=[2])],
    )
    assert booked(raw).postings["03-05"] == {CARD: "-20.00", "returns": "20.00"}


def test_restocking_is_read_from_the_refund_line():
    back = Agreed([Sold(total="-20.00", action="RETURN", quantity=1, line=1)], reason="REFUND", at="03-05")
    raw = an_order(
        agreements=[ORDER, back], refunds=[Back(lines=[(1, 1, "20.00", "0")], restock="NO_RESTOCK")]
    )
    line = booked(raw).plans[1].lines[0]
    assert (line.restocked, line.quantity) == (False, 1)


def test_a_cancellation_no_agreement_tells_of_is_dated_cancelled_at():
    raw = an_order(agreements=[ORDER], cancelledAt="2026-03-04T15:00:00Z")
    raw["currentTotalPriceSet"] = an_order([])["totalPriceSet"]
    books = booked(raw)
    assert books.postings["03-04"] == {AR: "-20.00", "returns": "20.00"}
    assert later(books, raw).postings == books.postings


def test_a_cancellation_told_by_an_agreement_is_booked_once():
    back = Agreed([Sold(total="-20.00", action="RETURN", line=1)], reason="REFUND", at="03-04")
    raw = an_order(agreements=[ORDER, back], cancelledAt="2026-03-04T15:00:00Z")
    assert booked(raw).postings["03-04"] == {AR: "-20.00", "returns": "20.00"}


def test_an_order_read_by_fields_stays_so_when_agreements_appear():
    books = booked(an_order())
    assert later(books, an_order(agreements=[ORDER])).kinds == ["Invoice"]


def test_an_order_read_by_agreements_stays_so_when_they_are_withheld():
    books = booked(an_order(agreements=[ORDER], shipping=[]))
    assert later(books, an_order()).kinds == ["Invoice"]


def test_agreements_alone_are_enough_without_line_items():
    raw = an_order(agreements=[ORDER])
    del raw["lineItems"]
    assert booked(raw).postings == {"03-02": {AR: "20.00", "sales_income": "-20.00"}}


def test_shipping_sold_and_given_back_by_agreement():
    sold = Agreed([Sold(total="20.00", line=1), Sold(total="5.00", off="1.00", type="SHIPPING", ship=1)])
    back = Agreed(
        [Sold(total="-5.00", action="RETURN", type="SHIPPING", ship=1)], reason="REFUND", at="03-05"
    )
    raw = an_order([Line(price="20.00")], shipping=[Ship(price="6.00", off="1.00")], agreements=[sold, back])
    books = booked(raw)
    assert books.postings["03-02"] == {
        AR: "25.00",
        "sales_income": "-20.00",
        "shipping_discounts": "1.00",
        "shipping_income": "-6.00",
    }
    assert books.postings["03-05"] == {AR: "-5.00", "shipping_refunds": "5.00"}
