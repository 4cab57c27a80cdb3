"""One simulated shop: its truth, who may read it, and the verbs that change it later.

`orders` are raw dicts in the Admin API's shape, every connection whole; tests add them up with code of their own.
All changes move `updatedAt`, as in the real shop. What happens beside the orders is in `facts`.
"""

from __future__ import annotations

import random
import zlib
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from qbconsole.sandbox.shopify import changes
from qbconsole.sandbox.shopify.amounts import Pair, places, read
from qbconsole.sandbox.shopify.budget import Budget
from qbconsole.sandbox.shopify.composing import Ids, Raw
from qbconsole.sandbox.shopify.facts import Facts, happen
from qbconsole.sandbox.shopify.facts.stock import stocked_items
from qbconsole.sandbox.shopify.seeding import World, furnish, invent
from qbconsole.sandbox.shopify.tenders import tongue_of

#: Every scope that our own queries need.
ALL_SCOPES = frozenset(
    {
        "read_all_orders",
        "read_cash_tracking",
        "read_customers",
        "read_gift_card_transactions",
        "read_gift_cards",
        "read_inventory",
        "read_inventory_purchase_orders",
        "read_inventory_shipments",
        "read_inventory_transfers",
        "read_locations",
        "read_orders",
        "read_payment_terms",
        "read_products",
        "read_returns",
        "read_shopify_payments_accounts",
        "read_shopify_payments_disputes",
        "read_shopify_payments_payouts",
        "read_store_credit_account_transactions",
        "read_store_credit_accounts",
    }
)


def _base(domain: str) -> int:
    return 6_000_000_000_000 + zlib.crc32(domain.encode()) % 100_000 * 10_000_000


