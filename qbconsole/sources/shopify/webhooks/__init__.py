"""Webhooks of Shopify: who signed a delivery, what it is about, and the small service that takes it.

A delivery is a nudge: it says which record to fetch anew and is never read as data. Facts: reference/shopify-api.md
section 11 and reliability.md F01-F04.
"""

from __future__ import annotations

from qbconsole.sources.shopify.webhooks.signing import Envelope, is_signed, read_envelope, signature
from qbconsole.sources.shopify.webhooks.topics import Nudge, Topic, read_nudge, topic_of

__all__ = [
    "Envelope",
    "Nudge",
    "Topic",
    "is_signed",
    "read_envelope",
    "read_nudge",
    "signature",
    "topic_of",
]
