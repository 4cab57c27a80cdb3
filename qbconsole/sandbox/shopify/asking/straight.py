"""The straight road through a query: what graphql-core does for answers without an error, worked out once a query text.

graphql-core looks at every field of every object anew: which it is, what it takes, what it must give. Here that is a
tree made once, and an answer is one walk over it. Whatever is out of the ordinary (an error, a null where none may be,
a directive) ends the walk with `Crooked`, and graphql-core executes the query as ever: its answer is the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    ListValueNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)
from graphql.execution.values import get_argument_values, get_variable_values

#: Gives a field's value: for whom, what it is of, its arguments.
Resolve = Callable[[Any, Any, Mapping[str, Any]], Any]
#: How a field of that type (by name), name and kind is resolved.
Resolving = Callable[[str, str, Any], Resolve]
#: Turns a value into its part of the answer.
_Complete = Callable[["_Walk", Any], Any]
_NONE: Mapping[str, Any] = {}
#: Types whose values are texts that go out as they are; numbers and booleans are looked at.
_CONVERTED = frozenset({"Int", "Float", "Boolean"})
#: Types of variables whose values are taken as they come.
_TAKEN: dict[str, type] = {"String": str, "ID": str, "Int": int}
_LARGEST = 2**31


class Crooked(Exception):
    """This answer is not straight."""


@dataclass(frozen=True, slots=True)
class Plain:
    """Resolves a field that is an entry of its object, and no more."""

    name: str

    def __call__(self, _visit: Any, source: Any, _given: Mapping[str, Any]) -> Any:
        """What the object has under the field's name."""
        return source.get(self.name)


@dataclass(slots=True, kw_only=True, eq=False)
class _Place:
    """One field of a query."""

    key: str
    node: FieldNode
    definition: GraphQLField
    resolve: Resolve
    complete: _Complete
    #: What it is given, where that is the same each time.
    fixed: Mapping[str, Any] | None = None

    def written(self, number: int) -> str:
        """As an expression of `_written_out`, which knows this place by its number."""
        if not isinstance(self.resolve, Plain):
            given = f"walk.given(place{number})" if self.definition.args else "none"
            return f"complete{number}(walk, resolve{number}(walk.visit, source, {given}))"
        value = f"get({self.resolve.name!r})"
        kind = self.definition.type
        kind = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        if isinstance(kind, GraphQLScalarType | GraphQLEnumType) and kind.name not in _CONVERTED:
            return f"value if type(value := {value}) is str else complete{number}(walk, value)"
        return f"complete{number}(walk, {value})"


@dataclass(slots=True)
class _Walk:
    """One execution."""

    visit: Any
    variables: Mapping[str, Any]
    arguments: dict[_Place, Mapping[str, Any]] = field(default_factory=dict)

    def given(self, place: _Place) -> Mapping[str, Any]:
        """What a field is given; worked out once an execution, or once a query where no variable is in it."""
        if place.fixed is not None:
            return place.fixed
        found = self.arguments.get(place)
        if found is None:
            found = get_argument_values(place.definition, place.node, dict(self.variables))
            self.arguments[place] = found
        return found


def _written_out(places: Sequence[_Place]) -> _Complete:
    """An object's part of the answer, as a function that was written for its fields: there are thousands of objects."""
    known: dict[str, Any] = {"none": _NONE}
    for number, one in enumerate(places):
        known |= {f"place{number}": one, f"resolve{number}": one.resolve, f"complete{number}": one.complete}
    fields = ", ".join(f"{one.key!r}: {one.written(number)}" for number, one in enumerate(places))
    get = "source.get" if any(isinstance(one.resolve, Plain) for one in places) else "None"
    exec(f"def walked(walk, source):\n get = {get}\n return {{{fields}}}", known)  # noqa: S102 - names are quoted
    walked: _Complete = known["walked"]
    return walked


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
        #: Variable -> the Python type whose values are taken as they are; `object`, which no value's type is: none are.
        self._wanted: dict[str, type] = {}
        self._nullable: set[str] = set()
        for one in self._operation.variable_definitions or ():
            kind = one.type
            if isinstance(kind, NonNullTypeNode):
                kind = kind.type
            else:
                self._nullable.add(one.variable.name.value)
            word = kind.name.value if isinstance(kind, NamedTypeNode) else ""
            self._wanted[one.variable.name.value] = _TAKEN.get(word, object)
        self._roots = _written_out(self._places(_known(schema.query_type), [self._operation.selection_set]))

    def answer(self, visit: Any, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The data of the answer. Raises Crooked."""
        read = self._plain_variables(variables)
        if read is None:
            coerced = get_variable_values(
                self._schema, self._operation.variable_definitions or (), dict(variables), max_errors=1
            )
            if isinstance(coerced, list):
                raise Crooked
            read = coerced
        try:
            found: dict[str, Any] = self._roots(_Walk(visit, read), None)
            return found
        except (GraphQLError, ValueError, TypeError) as cause:
            raise Crooked from cause

    def _plain_variables(self, variables: Mapping[str, Any]) -> dict[str, Any] | None:
        """The variables as they are where each is a text or a number of its type; None: graphql-core has to look."""
        read: dict[str, Any] = {}
        for name, wanted in self._wanted.items():
            value: Any = variables.get(name)
            if value is None and name in variables and name in self._nullable:
                read[name] = None
            elif type(value) is not wanted or not _fits(value):
                return None
            else:
                read[name] = value
        return read

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
        varies = any(_names_variable(one.value) for one in nodes[0].arguments)
        return _Place(
            key=key,
            node=nodes[0],
            definition=definition,
            resolve=self._resolving(kind.name, name, definition.type),
            complete=self._completing(definition.type, inner),
            fixed=None if varies else _fixed(definition, nodes[0]),
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
        known: dict[str, _Complete] = {}

        def complete(walk: _Walk, value: Any) -> Any:
            if value is None:
                return None
            name = str(value["__typename"])
            if name not in known:
                known[name] = _written_out(self._places(_known(self._schema.get_type(name)), inner))
            return known[name](walk, value)

        return complete


def _fits(value: Any) -> bool:
    """A whole number of GraphQL's has 32 bits."""
    return not isinstance(value, int) or -_LARGEST <= value < _LARGEST


def _names_variable(value: ValueNode) -> bool:
    if isinstance(value, ListValueNode):
        return any(_names_variable(one) for one in value.values)
    if isinstance(value, ObjectValueNode):
        return any(_names_variable(one.value) for one in value.fields)
    return isinstance(value, VariableNode)


def _fixed(definition: GraphQLField, node: FieldNode) -> Mapping[str, Any]:
    """Arguments without a variable. Raises Crooked where one is missing, or wrong."""
    try:
        return get_argument_values(definition, node, {})
    except GraphQLError as cause:
        raise Crooked from cause


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
    walked = _written_out(places)
    return lambda walk, value: None if value is None else walked(walk, value)
