"""The secret that signs a merchant's webhooks, and for a while the one before it.

Shopify may sign with the old secret for up to an hour after it was changed (shopify-api.md section 11).
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from qbconsole.store.secrets import Keys, forget_secret, get_secret, put_secret

SECRET, SECRET_BEFORE = "webhook_secret", "webhook_secret_before"
#: An app that asks for its tokens has the same secret for both.
CLIENT_SECRET = "shopify_client_secret"  # noqa: S105 - a name, no secret
#: Shopify's hour, and ten minutes for clocks that differ.
OLD_SECRET_COUNTS = timedelta(minutes=70)


def give_webhook_secret(tx: sa.Connection, keys: Keys, merchant: str, secret: str, at: datetime) -> None:
    """Keep a merchant's webhook secret; the one before counts until Shopify has stopped using it."""
    before = _current(tx, keys, merchant)
    if before == secret:
        return
    if before:
        until = (at + OLD_SECRET_COUNTS).isoformat()
        put_secret(tx, keys, merchant, SECRET_BEFORE, f"{until} {before}", at)
    put_secret(tx, keys, merchant, SECRET, secret, at)


def forget_webhook_secret(tx: sa.Connection, merchant: str) -> None:
    """No delivery of this merchant is believed any more."""
    for name in (SECRET, SECRET_BEFORE):
        forget_secret(tx, merchant, name)


def webhook_secrets(tx: sa.Connection, keys: Keys, merchant: str, now: datetime) -> tuple[str, ...]:
    """The secrets that may have signed a delivery, the newest first; none where nothing was told yet."""
    found = [_current(tx, keys, merchant)]
    told = get_secret(tx, keys, merchant, SECRET_BEFORE)
    if told is not None:
        until, _, before = told.partition(" ")
        if now < datetime.fromisoformat(until):
            found.append(before)
    return tuple(filter(None, found))


def _current(tx: sa.Connection, keys: Keys, merchant: str) -> str:
    return get_secret(tx, keys, merchant, SECRET) or get_secret(tx, keys, merchant, CLIENT_SECRET) or ""
