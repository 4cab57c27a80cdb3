"""The way of a webhook: kept in the inbox when it comes, acted on by the next pull."""

from __future__ import annotations

from qbconsole.sync.pull.webhooks.nudges import act_on_nudges, deliveries_waiting
from qbconsole.sync.pull.webhooks.privacy import act_on_privacy
from qbconsole.sync.pull.webhooks.receiving import Inbox
from qbconsole.sync.pull.webhooks.secret import give_webhook_secret, webhook_secrets
from qbconsole.sync.pull.webhooks.subscribing import subscribe

__all__ = [
    "Inbox",
    "act_on_nudges",
    "act_on_privacy",
    "deliveries_waiting",
    "give_webhook_secret",
    "subscribe",
    "webhook_secrets",
]
