"""How it is paid: tenders and terms."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from qbconsole.shop.orders import Tender, Terms
from qbconsole.sources.shopify.reading.reader import Reader
from qbconsole.sources.shopify.reading.told import Json, id_of, nodes, text_of


def tender(read: Reader, row: Json, at: int) -> Tender:
    """Money that moved, was promised or was to move."""
    rounding = row.get("amountRoundingSet")
    moment = row.get("processedAt") or row.get("createdAt") or read.raw.get("processedAt")
    return Tender(
        id=id_of(row) or f"{id_of(read.raw)}.{at + 1}",
        kind=text_of(row.get("kind")),
        status=text_of(row.get("status")),
        gateway=text_of(row.get("gateway")),
        at=read.time(moment or read.raw.get("updatedAt") or "1970-01-01T00:00:00Z"),
        amount=read.bag(row.get("amountSet")),
        rounding=None if rounding is None else read.bag(rounding),
        test=bool(row.get("test")),
        manual=bool(row.get("manualPaymentGateway")),
        parent_id=id_of(row.get("parentTransaction") or {}) or None,
        expires_at=_expiry(read, row),
    )


def _expiry(read: Reader, row: Json) -> datetime | None:
    expires = row.get("authorizationExpiresAt")
    return read.time(expires) if expires else None


def terms(read: Reader) -> Terms | None:
    """When it is to be paid, if later."""
    raw = read.raw.get("paymentTerms")
    if not raw:
        return None
    due = [row["dueAt"] for row in nodes(raw.get("paymentSchedules")) if row.get("dueAt")]
    days = raw.get("dueInDays")
    return Terms(
        name=text_of(raw.get("paymentTermsName")),
        due_in_days=None if days is None else int(days),
        due_on=_last_day(read, due),
    )


def _last_day(read: Reader, moments: Iterable[str]) -> date | None:
    return max((read.shop.day(read.time(moment)) for moment in moments), default=None)
