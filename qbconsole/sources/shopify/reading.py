"""Admin GraphQL JSON -> `shop` values. The only place that knows Shopify's field names for orders.

Lenient about what is absent (a field left out equals null, convention 30), strict about amounts: a text that is
no amount is an error naming the order and field. What an amount needs and is not there is listed in
`Order.missing`, and the order is held for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from qbconsole.errors import InputUnreadable
from qbconsole.money import Money, MoneyError, allocate
from qbconsole.shop.bag import Bag, bag_total
from qbconsole.shop.orders import (
    AdditionalFee,
    Agreement,
    Buyer,
    Discount,
    Duty,
    Order,
    OrderAdjustment,
    OrderLine,
    Refund,
    RefundLine,
    RefundShipping,
    Return,
    Sale,
    ShippingLine,
    Shop,
    TaxLine,
    Tender,
    Terms,
    zone,
)

Json = Mapping[str, Any]
#: Field of ours on an order that was pulled: the scopes for want of which products of its lines were withheld. All of
#: these are needed, of "read_a|read_b" one; "" is a scope that Shopify does not name.
WITHHELD = "withheldForWantOf"
#: The same of who bought, on which terms, for which company, and of returns: rows of a field's name and its scopes.
PARTS_WITHHELD = "partsWithheldForWantOf"
ALTERNATIVES = "|"
#: Shopify's agreement types, where `reason` was not asked for.
_REASONS = {
    "OrderAgreement": "ORDER",
    "OrderEditAgreement": "ORDER_EDIT",
    "RefundAgreement": "REFUND",
    "ReturnAgreement": "RETURN",
}


#: QuickBooks keeps ten digits before the point; the store counts smallest units in 64 bits.
_BEYOND = 10**13


@lru_cache(maxsize=65536)
def _money(amount: str, currency: str) -> Money:
    money = Money.of(amount, currency)
    if abs(money.amount) >= _BEYOND:
        raise ValueError(f"{amount!r} is more than any books hold")
    return money


@lru_cache(maxsize=65536)
def _cost(amount: str, currency: str) -> Money:
    """What a unit costs; a merchant may keep more decimals than the currency has."""
    return Money.rounded(Decimal(amount), currency)


@lru_cache(maxsize=65536)
def _plain(amount: str, currency: str) -> Bag:
    money = _money(amount, currency)
    return Bag(money, money)


def read_shop(raw: Json) -> Shop:
    """The `shop` object of an API answer or of a `pull --from-file` file."""
    domain = raw.get("myshopifyDomain")
    if not domain:
        raise InputUnreadable("the shop has no myshopifyDomain", where="shop")
    currency = str(raw.get("currencyCode") or "USD")
    timezone = str(raw.get("ianaTimezone") or "UTC")
    try:
        zone(timezone)
    except (KeyError, ValueError, OSError) as cause:  # ZoneInfoNotFoundError is a KeyError
        raise InputUnreadable(
            f"the shop's time zone {timezone!r} is none",
            where="shop.ianaTimezone",
            next='Give an IANA name such as "America/New_York".',
        ) from cause
    return Shop(
        domain=str(domain),
        currency=currency,
        timezone=timezone,
        home_currency=str(raw.get("homeCurrency") or currency),
        taxes_included=bool(raw.get("taxesIncluded")),
    )


def read_order(raw: Json, shop: Shop) -> Order:
    """One order. Raises InputUnreadable where an amount or time is none."""
    name = str(raw.get("name") or f"#{_id(raw)}")
    try:
        return _Reader(raw, shop).order(name)
    except (MoneyError, InvalidOperation, ValueError, TypeError, AttributeError, KeyError) as cause:
        raise InputUnreadable(
            f"order {name} cannot be read: {cause}",
            where=f"order {name}",
            next="Pull the order again; if it stays so, send its raw JSON with a report.",
        ) from cause


def _id(raw: Json) -> str:
    """legacyResourceId, else the GID's last part (convention 30)."""
    legacy = raw.get("legacyResourceId")
    return str(legacy) if legacy else str(raw.get("id") or "").rsplit("/", 1)[-1].split("?", 1)[0]


