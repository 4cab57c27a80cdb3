"""The heart of a company file: its lists, documents and running ledger, indexed so nothing is scanned.

Keeps every number true to the documents: whatever is filed, changed or taken out passes through `file_in`,
`take_out` or `refile`, which post and unpost. It judges nothing; the rules are in `requests`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from qbconsole.sandbox.quickbooks.file.kinds import DEBIT_TYPES, LIMITS, LISTS, PROFIT_TYPES
from qbconsole.sandbox.quickbooks.file.ordered import ToCome
from qbconsole.sandbox.quickbooks.file.records import (
    ZERO,
    Definition,
    Deleted,
    Document,
    Entry,
    Fill,
    Link,
    Stock,
    Value,
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


def _totals() -> defaultdict[Account, Decimal]:
    return defaultdict(lambda: ZERO)


@dataclass(slots=True, kw_only=True)
class Books:
    """Lists, documents, balances."""

    name: str
    edition: str
    country: str
    #: Highest qbXML version this QuickBooks speaks.
    qbxml: str = "16.0"
    preferences: Preferences = field(default_factory=Preferences)
    entries: dict[str, Entry] = field(default_factory=dict)
    filed: dict[str, Document] = field(default_factory=dict)
    definitions: dict[str, Definition] = field(default_factory=dict)
    company_custom: dict[str, str] = field(default_factory=dict)
    deleted: dict[str, Deleted] = field(default_factory=dict)
    sets: dict[str, StoredSet] = field(default_factory=dict)
    last_restore_time: datetime | None = None
    last_condense_time: datetime | None = None
    #: The last id and document number given out, and the next free RefNumber by kind.
    last_list_id: int = 0
    last_txn_id: int = 0
    last_number: int = 0
    next_ref: dict[str, int] = field(default_factory=dict)
    #: What was changed since the last save: (row, key).
    changed: dict[tuple[str, str], None] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)
    #: Records staff have open in a window: changing them is refused with 3175.
    locked: set[str] = field(default_factory=set)
    balances: defaultdict[Account, Decimal] = field(default_factory=_totals)
    days: dict[date, defaultdict[Account, Decimal]] = field(default_factory=dict)
    owed: defaultdict[str, Decimal] = field(default_factory=_totals)
    _names: dict[tuple[str, str], str] = field(default_factory=dict)
    _families: dict[str, dict[str, None]] = field(default_factory=dict)
    _spaces: dict[str, int] = field(default_factory=dict)
    _kinds: dict[str, dict[str, None]] = field(default_factory=dict)
    _refs: dict[tuple[str, str], dict[str, None]] = field(default_factory=dict)
    _specials: dict[str, str] = field(default_factory=dict)
    _children: dict[str, dict[str, None]] = field(default_factory=dict)
    #: Customer -> document -> what is open, as last noted; and their credits summed.
    _open: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    unused: defaultdict[str, Decimal] = field(default_factory=_totals)
    #: What is on order, from vendors and by customers.
    to_come: ToCome = field(default_factory=ToCome)

    def __post_init__(self) -> None:
        self.limits = self.limits or dict(LIMITS[self.edition])

    # -- lists -----------------------------------------------------------------------------------------

    def enlist(
        self,
        family: str,
        name: str,
        now: datetime,
        *,
        parent: str = "",
        fields: dict[str, Value] | None = None,
    ) -> Entry:
        """Add a record to a list; the caller has checked the name."""
        self.last_list_id += 1
        full = f"{self.entries[parent].full_name}:{name}" if parent else name
        entry = Entry(
            family=family,
            list_id=f"{0x80000000 + self.last_list_id:X}-{int(now.timestamp())}",
            name=name,
            full_name=full,
            parent=parent,
            created=stamp(now),
            modified=stamp(now),
            edit_sequence=str(int(now.timestamp())),
            fields=fields or {},
            stock=Stock() if family == "ItemInventory" else None,
        )
        self.index(entry)
        self.changed["entry", entry.list_id] = None
        return entry

    def index(self, entry: Entry) -> None:
        """Make a record findable."""
        self.entries[entry.list_id] = entry
        space = LISTS[entry.family].space
        self._names[space, entry.full_name.casefold()] = entry.list_id
        self._families.setdefault(entry.family, {})[entry.list_id] = None
        self._spaces[space] = self._spaces.get(space, 0) + 1
        if entry.parent:
            self._children.setdefault(entry.parent, {})[entry.list_id] = None
        if special := entry.text("SpecialAccountType"):
            self._specials[special] = entry.list_id

    def drop_entry(self, entry: Entry, now: datetime) -> None:
        """Delete a list record and leave its trace."""
        space = LISTS[entry.family].space
        del self.entries[entry.list_id], self._names[space, entry.full_name.casefold()]
        del self._families[entry.family][entry.list_id]
        self._children.get(entry.parent, {}).pop(entry.list_id, None)
        self._spaces[space] -= 1
        self.changed["entry", entry.list_id] = None
        self._bury(Deleted(entry.family, entry.list_id, entry.created, stamp(now), entry.full_name, True))

    def rename(self, entry: Entry, name: str, now: datetime) -> None:
        """Give a record another name; its children's full names follow."""
        space = LISTS[entry.family].space
        parent = self.entries[entry.parent].full_name + ":" if entry.parent else ""
        old, new = entry.full_name, parent + name
        entry.name = name
        for each in [one for one in self.in_group(space) if (one.full_name + ":").startswith(old + ":")]:
            del self._names[space, each.full_name.casefold()]
            each.full_name = new + each.full_name[len(old) :]
            self._names[space, each.full_name.casefold()] = each.list_id
            self.touch_entry(each, now)

    def touch_entry(self, entry: Entry, now: datetime) -> None:
        """Note that a record was changed."""
        entry.modified = stamp(now)
        entry.edit_sequence = str(max(int(now.timestamp()), int(entry.edit_sequence) + 1))
        self.changed["entry", entry.list_id] = None

    def named(self, space: str, full_name: str) -> Entry | None:
        """The record with that full name in a name space, upper and lower case alike."""
        list_id = self._names.get((space, full_name.strip().casefold()))
        return self.entries[list_id] if list_id else None

    def find(self, group: str, list_id: str, full_name: str) -> Entry | None:
        """The record a reference means: the ListID wins over the name. Group: a family or a name space."""
        space = LISTS[group].space if group in LISTS else group
        entry = self.entries.get(list_id) if list_id else self.named(space, full_name)
        if entry is None or group not in (entry.family, LISTS[entry.family].space):
            return None
        return entry

    def in_group(self, group: str) -> Iterator[Entry]:
        """All records of a family or a name space, oldest first within a family."""
        for family, kind in LISTS.items():
            if group in (family, kind.space):
                for list_id in self._families.get(family, ()):
                    yield self.entries[list_id]

    def room(self, family: str) -> bool:
        """Whether the edition's limit allows one more record."""
        space = LISTS[family].space
        return self._spaces.get(space, 0) < self.limits.get(space, 1_000_000)

    def special(self, sort: str) -> Entry:
        """The account QuickBooks itself uses for something, such as UndepositedFunds."""
        return self.entries[self._specials[sort]]

    def has_sites(self) -> bool:
        """Whether stock is kept at several sites: only Enterprise with Advanced Inventory can."""
        return self.edition == "Enterprise" and self.preferences.sites

    def account_sort(self, list_id: str) -> str:
        """AccountType of an account."""
        return self.entries[list_id].text("AccountType")

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
        self._bury(
            Deleted(document.kind, document.txn_id, document.created, stamp(now), document.ref_number, False)
        )

    def _bury(self, trace: Deleted) -> None:
        self.deleted[trace.identifier] = trace
        self.changed["deleted", trace.identifier] = None

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
        below = (self.entries[child] for child in self._children.get(entry.list_id, ()))
        return self.balance_shown(entry) + sum((self.total_shown(child) for child in below), ZERO)
