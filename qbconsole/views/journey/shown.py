"""What sentences are made of: days and amounts in words, and a document with its plan and accounts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from qbconsole.books.plan import DocumentKind, Plan
from qbconsole.books.policy import Modes, Policy
from qbconsole.money import Money, total
from qbconsole.shop.events import Event
from qbconsole.store import books
from qbconsole.views.journey.answers import DocumentRef

#: The kinds of document as a bookkeeper says them.
WORDS = {
    DocumentKind.SALES_RECEIPT: "sales receipt",
    DocumentKind.INVOICE: "invoice",
    DocumentKind.RECEIVE_PAYMENT: "payment",
    DocumentKind.CREDIT_MEMO: "credit memo",
    DocumentKind.AR_REFUND_CREDIT_CARD: "card refund",
    DocumentKind.CHECK: "check",
    DocumentKind.JOURNAL_ENTRY: "journal entry",
    DocumentKind.DEPOSIT: "deposit",
    DocumentKind.BILL: "bill",
    DocumentKind.ITEM_RECEIPT: "item receipt",
    DocumentKind.VENDOR_CREDIT: "vendor credit",
    DocumentKind.INVENTORY_ADJUSTMENT: "inventory adjustment",
    DocumentKind.TRANSFER_INVENTORY: "inventory transfer",
    DocumentKind.PURCHASE_ORDER: "purchase order",
    DocumentKind.SALES_ORDER: "sales order",
    DocumentKind.ESTIMATE: "estimate",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A document with what a sentence about it needs."""

    row: books.DocumentRow
    plan: Plan
    #: Role -> account, as its postings name them.
    accounts: dict[str, str]

    @property
    def name(self) -> str:
        """ "sales receipt 1001"."""
        return " ".join(filter(None, (WORDS.get(self.plan.kind, self.row.kind), self.row.ref_number)))

    @property
    def ref(self) -> DocumentRef:
        """Its name for the answer."""
        row = self.row
        return DocumentRef(
            key=row.key, kind=row.kind, ref_number=row.ref_number, date=row.txn_date, state=row.state.value
        )

    def posted(self, role: str) -> Money:
        """What it posts to a role, debit positive."""
        return total((row.amount for row in self.plan.postings if row.role == role), self.plan.currency)

    def account(self, role: str) -> str:
        """The account of a role, or the role where none is named."""
        return self.accounts.get(role) or role


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What the merchant decided, as far as sentences give it as a reason."""

    policy: Policy = field(default_factory=Policy)
    modes: Modes = field(default_factory=Modes)
    start: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Everything around one event that its sentence may speak of."""

    ruling: Ruling
    #: All events of the same source, oldest first.
    events: Sequence[Event]
    #: Document key -> the document, for those it settles.
    documents: dict[str, Shown]
    #: Name of the payment terms; "" without.
    terms: str = ""


def on_day(on: date) -> str:
    """ "2 March 2026"."""
    return f"{on.day} {on:%B %Y}"


def listed(words: Iterable[str], most: int = 3) -> str:
    """ "a, b and c", or "a, b, c and 4 more"."""
    names = list(words)
    if len(names) > most:
        names = [*names[:most], f"{len(names) - most} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def gateway_words(gateway: str) -> str:
    """A gateway as people read it: "shopify payments"."""
    return gateway.replace("_", " ").strip() or "another way"
