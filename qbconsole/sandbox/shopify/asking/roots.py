"""What is answered by name: the roots, fields with arguments of their own, and objects in another form than the raw dict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qbconsole.sandbox.shopify import bulk
from qbconsole.sandbox.shopify.asking.paging import by_id, listed, page
from qbconsole.sandbox.shopify.asking.search import search
from qbconsole.sandbox.shopify.asking.visit import Raw, Visit
from qbconsole.sandbox.shopify.hooks.subscriptions import subscribe


def _refund(visit: Visit, gid: str) -> Raw | None:
    for order in visit.shop.orders:
        for refund in order["refunds"]:
            if refund["id"] == gid:
                return {**refund, "order": order}
    return None


def _return(visit: Visit, gid: str) -> Raw | None:
    """A return, whichever order it is of."""
    every = ((order.get("returns") or {}).get("nodes", ()) for order in visit.shop.orders)
    return next((one for rows in every if (one := by_id(rows, gid)) is not None), None)


def _installation(visit: Visit) -> Raw:
    return {
        "id": "gid://shopify/AppInstallation/1",
        "app": {"id": "gid://shopify/App/1", "title": "qbconsole"},
        "accessScopes": [{"handle": scope} for scope in sorted(visit.shop.scopes)],
    }


#: Root -> its answer, of what was given with it.
ROOTS: Mapping[str, Any] = {
    "shop": lambda visit, given: visit.shop.about(),
    "currentAppInstallation": lambda visit, given: _installation(visit),
    "publicApiVersions": lambda visit, given: [
        {"handle": "2026-10", "displayName": "2026-10 (Latest)", "supported": True}
    ],
    "order": lambda visit, given: visit.shop.find(given["id"]),
    "orders": lambda visit, given: listed(visit, "orders", visit.shop.orders, given),
    "refund": lambda visit, given: _refund(visit, given["id"]),
    "return": lambda visit, given: _return(visit, given["id"]),
    "customer": lambda visit, given: by_id(visit.shop.world.customers, given["id"]),
    "storeCreditAccount": lambda visit, given: by_id(
        [one for held in visit.shop.facts.store_credit.values() for one in held], given["id"]
    ),
    "customers": lambda visit, given: listed(visit, "customers", visit.shop.world.customers, given),
    "productVariants": lambda visit, given: listed(
        visit, "productVariants", visit.shop.world.variants, given
    ),
    "locations": lambda visit, given: page(visit, visit.shop.world.locations, given),
    "shopifyPaymentsAccount": lambda visit, given: visit.shop.payments_account(),
    "disputes": lambda visit, given: listed(visit, "disputes", visit.shop.facts.disputes, given),
    "giftCard": lambda visit, given: by_id(visit.shop.facts.gift_cards, given["id"]),
    "giftCards": lambda visit, given: listed(visit, "giftCards", visit.shop.facts.gift_cards, given),
    "cashTrackingSessions": lambda visit, given: listed(
        visit, "cashTrackingSessions", visit.shop.facts.cash_sessions, given
    ),
    "inventoryItem": lambda visit, given: by_id(visit.shop.stocked_items(), given["id"]),
    "inventoryItems": lambda visit, given: listed(visit, "inventoryItems", visit.shop.stocked_items(), given),
    "inventoryTransfer": lambda visit, given: by_id(visit.shop.facts.transfers, given["id"]),
    "inventoryTransfers": lambda visit, given: listed(
        visit, "inventoryTransfers", visit.shop.facts.transfers, given
    ),
    "inventoryShipment": lambda visit, given: by_id(visit.shop.shipments(), given["id"]),
    "ordersCount": lambda visit, given: {
        "count": len(search("orders", given.get("query"), visit.shop.orders)[0]),
        "precision": "EXACT",
    },
    "bulkOperationRunQuery": lambda visit, given: bulk.run(visit.shop, given["query"], visit.everything),
    "bulkOperation": lambda visit, given: next(
        (one.about(visit.base) for one in visit.shop.bulks if one.id == given["id"]), None
    ),
    "webhookSubscriptions": lambda visit, given: {
        "nodes": [one.about() for one in visit.shop.subscriptions[: given.get("first")]]
    },
    "webhookSubscriptionCreate": lambda visit, given: subscribe(
        visit.shop, given["topic"], given["webhookSubscription"]
    ),
    "inventoryPurchaseOrder": lambda visit, given: by_id(visit.shop.facts.purchase_orders, given["id"]),
    "inventoryPurchaseOrders": lambda visit, given: listed(
        visit, "inventoryPurchaseOrders", visit.shop.facts.purchase_orders, given
    ),
}


def _entries(visit: Visit, account: Raw, given: Mapping[str, Any]) -> Raw:
    nodes = account["balanceTransactions"]
    if given.get("hideTransfers"):
        nodes = [node for node in nodes if node["type"] != "TRANSFER"]
    return listed(visit, "balanceTransactions", nodes, given)


#: Fields that take arguments of their own: searches inside an object, names of quantities.
FIELDS: Mapping[str, Any] = {
    "ShopifyPaymentsAccount.payouts": lambda visit, account, given: listed(
        visit, "payouts", account["payouts"], given
    ),
    "ShopifyPaymentsAccount.balanceTransactions": _entries,
    "Customer.storeCreditAccounts": lambda visit, customer, given: page(
        visit, visit.shop.facts.store_credit.get(customer["id"], ()), given
    ),
    "InventoryLevel.quantities": lambda visit, level, given: [
        row for row in level["quantities"] if row["name"] in given["names"]
    ],
}
#: Objects the Admin API has in another form than the raw dict keeps them.
DERIVED: Mapping[str, Any] = {
    "Customer.defaultEmailAddress": lambda raw: {"emailAddress": raw["email"]} if raw.get("email") else None,
    "Customer.defaultPhoneNumber": lambda raw: {"phoneNumber": raw["phone"]} if raw.get("phone") else None,
}
