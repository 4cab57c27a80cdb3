"""What QuickBooks is told to forget: only sets whose answers we keep, and only a day after it did them.

Its record of a set is the last fence against one that comes late: told to forget it early, it would do the set twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from qbconsole.rehearsal.simulate.checker.records import Records
from qbconsole.rehearsal.simulate.world import Violation, World

REMEMBERED = "QuickBooks remembers a set for a day"
_A_DAY = timedelta(hours=24)
#: Where our clock jumped, a day of ours is none of QuickBooks'.
_CLOCK = "F14"
_HEAD = re.compile(r"<QBXMLMsgsRq[^>]*>")
_IDS = re.compile(r'\b(new|old)MessageSetID="([^"]*)"')


def check_remembered(records: Records, world: World) -> Iterator[Violation]:
    """Hold each old id that left against when QuickBooks did that set first, and against the answers we keep."""
    done: dict[str, datetime] = {}
    for company in world.companies:
        for written in (one for file in company.files for one in file.written):
            done[written.set_id] = min(written.at, done.get(written.set_id, written.at))
    told = _told(records)
    for one in world.handed:
        forgets = _forgotten_by(one.text)
        if not forgets:
            continue
        early = forgets in done and one.at < done[forgets] + _A_DAY
        if early and not world.fired.get(_CLOCK):
            sentence = f"{forgets} is to be forgotten {one.at - done[forgets]} after QuickBooks did it."
            yield Violation(law=REMEMBERED, sentence=sentence)
        if forgets not in told and not records.went_back:
            yield Violation(
                law=REMEMBERED, sentence=f"{forgets} is to be forgotten, and no answer to it is kept."
            )


def _told(records: Records) -> set[str]:
    """Sets of which we keep an answer: to themselves, or to the question what became of them."""
    answered = [records.sets[one] for one in records.answers if one in records.sets]
    asked = (_ids(one.body) for one in answered)
    return {one.id for one in answered} | {old for old, new in asked if old == new}


def _forgotten_by(text: str) -> str:
    """The set whose record QuickBooks shall drop; "" where there is none: one old and new id only asks."""
    old, new = _ids(text)
    return "" if old == new else old


def _ids(text: str) -> tuple[str, str]:
    """Old and new id of a document."""
    head = _HEAD.search(text)
    ids = dict(_IDS.findall(head[0])) if head is not None else {}
    return ids.get("old", ""), ids.get("new", "")
