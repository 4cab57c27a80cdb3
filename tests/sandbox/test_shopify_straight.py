"""The straight road gives what graphql-core gives, for every query file; whatever is crooked is left to graphql-core."""

from __future__ import annotations

import pytest
from graphql import parse

from qbconsole.sandbox.shopify import Shop, execution
from qbconsole.sandbox.shopify.asking.resolving import resolving
from qbconsole.sandbox.shopify.asking.straight import Crooked, Tree
from qbconsole.sources.shopify import queries

_WINDOW = "updated_at:>='2025-01-01T00:00:00Z'"
_ALL = {"first": 50, "after": None, "query": None}
#: Query file -> its variables, given the shop's first order with a refund.
ASKED = {
    "shop": {},
    "access_scopes": {},
    "order_index": _ALL | {"query": _WINDOW},
    "customers": _ALL,
    "variants": _ALL,
    "locations": _ALL,
    "payments_account": {},
    "payouts": _ALL,
    "disputes": _ALL,
    "gift_cards": _ALL,
    "cash_sessions": _ALL,
    "transfers": _ALL,
    "stock_levels": _ALL,
    "store_credit_owners": _ALL,
    "purchase_orders": _ALL | {"first": 5},
    "orders_count": {"query": _WINDOW},
    "orders_counts": {f"s{at}": _WINDOW for at in range(1, 8)},
}


@pytest.fixture(scope="module")
def shop():
    return Shop.seeded(seed=3, orders=12, facts=True)


def asked(shop, name, variables):
    shop.budget = type(shop.budget)()
    return execution.answer(shop, queries.text(name), variables, 0.0)


def by_the_core(monkeypatch, shop, name, variables):
    def crooked(_text):
        raise Crooked

    with monkeypatch.context() as patch:
        patch.setattr(execution, "_tree", crooked)
        return asked(shop, name, variables)


@pytest.mark.parametrize("name", sorted(ASKED))
def test_the_straight_road_says_what_the_core_says(name, shop, monkeypatch):
    straight = asked(shop, name, ASKED[name])
    assert straight["data"]
    assert straight == by_the_core(monkeypatch, shop, name, ASKED[name])


@pytest.mark.parametrize(
    "name", ["order_full", "order_customer", "order_terms", "order_b2b", "order_lines", "order_returns"]
)
def test_every_order_is_told_as_the_core_tells_it(name, shop, monkeypatch):
    for order in shop.orders:
        number = order["id"].rpartition("/")[2]
        given = {
            "id": order["id"],
            "first": 1,
            "query": f"id:{number}",
            "lines": 20,
            "agreements": 20,
            "sales": 20,
        }
        straight = asked(shop, name, given)
        assert straight["data"]
        assert straight == by_the_core(monkeypatch, shop, name, given)


def test_what_is_refused_and_what_is_unknown_is_left_to_the_core(shop, monkeypatch):
    scopes = set(shop.scopes)
    shop.scopes.discard("read_customers")
    try:
        answer = asked(shop, "order_customer", _ALL)
        assert answer["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
        assert answer == by_the_core(monkeypatch, shop, "order_customer", _ALL)
    finally:
        shop.scopes.update(scopes)
    assert asked(shop, "order_full", {})["errors"]


def test_mutations_and_directives_are_crooked():
    for text in (
        'mutation M { bulkOperationRunQuery(query: "{ shop { id } }") { userErrors { message } } }',
        "query Q($with: Boolean!) { shop { id name @include(if: $with) } }",
    ):
        with pytest.raises(Crooked):
            Tree(execution.schema(), parse(text), resolving)


@pytest.mark.parametrize(
    "given",
    [
        {"first": 2**31},
        {"first": -1},
        {"first": True},
        {"first": "3"},
        {"first": 2.0},
        {"first": None},
        {"first": 2, "after": "no cursor"},
        {"first": 2, "query": 7},
        {"first": 2, "query": "tag:'a' OR tag:'b'"},
        {},
    ],
)
def test_variables_that_are_not_plain_mean_what_they_mean_to_the_core(given, shop, monkeypatch):
    given = {**_ALL, **given} if given else {}
    assert asked(shop, "order_index", given) == by_the_core(monkeypatch, shop, "order_index", given)


def test_arguments_that_are_no_variables_are_those_of_the_core(shop, monkeypatch):
    text = """query Q($first: Int!) {
      orders(first: $first, sortKey: UPDATED_AT) { nodes { id lineItems(first: 1) { nodes { id quantity } } } }
      more: orders(first: 2) { nodes { __typename name test } pageInfo { hasNextPage } }
    }"""
    monkeypatch.setattr(queries, "text", lambda _name: text)
    straight = asked(shop, "", {"first": 3})
    assert [len(straight["data"][root]["nodes"]) for root in ("orders", "more")] == [3, 2]
    assert straight == by_the_core(monkeypatch, shop, "", {"first": 3})
