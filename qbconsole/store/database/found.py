"""What a statement found: rows straight from the driver's cursor, their columns by name.

SQLAlchemy's own results ask each column's type and name on the way; for questions that are asked several times a
request that costs more than the question. Our columns hold only what drivers give as it is (see `encoding`).
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import Any, Protocol

from qbconsole.errors import StoreError


class Cursor(Protocol):
    """As both drivers have it."""

    @property
    def description(self) -> Any:
        """A sequence a column, its name first; None where the statement gives no rows."""

    @property
    def rowcount(self) -> int:
        """How many rows were touched."""

    def fetchone(self) -> Any:
        """The next row."""

    def fetchall(self) -> list[Any]:
        """The rows that are left."""

    def __iter__(self) -> Iterator[Any]:
        """The rows that are left, one after the other."""


@lru_cache(maxsize=1024)
def _shape(columns: tuple[str, ...]) -> Any:
    """A tuple whose fields are named as the columns; one that is named twice is only found by its place."""
    row = namedtuple("Row", columns, rename=True)  # type: ignore[misc]
    return partial(tuple.__new__, row)  # as its `_make`, which also counts what the driver has counted


#: Text of a statement -> its rows; asking the cursor for the names of its columns costs as much as a row. Our texts name
#: each column, so what a text gives stays the same.
_SHAPES: dict[str, Any] = {}
_TEXTS = 2_000


class Found:
    """Rows of one statement, read once."""

    __slots__ = ("_cursor", "_text")

    def __init__(self, cursor: Cursor, text: str) -> None:
        self._cursor, self._text = cursor, text

    @property
    def rowcount(self) -> int:
        """How many rows the statement touched."""
        return self._cursor.rowcount

    def __iter__(self) -> Iterator[Any]:
        """Each row."""
        return map(self._made(), self._cursor)

    def all(self) -> list[Any]:
        """Every row."""
        return list(map(self._made(), self._cursor.fetchall()))

    def tuples(self) -> list[tuple[Any, ...]]:
        """Every row as the driver gives it, for who reads hundreds by their place."""
        return self._cursor.fetchall()

    def first(self) -> Any:
        """The first row, None where there is none."""
        row = self._cursor.fetchone()
        return None if row is None else self._made()(row)

    def one_or_none(self) -> Any:
        """The only row, None where there is none. Raises StoreError where there are more."""
        rows = self._cursor.fetchall()
        if len(rows) > 1:
            raise StoreError("A question with one answer found several rows.")
        return self._made()(rows[0]) if rows else None

    def one(self) -> Any:
        """The only row. Raises StoreError where there is none, or are more."""
        row = self.one_or_none()
        if row is None:
            raise StoreError("A question with one answer found no row.")
        return row

    def scalar_one_or_none(self) -> Any:
        """The only row's first column, None where there is no row."""
        row = self.one_or_none()
        return None if row is None else row[0]

    def scalar_one(self) -> Any:
        """The only row's first column."""
        return self.one()[0]

    def scalars(self) -> list[Any]:
        """The first column of every row."""
        return [row[0] for row in self._cursor.fetchall()]

    def _made(self) -> Any:
        made = _SHAPES.get(self._text)
        if made is None:
            if len(_SHAPES) >= _TEXTS:
                _SHAPES.clear()
            made = _shape(tuple([column[0] for column in self._cursor.description]))
            _SHAPES[self._text] = made
        return made
