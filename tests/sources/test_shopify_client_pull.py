"""Pulling from the sandbox over HTTP gives the shop's truth exactly, whatever the pages, scopes and faults."""

from __future__ import annotations

import json
from collections import deque
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from shopify_over_asgi import Clock, OverAsgi, client_of, reply, scripted

from qbconsole.errors import ShopifyContradiction, ShopifyRefused, UsageError
from qbconsole.sandbox.shopify import ALL_SCOPES, Budget, Fault, Shop, app
from qbconsole.sources.shopify import lists
from qbconsole.sources.shopify.credentials import ClientCredentials
from qbconsole.sources.shopify.orders import order_by_id, order_by_name, orders_updated
from qbconsole.sources.shopify.reading import PARTS_WITHHELD

UNTIL = datetime(2026, 2, 1, tzinfo=UTC)


def pulled(client, since=None, until=UNTIL, **how):
    return [order for page in orders_updated(client, since, until, **how) for order in page.orders]


@pytest.fixture
def shop():
    """The first orders of a shop, and those with a rare part."""
    whole = Shop.seeded(orders=70, days=5)
    rare = {o["id"] for o in whole.orders if o["paymentTerms"] or o["edited"] or len(o["refunds"]) > 1}
    whole.orders = [o for at, o in enumerate(whole.orders) if at < 16 or o["id"] in rare]
    return whole


@pytest.mark.parametrize(("included", "foreign"), [(False, None), (True, ("EUR", 913_000))])
def test_a_whole_pull_gives_every_order_exactly_as_the_shop_holds_it(included, foreign):
    shop = Shop.seeded(orders=70, days=5, taxes_included=included, foreign=foreign)
    got = {order["id"]: order for order in pulled(client_of(shop), first=20)}
    assert set(got) == {order["id"] for order in shop.orders}
    for truth in shop.orders:
        assert got[truth["id"]] == truth


def test_pages_say_how_far_they_got(shop):
    pages = list(orders_updated(client_of(shop), None, UNTIL, first=7))
    sizes = [len(page.orders) for page in pages]
    assert sizes[:2] == [7, 7]
    assert sum(sizes) == len(shop.orders)
    assert len(pages) == 3
    assert [page.has_next for page in pages] == [True, True, False]
    times = [order["updatedAt"] for page in pages for order in page.orders]
    assert times == sorted(times)
    assert pages[0].through == datetime.fromisoformat(pages[0].orders[-1]["updatedAt"])
    assert pages[-1].through == UNTIL


def test_an_empty_window_is_one_empty_page_through_its_end(shop):
    pages = list(orders_updated(client_of(shop), UNTIL, UNTIL + timedelta(days=1)))
    assert [(page.orders, page.through, page.has_next) for page in pages] == [
        ((), UNTIL + timedelta(days=1), False)
    ]


def test_a_window_holds_only_what_changed_in_it_and_the_overlap_before(shop):
    middle = datetime(2026, 1, 6, 2, tzinfo=UTC)
    inside = {o["id"] for o in shop.orders if datetime.fromisoformat(o["updatedAt"]) >= middle}
    earlier = max((o for o in shop.orders if o["id"] not in inside), key=lambda o: o["updatedAt"])
    client = client_of(shop)
    assert {o["id"] for o in pulled(client, middle, overlap=timedelta(0))} == inside
    behind = middle - datetime.fromisoformat(earlier["updatedAt"])
    assert {o["id"] for o in pulled(client, middle, overlap=behind)} == inside | {earlier["id"]}


def test_later_changes_come_with_the_next_window(shop):
    client = client_of(shop)
    pulled(client)
    order = next(
        o
        for o in shop.orders
        if o["displayFinancialStatus"] == "PAID" and not o["test"] and o["transactions"]
    )
    shop.add_refund(order["name"], shipping=True)
    again = pulled(client, shop.world.end, overlap=timedelta(0))
    assert [o["id"] for o in again] == [order["id"]]
    assert again[0] == order
    assert again[0]["refunds"]


