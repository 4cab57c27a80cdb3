"""Orders for tests: written shortly, rendered in the JSON shape of `pull --from-file`, and booked.

Times are "MM-DD" or "MM-DD HH:MM" of 2026 in UTC; amounts are text, or (shop, presentment) where they differ. Totals are
added up from the parts unless a test states others on purpose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from qbconsole.books.booking.checks import order_holds
from qbconsole.books.booking.order import Entry, walk
from qbconsole.books.booking.shape import shape
from qbconsole.books.holds import Hold
from qbconsole.books.plan import Plan
from qbconsole.books.policy import Policy, Settings
from qbconsole.books.proof import prove
from qbconsole.money import Money
from qbconsole.shop.events import Event
from qbconsole.shop.orders import Order
from qbconsole.shop.timeline import timeline
from qbconsole.sources.shopify.reading import read_order, read_shop

Amount = str | tuple[str, str]
Taxes = Mapping[str, Amount]


@dataclass(frozen=True, kw_only=True)
class Line:
    price: Amount
    quantity: int = 1
    current: int | None = None
    off: Amount = "0"
    code: str = "TEN"
    taxes: Taxes = field(default_factory=dict)
    rate: str = "0.1"
    gift_card: bool = False
    tip: bool = False
    liable: bool = False
    duty: Amount | None = None
    sku: str | None = "SKU"
    title: str = "Thing"


@dataclass(frozen=True, kw_only=True)
class Ship:
    price: Amount
    off: Amount = "0"
    taxes: Taxes = field(default_factory=dict)
    removed: bool = False


@dataclass(frozen=True, kw_only=True)
class Pay:
    amount: Amount
    kind: str = "SALE"
    status: str = "SUCCESS"
    gateway: str = "shopify_payments"
    at: str = "03-02 15:01"
    rounding: Amount | None = None
    test: bool = False
    manual: bool = False
    parent: int | None = None
    expires: str | None = None


@dataclass(frozen=True, kw_only=True)
class Back:
    """A refund: units of lines by number as (line, quantity, subtotal, tax)."""

    lines: Sequence[tuple[int, int, Amount, Amount]] = ()
    shipping: Sequence[tuple[Amount, Amount]] = ()
    adjustments: Sequence[tuple[Amount, Amount]] = ()
    duties: Sequence[Amount] = ()
    pays: Sequence[int] = ()  # numbers of its tenders
    at: str = "03-05 10:00"
    restock: str = "RETURN"
    of_return: int | None = None


@dataclass(frozen=True, kw_only=True)
class Sold:
    """One Sale of an agreement."""

    total: Amount
    tax: Amount = "0"
    off: Amount = "0"
    action: str = "ORDER"
    type: str = "PRODUCT"
    quantity: int | None = 1
    line: int | None = None
    ship: int | None = None
    taxes: Taxes = field(default_factory=dict)


@dataclass(frozen=True)
class Agreed:
    sales: Sequence[Sold]
    reason: str = "ORDER"
    at: str = "03-02 15:00"


def when(text: str) -> str:
    day, _, clock = text.partition(" ")
    return f"2026-{day}T{clock or '15:00'}:00Z"


def _dec(amount: Amount, seen: bool = False) -> Decimal:
    return Decimal(amount if isinstance(amount, str) else amount[seen])


@dataclass(frozen=True)
class Render:
    """Knows the order's two currencies."""

    currency: str
    seen: str

    def money(self, value: object, currency: str) -> dict[str, str]:
        return {"amount": str(value), "currencyCode": currency}

    def bag(self, amount: Amount) -> dict[str, Any]:
        return {
            "shopMoney": self.money(_dec(amount), self.currency),
            "presentmentMoney": self.money(_dec(amount, True), self.seen),
        }

    def sum(self, *amounts: Amount) -> dict[str, Any]:
        return self.bag(
            (str(sum(map(_dec, amounts), Decimal(0))), str(sum((_dec(a, True) for a in amounts), Decimal(0))))
        )

    def taxes(self, taxes: Taxes, rate: str = "0.1", liable: bool = False) -> list[dict[str, Any]]:
        return [
            {"title": title, "rate": float(rate), "channelLiable": liable, "priceSet": self.bag(amount)}
            for title, amount in taxes.items()
        ]

    def off(self, amount: Amount, code: str = "TEN") -> list[dict[str, Any]]:
        if not _dec(amount):
            return []
        how = {"__typename": "DiscountCodeApplication", "index": 0, "code": code}
        return [{"allocatedAmountSet": self.bag(amount), "discountApplication": how}]


