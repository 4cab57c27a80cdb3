"""Columns: the metadata every table hangs on, and the few column shapes there are.

Times are ISO 8601 UTC text with six decimals (they sort), dates ISO text, money integer minor units beside
its currency, flags 0 or 1. There is no float and no naive time in the store.
"""

from __future__ import annotations

import sqlalchemy as sa

#: What alembic calls the schema this program writes; the newest file in store/migrations/versions.
HEAD = "0010"

METADATA = sa.MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_once",
        "fk": "%(table_name)s_%(column_0_N_name)s_of",
        "pk": "%(table_name)s_pk",
    }
)

#: SQLite counts row ids only in INTEGER; PostgreSQL needs eight bytes for as many rows.
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def row_id() -> sa.Column[int]:
    """The number of a row, in the order of arrival."""
    return sa.Column("id", BIG, primary_key=True)


def text(name: str, *, null: bool = False, key: bool = False) -> sa.Column[str]:
    """Text; also times and dates."""
    return sa.Column(name, sa.Text(), nullable=null, primary_key=key)


def number(name: str, *, null: bool = False, key: bool = False) -> sa.Column[int]:
    """A whole number; also flags."""
    return sa.Column(name, sa.Integer(), nullable=null, primary_key=key, autoincrement=False)


def minor(name: str, *, null: bool = False) -> sa.Column[int]:
    """Money in minor units, or a reference to a row id."""
    return sa.Column(name, BIG, nullable=null)


def raw(name: str, *, null: bool = False) -> sa.Column[bytes]:
    """Bytes as they came, or our own JSON."""
    return sa.Column(name, sa.LargeBinary(), nullable=null)


def of(name: str, target: str, *, null: bool = False, key: bool = False) -> sa.Column[str]:
    """The id of a company or merchant that must exist."""
    return sa.Column(name, sa.Text(), sa.ForeignKey(target), nullable=null, primary_key=key)


def of_row(name: str, target: str, *, key: bool = False) -> sa.Column[int]:
    """The number of a row that must exist; gone with it."""
    return sa.Column(
        name,
        BIG,
        sa.ForeignKey(target, ondelete="CASCADE"),
        nullable=False,
        primary_key=key,
        autoincrement=False,
    )