def test_many_lines_agreements_and_sales_are_fetched_to_the_last(shop):
    order = max(shop.orders, key=lambda o: len(o["agreements"]["nodes"]))
    assert len(order["agreements"]["nodes"]) > 1
    line = order["lineItems"]["nodes"][0]
    sale = order["agreements"]["nodes"][0]["sales"]["nodes"][0]
    order["lineItems"]["nodes"] = [{**line, "id": f"gid://shopify/LineItem/{n}"} for n in range(130)]
    rows = [{**sale, "id": f"gid://shopify/Sale/{n}"} for n in range(130)]
    first, *rest = order["agreements"]["nodes"]
    first["sales"]["nodes"] = rows
    order["agreements"]["nodes"] = [
        first,
        *({**rest[0], "id": f"gid://shopify/SalesAgreement/{n}"} for n in range(14)),
    ]
    order["nonFulfillableLineItems"] = {"nodes": []}
    assert order_by_id(client_of(shop), order["id"]) == order


def with_sales(order, *many):
    """The order with so many sales in each of its agreements."""
    first, *_ = order["agreements"]["nodes"]
    order["agreements"]["nodes"] = [
        {**first, "id": f"gid://shopify/SalesAgreement/{at}", "sales": {"nodes": []}}
        for at in range(len(many))
    ]
    for at, (agreement, number) in enumerate(zip(order["agreements"]["nodes"], many, strict=True)):
        sale = first["sales"]["nodes"][0]
        rows = [{**sale, "id": f"gid://shopify/Sale/{at}{n:04d}"} for n in range(number)]
        agreement["sales"] = {"nodes": rows}
    return order


def test_agreements_of_more_sales_than_any_page_holds_are_fetched_to_the_last(shop):
    order = with_sales(next(o for o in shop.orders if o["agreements"]["nodes"]), 251, 1, 50, 600, 3)
    assert order_by_id(client_of(shop), order["id"]) == order


class Moving(httpx.BaseTransport):
    """Shopify, with `bend` laid over its answers to `order_sales` from the second one on."""

    def __init__(self, shop, bend):
        self.inner, self.bend, self.asked = OverAsgi(app([shop], clock=Clock())), bend, 0

    def handle_request(self, request):
        answer = self.inner.handle_request(request)
        if b"OrderSales" not in request.content:
            return answer
        self.asked += 1
        if self.asked == 1:
            return answer
        body = json.loads(answer.read())
        self.bend(body["data"])
        headers = {k: v for k, v in answer.headers.items() if k.lower() != "content-length"}
        return httpx.Response(answer.status_code, headers=headers, json=body)


def gone(data):
    data["order"] = None


def another(data):
    data["order"]["agreements"]["nodes"][0]["id"] += "9"


def the_same(data):
    sales = data["order"]["agreements"]["nodes"][0]["sales"]
    sales["nodes"] = [{**sales["nodes"][0], "id": "gid://shopify/Sale/00000"}]


def nowhere(data):
    data["order"]["agreements"]["nodes"][0]["sales"]["pageInfo"] = {"hasNextPage": True, "endCursor": None}


@pytest.mark.parametrize("bend", [gone, another, the_same, nowhere])
def test_an_agreement_whose_sales_move_while_they_are_read_is_never_kept_in_part(shop, bend):
    order = with_sales(next(o for o in shop.orders if o["agreements"]["nodes"]), 120)
    with pytest.raises(ShopifyContradiction):
        order_by_id(client_of(shop, transport=Moving(shop, bend)), order["id"])


def test_refunds_of_many_lines_are_fetched_to_the_last(shop):
    order = next(o for o in shop.orders if any(r["refundLineItems"]["nodes"] for r in o["refunds"]))
    rows = order["refunds"][0]["refundLineItems"]
    rows["nodes"] = [{**rows["nodes"][0], "id": f"gid://shopify/RefundLineItem/{n}"} for n in range(120)]
    got = order_by_id(client_of(shop), order["id"])
    assert got["refunds"] == order["refunds"]


def renumbered(rows, kind, many):
    """So many rows like the first, each with an id of its own."""
    rows["nodes"] = [{**rows["nodes"][0], "id": f"gid://shopify/{kind}/{9000 + n}"} for n in range(many)]


def a_return(order, number, exchanged):
    lines = [
        {"id": f"gid://shopify/ExchangeLineItem/{number}{n:03d}", "quantity": 1, "processedQuantity": 0}
        | {"lineItems": []}
        for n in range(exchanged)
    ]
    head = {"id": f"gid://shopify/Return/{number}", "name": f"{order['name']}-R{number}", "status": "CLOSED"}
    head |= {"createdAt": order["createdAt"], "closedAt": None, "totalQuantity": 1, "returnShippingFees": []}
    return head | {"exchangeLineItems": {"nodes": lines}}


