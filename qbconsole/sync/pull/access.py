"""Rotating tokens, kept so that a crash at any moment loses none (reliability.md F05).

One process renews at a time, under a lease in the database. The new pair is durable before it is used; where the answer
with it was lost, the refresh token that is kept is the one used last, and Shopify takes it until its replacement is used.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from qbconsole.errors import ShopifyUnreachable, UsageError
from qbconsole.failpoints import reach
from qbconsole.sources.shopify.answers import AccessLost
from qbconsole.sources.shopify.credentials import Ask, Pair
from qbconsole.store import parties, snapshots
from qbconsole.store.database import Store
from qbconsole.store.secrets import Keys, get_secret, put_secret

#: The name under which a merchant's pair is kept.
PAIR = "shopify_offline"
#: Who renews, and until when nobody else may.
LEASE = "token_lease"
#: Longer than a request with its time-out takes.
LEASE_LASTS = timedelta(seconds=60)
#: Between two looks whether another process is done.
_LOOK = timedelta(milliseconds=500)
#: A refresh token this near its end is an alarm.
ENDS_SOON = timedelta(hours=24)


def keep_refresh_token(tx: sa.Connection, keys: Keys, merchant: str, refresh: str, at: datetime) -> None:
    """Keep a refresh token that a person gave; the first use buys its access token."""
    _put(
        tx,
        keys,
        merchant,
        Pair(access="", access_ends=at, refresh=refresh, refresh_ends=at + timedelta(days=90)),
        at,
    )


def kept_pair(tx: sa.Connection, keys: Keys, merchant: str) -> Pair | None:
    """The pair of a merchant; None where its tokens do not rotate."""
    found = get_secret(tx, keys, merchant, PAIR)
    return msgspec.json.decode(found, type=Pair) if found is not None else None


def _put(tx: sa.Connection, keys: Keys, merchant: str, pair: Pair, at: datetime) -> None:
    put_secret(tx, keys, merchant, PAIR, msgspec.json.encode(pair).decode(), at)


def _wait(span: timedelta) -> None:
    time.sleep(span.total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTokens:
    """The keeper of one merchant's pair."""

    store: Store
    keys: Keys = field(repr=False)
    merchant: str
    clock: Callable[[], datetime]
    wait: Callable[[timedelta], None] = _wait

    def now(self) -> datetime:
        """The time that the ends of tokens are compared with."""
        return self.clock()

    def current(self) -> Pair:
        """The pair as kept now. Raises UsageError where there is none."""
        with self.store.reading() as tx:
            return self._pair(tx)

    def renewed(self, refused: str, ask: Ask) -> Pair:
        """A pair with another access token than `refused`, bought by whoever holds the lease."""
        owner = uuid.uuid4().hex
        waited = timedelta()
        while True:
            with self.store.atomic() as tx:
                parties.lock_merchant(tx, self.merchant)  # of two that look, one sees the other's lease
                pair = self._pair(tx)
                if pair.access != refused:
                    return pair
                if self._take_lease(tx, owner):
                    break
            if waited > 2 * LEASE_LASTS:
                raise ShopifyUnreachable(
                    f"another process has been renewing the token of {self.merchant} for long"
                )
            self.wait(_LOOK)
            waited += _LOOK
        try:
            bought = self._buy(pair, ask)
        except BaseException:
            with self.store.atomic() as tx:
                self._end_lease(tx, owner)
            raise
        reach("after_token_given")
        with self.store.atomic() as tx:
            parties.lock_merchant(tx, self.merchant)
            if not self._end_lease(tx, owner):
                return self._pair(tx)  # we were too slow: somebody else renewed after us
            _put(tx, self.keys, self.merchant, bought, self.clock())
        reach("after_token_kept")
        return bought

    def _buy(self, pair: Pair, ask: Ask) -> Pair:
        try:
            return ask(pair.refresh)
        except AccessLost:
            if not pair.previous:
                raise
            return ask(pair.previous)

    def _pair(self, tx: sa.Connection) -> Pair:
        found = kept_pair(tx, self.keys, self.merchant)
        if found is None:
            raise UsageError(
                f"there is no refresh token for {self.merchant}",
                next=f"Run `qbconsole --merchant {self.merchant} setup`.",
            )
        return found

    def _take_lease(self, tx: sa.Connection, owner: str) -> bool:
        now = self.store.now(tx)
        until, _, _ = (snapshots.get_cursor(tx, self.merchant, LEASE) or "").partition(" ")
        if until and now < datetime.fromisoformat(until) <= now + LEASE_LASTS:
            return False
        self._set_lease(tx, f"{(now + LEASE_LASTS).isoformat()} {owner}")
        return True

    def _end_lease(self, tx: sa.Connection, owner: str) -> bool:
        """Give the lease back; False where it is somebody else's by now."""
        _, _, holder = (snapshots.get_cursor(tx, self.merchant, LEASE) or "").partition(" ")
        if holder != owner:
            return False
        self._set_lease(tx, "")
        return True

    def _set_lease(self, tx: sa.Connection, value: str) -> None:
        snapshots.set_cursor(tx, self.merchant, LEASE, value, self.clock())
