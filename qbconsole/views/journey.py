"""The journey of one order: what the shop told, what was decided and by whom, what QuickBooks answered.

The stops are those of the README; `show` and the inspector list them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from qbconsole.books.holds import Hold
from qbconsole.books.lifecycle import RequestState
from qbconsole.errors import UsageError
from qbconsole.money import Money
from qbconsole.rules.nearest import nearest
from qbconsole.store import books, parties, queue, requests, sessions, snapshots
from qbconsole.store.books import finding
from qbconsole.store.database import Store
from qbconsole.store.requests import RequestRow
from qbconsole.store.snapshots import SnapshotRow
from qbconsole.views.raw_order import raw_order

_REQUEST_ID = re.compile(r'requestID="([^"]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One station of the journey; `at` is None where no clock was kept."""

    name: str
    #: Where in the program it happens.
    module: str
    at: datetime | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView:
    """One request for QuickBooks."""

    id: int
    name: str
    state: RequestState
    attempt: int
    made_at: datetime
    sent_at: datetime | None
    changed_at: datetime
    message_set: str
    status_code: int | None
    status_text: str
    #: What it waits for: "account Sales".
    waits_for: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentView:
    """One document, whole."""

    key: str
    kind: str
    ref_number: str
    date: date
    state: str
    txn_id: str
    total: Money
    mapping_revision: int | None
    planned_at: datetime
    #: (account, role, debit, credit); the side without an amount is None.
    postings: tuple[tuple[str, str, Money | None, Money | None], ...]
    #: (field, value, who, place, who was asked before and said nothing)
    choices: tuple[tuple[str, str, str, str, tuple[str, ...]], ...]
    #: The request's text; "" while none is made.
    qbxml: str
    #: QuickBooks' answer to it, cut out of the set's; "" before there is one.
    answer: str
    #: What QuickBooks cannot keep of the texts.
    losses: tuple[str, ...]
    requests: tuple[RequestView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """One order from the shop to QuickBooks. Texts are the shop's own: show them through `visible.safe`."""

    order_id: str
    name: str
    merchant: str
    company: str
    facts: tuple[tuple[str, str], ...]
    lines: tuple[tuple[str, str, str], ...]
    stops: tuple[Stop, ...]
    documents: tuple[DocumentView, ...]
    #: Open ones.
    holds: tuple[Hold, ...]
    raw: bytes


def journey(store: Store, text: str) -> Journey:
    """By order name (#1001 or 1001), order id, document or event key, TxnID or RefNumber.

    "merchant/…" tells shops apart. Raises UsageError naming near ones, or all that match.
    """
    with store.reading() as tx:
        merchant, order_id = _one(tx, text.strip())
        return _journey(tx, merchant, order_id)


def _one(tx: sa.Connection, text: str) -> tuple[str, str]:
    shop, slash, rest = text.partition("/")
    merchants = {row.id for row in parties.all_merchants(tx)}
    only = shop if slash and shop in merchants else ""
    found = sorted(_named(tx, rest if only else text, {only} if only else merchants))
    if len(found) == 1:
        return found[0]
    if found:
        several = [f"{owner}/{order_id}" for owner, order_id in found]
        raise UsageError(
            f"{text} names {len(found)} orders: {', '.join(several[:8])}",
            next=f"Name one, for example `{several[0]}`, or give --merchant.",
        )
    raise UsageError(
        f"nothing here is called {text!r}{nearest(text, finding.order_names(tx))}",
        next="Give an order's name or id, a document's key, its TxnID or RefNumber; list them with "
        "`qbconsole queue list --view all`.",
    )


def _named(tx: sa.Connection, text: str, merchants: set[str]) -> set[tuple[str, str]]:
    """(merchant, order id) of everything the text may stand for."""
    wanted = text.removeprefix("order/")
    found = {(one.merchant, one.source_id) for one in snapshots.find(tx, wanted) if one.kind == "order"}
    found |= set(finding.sources_called(tx, text))
    if not found and "/" in text:
        found = {
            (merchant, source)
            for merchant in merchants
            for source in books.sources_of_events(tx, merchant, [text])
        }
    return {one for one in found if one[0] in merchants}


def _journey(tx: sa.Connection, merchant: str, order_id: str) -> Journey:
    kept = snapshots.latest(tx, merchant, "order", order_id)
    told = raw_order(kept.raw if kept else b"{}")
    owner = parties.merchant(tx, merchant)
    company = owner.company if owner else ""
    events = [event.key for event in books.events_of(tx, merchant, [order_id]).get(order_id, ())]
    rows = books.documents(tx, merchant=merchant, source_id=order_id)
    documents = tuple(_document(tx, row) for row in rows)
    subjects = [f"order/{order_id}", *events, *(row.key for row in rows)]
    held = queue.open_holds_of(tx, [(company, subject) for subject in dict.fromkeys(subjects)])
    open_holds = tuple(row.hold for group in held.values() for row in group if row.merchant == merchant)
    return Journey(
        order_id=order_id,
        name=told.name or (kept.name if kept else ""),
        merchant=merchant,
        company=company,
        facts=told.facts,
        lines=told.lines,
        stops=tuple(_stops(kept, events, documents)),
        documents=documents,
        holds=open_holds,
        raw=kept.raw if kept else b"",
    )


def _document(tx: sa.Connection, row: books.DocumentRow) -> DocumentView:
    whole = books.document(tx, row.key)
    why: dict[str, Any] = json.loads(whole.provenance) if whole is not None else {}
    asked = requests.requests_of_documents(tx, [row.key])
    live = [one for one in asked if one.state is not RequestState.SUPERSEDED]
    return DocumentView(
        key=row.key,
        kind=row.kind,
        ref_number=row.ref_number,
        date=row.txn_date,
        state=row.state.value,
        txn_id=row.txn_id,
        total=row.total,
        mapping_revision=row.mapping_revision,
        planned_at=row.planned_at,
        postings=tuple(_sides(books.postings_of(tx, row.key))),
        choices=tuple(_choices(why)),
        qbxml=live[-1].body if live else "",
        answer=_answer(tx, live),
        losses=tuple(str(loss) for loss in why.get("losses", ())),
        requests=tuple(_request(tx, one) for one in asked),
    )


def _sides(
    rows: Iterable[books.PostingRow],
) -> Iterator[tuple[str, str, Money | None, Money | None]]:
    for row in rows:
        role = f"{row.role} ({row.facet})" if row.facet else row.role
        debit = row.amount.minor > 0
        yield row.account, role, row.amount if debit else None, None if debit else -row.amount


def _choices(why: dict[str, Any]) -> Iterator[tuple[str, str, str, str, tuple[str, ...]]]:
    for field, choice in why.get("choices", ()):
        by = choice["by"]
        who = " ".join(filter(None, (by["who"], by.get("version"), by.get("hook"))))
        yield field, str(choice["value"]), who, by.get("place", ""), tuple(by.get("silent", ()))
    for by in why.get("amended_by", ()):
        yield "document", "amended", by["who"], by.get("place", ""), ()


def _request(tx: sa.Connection, row: RequestRow) -> RequestView:
    waits = requests.waiting_on(tx, row.id) if row.state is RequestState.WAITING else []
    return RequestView(
        id=row.id,
        name=row.name,
        state=row.state,
        attempt=row.attempt,
        made_at=row.made_at,
        sent_at=row.sent_at,
        changed_at=row.changed_at,
        message_set=row.message_set or "",
        status_code=row.status_code,
        status_text=row.status_text,
        waits_for=tuple(f"{need.kind} {need.name}" for need in waits),
    )


def _answer(tx: sa.Connection, asked: Sequence[RequestRow]) -> str:
    """The newest answer to the newest request that was sent."""
    sent = [row for row in asked if row.message_set]
    if not sent:
        return ""
    found = sessions.responses_to(tx, sent[-1].message_set or "")
    if not found:
        return ""
    _, raw, hresult, message = found[-1]
    if hresult:
        return f"{hresult} {message}".strip()
    return _cut(raw.decode("utf-8", "replace"), sent[-1])


def _cut(text: str, row: RequestRow) -> str:
    """One request's answer out of its set's; the whole where it cannot be told apart."""
    named = _REQUEST_ID.search(row.body)
    start = text.find(f'<{row.name}Rs requestID="{named[1]}"') if named else -1
    if start < 0:
        return text
    empty = text.find(">", start)
    if text[empty - 1] == "/":
        return text[start : empty + 1]
    closing = f"</{row.name}Rs>"
    end = text.find(closing, start)
    return text[start : end + len(closing)] if end >= 0 else text[start:]


def _stops(
    kept: SnapshotRow | None, events: Sequence[str], documents: Sequence[DocumentView]
) -> Iterator[Stop]:
    if kept is not None:
        sentence = f"Revision {kept.revision} of {kept.name}, {len(kept.raw):,} bytes, as the shop told it."
        yield Stop(
            name="pulled", module="sources/shopify, store/snapshots", at=kept.arrived_at, sentence=sentence
        )
    if events:
        first = min((one.planned_at for one in documents), default=None)
        sentence = f"{len(events)} events: {', '.join(events)}."
        yield Stop(name="events", module="shop/timeline", at=first, sentence=sentence)
    for document in documents:
        yield from _document_stops(document)


def _document_stops(document: DocumentView) -> Iterator[Stop]:
    name = f"{document.kind} {document.ref_number}"
    under = f" under mapping revision {document.mapping_revision}" if document.mapping_revision else ""
    sentence = f"{name} of {document.total.text()}, {document.state}{under}."
    yield Stop(name="decided", module="decide", at=document.planned_at, sentence=sentence)
    for asked in document.requests:
        yield from _request_stops(name, asked)
    if document.txn_id:
        at = document.requests[-1].changed_at if document.requests else None
        sentence = f"{name} is TxnID {document.txn_id} in QuickBooks."
        yield Stop(name="recorded", module="sync/settle", at=at, sentence=sentence)


def _request_stops(name: str, asked: RequestView) -> Iterator[Stop]:
    waits = f" It waits for {', '.join(asked.waits_for)}." if asked.waits_for else ""
    tried = f", attempt {asked.attempt + 1}" if asked.attempt else ""
    sentence = f"{asked.name} for {name}: {asked.state.value}{tried}.{waits}"
    yield Stop(name="request", module="qbxml/render", at=asked.made_at, sentence=sentence)
    if asked.sent_at is not None:
        sentence = f"It left in message set {asked.message_set}."
        yield Stop(name="sent", module="webconnector", at=asked.sent_at, sentence=sentence)
    if asked.status_code is not None:
        sentence = f"QuickBooks answered {asked.status_code}: {asked.status_text}"
        yield Stop(name="answered", module="qbxml/response", at=asked.changed_at, sentence=sentence)
