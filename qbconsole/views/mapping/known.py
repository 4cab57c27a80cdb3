"""When QuickBooks' lists were read last."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from qbconsole.store import lists
from qbconsole.store.database import Store


def lists_read(store: Store, company: str) -> Mapping[str, datetime]:
    """List -> when the whole of it was read; lists never read are left out."""
    with store.reading() as tx:
        return lists.names_known(tx, company)
