"""Bundles: one product in the shop, written in QuickBooks as its own item or as the items it is made of.

For shops that sell a gift box as one SKU and pack it from products they also sell singly. With `components` its line
becomes a line for each of them, so that QuickBooks takes them from stock and posts their cost; the box's price is
shared out over their units, to the cent, and all of it goes to one account. With `items` it is written with an item
of your choice: an inventory assembly, which QuickBooks builds. (A group item is not possible: qbXML's group line takes
no amount, so QuickBooks' prices would stand in the books instead of the shop's.) The components must be items in
QuickBooks already.

    [merchants.oak-ember]
    plugins = ["bundles"]
    [merchants.oak-ember.plugin.bundles]
    account = "Sales:Shopify"              # where bundles of components post to
    [merchants.oak-ember.plugin.bundles.components]
    "BOX-VIP" = ["CNDL-SMA", "2 TEA-SEN"]  # units and item, one unit where none is told
    [merchants.oak-ember.plugin.bundles.items]
    "BOX-XMAS" = "Assemblies:Christmas box"
"""

import re
from dataclasses import replace
from decimal import Decimal

from qbconsole.plugin import Option, allocate, hookimpl

__version__ = "1.0"
HOOK_API = 1

OPTIONS = {
    "components": Option(kind="texts", by="SKU", about="what a bundle is made of: units and item"),
    "items": Option(kind="item", by="SKU", about="bundles that are written as one item"),
    "account": Option(kind="account", default="Sales:Shopify", about="account of bundles of components"),
}
_COUNTED = re.compile(r"(?P<units>[1-9][0-9]{0,3}) +(?P<item>.+)")


def _components(sale_line, options):
    """Units and item of each component; empty for what is no bundle."""
    told = options["components"].first((sale_line and sale_line.sku) or "") or ()
    found = []
    for text in told:
        counted = _COUNTED.fullmatch(text)
        found.append((int(counted["units"]), counted["item"]) if counted else (1, text))
    return found


def _is_goods(role):
    return role in ("sales_income", "returns")


@hookimpl
def choose_item(line, sale_line, role, options):
    if not _is_goods(role) or sale_line is None:
        return None
    if line.returned and not line.restocked:  # given back but not put back: it must not raise the stock
        return None
    parts = _components(sale_line, options)
    return parts[0][1] if parts else options["items"].first(sale_line.sku or "")


@hookimpl
def choose_account(role, line, sale_line, options):
    # Stated on every line, because each component's own item might post elsewhere.
    if line is not None and _is_goods(role) and _components(sale_line, options):
        return options["account"]
    return None


@hookimpl
def hold_event(order, options):
    _, unclear = _by_title(order, options)
    return [
        f'{order.name} has lines titled "{title}" that are packed from different items, and a line of a document '
        "tells its title only. Released, each bundle of them is written as its first item, so the stock is yours to "
        "put right."
        for title in sorted(unclear)
    ]


def _by_title(order, options):
    """Title -> components of the bundle it tells of, and the titles of which only the shop knows what they are."""
    made = {}
    for line in order.lines:
        made.setdefault(line.title, []).append(_components(line, options))
    bundles = {title: parts[0] for title, parts in made.items() if any(parts)}
    unclear = {title for title in bundles if any(parts != bundles[title] for parts in made[title])}
    return {title: parts for title, parts in bundles.items() if title not in unclear}, unclear


@hookimpl
def amend_document(document, order, options):
    bundles, _ = _by_title(order, options)
    lines = getattr(document, "lines", ())
    if not bundles or not any(_is_bundle(line, bundles) for line in lines):
        return None
    return {"lines": tuple(part for line in lines for part in _split(line, bundles))}


def _is_bundle(line, bundles):
    parts = bundles.get(getattr(line, "desc", None))
    return bool(parts and line.item_ref == parts[0][1] and line.amount is not None)


def _split(line, bundles):
    """The line as lines of its components: amounts by units, the last takes the cents that are left."""
    if not _is_bundle(line, bundles):
        return [line]
    parts = bundles[line.desc]
    amounts = allocate(line.amount, [Decimal(units) for units, _ in parts])
    bought = line.quantity or Decimal(1)
    return [
        replace(line, item_ref=item, desc=f"{line.desc}: {item}", quantity=bought * units, amount=amount)
        for (units, item), amount in zip(parts, amounts, strict=True)
    ]
