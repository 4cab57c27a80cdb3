"""PURE road: events + rules + company -> named, proved documents and request fragments.

Booking, what-if previews, plugin tests and template checks all call `decide`, so that what is shown is what is
sent. It reads no file and no clock and asks nobody but the desk it is given.
"""

from __future__ import annotations

from qbconsole.decide.case import (
    AnyCase,
    Case,
    DayCase,
    Decided,
    Decision,
    Entered,
    FactCase,
    Pooled,
)
from qbconsole.decide.days import decide_day
from qbconsole.decide.desk import Desk, DeskSpec, desk_of, renderer_of
from qbconsole.decide.facts import decide_fact
from qbconsole.decide.missing import missing_name
from qbconsole.decide.orders import decide_order
from qbconsole.decide.payouts import is_by_payout
from qbconsole.decide.pennies import Pennies, PennyCase, Resettled, Settling, decide_pennies
from qbconsole.rules.panel import announce_to


def decide(case: AnyCase, desk: Desk) -> Decision:
    """Decide one case. A merchant's facts become holds; PluginBroken is the only thing raised."""
    if isinstance(case, Case):
        return decide_order(case, desk)
    if isinstance(case, FactCase):
        return decide_fact(case, desk)
    return decide_day(case, desk)


__all__ = [
    "AnyCase",
    "Case",
    "DayCase",
    "Decided",
    "Decision",
    "Desk",
    "DeskSpec",
    "Entered",
    "FactCase",
    "Pennies",
    "PennyCase",
    "Pooled",
    "Resettled",
    "Settling",
    "announce_to",
    "decide",
    "decide_pennies",
    "desk_of",
    "is_by_payout",
    "missing_name",
    "renderer_of",
]
