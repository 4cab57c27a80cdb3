"""Gift cards and store credit: what the shop owes for later purchases, moved outside any order.

Movements are signed as the customer sees them: positive raises what the card or the account holds.
Source: accounting.md sections 2 and 13 (convention 24); Admin API 2026-10, GiftCard and StoreCreditAccount.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from qbconsole.money import Money
from qbconsole.value import Value


class Cause(StrEnum):
    """Why a gift card's balance or a store credit account moved; decides what is posted."""

    ORDER = "order"  # used, given back or cancelled by an order, whose tenders book it
    ISSUE = "issue"  # the card's own initial value, told once more
    STAFF = "staff"  # somebody changed it by hand
    EXPIRY = "expiry"  # its time ran out
    UNTOLD = "untold"  # a row that names neither an order nor a note: most likely an order's
    UNKNOWN = "unknown"  # an event newer than this program: held, never guessed


class CreditMovement(Value):
    """One movement of a gift card's balance."""

    id: str
    at: datetime | date
    amount: Money
    cause: Cause
    note: str = ""


class GiftCard(Value):
    """A gift card. Its order sold it; a card without one was issued by staff."""

    id: str
    #: createdAt
    at: datetime | date
    #: None where Shopify did not send it.
    initial_value: Money | None
    balance: Money | None = None
    #: A card switched off still is owed; it is not an expiry.
    enabled: bool = True
    order_id: str | None = None
    expires_on: date | None = None
    #: When Shopify last told of it; a card is known to be expired only when this is later.
    updated_at: datetime | date | None = None
    #: Last characters of the code, for the operator's eye.
    ending: str = ""
    movements: tuple[CreditMovement, ...] = ()


class StoreCreditMovement(Value):
    """One movement of a store credit account."""

    id: str
    at: datetime | date
    amount: Money
    cause: Cause
    #: Shopify's own word: ADJUSTMENT, ORDER_PAYMENT …
    event: str = ""
    account_id: str = ""
    owner: str = ""
