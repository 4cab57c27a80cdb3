"""Why an order stays out of the books: holds with the difference shown, never a plug."""

from __future__ import annotations

from datetime import date

from builders import Agreed, Line, Pay, Sold, an_order, booked, later, read


def test_a_test_order_posts_nothing():
    books = booked(an_order(test=True, pays=[Pay(amount="20.00", test=True)]))
    assert (books.reasons, books.postings) == (["test_order"], {})


def test_a_test_order_asked_for_is_booked_like_any_other():
    books = booked(an_order(test=True, pays=[Pay(amount="20.00", test=True)]), include_test=True)
    assert books.kinds == ["SalesReceipt"]


def test_an_order_in_another_currency_than_the_books_is_held():
    books = booked(an_order(currency="EUR"), home_currency="USD")
    assert books.reasons == ["currency_mismatch"]
    assert "EUR" in books.holds[0].sentence


def test_the_currency_that_counts_is_the_amounts_own():
    assert read(an_order(currency="EUR") | {"currencyCode": "USD"}).currency == "EUR"


def test_an_order_before_the_start_is_held():
    assert booked(an_order(), start=date(2026, 3, 3)).reasons == ["before_start"]
    assert booked(an_order(), start=date(2026, 3, 2)).reasons == []


def test_an_order_that_misses_what_its_amounts_need_names_it():
    raw = an_order()
    del raw["lineItems"], raw["totalPriceSet"]
    books = booked(raw)
    assert books.reasons == ["incomplete_order"]
    assert "totalPriceSet, lineItems" in books.holds[0].sentence


def test_a_total_its_parts_do_not_give_is_held_with_the_difference():
    books = booked(an_order() | {"totalPriceSet": an_order([Line(price="21.50")])["totalPriceSet"]})
    assert books.reasons == ["does_not_add_up"]
    assert "1.50 USD apart" in books.holds[0].sentence


def test_taxes_that_differ_from_the_total_tax_are_held():
    raw = an_order([Line(price="100.00", taxes={"CA": "11.50"})])
    raw["totalTaxSet"] = an_order([Line(price="12.50")])["totalPriceSet"]
    assert booked(raw).reasons == ["does_not_add_up"]


def test_a_difference_in_presentment_money_alone_is_held_too():
    raw = an_order([Line(price=("9.00", "13.50"))], seen="CAD")
    raw["totalPriceSet"] = an_order([Line(price=("9.00", "13.60"))], seen="CAD")["totalPriceSet"]
    books = booked(raw)
    assert books.reasons == ["does_not_add_up"]
    assert "0.10 CAD apart" in books.holds[0].sentence


def test_agreements_that_do_not_give_the_current_total_are_held():
    raw = an_order(agreements=[Agreed([Sold(total="20.00", line=1)])])
    raw["currentTotalPriceSet"] = an_order([Line(price="19.00")])["totalPriceSet"]
    assert booked(raw).reasons == ["does_not_add_up"]


def test_agreements_without_a_current_total_are_not_compared():
    raw = an_order(agreements=[Agreed([Sold(total="20.00", line=1)])])
    del raw["currentTotalPriceSet"]
    assert booked(raw).reasons == []


def test_a_current_total_may_leave_out_what_shopify_adjusted():
    sales = [
        Sold(total="20.00", line=1),
        Sold(total="-5.00", type="ADJUSTMENT", action="RETURN", quantity=None),
    ]
    raw = an_order(agreements=[Agreed(sales)])
    raw["currentTotalPriceSet"] = an_order()["totalPriceSet"]
    assert booked(raw).reasons == []


def test_new_events_of_a_booked_order_wait_too_when_it_stops_adding_up():
    books = booked(an_order())
    raw = an_order([Line(price="25.00")], updated="03-21") | {"totalPriceSet": an_order()["totalPriceSet"]}
    assert later(books, raw).reasons == ["does_not_add_up"]


def test_a_booked_order_is_not_held_for_what_it_was_before():
    books = booked(an_order(pays=[Pay(amount="20.00", kind="AUTHORIZATION")]), authorized="post")
    again = later(books, an_order(pays=[Pay(amount="20.00", kind="AUTHORIZATION")], updated="03-21"))
    assert again.reasons == []
