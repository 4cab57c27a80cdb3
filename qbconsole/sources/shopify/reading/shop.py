"""The shop itself."""

from __future__ import annotations

from qbconsole.errors import InputUnreadable
from qbconsole.shop.orders import Shop, zone
from qbconsole.sources.shopify.reading.told import Json


def read_shop(raw: Json) -> Shop:
    """The `shop` object of an API answer or of a `pull --from-file` file."""
    domain = raw.get("myshopifyDomain")
    if not domain:
        raise InputUnreadable("the shop has no myshopifyDomain", where="shop")
    currency = str(raw.get("currencyCode") or "USD")
    timezone = str(raw.get("ianaTimezone") or "UTC")
    try:
        zone(timezone)
    except (KeyError, ValueError, OSError) as cause:  # ZoneInfoNotFoundError is a KeyError
        raise InputUnreadable(
            f"the shop's time zone {timezone!r} is none",
            where="shop.ianaTimezone",
            next='Give an IANA name such as "America/New_York".',
        ) from cause
    return Shop(
        domain=str(domain),
        currency=currency,
        timezone=timezone,
        home_currency=str(raw.get("homeCurrency") or currency),
        taxes_included=bool(raw.get("taxesIncluded")),
    )
