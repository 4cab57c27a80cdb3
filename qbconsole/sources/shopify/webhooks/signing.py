"""Who signed a delivery, from its raw bytes, before anything of it is parsed; and what its headers say.

`X-Shopify-Hmac-SHA256` is base64 of HMAC-SHA256 over the raw body with the app's client secret; for up to an hour
after that secret was changed, the one before may still sign (reference/shopify-api.md section 11).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping

from qbconsole.value import Value

SIGNATURE = "x-shopify-hmac-sha256"
#: Longer than any topic or id of Shopify's.
_HEADER_MOST = 255


class Envelope(Value):
    """What the headers of a delivery say; they are not signed, so nothing of weight may rest on them."""

    topic: str
    #: Unique for each delivery; the same delivery sent again has it again.
    delivery_id: str
    #: The shop's domain.
    shop: str
    api_version: str = ""


def signature(secret: str, body: bytes) -> str:
    """The header value that belongs to these bytes."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def is_signed(body: bytes, given: str, secrets: Iterable[str]) -> bool:
    """Whether one of our secrets made the signature; takes as long whichever it is, and whether any is."""
    try:
        told = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        told = b""
    found = False
    for secret in secrets:
        found |= hmac.compare_digest(hmac.digest(secret.encode(), body, hashlib.sha256), told)
    return found


def read_envelope(headers: Mapping[str, str]) -> Envelope | None:
    """What the headers say, by their names in lower case; None where one that we need is missing or no text."""
    topic, delivery_id, shop = (
        headers.get(name, "").strip()
        for name in ("x-shopify-topic", "x-shopify-webhook-id", "x-shopify-shop-domain")
    )
    told = (topic, delivery_id, shop)
    if not all(one and one.isascii() and one.isprintable() and len(one) <= _HEADER_MOST for one in told):
        return None
    return Envelope(
        topic=topic.lower(),
        delivery_id=delivery_id,
        shop=shop.lower(),
        api_version=headers.get("x-shopify-api-version", "")[:_HEADER_MOST],
    )
