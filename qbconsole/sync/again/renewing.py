"""Renewing: list entries that were ours to add and are gone with an older file are added again where somebody waits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import sqlalchemy as sa

from qbconsole.books.lifecycle import RequestState
from qbconsole.qbxml.render import entry_name
from qbconsole.store import parties, requests
from qbconsole.store.former_names import former_names
from qbconsole.store.requests import NewRequest, Purpose, RequestRow
from qbconsole.store.requests.behind import NOT_LEFT, unsent
from qbconsole.store.requests.slots import renew_claim
from qbconsole.sync.again.lacking import asked_for, listed, missing_names
from qbconsole.sync.keeping import LIST_ORDER, list_key

#: Entries of lists that wait at one time are fewer.
_MOST = 100_000


def renew_entries(tx: sa.Connection, company: str, at: datetime) -> None:
    """List entries we added in an earlier epoch, that are gone with it and that somebody waits for, are added again.

    So is what was to be added and was found there before it left: after our own database went back that is as much ours.
    So is what they need themselves: an item's account, an entry's parent. One that somebody renamed is not gone.
    """
    while _renew_wanted(tx, company, at):
        continue


def let_entries_wait(tx: sa.Connection, company: str, at: datetime) -> None:
    """Entries that did not leave yet wait for those that are about to be added again, as documents do."""
    for row in unsent(tx, company, after=0, limit=_MOST, purpose=Purpose.LIST_ADD):
        kind = row.subject_key.partition("/")[0]
        missing = {*_missing_parent(tx, company, kind, row.body), *missing_names(tx, company, row.body)}
        waits = [(need.kind, need.name) for need in requests.waiting_on(tx, row.id)]
        known = {(kind, name.casefold()) for kind, name in waits}
        lacks = _coming(tx, company, [one for one in missing if (one[0], one[1].casefold()) not in known])
        if not lacks:
            continue
        requests.retire(tx, [row], at=at)
        new = NewRequest(
            company=company,
            merchant=row.merchant,
            subject_key=row.subject_key,
            purpose=Purpose.LIST_ADD,
            name=row.name,
            body=row.body,
            needs=(*waits, *lacks),
            order=_order(row.subject_key),
            needs_approval=row.needs_approval,
            epoch=row.epoch,
        )
        requests.put_requests(tx, [new], at=at)


def _coming(tx: sa.Connection, company: str, missing: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those that are to be added, or added again; for another nobody would ever wait to the end: QuickBooks refuses."""
    keys = {list_key(kind, name): (kind, name) for kind, name in sorted(missing)}
    adds = requests.requests_by_id(tx, asked_for(tx, company, keys).values()) if keys else []
    is_gone = _gone(tx, company) if adds else None
    return [keys[add.subject_key] for add in adds if add.state in NOT_LEFT or (is_gone and is_gone(add))]


def _gone(tx: sa.Connection, company: str) -> Callable[[RequestRow], bool]:
    """Whether what an add brought is gone with an earlier epoch; what somebody renamed is not."""
    row = parties.company(tx, company)
    epoch = row.epoch if row else 1
    # Its entry is still there: another of the old name would be a second one, and stock or balances split.
    renamed = {list_key(one.kind, one.was) for one in former_names(tx, company)}
    return lambda add: _was_there(add) and add.epoch < epoch and add.subject_key not in renamed


def _renew_wanted(tx: sa.Connection, company: str, at: datetime) -> bool:
    """Whether any was put; each is put once, for its claim is of this epoch then."""
    is_any = False
    row = parties.company(tx, company)
    epoch = row.epoch if row else 1
    wanted = requests.names_wanted(tx, company)
    keys = {list_key(kind, name): (kind, name) for kind, name in wanted}
    if not keys:
        return False
    is_gone = _gone(tx, company)
    for add in requests.requests_by_id(tx, asked_for(tx, company, keys).values()):
        kind, name = keys[add.subject_key]
        if not is_gone(add):
            continue
        if listed(tx, company, kind, [name]):
            continue
        if add.state is RequestState.ANSWERED:
            renew_claim(tx, add.id)
        new = NewRequest(
            company=company,
            merchant=add.merchant,
            subject_key=add.subject_key,
            purpose=Purpose.LIST_ADD,
            name=add.name,
            body=add.body,
            needs=(*_missing_parent(tx, company, kind, add.body), *missing_names(tx, company, add.body)),
            order=_order(add.subject_key),
            # Nobody let one go that never left.
            needs_approval=add.needs_approval,
            epoch=epoch,
        )
        requests.put_requests(tx, [new], at=at)
        is_any = True
    return is_any


def _was_there(add: RequestRow) -> bool:
    """Whether QuickBooks had the entry; of one superseded nothing is left where it named a buyer who was forgotten."""
    return add.state is RequestState.ANSWERED or (add.state is RequestState.SUPERSEDED and bool(add.body))


def _missing_parent(tx: sa.Connection, company: str, kind: str, body: str) -> tuple[tuple[str, str], ...]:
    """The entry that another one stands under, where it is gone too."""
    parent = entry_name(body).rpartition(":")[0]
    return ((kind, parent),) if parent and not listed(tx, company, kind, [parent]) else ()


def _order(subject_key: str) -> int:
    """Lists in the order they are added in, parents first."""
    kind, _, name = subject_key.partition("/")
    return LIST_ORDER.get(kind, 50) + name.count(":")
