"""Numbers: each RefNumber that a document of ours may bear in QuickBooks, though our database gives it another."""

from __future__ import annotations

import sqlalchemy as sa

from qbconsole.books.identity import other_numbers
from qbconsole.store import books


def numbers_of(tx: sa.Connection, row: books.DocumentRow) -> tuple[str, ...]:
    """The number it was given first, then those that it may have been given in days which our database lost."""
    whole = books.document(tx, row.key) if row.ref_number else None
    if whole is None:
        return (row.ref_number,)
    given, suffix = whole.plan.told_number
    others = other_numbers(whole.plan.kind, given, suffix, row.key, row.ref_number)
    return (row.ref_number, *others)
