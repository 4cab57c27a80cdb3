"""What is decided at once: an order, a fact beside orders, or a shop day in summary; and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from qbconsole.books.answers import Provenance
from qbconsole.books.facts.table import Fact
from qbconsole.books.holds import Hold, Released
from qbconsole.books.naming.documents import Named
from qbconsole.books.naming.following.shared import Shared
from qbconsole.books.naming.names import Need
from qbconsole.books.plan import Plan, PlanLine, Posting
from qbconsole.books.summary.paid import PaidRow
from qbconsole.books.summary.pool import Pool
from qbconsole.shop.events import Event
from qbconsole.shop.orders import Order, Shop
from qbconsole.value import Value


class Case(Value):
    """Everything known of one order."""

    order: Order
    #: Events kept already, booked or held, oldest first.
    events: tuple[Event, ...] = ()
    #: Plans of its live documents, in the order they were booked.
    booked: tuple[Plan, ...] = ()
    #: Those of them that no request was sent for and that are to be named again.
    rename: tuple[str, ...] = ()
    #: What those say that others bound to them must say too, by key.
    shared: Mapping[str, Shared] = {}
    #: Keys its undone documents had: never used again.
    spent: frozenset[str] = frozenset()
    #: Keys of its events that stand in a shop day's summary.
    pooled: frozenset[str] = frozenset()
    #: What the membership there tells of some of them: DEPOSIT, or what a return's cost put back.
    parts: Mapping[str, str] = {}
    #: Keys of its events that are held: they were kept without being booked.
    held: frozenset[str] = frozenset()
    #: Rows of payouts that tell of its money, where summaries are drawn up by payout.
    paid_out: tuple[PaidRow, ...] = ()
    #: A test order that was pulled on purpose (`pull --include-test`).
    include_test: bool = False
    #: What it speaks of that no other order brought before (`books.news`).
    fresh: tuple[str, ...] = ()
    #: Holds on its events that a person let go.
    released: frozenset[Released] = frozenset()

    @property
    def kind(self) -> str:
        """Kind of its snapshot."""
        return "order"

    @property
    def source_id(self) -> str:
        """Id of its snapshot."""
        return self.order.id

    @property
    def label(self) -> str:
        """What people call it."""
        return f"order {self.order.name}"


class FactCase(Value):
    """Everything known of one fact beside orders: a payout, a gift card, a purchase and so on."""

    #: Kind of its snapshot: "payout".
    kind: str
    #: What it is kept under: "payout/987".
    source_id: str
    fact: Fact
    shop: Shop
    events: tuple[Event, ...] = ()
    booked: tuple[Plan, ...] = ()
    rename: tuple[str, ...] = ()
    #: What those say that others bound to them must say too, by key.
    shared: Mapping[str, Shared] = {}
    #: Keys its undone documents had: never used again.
    spent: frozenset[str] = frozenset()
    #: Holds on it that a person let go.
    released: frozenset[Released] = frozenset()

    @property
    def label(self) -> str:
        """What people call it."""
        return self.source_id.replace("/", " ").replace("_", " ")


class Pooled(Value):
    """An event of an order that is booked in its shop day's summary."""

    pool: Pool
    event_key: str
    order_id: str
    order_name: str
    #: Debit positive; all on the pool's day.
    postings: tuple[Posting, ...]
    #: What it moves in stock, where QuickBooks keeps it: units, by product.
    goods: tuple[PlanLine, ...] = ()
    #: Its lines on the day's sales receipt; None where it stands in the journal entry.
    lines: tuple[PlanLine, ...] | None = None
    #: Its own shop day, where a closing date moved it.
    true_on: date | None = None
    #: What its membership is to tell, for the day's sum does not: DEPOSIT, or what a return's cost puts back.
    part: str = ""


class DayCase(Value):
    """One shop day of a channel, location and currency, booked in summary."""

    pool: Pool
    shop: Shop
    #: Plans of its parts, in the order they were booked.
    booked: tuple[Plan, ...] = ()
    #: Keys of parts nothing of which is in QuickBooks or on its way: they may be drawn up anew.
    open_parts: frozenset[str] = frozenset()
    entries: tuple[Pooled, ...] = ()
    #: Parts that are to be named again.
    rename: tuple[str, ...] = ()
    #: Keys its undone documents had: never used again.
    spent: frozenset[str] = frozenset()
    #: The day is over: its requests may go.
    is_over: bool = True

    @property
    def kind(self) -> str:
        """It comes from no snapshot."""
        return "day"

    @property
    def source_id(self) -> str:
        """What its documents are kept under."""
        return self.pool.source_id

    @property
    def label(self) -> str:
        """What people call it."""
        return self.pool.words


AnyCase = Case | FactCase | DayCase


class Entered(Value):
    """A list entry to be added before the documents that use it."""

    need: Need
    text: str
    needs: tuple[Need, ...]
    #: An operator has to agree first (create = "ask").
    ask: bool = False


class Decided(Value):
    """One document, decided."""

    named: Named
    #: The request's text; "" while something is missing.
    text: str
    #: Slot token -> key of the document whose TxnID belongs there.
    slots: Mapping[str, str]
    #: Names the request waits for.
    needs: tuple[Need, ...]
    holds: tuple[Hold, ...]
    #: What QuickBooks cannot keep of the texts, a clause each; the originals stay here.
    losses: tuple[str, ...] = ()
    amended_by: tuple[Provenance, ...] = ()
    #: Complete, but its day is not over: the request is made by a later `book`.
    is_early: bool = False


class Decision(Value):
    """What one case came to."""

    source_id: str
    #: Kind of its snapshot.
    kind: str = "order"
    #: Events not known before.
    events: tuple[Event, ...] = ()
    documents: tuple[Decided, ...] = ()
    entries: tuple[Entered, ...] = ()
    #: Holds on the order and its events, and flags.
    holds: tuple[Hold, ...] = ()
    #: Events for their shop days' summaries.
    pooled: tuple[Pooled, ...] = ()
    #: What of it is left out for good, a sentence each.
    ignored: tuple[str, ...] = ()
    #: What it speaks of that is in the books now and was not before.
    words: tuple[str, ...] = ()
    #: Rows of the balance that it pays out, as it is booked.
    rows: tuple[str, ...] = ()
    #: Events that stood in no document and were looked at: one that is neither held now nor needs a document, as a
    #: refund record without parts, waits no more.
    looked_at: tuple[str, ...] = ()
    #: Events told before whose flags are told anew each time: one that is not told any more is over.
    over: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """What holds on the whole of it hang on: "order/8734", "payout/987"."""
        return f"order/{self.source_id}" if self.kind == "order" else self.source_id
