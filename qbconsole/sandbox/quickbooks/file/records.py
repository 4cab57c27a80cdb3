"""What a company file is made of: list entries, documents, their lines, postings and links.

Entries and documents change over their life (staff edit them, payments are applied), so they are mutable;
whoever changes one tells `Books.touch`. Amounts are Decimals with two places, debit positive in postings,
positive on a document line when it raises the document's total.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple, TypeAlias

ZERO = Decimal("0.00")
CENT = Decimal("0.01")


class Reference(NamedTuple):
    """A stored reference to a list entry; its full name is looked up when it is shown."""

    family: str
    list_id: str


class Block(NamedTuple):
    """An aggregate kept as it was given, such as an address."""

    parts: tuple[tuple[str, Value], ...]


Value: TypeAlias = str | Reference | Block


class Refused(Exception):
    """QuickBooks will not do a request; carries the status code and text of its answer."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(slots=True, kw_only=True)
class Stock:
    """What is on hand of one inventory item, at average cost."""

    quantity: Decimal = ZERO
    value: Decimal = ZERO
    #: The last average known; what negative stock is sold at.
    unit: Decimal = ZERO

    def unit_cost(self) -> Decimal:
        """Average cost of one unit, or the last known one when nothing is on hand."""
        return self.value / self.quantity if self.quantity > 0 else self.unit

    def take(self, units: Decimal) -> Decimal:
        """Take units out (negative: put them back) at average cost; answers their cost."""
        self.unit = self.unit_cost()
        # What brings the quantity to nothing takes the whole value, so that no cents are left behind.
        cost = self.value if units == self.quantity and units else cents(self.unit * units)
        self.shift(-units, -cost)
        return cost

    def receive(self, units: Decimal, value: Decimal) -> Decimal:
        """Take bought units in (negative: send them back) at what was paid for them.

        Answers what had been sold before it was there, at too low a cost (negative: too high); that much
        of the value is cost of what is already gone, not stock (unverified: which day QuickBooks dates it).
        """
        missing = min(-self.quantity, units)
        late = ZERO
        if missing > 0:
            late = cents(missing * value / units) - cents(missing * self.unit)
        self.shift(units, value - late)
        if units > 0:
            self.unit = value / units if self.quantity <= 0 else self.unit_cost()
        return late

    def shift(self, units: Decimal, value: Decimal) -> None:
        """Change quantity and value directly."""
        self.quantity += units
        self.value += value


@dataclass(slots=True, kw_only=True)
class Entry:
    """One record of a list: an account, a customer, an item ..."""

    family: str
    list_id: str
    name: str
    full_name: str
    created: str
    modified: str
    edit_sequence: str
    parent: str = ""
    active: bool = True
    fields: dict[str, Value] = field(default_factory=dict)
    custom: dict[str, str] = field(default_factory=dict)
    stock: Stock | None = None

    def text(self, name: str) -> str:
        """A plain field, empty when it is not set."""
        value = self.fields.get(name, "")
        return value if isinstance(value, str) else ""

    def refers(self, name: str) -> str:
        """The ListID a reference field points to, empty when it is not set."""
        value = self.fields.get(name)
        return value.list_id if isinstance(value, Reference) else ""

    def members(self) -> tuple[str, ...]:
        """ListIDs of the tax items a sales tax group stands for; none for anything else."""
        value = self.fields.get("ItemSalesTaxRef")
        parts = value.parts if isinstance(value, Block) else ()
        return tuple(part.list_id for _, part in parts if isinstance(part, Reference))


class Posting(NamedTuple):
    """One side of a double entry: account, amount (debit positive), and the customer or vendor.

    `own` says that QuickBooks found the amount by itself from its average cost: COST_OF_SALES, COUNT_VALUE.
    """

    account: str
    amount: Decimal
    entity: str = ""
    own: str = ""


#: Own postings: the cost of what was sold, and the value of a quantity adjustment.
COST_OF_SALES, COUNT_VALUE = "cost", "count"


