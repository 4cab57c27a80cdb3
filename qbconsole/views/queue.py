"""The queue: what waits, what is on its way, what is recorded, and why; one row a document or held thing.

`ids` is cheap and may be long; `rows` is for the page a screen shows. Text narrows by words, and by
`status:`, `kind:`, `reason:`, `merchant:` and `customer:`.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa

from qbconsole.books.lifecycle import DocumentState, HoldState, RequestState
from qbconsole.errors import UsageError
from qbconsole.money import Money
from qbconsole.rules.nearest import nearest
from qbconsole.store import holds, journal, queue, requests, snapshots
from qbconsole.store.books import sources_of_events
from qbconsole.store.database import Store
from qbconsole.store.holds import HoldRow
from qbconsole.store.queue import Narrow, QueueId, QueueLine
from qbconsole.views.needs import need_words
from qbconsole.views.raw_order import RawOrder, raw_order

__all__ = ["QueueDetail", "QueueId", "QueueRow", "View", "detail", "ids", "rows"]


class View(StrEnum):
    """Saved views."""

    EXCEPTIONS = "exceptions"  # waits for a person, or may have gone wrong
    QUEUED = "queued"  # goes by itself, in the next sessions
    RECORDED = "recorded"  # is in QuickBooks
    ALL = "all"


_STATES: dict[View, frozenset[str]] = {
    View.EXCEPTIONS: frozenset({"attention", RequestState.AWAITING_APPROVAL.value}),
    View.QUEUED: frozenset({"queued"}),
    View.RECORDED: frozenset({DocumentState.RECORDED.value, DocumentState.VERIFIED.value}),
    View.ALL: frozenset(),
}
#: Words people use for states.
_SYNONYMS = {
    "error": "attention",
    "errors": "attention",
    "doubt": "in_doubt",
    "approval": "awaiting_approval",
    "quarant.": "quarantined",
    "deleted": "deleted_in_quickbooks",
    "lost": "lost_by_restore",
    "replaced": "superseded",
}
_KNOWN = {"attention", "held", "flagged", "queued", *DocumentState, *RequestState}


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """One row as a screen shows it. Texts are the shop's own: show them through `visible.safe`."""

    #: Document key, subject of a hold, or "item/Name" of a list entry.
    key: str
    #: "order #1001"
    source: str
    number: str
    date: date
    kind: str
    customer: str
    total: Money | None
    #: "HELD", "READY", "WAITING", "SENT", "IN_DOUBT", "RECORDED", "REFUSED", "FLAGGED" …
    state: str
    #: Reason code of the first open hold, "" without one.
    reason: str
    merchant: str
    since: datetime
    #: How often it was tried anew.
    attempt: int
    #: An entry of QuickBooks' lists, no document.
    is_entry: bool = False

    @property
    def called(self) -> str:
        """What a command calls it: by its key, a list entry with the merchant that waits for it."""
        return f"{self.merchant}/{self.key}" if self.is_entry and self.merchant else self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueDetail:
    """One row and why it stands where it stands."""

    row: QueueRow
    why: str
    fix: str
    #: What is cured together; "" without a hold.
    cause: str
    #: How many others the same fix cures.
    also: int
    #: "2026-01-05 10:19 book: book", oldest first.
    history: tuple[str, ...]


def ids(
    store: Store,
    view: View,
    *,
    merchant: str | None = None,
    company: str | None = None,
    text: str = "",
    sort: str = "date",
    reverse: bool = False,
) -> list[QueueId]:
    """The rows of a view, in order. Raises UsageError for an unknown sort or status word."""
    if sort not in queue.SORTS:
        raise UsageError(
            f"the queue cannot be sorted by {sort!r}", next=f"Use one of: {', '.join(queue.SORTS)}."
        )
    narrow = _narrowed(Narrow(merchant=merchant, company=company, states=_STATES[view]), text)
    with store.reading() as tx:
        return queue.ids(tx, narrow, sort=sort, reverse=reverse)


def _narrowed(narrow: Narrow, text: str) -> Narrow:
    """What a filter line says; words stand for themselves."""
    for word in _words(text):
        key, colon, value = word.partition(":")
        if colon and key in ("status", "state"):
            narrow = replace(narrow, states=frozenset({_state(value)}))
        elif colon and value and key in ("kind", "reason", "merchant", "customer"):
            narrow = replace(narrow, **{key: value})  # type: ignore[arg-type]
        else:
            narrow = replace(narrow, words=(*narrow.words, word))
    return narrow


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a quote is still open while somebody types
        return text.split()


def _state(word: str) -> str:
    wanted = _SYNONYMS.get(word.lower(), word.lower())
    if wanted not in _KNOWN:
        raise UsageError(f"there is no status {word!r}{nearest(wanted, sorted(_KNOWN))}")
    return wanted


def rows(store: Store, ids: Sequence[QueueId]) -> list[QueueRow]:
    """These rows, in the order asked; one that is gone meanwhile is left out."""
    with store.reading() as tx:
        return [_row(line, _order_of(tx, line)) for line in queue.lines(tx, ids)]


def _order_of(tx: sa.Connection, line: QueueLine) -> RawOrder | None:
    """The order of a held subject: holds carry neither customer nor amount."""
    if line.id.source != "hold" or not line.merchant:
        return None
    source = line.key.removeprefix("order/")
    if source == line.key:
        source = next(iter(sources_of_events(tx, line.merchant, [line.key])), "")
    kept = snapshots.latest(tx, line.merchant, "order", source)
    return None if kept is None else raw_order(kept.raw)


