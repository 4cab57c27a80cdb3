"""The shop's query budget stays empty."""

import httpx

from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.credentials import AccessToken


def answer(request):
    return httpx.Response(429, headers={"x-shopify-api-version": "2026-10", "retry-after": "1"}, json={})


def provoke(place):
    client = ShopifyClient(
        shop="oak-ember.myshopify.com",
        credentials=AccessToken(token="shpat_0"),
        transport=httpx.MockTransport(answer),
        clock=lambda: 0.0,
        sleep=lambda seconds: None,
    )
    with client:
        client.query("shop", {})
