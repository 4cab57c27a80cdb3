"""How each field is resolved: the roots by name, connections by page, everything else from the raw dict."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from graphql import GraphQLList, GraphQLNonNull, GraphQLObjectType

from qbconsole.sandbox.shopify.asking.paging import page
from qbconsole.sandbox.shopify.asking.roots import DERIVED, FIELDS, ROOTS
from qbconsole.sandbox.shopify.asking.scopes import SCOPES, denied
from qbconsole.sandbox.shopify.asking.straight import Plain, Resolve
from qbconsole.sandbox.shopify.asking.visit import Raw, Visit

#: Amounts: projected at once and not field by field.
MONEY = frozenset({"MoneyBag", "MoneyV2"})


@cache
def resolving(parent: str, name: str, kind: Any) -> Resolve:
    """How a field is resolved: the roots by name, connections by page, everything else from the raw dict."""
    found, scope = _found(parent, name, kind), SCOPES.get(f"{parent}.{name}")
    if scope is None:
        return found

    def within(visit: Visit, source: Raw | None, given: Mapping[str, Any]) -> Any:
        if scope not in visit.shop.scopes:
            raise denied(name, scope)
        return found(visit, source, given)

    return within


def _found(parent: str, name: str, kind: Any) -> Resolve:
    place = f"{parent}.{name}"
    if isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    if parent in ("QueryRoot", "Mutation"):
        root = ROOTS.get(name)
        return _counted(lambda visit, _source, given: root(visit, given) if root else None)
    if place in FIELDS:
        return _counted(FIELDS[place])
    if name == "edges" and parent.endswith("Connection"):
        return lambda _visit, source, _given: [{"node": node} for node in source["nodes"]]
    if parent == "MoneyBag":
        return lambda _visit, source, _given: source.get(name) or source["shopMoney"]
    if isinstance(kind, GraphQLObjectType) and kind.name not in MONEY:
        if kind.name.endswith("Connection"):
            return _counted(
                lambda visit, source, given: page(visit, (source.get(name) or {}).get("nodes", ()), given)
            )
        derived = DERIVED.get(place)
        return _counted(lambda _visit, source, _given: derived(source) if derived else source.get(name))
    if isinstance(kind, GraphQLList):
        return lambda _visit, source, _given: [] if source.get(name) is None else source[name]
    return Plain(name)


def _counted(found: Resolve) -> Resolve:
    """An object costs a point."""

    def counted(visit: Visit, source: Raw | None, given: Mapping[str, Any]) -> Any:
        visit.points += 1
        return found(visit, source, given)

    return counted
