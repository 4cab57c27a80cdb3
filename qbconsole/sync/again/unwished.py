"""Unwished: a person wanted a document posted once more, and wants it no more before it left."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from qbconsole.books.lifecycle import GONE, RequestState
from qbconsole.store import requests


def take_back(tx: sa.Connection, key: str, at: datetime) -> bool:
    """Take back the last round of a document; False where there is none, or QuickBooks has it or may have it.

    What the rounds before came to is gone from QuickBooks: that is why a person opened another.
    """
    rows = [
        row
        for row in requests.requests_of_documents(tx, [key])
        if row.state is not RequestState.SUPERSEDED and not row.is_gone
    ]
    last = max((row.round for row in rows), default=0)
    wished = [row for row in rows if row.round == last]
    if not last or any(row.state in GONE or row.doubtful for row in wished):
        return False
    requests.retire(tx, wished, at=at)
    return True
