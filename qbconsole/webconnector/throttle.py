"""A token bucket in front of the password hash: guessing is slow, and so is wearing us out.

A login takes a token from its peer and one from its user; a right password gives both back, so a Web Connector
that polls every minute never runs dry. Without a token nothing is hashed. Numbers: reference/reliability.md S3.
The clock is given; memory is bounded, the least recently seen are forgotten first.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """At most `burst` failures at once, then one more every `seconds`."""

    burst: int
    seconds: float


PER_PEER = Allowance(burst=5, seconds=12.0)
PER_USER = Allowance(burst=20, seconds=180.0)


class Buckets:
    """Tokens by name; a name not seen before has a full bucket."""

    __slots__ = ("_allowance", "_clock", "_levels", "_limit")

    def __init__(self, allowance: Allowance, clock: Callable[[], float], *, limit: int = 10_000) -> None:
        self._allowance = allowance
        self._clock = clock
        self._limit = limit
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def level(self, name: str) -> float:
        """Return the tokens left now, refilled for the time passed; a clock set back refills nothing."""
        now = self._clock()
        tokens, then = self._levels.get(name, (float(self._allowance.burst), now))
        return min(float(self._allowance.burst), tokens + max(0.0, now - then) / self._allowance.seconds)

    def add(self, name: str, tokens: float) -> None:
        """Put tokens in (or, negative, take them out)."""
        level = min(float(self._allowance.burst), self.level(name) + tokens)
        self._levels[name] = (level, self._clock())
        self._levels.move_to_end(name)
        if len(self._levels) > self._limit:
            self._levels.popitem(last=False)


class Admission(Protocol):
    """Says whether a login may be tried now; several workers share one."""

    def admit(self, user: str, peer: str) -> bool:
        """Take a token for this login, or return False: then hash nothing and answer 'nvu'."""
        ...

    def succeeded(self, user: str, peer: str) -> None:
        """The password was right: it costs nothing."""
        ...


class Throttle:
    """Says whether a login may be tried now. `clock` counts seconds and never needs to be a date."""

    __slots__ = ("_peers", "_users")

    def __init__(
        self, clock: Callable[[], float], *, per_peer: Allowance = PER_PEER, per_user: Allowance = PER_USER
    ) -> None:
        self._peers = Buckets(per_peer, clock)
        self._users = Buckets(per_user, clock)

    def admit(self, user: str, peer: str) -> bool:
        """Take a token for this login, or return False: then hash nothing and answer 'nvu'."""
        whose = network(peer)
        if self._peers.level(whose) < 1 or self._users.level(user) < 1:
            return False
        self._peers.add(whose, -1)
        self._users.add(user, -1)
        return True

    def succeeded(self, user: str, peer: str) -> None:
        """Give the tokens back: the password was right."""
        self._peers.add(network(peer), 1)
        self._users.add(user, 1)

    def locked(self, user: str, peer: str) -> bool:
        """Tell, for a screen, whether this login would be turned away now."""
        return self._peers.level(network(peer)) < 1 or self._users.level(user) < 1


def network(peer: str) -> str:
    """Whose a bucket is: one per IPv4 address and per IPv6 /64; whoever has one address there has them all."""
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return peer[:64]
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((int(address), 64), strict=False))
