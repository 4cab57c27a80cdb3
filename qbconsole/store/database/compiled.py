"""Compiled: a Core statement as the text a driver takes, made once, and how values become its parameters.

SQLAlchemy's own caching finds the text again too, but asks each value's type on the way: for statements that run
once a batch that costs more than SQLite does. The only place that knows how drivers number their parameters:
both take tuples, marked ? by SQLite and %s by psycopg.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

Row = Mapping[str, Any]
Writing: TypeAlias = sa.Insert | sa.Update | sa.Delete
Listing: TypeAlias = sa.Select[Any] | sa.Update | sa.Delete
Running: TypeAlias = Writing | sa.Select[Any]
#: A row as the driver's parameters.
Placing: TypeAlias = Callable[[Any], tuple[Any, ...]]


@cache
def dialect_of(engine: str) -> sa.Dialect:
    """The dialect that compiles for an engine, by its name."""
    if engine == "sqlite":
        return sqlite.dialect()
    from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

    return PGDialect_psycopg(paramstyle="format")  # type: ignore[no-untyped-call]


@lru_cache(maxsize=512)
def of_mappings(statement: Running, engine: str, columns: tuple[str, ...]) -> tuple[str, Placing]:
    """The text, and how a row of these columns becomes its parameters."""
    text, names, fixed = _compiled(statement, engine, columns)
    if len(names) < 2:  # itemgetter gives a tuple from two on
        return text, lambda row: tuple([{**fixed, **row}[name] for name in names])
    place = itemgetter(*names)
    return text, (lambda row: place({**fixed, **row})) if fixed else place


@lru_cache(maxsize=128)
def of_tuples(statement: Writing, engine: str, columns: tuple[str, ...]) -> tuple[str, Placing | None]:
    """The same for rows that are tuples of these columns; None where they are the parameters already."""
    text, names, fixed = _compiled(statement, engine, columns)
    if names == columns:
        return text, None
    rest = tuple(fixed.values())
    places = [(*columns, *fixed).index(name) for name in names]
    return text, lambda row: tuple([(row + rest)[place] for place in places])


def _compiled(statement: Running, engine: str, columns: tuple[str, ...]) -> tuple[str, tuple[str, ...], Row]:
    dialect = dialect_of(engine)
    if isinstance(statement, sa.Insert):
        found = statement.inline().compile(dialect=dialect, column_keys=list(columns))
    else:
        found = statement.compile(dialect=dialect)
    fixed = {name: value for name, value in found.params.items() if name not in columns}
    return str(found), tuple(found.positiontup or ()), fixed


@lru_cache(maxsize=512)
def of_list(
    statement: Listing, engine: str, name: str, length: int
) -> tuple[str, tuple[str, ...], tuple[str, ...], Row]:
    """A statement whose IN list `name` holds so many: the text, the parameters before and behind, fixed ones."""
    found = statement.compile(dialect=dialect_of(engine))
    expanded = found.construct_expanded_state({**found.params, name: [None] * length})
    names = tuple(expanded.positiontup or ())
    first = names.index(f"{name}_1")
    # Theirs, not the statement's own: a list of states in it is drawn out as well.
    return expanded.statement, names[:first], names[first + length :], expanded.parameters
