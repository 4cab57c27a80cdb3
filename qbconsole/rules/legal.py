"""Names QuickBooks takes, made from names shoppers and shops gave.

Where two names could become one (cut, or letters lost), the new name gets a short mark made from the
original, the same one every time. Limits: qbwc-protocol.md section 12.
"""

from __future__ import annotations

import base64
import hashlib

from qbconsole.qbxml.text import fit_name, is_plain

ITEM = 31
PARTY = 41
_MARK = 6
_CHANNELS = {
    "web": "Online Store",
    "pos": "POS",
    "shopify_draft_order": "Draft Orders",
    "shopify_payments": "Payments",
}


def _marked(name: str, original: str, limit: int) -> str:
    digest = hashlib.sha256(original.encode("utf-8", "surrogatepass")).digest()
    mark = base64.b32encode(digest).decode().lower()[:_MARK]
    return f"{name[: limit - _MARK - 1].rstrip()}-{mark}"


def item_name(sku: str) -> str:
    """An item's own name for a SKU; two SKUs never share one, because one item is one stock."""
    if is_plain(sku) and len(sku) <= ITEM and ":" not in sku:
        return sku
    fitted = fit_name(sku)
    if fitted.loss is None and len(fitted.text) <= ITEM:
        return fitted.text
    return _marked(fitted.text, sku, ITEM)


def party_name(name: str) -> str:
    """A customer's or vendor's own name; respelled names stay readable, cut and unreadable ones are marked."""
    text = fit_name(name).text
    if len(text) <= PARTY and text.strip("?- "):
        return text
    return _marked(text, name, PARTY)


def channel_label(source: str) -> str:
    """What a channel is called unless the mapping renames it; apps keep their number."""
    return _CHANNELS.get(source, source) or "Other"
