"""What the simulated shop sells and to whom: products, buyers, places, and words that break things.

Names and notes hold accents, CJK, emoji, markup, terminal escapes and direction overrides on purpose: shoppers
type such things. Prices are in the smallest unit of the shop's currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from qbconsole.sandbox.shopify.amounts import money
from qbconsole.sandbox.shopify.composing import Ids, Raw, stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A variant as it is sold; without `sku` the merchant never gave it one."""

    title: str
    sku: str | None
    price: int
    kind: str
    vendor: str
    variant: str | None = None
    cost: int | None = None
    tracked: bool = True
    taxable: bool = True
    ships: bool = True
    gift_card: bool = False


def _family(
    title: str, code: str, kind: str, vendor: str, prices: dict[str, int], cost_percent: int = 40
) -> list[Product]:
    return [
        Product(
            title=title,
            variant=name,
            sku=f"{code}-{name[:3].upper()}",
            price=price,
            kind=kind,
            vendor=vendor,
            cost=price * cost_percent // 100,
        )
        for name, price in prices.items()
    ]


def _single(
    title: str,
    sku: str | None,
    price: int,
    kind: str,
    *,
    vendor: str = "Oak & Ember",
    cost: int | None = None,
    tracked: bool = True,
    taxable: bool = True,
    ships: bool = True,
    gift_card: bool = False,
) -> Product:
    return Product(
        title=title,
        sku=sku,
        price=price,
        kind=kind,
        vendor=vendor,
        cost=cost,
        tracked=tracked,
        taxable=taxable,
        ships=ships,
        gift_card=gift_card,
    )


PRODUCTS: tuple[Product, ...] = (
    *_family(
        "Beeswax candle", "CNDL", "Candles", "Hive & Wick", {"Small": 1450, "Medium": 2200, "Large": 3495}
    ),
    *_family(
        "Linen apron", "APRN", "Kitchen", "Fjord Textiles", {"Sand": 4800, "Charcoal": 4800, "Rust": 5200}
    ),
    *_family("Stoneware mug", "MUG", "Kitchen", "Kiln Nº 9", {"White": 1899, "Blue": 1899, "Speckled": 2150}),
    *_family(
        "Merino throw", "THRW", "Textiles", "Fjord Textiles", {"Grey": 12900, "Moss": 12900, "Crème": 13450}
    ),
    *_family("Oak board", "BORD", "Kitchen", "Oak & Ember", {"Short": 3900, "Long": 6450}, 35),
    *_family(
        "Tea tin", "TEA", "Pantry", "山田茶園", {"Sencha": 1625, "Hojicha": 1575, "Genmaicha": 1490}, 50
    ),
    _single("Jalapeño–lime salt", "SALT-JAL", 899, "Pantry", vendor="Crème Fraîche & Co", cost=310),
    _single("Brass match striker", "STRK-01", 3333, "Fireside", cost=1210),
    _single("Fire starter cones (12)", "CONE-12", 1195, "Fireside", cost=380),
    _single("Cast iron trivet", "TRVT-CI", 2775, "Kitchen", cost=1105),
    _single("急須 Kyusu teapot", "KYU-350", 5890, "Kitchen", vendor="山田茶園", cost=2610),
    _single("Smoked maple syrup 🍁", "SYR-250", 1760, "Pantry", cost=690),
    _single("[VIP] Sampler [/b] box", "BOX-VIP", 4999, "Bundles", cost=2100),
    _single("Hand soap \x1b]0;x\x07 refill", "SOAP-RF", 1210, "Bath", cost=390),
    _single('Wool <b>"dryer" balls</b> & bag', "WOOL-6", 1985, "Laundry", cost=700),
    _single("Soap dish \u202eeciov\u202c walnut", "DISH-WN", 2450, "Bath", cost=900),
    _single(
        "Limewashed extra long hallway runner with knotted fringe", "RUN-XL", 18999, "Textiles", cost=8000
    ),
    _single("Repair kit", None, 950, "Parts", cost=200),
    _single("Loose hook", None, 375, "Parts"),
    _single("Market bag (end of line)", None, 1500, "Textiles"),
    _single("Cookbook: Ember & Ash", "BOOK-EA", 3200, "Books", cost=1700, taxable=False),
    _single("Candle workshop seat", "WORK-CND", 7500, "Classes", tracked=False, ships=False),
    _single("Gift wrap", "WRAP", 500, "Services", tracked=False, ships=False, taxable=False),
    _single("Print-at-home pattern", "PAT-PDF", 650, "Digital", tracked=False, ships=False),
    _single("Firewood crate", "WOOD-CR", 2995, "Fireside", cost=1400, taxable=False),
    _single("Penny postcard", "CARD-1", 99, "Paper", cost=15),
    _single(
        "Gift card 25", None, 2500, "Gift cards", gift_card=True, taxable=False, ships=False, tracked=False
    ),
    _single(
        "Gift card 50", None, 5000, "Gift cards", gift_card=True, taxable=False, ships=False, tracked=False
    ),
)

#: (first name, last name); the rest of the buyers are made of these, one after another.
PEOPLE: tuple[tuple[str, str], ...] = (
    ("Ana", "Silva"),
    ("José", "Muñoz Ibáñez"),
    ("Zoë", "Brontë"),
    ("Łukasz", "Żółć"),
    ("Siân", "O'Brien"),
    ("Ivo", "Đurić"),
    ("太郎", "山田"),
    ("지민", "김"),
    ("Ольга", "Петрова"),
    ("Nour", "الخوري"),
    ("Party", "🎉 Planner"),
    ("[b]Max[/b]", "Power [VIP]"),
    ("Esc \x1b]0;x\x07", "Sequence"),
    ("Over \u202eridden\u202c", "Right"),
    ('Tom & "Jerry"', "<script>'s"),
    ("Maximiliana Theodora", "von Hohenfels-Waldburg-Zeil zu Trauchburg"),
    ("Sam", "Carter"),
    ("Priya", "Natarajan"),
    ("Tab\tand", "New\nline"),
    ("Dana", "Whitfield"),
)
SURNAMES: tuple[str, ...] = (
    "Abbott",
    "Baker",
    "Castillo",
    "Dubois",
    "Eriksen",
    "Fischer",
    "Greene",
    "Håkansson",
)

