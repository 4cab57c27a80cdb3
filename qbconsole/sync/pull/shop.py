"""Pulling one shop from the Admin API: its orders first, then what happened beside them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from qbconsole.errors import UsageError
from qbconsole.failpoints import reach
from qbconsole.rules.mapping.values import Merchant
from qbconsole.shop.orders import Shop
from qbconsole.sources.shopify.bulk import BulkDenied
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.facts import Unread
from qbconsole.sources.shopify.lists import shop as shop_head
from qbconsole.sources.shopify.orders import order_by_id, order_by_name, order_or_why, orders_updated
from qbconsole.sources.shopify.reading import read_shop
from qbconsole.store import inbox, journal, parties, snapshots
from qbconsole.sync.enrolling import enrol_merchant
from qbconsole.sync.means import Means
from qbconsole.sync.pull import bulk, counting, facts, withheld
from qbconsole.sync.pull.counting import count_days
from qbconsole.sync.pull.facts import pull_facts
from qbconsole.sync.pull.keep import Pulled, keep
from qbconsole.sync.pull.stock import note_moved, pull_stock
from qbconsole.sync.pull.stopped import STOPPING, heal, stop
from qbconsole.sync.pull.unread import AT_ONCE, forget_noted, note_orders, noted, stock_waits
from qbconsole.sync.pull.webhooks import act_on_nudges, act_on_privacy, subscribe
from qbconsole.sync.pull.webhooks.nudges import Answered, told_gone
from qbconsole.sync.pull.webhooks.unfound import tell_found, tell_unfound
from qbconsole.sync.pull.withheld import Noted, note_withheld, read_again, to_read_again

_log = logging.getLogger("qbconsole.pull")
#: A window ends this much before now, because search is indexed late.
SETTLING = timedelta(minutes=2)
CURSOR = "orders_updated"
#: Clocks of Shopify's own machines may differ by so much.
_AHEAD = timedelta(minutes=5)


def pull_shop(
    means: Means,
    merchant: Merchant,
    client: ShopifyClient,
    *,
    since: datetime | None = None,
    order: str | None = None,
    include_test: bool = False,
    in_bulk: bool | None = None,
    progress: Callable[[int], None] | None = None,
) -> Pulled:
    """Pull one merchant from the Admin API: everything changed since its cursors, or one order.

    Where several merchants share a shop, what happens beside its orders (payouts, stock, purchases) is the first one's.
    What the app may not see is a warning; only orders are needed. `in_bulk`: orders as one file; None: as it is quicker. Where Shopify lets us in no more, that is held too.
    """
    said = act_on_privacy(means, merchant)
    try:
        asked = _Asked(
            since=since, order=order, include_test=include_test, in_bulk=in_bulk, progress=progress
        )
        pulled = _pull(means, merchant, client, asked)
    except STOPPING as cause:
        stop(means, merchant, cause)
        raise
    heal(means, merchant)
    return pulled.warned(said)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What one pull was asked to do."""

    since: datetime | None
    order: str | None
    include_test: bool
    in_bulk: bool | None
    progress: Callable[[int], None] | None

    def told(self, count: int) -> None:
        if self.progress is not None:
            self.progress(count)


def _pull(means: Means, merchant: Merchant, client: ShopifyClient, asked: _Asked) -> Pulled:
    with means.store.reading() as tx:
        before = inbox.newest(tx, merchant.id)
    shop = read_shop(shop_head(client))
    pulled = Pulled(merchants=(merchant.id,))
    with means.store.atomic() as tx:
        enrol_merchant(means, tx, merchant)
        pulled = pulled.warned(keep_shop(means, tx, merchant, shop))
    pulled = pulled.warned(subscribe(means, client, merchant))
    if asked.order is not None:
        one = _one_order(client, asked.order)
        return _keep(means, pulled, merchant.id, [one], None, include_test=asked.include_test)
    now = _now(means, client)
    until = now - SETTLING
    pulled = _finish_import(means, merchant.id, client, asked, pulled)
    pulled = _read_unread(means, merchant.id, client, asked, pulled)
    done, pulled = _done(means, merchant.id, client, shop, pulled)
    start = asked.since or done
    again: tuple[Noted, ...] = ()
    if asked.since is None and done is not None:
        again = to_read_again(means, merchant.id, client)
        start = min([done, *(datetime.fromisoformat(one.since) for one in again)])
    if start is not None and start >= until:
        return _act_on_inbox(means, merchant.id, client, pulled, frozenset(), before)
    pulled, seen = _orders(means, merchant.id, client, asked, pulled, start, until, done)
    if again:
        read_again(means, merchant.id, again)
    pulled = _act_on_inbox(means, merchant.id, client, pulled, seen, before)
    if asked.since is None:
        pulled = _count(means, merchant.id, client, shop, now, pulled)
    if not means.mapping.owns_payouts(merchant.id):
        return pulled
    pulled, unread = pull_facts(means, merchant.id, shop, client, until, pulled, since=asked.since)
    with means.store.reading() as tx:
        waiting = stock_waits(tx, merchant)
    if asked.since is None and waiting:
        # What such an order took from the shelves would look like a loss.
        return pulled.warned([waiting])
    if asked.since is None:
        pulled = pull_stock(
            means, merchant.id, client, until, pulled, transfers_read="transfer" not in unread
        )
    return pulled


