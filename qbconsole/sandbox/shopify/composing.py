"""Composes one order in the Admin API's shape: lines, discounts, shipping, taxes, tip, sales agreement.

Whatever is composed satisfies the identities of reference/accounting.md section 5 in both currencies. Tenders
are added by `tenders`, later changes by `changes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from qbconsole.sandbox.shopify.amounts import ZERO, Pair, Tongue, ratio, read, shares, total

#: A million: tax rates are whole millionths.
MILLION = 1_000_000
Raw = dict[str, Any]


class Ids:
    """Hands out global ids; each kind counts on from one base, so that shops never share one."""

    def __init__(self, base: int) -> None:
        self._next = base

    def take(self, kind: str) -> str:
        """The next id, as a GID of this kind."""
        self._next += 1
        return f"gid://shopify/{kind}/{self._next}"


def stamp(at: datetime) -> str:
    """A point in time as the Admin API writes it."""
    return at.astimezone(UTC).isoformat()[:19] + "Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line to be sold; `listing` are the line's fields that name the product."""

    listing: Raw
    price: int
    quantity: int
    taxable: bool = True
    gift_card: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """One discount: on one line, across the lines, or on the shipping; `percent` or a fixed `amount`."""

    target: str
    kind: str
    label: str
    percent: int = 0
    amount: int = 0
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What an order should look like before anybody pays."""

    name: str
    number: int
    created: datetime
    processed: datetime
    currency: str
    buyer_currency: str
    #: Buyer's units for a million of the shop's smallest units.
    buyer_rate: int = MILLION
    items: Sequence[Item]
    discounts: Sequence[Discount] = ()
    shipping: Sequence[tuple[str, str, int]] = ()
    taxes: Sequence[tuple[str, int]] = ()
    taxes_included: bool = False
    tip: int = 0
    agreements: bool = True
    taxes_listed: bool = True
    #: Head fields that carry no money: source, customer, note, test and the like.
    head: Raw = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class _Part:
    """A line or shipping line under construction."""

    price: Pair
    taxable: bool
    allocations: list[tuple[Pair, int]] = field(default_factory=list)
    taxes: list[Pair] = field(default_factory=list)

    @property
    def net(self) -> Pair:
        """After discounts; with tax where prices include it."""
        return self.price - total(amount for amount, _ in self.allocations)


def compose(wish: Wish, ids: Ids) -> Raw:
    """Build the raw order; its tenders are still empty and its standing is not yet settled."""
    tongue = Tongue(wish.currency, wish.buyer_currency)
    lines = [
        _Part(price=_priced(wish, item.price).times(item.quantity), taxable=item.taxable)
        for item in wish.items
    ]
    ships = [_Part(price=_priced(wish, price), taxable=True) for _, _, price in wish.shipping]
    applications = [_application(discount, index) for index, discount in enumerate(wish.discounts)]
    for index, discount in enumerate(wish.discounts):
        _discount(wish, discount, index, lines, ships)
    for part in (*lines, *ships):
        part.taxes = _taxes(wish, part)
    order = _head(wish, ids)
    order["lineItems"] = {
        "nodes": [_line(wish, i, lines[i], applications, tongue, ids) for i in range(len(lines))]
    }
    order["shippingLines"] = {
        "nodes": [_ship(wish, i, ships[i], applications, tongue, ids) for i in range(len(ships))]
    }
    tip = _priced(wish, wish.tip)
    order["nonFulfillableLineItems"] = {"nodes": _tip(order, tip, tongue, ids) if wish.tip else []}
    _totals(order, wish, lines, ships, tip, tongue)
    order["agreements"] = {"nodes": [_agreement(order, wish, ids)] if wish.agreements else []}
    return order


def _priced(wish: Wish, amount: int) -> Pair:
    return Pair(amount, ratio(amount, wish.buyer_rate, MILLION))


def _discount(wish: Wish, discount: Discount, index: int, lines: list[_Part], ships: list[_Part]) -> None:
    chosen = {
        "line": lines[discount.line : discount.line + 1],
        "order": [part for part, item in zip(lines, wish.items, strict=True) if not item.gift_card],
        "shipping": ships,
    }[discount.target]
    open_amounts = [part.net for part in chosen]
    whole = total(open_amounts)
    given = (
        whole.times(discount.percent, 100)
        if discount.percent
        else _priced(wish, discount.amount).least(whole)
    )
    for part, share in zip(chosen, shares(given, open_amounts), strict=True):
        if share:
            part.allocations.append((share, index))


def _taxes(wish: Wish, part: _Part) -> list[Pair]:
    if not part.taxable or not wish.taxes:
        return []
    rates = [rate for _, rate in wish.taxes]
    if not wish.taxes_included:
        return [part.net.times(rate, MILLION) for rate in rates]
    whole = part.net.times(sum(rates), MILLION + sum(rates))
    return shares(whole, [Pair(rate, rate) for rate in rates])


def tax_line(title: str, rate: int, amount: Pair, tongue: Tongue) -> Raw:
    """One tax line; its rate is for display only."""
    return {
        "title": title,
        "rate": rate / MILLION,
        "ratePercentage": rate / 10_000,
        "channelLiable": False,
        "source": "Shopify",
        "priceSet": tongue.bag(amount),
    }


def _tax_lines(wish: Wish, part: _Part, tongue: Tongue) -> list[Raw]:
    return [
        tax_line(title, rate, amount, tongue)
        for (title, rate), amount in zip(wish.taxes, part.taxes, strict=False)
    ]


def _application(discount: Discount, index: int) -> Raw:
    shipping = discount.target == "shipping"
    across = discount.target == "order"
    name = "code" if discount.kind == "DiscountCodeApplication" else "title"
    return {
        "__typename": discount.kind,
        "targetType": "SHIPPING_LINE" if shipping else "LINE_ITEM",
        "targetSelection": "ALL" if across or shipping else "EXPLICIT",
        "allocationMethod": "ACROSS" if across else "EACH" if shipping else "ONE",
        "index": index,
        name: discount.label,
    }


def _allocations(part: _Part, applications: list[Raw], tongue: Tongue) -> list[Raw]:
    return [
        {"allocatedAmountSet": tongue.bag(amount), "discountApplication": applications[index]}
        for amount, index in part.allocations
    ]


def _line(wish: Wish, at: int, part: _Part, applications: list[Raw], tongue: Tongue, ids: Ids) -> Raw:
    item = wish.items[at]
    return {
        "id": ids.take("LineItem"),
        **item.listing,
        "quantity": item.quantity,
        "currentQuantity": item.quantity,
        "nonFulfillableQuantity": 0,
        "isGiftCard": item.gift_card,
        "taxable": item.taxable,
        "originalUnitPriceSet": tongue.bag(_priced(wish, item.price)),
        "originalTotalSet": tongue.bag(part.price),
        "discountAllocations": _allocations(part, applications, tongue),
        "taxLines": _tax_lines(wish, part, tongue),
        "duties": [],
    }


def _ship(wish: Wish, at: int, part: _Part, applications: list[Raw], tongue: Tongue, ids: Ids) -> Raw:
    title, code, _ = wish.shipping[at]
    return {
        "id": ids.take("ShippingLine"),
        "title": title,
        "code": code,
        "isRemoved": False,
        "originalPriceSet": tongue.bag(part.price),
        "discountedPriceSet": tongue.bag(part.net),
        "discountAllocations": _allocations(part, applications, tongue),
        "taxLines": _tax_lines(wish, part, tongue),
    }


def _tip(order: Raw, tip: Pair, tongue: Tongue, ids: Ids) -> list[Raw]:
    """A tip is also a line that cannot be fulfilled (shopify-api.md section 4); returns what names it."""
    line: Raw = {
        "id": ids.take("LineItem"),
        **unlisted("Tip", ships=False),
        "quantity": 1,
        "currentQuantity": 1,
        "nonFulfillableQuantity": 1,
        "isGiftCard": False,
        "taxable": False,
        "originalUnitPriceSet": tongue.bag(tip),
        "originalTotalSet": tongue.bag(tip),
        "discountAllocations": [],
        "taxLines": [],
        "duties": [],
    }
    order["lineItems"]["nodes"].append(line)
    return [{"id": line["id"], "title": "Tip"}]


def unlisted(title: str, *, ships: bool) -> Raw:
    """The naming fields of a line that is no product: custom lines and tips."""
    return {
        "title": title,
        "variantTitle": None,
        "name": title,
        "sku": None,
        "vendor": None,
        "product": None,
        "variant": None,
        "requiresShipping": ships,
    }


def _head(wish: Wish, ids: Ids) -> Raw:
    order_id = ids.take("Order")
    created = stamp(wish.created)
    return {
        "id": order_id,
        "legacyResourceId": order_id.rpartition("/")[2],
        "name": wish.name,
        "number": wish.number,
        "createdAt": created,
        "processedAt": stamp(wish.processed),
        "updatedAt": created,
        "cancelledAt": None,
        "closedAt": None,
        "cancelReason": None,
        "edited": False,
        "confirmed": True,
        "taxesIncluded": wish.taxes_included,
        "taxExempt": False,
        "dutiesIncluded": False,
        "currencyCode": wish.currency,
        "presentmentCurrencyCode": wish.buyer_currency,
        "returnStatus": "NO_RETURN",
        "discountCodes": [d.label for d in wish.discounts if d.kind == "DiscountCodeApplication"],
        "additionalFees": [],
        "transactions": [],
        "refunds": [],
        "returns": {"nodes": []},
        "disputes": [],
        **wish.head,
    }


def _totals(
    order: Raw, wish: Wish, lines: list[_Part], ships: list[_Part], tip: Pair, tongue: Tongue
) -> None:
    """Write the totals that later changes leave alone."""
    subtotal, shipping = total(part.net for part in lines), total(part.net for part in ships)
    tax = total(amount for part in (*lines, *ships) for amount in part.taxes)
    discounts = total(amount for part in (*lines, *ships) for amount, _ in part.allocations)
    grand = subtotal + shipping + tip + (ZERO if wish.taxes_included else tax)
    order |= {
        "subtotalPriceSet": tongue.bag(subtotal),
        "totalDiscountsSet": tongue.bag(discounts),
        "totalShippingPriceSet": tongue.bag(shipping),
        "totalTaxSet": tongue.bag(tax),
        "totalTipReceivedSet": tongue.bag(tip),
        "totalPriceSet": tongue.bag(grand),
        "originalTotalPriceSet": tongue.bag(grand),
        "originalTotalDutiesSet": None,
        "currentTotalDutiesSet": None,
        "originalTotalAdditionalFeesSet": None,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """The amounts of one sale, signed: negative when something is taken back."""

    #: After discount; with tax where prices include it.
    net: Pair
    discount: Pair
    taxes: Sequence[Pair]


def sale(
    order: Raw, part: Raw, kind: str, action: str, quantity: int | None, sold: Sold, ids: Ids, *, listed: bool
) -> Raw:
    """One Sale about a line or shipping line, after tax and discount (shopify-api.md section 3)."""
    tongue = Tongue(order["currencyCode"], order["presentmentCurrencyCode"])
    tax = total(sold.taxes)
    gross = sold.net if order["taxesIncluded"] else sold.net + tax
    before, after = _discount_sides(order, part, sold, tax)
    shipping = kind == "SHIPPING"
    typename = {"SHIPPING": "ShippingLineSale", "GIFT_CARD": "GiftCardSale", "TIP": "TipSale"}.get(
        kind, "ProductSale"
    )
    return {
        "__typename": typename,
        "id": ids.take("Sale"),
        "actionType": action,
        "lineType": kind,
        "quantity": quantity,
        "totalAmount": tongue.bag(gross),
        "totalTaxAmount": tongue.bag(tax),
        "totalDiscountAmountBeforeTaxes": tongue.bag(before),
        "totalDiscountAmountAfterTaxes": tongue.bag(after),
        "taxes": [
            {"id": ids.take("SaleTax"), "amount": tongue.bag(amount), "taxLine": line}
            for amount, line in zip(sold.taxes, part["taxLines"], strict=True)
        ]
        if listed
        else [],
        "shippingLine" if shipping else "lineItem": {"id": part["id"]},
    }


def _discount_sides(order: Raw, part: Raw, sold: Sold, tax: Pair) -> tuple[Pair, Pair]:
    """The discount before and after tax; with inclusive prices by accounting.md section 4."""
    discount = sold.discount
    rate = sum(round(line["rate"] * MILLION) for line in part["taxLines"])
    if not discount or not rate:
        return discount, discount
    if not order["taxesIncluded"]:
        return discount, discount + discount.times(rate, MILLION)
    return Pair(
        _before(discount.shop, sold.net.shop, tax.shop, rate),
        _before(discount.buyer, sold.net.buyer, tax.buyer, rate),
    ), discount


def _before(discount: int, net: int, tax: int, rate: int) -> int:
    return ratio(discount, net - tax, net) if net else ratio(discount, MILLION, MILLION + rate)


def line_kind(order: Raw, line: Raw) -> str:
    """The lineType a Sale about this line has."""
    if line["isGiftCard"]:
        return "GIFT_CARD"
    tips = {tip["id"] for tip in order["nonFulfillableLineItems"]["nodes"]}
    return "TIP" if line["id"] in tips else "PRODUCT"


def discounted(part: Raw) -> Pair:
    """The sum of a line's or shipping line's discount allocations."""
    return total(read(allocation["allocatedAmountSet"]) for allocation in part["discountAllocations"])


def whole(part: Raw, price: str) -> Sold:
    """All of a line (`originalTotalSet`) or shipping line (`originalPriceSet`), as first sold."""
    discount = discounted(part)
    taxes = [read(line["priceSet"]) for line in part["taxLines"]]
    return Sold(net=read(part[price]) - discount, discount=discount, taxes=taxes)


def _agreement(order: Raw, wish: Wish, ids: Ids) -> Raw:
    listed = wish.taxes_listed
    sales = [
        sale(
            order,
            line,
            line_kind(order, line),
            "ORDER",
            line["quantity"],
            whole(line, "originalTotalSet"),
            ids,
            listed=listed,
        )
        for line in order["lineItems"]["nodes"]
    ]
    sales += [
        sale(order, ship, "SHIPPING", "ORDER", None, whole(ship, "originalPriceSet"), ids, listed=listed)
        for ship in order["shippingLines"]["nodes"]
    ]
    return {
        "__typename": "OrderAgreement",
        "id": ids.take("SalesAgreement"),
        "happenedAt": order["processedAt"],
        "reason": "ORDER",
        "sales": {"nodes": sales},
    }
