"""A cash drawer's session at a counter, from opening to counting.

Source: accounting.md sections 2 and 13 (convention 25); Admin API 2026-10, CashTrackingSession and
PointOfSaleDevicePaymentSession.
"""

from __future__ import annotations

from datetime import date, datetime

from qbconsole.money import Money
from qbconsole.value import Value


class CashSession(Value):
    """One session. Amounts are what lies in the drawer, so positive; a discrepancy is positive when over."""

    id: str
    #: None while the drawer is open.
    closed_at: datetime | date | None
    #: False while Shopify still adds up.
    ready: bool = True
    #: totalDiscrepancy; None where Shopify did not send it.
    discrepancy: Money | None = None
    counted: Money | None = None
    expected: Money | None = None
    location: str = ""
    register: str = ""

    @property
    def over(self) -> Money | None:
        """Counted minus expected, or what Shopify says it is; None where neither is known."""
        if self.discrepancy is not None:
            return self.discrepancy
        if self.counted is None or self.expected is None or self.counted.currency != self.expected.currency:
            return None
        return self.counted - self.expected
