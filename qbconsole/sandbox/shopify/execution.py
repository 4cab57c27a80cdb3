"""Executes Admin GraphQL queries over a shop with graphql-core: paging, scopes, cost, search warnings.

Parsing, validation and execution are graphql-core's; ours are the resolvers over raw dicts, and a straight road for
answers without an error (asking/straight.py). Error texts and codes follow captured answers (shopify-api.md
sections 7, 9 and 10).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphql import (
    DocumentNode,
    ExecutionContext,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    build_schema,
    execute_sync,
    get_named_type,
    parse,
    validate,
)

from qbconsole.sandbox.shopify import bulk
from qbconsole.sandbox.shopify.asking.search import SearchUnsupported, search
from qbconsole.sandbox.shopify.asking.straight import Crooked, Plain, Resolve, Tree
from qbconsole.sandbox.shopify.budget import Pricing
from qbconsole.sandbox.shopify.hooks.subscriptions import subscribe

if TYPE_CHECKING:
    from qbconsole.sandbox.shopify.shop import Shop

Raw = dict[str, Any]
_DOCUMENTATION = "https://shopify.dev/api/usage/"
#: type.field -> the scope it needs; what is not listed needs none of its own.
_SCOPES = {
    "QueryRoot.order": "read_orders",
    "QueryRoot.orders": "read_orders",
    "QueryRoot.ordersCount": "read_orders",
    "QueryRoot.refund": "read_orders",
    "QueryRoot.return": "read_returns",
    "QueryRoot.customer": "read_customers",
    "QueryRoot.customers": "read_customers",
    "QueryRoot.locations": "read_locations",
    "QueryRoot.productVariants": "read_products",
    "Order.customer": "read_customers",
    "Order.paymentTerms": "read_payment_terms",
    "Order.purchasingEntity": "read_customers",
    "Order.returns": "read_returns",
    "LineItem.variant": "read_products",
    "LineItem.product": "read_products",
    "ProductVariant.inventoryItem": "read_inventory",
    "QueryRoot.shopifyPaymentsAccount": "read_shopify_payments_accounts",
    "ShopifyPaymentsAccount.payouts": "read_shopify_payments_payouts",
    "ShopifyPaymentsAccount.balanceTransactions": "read_shopify_payments_payouts",
    "QueryRoot.disputes": "read_shopify_payments_disputes",
    "ShopifyPaymentsDispute.order": "read_orders",
    "QueryRoot.giftCard": "read_gift_cards",
    "QueryRoot.giftCards": "read_gift_cards",
    "GiftCard.order": "read_orders",
    "GiftCard.transactions": "read_gift_card_transactions",
    "QueryRoot.storeCreditAccount": "read_store_credit_accounts",
    "Customer.storeCreditAccounts": "read_store_credit_accounts",
    "StoreCreditAccount.transactions": "read_store_credit_account_transactions",
    "QueryRoot.cashTrackingSessions": "read_cash_tracking",
    "QueryRoot.inventoryItem": "read_inventory",
    "QueryRoot.inventoryItems": "read_inventory",
    "QueryRoot.inventoryTransfer": "read_inventory_transfers",
    "QueryRoot.inventoryTransfers": "read_inventory_transfers",
    "InventoryTransfer.shipments": "read_inventory_shipments",
    "QueryRoot.inventoryShipment": "read_inventory_shipments",
    "QueryRoot.inventoryPurchaseOrder": "read_inventory_purchase_orders",
    "QueryRoot.inventoryPurchaseOrders": "read_inventory_purchase_orders",
    "InventoryPurchaseOrder.transfers": "read_inventory_transfers",
}
_SORTS = {
    "UPDATED_AT": "updatedAt",
    "CREATED_AT": "createdAt",
    "PROCESSED_AT": "processedAt",
    "ISSUED_AT": "issuedAt",
    "SKU": "sku",
}
_MONEY = frozenset({"MoneyBag", "MoneyV2"})


@lru_cache(maxsize=1)
def schema() -> GraphQLSchema:
    """Our part of the Admin schema; enums let values through that they do not list, as the real ones grow."""
    built = build_schema((Path(__file__).parent / "schema.graphql").read_text(encoding="utf-8"))
    for named in built.type_map.values():
        if isinstance(named, GraphQLEnumType) and not named.name.startswith("__"):
            named.serialize = _as_it_is  # type: ignore[method-assign, assignment]
    return built


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(slots=True)
class _Visit:
    """What one execution needs and notes down."""

    shop: Shop
    points: int = 0
    #: Where this shop's files are downloaded from.
    base: str = ""
    searches: list[Raw] = field(default_factory=list)


class _Execution(ExecutionContext):
    """graphql-core's execution; money objects are projected at once instead of field by field."""

    def complete_object_value(
        self,
        return_type: GraphQLObjectType,
        field_nodes: list[FieldNode],
        info: GraphQLResolveInfo,
        path: Any,
        result: Any,
    ) -> Any:
        """Complete one object."""
        if return_type.name in _MONEY:
            return self._money(return_type, field_nodes, result)
        return super().complete_object_value(return_type, field_nodes, info, path, result)

    def _money(self, kind: GraphQLObjectType, nodes: list[FieldNode], value: Raw) -> Raw:
        out: Raw = {}
        for name, inner in self.collect_subfields(kind, nodes).items():
            key = inner[0].name.value
            if key == "__typename":
                out[name] = kind.name
            elif kind.name == "MoneyBag":
                money_type = get_named_type(kind.fields[key].type)
                out[name] = self._money(money_type, inner, value.get(key) or value["shopMoney"])
            else:
                out[name] = value[key]
        return out


