"""Shopify serves another API version than the one asked for."""

import httpx

from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.credentials import AccessToken


def answer(request):
    return httpx.Response(200, headers={"x-shopify-api-version": "2027-01"}, json={"data": {}})


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
