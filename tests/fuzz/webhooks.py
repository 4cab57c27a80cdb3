"""Webhooks: no row without a valid signature, and a status that the endpoint has."""

from __future__ import annotations

import base64
import hashlib
import hmac

from fuzz.booked import trip
from fuzz.door import Door
from fuzz.orders import SHOP, orders
from qbconsole.sources.shopify.webhooks.signing import SIGNATURE
from qbconsole.store import inbox
from qbconsole.sync.pull.webhooks.receiving import Inbox

_OTHERS = b"hush"


def tries(body: bytes) -> None:
    made = trip()
    taker = Inbox(store=made.workspace.store, clock=lambda: made.now, keys=made.workspace.keys)
    others = base64.b64encode(hmac.new(_OTHERS, body, hashlib.sha256).digest()).decode()
    for signature in ("", "AAAA", body[:44].decode("latin-1"), others):
        headers = {
            SIGNATURE: signature,
            "x-shopify-topic": "orders/updated",
            "x-shopify-webhook-id": "1",
            "x-shopify-shop-domain": SHOP["myshopifyDomain"],
        }
        assert taker.take("oak-ember", headers, body) in (400, 401, 503)
    with made.workspace.store.reading() as tx:
        assert not inbox.unhandled(tx, "oak-ember", 10)


def door() -> Door:
    return Door(examples=(b'{"id":1}', *orders()), tries=tries)
