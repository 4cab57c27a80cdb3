"""Fees of other gateways, from an operator's CSV: an expense, taken from what the gateway still owes.

Source: accounting.md section 2 ("PayPal etc. settlement") and convention 2.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qbconsole.books.facts.checks import digest, foreign, happened, too_early
from qbconsole.books.facts.drawn import Drawn, journal
from qbconsole.books.plan import Plan
from qbconsole.books.policy import Settings
from qbconsole.books.roles import clearing_role, gateway_handle
from qbconsole.shop.events import EventKind
from qbconsole.shop.orders import Shop
from qbconsole.shop.payments.fees import GatewayFee

#: What may stand in a key as it is; a gateway's own number may be any text.
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,40}")


def fee_key(fee: GatewayFee) -> str:
    """`fee/<handle>.<id>`: a number is unique only within its gateway, and never meets a balance row's."""
    own = fee.id if _PLAIN.fullmatch(fee.id) else digest((fee.id,))
    return f"{EventKind.FEE}/{gateway_handle(fee.gateway)}.{own}"


def draw_fee(fee: GatewayFee, shop: Shop, settings: Settings, booked: Sequence[Plan]) -> Drawn:
    """merchant_fees + / clearing:<handle> - on the fee's day; a fee given back is negative."""
    event = happened(shop, fee_key(fee), EventKind.FEE, fee.on, (fee.gateway, fee.on, fee.amount))
    where = f"{fee.gateway} fee {fee.reference or fee.id}"
    holds = (*too_early(event, where, settings), *foreign(event.key, where, [fee.amount], settings))
    if holds:
        return Drawn(events=(event,), holds=holds)
    plan = journal(
        shop,
        event,
        fee.amount.currency,
        [("merchant_fees", fee.amount), (clearing_role(fee.gateway), -fee.amount)],
        number=fee.reference or fee.id,
        memo=f"{where}, {event.on}",
    )
    return Drawn(events=(event,), plans=(plan,)) if plan else Drawn()