def _row(line: QueueLine, order: RawOrder | None) -> QueueRow:
    held = _first(line.holds)
    name = order.name if order else line.name
    is_order = line.document is not None or order is not None
    return QueueRow(
        key=line.key,
        source=f"order {name}" if is_order else line.name,
        number=name,
        date=order.on or line.on if order else line.on,
        kind=line.kind,
        customer=order.customer if order else line.customer,
        total=order.total if order else line.total,
        state=standing(line),
        reason=held.hold.reason.value if held else "",
        merchant=line.merchant,
        since=held.held_at if held else line.since,
        attempt=line.attempt,
        is_entry=line.id.source == "request",
    )


def _first(held: Iterable[HoldRow]) -> HoldRow | None:
    """What blocks stands before what only asks for a look."""
    return min(held, key=lambda row: (row.hold.is_flag, row.id), default=None)


def _steps(held: Iterable[HoldRow]) -> str:
    """What to do about all of it: of several names that are missing, each has its own step."""
    return " ".join(dict.fromkeys(row.hold.next_step for row in held))


def standing(line: QueueLine) -> str:
    """One word for where a row stands: what may be in QuickBooks first, then what blocks it."""
    grave = (RequestState.SENT, RequestState.IN_DOUBT, RequestState.REFUSED, RequestState.QUARANTINED)
    if line.document not in (None, DocumentState.PLANNED):
        there = line.document in (DocumentState.RECORDED, DocumentState.VERIFIED)
        return "FLAGGED" if there and line.holds else str(line.document).upper()
    if line.request in grave:
        return str(line.request).upper()
    if any(not held.hold.is_flag for held in line.holds):
        return "HELD"
    if line.holds:
        return "FLAGGED"
    return str(line.request or line.document or "planned").upper()


def detail(store: Store, key: str) -> QueueDetail:
    """One row with its reasons. Raises UsageError when nothing of the queue has this key."""
    with store.reading() as tx:
        found = queue.lines(tx, queue.ids_of_key(tx, key)[:1])
        if not found:
            raise UsageError(
                f"nothing in the queue has the key {key!r}", next="List keys with `qbconsole queue list`."
            )
        line = found[0]
        held = _first(line.holds)
        cause = held.hold.cause if held else ""
        return QueueDetail(
            row=_row(line, _order_of(tx, line)),
            why=" ".join(row.hold.sentence for row in line.holds) or _why(tx, line),
            fix=_steps(line.holds) if held else _fix(line),
            cause=cause,
            also=queue.others_with(tx, cause, line.company, line.key),
            history=_history(tx, line),
        )


def _why(tx: sa.Connection, line: QueueLine) -> str:
    """Why a row without a hold stands where it stands."""
    found = [row for row in _requests(tx, line) if row.state is line.request]
    if line.document not in (None, DocumentState.PLANNED) or not found:
        return ""
    row = found[-1]
    if row.state is RequestState.WAITING:
        needs = requests.waiting_on(tx, row.id)
        return f"It waits for {_listed(need_words(one.kind, one.name) for one in needs)}."
    return row.status_text or _STANDINGS.get(row.state, "")


def _requests(tx: sa.Connection, line: QueueLine) -> list[requests.RequestRow]:
    if line.id.source == "document":
        return requests.requests_of_documents(tx, [line.key])
    return requests.requests_by_id(tx, [line.id.number]) if line.id.source == "request" else []


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    shown = ", ".join(every[:3])
    return f"{shown} and {len(every) - 3} more" if len(every) > 3 else shown


_STANDINGS = {
    RequestState.READY: "It goes out when the Web Connector polls next.",
    RequestState.AWAITING_APPROVAL: "It waits for an operator to approve it.",
    RequestState.SENT: "It was sent; QuickBooks has not answered yet.",
    RequestState.IN_DOUBT: "It was sent and no answer told what became of it.",
}
_FIXES = {
    RequestState.AWAITING_APPROVAL: "Look at `qbconsole plan`, then run `qbconsole approve`, or `A` in the queue; `L` lets only this one go.",
    RequestState.IN_DOUBT: "Nothing to do: the next session asks QuickBooks before anything is sent again.",
    RequestState.REFUSED: "Correct what QuickBooks names, then run `qbconsole queue retry`, or `r` in the queue.",
    RequestState.QUARANTINED: "Look at the request with `qbconsole show --qbxml`, then run `qbconsole queue retry`.",
}


def _fix(line: QueueLine) -> str:
    recorded = line.document not in (None, DocumentState.PLANNED)
    return "" if recorded or line.request is None else _FIXES.get(line.request, "")


def _history(tx: sa.Connection, line: QueueLine) -> tuple[str, ...]:
    """What happened to it, from the journal and from its holds."""
    told = [
        (entry.at, f"{entry.who}: {entry.verb}") for entry in journal.of(tx, line.key, company=line.company)
    ]
    for row in holds.holds_of(tx, line.key):
        if row.company != line.company:
            continue
        told.append((row.held_at, f"held: {row.hold.reason}"))
        if row.state is not HoldState.OPEN:
            by = f" by {row.ended_by}" if row.ended_by else ""
            told.append((row.changed_at, f"{row.state}{by}: {row.hold.reason}: {row.ended_why}"))
    return tuple(f"{at:%Y-%m-%d %H:%M} {what}" for at, what in sorted(told))