def _times(amount: Amount, quantity: int) -> Amount:
    return (str(_dec(amount) * quantity), str(_dec(amount, True) * quantity))


def _less(amount: Amount) -> Amount:
    return (str(-_dec(amount)), str(-_dec(amount, True)))


def an_order(
    lines: Sequence[Line] = (Line(price="20.00"),),
    *,
    shipping: Sequence[Ship] = (),
    fees: Sequence[Amount] = (),
    tip: Amount = "0",
    pays: Sequence[Pay] = (),
    refunds: Sequence[Back] = (),
    returns: Sequence[tuple[str, Amount]] = (),
    agreements: Sequence[Agreed] = (),
    at: str = "03-02 15:00",
    updated: str = "03-20 12:00",
    inclusive: bool = False,
    currency: str = "USD",
    seen: str | None = None,
    number: int = 1,
    **more: Any,
) -> dict[str, Any]:
    """An order as Shopify's API tells it; `more` overrides any field."""
    r = Render(currency, seen or currency)
    charged: list[Amount] = [_times(line.price, line.quantity) for line in lines if not line.tip]
    charged += [ship.price for ship in shipping if not ship.removed]
    charged += [line.duty for line in lines if line.duty] + list(fees) + [tip]
    charged += [_less(x.off) for x in (*lines, *(s for s in shipping if not s.removed))]
    taxes = [tax for x in (*lines, *shipping) for tax in x.taxes.values()]
    total = r.sum(*charged, *(() if inclusive else taxes))
    order = {
        "id": f"gid://shopify/Order/{number}",
        "name": f"#{1000 + number}",
        "createdAt": when(at),
        "processedAt": when(at),
        "updatedAt": when(updated),
        "test": False,
        "taxesIncluded": inclusive,
        "currencyCode": currency,
        "presentmentCurrencyCode": seen or currency,
        "totalTaxSet": r.sum(*taxes),
        "totalTipReceivedSet": r.bag(tip),
        "totalPriceSet": total,
        "lineItems": {"nodes": [_line(r, n, line) for n, line in enumerate(lines, 1)]},
        "shippingLines": {"nodes": [_ship(r, n, ship) for n, ship in enumerate(shipping, 1)]},
        "nonFulfillableLineItems": {
            "nodes": [{"id": f"gid://shopify/LineItem/{n}"} for n, line in enumerate(lines, 1) if line.tip]
        },
        "additionalFees": [
            {"id": f"gid://shopify/AdditionalFee/{n}", "name": "Import", "price": r.bag(fee), "taxLines": []}
            for n, fee in enumerate(fees, 1)
        ],
        "transactions": [_pay(r, n, pay) for n, pay in enumerate(pays, 1)],
        "refunds": [_back(r, n, back, pays) for n, back in enumerate(refunds, 1)],
        "returns": {
            "nodes": [
                {
                    "id": f"gid://shopify/Return/{n}",
                    "status": "CLOSED",
                    "createdAt": when(on),
                    "returnShippingFees": [{"id": "gid://shopify/Fee/1", "amountSet": r.bag(fee)}],
                }
                for n, (on, fee) in enumerate(returns, 1)
            ]
        },
        "agreements": {"nodes": [_agreed(r, n, agreed) for n, agreed in enumerate(agreements, 1)]},
    }
    if agreements:
        order["currentTotalPriceSet"] = r.sum(*(sale.total for agreed in agreements for sale in agreed.sales))
    return order | more


