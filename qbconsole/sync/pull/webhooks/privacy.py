"""What Shopify demands about buyers' data: done as far as we can, and told to a person with the rest.

customers/data_request, customers/redact and shop/redact want an answer within thirty days; each may come twice. Such a
delivery counts only where its signed body names our shop: its topic is a header, and headers are not signed.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from qbconsole.books.holds import Hold, Reason
from qbconsole.failpoints import reach
from qbconsole.rules.mapping.values import Merchant
from qbconsole.sources.shopify.webhooks import Nudge, Topic, read_nudge, topic_of
from qbconsole.sources.shopify.webhooks.topics import PRIVACY
from qbconsole.store import holds, inbox, journal, parties
from qbconsole.store.inbox import Delivery
from qbconsole.sync.forgetting.redacting import redact_customer, redact_shop
from qbconsole.sync.forgetting.unsent import forget_unsent
from qbconsole.sync.means import Means

#: Shopify's own limit.
ANSWER_WITHIN = timedelta(days=30)
_CHUNK = 100


def act_on_privacy(means: Means, merchant: Merchant) -> tuple[str, ...]:
    """Do what waits in the inbox, each in one commit; gives a sentence for each. Needs no answer of Shopify's."""
    said: list[str] = []
    after = 0
    while True:
        with means.store.reading() as tx:
            rows = inbox.unhandled(tx, merchant.id, _CHUNK, after=after)
        if not rows:
            return tuple(said)
        after = rows[-1].id
        said += [_one(means, merchant, row) for row in rows if topic_of(row.topic) in PRIVACY]


def _one(means: Means, merchant: Merchant, row: Delivery) -> str:
    topic = topic_of(row.topic)
    nudge = read_nudge(topic, row.raw)
    known = nudge.shop == merchant.shop and (topic is Topic.REDACT_SHOP or bool(nudge.customer))
    with means.store.atomic() as tx:
        # What a pull is keeping just now is seen here, or sees this.
        parties.lock_merchant(tx, merchant.id)
        changed = _done(tx, merchant, topic, nudge, means.clock()) if known else 0
        hold = _hold(merchant, row, topic, nudge) if known else None
        if hold is not None:
            holds.put_holds(tx, merchant.id, merchant.company, [hold], means.clock())
        inbox.mark_handled(tx, [row.id], means.clock())
        told = {"topic": topic.value, "customer": nudge.customer, "rows": changed, "believed": known}
        journal.record(tx, "shopify", "privacy", merchant.id, told, means.clock())
        reach("before_pulled_commit")
    return (
        hold.sentence if hold is not None else f"A delivery of {topic.value} names another shop; left alone"
    )


def _done(tx: sa.Connection, merchant: Merchant, topic: Topic, nudge: Nudge, at: datetime) -> int:
    if topic is Topic.DATA_REQUEST:
        return 0
    if topic is Topic.REDACT_CUSTOMER:
        redacted = redact_customer(tx, merchant.id, nudge.customer, nudge.orders)
    else:
        redacted = redact_shop(tx, merchant.id)
    forget_unsent(tx, merchant.id, merchant.company, redacted.sources, at)
    return redacted.rows


def _hold(merchant: Merchant, row: Delivery, topic: Topic, nudge: Nudge) -> Hold:
    until = f"{row.arrived_at + ANSWER_WITHIN:%Y-%m-%d}"
    whom = "all customers" if topic is Topic.REDACT_SHOP else f"customer {nudge.customer}"
    if topic is Topic.DATA_REQUEST:
        sentence = f"Shopify asks for {merchant.id} what is kept of {whom}; answer by {until}"
        step = f"Give the shop's owner the orders that `qbconsole show` prints of customer {nudge.customer}, then release this."
    else:
        sentence = f"Shopify demands for {merchant.id} that {whom} be forgotten by {until}; names were taken out of the shop's records as we keep them; what is booked and unsent waits for `qbconsole book` and leaves without them; what QuickBooks has, or may have, keeps them"
        step = "Take the name out of QuickBooks' customers and memos by hand as far as the law lets you, then release this."
    return Hold(
        reason=Reason.PRIVACY_REQUEST,
        where=f"{topic.value} {nudge.customer}".strip(),
        sentence=f"{sentence}.",
        next_step=step,
        subject=f"merchant/{merchant.id}",
        cause=f"privacy_request:{topic.value}:{nudge.customer}",
    )
