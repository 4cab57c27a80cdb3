"""A pytest plugin for authors of merchant plugins: orders to try them on, and what they come to.

Installed with qbconsole and found by pytest by itself. Fixtures:

    an_order            builds an order: an_order(lines=[("MUG", 2, "12.00")], tags=("wholesale",))
    chart_of_accounts   a company file whose accounts are known: chart_of_accounts({"Sales": "Income"})
    decided             decides one order: decided(order, plugins=["oak_ember"])
    plugin_harness      your plugin at work: orders to documents, postings, names, holds and qbXML
    golden_qbxml        holds qbXML against a file beside the test: golden_qbxml(harness.qbxml(order), "gift")

They give `decide.Decision`s, the very values that booking keeps. `assert_balanced` checks the law that every
accountant would check first. docs/plugins.md shows each at work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from qbconsole.company.snapshot import Company
    from qbconsole.decide import Decision
    from qbconsole.money import Money
    from qbconsole.shop.orders import Order

MERCHANT = "oak-ember"
OrderBuilder = Callable[..., "Order"]
Decider = Callable[..., "Decision"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let authors make golden files anew: `pytest --write-golden`."""
    group = parser.getgroup("qbconsole")
    group.addoption(
        "--write-golden", action="store_true", help="Make golden qbXML files what it comes to now."
    )


# -- orders ------------------------------------------------------------------------------------------


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


# -- a company file ------------------------------------------------------------------------------------


@pytest.fixture
def chart_of_accounts() -> Callable[..., Company]:
    """Make a company file whose chart of accounts is known, so that a name that is not in it is missed."""
    return build_company


def build_company(accounts: Mapping[str, str]) -> Company:
    """The company behind the fixture: full name of an account -> its type, "Income", "Bank", "OtherCurrentLiability"."""
    from qbconsole.company.lists import Chart
    from qbconsole.company.records import Account
    from qbconsole.company.snapshot import Company

    listed = tuple(
        Account(list_id=f"8000{number:04d}-1", full_name=full_name, account_type=kind)
        for number, (full_name, kind) in enumerate(accounts.items(), 1)
    )
    return Company(name="Sandbox", chart=Chart(listed, known=True))


# -- deciding --------------------------------------------------------------------------------------------


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
    company: Company | None = None,
) -> Decision:
    """The decision behind the fixture; raises PluginBroken as booking would meet it."""
    from qbconsole.bundled import bundled
    from qbconsole.decide import Case, decide, desk_of
    from qbconsole.sync.plugins.golden import desk_spec

    text = mapping if mapping is not None else bundled("mappings.toml").read_text(encoding="utf-8")
    spec = desk_spec(text, plugins, [str(folder)], home_currency=order.currency, merchant=merchant)
    return decide(Case(order=order), desk_of(replace(spec, company=company or spec.company)))


@pytest.fixture
def plugin_harness(request: pytest.FixtureRequest) -> Callable[..., Harness]:
    """Put your plugins to work: plugin_harness("oak_ember"); looked for beside or above the test, else installed."""

    def make(*plugins: str, folder: str | Path | None = None, **more: Any) -> Harness:
        place = Path(folder) if folder is not None else _plugins_folder(request.path, plugins)
        return Harness(plugins, place, **more)

    return make


def _plugins_folder(test: Path, plugins: Sequence[str]) -> Path:
    """The folder the plugins stand in: the test's own, one above it, or its neighbour `plugins`.

    Installed ones stand in none: where all are installed it is the test's own.
    """
    from qbconsole.rules.registry import installed_plugins

    installed = installed_plugins()
    for above in test.parents:
        for folder in (above, above / "plugins"):
            found = [name for name in plugins if (folder / f"{name}.py").is_file()]
            if found and all(name in found or name in installed for name in plugins):
                return folder
    missing = [name for name in plugins if name not in installed]
    if not missing:
        return test.parent
    pytest.fail(f"there is no {', '.join(f'{name}.py' for name in missing)} beside or above {test}")


class Harness:
    """Plugins at work on a merchant's desk: what orders come to with them, and with nothing between you and booking."""

    def __init__(
        self,
        plugins: Sequence[str],
        folder: Path,
        *,
        mapping: str | None = None,
        merchant: str = MERCHANT,
        company: Company | None = None,
    ) -> None:
        self._how: dict[str, Any] = {
            "plugins": tuple(plugins),
            "folder": folder,
            "mapping": mapping,
            "merchant": merchant,
            "company": company,
        }

    def decide(self, order: Order) -> Decision:
        """What booking would keep of an order. Raises PluginBroken with the plugin's file and line."""
        return decide_order(order, **self._how)

    def documents(self, *orders: Order) -> list[Any]:
        """The QuickBooks documents of orders with their names in: a SalesReceipt, an Invoice."""
        return [one.named.document for order in orders for one in self.decide(order).documents]

    def postings(self, *orders: Order) -> dict[str, Money]:
        """Account -> what orders post there, debit positive; accounts that come to nothing are left out."""
        found: dict[str, Money] = {}
        for order in orders:
            for one in self.decide(order).documents:
                for row in one.named.accounts:
                    held = found.get(row.account)
                    found[row.account] = row.amount if held is None else held + row.amount
        return {account: amount for account, amount in found.items() if amount}

    def qbxml(self, *orders: Order) -> str:
        """The qbXML of orders as golden files hold it: a field a line, documents and holds under comments."""
        from qbconsole.sync.plugins.golden import documents_text

        return "".join(documents_text(self.decide(order)) for order in orders)

    def holds(self, *orders: Order) -> list[str]:
        """Why orders would wait, each sentence once."""
        decisions = [self.decide(order) for order in orders]
        return list(dict.fromkeys(hold.sentence for one in decisions for hold in one.holds))


@pytest.fixture
def golden_qbxml(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Hold qbXML against `golden/NAME.qbxml` beside the test; `pytest --write-golden` makes the files anew."""

    def check(text: str, name: str) -> None:
        path = request.path.parent / "golden" / f"{name}.qbxml"
        if request.config.getoption("--write-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"there is no {path}; `pytest --write-golden` makes it"
        assert text.splitlines() == path.read_text(encoding="utf-8").splitlines()

    return check


def assert_balanced(decision: Decision) -> None:
    """Fail unless every document's postings come to nothing."""
    from qbconsole.money import total

    for document in decision.documents:
        postings = document.named.accounts
        if postings:
            rest = total((row.amount for row in postings), postings[0].amount.currency)
            assert not rest, f"{document.named.plan.key} is {rest} out of balance"