@dataclass(slots=True, kw_only=True)
class Shop:
    """A shop; make one with `seeded` or `from_orders`."""

    domain: str
    world: World = field(repr=False)
    #: Oldest first; the very dicts that are served, so change them only through the verbs below.
    orders: list[Raw] = field(default_factory=list, repr=False)
    #: What happened beside the orders; nothing unless seeded with `facts`.
    facts: Facts = field(default_factory=Facts, repr=False)
    #: Whether the shop uses Shopify Payments.
    payments: bool = True
    #: Roots of the schema that this shop's version of the API does not have.
    roots_missing: set[str] = field(default_factory=set)
    scopes: set[str] = field(default_factory=lambda: set(ALL_SCOPES))
    client_id: str = "sandbox-client"
    client_secret: str = "sandbox-secret"  # noqa: S105 - opens a simulated shop only
    #: Tokens that never expire, as admin-created custom apps have them.
    permanent_tokens: set[str] = field(default_factory=lambda: {"shpat_sandbox"})
    #: Tokens that rotate (`service.Offline`), where the app is a public one.
    offline: Any = None
    #: How long a token that was asked for lives, in seconds.
    token_life: float = 86_399
    budget: Budget = field(default_factory=Budget)
    #: One query may not ask for more than this many points.
    max_cost: int = 1000
    #: Answer as this API version whatever is asked for; None: as the version asked for.
    answers_as: str | None = None
    #: `service.Fault`s; each spoils one answer, first come first.
    faults: deque[Any] = field(default_factory=deque)
    #: Bulk operations (`bulk.Bulk`) so far, and what goes wrong with the next ones (`bulk.FAULTS`).
    bulks: list[Any] = field(default_factory=list)
    bulk_faults: deque[str] = field(default_factory=deque)
    #: Who is told of changes (`hooks.Subscription`), and how many there ever were.
    subscriptions: list[Any] = field(default_factory=list)
    subscribed: int = 0
    _places: dict[str, int] = field(default_factory=dict, repr=False)

    @classmethod
    def seeded(
        cls,
        *,
        domain: str = "oak-ember.myshopify.com",
        seed: int = 7,
        orders: int = 500,
        start: date = date(2026, 1, 5),
        days: int = 10,
        currency: str = "USD",
        timezone: str = "America/Los_Angeles",
        taxes_included: bool = False,
        broken: int = 0,
        prefix: str = "#",
        foreign: tuple[str, int] | None = None,
        facts: bool = False,
    ) -> Shop:
        """Invent a shop; the same arguments give the same shop.

        With `facts` there are payouts, disputes, gift cards, store credit, drawers, stock and purchases as well; the
        orders are the same ones.

        The last `broken` orders do not add up (their total is one unit too high). `foreign` is a second
        currency that a few buyers pay in, with its units for a million of the shop's.
        """
        zone = ZoneInfo(timezone)
        world = World(
            random=random.Random(f"{seed}/{domain}"),  # noqa: S311 - repeatable is the point
            ids=Ids(_base(domain)),
            currency=currency,
            zone=zone,
            taxes_included=taxes_included,
            prefix=prefix,
            start=start,
            end=datetime.combine(start + timedelta(days=days), time(), zone).astimezone(UTC),
            foreign=foreign,
        )
        furnish(world, max(20, min(600, orders // 4)))
        shop = cls(domain=domain, world=world)
        shop.orders = invent(world, orders, datetime.combine(start, time(), zone).astimezone(UTC))
        for order in shop.orders[len(shop.orders) - broken :]:
            _break(order)
        if facts:
            own_ids = Ids(_base(domain) + 5_000_000)
            shop.facts = happen(world, shop.orders, own_ids, random.Random(f"{seed}/{domain}/facts"))  # noqa: S311
        return shop

    @classmethod
    def from_orders(
        cls,
        raw: Iterable[Raw],
        *,
        domain: str = "oak-ember.myshopify.com",
        currency: str = "USD",
        timezone: str = "America/Los_Angeles",
        taxes_included: bool = False,
    ) -> Shop:
        """Serve these raw orders as they are; the lists are the seeded ones."""
        shop = cls.seeded(
            domain=domain, orders=0, currency=currency, timezone=timezone, taxes_included=taxes_included
        )
        shop.orders = list(raw)
        return shop

    def order(self, order: str) -> Raw:
        """The order with this GID or name; KeyError without one."""
        for raw in self.orders:
            if order in (raw["id"], raw["name"]):
                return raw
        raise KeyError(order)

    def find(self, gid: str) -> Raw | None:
        """The order with this GID, quickly; None without one."""
        at = self._places.get(gid, -1)
        if not (0 <= at < len(self.orders) and self.orders[at]["id"] == gid):
            self._places = {raw["id"]: place for place, raw in enumerate(self.orders)}
            at = self._places.get(gid, -1)
        return self.orders[at] if at >= 0 else None

    def about(self) -> Raw:
        """The head of the shop, as the root `shop` answers."""
        world = self.world
        offset = world.end.astimezone(world.zone).utcoffset() or timedelta()
        return {
            "id": f"gid://shopify/Shop/{_base(self.domain)}",
            "name": self.domain.partition(".")[0].replace("-", " & ").title(),
            "myshopifyDomain": self.domain,
            "currencyCode": world.currency,
            "enabledPresentmentCurrencies": [world.currency],
            "taxesIncluded": world.taxes_included,
            "taxShipping": True,
            "ianaTimezone": world.zone.key,
            "timezoneOffsetMinutes": int(offset.total_seconds() // 60),
            "orderNumberFormatPrefix": world.prefix,
            "orderNumberFormatSuffix": "",
            "plan": {"publicDisplayName": "Advanced", "shopifyPlus": False, "partnerDevelopment": False},
            "shopAddress": {"countryCodeV2": "US", "provinceCode": "CA"},
        }

    def payments_account(self) -> Raw | None:
        """The Shopify Payments account with all its payouts and balance entries."""
        if not self.payments:
            return None
        return {
            "id": f"gid://shopify/ShopifyPaymentsAccount/{_base(self.domain)}",
            "activated": True,
            "defaultCurrency": self.world.currency,
            "balance": [],
            "payouts": self.facts.payouts,
            "balanceTransactions": self.facts.entries,
        }

    def stocked_items(self) -> list[Raw]:
        """All inventory items with their levels now: what was there, less what the orders took or hold."""
        return stocked_items(self.world, self.orders, self.facts.stock)

    def shipments(self) -> list[Raw]:
        """All shipments of all transfers."""
        return [row for transfer in self.facts.transfers for row in transfer["shipments"]["nodes"]]

    def pay_out_the_rest(self) -> None:
        """Let all payouts arrive, also of what was in none yet; what FAILED has come with a later one."""
        self.facts.pay_out_the_rest(self.world)

    def correct_stock(self, sku: str, units: int, *, place: int = 0) -> None:
        """Somebody counts the shelf: `units` more, or less where negative."""
        item = next(row["inventoryItem"]["id"] for row in self.world.variants if row["sku"] == sku)
        key = (item, self.world.locations[place]["id"])
        self.facts.stock[key] = self.facts.stock.get(key, 0) + units

    def advance(self, *, days: int = 1, orders: int = 0) -> list[Raw]:
        """Let days go by: new orders come in, and the oldest order awaiting a bank deposit is paid."""
        since = self.world.end
        self.world.end = since + timedelta(days=days)
        waiting = next(((raw, tender) for raw in self.orders if (tender := _awaited(raw)) is not None), None)
        if waiting is not None:
            order, tender = waiting
            at = since + timedelta(hours=10)
            changes.pay(order, self.world.ids, at, gateway="manual", parent=tender["id"])
        new = invent(self.world, orders, since)
        self.orders += new
        return new

    def add_payment(
        self, order: str, *, at: datetime | None = None, gateway: str = "manual", minor: int | None = None
    ) -> Raw:
        """Money comes in: all that is outstanding, or `minor` smallest units of a one-currency order."""
        amount = None if minor is None else Pair(minor, minor)
        return changes.pay(self.order(order), self.world.ids, self._at(at), gateway=gateway, amount=amount)

    def add_refund(
        self,
        order: str,
        *,
        at: datetime | None = None,
        quantities: Mapping[str, int] | None = None,
        shipping: bool = False,
        restock: str = "RETURN",
        money: bool = True,
    ) -> Raw:
        """Refund units by line id (None: every unit left) and, if told, what is left of the shipping."""
        raw, place = self.order(order), self.world.locations[0]
        left = {line["id"]: line["currentQuantity"] for line in raw["lineItems"]["nodes"]}
        return changes.refund(
            raw,
            self.world.ids,
            self._at(at),
            quantities=left if quantities is None else quantities,
            shipping=1 if shipping else 0,
            restock=restock,
            location={"id": place["id"], "name": place["name"]},
            money=money,
        )

    def cancel(self, order: str, *, at: datetime | None = None, record: bool = True) -> None:
        """Cancel an order; what was paid is given back."""
        changes.cancel(self.order(order), self.world.ids, self._at(at), record=record)

    def edit_quantity(self, order: str, line: str, quantity: int, *, at: datetime | None = None) -> None:
        """Lower a line's quantity."""
        changes.edit_quantity(self.order(order), self.world.ids, self._at(at), line, quantity)

    def annotate(self, order: str, note: str, *, at: datetime | None = None) -> None:
        """Change an order's note: it counts as updated, no money moves."""
        changes.annotate(self.order(order), self._at(at), note)

    def _at(self, at: datetime | None) -> datetime:
        return self.world.end if at is None else at


def _awaited(order: Raw) -> Raw | None:
    """The tender of a bank deposit that has not arrived yet."""
    if read(order["totalOutstandingSet"]).shop <= 0:
        return None
    return next((tender for tender in order["transactions"] if tender["status"] == "PENDING"), None)


def _break(order: Raw) -> None:
    """Make an order that does not add up: its total says one whole unit more than its parts."""
    bag = tongue_of(order)
    one = Pair(10 ** places(bag.shop), 10 ** places(bag.buyer))
    order["totalPriceSet"] = bag.bag(read(order["totalPriceSet"]) + one)
