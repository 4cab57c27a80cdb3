"""`pull --fees`: a gateway's fees from a table, whole or not at all."""

from __future__ import annotations

from pathlib import Path

from qbconsole.errors import UsageError
from qbconsole.failpoints import reach
from qbconsole.sources.fees import read_fees
from qbconsole.store import journal, parties
from qbconsole.sync.enrolling import enrol_merchant
from qbconsole.sync.means import Means
from qbconsole.sync.pull.keep import Pulled, keep


def pull_fees(means: Means, path: Path, *, merchant: str | None = None, gateway: str | None = None) -> Pulled:
    """Take in a table of fees; without a currency column they are in the shop's currency.

    The merchant is the one named, else the only one. The same file again brings nothing new.
    """
    everyone = tuple(means.mapping.merchants)
    if merchant is None and len(everyone) != 1:
        raise UsageError(
            "a table of fees does not name its shop",
            where=path.name,
            next=f"Name the merchant with --merchant: {', '.join(everyone) or 'none is mapped yet'}.",
        )
    owner = means.merchant(merchant or everyone[0])
    with means.store.reading() as tx:
        known = parties.merchant(tx, owner.id)
    shop = known.shop if known is not None else None
    rows = read_fees(path, gateway=gateway, currency=shop.currency if shop is not None else None)
    pulled = Pulled(merchants=(owner.id,))
    with means.store.atomic() as tx:
        enrol_merchant(means, tx, owner)
        pulled += keep(means, tx, owner.id, "fee", rows)
        reach("before_pulled_commit")
        journal.record(tx, "operator", "pull", path.name, pulled.counts(), means.clock())
    reach("after_pulled_commit")
    return pulled
