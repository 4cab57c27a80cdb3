"""How often each entry of mappings.toml was used: documents booked by it, as their provenance tells.

Every document keeps who chose each of its names, as file:line of the revision it was booked under. One query reads
that of the newest documents (no join but with their own bodies, no JSON is decoded: a pattern finds the lines), and
each revision's text says what stood on a line. An entry counts by its path, a rule by what it says, so that neither
an edit above nor a move loses the count. A document counts once an entry.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from qbconsole.rules.mapping.faults import MappingFaults
from qbconsole.rules.mapping.places import places
from qbconsole.rules.mapping.read import FILE, parse, without_mark
from qbconsole.store import decisions
from qbconsole.store.books import choosing
from qbconsole.store.database import Store
from qbconsole.value import Value
from qbconsole.views.mapping.entries import entries_of

#: So many of the newest documents are looked at.
NEWEST = 20_000
_PLACE = re.compile(rb'"place":"' + re.escape(FILE.encode()) + rb':(\d+)"')


class Uses(Value):
    """Mark of an entry -> documents it named something on."""

    counts: Mapping[str, int]
    #: How many documents were looked at; NEWEST where there may be more.
    documents: int = 0

    def of(self, mark: str) -> int:
        """How often an entry was used."""
        return self.counts.get(mark, 0)


def uses(store: Store, *, merchant: str | None = None, newest: int = NEWEST) -> Uses:
    """Count what named the newest documents of a merchant, or of all."""
    lines: Counter[tuple[int, int]] = Counter()
    documents = 0
    with store.reading() as tx:
        for revision, provenance in choosing.provenances(tx, merchant=merchant, newest=newest):
            documents += 1
            lines.update((revision, int(line)) for line in set(_PLACE.findall(provenance)))
        kept = {number: decisions.revision(tx, number) for number in {number for number, _ in lines}}
    counts: Counter[str] = Counter()
    for (number, line), count in lines.items():
        revision_text = kept[number]
        for mark in _marks(revision_text.text).get(line, ()) if revision_text else ():
            counts[mark] += count
    return Uses(counts=dict(counts), documents=documents)


@lru_cache(maxsize=32)
def _marks(text: str) -> Mapping[int, tuple[str, ...]]:
    """Line -> marks of what stands there, in one revision."""
    try:
        data = parse(text)
    except MappingFaults:
        return {}
    found: dict[int, list[str]] = {}
    for entry in entries_of(data, places(without_mark(text))):
        found.setdefault(entry.line, []).append(entry.mark)
    return {line: tuple(marks) for line, marks in found.items()}
