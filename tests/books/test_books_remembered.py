"""Names of a line and of a sale's head are worked out once a desk; what comes of it is what each asking would say."""

from __future__ import annotations

from pathlib import Path

import pytest

from qbconsole.books.naming.names import Names, Need, Using
from qbconsole.bundled import bundled
from qbconsole.company.snapshot import Company
from qbconsole.decide import Case, Desk, DeskSpec, decide, desk_of
from qbconsole.rules.asking import Asking
from qbconsole.rules.mapping.read import read
from qbconsole.sandbox.shopify import Shop as SandboxShop
from qbconsole.shop.orders import Order, Shop
from qbconsole.sources.shopify.reading import read_order

MAPPING = bundled("mappings.toml").read_text(encoding="utf-8")
SHOP = Shop(
    domain="oak-ember.myshopify.com", currency="USD", timezone="America/Los_Angeles", home_currency="USD"
)
COUNTING = """
from qbconsole.plugin import hookimpl
asked = []

@hookimpl
def choose_item(line, order):
    asked.append(line)
    return f"Item {len(asked)}"
"""


@pytest.fixture(scope="module")
def orders() -> list[Order]:
    raws = SandboxShop.seeded(domain=SHOP.domain, seed=9, orders=60).orders
    return [read_order(raw, SHOP) for raw in raws]


def desk(mapping: str = MAPPING, folder: Path = Path()) -> Desk:
    templates = {path.name: path.read_text("utf-8") for path in bundled("templates").glob("*.j2")}
    return desk_of(
        DeskSpec(
            settings=read(mapping).settings("oak-ember"),
            mapping=read(mapping),
            plugin_folders=(str(folder),),
            templates=templates,
            shipped_templates=templates,
            company=Company(name="Sandbox"),
            taken={},
        )
    )


def told(orders: list[Order], at: Desk) -> list[tuple[object, ...]]:
    """All that naming says of these orders' documents."""
    named = [one.named for order in orders for one in decide(Case(order=order), at).documents]
    return [(one.document, one.accounts, one.missing, one.wanted, one.why, one.holds) for one in named]


def test_what_is_remembered_is_what_each_line_would_be_told_by_itself(orders, monkeypatch):
    at = desk()
    first, again = told(orders, at), told(orders, at)
    monkeypatch.setattr(Asking, "alike", lambda self, line, sold, order: None)
    monkeypatch.setattr(Asking, "alike_sale", lambda self, order: None)
    assert first == again == told(orders, desk())


def test_a_hold_speaks_of_its_own_document_every_time(orders):
    unnamed = MAPPING.replace('[defaults.taxes]\n"*"', '[defaults.taxes]\n"Nowhere"')
    held = [row for row in told(orders, desk(unnamed)) if row[5]]
    subjects = [hold.subject for *_, holds in held for hold in holds]
    assert len(held) > 1
    assert len(set(subjects)) == len(held)


def test_a_plugin_is_asked_for_every_line_of_every_document(orders, tmp_path):
    plugin = tmp_path / "counting.py"
    plugin.write_text(COUNTING)
    plugin.chmod(0o644)
    at = desk(MAPPING.replace("plugins = []", 'plugins = ["counting"]', 1), tmp_path)
    items = [line.item_ref for document, *_ in told(orders[:3] * 2, at) for line in document.lines]
    chosen = [item for item in items if item.startswith("Item ")]
    assert len(chosen) > 6
    assert len(set(chosen)) == len(chosen)


def test_names_stand_in_the_order_they_came_up_and_the_first_to_describe_one_is_believed():
    names = Names(
        company=Company(name="Sandbox"),
        settings=read(MAPPING).settings("oak-ember"),
        fit=lambda text, _: text,
    )
    first, second, third = Using(names=names), Using(names=names), Using(names=names)
    for using, told in ((first, "one"), (second, "two")):
        using.need("account", "Sales")
        using.want(Need("account", "Sales"), told)
    second.need("vendor", "Agency")
    third.need("class", "Web")
    third.take(first)
    third.take(second)
    third.need("item", "Mug")
    third.want(Need("vendor", "Agency"), "third")
    third.want(Need("account", "Sales"), "third")
    third.settle()
    assert [need.full_name for need in third.needs] == ["Web", "Sales", "Agency", "Mug"]
    assert {need.full_name: wanted.entry for need, wanted in third.wanted.items()} == {
        "Sales": "one",
        "Agency": "third",
    }
