"""Who we are to Shopify: a permanent token, or a client id and secret that buy a token for a day.

Secrets never appear in reprs, logs or error texts. Facts: reference/shopify-api.md section 7 (tokens a and b).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

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


Credentials = AccessToken | ClientCredentials


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
    _clock: Callable[[], float]
    _token: str = field(default="", repr=False)
    _ends: float = 0.0

    def token(self) -> str:
        """The token to send now. Raises what asking for one raises."""
        given = self._credentials
        if isinstance(given, AccessToken):
            return given.token
        if not self._token or self._clock() >= self._ends - RENEW_BEFORE:
            grant = self._ask(given)
            self._token, self._ends = grant.token, self._clock() + grant.lives
        return self._token

    def drop(self) -> bool:
        """Forget a token that was refused; False where there is no way to another."""
        self._token = ""
        return isinstance(self._credentials, ClientCredentials)
