"""What may stand at a place of mappings.toml: a name of one of QuickBooks' lists, a word of a few, or any text.

Account types: books.roles (accounting.md section 1). Kinds of item: qbwc-protocol.md section 9.
"""

from __future__ import annotations

from qbconsole.books.roles import CLEARING_TYPES, ROLES
from qbconsole.rules.mapping.complaint import words_at
from qbconsole.rules.mapping.faults import Path
from qbconsole.value import Value

_GOODS = (
    "ItemInventory",
    "ItemInventoryAssembly",
    "ItemNonInventory",
    "ItemService",
    "ItemOtherCharge",
    "ItemGroup",
)
_CHARGES = ("ItemOtherCharge", "ItemService", "ItemNonInventory", "ItemDiscount")
#: Kinds of item for the words of [items] that are no role.
_FIXED: dict[str, tuple[str, ...]] = {
    "misc": _GOODS,
    "zero_tax": ("ItemSalesTax", "ItemSalesTaxGroup"),
    "subtotal": ("ItemSubtotal",),
    "payment": ("ItemPayment",),
}
_TAXES: dict[str, tuple[str, tuple[str, ...]]] = {
    "item": ("item", ("ItemSalesTax", "ItemSalesTaxGroup")),
    "group": ("item", ("ItemSalesTaxGroup",)),
    "charge": ("item", ("ItemOtherCharge", "ItemService", "ItemNonInventory")),
    "agency": ("vendor", ()),
}
#: Parts of a path to a province: "registered" and its name.
_PROVINCE = 2
#: Section -> the list its values are names of.
_LISTS = {
    "payment_methods": "payment_method",
    "customers": "customer",
    "vendors": "vendor",
    "classes": "class",
    "terms": "terms",
    "sales_reps": "sales_rep",
    "ship_methods": "ship_method",
    "sites": "inventory_site",
    "templates": "template",
    "messages": "customer_message",
}
#: What a rule can decide -> the list.
_OUTCOMES: dict[str, tuple[str, tuple[str, ...]]] = {
    "account": ("account", ()),
    "item": ("item", ()),
    "class": ("class", ()),
    "customer": ("customer", ()),
    "tax": _TAXES["item"],
    "vendor": ("vendor", ()),
    "payment_method": ("payment_method", ()),
    "terms": ("terms", ()),
    "sales_rep": ("sales_rep", ()),
    "ship_method": ("ship_method", ()),
    "site": ("inventory_site", ()),
    "template": ("template", ()),
    "customer_message": ("customer_message", ()),
}


class Want(Value):
    """What a place takes."""

    #: In words: "account for sales_income".
    what: str
    #: "account", "item", "customer" …; "" where it is no name of a list we know.
    list_kind: str = ""
    #: Account types, or kinds of item, that fit; () for any.
    types: tuple[str, ...] = ()
    #: Where only these may stand.
    words: tuple[str, ...] = ()


def want_of(path: Path) -> Want:
    """What a place takes, by its path."""
    below = path[2:] if path[0] == "merchants" else path[1:]
    section, key = str(below[0]), str(below[-1])
    what = f"{_SINGULAR.get(section, section)} {' '.join(map(str, below[1:]))}".strip()
    # A province alone says yes or no, short for its table.
    short = ("true", "false") if section == "registered" and len(below) == _PROVINCE else ()
    if words := words_at(path) or short:
        return Want(what=what, words=words)
    list_kind, types = _list_of(section, key, below)
    return Want(what=what, list_kind=list_kind, types=types)


_SINGULAR = {
    "accounts": "account for",
    "clearing": "clearing account for",
    "items": "item for",
    "taxes": "tax",
    "payment_methods": "payment method for",
    "customers": "customer:",
    "vendors": "vendor:",
    "classes": "class:",
    "terms": "terms:",
    "sales_reps": "sales rep:",
    "ship_methods": "ship method for",
    "sites": "site for",
    "templates": "printed form of",
    "messages": "message on",
}


def _list_of(section: str, key: str, below: Path) -> tuple[str, tuple[str, ...]]:
    if section == "rules":
        return _OUTCOMES.get(key, ("", ()))
    if section == "accounts":
        return "account", ROLES[key].types if key in ROLES else ()
    if section == "clearing":
        return "account", CLEARING_TYPES
    if section == "items":
        return _item(key, below)
    if section == "taxes":
        return _TAXES[key if len(below) > 2 and key in _TAXES else "item"]
    return _LISTS.get(section, ""), ()


def _item(key: str, below: Path) -> tuple[str, tuple[str, ...]]:
    if len(below) > 2:
        return "item", _GOODS
    if key == "match":
        return "", ()
    return "item", _FIXED.get(key, _GOODS if key == "sales_income" else _CHARGES)
