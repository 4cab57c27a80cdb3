"""The simulated Admin API over HTTP: tokens, versions, paging, search, scopes, budget and faults."""

from __future__ import annotations

import asyncio
from collections import deque

import httpx
import pytest

from qbconsole.sandbox.shopify import Budget, Fault, Shop, app

INDEX = """query($first: Int, $after: String, $query: String) {
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {
    pageInfo { hasNextPage endCursor } nodes { id updatedAt }
  }
}"""
PATH = "/admin/api/2026-10/graphql.json"


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def shop():
    return Shop.seeded(orders=30, days=4)


def http(*shops, clock=None):
    transport = httpx.ASGITransport(app=app(list(shops), clock=clock or Clock()))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


async def ask(client, query, variables=None, *, token="shpat_sandbox", path=PATH, **headers):
    body = {"query": query, "variables": variables or {}}
    return await client.post(path, json=body, headers={"X-Shopify-Access-Token": token, **headers})


async def test_paging_with_opaque_cursors_gives_every_order_once(shop):
    seen, after = [], None
    async with http(shop) as client:
        while True:
            body = (await ask(client, INDEX, {"first": 7, "after": after})).json()
            page = body["data"]["orders"]
            seen += [node["id"] for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
            assert "updatedAt" not in after
            if not page["pageInfo"]["hasNextPage"]:
                break
    assert sorted(seen) == sorted(order["id"] for order in shop.orders)


async def test_a_search_by_time_keeps_its_bounds(shop):
    times = sorted(order["updatedAt"] for order in shop.orders)
    query = f"updated_at:>='{times[5]}' AND updated_at:<'{times[20]}'"
    async with http(shop) as client:
        body = (await ask(client, INDEX, {"first": 50, "query": query})).json()
    assert [n["updatedAt"] for n in body["data"]["orders"]["nodes"]] == times[5:20]
    assert "search" not in body["extensions"]


async def test_a_search_by_id_or_name_finds_the_order(shop):
    order = shop.orders[3]
    async with http(shop) as client:
        for query in (f"id:{order['legacyResourceId']}", f"name:'{order['name']}'", f"name:{order['name']}"):
            body = (await ask(client, INDEX, {"first": 5, "query": query})).json()
            assert [n["id"] for n in body["data"]["orders"]["nodes"]] == [order["id"]]


async def test_an_unknown_search_field_is_ignored_with_a_warning(shop):
    async with http(shop) as client:
        body = (
            await ask(client, INDEX, {"first": 50, "query": "changed_at:>'2030-01-01' AND test:false"})
        ).json()
    assert len(body["data"]["orders"]["nodes"]) == sum(not order["test"] for order in shop.orders)
    (entry,) = body["extensions"]["search"]
    assert entry["warnings"] == [
        {"field": "changed_at", "message": "Invalid search field for this query.", "code": "invalid_field"}
    ]


@pytest.mark.parametrize("query", ["(id:1)", "id:1 OR id:2", "NOT test:true"])
async def test_a_search_the_sandbox_does_not_know_is_an_error(shop, query):
    async with http(shop) as client:
        body = (await ask(client, INDEX, {"first": 5, "query": query})).json()
    assert body["data"] is None
    assert "cannot read this search" in body["errors"][0]["message"]


async def test_a_root_without_its_scope_is_denied_and_the_others_are_filled(shop):
    shop.scopes.discard("read_customers")
    query = '{ shop { name } customer(id: "gid://shopify/Customer/1") { id } }'
    async with http(shop) as client:
        response = await ask(client, query)
    body = response.json()
    assert response.status_code == 200
    assert body["data"]["customer"] is None
    assert body["data"]["shop"]["name"]
    (error,) = body["errors"]
    assert error["path"] == ["customer"]
    assert error["extensions"]["code"] == "ACCESS_DENIED"
    assert "`read_customers`" in error["extensions"]["requiredAccess"]


async def test_a_denied_part_that_may_not_be_null_empties_its_parent(shop):
    shop.scopes.discard("read_returns")
    query = "query($id: ID!) { order(id: $id) { id returns(first: 1) { nodes { id } } } }"
    async with http(shop) as client:
        body = (await ask(client, query, {"id": shop.orders[0]["id"]})).json()
    assert body["data"] == {"order": None}


async def test_the_version_asked_for_is_the_version_named_and_a_retired_one_falls_forward(shop):
    async with http(shop) as client:
        for asked, named in (("2026-10", "2026-10"), ("2026-04", "2026-04"), ("2020-01", "2026-01")):
            response = await ask(client, "{ shop { id } }", path=f"/admin/api/{asked}/graphql.json")
            assert response.headers["X-Shopify-API-Version"] == named
        shop.answers_as = "2027-01"
        response = await ask(client, "{ shop { id } }")
        assert response.headers["X-Shopify-API-Version"] == "2027-01"


async def test_an_invalid_query_and_an_invalid_body_are_told_apart(shop):
    async with http(shop) as client:
        for query in ("{ shop { nonsense } }", "{ shop {"):
            body = (await ask(client, query)).json()
            assert body["errors"]
            assert "data" not in body
        for content in (b"", b"[]", b"{}", b"\xff", b'{"query": 1, "variables": 7}'):
            response = await client.post(
                PATH, content=content, headers={"X-Shopify-Access-Token": "shpat_sandbox"}
            )
            assert response.status_code == 400


async def test_tokens_are_issued_by_the_grant_end_and_open_one_shop_only(shop):
    clock = Clock()
    other = Shop.seeded(orders=2, domain="other-shop.myshopify.com")
    form = {
        "grant_type": "client_credentials",
        "client_id": shop.client_id,
        "client_secret": shop.client_secret,
    }
    mine = {"X-Shopify-Shop-Domain": shop.domain}
    async with http(shop, other, clock=clock) as client:
        answer = (await client.post("/admin/oauth/access_token", data=form, headers=mine)).json()
        assert answer["expires_in"] == 86399
        assert "read_orders" in answer["scope"].split(",")
        token = answer["access_token"]
        assert (await ask(client, "{ shop { id } }", token=token, **mine)).status_code == 200
        theirs = {"X-Shopify-Shop-Domain": other.domain}
        assert (await ask(client, "{ shop { id } }", token=token, **theirs)).status_code == 401
        clock.now += 86400
        assert (await ask(client, "{ shop { id } }", token=token, **mine)).status_code == 401
        assert (await ask(client, "{ shop { id } }", token="guess", **mine)).status_code == 401
        wrong = {**form, "client_secret": "guess"}
        assert (await client.post("/admin/oauth/access_token", json=wrong, headers=mine)).status_code == 401
        grant = {**form, "grant_type": "password"}
        assert (await client.post("/admin/oauth/access_token", data=grant, headers=mine)).status_code == 400


async def test_a_shop_is_told_by_path_header_or_host(shop):
    other = Shop.seeded(orders=2, domain="other-shop.myshopify.com")
    query = "{ shop { myshopifyDomain } }"
    async with http(shop, other) as client:
        ways = [
            {"path": f"/{other.domain}{PATH}"},
            {"X-Shopify-Shop-Domain": other.domain},
            {"Host": other.domain},
        ]
        for way in ways:
            assert (await ask(client, query, **way)).json()["data"]["shop"]["myshopifyDomain"] == other.domain
        assert (await ask(client, query)).status_code == 404
        assert (await ask(client, query, **{"X-Shopify-Shop-Domain": "no.myshopify.com"})).status_code == 404


async def test_an_empty_bucket_throttles_and_refills_with_time(shop):
    clock = Clock()
    shop.budget = Budget(maximum=30, restore=2, available=30)
    async with http(shop, clock=clock) as client:
        first = (await ask(client, INDEX, {"first": 10})).json()
        assert first["extensions"]["cost"] == {
            "requestedQueryCost": 12,
            "actualQueryCost": 12,
            "throttleStatus": {"maximumAvailable": 30, "currentlyAvailable": 18, "restoreRate": 2},
        }
        await ask(client, INDEX, {"first": 10})
        body = (await ask(client, INDEX, {"first": 10})).json()
        assert body["errors"][0]["extensions"]["code"] == "THROTTLED"
        assert body["extensions"]["cost"]["actualQueryCost"] is None
        assert "data" not in body
        clock.now += 3
        assert "data" in (await ask(client, INDEX, {"first": 10})).json()


async def test_a_query_that_asks_for_too_much_is_refused_unexecuted(shop):
    shop.max_cost = 12
    async with http(shop) as client:
        body = (await ask(client, INDEX, {"first": 100})).json()
        assert body["errors"][0]["extensions"]["code"] == "MAX_COST_EXCEEDED"
        assert "data" in (await ask(client, INDEX, {"first": 5})).json()
        too_many = (await ask(client, INDEX, {"first": 251})).json()
        assert "data" not in too_many or too_many["errors"]


async def test_each_fault_spoils_one_answer(shop):
    shop.faults = deque(
        [
            Fault(kind=500),
            Fault(kind=429, headers=(("Retry-After", "2.0"),)),
            Fault(kind="internal"),
            Fault(kind="throttled"),
            Fault(kind="redirect"),
            Fault(kind="truncated"),
        ]
    )
    async with http(shop) as client:
        query = "{ shop { id } }"
        assert (await ask(client, query)).status_code == 500
        slow = await ask(client, query)
        assert (slow.status_code, slow.headers["Retry-After"]) == (429, "2.0")
        assert (await ask(client, query)).json()["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
        assert (await ask(client, query)).json()["errors"][0]["extensions"]["code"] == "THROTTLED"
        assert (await ask(client, query)).status_code == 302
        with pytest.raises(ValueError):
            (await ask(client, query)).json()
        assert (await ask(client, query)).json()["data"]["shop"]["id"]


async def test_a_fault_can_leave_the_caller_waiting(shop):
    shop.faults.append(Fault(kind="timeout", seconds=30))
    async with http(shop) as client:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ask(client, "{ shop { id } }"), 0.02)


async def test_given_orders_are_served_as_they_are():
    made = Shop.seeded(orders=5)
    shop = Shop.from_orders(made.orders[:2], domain="given.myshopify.com")
    async with http(shop) as client:
        body = (await ask(client, INDEX, {"first": 10})).json()
    assert {n["id"] for n in body["data"]["orders"]["nodes"]} == {o["id"] for o in made.orders[:2]}