def keep_shop(means: Means, tx: sa.Connection, merchant: Merchant, shop: Shop) -> tuple[str, ...]:
    """Remember the shop as it was just told. Where it is another one than before, all of it is to be read; says so.

    One that only changed its address is read once more, too, and brings nothing new.
    """
    parties.lock_merchant(tx, merchant.id)
    known = parties.merchant(tx, merchant.id)
    parties.set_shop(tx, merchant.id, shop)
    if known is None or known.shop is None or known.shop.domain == shop.domain:
        return ()
    forget_noted(tx, means, merchant)
    _begin_anew(tx, means, merchant.id, shop)
    return (f"{merchant.id} was {known.shop.domain} before: all of {shop.domain} is read",)


def _begin_anew(tx: sa.Connection, means: Means, merchant: str, shop: Shop) -> None:
    for name in (CURSOR, bulk.CURSOR, counting.CURSOR, withheld.CURSOR, *facts.cursors(shop)):
        if snapshots.get_cursor(tx, merchant, name):
            snapshots.set_cursor(tx, merchant, name, "", means.clock())


def _done(
    means: Means, merchant: str, client: ShopifyClient, shop: Shop, pulled: Pulled
) -> tuple[datetime | None, Pulled]:
    """Up to when changes of orders were pulled. A time that has not come yet is not believed: all is read anew."""
    with means.store.reading() as tx:
        cursor = snapshots.get_cursor(tx, merchant, CURSOR)
    done = datetime.fromisoformat(cursor) if cursor else None
    if done is None or client.told_at is None or done < client.told_at + _AHEAD:
        return done, pulled
    with means.store.atomic() as tx:
        parties.lock_merchant(tx, merchant)
        _begin_anew(tx, means, merchant, shop)
    said = (
        f"What was pulled last is of {cursor}, which is in the future: a clock was wrong, so all is read anew"
    )
    return None, pulled.warned([said])


def _read_unread(means: Means, merchant: str, client: ShopifyClient, asked: _Asked, pulled: Pulled) -> Pulled:
    """Ask again for the orders that could not be read whole so far, those first that waited longest."""
    with means.store.reading() as tx:
        numbers = list(noted(tx, merchant))[:AT_ONCE]
    for number in numbers:
        found = order_or_why(client, number)
        if found is None:
            _keep_gone(means, merchant, number)
        else:
            rows, unread = ([], (found,)) if isinstance(found, Unread) else ([found], ())
            pulled = _keep(
                means, pulled, merchant, rows, None, include_test=asked.include_test, unread=unread
            )
    return pulled


def _keep_gone(means: Means, merchant: str, number: str) -> None:
    """Shopify does not show it any more: it can never be read whole, and a person has to know."""
    mine = means.merchant(merchant)
    with means.store.atomic() as tx:
        parties.lock_merchant(tx, merchant)
        note_orders(tx, means, mine, gone=[number])
        tell_unfound(tx, means, mine, [number], told_gone(tx, merchant))


def _now(means: Means, client: ShopifyClient) -> datetime:
    """Now, by Shopify's clock where ours runs ahead of it: a window that ends in the future would lose what comes yet."""
    ours, theirs = means.clock(), client.told_at
    return ours if theirs is None else min(ours, theirs)


def _count(
    means: Means, merchant: str, client: ShopifyClient, shop: Shop, now: datetime, pulled: Pulled
) -> Pulled:
    def kept(rows: list[Mapping[str, Any]], unread: tuple[Unread, ...]) -> None:
        nonlocal pulled
        pulled = _keep(means, pulled, merchant, rows, None, include_test=False, unread=unread)

    said = count_days(means, merchant, client, shop, now, kept)
    return pulled.warned(said)


