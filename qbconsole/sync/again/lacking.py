"""What a request names and QuickBooks' lists do not have: those were in it when it was sent, or are to be added."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence

import sqlalchemy as sa

from qbconsole.store import lists, requests
from qbconsole.store.requests import Purpose
from qbconsole.store.requests.standing import met_before_sent
from qbconsole.sync.again.names import entities_in, names_in
from qbconsole.sync.keeping import list_key

#: Lists of names that we add to; no two entries of them share a name.
_ENTITIES = ("customer", "vendor")


def missing_names(tx: sa.Connection, company: str, body: str) -> tuple[tuple[str, str], ...]:
    """(list, name) of a body that QuickBooks' lists do not have; a list that was never read proves nothing."""
    named: dict[str, list[str]] = {}
    for kind, name in names_in(body):
        named.setdefault(kind, []).append(name)
    read = lists.names_known(tx, company)
    there = {kind: listed(tx, company, kind, names) for kind, names in named.items() if kind in read}
    missing = [(kind, name) for kind, found in there.items() for name in named[kind] if name not in found]
    return tuple(dict.fromkeys((*missing, *_missing_entities(tx, company, body, read))))


def _missing_entities(
    tx: sa.Connection, company: str, body: str, read: Container[str]
) -> Iterator[tuple[str, str]]:
    """Entities that we ourselves added, or are to add; of others nobody here knows which list they are of."""
    names = list(entities_in(body))
    if not names or any(kind not in read for kind in _ENTITIES):
        return
    there = {name for kind in _ENTITIES for name in listed(tx, company, kind, names)}
    ours = {list_key(kind, name): (kind, name) for kind in _ENTITIES for name in names if name not in there}
    for key in asked_for(tx, company, ours):
        yield ours[key]


def asked_for(tx: sa.Connection, company: str, keys: Iterable[str]) -> dict[str, int]:
    """Entry -> the request that adds or added it, or would have if QuickBooks had not had it by then."""
    keys = list(keys)
    return met_before_sent(tx, company, keys) | requests.standing(tx, company, Purpose.LIST_ADD, keys)


def listed(tx: sa.Connection, company: str, kind: str, names: Sequence[str]) -> set[str]:
    """Those of these names that a list has."""
    return {name for name, row in lists.find_names(tx, company, kind, names).items() if not row.deleted}
