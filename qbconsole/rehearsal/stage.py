"""The stage of a rehearsal: a workspace, two simulated shops and a simulated company file.

Nothing here is special to the product: the workspace is what `init` makes, with a second shop that posts into the
same company file and the right to create accounts.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import uvicorn

from qbconsole.bundled import bundled
from qbconsole.rehearsal.asked import Asked
from qbconsole.rehearsal.decisions import THIRD, THIRD_DOMAIN, third_shop, with_decisions, write_decisions
from qbconsole.rehearsal.taxes import enter_taxes
from qbconsole.sandbox.quickbooks import CompanyFile, QuickBooks
from qbconsole.sandbox.shopify import Shop, app

COMPANY = "oak"
COMPANY_NAME = "Oak & Ember LLC"
MERCHANTS = {"oak-ember": "oak-ember.myshopify.com", "cedar-lane": "cedar-lane.myshopify.com"}
#: Token every simulated shop knows.
TOKEN = "shpat_sandbox"  # noqa: S105 - of the simulation, good for nothing
_SECOND = """
# ---- the demo's second shop: the same company file, its own orders --------------------------------
[merchants.cedar-lane]
company = "oak"
shop = "cedar-lane.myshopify.com"

[merchants.cedar-lane.create]
accounts = "yes"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Both simulated ends, and the workspace between them."""

    root: Path
    shops: tuple[Shop, ...]
    company_file: CompanyFile
    quickbooks: QuickBooks

    def count_shelves(self) -> None:
        """Somebody counts in each shop: three units of one product are gone, two of another are found."""
        for shop in self.shops:
            items = (row["inventoryItem"] for row in shop.world.variants)
            counted = [item["sku"] for item in items if item["tracked"] and item["sku"] and item["unitCost"]]
            for sku, units in zip(counted, (-3, 2), strict=False):
                shop.correct_stock(sku, units)


def write_workspace(root: Path, asked: Asked | None = None, *, decided: bool = False) -> None:
    """Make a rehearsal's workspace; an existing mapping stays as it is, but for what is asked.

    `decided`: each merchant has plugins, rules and a template of its own, and there is a third.
    """
    root.mkdir(parents=True, exist_ok=True)
    path = root / "mappings.toml"
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    new = with_decisions(demo_mapping()) if decided else demo_mapping()
    merchants = (*MERCHANTS, THIRD) if decided and not before else tuple(MERCHANTS)
    text = (asked or Asked()).written(before or new, COMPANY, merchants)
    if text != before:
        path.write_text(text, encoding="utf-8")
    if decided and not before:
        write_decisions(root)


def demo_mapping() -> str:
    """The shipped mapping with a second shop, and the right to create accounts."""
    shipped = bundled("mappings.toml").read_text(encoding="utf-8")
    return shipped.replace('accounts = "ask"', 'accounts = "yes"') + _SECOND


def set_stage(root: Path, *, orders: int, seed: int, now: datetime, decided: bool = False) -> Stage:
    """Two seeded shops share the orders 3 to 2, each with all that happens beside them; the company file is new.

    `decided`: a fifth of them is the third shop's.
    """
    write_workspace(root, decided=decided)
    start = date(2026, 1, 5)
    is_told = decided and THIRD_DOMAIN in (root / "mappings.toml").read_text(encoding="utf-8")
    third = orders // 5 if is_told else 0
    others = third_shop(seed=seed + 2, orders=third, start=start) if third else None
    orders -= third
    first = orders - orders * 2 // 5
    oak = Shop.seeded(domain=MERCHANTS["oak-ember"], seed=seed, orders=first, start=start, facts=True)
    cedar = Shop.seeded(
        domain=MERCHANTS["cedar-lane"],
        seed=seed + 1,
        orders=max(1, orders - first),
        start=start,
        timezone="America/New_York",
        facts=True,
    )
    stage = staged(root, (oak, cedar, *([others] if others else [])), now)
    if decided:
        # What the owner of a company file has to switch on before anybody can write classes into it.
        stage.company_file.preferences.class_tracking = True
    return stage


def staged(root: Path, shops: tuple[Shop, ...], now: datetime) -> Stage:
    """These shops, and a company file that is new."""
    company_file = CompanyFile.create(name=COMPANY_NAME, now=now)
    enter_taxes(company_file, now)
    quickbooks = QuickBooks(company_file, requests_xsd=requests_xsd(), clock=lambda: datetime.now(UTC))
    return Stage(root=root, shops=shops, company_file=company_file, quickbooks=quickbooks)


def requests_xsd() -> Path:
    """Our schema, handed to the simulation as a file."""
    return Path(str(files("qbconsole.qbxml").joinpath("requests.xsd")))


@contextmanager
def shops_listening(shops: Sequence[Shop]) -> Iterator[str]:
    """Serve the shops on a free loopback port; gives the base URL."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    bound.listen(64)
    server = uvicorn.Server(uvicorn.Config(app(shops), log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=5)


def free_port() -> int:
    """A loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
