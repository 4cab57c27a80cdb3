"""A shop day, decided: what its orders gave it, added to the day's open part or to a next one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

from qbconsole.books.booking.cents import in_cents
from qbconsole.books.plan import Plan
from qbconsole.books.proof import prove_plans
from qbconsole.books.summary import add_to_day
from qbconsole.decide.case import DayCase, Decision
from qbconsole.decide.desk import Desk
from qbconsole.decide.documents import decided_documents
from qbconsole.decide.orders import law_broken
from qbconsole.errors import BooksDoNotBalance
from qbconsole.shop.bag import Bag
from qbconsole.shop.orders import Order


def decide_day(case: DayCase, desk: Desk) -> Decision:
    """Decide one day: an unsent part is drawn up anew under its key; once one is sent, a next part opens."""
    given = [(entry.event_key, entry.postings) for entry in case.entries]
    plans = add_to_day(case.pool, case.shop, case.booked, case.open_parts, given)
    fresh = [in_cents(plan) for plan in plans]
    done = {plan.key for plan in fresh}
    again = [plan for plan in case.booked if plan.key in case.rename and plan.key not in done]
    try:
        prove_plans(fresh)
        documents, wanted = decided_documents((*again, *fresh), _seen_as_order(case), desk)
    except BooksDoNotBalance as law:
        hold = law_broken(case.label, case.source_id, law)
        return Decision(source_id=case.source_id, kind=case.kind, holds=(hold,))
    if not case.is_over:
        documents = tuple(replace(one, text="", slots={}, needs=(), is_early=True) for one in documents)
    return Decision(source_id=case.source_id, kind=case.kind, documents=documents, entries=wanted)


def _seen_as_order(case: DayCase) -> Order:
    """The day as one order of its channel and location, so that the same rules choose customer and class."""
    pool, shop = case.pool, case.shop
    at = datetime.combine(pool.on, time(12), UTC)
    zero = Bag.zero(pool.currency, pool.currency)
    return Order(
        id=pool.source_id,
        name=pool.words,
        shop=shop,
        at=at,
        updated_at=at,
        currency=pool.currency,
        presentment_currency=pool.currency,
        total=zero,
        total_tax=None,
        current_total=None,
        source=pool.source,
        location=pool.location,
    )


__all__ = ["Plan", "decide_day"]
