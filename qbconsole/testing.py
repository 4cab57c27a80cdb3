"""A pytest plugin for authors of merchant plugins: orders to try them on, and what they come to.

Installed with qbconsole and found by pytest by itself. Fixtures:

    an_order    builds an order: an_order(lines=[("MUG", 2, "12.00")], tags=("wholesale",))
    decided     decides it with your plugin: decided(order, plugins=["oak_ember"], folder="plugins")

`decided` gives a `decide.Decision`, the very value that booking keeps: documents with their names, who chose each,
and holds. `assert_balanced` checks the law that every accountant would check first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from qbconsole.decide import Decision
    from qbconsole.shop.orders import Order

MERCHANT = "oak-ember"
OrderBuilder = Callable[..., "Order"]
Decider = Callable[..., "Decision"]


@pytest.fixture
def an_order() -> OrderBuilder:
    """Build an order that adds up: lines of (sku, quantity, unit price), paid at once unless told otherwise."""
    return build_order


def build_order(
    *,
    lines: Sequence[tuple[str, int, str]] = (("MUG-BLUE", 1, "12.00"),),
    name: str = "#1001",
    currency: str = "USD",
    paid_by: str | None = "shopify_payments",
    **facts: Any,
) -> Order:
    """The order behind the fixture; `facts` are fields of `qbconsole.shop.orders.Order`."""
    from qbconsole.money import Money, total
    from qbconsole.shop.bag import Bag
    from qbconsole.shop.orders import Order, OrderLine, Shop, Tender

    def bag(amount: Money) -> Bag:
        return Bag(amount, amount)

    at = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)
    sold = tuple(
        OrderLine(
            id=str(number),
            title=sku,
            sku=sku,
            quantity=quantity,
            current_quantity=quantity,
            unit_price=bag(Money.of(price, currency)),
            total=bag(Money.of(price, currency) * quantity),
        )
        for number, (sku, quantity, price) in enumerate(lines, 1)
    )
    whole = bag(total((line.total.shop for line in sold), currency))
    tenders = (
        (Tender(id="501", kind="SALE", status="SUCCESS", gateway=paid_by, at=at, amount=whole),)
        if paid_by
        else ()
    )
    values: dict[str, Any] = {
        "id": "6001",
        "name": name,
        "shop": Shop(
            domain="oak-ember.myshopify.com",
            currency=currency,
            timezone="America/Los_Angeles",
            home_currency=currency,
        ),
        "at": at,
        "updated_at": at,
        "currency": currency,
        "presentment_currency": currency,
        "total": whole,
        "total_tax": None,
        "current_total": whole,
        "source": "web",
        "lines": sold,
        "tenders": tenders,
    }
    return Order(**values | facts)


@pytest.fixture
def decided() -> Decider:
    """Decide an order with the shipped mapping (or yours) and your plugins, as booking would."""
    return decide_order


def decide_order(
    order: Order,
    *,
    plugins: Iterable[str] = (),
    folder: str | Path = "plugins",
    mapping: str | None = None,
    merchant: str = MERCHANT,
) -> Decision:
    """The decision behind the fixture; raises PluginBroken as booking would meet it."""
    from qbconsole.bundled import bundled
    from qbconsole.company.snapshot import Company
    from qbconsole.decide import Case, DeskSpec, decide, desk_of
    from qbconsole.rules.mapping.edit import set_value
    from qbconsole.rules.mapping.read import read

    text = mapping if mapping is not None else bundled("mappings.toml").read_text(encoding="utf-8")
    names = ", ".join(f'"{name}"' for name in plugins)
    if names:
        text = set_value(text, f"merchants.{merchant}.plugins", f"[{names}]")
    templates = {path.name: path.read_text(encoding="utf-8") for path in bundled("templates").glob("*.j2")}
    settings = read(text).settings(merchant, home_currency=order.currency)
    desk = desk_of(
        DeskSpec(
            settings=settings,
            mapping_text=text,
            mapping_name="mappings.toml",
            plugin_folders=(str(folder),),
            templates=templates,
            shipped_templates=templates,
            company=Company(name="Sandbox"),
            taken={},
        )
    )
    return decide(Case(order=order), desk)


def assert_balanced(decision: Decision) -> None:
    """Fail unless every document's postings come to nothing."""
    from qbconsole.money import total

    for document in decision.documents:
        postings = document.named.accounts
        if postings:
            rest = total((row.amount for row in postings), postings[0].amount.currency)
            assert not rest, f"{document.named.plan.key} is {rest} out of balance"
