"""A shop named by its public address instead of the one that ends in .myshopify.com."""

from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.credentials import AccessToken


def provoke(place):
    ShopifyClient(shop="www.oak-ember.example", credentials=AccessToken(token="shpat_0"))