def _orders(
    means: Means,
    merchant: str,
    client: ShopifyClient,
    asked: _Asked,
    pulled: Pulled,
    start: datetime | None,
    until: datetime,
    done: datetime | None,
) -> tuple[Pulled, Collection[str]]:
    """The orders of a window, as a file or by pages, and which ones pages brought; `done` is where the cursor stands."""
    if bulk.is_wanted(client, start, until) if asked.in_bulk is None else asked.in_bulk:
        wanted = bulk.Begun(
            operation="",
            since=None if start is None else start.isoformat(),
            until=until.isoformat(),
            moves=asked.since is None,
        )
        try:
            return _by_file(means, merchant, client, asked, pulled, wanted), frozenset()
        except BulkDenied as cause:
            if asked.in_bulk:
                raise
            pulled = pulled.warned([f"Read page by page: {cause}"])
    seen: set[str] = set()
    for page in orders_updated(client, start, until):
        pulled = pulled.warned(found.sentence() for found in page.denied)
        # What is read again does not move it back.
        through = max(page.through, done or page.through) if asked.since is None else None
        pulled = _keep(
            means,
            pulled,
            merchant,
            page.orders,
            through,
            include_test=asked.include_test,
            unread=page.unread,
        )
        seen.update(str(one["legacyResourceId"]) for one in page.orders)
        asked.told(len(seen))
    return pulled, seen


def _finish_import(
    means: Means, merchant: str, client: ShopifyClient, asked: _Asked, pulled: Pulled
) -> Pulled:
    """Finish the import that a pull before this one began. It goes no further than that one asked for: the window follows."""
    begun = bulk.unfinished(means, merchant)
    if begun is None or asked.in_bulk is False:
        return pulled
    try:
        return _by_file(means, merchant, client, asked, pulled, begun)
    except BulkDenied as cause:
        if asked.in_bulk:
            raise
        return pulled.warned([f"Read page by page: {cause}"])


def _by_file(
    means: Means,
    merchant: str,
    client: ShopifyClient,
    asked: _Asked,
    pulled: Pulled,
    wanted: bulk.Begun,
) -> Pulled:
    def kept(
        rows: list[dict[str, Any]],
        unread: tuple[Unread, ...],
        begun: bulk.Begun | None,
        cursor: datetime | None,
    ) -> None:
        nonlocal pulled
        pulled = _keep(
            means,
            pulled,
            merchant,
            rows,
            cursor,
            include_test=asked.include_test,
            others={bulk.CURSOR: bulk.written(begun)},
            unread=unread,
        )

    said = bulk.pull_bulk(means, merchant, client, wanted, kept, asked.told)
    return pulled.warned(said)


def _act_on_inbox(
    means: Means,
    merchant: str,
    client: ShopifyClient,
    pulled: Pulled,
    seen: Collection[str],
    before: int,
) -> Pulled:
    """Fetch what webhooks pointed at and this pull has not brought yet."""

    def kept(answered: Answered) -> None:
        nonlocal pulled
        pulled = _keep(
            means,
            pulled,
            merchant,
            answered.orders,
            None,
            include_test=False,
            answered=answered,
            unread=answered.unread,
        )

    said = act_on_nudges(means, merchant, client, kept, seen=seen, before=before)
    return pulled.warned(said)


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
    answered: Answered | None = None,
    others: Mapping[str, str] | None = None,
    unread: tuple[Unread, ...] = (),
) -> Pulled:
    """Keep orders, the cursors behind them, and that these deliveries of the inbox are answered: one commit."""
    rows = list(orders)
    with means.store.atomic() as tx:
        parties.lock_merchant(tx, merchant)  # another pull may be about to keep the very same
        note_moved(tx, merchant, rows, means.clock())
        note_withheld(tx, merchant, rows, means.clock())
        pulled += keep(means, tx, merchant, "order", rows, include_test=include_test)
        note_orders(
            tx,
            means,
            means.merchant(merchant),
            rows=rows,
            unread=unread,
            gone=answered.unfound if answered is not None else (),
        )
        if cursor is not None:
            snapshots.set_cursor(tx, merchant, CURSOR, cursor.isoformat(), means.clock())
        for name, value in (others or {}).items():
            snapshots.set_cursor(tx, merchant, name, value, means.clock())
        if answered is not None:
            _keep_answered(means, tx, merchant, answered)
        if rows:
            journal.record(tx, "operator", "pull", merchant, pulled.counts(), means.clock())
        reach("before_pulled_commit")
    reach("after_pulled_commit")
    if rows:
        _log.info("pulled", extra={"merchant": merchant, "orders": len(rows)})
    return pulled.warned(one.sentence() for one in unread)


def _keep_answered(means: Means, tx: sa.Connection, merchant: str, answered: Answered) -> None:
    """Mark the deliveries as handled, with what a person has to know of them."""
    mine = means.merchant(merchant)
    tell_found(tx, means, mine, answered.found)
    tell_unfound(tx, means, mine, answered.unfound, answered.deleted)
    inbox.mark_handled(tx, answered.handled, means.clock())


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
