"""What doctor looks at of each shop without asking it: credentials that end, webhooks that are not believed or not sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from qbconsole.care.doctor import Check, Health
from qbconsole.rules.mapping.values import Merchant
from qbconsole.sources.shopify.webhooks import topic_of
from qbconsole.sources.shopify.webhooks.topics import PRIVACY
from qbconsole.store import inbox, snapshots
from qbconsole.store.secrets import Keys
from qbconsole.sync.means import Means
from qbconsole.sync.pull.access import ENDS_SOON, kept_pair
from qbconsole.sync.pull.webhooks import webhook_secrets
from qbconsole.sync.pull.webhooks.subscribing import REFUSED, address

#: Deliveries looked at for demands about buyers' data.
_LOOK = 1000


def check_shops(means: Means, keys: Keys, now: datetime) -> Iterator[Check]:
    """Everything of every merchant that wants a look; nothing where all is well."""
    for merchant in means.mapping.merchants.values():
        yield from _token(means, keys, merchant.id, now)
        yield from _webhooks(means, keys, merchant, now)
        yield from _privacy(means, merchant.id)


def _token(means: Means, keys: Keys, merchant: str, now: datetime) -> Iterator[Check]:
    with means.store.reading() as tx:
        pair = kept_pair(tx, keys, merchant)
    if pair is None or pair.refresh_ends - now > ENDS_SOON:
        return
    over = pair.refresh_ends <= now
    yield Check(
        name=f"token {merchant}",
        health=Health.FAILED if over else Health.ATTENTION,
        sentence=f"The refresh token {'ended' if over else 'ends'} on {pair.refresh_ends:%Y-%m-%d %H:%M} UTC.",
        next_step=(
            "Let the shop's owner open the app again, and store its new refresh token with `qbconsole setup`."
            if over
            else f"Run `qbconsole --merchant {merchant} pull` before: it buys the next one."
        ),
    )


def _webhooks(means: Means, keys: Keys, merchant: Merchant, now: datetime) -> Iterator[Check]:
    if not merchant.webhooks:
        return
    name = f"webhooks {merchant.id}"
    with means.store.reading() as tx:
        secrets = webhook_secrets(tx, keys, merchant.id, now)
        refused = snapshots.get_cursor(tx, merchant.id, REFUSED)
    if not secrets:
        yield Check(
            name=name,
            health=Health.FAILED,
            sentence="No secret is stored that signs its webhooks, so every delivery is refused.",
            next_step='Give "webhook_secret", the app\'s client secret, in the file of `qbconsole setup --answers FILE`.',
        )
    elif refused is None:
        yield Check(
            name=name,
            health=Health.ATTENTION,
            sentence=f"Nobody asked Shopify yet to send to {address(merchant)}.",
            next_step=f"Run `qbconsole --merchant {merchant.id} pull`: it subscribes.",
        )
    elif refused:
        yield Check(
            name=name,
            health=Health.ATTENTION,
            sentence=refused,
            next_step="Mend what it names, then pull: what is missing is asked for again.",
        )
    else:
        told = f"Shopify sends to {address(merchant)}."
        yield Check(name=name, health=Health.OK, sentence=told)


def _privacy(means: Means, merchant: str) -> Iterator[Check]:
    with means.store.reading() as tx:
        rows = [row for row in inbox.unhandled(tx, merchant, _LOOK) if topic_of(row.topic) in PRIVACY]
    if rows:
        yield Check(
            name=f"privacy {merchant}",
            health=Health.ATTENTION,
            sentence=f"{len(rows)} demands about buyers' data came, the first on {rows[0].arrived_at:%Y-%m-%d}.",
            next_step=f"Run `qbconsole --merchant {merchant} pull`: it does what it can and tells the rest.",
        )