class Link(NamedTuple):
    """Money of one document applied to another, as what it takes off this one's open amount.

    Positive on a charge, negative on a credit; `by` is the document that made the link.
    """

    other: str
    amount: Decimal
    by: str
    discount: Decimal = ZERO
    discount_account: str = ""
    #: What fills an order or deposits a payment is tied to it, but no money is applied.
    only_tied: bool = False


class StockMove(NamedTuple):
    """Units of an inventory item that left (negative: came back) with a line, at what cost."""

    item: str
    units: Decimal
    cost: Decimal
    cogs: str
    asset: str


class Fill(NamedTuple):
    """So many units of a line of an order came with this line: received, or invoiced."""

    txn_id: str
    line_id: str
    units: Decimal


class TaxShare(NamedTuple):
    """One tax of a sales document: its rate in percent, who is owed it, and how much it comes to."""

    rate: Decimal
    agency: str
    amount: Decimal = ZERO


@dataclass(slots=True, kw_only=True)
class Line:
    """One line of a document."""

    line_id: str
    #: Item, Text, Expense, Debit, Credit, Deposit, Paid, CashBack, Count or Move.
    sort: str
    amount: Decimal
    account: str = ""
    item: str = ""
    entity: str = ""
    taxable: bool = False
    #: A subtotal line repeats what is above it and does not count.
    counts: bool = True
    fields: dict[str, Value] = field(default_factory=dict)
    stock: StockMove | None = None
    #: Of a line of an order: how much of it came; of another: what of an order it brought.
    filled: Decimal = Decimal(0)
    fills: Fill | None = None

    def units(self) -> Decimal:
        """Its quantity; a line without one counts as one."""
        text = self.fields.get("Quantity")
        return Decimal(text) if isinstance(text, str) and text else Decimal(1)

    def left(self) -> Decimal:
        """How much of a line of an order is still to come; nothing when more came than was ordered."""
        return max(self.units() - self.filled, Decimal(0))


@dataclass(slots=True, kw_only=True)
class Document:
    """What QuickBooks calls a transaction."""

    kind: str
    txn_id: str
    number: int
    created: str
    modified: str
    edit_sequence: str
    txn_date: date
    ref_number: str = ""
    memo: str = ""
    entity: str = ""
    #: Where the total goes: receivable, deposit or bank account.
    account: str = ""
    total: Decimal = ZERO
    subtotal: Decimal = ZERO
    tax_total: Decimal = ZERO
    #: The taxes its own tax item or group stands for; each is rounded once.
    taxes: list[TaxShare] = field(default_factory=list)
    tax_account: str = ""
    #: What is still open on accounts receivable or payable: positive is owed by the customer or to the
    #: vendor, negative is credit.
    open: Decimal = ZERO
    #: The receivable account that amount is open on.
    receivable: str = ""
    voided: bool = False
    pending: bool = False
    external_guid: str = ""
    fields: dict[str, Value] = field(default_factory=dict)
    custom: dict[str, str] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)

    def fulfilled(self) -> bool:
        """Whether everything on an order came."""
        return all(not line.left() for line in self.lines if line.item and line.counts)

    def closed(self) -> bool:
        """Whether an order takes no more: everything came, or staff closed it."""
        return self.fields.get("IsManuallyClosed") == "true" or self.fulfilled()


class Deleted(NamedTuple):
    """A trace of something deleted; QuickBooks shows it for 90 days."""

    sort: str
    identifier: str
    created: str
    deleted: str
    label: str
    is_list: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A custom field or private data field that may hold values."""

    owner: str
    name: str
    sort: str
    objects: tuple[str, ...]


def cents(amount: Decimal) -> Decimal:
    """Round half away from zero to two decimals."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def stamp(now: datetime) -> str:
    """A time as QuickBooks writes it: local wall time with the zone's *standard* offset.

    During daylight saving the offset is therefore wrong by an hour, as in the field
    (qbwc-protocol.md section 8).
    """
    offset = (now.utcoffset() or timedelta()) - (now.dst() or timedelta())
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return f"{now.isoformat()[:19]}{sign}{hours:02d}:{rest:02d}"
