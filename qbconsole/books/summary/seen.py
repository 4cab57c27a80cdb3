"""A shop day seen as one order of its channel and location, so that the same rules choose its names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time

from qbconsole.books.plan import Plan, PlanLine, Product
from qbconsole.books.summary.pool import Pool
from qbconsole.shop.bag import Bag
from qbconsole.shop.orders import Order, OrderLine, Shop


def seen_as_order(pool: Pool, shop: Shop, plans: Iterable[Plan]) -> Order:
    """The stand-in: its lines are the products of these documents, for the rules to look at."""
    at = datetime.combine(pool.on, time(12), UTC)
    zero = Bag.zero(pool.currency, pool.currency)
    products = {
        line.line_id: (line, line.product)
        for plan in plans
        for line in plan.lines
        if line.line_id and line.product is not None
    }
    return Order(
        id=pool.source_id,
        name=pool.words,
        shop=shop,
        at=at,
        updated_at=at,
        currency=pool.currency,
        presentment_currency=pool.currency,
        total=zero,
        total_tax=None,
        current_total=None,
        source=pool.source,
        location=pool.location,
        lines=tuple(_line(line, product, zero) for line, product in products.values()),
    )


def _line(line: PlanLine, product: Product, zero: Bag) -> OrderLine:
    units = abs(line.quantity or 0)
    return OrderLine(
        id=line.line_id or "",
        title=line.label,
        quantity=units,
        current_quantity=units,
        unit_price=zero,
        total=zero,
        sku=product.sku or None,
        variant_id=product.variant_id or None,
        barcode=product.barcode or None,
        product_type=product.product_type or None,
        vendor=product.vendor or None,
        tracked=product.tracked,
        unit_cost=product.unit_cost,
    )
