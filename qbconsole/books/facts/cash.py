"""A drawer closed short or over: what was counted against what should lie there.

Sales paid in cash are booked by their tenders; only the difference is posted here. Source: accounting.md
section 2 and convention 25.
"""

from __future__ import annotations

from collections.abc import Sequence

from qbconsole.books.facts.checks import foreign, happened, incomplete, too_early
from qbconsole.books.facts.drawn import Drawn, journal
from qbconsole.books.plan import Plan
from qbconsole.books.policy import Settings
from qbconsole.books.roles import clearing_role
from qbconsole.shop.events import EventKind
from qbconsole.shop.orders import Shop
from qbconsole.shop.payments.cash import CashSession

OVER_SHORT = "cash_over_short"


def draw_cash_session(session: CashSession, shop: Shop, settings: Settings, booked: Sequence[Plan]) -> Drawn:
    """The event `cash_session/<id>`; an open drawer, or one still being added up, is nothing yet."""
    if session.closed_at is None or not session.ready:
        return Drawn()
    key = f"{EventKind.CASH_SESSION}/{session.id}"
    where = f"drawer {' '.join(filter(None, (session.location, session.register))) or session.id}"
    amounts = [amount for amount in (session.counted, session.expected, session.discrepancy) if amount]
    mixed = tuple(foreign(key, where, amounts, settings))
    over = session.over
    event = happened(shop, key, EventKind.CASH_SESSION, session.closed_at, (over,))
    if mixed:
        return Drawn(events=(event,), holds=mixed)
    if over is None:
        return Drawn(events=(event,), holds=(incomplete(key, where, "what was counted and expected"),))
    if not over:
        return Drawn()
    early = tuple(too_early(event, where, settings))
    if early:
        return Drawn(events=(event,), holds=early)
    plan = journal(
        shop,
        event,
        over.currency,
        [(OVER_SHORT, -over), (clearing_role("cash"), over)],
        number=session.id,
        memo=f"{where[0].upper()}{where[1:]} {'over' if over.amount > 0 else 'short'}, {event.on}",
    )
    return Drawn(events=(event,), plans=(plan,) if plan else ())
