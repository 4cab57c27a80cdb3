"""What happens in a simulated shop beside its orders: payouts, disputes, cards, credit, drawers, stock, purchases.

Seeded after the orders, from their tenders, with ids and chance of its own: a shop with facts has the very orders
of the same shop without. All amounts are whole smallest units until they are written down.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from qbconsole.sandbox.shopify.composing import Ids, Raw
from qbconsole.sandbox.shopify.facts.credit import gift_cards, store_credit
from qbconsole.sandbox.shopify.facts.drawers import cash_sessions
from qbconsole.sandbox.shopify.facts.payouts import Settled, pay_out_the_rest, settle_payments
from qbconsole.sandbox.shopify.facts.stock import opening_stock, purchases, transfers
from qbconsole.sandbox.shopify.seeding import World

__all__ = ["Facts", "happen"]


@dataclass(slots=True, kw_only=True)
class Facts:
    """The truth beside the orders, as raw Admin API objects with their connections whole."""

    payouts: list[Raw] = field(default_factory=list)
    #: Balance entries; those of no payout yet have an associatedPayout without id.
    entries: list[Raw] = field(default_factory=list)
    disputes: list[Raw] = field(default_factory=list)
    gift_cards: list[Raw] = field(default_factory=list)
    #: Buyer's GID -> store credit accounts.
    store_credit: dict[str, list[Raw]] = field(default_factory=dict)
    cash_sessions: list[Raw] = field(default_factory=list)
    transfers: list[Raw] = field(default_factory=list)
    purchase_orders: list[Raw] = field(default_factory=list)
    #: (inventory item's GID, location's GID) -> units there before anything was sold.
    stock: dict[tuple[str, str], int] = field(default_factory=dict)
    #: Hands out ids of what happens later.
    ids: Ids = field(default_factory=lambda: Ids(0), compare=False, repr=False)

    def pay_out_the_rest(self, world: World) -> None:
        """Let Shopify Payments pay all it holds: nothing stays scheduled or pending."""
        settled = Settled(payouts=self.payouts, entries=self.entries, disputes=self.disputes)
        pay_out_the_rest(world, settled, self.ids)


def happen(world: World, orders: Sequence[Raw], ids: Ids, chance: random.Random) -> Facts:
    """Let it happen, consistently with these orders; the same arguments give the same facts."""
    paid = settle_payments(world, orders, ids)
    moved = transfers(world, ids)
    bought, brought = purchases(world, ids)
    return Facts(
        payouts=paid.payouts,
        entries=paid.entries,
        disputes=paid.disputes,
        gift_cards=gift_cards(world, orders, ids),
        store_credit=store_credit(world, ids),
        cash_sessions=cash_sessions(world, orders, ids),
        transfers=[*moved, *brought],
        purchase_orders=bought,
        stock=opening_stock(world, chance),
        ids=ids,
    )
