"""Acting on the inbox: every order a delivery points at is fetched anew, by id, and kept as any other.

Handled is marked in the commit of the rows, so a delivery is acted on at least once and what it brings is kept once.
What a pull's own window brought after the delivery had come is not fetched twice (reliability.md F01, F02).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import sqlalchemy as sa

from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.facts import Unread
from qbconsole.sources.shopify.orders import order_or_why
from qbconsole.sources.shopify.webhooks import Nudge, Topic, read_nudge, topic_of
from qbconsole.sources.shopify.webhooks.topics import PRIVACY
from qbconsole.store import inbox
from qbconsole.store.inbox import Delivery
from qbconsole.sync.means import Means
from qbconsole.sync.pull.webhooks.unfound import deleted_sentence, unseen_sentence
from qbconsole.value import Value

#: Deliveries handled in one commit, at most.
CHUNK = 50
_DELETED = "orders/delete"
Raw = Mapping[str, Any]


class Answered(Value):
    """What one batch of deliveries came to; it is kept in one commit."""

    orders: tuple[Raw, ...]
    #: Numbers of orders that Shopify showed, and did not show.
    found: tuple[str, ...]
    unfound: tuple[str, ...]
    #: Numbers of orders of which we were told that they were deleted.
    deleted: frozenset[str]
    #: Ids of the deliveries.
    handled: tuple[int, ...]
    #: Orders whose parts do not make a whole.
    unread: tuple[Unread, ...] = ()


Keep = Callable[[Answered], None]


def deliveries_waiting(means: Means, merchant: str) -> int:
    """How many deliveries no pull has acted on yet."""
    with means.store.reading() as tx:
        return inbox.waiting(tx, merchant)


def act_on_nudges(
    means: Means,
    merchant: str,
    client: ShopifyClient,
    keep: Keep,
    *,
    seen: Collection[str] = (),
    before: int = 0,
) -> tuple[str, ...]:
    """Fetch what the inbox points at; gives sentences for a person.

    `seen`: orders that this pull fetched; deliveries up to the id `before` had come by then and need no second fetch.
    Ids, because clocks jump.
    """
    said: list[str] = []
    gone: set[str] = set()
    behind = 0
    while rows := _rows(means, merchant, behind):
        behind = rows[-1].id
        told = [(row, read_nudge(topic_of(row.topic), row.raw)) for row in rows]
        wanted = dict.fromkeys(
            nudge.order
            for row, nudge in told
            if nudge.order and not (nudge.order in seen and row.id <= before)
        )
        gone |= {nudge.order for row, nudge in told if topic_of(row.topic) is Topic.GONE}
        found = {number: order_or_why(client, number) for number in wanted}
        unfound = tuple(number for number in wanted if found[number] is None)
        said += [deleted_sentence(one) if one in gone else unseen_sentence(one) for one in unfound]
        keep(
            Answered(
                orders=tuple(order for order in found.values() if isinstance(order, dict)),
                found=tuple(number for number in wanted if found[number] is not None),
                unfound=unfound,
                deleted=frozenset(gone),
                handled=tuple(row.id for row, _ in told),
                unread=tuple(order for order in found.values() if isinstance(order, Unread)),
            )
        )
    return tuple(said)


def _rows(means: Means, merchant: str, behind: int) -> list[Delivery]:
    """The next deliveries, without those that are acted on by themselves."""
    with means.store.reading() as tx:
        rows = inbox.unhandled(tx, merchant, CHUNK, after=behind)
    while rows and all(topic_of(row.topic) in PRIVACY for row in rows):
        with means.store.reading() as tx:
            rows = inbox.unhandled(tx, merchant, CHUNK, after=rows[-1].id)
    return [row for row in rows if topic_of(row.topic) not in PRIVACY]


def told_gone(tx: sa.Connection, merchant: str) -> set[str]:
    """Numbers of the orders of which a delivery told that they were deleted, acted on or not."""
    rows = inbox.acted_on(tx, merchant, _DELETED)
    behind = 0
    while waiting := inbox.unhandled(tx, merchant, CHUNK, after=behind):
        behind = waiting[-1].id
        rows += [row for row in waiting if topic_of(row.topic) is Topic.GONE]
    return {order for row in rows if (order := read_nudge(Topic.GONE, row.raw).order)}


def uninstalled(means: Means, merchant: str) -> bool:
    """Whether Shopify told that the app was taken out of the shop, and no pull went well since."""
    with means.store.reading() as tx:
        topics = {row.topic for row in inbox.unhandled(tx, merchant, CHUNK)}
    return any(topic_of(topic) is Topic.UNINSTALLED for topic in topics)


__all__ = ["CHUNK", "Answered", "Nudge", "act_on_nudges", "deliveries_waiting", "told_gone", "uninstalled"]
