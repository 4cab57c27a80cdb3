"""Shapes of columns, keys and indexes as revisions write them; never changed, because revisions are frozen."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def text(name: str, *, null: bool = False) -> sa.Column[str]:
    """Text; also times and dates."""
    return sa.Column(name, sa.Text(), nullable=null)


def texts(*names: str) -> tuple[sa.Column[str], ...]:
    """Several at once."""
    return tuple(map(text, names))


def number(name: str, *, null: bool = False) -> sa.Column[int]:
    """A whole number; also flags."""
    return sa.Column(name, sa.Integer(), nullable=null, autoincrement=False)


def numbers(*names: str) -> tuple[sa.Column[int], ...]:
    """Several at once."""
    return tuple(map(number, names))


def big_number(name: str, *, null: bool = False) -> sa.Column[int]:
    """Eight bytes: money in minor units, references to rows."""
    return sa.Column(name, _BIG, nullable=null, autoincrement=False)


def raw(name: str, *, null: bool = False) -> sa.Column[bytes]:
    """Bytes."""
    return sa.Column(name, sa.LargeBinary(), nullable=null)


def row_id() -> sa.Column[int]:
    """The number of a row."""
    return sa.Column("id", _BIG, nullable=False)


def key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    """The primary key."""
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"{table}_pk"))


def of(table: str, column: str, target: str, *, cascade: bool = False) -> sa.ForeignKeyConstraint:
    """A reference to another table."""
    ondelete = "CASCADE" if cascade else None
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"{table}_{column}_of"), ondelete=ondelete)


def index(name: str, table: str, *columns: str, unique: bool = False, where: str = "") -> None:
    """An index, whole or partial."""
    partial: dict[str, Any] = (
        {"sqlite_where": sa.text(where), "postgresql_where": sa.text(where)} if where else {}
    )
    op.create_index(name, table, list(columns), unique=unique, **partial)
