"""`pull --from-file`: one file, whole or not at all."""

from __future__ import annotations

import logging
from pathlib import Path

from qbconsole.errors import UsageError
from qbconsole.failpoints import reach
from qbconsole.rules.mapping.values import Merchant
from qbconsole.sources.files import ShopFile, read_file
from qbconsole.sources.shopify.reading import read_shop
from qbconsole.store import journal, parties, snapshots
from qbconsole.sync.enrolling import enrol_merchant
from qbconsole.sync.means import Means
from qbconsole.sync.pull.keep import Pulled, keep
from qbconsole.sync.pull.shop import keep_shop
from qbconsole.sync.pull.stock import note_moved
from qbconsole.sync.pull.unread import tell_kept

_log = logging.getLogger("qbconsole.pull")


def pull_file(means: Means, path: Path, *, merchant: str | None = None, include_test: bool = False) -> Pulled:
    """Take in a file whole; the merchant is the one named, else by the shop's domain, else the only one."""
    file = read_file(path)
    owners = _owners(means, file, merchant)
    pulled = Pulled(merchants=tuple(owner.id for owner in owners))
    with means.store.atomic() as tx:
        for owner in owners:
            enrol_merchant(means, tx, owner)
            parties.lock_merchant(tx, owner.id)
            if file.shop is not None:
                pulled = pulled.warned(keep_shop(means, tx, owner, read_shop(file.shop)))
            note_moved(tx, owner.id, file.rows.get("order", ()), means.clock())
            for kind, rows in file.rows.items():
                pulled += keep(means, tx, owner.id, kind, rows, include_test=include_test)
                tell_kept(tx, means, owner, kind, rows)
            if file.closing_date is not None:
                snapshots.set_cursor(
                    tx, owner.id, "closing_date", file.closing_date.isoformat(), means.clock()
                )
        reach("before_pulled_commit")
        journal.record(tx, "operator", "pull", path.name, pulled.counts(), means.clock())
    reach("after_pulled_commit")
    counts = {"orders": len(file.rows.get("order", ())), "file": path.name}
    for owner in owners:
        _log.info("pulled", extra={"merchant": owner.id, "company": owner.company, **counts})
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
