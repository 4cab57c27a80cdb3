"""Executes Admin GraphQL queries over a shop with graphql-core: paging, scopes, cost, search warnings.

Parsing, validation and execution are graphql-core's; ours are the resolvers over raw dicts, and a straight road for
answers without an error (asking/straight.py). Error texts and codes follow captured answers (shopify-api.md
sections 7, 9 and 10).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
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

from qbconsole.sandbox.shopify.asking.resolving import MONEY, resolving
from qbconsole.sandbox.shopify.asking.scopes import DOCUMENTATION
from qbconsole.sandbox.shopify.asking.straight import Crooked, Tree
from qbconsole.sandbox.shopify.asking.visit import Raw, Visit
from qbconsole.sandbox.shopify.budget import Pricing

if TYPE_CHECKING:
    from qbconsole.sandbox.shopify.shop import Shop


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
        if return_type.name in MONEY:
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
    return Tree(schema(), _read(text)[0], resolving)


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
        code = {"code": "THROTTLED", "documentation": DOCUMENTATION + "rate-limits"}
        return {
            "errors": [{"message": "Throttled", "extensions": code}],
            "extensions": {"cost": _bill(shop, requested, None)},
        }
    visit = Visit(shop, partial(everything, shop), base=base)
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
    visit: Visit, document: DocumentNode, variables: Mapping[str, Any], text: str
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


def everything(shop: Shop, text: str) -> Mapping[str, Any]:
    """The data of a bulk query; it costs no points."""
    document, faults = _read(text)
    if faults:
        raise GraphQLError(str(faults[0].get("message")))
    done = _executed(Visit(shop, partial(everything, shop)), document, {}, text)
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
        "documentation": DOCUMENTATION + "rate-limits",
    }
    return {"errors": [{"message": text, "extensions": code}]}


def _type_of(value: Raw, *_: Any) -> str:
    return str(value["__typename"])


def _resolve(source: Raw | None, info: GraphQLResolveInfo, **given: Any) -> Any:
    """For graphql-core: what a field holds."""
    return resolving(info.parent_type.name, info.field_name, info.return_type)(info.context, source, given)
