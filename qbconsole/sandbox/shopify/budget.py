"""The query budget: what a query costs, and the leaky bucket that pays for it.

The cost model is fitted to captured answers: money objects are free, an object and a list cost one point, a
connection two points and its nodes, of which many cost little more than ten (shopify-api.md section 10).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

_FREE = ("MoneyBag", "MoneyV2", "PageInfo")


@dataclass(slots=True, kw_only=True)
class Budget:
    """A bucket of points. The default is a large shop's, so that a demo does not wait for it."""

    maximum: float = 20_000
    restore: float = 10_000
    available: float = 20_000
    #: When `available` was true, in the clock's seconds.
    at: float = 0.0

    def take(self, requested: float, now: float) -> bool:
        """Reserve points; False (and nothing taken) when they are not there."""
        self.available = min(self.maximum, self.available + max(0.0, now - self.at) * self.restore)
        self.at = now
        if requested > self.available:
            return False
        self.available -= requested
        return True

    def give_back(self, points: float) -> None:
        """Return what was reserved and not used."""
        self.available = min(self.maximum, self.available + points)

    def status(self) -> dict[str, int]:
        """The bucket as `throttleStatus` shows it."""
        return {
            "maximumAvailable": int(self.maximum),
            "currentlyAvailable": int(self.available),
            "restoreRate": int(self.restore),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricing:
    """What is needed to price a selection."""

    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    types: Mapping[str, Any]

    def cost(
        self, selection: SelectionSetNode, parent: GraphQLObjectType | GraphQLInterfaceType | None
    ) -> int:
        """The points a selection asks for; of inline fragments the dearest counts."""
        points, dearest = 0, 0
        for node in selection.selections:
            if isinstance(node, FieldNode):
                points += self._field(node, parent)
            elif isinstance(node, InlineFragmentNode):
                on = self.types[node.type_condition.name.value] if node.type_condition else parent
                dearest = max(dearest, self.cost(node.selection_set, on))
            elif isinstance(node, FragmentSpreadNode):
                fragment = self.fragments[node.name.value]
                points += self.cost(fragment.selection_set, self.types[fragment.type_condition.name.value])
        return points + dearest

    def _field(self, node: FieldNode, parent: Any) -> int:
        definition = getattr(parent, "fields", {}).get(node.name.value)
        if definition is None or node.selection_set is None:
            return 0
        named = get_named_type(definition.type)
        if not is_composite_type(named) or named.name in _FREE:
            return 0
        inner = self.cost(node.selection_set, named)
        if named.name.endswith("Connection"):
            return 2 + inner * self._scale(node)
        if parent is not None and parent.name.endswith("Connection"):
            return max(1, inner + 1)
        plain = definition.type.of_type if isinstance(definition.type, GraphQLNonNull) else definition.type
        return 1 + (0 if isinstance(plain, GraphQLList) else inner)

    def _scale(self, node: FieldNode) -> int:
        """How many nodes are paid for: the first ten, then one for every forty."""
        first = 10
        for argument in node.arguments:
            if argument.name.value == "first":
                value = argument.value
                given = (
                    self.variables.get(value.name.value)
                    if isinstance(value, VariableNode)
                    else getattr(value, "value", 10)
                )
                first = int(given or 0)
        return min(first, 10) + math.ceil(max(0, first - 10) / 40)
