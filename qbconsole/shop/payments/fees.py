"""Fees of other gateways, which Shopify does not know: rows an operator imports (`pull --fees FILE`)."""

from __future__ import annotations

from datetime import date, datetime

from qbconsole.money import Money
from qbconsole.value import Value


class GatewayFee(Value):
    """One fee a gateway kept, or gave back when negative."""

    id: str
    #: As Shopify or the gateway writes it: "PayPal (Express)".
    gateway: str
    #: The day the gateway names; a shop date where it has no time.
    on: datetime | date
    amount: Money
    #: The gateway's own number for it.
    reference: str = ""
