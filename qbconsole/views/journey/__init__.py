"""The journey of one order, fact or shop day: what the shop told, what was decided and why, what QuickBooks answered.

The stops are those of the README; `show`, `explain` and the inspector list them.
"""

from qbconsole.views.journey.answers import (
    Behind,
    ChoiceView,
    DayEntry,
    DocumentRef,
    DocumentView,
    EventView,
    Journey,
    RequestView,
    Stop,
)
from qbconsole.views.journey.whole import journey

__all__ = [
    "Behind",
    "ChoiceView",
    "DayEntry",
    "DocumentRef",
    "DocumentView",
    "EventView",
    "Journey",
    "RequestView",
    "Stop",
    "journey",
]
