"""List entries that QuickBooks lacks: requests of their own, before the documents that wait for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import sqlalchemy as sa

from qbconsole.books.lifecycle import RequestState
from qbconsole.decide import Entered
from qbconsole.rules.mapping.values import Merchant
from qbconsole.store import holds, lists, requests
from qbconsole.store.requests import NewRequest, Purpose, RequestRow
from qbconsole.store.requests.slots import renew_claim
from qbconsole.sync.keeping.asked import request_name

#: States of a request that QuickBooks did not take.
_PARKED = (RequestState.REFUSED, RequestState.QUARANTINED)
#: A need that is met when QuickBooks' list was read and the name was not in it.
READ_FIRST = "list_read"
#: Lists are added in this order: an item needs its accounts, a tax item its agency.
LIST_ORDER = {
    "account": 0,
    "vendor": 10,
    "sales_tax_code": 20,
    "payment_method": 20,
    "terms": 20,
    "ship_method": 20,
    "customer_message": 20,
    "sales_rep": 20,
    "template": 20,
    "inventory_site": 20,
    "class": 20,
    "customer": 30,
    "item": 40,
}


def keep_entries(
    tx: sa.Connection, merchant: Merchant, entries: Iterable[Entered], epoch: int, at: datetime
) -> None:
    """List entries to add, each name once a company: whoever named it first described it.

    One that QuickBooks refused and that the mapping describes otherwise now is asked anew; so is one that we added and
    that somebody deleted or renamed since.
    """
    wanted = {list_key(e.need.list_kind, e.need.full_name): e for e in entries}
    there = requests.standing(tx, merchant.company, Purpose.LIST_ADD, wanted)
    asked = requests.requests_by_id(tx, there.values())
    parked = [
        row
        for row in asked
        if row.state in _PARKED and not row.doubtful and row.body != wanted[row.subject_key].text
    ]
    requests.retire(tx, parked, at=at)
    for row in parked:
        del there[row.subject_key]
        holds.release_absent(tx, merchant.company, row.subject_key, set(), at)
    read = lists.names_known(tx, merchant.company)
    for row in _gone_again(tx, merchant.company, asked, read):
        renew_claim(tx, row.id)
        del there[row.subject_key]
    new = [
        NewRequest(
            company=merchant.company,
            merchant=merchant.id,
            subject_key=key,
            purpose=Purpose.LIST_ADD,
            name=request_name(entry.text),
            body=entry.text,
            needs=(
                *([] if entry.need.list_kind in read else [(READ_FIRST, entry.need.list_kind)]),
                *((n.list_kind, n.full_name) for n in entry.needs),
            ),
            needs_approval=entry.ask or merchant.policy.approve == "manual",
            order=LIST_ORDER.get(entry.need.list_kind, 50) + entry.need.full_name.count(":"),
            epoch=epoch,
        )
        for key, entry in wanted.items()
        if key not in there
    ]
    requests.put_requests(tx, new, at=at)
    meet_known(tx, merchant.company, new, at)


def _gone_again(
    tx: sa.Connection, company: str, asked: Iterable[RequestRow], read: Mapping[str, datetime]
) -> Iterator[RequestRow]:
    """Adds that QuickBooks did, and whose entry it told since to be deleted, or its whole list does not show any more."""
    for row in asked:
        kind, _, name = row.subject_key.partition("/")
        if row.state is not RequestState.ANSWERED or lists.find_names(tx, company, kind, [name]):
            continue
        every = lists.list_rows(tx, company, kind, deleted_too=True)
        if (kind in read and read[kind] > row.changed_at) or any(one.list_id == row.qb_id for one in every):
            yield row


def list_key(list_kind: str, full_name: str) -> str:
    """What a list entry's request is about: "item/shopify shipping"."""
    return f"{list_kind}/{full_name.casefold()}"


def meet_known(tx: sa.Connection, company: str, new: Iterable[NewRequest], at: datetime) -> None:
    """A session may have read or added a name while this was decided without it: nobody would tell it again."""
    wanted: dict[str, set[str]] = {}
    for request in new:
        for kind, name in request.needs:
            wanted.setdefault(kind, set()).add(name)
    for kind, names in wanted.items():
        there = lists.find_names(tx, company, kind, sorted(names))
        met = [name for name, row in there.items() if row.is_active and not row.deleted]
        if met:
            requests.satisfy_needs(tx, company, kind, met, at=at)
