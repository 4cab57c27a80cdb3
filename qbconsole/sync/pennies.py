"""Pennies of tax at delivery: what QuickBooks will or did compute otherwise than the shop charged.

What it would get wrong by more than pennies is held before it is sent, as soon as QuickBooks' rates are known. What it
recorded with other pennies is put right in the commit that records it; recorded with more, it waits for a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TypeAlias

import sqlalchemy as sa

from qbconsole.books.documents import (
    ARRefundCreditCard,
    Check,
    CreditMemo,
    Invoice,
    ReceivePayment,
    SalesReceipt,
)
from qbconsole.books.lifecycle import UNSENT, DocumentState, RequestState
from qbconsole.books.naming.following.copied import SalesDocument
from qbconsole.books.naming.taxes import (
    PENNIES,
    forecast,
    is_beyond,
    own_tax,
    tax_difference,
)
from qbconsole.books.plan import NON_POSTING, DocumentKind, Plan, tally
from qbconsole.company.lists import Items
from qbconsole.company.records import Item
from qbconsole.decide import Pennies, PennyCase, Resettled, Settling, decide_pennies, desk_of
from qbconsole.errors import QbconsoleError
from qbconsole.money import Money
from qbconsole.qbxml.render import fill
from qbconsole.rules.mapping.values import Merchant
from qbconsole.store import books, holds, journal, lists, parties, requests
from qbconsole.store.books.amending import amend_document
from qbconsole.store.encoding import folded, pack, unpack
from qbconsole.store.requests import NewRequest, Purpose, RequestRow
from qbconsole.sync.deciding import spec_in
from qbconsole.sync.keeping import keep_decisions
from qbconsole.sync.means import Means

#: Gives store, mapping and templates when they are needed.
Wired: TypeAlias = Callable[[], Means]
_SALES: Mapping[DocumentKind, type[SalesDocument]] = {
    DocumentKind.SALES_RECEIPT: SalesReceipt,
    DocumentKind.INVOICE: Invoice,
    DocumentKind.CREDIT_MEMO: CreditMemo,
}
_SETTLING: Mapping[DocumentKind, type[Settling]] = {
    DocumentKind.RECEIVE_PAYMENT: ReceivePayment,
    DocumentKind.AR_REFUND_CREDIT_CARD: ARRefundCreditCard,
    DocumentKind.CHECK: Check,
}
_TAX_ITEMS = ("ItemSalesTax", "ItemSalesTaxGroup")


def put_right(
    tx: sa.Connection, company: str, row: RequestRow, total: Money, means: Wired | None, at: datetime
) -> bool:
    """Deal with another total than planned, where QuickBooks computed the tax; False where it did not.

    Settled once more, the document is kept with this total already and nothing happens.
    """
    kept = books.document(tx, row.document_key or "")
    if kept is None or not kept.plan.computed:
        return False
    more = total - kept.plan.total
    if abs(more.amount) > PENNIES:
        hold = tax_difference(kept.plan, own_tax(kept.plan) + more)
        holds.put_holds(tx, row.merchant, company, [hold], at)
    if abs(more.amount) > PENNIES or not more or kept.plan.kind in NON_POSTING:
        return True
    wired = means() if means is not None else None
    merchant = wired.mapping.merchants.get(row.merchant or "") if wired is not None else None
    if wired is None or merchant is None:
        return False
    try:
        found = _decided(tx, wired, merchant, kept, more)
    except QbconsoleError:
        return False  # a mapping or template that is broken right now: flagged instead
    if found is None:
        return False
    _keep(tx, merchant, kept, found, at)
    data = {"difference": more.text(), "rounding": found.decision.documents[0].named.ref_number}
    journal.record(tx, "quickbooks", "pennies", kept.row.key, data, at)
    return True


def _decided(
    tx: sa.Connection,
    means: Means,
    merchant: Merchant,
    kept: books.Document,
    more: Money,
) -> Pennies | None:
    known = parties.merchant(tx, merchant.id)
    if known is None or known.shop is None:
        return None  # never booked by this workspace
    source = kept.row.source_id
    booked = tuple(books.plans_of(tx, merchant.id, [source])[source])
    case = PennyCase(
        source_id=source,
        plan=kept.plan,
        document=unpack(kept.document, _SALES[kept.plan.kind]),
        more=more,
        shop=known.shop,
        booked=booked,
        unsent=_unsent(tx, booked),
    )
    return decide_pennies(case, desk_of(spec_in(tx, means, merchant, known.shop), plugins_too=False))


def _unsent(tx: sa.Connection, booked: Iterable[Plan]) -> dict[str, Settling]:
    """Payments, refunds and the like of which nothing is in QuickBooks or on its way."""
    keys = [plan.key for plan in booked if plan.applied and plan.kind in _SETTLING]
    gone = {
        request.document_key
        for request in requests.requests_of_documents(tx, keys)
        if request.doubtful or request.state not in UNSENT
    }
    found: dict[str, Settling] = {}
    for key in keys:
        kept = books.document(tx, key) if key not in gone else None
        if kept is not None and kept.row.state is DocumentState.PLANNED:
            found[key] = unpack(kept.document, _SETTLING[kept.plan.kind])
    return found


def _keep(tx: sa.Connection, merchant: Merchant, kept: books.Document, found: Pennies, at: datetime) -> None:
    """The document as charged, its follow-up, and what settles both."""
    lines = _reposted(tx, kept, found.charged)
    amend_document(tx, kept.row.key, found.charged, at=at, lines=lines)
    keep_decisions(tx, merchant, [found.decision], {}, kept.row.mapping_revision or 0, at)
    for one in found.resettled:
        _resettle(tx, one, at)


def _reposted(tx: sa.Connection, kept: books.Document, after: Plan) -> list[books.LedgerLine]:
    """The postings as kept, with what changed between two plans, on the accounts they went to."""
    changed = tally(after.postings)
    for at, amount in tally(kept.plan.postings).items():
        changed[at] = changed[at] - amount if at in changed else -amount
    lines = []
    for row in books.postings_of(tx, kept.row.key):
        gap = changed.pop((row.on, row.role, row.facet), None)
        posted = row.amount + Money(gap, row.amount.currency) if gap else row.amount
        lines.append(books.LedgerLine(row.on, row.role, row.facet, row.account, posted))
    # A receipt that a gift card paid moved no money until QuickBooks found pennies to move.
    document = unpack(kept.document, _SALES[kept.plan.kind])
    account = (
        document.deposit_to_account_ref if isinstance(document, SalesReceipt) else document.ar_account_ref
    )
    lines += [
        books.LedgerLine(on, role, facet, account or f"?{role}", Money(amount, after.currency))
        for (on, role, facet), amount in changed.items()
        if amount
    ]
    return lines


def _resettle(tx: sa.Connection, one: Resettled, at: datetime) -> None:
    """Its request anew, waiting for the follow-up; one that is held has none yet."""
    key = one.plan.key
    amend_document(tx, key, one.plan, at=at, document=pack(one.document))
    rows = requests.requests_of_documents(tx, [key])
    live = next((row for row in rows if row.state is not RequestState.SUPERSEDED), None)
    if live is None:
        return
    needs = [need for need in requests.waiting_on(tx, live.id) if not need.token]
    requests.supersede(tx, [key], at=at)
    new = NewRequest(
        company=live.company,
        merchant=live.merchant,
        subject_key=key,
        purpose=Purpose.ADD,
        name=live.name,
        body=one.text,
        slots=one.slots,
        needs=tuple((need.kind, need.name) for need in needs),
        total=live.total,
        document_key=key,
        # What an operator let go already need not be asked for again.
        needs_approval=live.needs_approval and live.state is not RequestState.READY,
        epoch=live.epoch,
    )
    requests.put_requests(tx, [new], at=at, fill=fill)


def hold_beyond_pennies(tx: sa.Connection, company: str, active: Iterable[str], at: datetime) -> None:
    """QuickBooks' tax rates are known now: documents it would get wrong by more than pennies wait for a person.

    `active`: names of the items it has. Their requests are made anew once the mapping or the rate is another.
    """
    there = {folded(name) for name in active}
    needing = requests.documents_needing(tx, company, "item")
    wanted = {name: users for name, users in needing.items() if folded(name) in there}
    if not wanted:
        return
    items = Items(tuple(unpack(row.data, Item) for row in lists.list_rows(tx, company, "item")), known=True)
    for name, users in wanted.items():
        found = items.by_name(name)
        if found is None or found.kind not in _TAX_ITEMS:
            continue
        for key, merchant in users:
            kept = books.document(tx, key)
            told = forecast(kept.plan, name, items) if kept is not None and kept.plan.computed else None
            if kept is None or told is None or not is_beyond(kept.plan, told):
                continue
            if not requests.supersede(tx, [key], at=at):
                holds.put_holds(tx, merchant, company, [tax_difference(kept.plan, told)], at)