def _line(r: Render, n: int, line: Line) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/LineItem/{n}",
        "title": f"{line.title} {n}",
        "quantity": line.quantity,
        "currentQuantity": line.quantity if line.current is None else line.current,
        "sku": line.sku and f"{line.sku}-{n}",
        "isGiftCard": line.gift_card,
        "originalUnitPriceSet": r.bag(line.price),
        "originalTotalSet": r.bag(_times(line.price, line.quantity)),
        "discountAllocations": r.off(line.off, line.code),
        "taxLines": r.taxes(line.taxes, line.rate, line.liable),
        "duties": [{"id": f"gid://shopify/Duty/{n}", "price": r.bag(line.duty), "taxLines": []}]
        if line.duty
        else [],
    }


def _ship(r: Render, n: int, ship: Ship) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/ShippingLine/{n}",
        "title": "Standard",
        "originalPriceSet": r.bag(ship.price),
        "discountAllocations": r.off(ship.off),
        "taxLines": r.taxes(ship.taxes),
        "isRemoved": ship.removed,
    }


def _pay(r: Render, n: int, pay: Pay) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/OrderTransaction/{n}",
        "kind": pay.kind,
        "status": pay.status,
        "gateway": pay.gateway,
        "createdAt": when(pay.at),
        "processedAt": when(pay.at),
        "test": pay.test,
        "manualPaymentGateway": pay.manual,
        "amountSet": r.bag(pay.amount),
        "amountRoundingSet": None if pay.rounding is None else r.bag(pay.rounding),
        "parentTransaction": pay.parent and {"id": f"gid://shopify/OrderTransaction/{pay.parent}"},
        "authorizationExpiresAt": when(pay.expires) if pay.expires else None,
    }


def _back(r: Render, n: int, back: Back, pays: Sequence[Pay]) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/Refund/{n}",
        "createdAt": when(back.at),
        "processedAt": when(back.at),
        "return": back.of_return and {"id": f"gid://shopify/Return/{back.of_return}"},
        "duties": [{"amountSet": r.bag(duty)} for duty in back.duties],
        "transactions": {"nodes": [_pay(r, at, pays[at - 1]) for at in back.pays]},
        "refundLineItems": {
            "nodes": [
                {
                    "id": f"gid://shopify/RefundLineItem/{n}{at}",
                    "lineItem": {"id": f"gid://shopify/LineItem/{line}"},
                    "quantity": quantity,
                    "restockType": back.restock,
                    "restocked": back.restock != "NO_RESTOCK",
                    "subtotalSet": r.bag(subtotal),
                    "totalTaxSet": r.bag(tax),
                }
                for at, (line, quantity, subtotal, tax) in enumerate(back.lines)
            ]
        },
        "refundShippingLines": {
            "nodes": [
                {
                    "id": f"gid://shopify/RefundShippingLine/{n}{at}",
                    "shippingLine": {"id": "gid://shopify/ShippingLine/1"},
                    "subtotalAmountSet": r.bag(subtotal),
                    "taxAmountSet": r.bag(tax),
                }
                for at, (subtotal, tax) in enumerate(back.shipping)
            ]
        },
        "orderAdjustments": {
            "nodes": [
                {
                    "id": f"gid://shopify/OrderAdjustment/{n}{at}",
                    "amountSet": r.bag(amount),
                    "taxAmountSet": r.bag(tax),
                    "reason": "REFUND_DISCREPANCY",
                }
                for at, (amount, tax) in enumerate(back.adjustments)
            ]
        },
    }


def _agreed(r: Render, n: int, agreed: Agreed) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/SalesAgreement/{n}",
        "happenedAt": when(agreed.at),
        "reason": agreed.reason,
        "sales": {"nodes": [_sold(r, f"{n}{at}", sale) for at, sale in enumerate(agreed.sales)]},
    }


