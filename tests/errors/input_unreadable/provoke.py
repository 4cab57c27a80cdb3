"""A file of shop facts that does not say which shop."""

from qbconsole.sources.shopify.reading import read_shop


def provoke(place):
    read_shop({"currencyCode": "USD"})
