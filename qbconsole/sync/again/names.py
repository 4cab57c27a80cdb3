"""The names a request speaks of, read from its own bytes: they were in QuickBooks when it was sent, and may be gone."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

#: Element that names an entry -> its list. An entity may be of any list of names: `entities_in` gives those.
_LISTS: Mapping[str, str] = MappingProxyType(
    {
        "CustomerRef": "customer",
        "VendorRef": "vendor",
        "PrefVendorRef": "vendor",
        "TaxVendorRef": "vendor",
        "ItemRef": "item",
        "ItemSalesTaxRef": "item",
        "AccountRef": "account",
        "ARAccountRef": "account",
        "APAccountRef": "account",
        "DepositToAccountRef": "account",
        "RefundFromAccountRef": "account",
        "OverrideItemAccountRef": "account",
        "IncomeAccountRef": "account",
        "ExpenseAccountRef": "account",
        "COGSAccountRef": "account",
        "AssetAccountRef": "account",
        "ClassRef": "class",
        "PaymentMethodRef": "payment_method",
        "TermsRef": "terms",
        "SalesTaxCodeRef": "sales_tax_code",
        "CustomerSalesTaxCodeRef": "sales_tax_code",
    }
)
_ENTITIES = frozenset({"EntityRef", "PayeeEntityRef"})
_NAMED = re.compile(r"<(\w+Ref)>\s*<FullName>([^<]*)</FullName>\s*</\1>")


def names_in(body: str) -> Iterator[tuple[str, str]]:
    """(list, full name) of each entry that a request names, each once."""
    named = ((_LISTS[element], name) for element, name in _named(body) if element in _LISTS)
    yield from dict.fromkeys(named)


def entities_in(body: str) -> Iterator[str]:
    """Full names that a request gives without telling whether a customer, a vendor or another bears them, each once."""
    yield from dict.fromkeys(name for element, name in _named(body) if element in _ENTITIES)


def _named(body: str) -> Iterator[tuple[str, str]]:
    """(element, full name) of each entry that is named."""
    for element, text in _NAMED.findall(body):
        yield element, html.unescape(text).strip()