def _nodes(value: object) -> Sequence[Json]:
    """A connection, a list or nothing, as a list."""
    if not value:
        return ()
    if isinstance(value, Mapping):
        if "nodes" in value:
            return [node for node in value["nodes"] or () if node]
        return [edge["node"] for edge in value.get("edges") or () if edge and edge.get("node")]
    return [node for node in value if node] if isinstance(value, list) else ()


def _text(value: object) -> str:
    return str(value) if value is not None else ""


class _Reader:
    """Reads one order; knows its currencies, which an absent amount needs."""

    def __init__(self, raw: Json, shop: Shop) -> None:
        self.raw = raw
        self.shop = shop
        self.currency = self._seen("shopMoney") or str(raw.get("currencyCode") or shop.currency)
        self.presentment = self._seen("presentmentMoney") or str(
            raw.get("presentmentCurrencyCode") or self.currency
        )
        self.zero = Bag.zero(self.currency, self.presentment)

    def _seen(self, side: str) -> str:
        """The currency the order's own total is in: amounts tell more than a code beside them."""
        amounts = self.raw.get("totalPriceSet") or self.raw.get("currentTotalPriceSet") or {}
        seen = amounts.get(side) or amounts.get("shopMoney") or {}
        return str(seen.get("currencyCode") or "")

    def bag(self, value: Json | None) -> Bag:
        """A MoneyBag; without presentment money the shop's stands for both; nothing is zero."""
        if not value:
            return self.zero
        own = value["shopMoney"]
        seen = value.get("presentmentMoney") or own
        currency = own["currencyCode"]
        if currency != self.currency or seen["currencyCode"] != self.presentment:
            told = f"{currency} and {seen['currencyCode']}"
            raise MoneyError(f"an amount in {told} in an order in {self.currency} and {self.presentment}")
        if own["amount"] == seen["amount"] and currency == self.presentment:
            return _plain(_text(own["amount"]), currency)
        return Bag(_money(_text(own["amount"]), currency), _money(_text(seen["amount"]), self.presentment))

    def time(self, text: object) -> datetime:
        """A moment; a text without a time is a shop date already, so it is read at the shop's noon."""
        moment = datetime.fromisoformat(str(text))
        if len(str(text)) == len("2026-01-31"):
            return datetime.combine(moment.date(), time(12), zone(self.shop.timezone))
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def order(self, name: str) -> Order:
        raw = self.raw
        lines = self._lines()
        at = raw.get("processedAt") or raw.get("createdAt")
        total_tax = raw.get("totalTaxSet")
        total = self.bag(raw.get("totalPriceSet"))
        current = raw.get("currentTotalPriceSet")
        tip = self.bag(raw.get("totalTipReceivedSet"))
        return Order(
            id=_id(raw),
            name=name,
            shop=self.shop,
            at=self.time(at or raw.get("updatedAt") or "1970-01-01T00:00:00Z"),
            updated_at=self.time(raw.get("updatedAt") or at or "1970-01-01T00:00:00Z"),
            currency=self.currency,
            presentment_currency=self.presentment,
            total=total,
            total_tax=None if total_tax is None else self.bag(total_tax),
            current_total=None if current is None else self.bag(current),
            current_tax=self.bag(raw["currentTotalTaxSet"]) if raw.get("currentTotalTaxSet") else None,
            taxes_included=bool(raw.get("taxesIncluded")),
            test=bool(raw.get("test")),
            cancelled_at=self.time(raw["cancelledAt"]) if raw.get("cancelledAt") else None,
            fulfilled_at=self._fulfilled_at(),
            financial_status=_text(raw.get("displayFinancialStatus")),
            fulfillment_status=_text(raw.get("displayFulfillmentStatus")),
            source=_text(raw.get("sourceName")),
            location=_text((raw.get("retailLocation") or {}).get("name")),
            staff=_text((raw.get("staffMember") or {}).get("name")),
            province=self._province(),
            po_number=_text(raw.get("poNumber")),
            note=_text(raw.get("note")),
            tags=tuple(map(str, raw.get("tags") or ())),
            discount_codes=tuple(map(str, raw.get("discountCodes") or ())),
            buyer=self._buyer(),
            terms=self._terms(),
            lines=lines,
            shipping=tuple(
                self._shipping(row, at) for at, row in enumerate(_nodes(raw.get("shippingLines")))
            ),
            fees=tuple(self._fee(row) for row in _nodes(raw.get("additionalFees"))),
            tenders=tuple(self._tender(row, at) for at, row in enumerate(_nodes(raw.get("transactions")))),
            refunds=tuple(self._refund(row) for row in _nodes(raw.get("refunds"))),
            returns=tuple(self._return(row) for row in _nodes(raw.get("returns"))),
            agreements=tuple(self._agreement(row) for row in _nodes(raw.get("agreements"))),
            tip=tip if tip else None,
            tip_line_ids=self._tip_lines(tip),
            missing=self._missing(lines),
        )

    def _fulfilled_at(self) -> datetime | None:
        """The last fulfilment's moment; else when the order was closed, else when this was first seen."""
        raw = self.raw
        if raw.get("displayFulfillmentStatus") not in ("FULFILLED", "FULFILLMENT_NOT_REQUIRED"):
            return None
        rows = _nodes(raw.get("fulfillments"))
        told = [row.get("createdAt") for row in rows if row.get("status") in (None, "SUCCESS")]
        given = [self.time(moment) for moment in told if moment]
        last = raw.get("closedAt") or raw.get("updatedAt")
        return max(given) if given else self.time(last) if last else None

    def _missing(self, lines: Sequence[OrderLine]) -> tuple[str, ...]:
        """Fields without which the amounts cannot be known."""
        raw, missing = self.raw, []
        if raw.get("totalPriceSet") is None:
            missing.append("totalPriceSet")
        if raw.get("lineItems") is None and not lines and not _nodes(raw.get("agreements")):
            missing.append("lineItems")
        if not (raw.get("processedAt") or raw.get("createdAt")):
            missing.append("processedAt")
        if not _id(raw):
            missing.append("id")
        return tuple(missing)

    def _tip_lines(self, tip: Bag) -> tuple[str, ...]:
        """Lines that are the tip (convention 8)."""
        if not tip:
            return ()
        return tuple(_id(row) for row in _nodes(self.raw.get("nonFulfillableLineItems")))

    def _lines(self) -> tuple[OrderLine, ...]:
        rows = _nodes(self.raw.get("lineItems"))
        lines = [self._line(row, at) for at, row in enumerate(rows)]
        if rows and all(row.get("discountAllocations") is None for row in rows):
            lines = self._unallocated(lines)
        return tuple(lines)

    def _unallocated(self, lines: list[OrderLine]) -> list[OrderLine]:
        """Where allocations were not sent at all, what the subtotal lacks is spread over the lines."""
        subtotal = self.raw.get("subtotalPriceSet")
        if not self.raw.get("totalDiscountsSet") or subtotal is None:
            return lines
        off = bag_total((line.total for line in lines), self.zero) - self.bag(subtotal)
        if off.shop <= self.zero.shop:
            return lines
        shop = allocate(off.shop, [line.total.shop.amount for line in lines])
        seen = allocate(off.presentment, [line.total.presentment.amount for line in lines])
        title = ", ".join(map(str, self.raw.get("discountCodes") or ()))
        return [
            replace(line, discounts=(Discount(amount=Bag(own, other), title=title),))
            for line, own, other in zip(lines, shop, seen, strict=True)
        ]

    def _line(self, row: Json, at: int) -> OrderLine:
        quantity = int(row.get("quantity") or 0)
        unit = self.bag(row.get("originalUnitPriceSet"))
        total = row.get("originalTotalSet")
        current = row.get("currentQuantity")
        variant = row.get("variant") or {}
        stock = variant.get("inventoryItem") or {}
        cost = stock.get("unitCost")
        return OrderLine(
            id=_id(row) or f"line{at + 1}",
            title=_text(row.get("title") or row.get("name")),
            quantity=quantity,
            current_quantity=quantity if current is None else int(current),
            unit_price=unit,
            total=unit * quantity if total is None else self.bag(total),
            sku=_text(row.get("sku")).strip() or None,
            variant_id=_id(variant) or None,
            barcode=_text(variant.get("barcode")).strip() or None,
            product_type=(row.get("product") or {}).get("productType") or None,
            vendor=row.get("vendor") or None,
            is_gift_card=bool(row.get("isGiftCard")),
            taxable=row.get("taxable") is not False,
            requires_shipping=row.get("requiresShipping") is not False,
            tracked=bool(stock.get("tracked")),
            is_withheld=not stock and bool(self.raw.get(WITHHELD)),
            unit_cost=_cost(_text(cost["amount"]), cost["currencyCode"]) if cost else None,
            discounts=self._discounts(row),
            taxes=self._taxes(row),
            duties=tuple(self._duty(duty) for duty in row.get("duties") or ()),
        )

    def _duty(self, row: Json) -> Duty:
        return Duty(id=_id(row), amount=self.bag(row.get("price")), taxes=self._taxes(row))

    def _fee(self, row: Json) -> AdditionalFee:
        return AdditionalFee(
            id=_id(row), name=_text(row.get("name")), price=self.bag(row.get("price")), taxes=self._taxes(row)
        )

    def _discounts(self, row: Json) -> tuple[Discount, ...]:
        found = []
        for given in row.get("discountAllocations") or ():
            how = given.get("discountApplication") or {}
            title = _text(how.get("code") or how.get("title"))
            found.append(Discount(amount=self.bag(given.get("allocatedAmountSet")), title=title))
        return tuple(found)

    def _taxes(self, row: Json) -> tuple[TaxLine, ...]:
        return tuple(self._tax(tax) for tax in row.get("taxLines") or ())

    def _tax(self, row: Json, amount: Json | None = None) -> TaxLine:
        rate = row.get("rate")
        return TaxLine(
            title=_text(row.get("title")),
            amount=self.bag(amount or row.get("priceSet")),
            channel_liable=bool(row.get("channelLiable")),
            rate=None if rate is None else Decimal(str(rate)),
        )

    def _shipping(self, row: Json, at: int) -> ShippingLine:
        price = row.get("originalPriceSet")
        discounts = self._discounts(row)
        if not discounts and row.get("discountAllocations") is None and row.get("discountedPriceSet"):
            off = self.bag(price) - self.bag(row.get("discountedPriceSet"))
            discounts = (Discount(amount=off),) if off else ()
        return ShippingLine(
            id=_id(row) or f"shipping{at + 1}",
            title=_text(row.get("title")),
            price=self.bag(price),
            discounts=discounts,
            taxes=self._taxes(row),
            is_removed=bool(row.get("isRemoved")),
        )

    def _tender(self, row: Json, at: int) -> Tender:
        rounding = row.get("amountRoundingSet")
        moment = row.get("processedAt") or row.get("createdAt") or self.raw.get("processedAt")
        return Tender(
            id=_id(row) or f"{_id(self.raw)}.{at + 1}",
            kind=_text(row.get("kind")),
            status=_text(row.get("status")),
            gateway=_text(row.get("gateway")),
            at=self.time(moment or self.raw.get("updatedAt") or "1970-01-01T00:00:00Z"),
            amount=self.bag(row.get("amountSet")),
            rounding=None if rounding is None else self.bag(rounding),
            test=bool(row.get("test")),
            manual=bool(row.get("manualPaymentGateway")),
            parent_id=_id(row.get("parentTransaction") or {}) or None,
            expires_at=self._expiry(row),
        )

    def _expiry(self, row: Json) -> datetime | None:
        expires = row.get("authorizationExpiresAt")
        return self.time(expires) if expires else None

    def _refund(self, row: Json) -> Refund:
        moment = row.get("processedAt") or row.get("createdAt") or self.raw.get("updatedAt")
        total = row.get("totalRefundedSet")
        tenders = (_id(tender) for tender in _nodes(row.get("transactions")))
        return Refund(
            id=_id(row),
            at=self.time(moment),
            lines=tuple(self._refund_line(line) for line in _nodes(row.get("refundLineItems"))),
            shipping=tuple(self._refund_shipping(line) for line in _nodes(row.get("refundShippingLines"))),
            adjustments=tuple(self._adjustment(line) for line in _nodes(row.get("orderAdjustments"))),
            duties=tuple(self.bag(duty.get("amountSet")) for duty in _nodes(row.get("duties"))),
            tender_ids=tuple(filter(None, tenders)),
            total=None if total is None else self.bag(total),
            note=_text(row.get("note")),
            return_id=_id(row.get("return") or {}) or None,
        )

    def _refund_line(self, row: Json) -> RefundLine:
        return RefundLine(
            id=_id(row),
            line_id=_id(row.get("lineItem") or {}),
            quantity=int(row.get("quantity") or 0),
            restock_type=_text(row.get("restockType")),
            subtotal=self.bag(row.get("subtotalSet")),
            tax=self.bag(row.get("totalTaxSet")),
            restocked=bool(row.get("restocked")),
        )

    def _refund_shipping(self, row: Json) -> RefundShipping:
        return RefundShipping(
            id=_id(row),
            subtotal=self.bag(row.get("subtotalAmountSet")),
            tax=self.bag(row.get("taxAmountSet")),
            shipping_line_id=_id(row.get("shippingLine") or {}) or None,
        )

    def _adjustment(self, row: Json) -> OrderAdjustment:
        return OrderAdjustment(
            id=_id(row),
            amount=self.bag(row.get("amountSet")),
            tax=self.bag(row.get("taxAmountSet")),
            reason=_text(row.get("reason")),
        )

    def _return(self, row: Json) -> Return:
        fees = [fee.get("amountSet") for fee in _nodes(row.get("returnShippingFees"))]
        lines = _nodes(row.get("returnLineItems"))
        fees += [(line.get("restockingFee") or {}).get("amountSet") for line in lines]
        return Return(
            id=_id(row),
            at=self.time(row.get("createdAt") or self.raw.get("updatedAt")),
            status=_text(row.get("status")),
            fees=tuple(self.bag(fee) for fee in fees if fee),
        )

    def _agreement(self, row: Json) -> Agreement:
        return Agreement(
            id=_id(row),
            at=self.time(row.get("happenedAt")),
            reason=_text(row.get("reason")) or _REASONS.get(_text(row.get("__typename")), ""),
            sales=tuple(self._sale(sale) for sale in _nodes(row.get("sales"))),
        )

    def _sale(self, row: Json) -> Sale:
        quantity = row.get("quantity")
        return Sale(
            id=_id(row),
            action=_text(row.get("actionType")),
            line_type=_text(row.get("lineType")),
            total=self.bag(row.get("totalAmount")),
            tax=self.bag(row.get("totalTaxAmount")),
            discount_before_tax=self.bag(row.get("totalDiscountAmountBeforeTaxes")),
            quantity=None if quantity is None else int(quantity),
            taxes=tuple(
                self._tax(tax.get("taxLine") or {}, tax.get("amount")) for tax in row.get("taxes") or ()
            ),
            line_id=_id(row.get("lineItem") or {}) or None,
            shipping_line_id=_id(row.get("shippingLine") or {}) or None,
        )

    def _buyer(self) -> Buyer:
        customer = self.raw.get("customer") or {}
        entity = self.raw.get("purchasingEntity") or {}
        email = (customer.get("defaultEmailAddress") or {}).get("emailAddress") or customer.get("email")
        return Buyer(
            id=_id(customer),
            name=_text(customer.get("displayName")),
            email=_text(email),
            company=_text((entity.get("company") or {}).get("name")),
            company_location=_text((entity.get("location") or {}).get("name")),
        )

    def _province(self) -> tuple[str, ...]:
        address = self.raw.get("shippingAddress") or {}
        return tuple(text for name in ("provinceCode", "province") if (text := _text(address.get(name))))

    def _terms(self) -> Terms | None:
        raw = self.raw.get("paymentTerms")
        if not raw:
            return None
        due = [row["dueAt"] for row in _nodes(raw.get("paymentSchedules")) if row.get("dueAt")]
        days = raw.get("dueInDays")
        return Terms(
            name=_text(raw.get("paymentTermsName")),
            due_in_days=None if days is None else int(days),
            due_on=self._last_day(due),
        )

    def _last_day(self, moments: Iterable[str]) -> date | None:
        return max((self.shop.day(self.time(moment)) for moment in moments), default=None)
