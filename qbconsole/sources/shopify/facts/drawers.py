"""The till's drawers: cash tracking sessions that were closed.

Totals of a session may still change shortly after it was closed, so the last days are read again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.facts.batch import Batch, check_since, moment, stamp

#: A session closed this long ago is not looked at again.
COUNT_MAY_CHANGE = timedelta(days=3)


def cash_sessions(client: ShopifyClient, cursor: str | None, until: datetime) -> Iterator[Batch]:
    """Sessions closed in the window, with `status` and `currency` as the newer kind of session has them."""
    query = f"closing_time:<'{stamp(until)}'"
    if cursor is not None:
        query = f"closing_time:>='{cursor}' AND {query}"
    for page in client.pages("cash_sessions", "cashTrackingSessions", {"query": query}, first=50):
        rows = []
        for session in page.nodes:
            if session["closingTime"] is None:
                continue
            check_since(moment(session["closingTime"], "a cash session"), cursor, "a cash session")
            currency = session["netCashSales"]["currencyCode"]
            rows.append({**session, "status": "CLOSED", "currency": currency})
        again = None if page.has_next else stamp(until - COUNT_MAY_CHANGE)
        yield Batch(rows=tuple(rows), cursor=again)
