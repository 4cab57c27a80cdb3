"""Granting: asking a shop for a token, the first one or a pair for the one that ran out.

Source: shopify-api.md section 7; shopify.dev, client credentials grant and offline access tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import httpx

from qbconsole.errors import ShopifyContradiction
from qbconsole.sources.shopify.answers import AccessLost, Passing, read_json, retry_after
from qbconsole.sources.shopify.credentials import ClientCredentials, Grant, OfflineTokens, Pair


class Granting:
    """One shop's way to tokens. `post` sends a form to an address of that shop and raises Passing where it cannot."""

    __slots__ = ("_post", "_shop")

    def __init__(self, shop: str, post: Callable[..., httpx.Response]) -> None:
        self._shop, self._post = shop, post

    def ask_token(self, given: ClientCredentials) -> Grant:
        """The client-credentials grant; an unversioned address (shopify-api.md section 7)."""
        form = {
            "grant_type": "client_credentials",
            "client_id": given.client_id,
            "client_secret": given.client_secret,
        }
        body = self._granted(form, "Check client id and secret, and that the app is installed in this shop.")
        return Grant(token=self._word(body, "access_token"), lives=self._seconds(body, "expires_in"))

    def ask_pair(self, given: OfflineTokens, refresh: str) -> Pair:
        """A new pair for a refresh token (shopify.dev, offline access tokens: refresh)."""
        form = {
            "grant_type": "refresh_token",
            "client_id": given.client_id,
            "client_secret": given.client_secret,
            "refresh_token": refresh,
        }
        body = self._granted(
            form,
            "Let the shop's owner open the app again, and store its new refresh token with `qbconsole setup`.",
        )
        now = given.keeper.now()
        return Pair(
            access=self._word(body, "access_token"),
            access_ends=now + timedelta(seconds=self._seconds(body, "expires_in")),
            refresh=self._word(body, "refresh_token"),
            refresh_ends=now + timedelta(seconds=self._seconds(body, "refresh_token_expires_in")),
            previous=refresh,
        )

    def _granted(self, form: Mapping[str, str], step: str) -> dict[str, Any]:
        response = self._post("/admin/oauth/access_token", data=form)
        if response.status_code == 429 or response.status_code >= 500:
            raise Passing(
                f"Shopify gave no token (HTTP {response.status_code})",
                delay=retry_after(response),
                throttled=response.status_code == 429,
            )
        if response.status_code != 200:
            raise AccessLost(
                f"Shopify gives this app no token (HTTP {response.status_code})", where=self._shop, next=step
            )
        return read_json(response)

    def _word(self, body: Mapping[str, Any], name: str) -> str:
        value = body.get(name)
        if not isinstance(value, str) or not value:
            raise self._no_token()
        return value

    def _seconds(self, body: Mapping[str, Any], name: str) -> float:
        value = body.get(name)
        if not isinstance(value, int | float) or not 0 < value < 10**10:
            raise self._no_token()
        return float(value)

    def _no_token(self) -> ShopifyContradiction:
        return ShopifyContradiction(
            "Shopify's answer to our request for a token holds none", where=self._shop
        )
