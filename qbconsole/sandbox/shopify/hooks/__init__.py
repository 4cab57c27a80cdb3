"""What a shop sends by itself: webhooks to its subscribers, signed, at least once and in no certain order."""

from __future__ import annotations

from qbconsole.sandbox.shopify.hooks.sending import Courier, Sent, signed
from qbconsole.sandbox.shopify.hooks.subscriptions import Subscription

__all__ = ["Courier", "Sent", "Subscription", "signed"]
