"""Shopify Payments: payouts with their balance entries, and disputes.

A payout is read again while it is not final, and for two weeks after it was issued: one that is PAID may still fail.
Its entries are asked for by its number (reference/shopify-api.md section 6).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from qbconsole.errors import ShopifyContradiction
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.facts.batch import Batch, Raw, check_since, moment, stamp

#: A payout issued this long ago and final is not looked at again.
PAYOUT_MAY_FAIL = timedelta(days=14)
#: A dispute begun this long ago and decided is not looked at again.
DISPUTE_MAY_TURN = timedelta(days=180)
_FINAL = frozenset({"PAID", "FAILED", "CANCELED"})
_DECIDED = frozenset({"ACCEPTED", "CHARGE_REFUNDED", "LOST", "PREVENTED", "WON"})
_NO_PAYMENTS = "The shop does not use Shopify Payments: there are no payouts to read"


def payouts(client: ShopifyClient, cursor: str | None, until: datetime) -> Iterator[Batch]:
    """Payouts, oldest first, each `{"payout", "balanceTransactions"}` with TRANSFER rows left in.

    The cursor is the day from which payouts are looked at again.
    """
    if client.query("payments_account", {}).need("shopifyPaymentsAccount") is None:
        yield Batch(said=(_NO_PAYMENTS,))
        return
    query = None if cursor is None else f"issued_at:>='{cursor}'"
    again = until - PAYOUT_MAY_FAIL
    for page in client.pages("payouts", "shopifyPaymentsAccount.payouts", {"query": query}, first=50):
        issued = until
        for payout in page.nodes:
            issued = moment(payout.get("issuedAt"), "a payout")
            check_since(issued, cursor, "a payout")
            if payout["status"] not in _FINAL:
                again = min(again, issued)
        rows = tuple(
            {"payout": payout, "balanceTransactions": _entries(client, payout)} for payout in page.nodes
        )
        yield Batch(rows=rows, cursor=stamp(min(again, issued) if page.has_next else again))


def _entries(client: ShopifyClient, payout: Raw) -> list[Raw]:
    number = str(payout["legacyResourceId"])
    asked = {"query": f"payments_transfer_id:{number}"}
    found = [
        entry
        for page in client.pages(
            "balance_entries", "shopifyPaymentsAccount.balanceTransactions", asked, first=100
        )
        for entry in page.nodes
    ]
    for entry in found:
        of = (entry.get("associatedPayout") or {}).get("id")
        if of is not None and str(of).rpartition("/")[2] != number:
            raise ShopifyContradiction(f"Shopify gave a balance entry of payout {of} for payout {number}")
    return found


def disputes(client: ShopifyClient, cursor: str | None, until: datetime) -> Iterator[Batch]:
    """Disputes; the API can neither sort nor filter them by time, so all are walked and the settled left out."""
    again = until - DISPUTE_MAY_TURN
    for page in client.pages("disputes", "disputes", {}, first=50):
        kept = []
        for dispute in page.nodes:
            begun = moment(dispute.get("initiatedAt"), "a dispute")
            waits = dispute["status"] not in _DECIDED
            if waits or cursor is None or begun >= datetime.fromisoformat(cursor):
                kept.append(dispute)
            if waits:
                again = min(again, begun)
        yield Batch(rows=tuple(kept), cursor=None if page.has_next else stamp(again))
