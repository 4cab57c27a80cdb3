"""Taking a delivery: the signature first, then the headers, then one commit, and only then "kept".

Nothing is parsed before the signature holds, and nothing of the payload is read here at all. The same delivery twice is
one row; what it is about is looked up by the next pull (reliability.md F02-F04).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from qbconsole.errors import StoreError
from qbconsole.failpoints import reach
from qbconsole.sources.shopify.webhooks import is_signed, read_envelope
from qbconsole.sources.shopify.webhooks.listening import KEPT, LATER, UNREADABLE, UNSIGNED
from qbconsole.sources.shopify.webhooks.signing import SIGNATURE
from qbconsole.store import inbox, parties
from qbconsole.store.database import Store
from qbconsole.store.secrets import Keys
from qbconsole.sync.pull.webhooks.secret import webhook_secrets

_LOG = structlog.get_logger("qbconsole.webhooks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """Where deliveries go; one for a service. `answered` counts statuses by merchant since the start."""

    store: Store
    clock: Callable[[], datetime]
    keys: Keys = field(repr=False)
    answered: Counter[tuple[str, int]] = field(default_factory=Counter)

    def take(self, merchant: str, headers: Mapping[str, str], body: bytes) -> int:
        """Keep one delivery; gives the HTTP status to answer with. Commits before it says that it was kept."""
        try:
            status = self._taken(merchant, headers, body)
        except StoreError as cause:
            # Not kept, so it must come again; anybody else's trouble would be told as a refusal.
            _LOG.warning("webhook_not_kept", code=cause.code, merchant=merchant[:60])
            status = LATER
        known = merchant if status != UNSIGNED else ""
        self.answered[(known, status)] += 1
        return status

    def _taken(self, merchant: str, headers: Mapping[str, str], body: bytes) -> int:
        domain, secrets = self._known(merchant)
        if not is_signed(body, headers.get(SIGNATURE, ""), secrets):
            return UNSIGNED
        told = read_envelope(headers)
        if told is None or told.shop != domain:
            return UNREADABLE
        with self.store.atomic() as tx:
            inbox.receive(
                tx, merchant, delivery_id=told.delivery_id, topic=told.topic, raw=body, at=self.clock()
            )
            reach("before_inbox_commit")
        reach("after_inbox_commit")
        return KEPT

    def _known(self, merchant: str) -> tuple[str, tuple[str, ...]]:
        """The merchant's shop and what may have signed for it; nothing of one we do not know."""
        with self.store.reading() as tx:
            found = parties.merchant(tx, merchant)
            if found is None:
                return "", ()
            return found.domain, webhook_secrets(tx, self.keys, merchant, self.clock())
