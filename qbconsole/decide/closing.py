"""Closed periods: what falls into one waits, or moves to the first open day of the same fiscal year."""

from __future__ import annotations

from datetime import date, timedelta

from qbconsole.books.booking.order import Entry
from qbconsole.books.holds import Hold, Reason
from qbconsole.books.plan import Plan
from qbconsole.books.policy import Settings
from qbconsole.value import replace


def closed(on: date, where: str, subject: str, settings: Settings) -> tuple[Hold, ...]:
    """Why something of this day may not be booked; empty when it may, on its own or on a later day."""
    closing = settings.closing_date
    if closing is None or on > closing:
        return ()
    first_open = closing + timedelta(days=1)
    if settings.policy.closed_period == "first_open_day" and _same_fiscal_year(
        on, first_open, settings.fiscal_first_month
    ):
        return ()
    return (
        Hold(
            reason=Reason.CLOSED_PERIOD,
            where=where,
            sentence=f"It is of {on}; the books are closed up to {closing}.",
            next_step="Open the period in QuickBooks, or set policy.closed_period to first_open_day.",
            subject=subject,
            cause=f"closed_period:{closing}",
        ),
    )


def _same_fiscal_year(one: date, other: date, first_month: int) -> bool:
    def year(day: date) -> int:
        return day.year if day.month >= first_month else day.year - 1

    return year(one) == year(other)


def open_day(on: date, settings: Settings) -> date:
    """The day itself, or the first open day where it is closed."""
    closing = settings.closing_date
    return on if closing is None or on > closing else closing + timedelta(days=1)


def dated(entry: Entry, settings: Settings) -> Entry:
    """The entry on the day it may be booked on."""
    on = open_day(entry.on, settings)
    if on == entry.on:
        return entry
    return replace(entry, on=on, postings=tuple(replace(row, on=on) for row in entry.postings))


def dated_plan(plan: Plan, settings: Settings) -> Plan:
    """The document on the day it may be booked on; it still tells its true day."""
    on = open_day(plan.on, settings)
    if on == plan.on:
        return plan
    return replace(plan, on=on, true_on=plan.on, postings=tuple(replace(row, on=on) for row in plan.postings))
