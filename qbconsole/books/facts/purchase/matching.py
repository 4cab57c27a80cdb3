"""Which received units a bill is for: the two amounts of the same units, whose difference the bill posts.

A bill that names a receipt is for that receipt's units of the same SKU; any other is for the units of the same SKU
not billed yet, oldest receipt first. Bills take their turn by day, then as listed, and no unit is billed twice.
Shares of a line are cut so that they always add up to the line. Source: accounting.md section 13, convention 28.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qbconsole.money import Money
from qbconsole.shop.purchases import Purchase, PurchaseLine, Receipt, VendorBill
from qbconsole.value import Value


class Met(Value):
    """Units that both a line of a bill and a line of a receipt speak of."""

    bill: VendorBill
    receipt: Receipt
    billed_line: PurchaseLine
    received_line: PurchaseLine
    units: int
    #: What they cost by the bill, and by the receipt.
    billed: Money
    received: Money

    @property
    def difference(self) -> Money:
        """What the bill says more."""
        return self.billed - self.received


@dataclass(slots=True)
class _Open:
    """Units of a line that are still to be met; taken in order, so that shares add up to the line."""

    line: PurchaseLine
    taken: int = 0

    @property
    def left(self) -> int:
        return self.line.quantity - self.taken

    def take(self, units: int) -> Money:
        before = self.line.unit_cost.of(self.taken)
        self.taken += units
        return self.line.unit_cost.of(self.taken) - before


class Meeting(Value):
    """All that was met, and what was billed and never received."""

    met: tuple[Met, ...]
    #: Bill and line with the units nobody received yet.
    unmet: tuple[tuple[VendorBill, PurchaseLine, int], ...]


def meet(purchase: Purchase) -> Meeting:
    """Give every billed unit the received unit it stands for, where there is one."""
    stock = [(receipt, [_Open(line) for line in receipt.lines]) for receipt in by_day(purchase.receipts)]
    met: list[Met] = []
    unmet: list[tuple[VendorBill, PurchaseLine, int]] = []
    for bill in bills_by_day(purchase.bills):
        for line in bill.lines:
            wanted = _Open(line)
            met += _taken(bill, wanted, stock)
            if wanted.left:
                unmet.append((bill, line, wanted.left))
    return Meeting(met=tuple(met), unmet=tuple(unmet))


def _taken(
    bill: VendorBill, wanted: _Open, stock: Sequence[tuple[Receipt, Sequence[_Open]]]
) -> Iterator[Met]:
    for receipt, lines in stock:
        for held in lines if bill.receipt_id in (None, receipt.id) else ():
            units = min(wanted.left, held.left)
            if units and held.line.sku == wanted.line.sku:
                yield Met(
                    bill=bill,
                    receipt=receipt,
                    billed_line=wanted.line,
                    received_line=held.line,
                    units=units,
                    billed=wanted.take(units),
                    received=held.take(units),
                )


def by_day(receipts: Sequence[Receipt]) -> list[Receipt]:
    """Oldest first, of one day as listed."""
    return sorted(receipts, key=lambda receipt: receipt.received_on)


def bills_by_day(bills: Sequence[VendorBill]) -> list[VendorBill]:
    """Oldest first, of one day as listed."""
    return sorted(bills, key=lambda bill: bill.billed_on)
