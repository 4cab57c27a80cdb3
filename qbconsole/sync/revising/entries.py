"""List entries that wait to be added follow the decisions in force, as the documents do that wait for them.

Where documents are decided again because the mapping, a plugin or a template changed, an entry may be described
otherwise now (an item's income account), or nobody may want it any more. What was sent stays as it is.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import sqlalchemy as sa

from qbconsole.books.lifecycle import REQUEST_BEGINS
from qbconsole.decide import Decision
from qbconsole.rules.mapping.values import Merchant
from qbconsole.store import holds, requests
from qbconsole.store.requests import Purpose, RequestRow
from qbconsole.sync.keeping import list_key


@contextmanager
def entries_follow(
    tx: sa.Connection,
    merchant: Merchant,
    decided: Sequence[Decision],
    described: set[str],
    at: datetime,
    *,
    anew: bool,
) -> Iterator[None]:
    """Around the keeping of decisions, in its commit. `anew`: other decisions made what was kept before.

    `described` remembers over a run which entries it described; the first to name one describes it.
    """
    if not anew:
        yield
        return
    wanted = {
        list_key(one.need.list_kind, one.need.full_name): one.text
        for decision in decided
        for one in reversed(decision.entries)
    }
    keys = [one.named.plan.key for d in decided for one in d.documents]
    before = requests.names_waited_for(tx, keys)
    # Of a merchant that was moved: the company it posted into before.
    asked_of = {row.company for row in requests.requests_of_documents(tx, keys)} - {merchant.company}
    _retire(
        tx,
        [
            row
            for row in _unsent(tx, merchant, merchant.company, wanted.keys() - described)
            if row.body != wanted[row.subject_key]
        ],
        at,
    )
    yield
    described.update(wanted)
    _drop_unwanted(tx, merchant, merchant.company, before, wanted, at)
    for company in sorted(asked_of):
        _drop_unwanted(tx, merchant, company, before, (), at)


def _drop_unwanted(
    tx: sa.Connection,
    merchant: Merchant,
    company: str,
    before: Iterable[tuple[str, str]],
    wanted: Container[str],
    at: datetime,
) -> None:
    """Names that were waited for and that nobody waits for any more are not added; nor what they needed themselves."""
    while gone := requests.nobody_waits_for(tx, company, before):
        rows = [
            row
            for row in _unsent(tx, merchant, company, {list_key(*name) for name in gone})
            if row.subject_key not in wanted
        ]
        before = requests.names_waited_for(tx, [row.subject_key for row in rows])
        _retire(tx, rows, at)


def _unsent(tx: sa.Connection, merchant: Merchant, company: str, keys: Iterable[str]) -> list[RequestRow]:
    """Adds of these that this merchant asked for and that never left."""
    there = requests.standing(tx, company, Purpose.LIST_ADD, keys)
    return [
        row
        for row in requests.requests_by_id(tx, there.values())
        if row.state in REQUEST_BEGINS and row.merchant == merchant.id and not row.is_fixed
    ]


def _retire(tx: sa.Connection, rows: Sequence[RequestRow], at: datetime) -> None:
    requests.retire(tx, rows, at=at)
    for row in rows:
        holds.release_absent(tx, row.company, row.subject_key, set(), at)
