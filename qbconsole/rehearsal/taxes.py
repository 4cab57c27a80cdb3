"""The taxes of the simulated shops as QuickBooks' owner has them: an item with a rate each, and a group of both.

Only `tax = "quickbooks"` needs them: QuickBooks computes by its own rates then, and no request of ours can know
the rate a merchant has to charge.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from qbconsole.sandbox.quickbooks import CompanyFile, QuickBooks
from qbconsole.sandbox.shopify.catalogue import TAXES

GROUP = "California and Los Angeles"
_AGENCY = "State Board of Equalization"
_HEAD = '<?qbxml version="16.0"?><QBXML><QBXMLMsgsRq onError="stopOnError">'
_TAIL = "</QBXMLMsgsRq></QBXML>"


def settings() -> Iterator[tuple[str, str]]:
    """What the mapping says of them."""
    for title, _ in TAXES:
        yield f'defaults.taxes."{title}".item', title
        yield f'defaults.taxes."{title}".agency', _AGENCY
    yield f'defaults.taxes."{" + ".join(title for title, _ in TAXES)}".group', GROUP


def enter_taxes(file: CompanyFile, now: datetime) -> None:
    """The owner enters them by hand, as requests that are none of ours."""
    by_hand = QuickBooks(file, requests_xsd=None, clock=lambda: now)
    for title, millionths in TAXES:
        rate = Decimal(millionths).scaleb(-4)
        fields = f"<Name>{title}</Name><TaxRate>{rate:f}</TaxRate>"
        agency = f"<TaxVendorRef><FullName>{_AGENCY}</FullName></TaxVendorRef>"
        body = f"<ItemSalesTaxAddRq><ItemSalesTaxAdd>{fields}{agency}</ItemSalesTaxAdd></ItemSalesTaxAddRq>"
        by_hand.process(_HEAD + body + _TAIL)
    file.add_tax_group(GROUP, [title for title, _ in TAXES], now)