@lru_cache(maxsize=256)
def _read(text: str) -> tuple[DocumentNode, tuple[Raw, ...]]:
    """Parse and validate a query text once."""
    try:
        document = parse(text)
    except GraphQLError as cause:
        return DocumentNode(definitions=()), (dict(cause.formatted),)
    return document, tuple(dict(error.formatted) for error in validate(schema(), document))


@lru_cache(maxsize=256)
def _tree(text: str) -> Tree:
    return Tree(schema(), _read(text)[0], _resolving)


def answer(shop: Shop, text: str, variables: Mapping[str, Any], now: float, base: str = "") -> Raw:
    """Execute a query for a shop: the body of the HTTP answer. `base`: where files are downloaded from."""
    document, faults = _read(text)
    if faults:
        return {"errors": [{**fault, "extensions": {"code": "graphQLInvalid"}} for fault in faults]}
    if unknown := _unknown_root(shop, document):
        return {"errors": [unknown]}
    requested = _cost(text, tuple((k, v) for k, v in variables.items() if type(v) is int))
    if requested > shop.max_cost:
        return _too_costly(requested, shop.max_cost)
    if not shop.budget.take(requested, now):
        code = {"code": "THROTTLED", "documentation": _DOCUMENTATION + "rate-limits"}
        return {
            "errors": [{"message": "Throttled", "extensions": code}],
            "extensions": {"cost": _bill(shop, requested, None)},
        }
    visit = _Visit(shop, base=base)
    done = _executed(visit, document, variables, text)
    actual = min(requested, visit.points)
    shop.budget.give_back(requested - actual)
    body: Raw = {"data": done.data, "extensions": {"cost": _bill(shop, requested, actual)}}
    if done.errors:
        body["errors"] = [dict(error.formatted) for error in done.errors]
    if visit.searches:
        body["extensions"]["search"] = visit.searches
    return body


def _executed(
    visit: _Visit, document: DocumentNode, variables: Mapping[str, Any], text: str
) -> ExecutionResult:
    try:
        return ExecutionResult(_tree(text).answer(visit, variables), None)
    except Crooked:
        visit.points, visit.searches = 0, []
    return execute_sync(
        schema(),
        document,
        context_value=visit,
        variable_values=dict(variables),
        field_resolver=_resolve,
        type_resolver=_type_of,
        execution_context_class=_Execution,
    )


