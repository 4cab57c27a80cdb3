"""Sale events of orders without agreements: worked out from the order's fields and its refunds."""

from __future__ import annotations

from qbconsole.shop.fields.changes import field_events

__all__ = ["field_events"]
