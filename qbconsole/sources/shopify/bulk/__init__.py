"""Bulk import: Shopify writes the answer to one long query into a file, and the file is believed whole or not at all.

Facts: reference/shopify-api.md section 9; what may go wrong: reliability.md F08.
"""

from __future__ import annotations

from qbconsole.sources.shopify.bulk.download import BULK_HOSTS, fetch
from qbconsole.sources.shopify.bulk.joining import orders_in
from qbconsole.sources.shopify.bulk.operation import (
    BulkDenied,
    BulkFailed,
    Finished,
    begin,
    bulk_text,
    finished,
    orders_count,
    orders_counts,
)

__all__ = [
    "BULK_HOSTS",
    "BulkDenied",
    "BulkFailed",
    "Finished",
    "begin",
    "bulk_text",
    "fetch",
    "finished",
    "orders_count",
    "orders_counts",
    "orders_in",
]
