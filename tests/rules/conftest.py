"""A small shop to ask about: orders, lines and merchants as the rules see them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from qbconsole.books.plan import LineKind, PlanLine
from qbconsole.money import Money
from qbconsole.rules.asking import Asking
from qbconsole.rules.mapping.read import read
from qbconsole.rules.registry import load_plugins
from qbconsole.shop.bag import Bag
from qbconsole.shop.events import EventKind, SaleEvent
from qbconsole.shop.orders import Buyer, Order, OrderLine, ShippingLine, Shop, Tender

SHOP = Shop(
    domain="oak-ember.myshopify.com", currency="USD", timezone="America/Los_Angeles", home_currency="USD"
)
HEAD = """schema = 1
[companies.oak]
name = "Oak & Ember LLC"
[merchants.oak]
company = "oak"
shop = "oak-ember.myshopify.com"
"""


def bag(amount: str) -> Bag:
    money = Money.of(amount, "USD")
    return Bag(money, money)


class World:
    """Makes what a test asks about."""

    head = HEAD

    def __init__(self, tmp_path: Path) -> None:
        self.plugins = tmp_path / "plugins"
        self.plugins.mkdir()

    def sale(self, id: str = "1", sku: str | None = "MUG-1", **more) -> OrderLine:
        given = {"title": "Mug", "quantity": 1, "current_quantity": 1, **more}
        return OrderLine(id=id, sku=sku, unit_price=bag("10"), total=bag("10"), **given)

    def order(self, *lines: OrderLine, total: str = "10", **more) -> Order:
        moment = datetime(2026, 5, 1, 18, 0, tzinfo=UTC)
        given = {"id": "7", "name": "#1007", "at": moment, "updated_at": moment, "source": "web", **more}
        return Order(
            shop=SHOP,
            currency="USD",
            presentment_currency="USD",
            total=bag(total),
            total_tax=bag("0"),
            current_total=bag(total),
            lines=lines or (self.sale(),),
            **given,
        )

    def line(
        self, role: str = "sales_income", kind: LineKind = LineKind.PRODUCT, amount: str = "10", **more
    ) -> PlanLine:
        given = {"line_id": "1" if kind is LineKind.PRODUCT else None, **more}
        return PlanLine(kind=kind, role=role, amount=Money.of(amount, "USD"), **given)

    def tax(self, title: str, role: str = "sales_tax_payable") -> PlanLine:
        return PlanLine(kind=LineKind.TAX, role=role, amount=Money.of("1", "USD"), tax_title=title)

    def tender(self, gateway: str) -> Tender:
        moment = datetime(2026, 5, 1, 18, 0, tzinfo=UTC)
        return Tender(id="9", kind="SALE", status="SUCCESS", gateway=gateway, at=moment, amount=bag("10"))

    def shipping(self, *titles: str) -> tuple[ShippingLine, ...]:
        return tuple(ShippingLine(id=str(n), title=title, price=bag("5")) for n, title in enumerate(titles))

    def buyer(self, **more: str) -> Buyer:
        return Buyer(**more)

    def event(self, on: date = date(2026, 5, 1)) -> SaleEvent:
        moment = datetime(on.year, on.month, on.day, 20, 0, tzinfo=UTC)
        return SaleEvent(key="order/7", kind=EventKind.ORDER, at=moment, on=on, parts=())

    def plugin(self, text: str, name: str = "oak_plugin") -> str:
        path = self.plugins / f"{name}.py"
        path.write_text(text)
        path.chmod(0o644)
        return name

    def load(self, *names: str):
        return load_plugins(names, [self.plugins])

    def asking(self, tables: str = "", company=None, plugins=(), head: str = HEAD) -> Asking:
        return Asking(
            mapping=read(head + tables), merchant="oak", company=company, plugins=self.load(*plugins)
        )


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)