NOTES: tuple[str | None, ...] = (
    *([None] * 12),
    "Please leave at the back door",
    "It's a présent — no invoice 🎁",
    "]]> <!-- & --> [/b]",
    "\x1b]0;x\x07 ring twice\r\nthen wait",
    "\u202egnihtyna\u202c",
    "留守の場合は隣へ",
)

CUSTOM_TITLES: tuple[str, ...] = ("Engraving", "Rush fee [/b]", "Custom table – café", "Consultation <1 h>")

#: title, price, and whether it is a shipping method of the till.
SHIPPING: tuple[tuple[str, str, int], ...] = (
    ("Standard", "standard", 695),
    ("Express 🚚", "express", 1850),
    ("Économy (5–7 days)", "economy", 425),
)
HANDLING = ("Oversize handling", "oversize", 2500)

LOCATIONS: tuple[tuple[str, str], ...] = (("Warehouse", "Oakland"), ("Shop – Grand Ave", "Los Angeles"))

#: Tax title and rate in millionths, of the state and of the county.
TAXES: tuple[tuple[str, int], ...] = (("California State Tax", 60000), ("Los Angeles County Tax", 12500))

COMPANIES: tuple[str, ...] = ("Harbor Café & Roastery LLC", "Société d'Étoiles")


def location(ids: Ids, name: str, city: str) -> Raw:
    """One place that holds stock."""
    gid = ids.take("Location")
    return {
        "id": gid,
        "legacyResourceId": gid.rpartition("/")[2],
        "name": name,
        "isActive": True,
        "isFulfillmentService": False,
        "fulfillsOnlineOrders": True,
        "deactivatedAt": None,
        "address": {"address1": None, "city": city, "provinceCode": "CA", "zip": None, "countryCode": "US"},
    }


def variant_of(ids: Ids, product: Product, currency: str, opened: datetime) -> Raw:
    """One variant with its product and inventory item, as `productVariants` lists it."""
    gid, item = ids.take("ProductVariant"), ids.take("InventoryItem")
    return {
        "id": gid,
        "legacyResourceId": gid.rpartition("/")[2],
        "sku": product.sku,
        "barcode": None,
        "displayName": f"{product.title} - {product.variant or 'Default Title'}",
        "title": product.variant or "Default Title",
        "price": money(product.price, currency)["amount"],
        "compareAtPrice": None,
        "taxable": product.taxable,
        "requiresComponents": False,
        "inventoryQuantity": 100 if product.tracked else 0,
        "createdAt": stamp(opened),
        "updatedAt": stamp(opened),
        "product": {
            "id": ids.take("Product"),
            "title": product.title,
            "vendor": product.vendor,
            "productType": product.kind,
            "status": "ACTIVE",
            "isGiftCard": product.gift_card,
            "tags": [],
        },
        "inventoryItem": {
            "id": item,
            "legacyResourceId": item.rpartition("/")[2],
            "sku": product.sku,
            "tracked": product.tracked,
            "requiresShipping": product.ships,
            "updatedAt": stamp(opened),
            "unitCost": None if product.cost is None else money(product.cost, currency),
        },
    }


def listing(product: Product, variant: Raw) -> Raw:
    """The fields of an order line that name this product."""
    stock = variant["inventoryItem"]
    return {
        "title": product.title,
        "variantTitle": product.variant,
        "name": f"{product.title} - {product.variant}" if product.variant else product.title,
        "sku": product.sku,
        "vendor": product.vendor,
        "product": {"id": variant["product"]["id"], "productType": product.kind},
        "variant": {
            "id": variant["id"],
            "barcode": variant["barcode"],
            "inventoryItem": {"id": stock["id"], "tracked": stock["tracked"], "unitCost": stock["unitCost"]},
        },
        "requiresShipping": product.ships,
    }


def customer(ids: Ids, index: int, opened: datetime) -> Raw:
    """The buyer of this number; the first ones have the difficult names."""
    people, surnames = PEOPLE, SURNAMES
    if index < len(people):
        first, last = people[index]
    else:
        first, last = people[index % len(people)][0], surnames[index // len(people) % len(surnames)]
    gid = ids.take("Customer")
    return {
        "id": gid,
        "legacyResourceId": gid.rpartition("/")[2],
        "displayName": f"{first} {last}",
        "firstName": first,
        "lastName": last,
        "email": None if index % 17 == 16 else f"buyer{index + 1}@example.com",
        "phone": None,
        "createdAt": stamp(opened),
        "updatedAt": stamp(opened),
        "state": "DISABLED",
        "taxExempt": False,
        "tags": [],
        "note": None,
        "defaultAddress": address(first, last),
    }


def address(first: str, last: str) -> Raw:
    """A postal address in the shop's home state."""
    return {
        "firstName": first,
        "lastName": last,
        "company": None,
        "address1": "1 Ember Way",
        "address2": None,
        "city": "Los Angeles",
        "province": "California",
        "provinceCode": "CA",
        "zip": "90012",
        "country": "United States",
        "countryCodeV2": "US",
        "phone": None,
    }
