"""First words: what booked orders speak of, each with the order of which something was booked first.

A payout that is booked speaks of the rows of the balance that it pays out ("row:123").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from qbconsole.store.database.statements import chunks, listed, put_new
from qbconsole.store.schema import first_words as table

_C = table.c
_FIRST = sa.select(_C.word, _C.source_id).where(
    _C.merchant == sa.bindparam("merchant"), _C.word.in_(sa.bindparam("words", expanding=True))
)


def first_sources(tx: sa.Connection, merchant: str, words: Iterable[str]) -> dict[str, str]:
    """Word -> source id of the order or payout that brought it first; words nothing booked speaks of are left out."""
    found: dict[str, str] = {}
    for part in chunks(words):
        found.update(
            (row.word, row.source_id) for row in listed(tx, _FIRST, "words", part, merchant=merchant)
        )
    return found


def put_first_words(tx: sa.Connection, merchant: str, words: Mapping[str, str]) -> None:
    """Keep words with their order's source id; one that is known keeps the order it has."""
    rows = [{"merchant": merchant, "word": word, "source_id": source} for word, source in words.items()]
    put_new(tx, table, ("merchant", "word"), rows)
