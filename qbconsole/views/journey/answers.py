"""What is answered of one order, one fact beside orders, or one shop day in summary: frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from qbconsole.books.holds import Hold
from qbconsole.books.lifecycle import RequestState
from qbconsole.money import Money


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


class ChoiceView(NamedTuple):
    """One thing that was chosen for a document, who chose it, and who was asked before and said nothing."""

    #: "customer", "item of Mug", "account of sales_income".
    field: str
    value: str
    #: "mappings.toml", or a plugin's name.
    who: str
    #: "mappings.toml:14", "plugins/oak_ember.py:22".
    place: str
    silent: tuple[str, ...] = ()
    #: Of a plugin: the hook that answered, its version, the first 12 digits of its file's sha256.
    hook: str = ""
    version: str = ""
    sha256: str = ""

    @property
    def by(self) -> str:
        """Who, with everything that tells one state of a plugin from another."""
        mark = f"sha256 {self.sha256}" if self.sha256 else ""
        return " ".join(filter(None, (self.who, self.version, self.hook, mark)))


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
    choices: tuple[ChoiceView, ...]
    #: The request's text; "" while none is made.
    qbxml: str
    #: QuickBooks' answer to it, cut out of the set's; "" before there is one.
    answer: str
    #: What QuickBooks cannot keep of the texts.
    losses: tuple[str, ...]
    requests: tuple[RequestView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRef:
    """A document an event stands in, named."""

    key: str
    kind: str
    ref_number: str
    date: date
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """One thing that happened: which documents stand for it, and why these."""

    key: str
    kind: str
    #: Shop date; None where a hold alone tells of it.
    date: date | None
    #: What happened, what it became and why, in plain sentences. May hold the shop's own words.
    sentence: str
    documents: tuple[DocumentRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayEntry:
    """A shop day's summary document that an order stands in."""

    key: str
    kind: str
    ref_number: str
    date: date
    state: str
    #: What people call the day: "2026-03-01, Online Store".
    words: str
    #: How many orders stand in it, this one included.
    orders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """One order that a shop day's summary stands for."""

    order_id: str
    name: str
    #: Keys of its events in this summary, oldest first.
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """One order, fact or shop day from the shop to QuickBooks. Texts are the shop's own: show them through `visible.safe`."""

    #: What it is kept under: "8734", "payout/987", "day/2026-03-01.online-store..USD".
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
    #: "order", "payout" … , or "day" for a shop day in summary.
    kind: str = "order"
    events: tuple[EventView, ...] = ()
    #: Why there is no event; "" where there are some.
    nothing: str = ""
    #: Of an order in summary: the day entries it stands in; of a payout: those that sum what it pays out.
    days: tuple[DayEntry, ...] = ()
    #: Of a shop day in summary: the orders behind it.
    orders: tuple[Behind, ...] = ()
