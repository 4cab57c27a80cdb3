"""The law of decisions in force: what leaves for the first time was decided by the mapping in force by then.

Held by what the simulation changes, the name of the house customer. What left before stays as it was (frozen bytes), also
where an operator has it posted once more; what is bound to it, as a payment to its memo, keeps the names they share.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import sqlalchemy as sa

from qbconsole.rehearsal.simulate.checker.records import Records
from qbconsole.rehearsal.simulate.world import Violation, World

if TYPE_CHECKING:
    from qbconsole.store.database import Store

DECIDED = "what is sent first is decided by the mapping in force"
#: Faults after which the order in which revisions were kept does not tell which was in force when.
_UNTELLING = ("F14", "F34", "F50")
_HOUSE = re.compile(r"^house = (.*)$", re.MULTILINE)
_REVISIONS = "SELECT id, kept_at, text FROM mapping_revisions WHERE scope = '' ORDER BY id"
_MADE = "SELECT id, made_at, state FROM message_sets"
#: Of such a set nobody ever heard what became of it: its documents are frozen, also in a request put anew.
_UNHEARD = ("lost", "silent")
_DECIDED_BY = """
SELECT r.id, d.key, d.mapping_revision FROM requests r JOIN documents d ON d.key = r.document_key
WHERE r.purpose = 'add' AND r.round = 0 AND d.mapping_revision IS NOT NULL
"""
_BOUND = """
SELECT n.request_id, p.mapping_revision FROM request_needs n JOIN documents p ON p.key = n.folded
WHERE n.kind = 'document'
"""


def check_decided(store: Store, records: Records, world: World) -> Iterator[Violation]:
    """Hold each document's revision against the one in force when it left for the first time."""
    if any(world.fired.get(number) for number in _UNTELLING):
        return
    with store.reading() as tx:
        kept = tx.execute(sa.text(_REVISIONS)).all()
        made = {row.id: row for row in tx.execute(sa.text(_MADE))}
        decided = {row.id: row for row in tx.execute(sa.text(_DECIDED_BY))}
        # Whether that one left in time is judged for itself.
        bound = {(row.request_id, row.mapping_revision) for row in tx.execute(sa.text(_BOUND))}
    house = {row.id: _HOUSE.findall(row.text) for row in kept}
    left: dict[int, str] = {}
    unheard: dict[str, str] = {}
    for one in sorted(records.sets.values(), key=lambda one: made[one.id].made_at):
        for number in one.requests:
            left.setdefault(number, made[one.id].made_at)
            if made[one.id].state in _UNHEARD and number in decided:
                unheard.setdefault(decided[number].key, left[number])
    for number, at in left.items():
        found = decided.get(number)
        if found is None:
            continue
        first = min(at, unheard.get(found.key, at))
        before = [row.id for row in kept if row.kept_at < first]
        if not before or found.mapping_revision not in house:
            continue
        if (number, found.mapping_revision) in bound:
            continue
        if found.mapping_revision < before[-1] and house[found.mapping_revision] != house[before[-1]]:
            sentence = f"{found.key} left as revision {found.mapping_revision} decided it; {before[-1]} was in force."
            yield Violation(law=DECIDED, sentence=sentence)
            return
