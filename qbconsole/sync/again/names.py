"""The names a request speaks of, read from its own bytes: they were in QuickBooks when it was sent, and may be gone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from xml.sax.saxutils import unescape

#: Element that names an entry -> its list. An entity may be of any list of names, so nothing is concluded of it.
_LISTS: Mapping[str, str] = MappingProxyType(
    {
        "CustomerRef": "customer",
        "VendorRef": "vendor",
        "ItemRef": "item",
        "ItemSalesTaxRef": "item",
        "AccountRef": "account",
        "ARAccountRef": "account",
        "APAccountRef": "account",
        "DepositToAccountRef": "account",
        "RefundFromAccountRef": "account",
        "OverrideItemAccountRef": "account",
        "ClassRef": "class",
        "PaymentMethodRef": "payment_method",
        "TermsRef": "terms",
        "SalesTaxCodeRef": "sales_tax_code",
        "CustomerSalesTaxCodeRef": "sales_tax_code",
    }
)
_NAMED = re.compile(r"<(\w+Ref)>\s*<FullName>([^<]*)</FullName>\s*</\1>")
_QUOTES = {"&quot;": '"', "&#34;": '"', "&#39;": "'", "&apos;": "'"}


def names_in(body: str) -> Iterator[tuple[str, str]]:
    """(list, full name) of each entry that a request names, each once."""
    seen: set[tuple[str, str]] = set()
    for element, text in _NAMED.findall(body):
        kind = _LISTS.get(element)
        name = (kind or "", unescape(text, _QUOTES).strip())
        if kind is not None and name not in seen:
            seen.add(name)
            yield name
