"""Tables of what QuickBooks told us: links, lists, names that entries bore before, list reads, observed documents, balances."""

from __future__ import annotations

import sqlalchemy as sa

from qbconsole.store.schema.columns import METADATA, minor, number, of, raw, row_id, text

links = sa.Table(
    "links",
    METADATA,
    of("merchant", "merchants.id", key=True),
    text("kind", key=True),  # Shopify's: "customer", "variant" …
    text("source_id", key=True),
    text("qb_kind"),
    text("qb_id"),
    text("edit_sequence"),
    text("full_name"),
    text("linked_at"),
    sa.Index("links_qb_id", "qb_id"),
)

lists = sa.Table(
    "lists",
    METADATA,
    of("company", "companies.id", key=True),
    text("kind", key=True),
    text("list_id", key=True),
    text("full_name"),
    text("folded"),
    number("is_active"),
    text("seen_at"),
    text("deleted_at", null=True),
    raw("data"),
    sa.Index("lists_name", "company", "kind", "folded"),
)

former_names = sa.Table(
    "former_names",
    METADATA,
    of("company", "companies.id", key=True),
    text("kind", key=True),
    text("list_id", key=True),
    text("folded", key=True),
    text("full_name"),
    text("left_at"),  # when a read showed the entry under another name
)

list_reads = sa.Table(
    "list_reads",
    METADATA,
    of("company", "companies.id", key=True),
    text("kind", key=True),
    text("read_at"),
    number("rows"),
)

observations = sa.Table(
    "observations",
    METADATA,
    row_id(),
    of("company", "companies.id"),
    text("txn_id"),
    text("kind"),
    text("edit_sequence"),
    text("document_key", null=True),
    minor("total", null=True),
    text("currency", null=True),
    text("seen_at"),
    raw("data"),
    sa.Index("observations_once", "company", "txn_id", "edit_sequence", unique=True),
    sa.Index("observations_document", "document_key"),
)

balances = sa.Table(
    "balances",
    METADATA,
    of("company", "companies.id", key=True),
    text("account", key=True),
    text("seen_at", key=True),
    minor("amount"),
    text("currency"),
)
