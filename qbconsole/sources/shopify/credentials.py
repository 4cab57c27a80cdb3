"""Who we are to Shopify: a permanent token, a client id and secret that buy a token for a day, or tokens that rotate.

Secrets never appear in reprs, logs or error texts. Facts: reference/shopify-api.md section 7 (tokens a, b and c);
rotation: reliability.md section 0 and F05.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from qbconsole.value import Value

#: A token is renewed this many seconds before it would end.
RENEW_BEFORE = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """A permanent token of an app made in the shop's admin (`shpat_…`)."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentials:
    """An app of the Dev Dashboard: asks for a token that lives 24 hours, again and again."""

    client_id: str
    client_secret: str = field(repr=False)


class Pair(Value):
    """An access token and the refresh token that buys the next pair; never shown."""

    access: str
    access_ends: datetime
    refresh: str
    refresh_ends: datetime
    #: The refresh token that bought this pair: Shopify takes it until this pair is used.
    previous: str = ""

    def __repr__(self) -> str:
        return f"Pair(access_ends={self.access_ends!r}, refresh_ends={self.refresh_ends!r})"


#: Buys a new pair with a refresh token. Raises AccessLost where Shopify takes it no more.
Ask = Callable[[str], Pair]


class Keeper(Protocol):
    """Keeps a rotating pair where a crash cannot lose it, and lets one process at a time renew it."""

    def current(self) -> Pair:
        """The pair as kept now."""

    def renewed(self, refused: str, ask: Ask) -> Pair:
        """A pair whose access token is not `refused`: what another process bought meanwhile, or bought now.

        It is durable before it is given.
        """

    def now(self) -> datetime:
        """The time that the ends of tokens are compared with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflineTokens:
    """A public app: access tokens live an hour, refresh tokens ninety days, each is replaced when used."""

    client_id: str
    client_secret: str = field(repr=False)
    keeper: Keeper = field(repr=False)


Credentials = AccessToken | ClientCredentials | OfflineTokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A token and how long it lives, in seconds."""

    token: str = field(repr=False)
    lives: float


@dataclass(slots=True)
class TokenSource:
    """Holds the token in use; asks for one when there is none, or it is about to end."""

    _credentials: Credentials
    _ask: Callable[[ClientCredentials], Grant] = field(repr=False)
    _ask_pair: Callable[[OfflineTokens, str], Pair] = field(repr=False)
    _clock: Callable[[], float]
    _token: str = field(default="", repr=False)
    _refused: str = field(default="", repr=False)
    _ends: float = 0.0

    def token(self) -> str:
        """The token to send now. Raises what asking for one raises."""
        given = self._credentials
        if isinstance(given, AccessToken):
            return given.token
        if isinstance(given, OfflineTokens):
            return self._of_pair(given)
        if not self._token or self._clock() >= self._ends - RENEW_BEFORE:
            grant = self._ask(given)
            self._token, self._ends = grant.token, self._clock() + grant.lives
        return self._token

    def _of_pair(self, given: OfflineTokens) -> str:
        pair = given.keeper.current()
        ends = pair.access_ends - timedelta(seconds=RENEW_BEFORE)
        if pair.access == self._refused or given.keeper.now() >= ends:
            pair = given.keeper.renewed(pair.access, lambda refresh: self._ask_pair(given, refresh))
        self._token = pair.access
        return pair.access

    def drop(self) -> bool:
        """Forget a token that was refused; False where there is no way to another."""
        self._token, self._refused = "", self._token
        return not isinstance(self._credentials, AccessToken)
