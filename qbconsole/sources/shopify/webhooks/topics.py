"""What a delivery is about: which order to fetch anew, or what Shopify demands of us.

Payloads are REST-shaped and change by themselves, so only ids are taken out of them (shopify-api.md section 11).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from qbconsole.value import Value


class Topic(StrEnum):
    """What a topic means to us."""

    ORDER = "order"  # the payload is an order
    OF_ORDER = "of_order"  # the payload names its order
    GONE = "gone"  # an order was deleted
    UNINSTALLED = "uninstalled"  # the app may not read the shop any more
    SCOPES = "scopes"  # the app may read more, or less
    DATA_REQUEST = "data_request"  # a customer asks what is kept of them
    REDACT_CUSTOMER = "redact_customer"  # a customer's data has to go
    REDACT_SHOP = "redact_shop"  # the data of all customers of a shop has to go
    OTHER = "other"  # kept; what it is about comes with the next pull


#: Shopify demands an answer to these, within thirty days; nothing has to be fetched for them.
PRIVACY = frozenset({Topic.DATA_REQUEST, Topic.REDACT_CUSTOMER, Topic.REDACT_SHOP})
_TOPICS = {
    "orders/delete": Topic.GONE,
    "app/uninstalled": Topic.UNINSTALLED,
    "app/scopes_update": Topic.SCOPES,
    "customers/data_request": Topic.DATA_REQUEST,
    "customers/redact": Topic.REDACT_CUSTOMER,
    "shop/redact": Topic.REDACT_SHOP,
    "refunds/create": Topic.OF_ORDER,
    "order_transactions/create": Topic.OF_ORDER,
    "tender_transactions/create": Topic.OF_ORDER,
    "disputes/create": Topic.OF_ORDER,
    "disputes/update": Topic.OF_ORDER,
    "orders/edited": Topic.OF_ORDER,
}
#: Subscribed to where a merchant wants webhooks; the three of PRIVACY are set in the app's own settings.
WANTED = (
    "ORDERS_CREATE",
    "ORDERS_UPDATED",
    "ORDERS_EDITED",
    "ORDERS_PAID",
    "ORDERS_CANCELLED",
    "ORDERS_DELETE",
    "REFUNDS_CREATE",
    "ORDER_TRANSACTIONS_CREATE",
    "APP_UNINSTALLED",
)


class Nudge(Value):
    """What a payload points at; each is "" where it names none."""

    #: Shopify's number of the order.
    order: str = ""
    customer: str = ""
    #: A customer's orders that have to go with it.
    orders: tuple[str, ...] = ()
    #: The shop's domain, as the signed body has it.
    shop: str = ""


def topic_of(text: str) -> Topic:
    """What a topic ("orders/updated") means to us."""
    if found := _TOPICS.get(text):
        return found
    if text.startswith("orders/"):
        return Topic.ORDER
    return Topic.OF_ORDER if text.startswith(("returns/", "fulfillments/")) else Topic.OTHER


def read_nudge(topic: Topic, raw: bytes) -> Nudge:
    """The ids of a payload; an empty nudge where it is no JSON object, or names nothing."""
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Nudge()
    if not isinstance(body, dict):
        return Nudge()
    customer = _object(body.get("customer"))
    wanted = body.get("orders_to_redact")
    return Nudge(
        order=_order(topic, body),
        customer=_number(customer.get("id")),
        orders=tuple(filter(None, map(_number, wanted if isinstance(wanted, list) else ()))),
        shop=str(body.get("shop_domain") or body.get("myshopify_domain") or "").lower(),
    )


def _order(topic: Topic, body: dict[str, Any]) -> str:
    if topic in (Topic.ORDER, Topic.GONE):
        return _number(body.get("id")) or _number(body.get("admin_graphql_api_id"))
    if topic is Topic.OF_ORDER:
        inner = _object(body.get("order")) or _object(body.get("order_edit"))
        return _number(body.get("order_id")) or _number(inner.get("order_id") or inner.get("id"))
    return ""


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: object) -> str:
    """An id as a number or a GID; "" for anything else."""
    text = (
        str(value).rpartition("/")[2] if isinstance(value, int | str) and not isinstance(value, bool) else ""
    )
    return text if text.isascii() and text.isdigit() and len(text) <= 20 else ""
