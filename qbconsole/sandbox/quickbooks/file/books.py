"""The heart of a company file: its documents and running ledger beside its lists, indexed so nothing is scanned.

Keeps every number true to the documents: whatever is filed, changed or taken out passes through `file_in`,
`take_out` or `repost`, which post and unpost. It judges nothing; the rules are in `requests`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from qbconsole.sandbox.quickbooks.file.kinds import DEBIT_TYPES, LIMITS, PROFIT_TYPES
from qbconsole.sandbox.quickbooks.file.listbook import Lists
from qbconsole.sandbox.quickbooks.file.ordered import ToCome
from qbconsole.sandbox.quickbooks.file.records import (
    ZERO,
    Definition,
    Deleted,
    Document,
    Entry,
    Fill,
    Link,
    stamp,
)

Account = str


class StoredSet(NamedTuple):
    """A message set QuickBooks remembers: checksum of the request, compressed answer."""

    checksum: str
    answer: bytes


@dataclass(slots=True, kw_only=True)
class Preferences:
    """What the company has switched on; staff change it directly, requests only read it."""

    sales_tax: bool = True
    class_tracking: bool = False
    account_numbers: bool = False
    assign_journal_numbers: bool = True
    #: Several stock sites: needs the Enterprise edition with Advanced Inventory.
    sites: bool = False
    closing_date: date | None = None
    #: ListIDs of the default sales tax item and codes.
    tax_item: str = ""
    taxable_code: str = ""
    nontaxable_code: str = ""


def _zero() -> Decimal:
    return ZERO


def _totals() -> defaultdict[Account, Decimal]:
    """By a function of its own, so that a company file can be pickled."""
    return defaultdict(_zero)


@dataclass(slots=True, kw_only=True)
class Books(Lists):
    """Lists, documents, balances."""

    name: str
    edition: str
    country: str
    #: Highest qbXML version this QuickBooks speaks.
    qbxml: str = "16.0"
    preferences: Preferences = field(default_factory=Preferences)
    filed: dict[str, Document] = field(default_factory=dict)
    definitions: dict[str, Definition] = field(default_factory=dict)
    company_custom: dict[str, str] = field(default_factory=dict)
    sets: dict[str, StoredSet] = field(default_factory=dict)
    last_restore_time: datetime | None = None
    last_condense_time: datetime | None = None
    #: The last id and document number given out, and the next free RefNumber by kind.
    last_txn_id: int = 0
    last_number: int = 0
    next_ref: dict[str, int] = field(default_factory=dict)
    #: Records staff have open in a window: changing them is refused with 3175.
    locked: set[str] = field(default_factory=set)
    balances: defaultdict[Account, Decimal] = field(default_factory=_totals)
    days: dict[date, defaultdict[Account, Decimal]] = field(default_factory=dict)
    owed: defaultdict[str, Decimal] = field(default_factory=_totals)
    _kinds: dict[str, dict[str, None]] = field(default_factory=dict)
    _refs: dict[tuple[str, str], dict[str, None]] = field(default_factory=dict)
    #: Customer -> document -> what is open, as last noted; and their credits summed.
    _open: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    unused: defaultdict[str, Decimal] = field(default_factory=_totals)
    #: What is on order, from vendors and by customers.
    to_come: ToCome = field(default_factory=ToCome)

    def __post_init__(self) -> None:
        self.limits = self.limits or dict(LIMITS[self.edition])

    def has_sites(self) -> bool:
        """Whether stock is kept at several sites: only Enterprise with Advanced Inventory can."""
        return self.edition == "Enterprise" and self.preferences.sites

    # -- documents -------------------------------------------------------------------------------------

    def next_txn_id(self, now: datetime) -> str:
        """A fresh TxnID or TxnLineID; both come from one counter."""
        self.last_txn_id += 1
        return f"{self.last_txn_id:X}-{int(now.timestamp())}"

    def file_in(self, document: Document) -> None:
        """File a document and post it."""
        self.filed[document.txn_id] = document
        self._kinds.setdefault(document.kind, {})[document.txn_id] = None
        self._refer(document, add=True)
        self._post(document, 1)
        self._note_open(document, document.open)
        self.to_come.note(document)
        self.changed["document", document.txn_id] = None

    def take_out(self, document: Document, now: datetime) -> None:
        """Delete a document: unpost it, give its stock back, leave its trace."""
        self.unpost(document)
        self._refer(document, add=False)
        self._note_open(document, ZERO)
        self.to_come.forget(document)
        del self.filed[document.txn_id], self._kinds[document.kind][document.txn_id]
        self.changed["document", document.txn_id] = None
        self.bury(
            Deleted(document.kind, document.txn_id, document.created, stamp(now), document.ref_number, False)
        )

    def _refer(self, document: Document, *, add: bool) -> None:
        for kind in (document.kind, ""):
            known = self._refs.setdefault((kind, document.ref_number.casefold()), {})
            if add:
                known[document.txn_id] = None
            else:
                known.pop(document.txn_id, None)

    def renumber(self, document: Document, ref_number: str) -> None:
        """Give a document another RefNumber."""
        self._refer(document, add=False)
        document.ref_number = ref_number
        self._refer(document, add=True)

    def rekind(self, document: Document, kind: str) -> None:
        """Make a document one of another kind."""
        self._refer(document, add=False)
        del self._kinds[document.kind][document.txn_id]
        document.kind = kind
        self._kinds.setdefault(kind, {})[document.txn_id] = None
        self._refer(document, add=True)

    def by_ref(self, kind: str, ref_number: str) -> list[Document]:
        """Documents with that RefNumber, upper and lower case alike; kind '' means every kind."""
        return [self.filed[txn_id] for txn_id in self._refs.get((kind, ref_number.casefold()), ())]

    def of_kind(self, kind: str) -> Iterator[Document]:
        """Documents of one kind in the order they were filed; kind '' means every kind."""
        ids = self._kinds.get(kind, {}) if kind else self.filed
        return (self.filed[txn_id] for txn_id in ids)

    def touch(self, document: Document, now: datetime) -> None:
        """Note that a document was changed: new modification time and EditSequence."""
        document.modified = stamp(now)
        document.edit_sequence = str(max(int(now.timestamp()), int(document.edit_sequence) + 1))
        self._note_open(document, document.open)
        self.to_come.note(document)
        self.changed["document", document.txn_id] = None

    def unpost(self, document: Document) -> None:
        """Take a document's amounts, stock moves and what it filled of orders out of the books again."""
        self._post(document, -1)
        document.postings = []
        for line in document.lines:
            if line.stock is not None:
                stock = self.entries[line.stock.item].stock
                if stock is not None:
                    stock.shift(line.stock.units, line.stock.cost)
                self.changed["entry", line.stock.item] = None
                line.stock = None
            if line.fills is not None:
                self.fill(line.fills, -line.fills.units)
                line.fills = None

    def fill(self, what: Fill, units: Decimal) -> None:
        """So many units of a line of an order came (negative: did not, after all)."""
        order = self.filed[what.txn_id]
        for line in order.lines:
            if line.line_id == what.line_id:
                line.filled += units
        self.to_come.note(order)
        self.changed["document", order.txn_id] = None

    def tie(self, document: Document, order: Document, now: datetime) -> None:
        """Link a document to the order it fills, or to the money it deposits; nothing open changes."""
        if any(link.other == order.txn_id for link in document.links):
            return
        document.links.append(Link(order.txn_id, ZERO, document.txn_id, only_tied=True))
        order.links.append(Link(document.txn_id, ZERO, document.txn_id, only_tied=True))
        self.touch(order, now)

    def _note_open(self, document: Document, amount: Decimal) -> None:
        noted = self._open.setdefault(document.entity, {})
        before = noted.pop(document.txn_id, ZERO)
        self.unused[document.entity] += min(before, ZERO) - min(amount, ZERO)
        if amount:
            noted[document.txn_id] = amount

    def open_charges(self, customer: str, account: str) -> list[Document]:
        """What a customer owes on one receivable account, oldest date first."""
        found = [self.filed[txn_id] for txn_id, amount in self._open.get(customer, {}).items() if amount > 0]
        return sorted((one for one in found if one.receivable == account), key=lambda one: one.txn_date)

    def repost(self, document: Document) -> None:
        """Post a document again after its postings were set anew."""
        self._post(document, 1)
        self.changed["document", document.txn_id] = None

    def withdraw(self, document: Document) -> None:
        """Take only the amounts out, leaving stock moves, before postings are set anew."""
        self._post(document, -1)
        document.postings = []

    def _post(self, document: Document, sign: int) -> None:
        day = self.days.setdefault(document.txn_date, _totals())
        for account, amount, entity, _own in document.postings:
            signed = amount * sign
            self.balances[account] += signed
            day[account] += signed
            if entity and self.account_sort(account) in ("AccountsReceivable", "AccountsPayable"):
                self.owed[entity] += signed

    # -- applying money --------------------------------------------------------------------------------

    def apply(self, charge: Document, credit: Document, link: Link, now: datetime) -> None:
        """Apply money of a credit to a charge; `link` is seen from the charge, its amounts lower what is open."""
        mirrored = link._replace(other=charge.txn_id, amount=-link.amount, discount=-link.discount)
        for document, seen in ((charge, link), (credit, mirrored)):
            document.links.append(seen)
            document.open -= seen.amount + seen.discount
            if document.txn_id == link.by:
                self._note_open(document, document.open)
            else:
                self.touch(document, now)

    def release(self, document: Document, now: datetime) -> None:
        """Undo every link this document made, also those between two others."""
        near = {link.other for link in document.links} | {document.txn_id}
        far = {link.other for txn_id in near for link in self.filed[txn_id].links}
        for one in (self.filed[txn_id] for txn_id in near | far):
            mine = [link for link in one.links if link.by == document.txn_id]
            if mine:
                one.links = [link for link in one.links if link.by != document.txn_id]
                one.open += sum((link.amount + link.discount for link in mine), ZERO)
                self.touch(one, now)

    # -- what it all comes to --------------------------------------------------------------------------

    def balance_shown(self, entry: Entry) -> Decimal:
        """An account's balance as the chart shows it: in its natural sign, zero for income and expense."""
        sort = entry.text("AccountType")
        if sort in PROFIT_TYPES:
            return ZERO
        return self.balances[entry.list_id] * (1 if sort in DEBIT_TYPES else -1)

    def total_shown(self, entry: Entry) -> Decimal:
        """The shown balance with that of all accounts under it."""
        below = (self.entries[child] for child in self.children.get(entry.list_id, ()))
        return self.balance_shown(entry) + sum((self.total_shown(child) for child in below), ZERO)
