"""The straight road through a query: what graphql-core does for answers without an error, worked out once a query text.

graphql-core looks at every field of every object anew: which it is, what it takes, what it must give. Here that is a
tree made once, and an answer is one walk over it. Whatever is out of the ordinary (an error, a null where none may be,
a directive) ends the walk with `Crooked`, and graphql-core executes the query as ever: its answer is the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)
from graphql.execution.values import get_argument_values, get_variable_values

#: Gives a field's value: for whom, what it is of, its arguments.
Resolve = Callable[[Any, Any, Mapping[str, Any]], Any]
#: How a field of that type (by name), name and kind is resolved.
Resolving = Callable[[str, str, Any], Resolve]
#: Turns a value into its part of the answer.
_Complete = Callable[["_Walk", Any], Any]
_NONE: Mapping[str, Any] = {}


class Crooked(Exception):
    """This answer is not straight."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Place:
    """One field of a query."""

    key: str
    node: FieldNode
    definition: GraphQLField
    resolve: Resolve
    complete: _Complete


@dataclass(slots=True)
class _Walk:
    """One execution."""

    visit: Any
    variables: Mapping[str, Any]
    arguments: dict[_Place, Mapping[str, Any]] = field(default_factory=dict)

    def given(self, place: _Place) -> Mapping[str, Any]:
        """What a field is given; worked out once an execution."""
        found = self.arguments.get(place)
        if found is None:
            found = get_argument_values(place.definition, place.node, dict(self.variables))
            self.arguments[place] = found
        return found

    def object(self, places: Iterable[_Place], source: Any) -> dict[str, Any]:
        """An object's part of the answer."""
        visit, given = self.visit, self.given
        return {
            one.key: one.complete(
                self, one.resolve(visit, source, given(one) if one.definition.args else _NONE)
            )
            for one in places
        }


class Tree:
    """A query whose fields are known. Raises Crooked where it has what is not known here."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, resolving: Resolving) -> None:
        self._schema = schema
        self._resolving = resolving
        self._fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }
        operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
        if len(operations) != 1 or operations[0].operation is not OperationType.QUERY:
            raise Crooked
        self._operation = operations[0]
        self._roots = self._places(_known(schema.query_type), [self._operation.selection_set])

    def answer(self, visit: Any, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The data of the answer. Raises Crooked."""
        read = get_variable_values(
            self._schema, self._operation.variable_definitions or (), dict(variables), max_errors=1
        )
        if isinstance(read, list):
            raise Crooked
        try:
            return _Walk(visit, read).object(self._roots, None)
        except (GraphQLError, ValueError, TypeError) as cause:
            raise Crooked from cause

    def _places(self, kind: GraphQLObjectType, selections: list[SelectionSetNode]) -> tuple[_Place, ...]:
        nodes: dict[str, list[FieldNode]] = {}
        for selection in selections:
            self._collect(kind, selection, nodes)
        return tuple(self._place(kind, key, found) for key, found in nodes.items())

    def _collect(
        self, kind: GraphQLObjectType, selection: SelectionSetNode, nodes: dict[str, list[FieldNode]]
    ) -> None:
        for one in selection.selections:
            if one.directives:
                raise Crooked
            if isinstance(one, FieldNode):
                nodes.setdefault(one.alias.value if one.alias else one.name.value, []).append(one)
                continue
            part = self._fragments[one.name.value] if isinstance(one, FragmentSpreadNode) else one
            if isinstance(part, InlineFragmentNode | FragmentDefinitionNode) and self._meets(part, kind):
                self._collect(kind, part.selection_set, nodes)

    def _meets(self, part: InlineFragmentNode | FragmentDefinitionNode, kind: GraphQLObjectType) -> bool:
        """Whether a fragment is about such an object."""
        if not part.type_condition:
            return True
        wanted = self._schema.get_type(part.type_condition.name.value)
        return wanted is kind or (
            isinstance(wanted, GraphQLInterfaceType | GraphQLUnionType)
            and self._schema.is_sub_type(wanted, kind)
        )

    def _place(self, kind: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> _Place:
        name = nodes[0].name.value
        if name == "__typename":
            said = kind.name
            return _Place(
                key=key,
                node=nodes[0],
                definition=GraphQLField(kind),
                resolve=lambda _visit, _source, _given: said,
                complete=lambda _walk, value: value,
            )
        if name not in kind.fields:
            raise Crooked
        definition = kind.fields[name]
        inner = [node.selection_set for node in nodes if node.selection_set is not None]
        return _Place(
            key=key,
            node=nodes[0],
            definition=definition,
            resolve=self._resolving(kind.name, name, definition.type),
            complete=self._completing(definition.type, inner),
        )

    def _completing(self, kind: Any, inner: list[SelectionSetNode]) -> _Complete:
        """How values of a type become a part of the answer."""
        if isinstance(kind, GraphQLNonNull):
            return _never_null(self._completing(kind.of_type, inner))
        if isinstance(kind, GraphQLList):
            return _each(self._completing(kind.of_type, inner))
        if isinstance(kind, GraphQLScalarType | GraphQLEnumType):
            return _leaf(kind.serialize)
        if isinstance(kind, GraphQLObjectType):
            return _one(self._places(kind, inner))
        return self._abstract(inner)

    def _abstract(self, inner: list[SelectionSetNode]) -> _Complete:
        """Which object it is, each value says itself."""
        known: dict[str, tuple[_Place, ...]] = {}

        def complete(walk: _Walk, value: Any) -> Any:
            if value is None:
                return None
            name = str(value["__typename"])
            if name not in known:
                known[name] = self._places(_known(self._schema.get_type(name)), inner)
            return walk.object(known[name], value)

        return complete


def _known(kind: Any) -> GraphQLObjectType:
    if not isinstance(kind, GraphQLObjectType):
        raise Crooked
    return kind


def _never_null(inner: _Complete) -> _Complete:
    def complete(walk: _Walk, value: Any) -> Any:
        if value is None:
            raise Crooked
        return inner(walk, value)

    return complete


def _each(inner: _Complete) -> _Complete:
    return lambda walk, value: None if value is None else [inner(walk, one) for one in value]


def _leaf(serialize: Callable[[Any], Any]) -> _Complete:
    return lambda _walk, value: None if value is None else serialize(value)


def _one(places: tuple[_Place, ...]) -> _Complete:
    return lambda walk, value: None if value is None else walk.object(places, value)
