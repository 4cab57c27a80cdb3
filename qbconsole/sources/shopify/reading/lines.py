"""What was sold: lines, shipping and fees, with what was taken off them and their taxes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from qbconsole.money import allocate
from qbconsole.shop.bag import Bag, bag_total
from qbconsole.shop.orders import AdditionalFee, Discount, Duty, OrderLine, ShippingLine, TaxLine
from qbconsole.sources.shopify.reading.reader import Reader, cost_of
from qbconsole.sources.shopify.reading.told import Json, id_of, nodes, text_of
from qbconsole.sources.shopify.reading.withholding import WITHHELD


def order_lines(read: Reader) -> tuple[OrderLine, ...]:
    """What was sold, line by line."""
    rows = nodes(read.raw.get("lineItems"))
    lines = [_line(read, row, at) for at, row in enumerate(rows)]
    if rows and all(row.get("discountAllocations") is None for row in rows):
        lines = _unallocated(read, lines)
    return tuple(lines)


def _unallocated(read: Reader, lines: list[OrderLine]) -> list[OrderLine]:
    """Where allocations were not sent at all, what the subtotal lacks is spread over the lines."""
    subtotal = read.raw.get("subtotalPriceSet")
    if not read.raw.get("totalDiscountsSet") or subtotal is None:
        return lines
    off = bag_total((line.total for line in lines), read.zero) - read.bag(subtotal)
    if off.shop <= read.zero.shop:
        return lines
    shop = allocate(off.shop, [line.total.shop.amount for line in lines])
    seen = allocate(off.presentment, [line.total.presentment.amount for line in lines])
    title = ", ".join(map(str, read.raw.get("discountCodes") or ()))
    return [
        replace(line, discounts=(Discount(amount=Bag(own, other), title=title),))
        for line, own, other in zip(lines, shop, seen, strict=True)
    ]


def _line(read: Reader, row: Json, at: int) -> OrderLine:
    quantity = int(row.get("quantity") or 0)
    unit = read.bag(row.get("originalUnitPriceSet"))
    total = row.get("originalTotalSet")
    current = row.get("currentQuantity")
    variant = row.get("variant") or {}
    stock = variant.get("inventoryItem") or {}
    cost = stock.get("unitCost")
    return OrderLine(
        id=id_of(row) or f"line{at + 1}",
        title=text_of(row.get("title") or row.get("name")),
        quantity=quantity,
        current_quantity=quantity if current is None else int(current),
        unit_price=unit,
        total=unit * quantity if total is None else read.bag(total),
        sku=text_of(row.get("sku")).strip() or None,
        variant_id=id_of(variant) or None,
        barcode=text_of(variant.get("barcode")).strip() or None,
        product_type=(row.get("product") or {}).get("productType") or None,
        vendor=row.get("vendor") or None,
        is_gift_card=bool(row.get("isGiftCard")),
        taxable=row.get("taxable") is not False,
        requires_shipping=row.get("requiresShipping") is not False,
        tracked=bool(stock.get("tracked")),
        is_withheld=not stock and bool(read.raw.get(WITHHELD)),
        unit_cost=cost_of(text_of(cost["amount"]), cost["currencyCode"]) if cost else None,
        discounts=discounts_of(read, row),
        taxes=taxes_of(read, row),
        duties=tuple(_duty(read, duty) for duty in row.get("duties") or ()),
    )


def shipping_line(read: Reader, row: Json, at: int) -> ShippingLine:
    """Shipping as it was chosen; without allocations, what its discounted price says was taken off."""
    price = row.get("originalPriceSet")
    discounts = discounts_of(read, row)
    if not discounts and row.get("discountAllocations") is None and row.get("discountedPriceSet"):
        off = read.bag(price) - read.bag(row.get("discountedPriceSet"))
        discounts = (Discount(amount=off),) if off else ()
    return ShippingLine(
        id=id_of(row) or f"shipping{at + 1}",
        title=text_of(row.get("title")),
        price=read.bag(price),
        discounts=discounts,
        taxes=taxes_of(read, row),
        is_removed=bool(row.get("isRemoved")),
    )


def additional_fee(read: Reader, row: Json) -> AdditionalFee:
    """A fee the shop calls by a name of its own."""
    return AdditionalFee(
        id=id_of(row),
        name=text_of(row.get("name")),
        price=read.bag(row.get("price")),
        taxes=taxes_of(read, row),
    )


def _duty(read: Reader, row: Json) -> Duty:
    return Duty(id=id_of(row), amount=read.bag(row.get("price")), taxes=taxes_of(read, row))


def discounts_of(read: Reader, row: Json) -> tuple[Discount, ...]:
    """What was taken off a line or shipping, with the code or title it was given by."""
    found = []
    for given in row.get("discountAllocations") or ():
        how = given.get("discountApplication") or {}
        title = text_of(how.get("code") or how.get("title"))
        found.append(Discount(amount=read.bag(given.get("allocatedAmountSet")), title=title))
    return tuple(found)


def taxes_of(read: Reader, row: Json) -> tuple[TaxLine, ...]:
    """The taxes on a line, on shipping, on a duty or a fee."""
    return tuple(tax_line(read, tax) for tax in row.get("taxLines") or ())


def tax_line(read: Reader, row: Json, amount: Json | None = None) -> TaxLine:
    """One tax; `amount` where it stands beside the tax and not in it."""
    rate = row.get("rate")
    return TaxLine(
        title=text_of(row.get("title")),
        amount=read.bag(amount or row.get("priceSet")),
        channel_liable=bool(row.get("channelLiable")),
        rate=None if rate is None else Decimal(str(rate)),
    )