@pytest.mark.parametrize("most", [1000, 300])
def test_many_shipping_lines_returns_and_exchanges_are_fetched_to_the_last(shop, most):
    shop.max_cost = most
    order = next(o for o in shop.orders if o["shippingLines"]["nodes"])
    renumbered(order["shippingLines"], "ShippingLine", 71)
    order["returnStatus"] = "RETURNED"
    # The first and the last of a page, and one in the next, have more than one answer holds.
    many = {0: 51, 19: 130, 20: 101}
    order["returns"] = {"nodes": [a_return(order, n + 1, many.get(n, 1)) for n in range(45)]}
    assert order_by_id(client_of(shop), order["id"]) == order
    assert {o["id"] for o in pulled(client_of(shop))} == {o["id"] for o in shop.orders}


def test_many_parts_of_a_refund_are_fetched_to_the_last(shop):
    order = next(o for o in shop.orders if o["refunds"] and o["refunds"][0]["transactions"]["nodes"])
    refund = order["refunds"][0]
    money = refund["totalRefundedSet"]
    title = {"id": "gid://shopify/ShippingLine/1", "title": "Ground"}
    refund["refundShippingLines"] = {
        "nodes": [{"shippingLine": title, "subtotalAmountSet": money, "taxAmountSet": money}]
    }
    refund["orderAdjustments"] = {"nodes": [{"reason": "RESTOCK", "amountSet": money, "taxAmountSet": money}]}
    renumbered(refund["refundShippingLines"], "RefundShippingLine", 41)
    renumbered(refund["orderAdjustments"], "OrderAdjustment", 111)
    renumbered(refund["transactions"], "OrderTransaction", 102)
    got = order_by_id(client_of(shop), order["id"])
    for name in ("refundShippingLines", "orderAdjustments", "transactions"):
        assert [one["id"] for one in got["refunds"][0][name]["nodes"]] == [
            one["id"] for one in refund[name]["nodes"]
        ]


def test_a_tight_budget_for_one_query_only_makes_smaller_pages(shop):
    shop.max_cost = 130
    assert {o["id"] for o in pulled(client_of(shop))} == {o["id"] for o in shop.orders}


def test_an_empty_bucket_is_waited_for_and_nothing_is_lost(shop):
    clock = Clock()
    shop.budget = Budget(maximum=1000, restore=50, available=1000, at=clock.now)
    got = pulled(client_of(shop, clock=clock))
    assert len(got) == len(shop.orders)
    assert clock.slept
    assert max(clock.slept) < 25


def test_faults_on_the_way_change_nothing(shop):
    kinds = [500, "truncated", 429, "internal", "throttled", 503, "truncated"]
    shop.faults = deque(Fault(kind=kind) for kind in kinds)
    got = {order["id"]: order for order in pulled(client_of(shop))}
    assert all(got[truth["id"]] == truth for truth in shop.orders)
    assert not shop.faults


@pytest.mark.parametrize(
    ("scope", "fields"),
    [
        ("read_customers", ("customer", "purchasingEntity")),
        ("read_payment_terms", ("paymentTerms",)),
    ],
)
def test_a_missing_scope_leaves_its_fields_empty_and_is_named(shop, scope, fields):
    shop.scopes.discard(scope)
    clock = Clock()
    transport = OverAsgi(app([shop], clock=clock))
    pages = list(orders_updated(client_of(shop, clock=clock, transport=transport), None, UNTIL, first=7))
    got = {o["id"]: o for page in pages for o in page.orders}
    for truth in shop.orders:
        lacking = {PARTS_WITHHELD: [[field, scope] for field in fields]}
        assert got[truth["id"]] == {**truth, **dict.fromkeys(fields), **lacking}
    assert {scope} == {s for denied in pages[-1].denied for s in denied.scopes}
    assert {denied.field for denied in pages[-1].denied} == {f"orders.{field}" for field in fields}
    asked = [r for r in transport.requests if b"OrderTerms" in r.content]
    assert len(asked) == (1 if scope == "read_payment_terms" else 3)


