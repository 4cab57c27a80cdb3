"""Ground: what deciding stood on, read with the cases and compared inside the commit that keeps what was decided.

Deciding takes time and no lock. Whoever wrote meanwhile (another run, a session that put pennies right, a person who let
a hold go) makes the ground another one, and what was decided on the old one is not written but decided again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping

import sqlalchemy as sa

from qbconsole.books.holds import Released
from qbconsole.store import holds
from qbconsole.store.books.first_words import first_sources
from qbconsole.store.books.sources import pooled_events
from qbconsole.store.database.statements import chunks, listed
from qbconsole.store.schema import document_bodies, documents, events
from qbconsole.value import Value

#: A document's key and state, and the sha256 of its plan: an amended plan moves neither of the others.
Mark = tuple[str, str, str]

_D = documents.c
_MARKS = (
    sa.select(_D.source_id, _D.key, _D.state, document_bodies.c.plan)
    .join_from(documents, document_bodies, _D.id == document_bodies.c.document_id)
    .where(
        _D.merchant == sa.bindparam("merchant"),
        _D.source_id.in_(sa.bindparam("sources", expanding=True)),
    )
    .order_by(_D.id)
)
_EVENTS = sa.select(events.c.source_id, events.c.key).where(
    events.c.merchant == sa.bindparam("merchant"),
    events.c.source_id.in_(sa.bindparam("sources", expanding=True)),
)


class Ground(Value):
    """What the books said of what is decided; asked again, it says the same while nobody wrote."""

    #: What was asked for: orders, facts and shop days, by what their documents are kept under.
    sources: tuple[str, ...] = ()
    #: Keys of their events, where holds and shop days were looked up by them; and of what booking derives from those.
    event_keys: tuple[str, ...] = ()
    derived_keys: tuple[str, ...] = ()
    #: What orders speak of (`first_words`).
    words: tuple[str, ...] = ()
    #: What was told: source -> keys of its events, which are never changed; source -> its documents, undone ones too.
    events: Mapping[str, frozenset[str]] = {}
    documents: Mapping[str, tuple[Mark, ...]] = {}
    #: Event -> its parts in shop days.
    pooled: Mapping[str, frozenset[str]] = {}
    held: frozenset[str] = frozenset()
    released: frozenset[Released] = frozenset()
    #: Word -> the order that brought it first.
    first: Mapping[str, str] = {}


def ground_of(
    tx: sa.Connection,
    merchant: str,
    company: str,
    *,
    sources: Collection[str] = (),
    event_keys: Collection[str] = (),
    derived_keys: Collection[str] = (),
    words: Collection[str] = (),
) -> Ground:
    """The ground at this moment; read it in the same moment as what is decided by it."""
    pooled = pooled_events(tx, merchant, (*event_keys, *derived_keys))
    return Ground(
        sources=tuple(sources),
        event_keys=tuple(event_keys),
        derived_keys=tuple(derived_keys),
        words=tuple(words),
        events=_events(tx, merchant, sources),
        documents=_documents(tx, merchant, sources),
        pooled={key: frozenset(parts) for key, parts in pooled.items()},
        held=frozenset(holds.held_subjects(tx, company, event_keys)),
        released=frozenset(holds.released(tx, company, event_keys)),
        first=first_sources(tx, merchant, words),
    )


def moved(tx: sa.Connection, merchant: str, company: str, grounds: Iterable[Ground]) -> str:
    """What of these is otherwise now, one of it by name; "" while all of it stands."""
    for was in grounds:
        now = ground_of(
            tx,
            merchant,
            company,
            sources=was.sources,
            event_keys=was.event_keys,
            derived_keys=was.derived_keys,
            words=was.words,
        )
        if now != was:
            return _first_difference(was, now)
    return ""


def _first_difference(was: Ground, now: Ground) -> str:
    tables = ((was.events, now.events), (was.documents, now.documents), (was.pooled, now.pooled))
    for one, other in (*tables, (was.first, now.first)):
        for key in sorted(one.keys() | other.keys()):
            if one.get(key) != other.get(key):
                return key
    return min(was.held ^ now.held, default="") or min(
        (one.subject for one in was.released ^ now.released), default="holds"
    )


def _events(tx: sa.Connection, merchant: str, sources: Iterable[str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for part in chunks(sources):
        for row in listed(tx, _EVENTS, "sources", part, merchant=merchant):
            found.setdefault(row.source_id, set()).add(row.key)
    return {source: frozenset(keys) for source, keys in found.items()}


def _documents(tx: sa.Connection, merchant: str, sources: Iterable[str]) -> dict[str, tuple[Mark, ...]]:
    found: dict[str, list[Mark]] = {}
    for part in chunks(sources):
        for row in listed(tx, _MARKS, "sources", part, merchant=merchant):
            mark = (row.key, row.state, hashlib.sha256(row.plan).hexdigest())
            found.setdefault(row.source_id, []).append(mark)
    return {source: tuple(marks) for source, marks in found.items()}
