"""The decisions of the demo's merchants: each shop with plugins, rules and a template of its own, as they would decide.

One company file, three shops: Oak & Ember writes to companies and has its own words on receipts; Cedar Lane keeps its
places apart by class and its wholesale apart by account; Pine Market sells on Amazon too. Everything they decide is
written into the rehearsal's workspace as a merchant's own files, so that `explain` shows who decided what.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from qbconsole.bundled import bundled
from qbconsole.sandbox.shopify import Shop

THIRD = "pine-market"
THIRD_DOMAIN = "pine-market.myshopify.com"
#: Merchant -> the shipped plugins it opted in to.
PLUGINS: Mapping[str, tuple[str, ...]] = {
    "oak-ember": ("b2b_companies",),
    "cedar-lane": ("class_by_place", "wholesale"),
    THIRD: ("marketplaces",),
}
#: Of the third shop's paid orders from its web shop every other one came from there.
_MARKETPLACE = "Amazon"
_TEMPLATE = "sales_receipt_add.xml.j2"
_TOLD = """
# ---- who decides what: `qbconsole explain '#1001'` shows it order by order ------------------------

[[merchants.oak-ember.rules]]                 # gift wrapping is no trade of goods
when = { title = "Gift wrap" }
account = "Other Income:Gift Wrap"

[merchants.oak-ember.plugin.b2b_companies]
by_location = true

[merchants.oak-ember.plugin.b2b_companies.terms]
"Harbor*" = "Net 15"

[[merchants.cedar-lane.rules]]                # money taken at the counter goes to its own drawer
when = { gateway = "cash", location = "Shop*" }
account = "Cash Drawer Grand Avenue"

[merchants.cedar-lane.plugin.class_by_place.places]
"Shop – Grand Ave" = "Retail:Grand Avenue"

[merchants.cedar-lane.plugin.wholesale.accounts]
sales_income = "Sales:Wholesale"
returns = "Sales:Wholesale"

[merchants.pine-market]
company = "oak"
shop = "pine-market.myshopify.com"

[merchants.pine-market.create]
accounts = "yes"

[merchants.pine-market.plugin.marketplaces.customers]
"Amazon*" = "Amazon Marketplace"

[merchants.pine-market.plugin.marketplaces.clearing]
"Amazon*" = "Amazon Clearing"
"""


def with_decisions(mapping: str) -> str:
    """The rehearsal's mapping with what each merchant decided, and the third shop."""
    text = mapping.replace("plugins = []", _listed("oak-ember"), 1)
    return _opted_in(text, "cedar-lane") + _opted_in(_TOLD, THIRD)


def _opted_in(text: str, merchant: str) -> str:
    shop = f'shop = "{merchant}.myshopify.com"\n'
    return text.replace(shop, f"{shop}{_listed(merchant)}\n", 1)


def _listed(merchant: str) -> str:
    return f"plugins = {json.dumps(PLUGINS[merchant])}"


def write_decisions(root: Path) -> None:
    """The plugins and the template that stand beside the mapping; what is there already stays."""
    names = {name for listed in PLUGINS.values() for name in listed}
    texts = {
        root / "plugins" / f"{name}.py": (bundled("plugins") / f"{name}.py").read_text(encoding="utf-8")
        for name in sorted(names)
    }
    shipped = (bundled("templates") / _TEMPLATE).read_text(encoding="utf-8")
    own = shipped.replace(
        "<Desc>{{ line.desc }}</Desc>", "<Desc>From Oak &amp; Ember: {{ line.desc }}</Desc>"
    )
    texts[root / "templates" / "oak-ember" / _TEMPLATE] = own
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_text(text, encoding="utf-8")
            path.chmod(0o644)


def third_shop(*, seed: int, orders: int, start: date) -> Shop:
    """A shop that an app brings a marketplace's orders into; the marketplace has taken the money for them."""
    shop = Shop.seeded(domain=THIRD_DOMAIN, seed=seed, orders=orders, start=start)
    paid = [order for order in shop.orders if _is_paid_on_the_web(order)]
    for order in paid[::2]:
        order["sourceName"] = _MARKETPLACE
        for tender in order["transactions"]:
            tender["gateway"] = tender["formattedGateway"] = _MARKETPLACE
    return shop


def _is_paid_on_the_web(order: Mapping[str, Any]) -> bool:
    """Paid by card in one go: nothing else may have happened to an order that is retold as a marketplace's."""
    tenders = [tender["gateway"] for tender in order["transactions"]]
    return order["sourceName"] == "web" and tenders == ["shopify_payments"] and not order["refunds"]
