"""What payouts tell of orders' money, read once a run of `book` where summaries are drawn up by payout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from qbconsole.books.summary.paid import PaidRow, paid_rows
from qbconsole.decide import is_by_payout
from qbconsole.errors import InputUnreadable
from qbconsole.rules.mapping.values import Merchant
from qbconsole.shop.orders import Order, Shop
from qbconsole.sources.shopify.reading_facts import read_payout
from qbconsole.store import snapshots
from qbconsole.sync.means import Means


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """Rows of payouts by what they name."""

    by_tender: dict[str, list[PaidRow]] = field(default_factory=dict)
    #: Those that name an order and no tender.
    by_order: dict[str, list[PaidRow]] = field(default_factory=dict)

    def of(self, order: Order) -> tuple[PaidRow, ...]:
        """The rows that may be this order's money."""
        named = [row for tender in order.tenders for row in self.by_tender.get(tender.id, ())]
        return (*named, *self.by_order.get(order.id, ()))


def paid(means: Means, merchant: Merchant, shop: Shop) -> Paid:
    """All that the merchant's payouts tell; nothing where summaries are drawn up by shop day."""
    found = Paid()
    if merchant.modes.sales != "summary" or not is_by_payout(merchant.policy):
        return found
    for row in sorted(_rows(means, merchant, shop), key=lambda row: row.on):
        if row.tender_id:
            found.by_tender.setdefault(row.tender_id, []).append(row)
        elif row.order_id:
            found.by_order.setdefault(row.order_id, []).append(row)
    return found


def _rows(means: Means, merchant: Merchant, shop: Shop) -> Iterator[PaidRow]:
    after = ""
    with means.store.reading() as tx:
        while kept := snapshots.latest_of(tx, merchant.id, "payout", after=after):
            after = kept[-1].source_id
            for one in kept:
                try:
                    payout = read_payout(msgspec.json.decode(one.raw))
                except InputUnreadable:
                    continue  # held as a payout
                yield from paid_rows(payout, shop)