def test_a_missing_product_scope_leaves_the_orders_readable(shop):
    shop.scopes.discard("read_inventory")
    pages = list(orders_updated(client_of(shop), None, UNTIL))
    orders = [o for page in pages for o in page.orders]
    assert len(orders) == len(shop.orders)
    assert all(line["variant"] is None for o in orders for line in o["lineItems"]["nodes"])
    assert ("read_inventory",) in {denied.scopes for denied in pages[-1].denied}


def test_without_read_orders_the_pull_is_refused_by_name(shop):
    shop.scopes.discard("read_orders")
    with pytest.raises(ShopifyRefused, match="read_orders"):
        pulled(client_of(shop))


def test_returns_are_asked_for_only_where_there_are_some(shop):
    order = shop.orders[0]
    order["returnStatus"] = "RETURNED"
    order["returns"] = {
        "nodes": [
            {
                "id": "gid://shopify/Return/1",
                "name": "#1001-R1",
                "status": "CLOSED",
                "createdAt": order["createdAt"],
                "closedAt": None,
                "totalQuantity": 1,
                "returnShippingFees": [],
                "exchangeLineItems": {"nodes": []},
            }
        ]
    }
    assert order_by_id(client_of(shop), order["id"]) == order
    shop.scopes.discard("read_returns")
    pages = list(orders_updated(client_of(shop), None, UNTIL))
    got = {o["id"]: o for page in pages for o in page.orders}
    assert got[order["id"]]["returns"] == {"nodes": []}
    assert [denied.field for denied in pages[-1].denied] == ["order.returns"]


def test_values_no_version_knows_come_through(shop):
    order = shop.orders[0]
    order["displayFulfillmentStatus"] = "ON_THE_MOON"
    order["transactions"][0]["kind"] = "BARTER"
    assert order_by_id(client_of(shop), order["id"]) == order


def test_an_order_is_found_by_id_number_and_name(shop):
    client, order = client_of(shop), shop.orders[5]
    assert order_by_id(client, order["id"]) == order
    assert order_by_id(client, order["legacyResourceId"]) == order
    assert order_by_name(client, order["name"]) == order
    assert order_by_id(client, "gid://shopify/Order/1") is None
    assert order_by_name(client, "#no'such") is None
    with pytest.raises(UsageError):
        order_by_id(client, "#1001")


def test_a_name_that_repeats_is_not_guessed(shop):
    shop.orders[1]["name"] = shop.orders[0]["name"]
    with pytest.raises(UsageError, match="2 orders"):
        order_by_name(client_of(shop), shop.orders[0]["name"])


class Lagging(OverAsgi):
    """Search of yesterday: it finds no order by its id, and knows no change; what is read by id is of today."""

    def __init__(self, asgi, *, window=None):
        super().__init__(asgi)
        self._window = window

    def handle_request(self, request):
        asked = json.loads(request.content)
        search = str(asked["variables"].get("query"))
        if search.startswith("id:"):
            asked["variables"]["query"] = "id:1"
        elif self._window:
            asked["variables"]["query"] = search.replace(*self._window)
        headers = {name: value for name, value in request.headers.items() if name != "content-length"}
        return super().handle_request(httpx.Request("POST", request.url, headers=headers, json=asked))


def test_an_order_that_search_does_not_know_yet_has_its_buyer_and_terms(shop):
    transport = Lagging(app([shop], clock=Clock()))
    client = client_of(shop, transport=transport)
    assert {order["paymentTerms"] is None for order in shop.orders} == {True, False}
    assert any(order["customer"] for order in shop.orders)
    for order in shop.orders:
        assert order_by_id(client, order["id"]) == order


@pytest.mark.parametrize("scope", ["read_customers", "read_payment_terms"])
def test_of_one_order_a_scope_that_is_missing_leaves_its_fields_empty(shop, scope):
    order = next(o for o in shop.orders if o["paymentTerms"] and o["customer"])
    shop.scopes.discard(scope)
    fields = ("customer", "purchasingEntity") if scope == "read_customers" else ("paymentTerms",)
    lacking = {PARTS_WITHHELD: [[field, scope] for field in fields]}
    assert order_by_id(client_of(shop), order["id"]) == {**order, **dict.fromkeys(fields), **lacking}


