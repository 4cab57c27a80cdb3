"""Statements: many rows at once through Core-compiled SQL, numbers for new rows, lists cut to size.

Statements are built once, when their module is imported; building one costs four times what running it does.
Values go straight to the driver, so rows hold only text, whole numbers, bytes and None (see `encoding`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import islice
from operator import itemgetter
from typing import Any, TypeAlias, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")
Row = Mapping[str, Any]
#: A row that a SELECT gave, whatever its columns.
AnyRow: TypeAlias = sa.Row[*tuple[Any, ...]]
#: How many values one IN list may hold; SQLite's oldest limit is 999.
CHUNK = 500


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Cut into lists of at most `size`."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part


@lru_cache(maxsize=512)
def _compiled(
    statement: sa.Insert | sa.Update | sa.Delete, engine: str, columns: tuple[str, ...]
) -> tuple[str, Callable[[Row], Any] | None]:
    dialect = dialect_of(engine)
    if isinstance(statement, sa.Insert):
        found = statement.inline().compile(dialect=dialect, column_keys=list(columns))
    else:
        found = statement.compile(dialect=dialect)
    fixed = {name: value for name, value in found.params.items() if name not in columns}
    return str(found), _placing(found.positiontup, fixed)


def _placing(names: Sequence[str] | None, fixed: Row) -> Callable[[Row], Any] | None:
    """How a row becomes the driver's parameters; None where it already is."""
    if names is None:
        return (lambda row: {**fixed, **row}) if fixed else None
    if len(names) == 1:
        only = names[0]
        return lambda row: (row[only],)
    place = itemgetter(*names)
    return (lambda row: place({**fixed, **row})) if fixed else place


@cache
def dialect_of(engine: str) -> sa.Dialect:
    """The dialect that compiles for an engine, by its name."""
    if engine == "sqlite":
        return sqlite.dialect()
    from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

    return PGDialect_psycopg()  # type: ignore[no-untyped-call]


def many(tx: sa.Connection, statement: sa.Insert | sa.Update | sa.Delete, rows: Sequence[Row]) -> int:
    """Run a statement once for each row (all rows name the same columns); gives how many rows it touched."""
    if not rows:
        return 0
    sql, place = _compiled(statement, tx.dialect.name, tuple(rows[0]))
    values = list(rows) if place is None else [place(row) for row in rows]
    return tx.exec_driver_sql(sql, cast(Any, values)).rowcount


@lru_cache(maxsize=128)
def _upserting(table: sa.Table, keys: tuple[str, ...], columns: tuple[str, ...], engine: str) -> sa.Insert:
    insert = (sqlite.insert if engine == "sqlite" else postgresql.insert)(table)
    others = {name: insert.excluded[name] for name in columns if name not in keys}
    if others:
        return insert.on_conflict_do_update(index_elements=list(keys), set_=others)
    return insert.on_conflict_do_nothing(index_elements=list(keys))


def put_rows(tx: sa.Connection, table: sa.Table, keys: tuple[str, ...], rows: Sequence[Row]) -> int:
    """Insert rows, or replace the other columns of those whose keys are there."""
    if not rows:
        return 0
    return many(tx, _upserting(table, keys, tuple(rows[0]), tx.dialect.name), rows)


@lru_cache(maxsize=64)
def _insert_new(table: sa.Table, keys: tuple[str, ...], engine: str) -> sa.Insert:
    insert = (sqlite.insert if engine == "sqlite" else postgresql.insert)(table)
    return insert.on_conflict_do_nothing(index_elements=list(keys))


def put_new(tx: sa.Connection, table: sa.Table, keys: tuple[str, ...], rows: Sequence[Row]) -> int:
    """Insert the rows whose keys are not there; gives how many those were."""
    return many(tx, _insert_new(table, keys, tx.dialect.name), rows)


@lru_cache(maxsize=64)
def _highest(table: sa.Table) -> sa.Select[int]:
    return sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0))


def new_ids(tx: sa.Connection, table: sa.Table, count: int) -> Sequence[int]:
    """Numbers for rows about to be inserted, rising; on SQLite safe because a writer is alone."""
    if count == 0:
        return ()
    if tx.dialect.name == "sqlite":
        first = tx.execute(_highest(table)).scalar_one() + 1
        return range(first, first + count)
    drawn = tx.exec_driver_sql(
        "SELECT nextval(pg_get_serial_sequence(%(name)s, 'id')) FROM generate_series(1, %(count)s)",
        {"name": table.name, "count": count},
    )
    return [row[0] for row in drawn]


def touched(tx: sa.Connection, statement: sa.Update | sa.Delete, values: Row) -> int:
    """Run one statement; gives how many rows it touched."""
    return tx.execute(statement, dict(values)).rowcount
