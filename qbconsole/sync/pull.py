"""pull: shop facts into snapshots, kept raw as they came.

A snapshot is immutable; an older one never replaces a newer one (convention 29). Cursors move in the commit of
the rows they cover. Nothing is booked here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from qbconsole.errors import UsageError
from qbconsole.failpoints import reach
from qbconsole.rules.mapping.values import Merchant
from qbconsole.shop.orders import Shop
from qbconsole.sources.files import ShopFile, read_file
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.lists import shop as shop_head
from qbconsole.sources.shopify.orders import order_by_id, order_by_name, orders_updated
from qbconsole.sources.shopify.reading import read_shop
from qbconsole.store import journal, parties, snapshots
from qbconsole.sync.enrolling import enrol_merchant
from qbconsole.sync.means import Means

#: A window ends this much before now, because search is indexed late.
SETTLING = timedelta(minutes=2)
CURSOR = "orders_updated"
#: Set for a test order that was pulled on purpose.
TEST_WANTED = "test_wanted/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What one pull brought."""

    merchants: tuple[str, ...]
    new: int = 0
    changed: int = 0
    same: int = 0
    stale: int = 0
    #: What the app may not see, a sentence each.
    warnings: tuple[str, ...] = field(default=())

    def __add__(self, other: snapshots.PutResult) -> Pulled:
        return replace(
            self,
            new=self.new + other.new,
            changed=self.changed + other.changed,
            same=self.same + other.same,
            stale=self.stale + other.stale,
        )


def pull_file(means: Means, path: Path, *, merchant: str | None = None, include_test: bool = False) -> Pulled:
    """Take in a file whole; the merchant is the one named, else by the shop's domain, else the only one."""
    file = read_file(path)
    owners = _owners(means, file, merchant)
    pulled = Pulled(merchants=tuple(owner.id for owner in owners))
    with means.store.atomic() as tx:
        for owner in owners:
            enrol_merchant(means, tx, owner)
            if file.shop is not None:
                parties.set_shop(tx, owner.id, read_shop(file.shop))
            for kind, rows in file.rows.items():
                pulled += _put(means, tx, owner.id, kind, rows, include_test=include_test)
            if file.closing_date is not None:
                snapshots.set_cursor(
                    tx, owner.id, "closing_date", file.closing_date.isoformat(), means.clock()
                )
        reach("before_pulled_commit")
        journal.record(tx, "operator", "pull", path.name, _counts(pulled), means.clock())
    reach("after_pulled_commit")
    return pulled


def _owners(means: Means, file: ShopFile, merchant: str | None) -> tuple[Merchant, ...]:
    if merchant is not None:
        return (means.merchant(merchant),)
    domain = str((file.shop or {}).get("myshopifyDomain") or "")
    found = means.mapping.merchants_of_shop(domain) if domain else ()
    everyone = tuple(means.mapping.merchants.values())
    if found or len(everyone) == 1:
        return found or everyone
    raise UsageError(
        f"no merchant of the mapping has the shop {domain}" if domain else "the file does not name its shop",
        where="mappings.toml",
        next=f"Name one with --merchant: {', '.join(one.id for one in everyone) or 'none is mapped yet'}.",
    )


def _put(
    means: Means,
    tx: Any,
    merchant: str,
    kind: str,
    rows: Iterable[Mapping[str, Any]],
    *,
    include_test: bool,
) -> snapshots.PutResult:
    new = [_snapshot(kind, row) for row in rows]
    if include_test and kind == "order":
        for snapshot, row in zip(new, rows, strict=True):
            if row.get("test"):
                snapshots.set_cursor(tx, merchant, TEST_WANTED + snapshot.source_id, "1", means.clock())
    result = snapshots.put(tx, merchant, kind, new, means.clock())
    if include_test and kind == "order":
        snapshots.want_booking(tx, merchant, kind, [one.source_id for one in new])
    return result


def _snapshot(kind: str, row: Mapping[str, Any]) -> snapshots.NewSnapshot:
    """Identity: legacyResourceId, else the GID's last part, else a purchase's number."""
    body = row.get("payout") if kind == "payout" and isinstance(row.get("payout"), dict) else row
    given = (
        (body or {}).get("legacyResourceId") or (body or {}).get("id") or row.get("number") or row.get("name")
    )
    updated = row.get("updatedAt") or (body or {}).get("issuedAt")
    return snapshots.NewSnapshot(
        source_id=str(given or "").rsplit("/", 1)[-1].split("?", 1)[0],
        updated_at=str(updated) if row.get("updatedAt") else None,
        raw=msgspec.json.encode(row),
        name=str(row.get("name") or row.get("number") or ""),
    )


def pull_shop(
    means: Means,
    merchant: Merchant,
    client: ShopifyClient,
    *,
    since: datetime | None = None,
    order: str | None = None,
    include_test: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Pulled:
    """Pull one merchant from the Admin API: everything updated since the cursor, or one order."""
    shop = read_shop(shop_head(client))
    pulled = Pulled(merchants=(merchant.id,))
    with means.store.atomic() as tx:
        enrol_merchant(means, tx, merchant)
        parties.set_shop(tx, merchant.id, shop)
    if order is not None:
        return _keep(means, pulled, merchant.id, [_one_order(client, order)], None, include_test=include_test)
    until = means.clock() - SETTLING
    with means.store.reading() as tx:
        cursor = snapshots.get_cursor(tx, merchant.id, CURSOR)
    start = since or (datetime.fromisoformat(cursor) if cursor else None)
    if start is not None and start >= until:
        return pulled
    count = 0
    for page in orders_updated(client, start, until):
        denied = tuple(found.sentence() for found in page.denied)
        pulled = replace(pulled, warnings=denied)
        through = page.through if since is None else None
        pulled = _keep(means, pulled, merchant.id, page.orders, through, include_test=include_test)
        count += len(page.orders)
        if progress is not None:
            progress(count)
    return pulled


def _one_order(client: ShopifyClient, order: str) -> Mapping[str, Any]:
    by_id = order.startswith("gid://") or (order.isdigit() and len(order) > 9)
    raw = order_by_id(client, order) if by_id else order_by_name(client, order)
    if raw is None:
        raise UsageError(
            f"the shop has no order {order}", next="Name it as Shopify does (#1001), or by its id."
        )
    return raw


def _keep(
    means: Means,
    pulled: Pulled,
    merchant: str,
    orders: Iterable[Mapping[str, Any]],
    cursor: datetime | None,
    *,
    include_test: bool,
) -> Pulled:
    rows = list(orders)
    with means.store.atomic() as tx:
        pulled += _put(means, tx, merchant, "order", rows, include_test=include_test)
        if cursor is not None:
            snapshots.set_cursor(tx, merchant, CURSOR, cursor.isoformat(), means.clock())
        if rows:
            journal.record(tx, "operator", "pull", merchant, _counts(pulled), means.clock())
        reach("before_pulled_commit")
    reach("after_pulled_commit")
    return pulled


def _counts(pulled: Pulled) -> dict[str, Any]:
    return {"new": pulled.new, "changed": pulled.changed, "same": pulled.same, "stale": pulled.stale}


def shop_of(means: Means, merchant: Merchant) -> Shop:
    """The shop's facts as last told. Raises UsageError before the first pull."""
    with means.store.reading() as tx:
        found = parties.merchant(tx, merchant.id)
    if found is None or found.shop is None:
        raise UsageError(
            f"nothing was pulled for {merchant.id} yet",
            next=f"Run `qbconsole --merchant {merchant.id} pull`.",
        )
    return found.shop
