"""A simulated Shopify: a seeded shop behind the Admin GraphQL API, over HTTP as the real one.

`Shop` holds the truth and changes it, `app` serves it. Imports nothing of ours; facts from
reference/shopify-api.md, money rules from reference/accounting.md sections 5 and 13.
"""

from __future__ import annotations

from qbconsole.sandbox.shopify.budget import Budget
from qbconsole.sandbox.shopify.hooks import Courier
from qbconsole.sandbox.shopify.service import Fault, Offline, app
from qbconsole.sandbox.shopify.shop import ALL_SCOPES, Shop

__all__ = ["ALL_SCOPES", "Budget", "Courier", "Fault", "Offline", "Shop", "app"]
