"""The last laws: once faults stop everything finishes soon, and what does not has a reason that a person reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from qbconsole.rehearsal.simulate.oracle.orders import stays_out
from qbconsole.rehearsal.simulate.world import Told, Unfinished, Violation, World

FINISHES = "everything finishes"
REASON = "a reason for everything"
#: Holds that say something about the shop, and so stay when all faults are over.
LASTING = frozenset(
    {"test_order", "authorized_uncaptured", "voided", "counted_with_order", "awaiting_payout"}
)
#: The day whose sums a document holds, in its key.
_DAY = re.compile(r"/day/(\d{4}-\d\d-\d\d)\b")


def judge_ending(world: World) -> Iterator[Violation]:
    """Hold the end of the run against the promise."""
    if not world.finished or world.sessions_after > world.sessions_limit:
        sentence = (
            f"After {world.sessions_after} sessions without a fault ({world.sessions_limit} are allowed) "
            "there was still something to do."
        )
        yield Violation(law=FINISHES, sentence=sentence)
    for company in world.companies:
        if company.stopped:
            sentence = f"{company.name} is still stopped: {company.stopped}"
            yield Violation(law=FINISHES, sentence=sentence)
    for hold in world.told:
        if not hold.is_flag and not _lasts(world, hold):
            sentence = f"{hold.where or hold.subject} is still held ({hold.reason}): {hold.sentence}"
            yield Violation(law=FINISHES, sentence=sentence)
        if not hold.sentence or not hold.next_step:
            sentence = f"{hold.subject} is held ({hold.reason}) without a sentence or a next step."
            yield Violation(law=REASON, sentence=sentence)
    told = {one.subject for one in world.told}
    for one in world.unfinished:
        if one.key not in told and not _is_open(world, one):
            sentence = f"{one.key} is {one.state} ({one.request or 'no request'}) and nobody is told why."
            yield Violation(law=REASON, sentence=sentence)


def _lasts(world: World, hold: Told) -> bool:
    """Whether the shop itself says why; an order that is held for what it is must really be such a one."""
    if hold.reason not in LASTING:
        return False
    for merchant in world.merchants:
        for order in merchant.shop.orders:
            if merchant.id == hold.merchant and hold.subject == f"order/{order['legacyResourceId']}":
                return stays_out(order)
    return True


def _is_open(world: World, one: Unfinished) -> bool:
    """Whether it is the sums of a day that is not over in the shop."""
    found = _DAY.search(one.key)
    zone = next((end.shop.world.zone for end in world.merchants if end.id == one.merchant), None)
    if found is None or zone is None:
        return False
    return date.fromisoformat(found[1]) >= world.ended.astimezone(zone).date()
