"""Statements: many rows at once through Core-compiled SQL, numbers for new rows, lists cut to size.

Statements are built once, when their module is imported; building one costs four times what running it does.
Values go straight to the driver, so rows hold only text, whole numbers, bytes and None (see `encoding`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice, repeat
from typing import Any, TypeAlias, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from qbconsole.store.database.compiled import Listing, Row, Running, Writing, of_list, of_mappings, of_tuples
from qbconsole.store.database.found import Found

T = TypeVar("T")
#: A row that a SELECT gave, whatever its columns.
AnyRow: TypeAlias = Any
#: How many values one IN list may hold; SQLite's oldest limit is 999.
CHUNK = 500
#: Lengths of the lists in our texts. Each text is prepared once a connection, which costs what a hundred items do.
_LENGTHS = (1, 4, 16, 64, 256, CHUNK)


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Cut into lists of at most `size`."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part


def many(tx: sa.Connection, statement: Writing, rows: Sequence[Row]) -> int:
    """Run a statement once for each row (all rows name the same columns); gives how many rows it touched."""
    if not rows:
        return 0
    sql, place = of_mappings(statement, tx.dialect.name, tuple(rows[0]))
    return _each(tx, sql, [place(row) for row in rows])


def run(tx: sa.Connection, statement: Running, values: Row) -> Found:
    """Run a statement once: at a tenth of what `tx.execute` costs, which counts where it runs once a request."""
    sql, place = of_mappings(statement, tx.dialect.name, tuple(values))
    return Found(_driver(tx).execute(sql, place(values)), sql)


def _driver(tx: sa.Connection) -> Any:
    """The driver's own connection, inside the same commit; both kinds have `execute` and `cursor`."""
    return tx.connection.dbapi_connection


def _each(tx: sa.Connection, sql: str, rows: Sequence[tuple[Any, ...]]) -> int:
    """Run a text once for each row; gives how many rows were touched."""
    cursor = _driver(tx).cursor()
    cursor.executemany(sql, rows)
    touched_rows: int = cursor.rowcount
    return touched_rows


def many_tuples(
    tx: sa.Connection, statement: Writing, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> int:
    """The same for rows that are tuples in the order of `columns`: no dict a row, where there are most rows."""
    if not rows:
        return 0
    sql, place = of_tuples(statement, tx.dialect.name, columns)
    return _each(tx, sql, list(rows if place is None else map(place, rows)))


def listed(tx: sa.Connection, statement: Listing, name: str, items: Sequence[Any], **others: Any) -> Found:
    """Run a statement with an IN list of at least one and at most CHUNK items.

    The list is filled up with its last item, so that there are few texts to prepare.
    """
    length = next((one for one in _LENGTHS if one >= len(items)), len(items))
    sql, before, behind, fixed = of_list(statement, tx.dialect.name, name, length)
    values = {**fixed, **others}
    filled = (*items, *repeat(items[-1], length - len(items)))
    place = values.__getitem__
    return Found(_driver(tx).execute(sql, (*map(place, before), *filled, *map(place, behind))), sql)


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
        first = int(run(tx, _highest(table), {}).scalar_one()) + 1
        return range(first, first + count)
    drawn = tx.exec_driver_sql(
        "SELECT nextval(pg_get_serial_sequence(%(name)s, 'id')) FROM generate_series(1, %(count)s)",
        {"name": table.name, "count": count},
    )
    return [row[0] for row in drawn]


def touched(tx: sa.Connection, statement: sa.Update | sa.Delete, values: Row) -> int:
    """Run one statement; gives how many rows it touched."""
    return tx.execute(statement, dict(values)).rowcount


@lru_cache(maxsize=256)
def _changing(table: sa.Table, key: str, columns: tuple[str, ...]) -> sa.Update:
    where = table.c[key] == sa.bindparam("the_key")
    return sa.update(table).where(where).values({name: sa.bindparam(f"to_{name}") for name in columns})


def change(tx: sa.Connection, table: sa.Table, key: str, value: object, columns: Row) -> int:
    """Write these columns of the rows whose key has this value; gives how many those were."""
    statement = _changing(table, key, tuple(columns))
    row = {f"to_{name}": to_value for name, to_value in columns.items()}
    return run(tx, statement, {**row, "the_key": value}).rowcount
