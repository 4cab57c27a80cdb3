"""One document as it stands: postings, who chose each name, its requests and QuickBooks' answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from qbconsole.books.lifecycle import RequestState
from qbconsole.money import Money
from qbconsole.store import books, requests, sessions
from qbconsole.store.requests import RequestRow
from qbconsole.views.journey.answers import ChoiceView, DocumentView, RequestView

_REQUEST_ID = re.compile(r'requestID="([^"]+)"')


def document_view(tx: sa.Connection, row: books.DocumentRow) -> DocumentView:
    """One document with its postings, its choices and every request made for it."""
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
        requests=tuple(request_view(tx, one) for one in asked),
    )


def _sides(
    rows: Iterable[books.PostingRow],
) -> Iterator[tuple[str, str, Money | None, Money | None]]:
    for row in rows:
        role = f"{row.role} ({row.facet})" if row.facet else row.role
        debit = row.amount.minor > 0
        yield row.account, role, row.amount if debit else None, None if debit else -row.amount


def _choices(why: dict[str, Any]) -> Iterator[ChoiceView]:
    for field, choice in why.get("choices", ()):
        yield _choice(field, str(choice["value"]), choice["by"])
    for by in why.get("amended_by", ()):
        yield _choice("document", "amended", by)


def _choice(field: str, value: str, by: dict[str, Any]) -> ChoiceView:
    return ChoiceView(
        field=field,
        value=value,
        who=by["who"],
        place=by.get("place", ""),
        silent=tuple(by.get("silent", ())),
        hook=by.get("hook", ""),
        version=by.get("version", ""),
        sha256=by.get("sha256", ""),
    )


def request_view(tx: sa.Connection, row: RequestRow) -> RequestView:
    """One request as it stands."""
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
