"""Shopify Payments as its balance tells it: payouts, and the rows that make each of them up.

A row's amount and net are signed as the merchant sees them (a charge positive, a refund negative); a fee is
positive where it costs. `net = amount - fee`; the money that moves is the sum of the rows' nets.
Source: accounting.md sections 7 and 13 (convention 23); Admin API 2026-10, ShopifyPaymentsPayout.
"""

from __future__ import annotations

from datetime import date, datetime

from qbconsole.money import Money
from qbconsole.value import Value


class BalanceEntry(Value):
    """One row of the balance (Shopify's ShopifyPaymentsBalanceTransaction)."""

    id: str
    #: CHARGE, REFUND, DISPUTE_WITHDRAWAL …; types newer than this program survive.
    type: str
    amount: Money
    fee: Money
    net: Money
    #: When it came onto the balance: `transactionDate`; a date without a time is a shop date.
    at: datetime | date
    test: bool = False
    #: CHARGE, REFUND, DISPUTE, ADJUSTMENT …
    source_type: str = ""
    #: Shopify's own word why it adjusted something.
    reason: str = ""
    #: The order it belongs to, where it has one.
    order_id: str | None = None
    #: The tender it belongs to, where Shopify tells: `sourceOrderTransactionId`.
    tender_id: str | None = None


class Figure(Value):
    """One pair of a payout's summary: what came in or went out by a kind of row, and its fees."""

    #: "charges", "refunds", "adjustments" …
    kind: str
    gross: Money
    fee: Money


class Payout(Value):
    """Money sent to the merchant's bank account, or taken from it, with every row in it."""

    id: str
    #: SCHEDULED, IN_TRANSIT, PAID, FAILED, CANCELED; statuses newer than this program survive.
    status: str
    #: Dates the payout and all its rows (convention 9); None where Shopify did not send it.
    issued_at: datetime | date | None
    #: Only checked, by magnitude; None where Shopify did not send it.
    net: Money | None
    rows: tuple[BalanceEntry, ...] = ()
    #: Figures of the summary that are not zero; only checked.
    summary: tuple[Figure, ...] = ()
    #: The bank's reference, for the operator's eye.
    trace: str = ""
