"""Store credit no order causes: granted or taken back by hand, or expired.

What orders cause is booked by their tenders. Source: accounting.md section 2; Admin API 2026-10,
StoreCreditSystemEvent.
"""

from __future__ import annotations

from collections.abc import Sequence

from qbconsole.books.facts.checks import foreign, happened, too_early, unknown_kind
from qbconsole.books.facts.drawn import Drawn, journal
from qbconsole.books.plan import Plan
from qbconsole.books.policy import Settings
from qbconsole.shop.events import EventKind
from qbconsole.shop.orders import Shop
from qbconsole.shop.payments.credit import Cause, StoreCreditMovement

LIABILITY = "store_credit_liability"
EXPENSE = "store_credit_expense"
BREAKAGE = "breakage_income"


def draw_store_credit(
    movement: StoreCreditMovement, shop: Shop, settings: Settings, booked: Sequence[Plan]
) -> Drawn:
    """The event `store_credit/<id>`: what the customer gains is store_credit_expense + / liability -."""
    key, where = f"{EventKind.STORE_CREDIT}/{movement.id}", f"store credit {movement.owner or movement.id}"
    if movement.cause is Cause.UNKNOWN:
        return Drawn(holds=(unknown_kind(key, where, f"event {movement.event}"),))
    kept = movement.cause is Cause.EXPIRY and settings.policy.breakage == "off"
    if kept or movement.cause not in (Cause.STAFF, Cause.EXPIRY):
        return Drawn()
    event = happened(shop, key, EventKind.STORE_CREDIT, movement.at, (movement.amount, movement.cause))
    holds = (*too_early(event, where, settings), *foreign(key, where, [movement.amount], settings))
    if holds:
        return Drawn(events=(event,), holds=holds)
    expired = movement.cause is Cause.EXPIRY
    plan = journal(
        shop,
        event,
        movement.amount.currency,
        [(BREAKAGE if expired else EXPENSE, movement.amount), (LIABILITY, -movement.amount)],
        number=movement.id,
        memo=f"{where[0].upper()}{where[1:]} {'expired' if expired else 'by hand'}, {event.on}",
    )
    return Drawn(events=(event,), plans=(plan,)) if plan else Drawn()
