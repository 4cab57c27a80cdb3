"""Again: what is booked and unsent follows the decisions in force, also where they would not book it any more.

It keeps its shape and its place in the books; a rule, filter or plugin that holds what it stands for holds its delivery.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from qbconsole.books.holds import Hold, Released
from qbconsole.books.plan import Plan
from qbconsole.decide.case import Decided
from qbconsole.shop.events import Event, EventKind
from qbconsole.value import replace


def waits_again(
    plans: Sequence[Plan],
    events: Sequence[Event],
    why: Callable[[Event], Collection[Hold]],
    released: Collection[Released],
) -> dict[str, tuple[Hold, ...]]:
    """Document key -> why it waits now, for those that do; `why` gives the reasons to hold an event.

    What a person let go stays let go: for the document, and for the event before it was booked.
    """
    told = {event.key: event for event in events}
    found: dict[str, tuple[Hold, ...]] = {}
    for plan in plans:
        behind = {event.key: event for member in plan.members if (event := _behind(member.event_key, told))}
        holds = (
            replace(hold, subject=plan.key)
            for event in behind.values()
            for hold in why(event)
            if hold.released not in released
        )
        if standing := tuple(dict.fromkeys(hold for hold in holds if hold.released not in released)):
            found[plan.key] = standing
    return found


def kept_back(documents: Sequence[Decided], waits: Mapping[str, tuple[Hold, ...]]) -> tuple[Decided, ...]:
    """The documents, without a request where one waits."""
    return tuple(
        replace(one, text="", holds=(*one.holds, *waits[one.named.plan.key]))
        if one.named.plan.key in waits
        else one
        for one in documents
    )


def _behind(key: str, told: Mapping[str, Event]) -> Event | None:
    """The event that a member tells of; of what booking derived, the one it was derived from."""
    kind, _, rest = key.partition("/")
    if kind == EventKind.COST:
        key = rest.partition(".restock")[0]
    elif kind == EventKind.RELEASE:
        # It is derived from all that came before: whoever holds the order holds the first of it.
        return next(iter(told.values()), None)
    return told.get(key)