def _everything(shop: Shop, text: str) -> Mapping[str, Any]:
    """The data of a bulk query; it costs no points."""
    document, faults = _read(text)
    if faults:
        raise GraphQLError(str(faults[0].get("message")))
    done = _executed(_Visit(shop), document, {}, text)
    if done.errors:
        raise done.errors[0]
    return done.data or {}


def _unknown_root(shop: Shop, document: DocumentNode) -> Raw | None:
    """The error for a root that this shop's version of the API does not have yet."""
    operation = next(d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    for node in operation.selection_set.selections:
        if isinstance(node, FieldNode) and node.name.value in shop.roots_missing:
            code = {"code": "undefinedField", "typeName": "QueryRoot", "fieldName": node.name.value}
            text = f"Field '{node.name.value}' doesn't exist on type 'QueryRoot'"
            return {"message": text, "path": ["query", node.name.value], "extensions": code}
    return None


@lru_cache(maxsize=1024)
def _cost(text: str, sizes: tuple[tuple[str, int], ...]) -> int:
    document, _ = _read(text)
    operation = next(d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    pricing = Pricing(fragments=fragments, variables=dict(sizes), types=schema().type_map)
    if operation.operation is OperationType.MUTATION:
        return 10
    return pricing.cost(operation.selection_set, schema().query_type)


def _bill(shop: Shop, requested: int, actual: int | None) -> Raw:
    return {
        "requestedQueryCost": requested,
        "actualQueryCost": actual,
        "throttleStatus": shop.budget.status(),
    }


def _too_costly(requested: int, most: int) -> Raw:
    text = f"Query cost is {requested}, which exceeds the single query max cost limit ({most})."
    code = {
        "code": "MAX_COST_EXCEEDED",
        "cost": requested,
        "maxCost": most,
        "documentation": _DOCUMENTATION + "rate-limits",
    }
    return {"errors": [{"message": text, "extensions": code}]}


def _type_of(value: Raw, *_: Any) -> str:
    return str(value["__typename"])


def _resolve(source: Raw | None, info: GraphQLResolveInfo, **given: Any) -> Any:
    """For graphql-core: what a field holds."""
    return _resolving(info.parent_type.name, info.field_name, info.return_type)(info.context, source, given)


@cache
def _resolving(parent: str, name: str, kind: Any) -> Resolve:
    """How a field is resolved: the roots by name, connections by page, everything else from the raw dict."""
    found, scope = _found(parent, name, kind), _SCOPES.get(f"{parent}.{name}")
    if scope is None:
        return found

    def within(visit: _Visit, source: Raw | None, given: Mapping[str, Any]) -> Any:
        if scope not in visit.shop.scopes:
            raise _denied(name, scope)
        return found(visit, source, given)

    return within


def _found(parent: str, name: str, kind: Any) -> Resolve:
    place = f"{parent}.{name}"
    if isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    if parent in ("QueryRoot", "Mutation"):
        root = _ROOTS.get(name)
        return _counted(lambda visit, _source, given: root(visit, given) if root else None)
    if place in _FIELDS:
        return _counted(_FIELDS[place])
    if name == "edges" and parent.endswith("Connection"):
        return lambda _visit, source, _given: [{"node": node} for node in source["nodes"]]
    if parent == "MoneyBag":
        return lambda _visit, source, _given: source.get(name) or source["shopMoney"]
    if isinstance(kind, GraphQLObjectType) and kind.name not in _MONEY:
        if kind.name.endswith("Connection"):
            return _counted(
                lambda visit, source, given: _page(visit, (source.get(name) or {}).get("nodes", ()), given)
            )
        derived = _DERIVED.get(place)
        return _counted(lambda _visit, source, _given: derived(source) if derived else source.get(name))
    if isinstance(kind, GraphQLList):
        return lambda _visit, source, _given: [] if source.get(name) is None else source[name]
    return Plain(name)


def _counted(found: Resolve) -> Resolve:
    """An object costs a point."""

    def counted(visit: _Visit, source: Raw | None, given: Mapping[str, Any]) -> Any:
        visit.points += 1
        return found(visit, source, given)

    return counted


def _denied(name: str, scope: str) -> GraphQLError:
    need = f"`{scope}` access scope."
    return GraphQLError(
        f"Access denied for {name} field. Required access: {need}",
        extensions={
            "code": "ACCESS_DENIED",
            "documentation": _DOCUMENTATION + "access-scopes",
            "requiredAccess": need,
        },
    )


def _page(visit: _Visit, nodes: Sequence[Raw], given: Mapping[str, Any], sort: str | None = None) -> Raw:
    """One page of a connection, behind opaque cursors that name the last record and its sort value."""
    keyed = [(str(node.get(sort) or "") if sort else f"{at:09d}", node) for at, node in enumerate(nodes)]
    after = given.get("after")
    if after is not None:
        last = _cursor_value(after)
        keyed = [(key, node) for key, node in keyed if (key, node["id"] if sort else "") > last]
    first = given.get("first")
    if first is not None and not 0 <= first <= 250:
        raise GraphQLError("first must be between 0 and 250", extensions={"code": "BAD_REQUEST"})
    page = keyed if first is None else keyed[:first]
    visit.points += 2 + len(page)
    end = None
    if page:
        key, node = page[-1]
        end = base64.b64encode(json.dumps([key, node["id"] if sort else ""]).encode()).decode()
    return {
        "nodes": [node for _, node in page],
        "pageInfo": {"hasNextPage": len(page) < len(keyed), "endCursor": end},
    }


def _cursor_value(cursor: str) -> tuple[str, str]:
    try:
        key, gid = json.loads(base64.b64decode(cursor, validate=True))
    except ValueError as cause:
        raise GraphQLError("Invalid cursor for current pagination sort.") from cause
    return str(key), str(gid)


def _list(visit: _Visit, root: str, nodes: Sequence[Raw], given: Mapping[str, Any]) -> Raw:
    try:
        found, warning = search(root, given.get("query"), nodes)
    except SearchUnsupported as cause:
        raise GraphQLError(str(cause)) from cause
    if warning:
        visit.searches.append(warning)
    sort = _SORTS.get(given.get("sortKey") or "ID", "id")
    found.sort(key=lambda node: (str(node.get(sort) or ""), node["id"]))
    return _page(visit, found, given, sort)


def _by_id(nodes: Sequence[Raw], gid: str) -> Raw | None:
    return next((node for node in nodes if node["id"] == gid), None)


def _refund(visit: _Visit, gid: str) -> Raw | None:
    for order in visit.shop.orders:
        for refund in order["refunds"]:
            if refund["id"] == gid:
                return {**refund, "order": order}
    return None


def _return(visit: _Visit, gid: str) -> Raw | None:
    """A return, whichever order it is of."""
    every = ((order.get("returns") or {}).get("nodes", ()) for order in visit.shop.orders)
    return next((one for rows in every if (one := _by_id(rows, gid)) is not None), None)


def _installation(visit: _Visit) -> Raw:
    return {
        "id": "gid://shopify/AppInstallation/1",
        "app": {"id": "gid://shopify/App/1", "title": "qbconsole"},
        "accessScopes": [{"handle": scope} for scope in sorted(visit.shop.scopes)],
    }


_ROOTS: Mapping[str, Any] = {
    "shop": lambda visit, given: visit.shop.about(),
    "currentAppInstallation": lambda visit, given: _installation(visit),
    "publicApiVersions": lambda visit, given: [
        {"handle": "2026-10", "displayName": "2026-10 (Latest)", "supported": True}
    ],
    "order": lambda visit, given: visit.shop.find(given["id"]),
    "orders": lambda visit, given: _list(visit, "orders", visit.shop.orders, given),
    "refund": lambda visit, given: _refund(visit, given["id"]),
    "return": lambda visit, given: _return(visit, given["id"]),
    "customer": lambda visit, given: _by_id(visit.shop.world.customers, given["id"]),
    "storeCreditAccount": lambda visit, given: _by_id(
        [one for held in visit.shop.facts.store_credit.values() for one in held], given["id"]
    ),
    "customers": lambda visit, given: _list(visit, "customers", visit.shop.world.customers, given),
    "productVariants": lambda visit, given: _list(visit, "productVariants", visit.shop.world.variants, given),
    "locations": lambda visit, given: _page(visit, visit.shop.world.locations, given),
    "shopifyPaymentsAccount": lambda visit, given: visit.shop.payments_account(),
    "disputes": lambda visit, given: _list(visit, "disputes", visit.shop.facts.disputes, given),
    "giftCard": lambda visit, given: _by_id(visit.shop.facts.gift_cards, given["id"]),
    "giftCards": lambda visit, given: _list(visit, "giftCards", visit.shop.facts.gift_cards, given),
    "cashTrackingSessions": lambda visit, given: _list(
        visit, "cashTrackingSessions", visit.shop.facts.cash_sessions, given
    ),
    "inventoryItem": lambda visit, given: _by_id(visit.shop.stocked_items(), given["id"]),
    "inventoryItems": lambda visit, given: _list(visit, "inventoryItems", visit.shop.stocked_items(), given),
    "inventoryTransfer": lambda visit, given: _by_id(visit.shop.facts.transfers, given["id"]),
    "inventoryTransfers": lambda visit, given: _list(
        visit, "inventoryTransfers", visit.shop.facts.transfers, given
    ),
    "inventoryShipment": lambda visit, given: _by_id(visit.shop.shipments(), given["id"]),
    "ordersCount": lambda visit, given: {
        "count": len(search("orders", given.get("query"), visit.shop.orders)[0]),
        "precision": "EXACT",
    },
    "bulkOperationRunQuery": lambda visit, given: bulk.run(
        visit.shop, given["query"], lambda text: _everything(visit.shop, text)
    ),
    "bulkOperation": lambda visit, given: next(
        (one.about(visit.base) for one in visit.shop.bulks if one.id == given["id"]), None
    ),
    "webhookSubscriptions": lambda visit, given: {
        "nodes": [one.about() for one in visit.shop.subscriptions[: given.get("first")]]
    },
    "webhookSubscriptionCreate": lambda visit, given: subscribe(
        visit.shop, given["topic"], given["webhookSubscription"]
    ),
    "inventoryPurchaseOrder": lambda visit, given: _by_id(visit.shop.facts.purchase_orders, given["id"]),
    "inventoryPurchaseOrders": lambda visit, given: _list(
        visit, "inventoryPurchaseOrders", visit.shop.facts.purchase_orders, given
    ),
}


def _entries(visit: _Visit, account: Raw, given: Mapping[str, Any]) -> Raw:
    nodes = account["balanceTransactions"]
    if given.get("hideTransfers"):
        nodes = [node for node in nodes if node["type"] != "TRANSFER"]
    return _list(visit, "balanceTransactions", nodes, given)


#: Fields that take arguments of their own: searches inside an object, names of quantities.
_FIELDS: Mapping[str, Any] = {
    "ShopifyPaymentsAccount.payouts": lambda visit, account, given: _list(
        visit, "payouts", account["payouts"], given
    ),
    "ShopifyPaymentsAccount.balanceTransactions": _entries,
    "Customer.storeCreditAccounts": lambda visit, customer, given: _page(
        visit, visit.shop.facts.store_credit.get(customer["id"], ()), given
    ),
    "InventoryLevel.quantities": lambda visit, level, given: [
        row for row in level["quantities"] if row["name"] in given["names"]
    ],
}
#: Objects the Admin API has in another form than the raw dict keeps them.
_DERIVED: Mapping[str, Any] = {
    "Customer.defaultEmailAddress": lambda raw: {"emailAddress": raw["email"]} if raw.get("email") else None,
    "Customer.defaultPhoneNumber": lambda raw: {"phoneNumber": raw["phone"]} if raw.get("phone") else None,
}
