"""The schedule of each merchant, for whoever asks: when it is synced next, and how the last run went."""

from __future__ import annotations

from datetime import datetime

from qbconsole.rules.mapping.values import Mapping as Decisions
from qbconsole.store.database import Store
from qbconsole.store.sharing import schedule
from qbconsole.store.sharing.schedule import Standing

__all__ = ["Standing", "standings"]


def standings(
    store: Store,
    mapping: Decisions,
    *,
    now: datetime,
    company: str | None = None,
    merchant: str | None = None,
) -> tuple[Standing, ...]:
    """One for each merchant of the mapping, in its order; times are UTC."""
    with store.reading() as tx:
        return tuple(
            schedule.standing(tx, one, now)
            for one in mapping.merchants.values()
            if merchant in (None, one.id) and company in (None, one.company)
        )