def test_an_order_that_changed_since_it_was_looked_for_is_taken_and_moves_nothing(shop):
    until = datetime(2026, 1, 20, tzinfo=UTC)
    late = until + timedelta(minutes=1)
    shop.annotate(shop.orders[2]["name"], "quick", at=late)
    transport = Lagging(app([shop], clock=Clock()), window=("2026-01-20T00:00:00Z", "2026-01-21T00:00:00Z"))
    pages = list(orders_updated(client_of(shop, transport=transport), None, until, first=4))
    got = {order["id"]: order for page in pages for order in page.orders}
    assert got == {order["id"]: order for order in shop.orders}
    assert len(pages) > 2
    for page in pages[:-1]:
        # The cursor stands where everything before was read, whatever else the page brought.
        times = [
            datetime.fromisoformat(o["updatedAt"]) for o in page.orders if o["name"] != shop.orders[2]["name"]
        ]
        assert page.through == times[-1]
    assert pages[-1].through == until


def test_a_page_of_nothing_but_such_orders_moves_the_cursor_over_nothing(shop):
    until = datetime(2026, 1, 20, tzinfo=UTC)
    for at, order in enumerate(shop.orders):
        shop.annotate(order["name"], "quick", at=until + timedelta(seconds=at))
    transport = Lagging(app([shop], clock=Clock()), window=("2026-01-20T00:00:00Z", "2026-01-21T00:00:00Z"))
    pages = orders_updated(client_of(shop, transport=transport), None, until, first=4)
    assert next(pages).through < min(datetime.fromisoformat(order["createdAt"]) for order in shop.orders)


def test_an_order_from_before_the_window_is_a_contradiction():
    node = {"id": "gid://shopify/Order/1", "name": "#1", "updatedAt": "2025-12-31T00:00:00Z"}
    info = {"hasNextPage": False, "endCursor": "x"}
    client, _, _ = scripted(reply({"data": {"orders": {"nodes": [node], "pageInfo": info}}}))
    with pytest.raises(ShopifyContradiction, match="outside"):
        pulled(client, datetime(2026, 1, 2, tzinfo=UTC))


def test_a_version_that_is_no_longer_served_is_noticed(shop):
    shop.answers_as = "2027-01"
    with pytest.raises(ShopifyContradiction, match="2027-01"):
        pulled(client_of(shop))


def test_tokens_that_end_in_the_middle_are_renewed(shop):
    shop.token_life = 301
    shop.permanent_tokens.clear()
    clock = Clock()
    shop.budget = Budget(maximum=1000, restore=50, available=1000, at=clock.now)
    credentials = ClientCredentials(client_id=shop.client_id, client_secret=shop.client_secret)
    transport = OverAsgi(app([shop], clock=clock))
    client = client_of(shop, clock=clock, credentials=credentials, transport=transport)
    assert len(pulled(client)) == len(shop.orders)
    bought = [r for r in transport.requests if "oauth" in r.url.path]
    assert len(bought) > 1
    assert all(b"sandbox-secret" not in r.url.raw_path for r in transport.requests)


def test_several_shops_share_one_address():
    one = Shop.seeded(orders=6)
    two = Shop.seeded(orders=4, domain="second-shop.myshopify.com")
    transport = OverAsgi(app([one, two], clock=lambda: 0.0))
    assert len(pulled(client_of(one, transport=transport))) == 6
    assert len(pulled(client_of(two, transport=transport))) == 4
    assert lists.shop(client_of(two, transport=transport))["myshopifyDomain"] == two.domain


def test_lists_are_pulled_whole(shop):
    client = client_of(shop)
    assert lists.scopes(client) == sorted(ALL_SCOPES)
    assert lists.locations(client) == shop.world.locations
    got = [node for page in lists.variants(client, None) for node in page.nodes]
    assert got == sorted(shop.world.variants, key=lambda v: v["id"])
    people = [node for page in lists.customers(client, None) for node in page.nodes]
    assert {p["displayName"] for p in people} == {c["displayName"] for c in shop.world.customers}
    assert people[0]["defaultEmailAddress"]["emailAddress"].endswith("@example.com")
    assert [p.nodes for p in lists.variants(client, UNTIL)] == [[]]


def test_another_shop_behind_the_address_is_noticed(shop):
    head = {**shop.about(), "myshopifyDomain": "other.myshopify.com"}
    client, _, _ = scripted(reply({"data": {"shop": head}}))
    with pytest.raises(ShopifyContradiction, match="another"):
        lists.shop(client)


def test_raw_orders_are_json_through_and_through(shop):
    assert json.loads(json.dumps(pulled(client_of(shop))[0]))
