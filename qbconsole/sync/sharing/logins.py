"""Logins: what several workers on one database must know together, so that any call may go to any of them.

Whether a login may be tried (as `webconnector.throttle`, by the database's time), what version a client told, and
the sentence a failed call left for getLastError.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from qbconsole.store import sessions
from qbconsole.store.database import Store
from qbconsole.store.sharing import peers
from qbconsole.webconnector.throttle import PER_PEER, PER_USER, Allowance, network

_TOKEN = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Implements `webconnector.throttle.Admission` and `webconnector.calls.Versions` in the store."""

    store: Store
    per_peer: Allowance = PER_PEER
    per_user: Allowance = PER_USER

    def admit(self, user: str, peer: str) -> bool:
        """Take a token of each, in one commit; False, and nothing written, where one has none."""
        with self.store.reading() as tx:
            if any(self._level(tx, name, most) < _TOKEN for name, most in self._buckets(user, peer)):
                return False
        with self.store.atomic() as tx:
            levels = [self._level(tx, name, most, lock=True) for name, most in self._buckets(user, peer)]
            admitted = min(levels) >= _TOKEN
            if admitted:
                self._add(tx, user, peer, levels, -_TOKEN)
        return admitted

    def succeeded(self, user: str, peer: str) -> None:
        """Give the tokens back."""
        with self.store.atomic() as tx:
            levels = [self._level(tx, name, most, lock=True) for name, most in self._buckets(user, peer)]
            self._add(tx, user, peer, levels, _TOKEN)

    def keep(self, peer: str, version: str) -> None:
        """A client told its version."""
        with self.store.atomic() as tx:
            now = self.store.now(tx)
            peers.put(tx, f"version/{peer}"[:120], now, value=version)
            peers.forget_old(tx, now)

    def of(self, peer: str) -> str:
        """The latest version it told any of us, or ''."""
        with self.store.reading() as tx:
            found = peers.find(tx, f"version/{peer}"[:120])
        return found.value if found is not None else ""

    def trouble(self, ticket: str, sentence: str) -> None:
        """A call of this session failed: whoever is asked getLastError says so."""
        with self.store.atomic() as tx:
            if sessions.session(tx, ticket) is not None:
                sessions.update_session(tx, ticket, at=self.store.clock(), last_error=sentence)

    def _buckets(self, user: str, peer: str) -> tuple[tuple[str, Allowance], tuple[str, Allowance]]:
        """In the order in which all workers lock them."""
        return (f"net/{network(peer)}", self.per_peer), (f"user/{user}"[:120], self.per_user)

    def _level(self, tx: sa.Connection, name: str, most: Allowance, *, lock: bool = False) -> int:
        """Thousandths of tokens now; a name not seen before has all."""
        full = most.burst * _TOKEN
        found = peers.find(tx, name, lock=lock)
        if found is None:
            return full
        passed = max(timedelta(), self.store.now(tx) - found.seen_at)
        # A whole token comes every `seconds`, so a thousandth every so many milliseconds.
        return min(full, found.tokens + passed // timedelta(milliseconds=most.seconds))

    def _add(self, tx: sa.Connection, user: str, peer: str, levels: list[int], tokens: int) -> None:
        now = self.store.now(tx)
        for (name, most), level in zip(self._buckets(user, peer), levels, strict=True):
            peers.put(tx, name, now, tokens=min(most.burst * _TOKEN, level + tokens))
