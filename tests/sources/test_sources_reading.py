"""Admin GraphQL JSON -> shop values: lenient about what is absent, strict about amounts."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from builders import SHOP, Agreed, Back, Line, Pay, Ship, Sold, an_order, read
from hypothesis import given, settings
from hypothesis import strategies as st

from qbconsole.errors import InputUnreadable
from qbconsole.sources.shopify.reading import read_order, read_shop


def test_an_order_is_read_whole():
    raw = an_order(
        [Line(price="20.00", quantity=2, off="4.00", taxes={"CA": "3.60"}, duty="1.00")],
        shipping=[Ship(price="5.00")],
        fees=["2.00"],
        pays=[Pay(amount="47.60", gateway="cash", rounding="0.02")],
        refunds=[Back(lines=[(1, 1, "18.00", "1.80")], pays=[1])],
        poNumber="PO-7",
        customer={"id": "gid://shopify/Customer/5", "displayName": "Zoë", "email": "z@example.com"},
        retailLocation={"id": "gid://shopify/Location/1", "name": "Leeds"},
        tags=["b2b"],
    )
    order = read(raw)
    line = order.lines[0]
    assert (order.id, order.name, order.total.shop.text()) == ("1", "#1001", "47.60")
    assert (line.id, line.sku, line.quantity, line.total.shop.text()) == ("1", "SKU-1", 2, "40.00")
    assert (line.discounts[0].title, line.discounts[0].amount.shop.text()) == ("TEN", "4.00")
    assert order.tenders[0].rounding.shop.text() == "0.02"
    assert (order.refunds[0].tender_ids, order.refunds[0].lines[0].restock_type) == (("1",), "RETURN")
    assert (order.buyer.id, order.buyer.name, order.location, order.po_number) == (
        "5",
        "Zoë",
        "Leeds",
        "PO-7",
    )
    assert order.missing == ()


def test_ids_are_legacy_ids_or_the_gids_last_part():
    assert read(an_order() | {"legacyResourceId": "99"}).id == "99"
    assert read(an_order() | {"id": "gid://shopify/Order/7?key=1"}).id == "7"


def test_a_field_left_out_equals_null_and_an_absent_list_is_empty():
    raw = an_order()
    bare = {
        name: raw[name] for name in ("id", "name", "processedAt", "updatedAt", "totalPriceSet", "lineItems")
    }
    order = read(bare)
    assert (order.tenders, order.refunds, order.agreements, order.shipping) == ((), (), (), ())
    assert (order.current_total, order.total_tax, order.missing) == (None, None, ())
    assert read(bare | dict.fromkeys(set(raw) - set(bare))) == order


def test_what_an_amount_needs_and_is_not_there_is_listed():
    order = read({"id": "gid://shopify/Order/1", "transactions": []})
    assert order.missing == ("totalPriceSet", "lineItems", "processedAt")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"totalPriceSet": {"shopMoney": {"amount": "x", "currencyCode": "USD"}}}, "not an amount"),
        ({"totalPriceSet": {"shopMoney": {"amount": "1.005", "currencyCode": "USD"}}}, "finer than"),
        ({"totalPriceSet": {"presentmentMoney": None}}, "shopMoney"),
        ({"processedAt": "yesterday"}, "isoformat"),
        ({"totalTaxSet": {"shopMoney": {"amount": "1", "currencyCode": "EUR"}}}, "EUR"),
        ({"lineItems": {"nodes": [{"quantity": "many"}]}}, "invalid literal"),
        ({"lineItems": {"nodes": ["x"]}}, "attribute"),
    ],
)
def test_what_is_no_amount_or_time_names_the_order(change, match):
    with pytest.raises(InputUnreadable, match=match) as refused:
        read(an_order() | change)
    assert refused.value.where == "order #1001"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.sampled_from(sorted(an_order())), JSON)
def test_no_field_can_break_the_reader_but_with_a_named_refusal(name, value):
    raw = an_order() | {name: value}
    try:
        order = read(raw)
    except InputUnreadable as refused:
        told = refused.where
    else:
        told = order.name
    assert told


def test_unknown_values_survive():
    order = read(
        an_order(pays=[Pay(amount="1.00", kind="TELEPORT", status="MAYBE")], displayFinancialStatus="NEW_ONE")
    )
    assert (order.tenders[0].kind, order.tenders[0].status, order.financial_status) == (
        "TELEPORT",
        "MAYBE",
        "NEW_ONE",
    )


def test_connections_may_come_as_edges_or_lists():
    raw = an_order()
    nodes = raw["lineItems"]["nodes"]
    as_edges = raw | {"lineItems": {"edges": [{"node": node} for node in nodes]}}
    assert read(as_edges) == read(raw | {"lineItems": nodes}) == read(raw)


def test_a_tender_without_processed_at_is_dated_created_at():
    raw = an_order(pays=[Pay(amount="20.00")])
    raw["transactions"][0] |= {"processedAt": None, "createdAt": "2026-03-04T00:00:00Z"}
    assert read(raw).tenders[0].at == datetime(2026, 3, 4, tzinfo=UTC)


def test_discounts_not_sent_at_all_are_what_the_subtotal_lacks():
    raw = an_order([Line(price="20.00"), Line(price="10.00")], totalDiscountsSet={})
    for line in raw["lineItems"]["nodes"]:
        del line["discountAllocations"]
    raw["totalDiscountsSet"] = an_order([Line(price="3.00")])["totalPriceSet"]
    raw["subtotalPriceSet"] = an_order([Line(price="27.00")])["totalPriceSet"]
    assert [line.discounts[0].amount.shop.text() for line in read(raw).lines] == ["2.00", "1.00"]


def test_agreements_without_a_reason_are_known_by_their_type():
    raw = an_order(agreements=[Agreed([Sold(total="20.00")])])
    raw["agreements"]["nodes"][0] |= {"reason": None, "__typename": "OrderAgreement"}
    assert read(raw).agreements[0].reason == "ORDER"


def test_a_unit_cost_may_be_finer_than_the_currency():
    raw = an_order()
    cost = {"amount": "1.2345", "currencyCode": "USD"}
    raw["lineItems"]["nodes"][0]["variant"] = {
        "id": "gid://shopify/ProductVariant/1",
        "inventoryItem": {"unitCost": cost},
    }
    assert read(raw).lines[0].unit_cost.text() == "1.23"


def test_terms_take_the_last_due_date_in_the_shops_zone():
    terms = {
        "paymentTermsName": "Net 30",
        "dueInDays": 30,
        "paymentSchedules": {"nodes": [{"dueAt": "2026-04-01T03:00:00Z"}, {"dueAt": None}]},
    }
    read_terms = read(an_order(paymentTerms=terms)).terms
    assert (read_terms.name, read_terms.due_in_days, read_terms.due_on) == ("Net 30", 30, date(2026, 3, 31))


def test_returns_tell_what_they_charge():
    raw = an_order(returns=[("03-04", "3.00")])
    raw["returns"]["nodes"][0]["returnLineItems"] = {
        "nodes": [{"restockingFee": {"amountSet": an_order([Line(price="1.50")])["totalPriceSet"]}}, {}]
    }
    assert [fee.shop.text() for fee in read(raw).returns[0].fees] == ["3.00", "1.50"]


def test_a_shop_needs_its_domain_and_a_real_time_zone():
    with pytest.raises(InputUnreadable, match="myshopifyDomain"):
        read_shop({})
    for wrong in ("Mars/Olympus", "../etc", "x" * 300):
        with pytest.raises(InputUnreadable, match="time zone"):
            read_shop(SHOP | {"ianaTimezone": wrong})
    assert read_shop({"myshopifyDomain": "oak.myshopify.com"}).handle == "oak"


def test_reading_twice_gives_equal_orders():
    raw = an_order([Line(price=("9.00", "13.50"), taxes={"HST": ("0.50", "0.75")})], seen="CAD")
    shop = read_shop(SHOP)
    assert read_order(raw, shop) == read_order(raw, shop)
