"""How `pull` and `sync now` go over the shops: one merchant's trouble does not stop the others."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from qbconsole.care.setup import credentials_of
from qbconsole.cli.given import Given
from qbconsole.cli.output import progress
from qbconsole.cli.values import instant
from qbconsole.errors import QbconsoleError
from qbconsole.rules.mapping.values import Merchant
from qbconsole.sources.shopify.bulk import BULK_HOSTS
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sync.book import Booked, book
from qbconsole.sync.means import Means
from qbconsole.sync.pull import Pulled, pull_fees, pull_file, pull_shop
from qbconsole.sync.schedule.one_at_a_time import one_at_a_time
from qbconsole.views.status import status

if TYPE_CHECKING:
    from qbconsole.workspace import Workspace

#: Where `qbconsole sandbox shopify` listens, for trying things out; a loopback address or refused.
SANDBOX = "QBCONSOLE_SHOPIFY_URL"
#: Further hosts of bulk files, apart by commas.
HOSTS = "QBCONSOLE_BULK_HOSTS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why one merchant could not be pulled."""

    code: str
    what: str
    where: str
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What `sync now` did."""

    pulled: Pulled
    booked: Booked
    troubles: tuple[Trouble, ...]
    #: When each company's Web Connector last called.
    last_contact: Mapping[str, datetime | None]
    exit_status: int


def pull_from_file(given: Given, workspace: Workspace, path: Path, *, include_test: bool) -> Pulled:
    """One file."""
    return pull_file(workspace.means(), path, merchant=given.merchant, include_test=include_test)


def pull_from_fees(given: Given, workspace: Workspace, path: Path, *, gateway: str | None) -> Pulled:
    """One table of a gateway's fees."""
    return pull_fees(workspace.means(), path, merchant=given.merchant, gateway=gateway)


def pull_from_shops(
    given: Given,
    workspace: Workspace,
    *,
    since: str | None,
    order: str | None,
    include_test: bool,
    in_bulk: bool | None = None,
) -> Pulled:
    """Every merchant named; the first trouble ends it, what came before is kept."""
    means = workspace.means()
    start = instant(since, workspace.clock()) if since else None
    total = Pulled(merchants=())
    for merchant in means.merchants(given.merchant, given.company):
        one = _pulled(workspace, means, merchant, start, order, include_test=include_test, in_bulk=in_bulk)
        total = _added(total, one)
    return total


def _pulled(
    workspace: Workspace,
    means: Means,
    merchant: Merchant,
    since: datetime | None,
    order: str | None,
    *,
    include_test: bool = False,
    in_bulk: bool | None = None,
) -> Pulled:
    told = credentials_of(means, workspace.keys, merchant)
    address = os.environ.get(SANDBOX) or None
    with (
        ShopifyClient(
            shop=merchant.shop, credentials=told, base_url=address, bulk_hosts=_bulk_hosts()
        ) as client,
        progress(f"pulling {merchant.id}") as bar,
    ):
        return pull_shop(
            means,
            merchant,
            client,
            since=since,
            order=order,
            include_test=include_test,
            in_bulk=in_bulk,
            progress=lambda done: bar(done, 0),
        )


def _bulk_hosts() -> tuple[str, ...]:
    """Where files of bulk imports may lie: as known, and what the environment adds."""
    return (*BULK_HOSTS, *os.environ.get(HOSTS, "").replace(",", " ").split())


def _added(total: Pulled, one: Pulled) -> Pulled:
    return replace(
        total,
        merchants=(*total.merchants, *one.merchants),
        new=total.new + one.new,
        changed=total.changed + one.changed,
        same=total.same + one.same,
        stale=total.stale + one.stale,
        warnings=(*total.warnings, *one.warnings),
    )


def synced(given: Given, workspace: Workspace) -> Synced:
    """Pull and book every merchant named, go on where one cannot be pulled."""
    means = workspace.means()
    given.tell_broken_mapping(workspace)
    merchants = means.merchants(given.merchant, given.company)
    pulled, troubles, worst = Pulled(merchants=()), [], 0
    mine = []
    with ExitStack() as turns:
        for merchant in merchants:
            try:
                turns.enter_context(one_at_a_time(means.store, merchant.id))
                mine.append(merchant.id)
                pulled = _added(pulled, _pulled(workspace, means, merchant, None, None))
            except QbconsoleError as error:
                where = merchant.id if error.where in ("", merchant.id) else f"{merchant.id}, {error.where}"
                troubles.append(Trouble(code=error.code, what=error.what, where=where, next=error.next))
                worst = max(worst, error.exit_status)
        means = workspace.means()  # pulling lasts: what was edited meanwhile decides
        there = [means.mapping.merchants[one] for one in mine if one in means.mapping.merchants]
        with progress("booking") as bar:
            booked = book(means, there, progress=bar)
    now = status(workspace.store, means.mapping, now=workspace.clock(), **given.narrowed(means))
    return Synced(
        pulled=pulled,
        booked=booked,
        troubles=tuple(troubles),
        last_contact={company.id: company.last_contact_at for company in now.companies},
        exit_status=worst or (1 if booked.stopped else 0),
    )
