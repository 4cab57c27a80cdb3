"""What is still to come: units on open purchase orders and sales orders, item by item.

QuickBooks shows both with the item (QuantityOnOrder, QuantityOnSalesOrder); kept as sums, nothing is scanned.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from qbconsole.sandbox.quickbooks.file.records import Document

_ORDERS = ("PurchaseOrder", "SalesOrder")


def _none() -> defaultdict[tuple[str, str], Decimal]:
    return defaultdict(Decimal)


@dataclass(slots=True)
class ToCome:
    """Units to come, by kind of order and item."""

    _sums: defaultdict[tuple[str, str], Decimal] = field(default_factory=_none)
    _noted: dict[str, list[tuple[tuple[str, str], Decimal]]] = field(default_factory=dict)

    def units(self, kind: str, item: str) -> Decimal:
        """How many units of an item open orders of that kind still wait for."""
        return self._sums[kind, item] if (kind, item) in self._sums else Decimal(0)

    def note(self, document: Document) -> None:
        """Count an order as it stands now; other documents are passed over."""
        if document.kind not in _ORDERS:
            return
        self.forget(document)
        if not document.closed():
            rows = [((document.kind, line.item), line.left()) for line in document.lines if line.item]
            self._noted[document.txn_id] = rows
            for key, units in rows:
                self._sums[key] += units

    def forget(self, document: Document) -> None:
        """Take an order out of the count."""
        for key, units in self._noted.pop(document.txn_id, ()):
            self._sums[key] -= units