def _sold(r: Render, id_: str, sale: Sold) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/Sale/{id_}",
        "actionType": sale.action,
        "lineType": sale.type,
        "quantity": sale.quantity,
        "totalAmount": r.bag(sale.total),
        "totalTaxAmount": r.bag(sale.tax),
        "totalDiscountAmountBeforeTaxes": r.bag(sale.off),
        "taxes": [
            {"amount": r.bag(amount), "taxLine": {"title": title, "priceSet": r.bag(amount)}}
            for title, amount in sale.taxes.items()
        ],
        "lineItem": sale.line and {"id": f"gid://shopify/LineItem/{sale.line}"},
        "shippingLine": sale.ship and {"id": f"gid://shopify/ShippingLine/{sale.ship}"},
    }


SHOP = {
    "myshopifyDomain": "oak.myshopify.com",
    "currencyCode": "USD",
    "homeCurrency": "USD",
    "ianaTimezone": "America/New_York",
    "taxesIncluded": False,
}


def read(raw: Mapping[str, Any], **shop: str) -> Order:
    return read_order(raw, read_shop(SHOP | shop))


@dataclass
class Books:
    """One order's books: what was booked so far, by the same steps as `decide`."""

    settings: Settings = field(default_factory=lambda: Settings(merchant="oak"))
    receipts: bool = True
    events: tuple[Event, ...] = ()
    plans: tuple[Plan, ...] = ()
    holds: tuple[Hold, ...] = ()
    flags: tuple[Hold, ...] = ()
    entries: tuple[Entry, ...] = ()

    def book(self, order: Order) -> Books:
        self.holds = order_holds(order, self.settings, booked=bool(self.plans))
        if self.holds:
            return self
        events = timeline(order, self.events)
        placed = {member.event_key for plan in self.plans for member in plan.members}
        known = {event.key for event in self.events}
        fresh = [
            entry
            for entry in walk(order, events)
            if entry.event.key not in placed and (entry.postings or entry.event.key not in known)
        ]
        plans = shape(order, fresh, self.plans, receipts=self.receipts)
        prove(fresh, plans, order.currency)
        self.events, self.plans = events, (*self.plans, *plans)
        self.entries = (*self.entries, *fresh)
        self.flags = (*self.flags, *(flag for entry in fresh for flag in entry.flags))
        return self

    @property
    def postings(self) -> dict[str, dict[str, str]]:
        """Day -> role -> amount, zeros left out, as `postings --json` tells it."""
        sums: dict[str, dict[str, Money]] = {}
        for plan in self.plans:
            for posting in plan.postings:
                day = sums.setdefault(posting.on.isoformat()[5:], {})
                day[posting.role] = day.get(posting.role, posting.amount * 0) + posting.amount
        texts = {day: {role: m.text() for role, m in roles.items() if m} for day, roles in sums.items()}
        return {day: dict(sorted(roles.items())) for day, roles in sorted(texts.items()) if roles}

    @property
    def kinds(self) -> list[str]:
        return [str(plan.kind) for plan in self.plans]

    @property
    def reasons(self) -> list[str]:
        return [str(hold.reason) for hold in (*self.holds, *self.flags)]


def booked(raw: Mapping[str, Any], *, receipts: bool = True, **settings: Any) -> Books:
    """Read and book one order; settings are those of `Settings`, or `authorized` of the policy."""
    policy = Policy(authorized=settings.pop("authorized", "hold"))
    home = str(settings.pop("home_currency", raw["currencyCode"]))
    own = Settings(merchant="oak", policy=policy, home_currency=home, **settings)
    return Books(settings=own, receipts=receipts).book(read(raw))


def later(books: Books, raw: Mapping[str, Any]) -> Books:
    """Book a later snapshot into the same books."""
    return replace(books).book(read(raw))
