"""Which role a row of the Shopify Payments balance posts to, by its type.

One table of patterns, the first that fits wins; their order is part of the rule (an import tax is a duty
before it is a tax). Every type of the Admin API 2026-04 to 2026-10 fits one, so a type that fits none is newer
than this program. Source: accounting.md section 7.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache

from qbconsole.books.roles import CLEARING, clearing_role

#: The balance itself: what charges and refunds of orders passed through.
BALANCE = clearing_role("shopify_payments")
OTHER = "payout_adjustments"
#: The payout's own row: the money leaving the balance. It is what the other rows add up to, so it is left out.
OWN_ROW = "TRANSFER"

_RULES: tuple[tuple[str, str], ...] = (
    # Sales, through the clearing account their tenders went to.
    ("CHARGE", BALANCE),
    ("CHARGE_ADJUSTMENT", BALANCE),
    ("REFUND", BALANCE),
    ("REFUND_ADJUSTMENT", BALANCE),
    ("REFUND_FAILURE", BALANCE),
    # Disputes, and money held for them. The sign of the amount says whether it is taken or given back.
    ("DISPUTE_*", "chargebacks"),
    ("CHARGEBACK_FEE*", "chargeback_fees"),
    ("CHARGEBACK_HOLD*", "reserve"),
    ("RESERVED_FUNDS*", "reserve"),
    ("RISK_*", "reserve"),
    # What Shopify sells and lends.
    ("SHIPPING_LABEL*", "shipping_labels"),
    ("CUSTOMS_DUTY*", "duties_payable"),
    ("IMPORT_TAX*", "duties_payable"),
    ("LENDING_*", "loan_payable"),
    ("ADVANCE*", "loan_payable"),
    # Fees, and the tax on them. TAX_ADJUSTMENT_* is no tax on a fee: it has no role of its own.
    ("*_TAX", "merchant_fee_tax"),
    ("*_TAX_*", "merchant_fee_tax"),
    ("VAT_REFUND*", "merchant_fee_tax"),
    ("STRIPE_FEE", "merchant_fees"),
    ("REFERRAL_FEE", "merchant_fees"),
    ("ACH_BANK_FAILURE_*", "merchant_fees"),
    ("BILLING_*", "merchant_fees"),
    # A payout that came back, and money from or for others.
    ("TRANSFER_FAILURE", "payouts_in_transit"),
    ("TRANSFER_CANCEL", "payouts_in_transit"),
    ("TRANSFER_REFUND", "payouts_in_transit"),
    ("SHOP_CASH_*", CLEARING + "shop_cash"),
    # A row does not name its channel, so all channels share one clearing account.
    ("MARKETPLACE_*", CLEARING + "channel"),
    ("CHANNEL_*", CLEARING + "channel"),
    # Known types without a role of their own.
    ("ADJUSTMENT", OTHER),
    ("ADS_PUBLISHER_CREDIT*", OTHER),
    ("ANOMALY_CREDIT*", OTHER),
    ("ANOMALY_DEBIT*", OTHER),
    ("APPLICATION_FEE_REFUND", OTHER),
    ("BALANCE_TRANSFER_INBOUND", OTHER),
    ("BALANCE_TRANSFER_OUTBOUND", OTHER),
    ("CHARGEBACK_PROTECTION_CREDIT*", OTHER),
    ("CHARGEBACK_PROTECTION_DEBIT*", OTHER),
    ("COLLECTIONS_CREDIT*", OTHER),
    ("MARKETS_PRO_CREDIT", OTHER),
    ("MERCHANT_GOODWILL_CREDIT*", OTHER),
    ("MERCHANT_TO_MERCHANT_CREDIT*", OTHER),
    ("MERCHANT_TO_MERCHANT_DEBIT*", OTHER),
    ("PROMOTION_CREDIT*", OTHER),
    ("SELLER_PROTECTION_CREDIT*", OTHER),
    ("SHIPPING_OTHER_CARRIER_CHARGE_ADJUSTMENT", OTHER),
    ("SHIPPING_RETURN_TO_ORIGIN_ADJUSTMENT", OTHER),
    ("SHOPIFY_COLLECTIVE_CREDIT*", OTHER),
    ("SHOPIFY_COLLECTIVE_DEBIT*", OTHER),
    ("SHOPIFY_SOURCE_CREDIT*", OTHER),
    ("SHOPIFY_SOURCE_DEBIT*", OTHER),
    ("TAX_ADJUSTMENT_CREDIT*", OTHER),
    ("TAX_ADJUSTMENT_DEBIT*", OTHER),
)


@lru_cache(maxsize=512)
def _rule(row_type: str) -> str | None:
    return next((role for pattern, role in _RULES if fnmatchcase(row_type, pattern)), None)


def is_known(row_type: str) -> bool:
    """False for a type newer than this program, whose amount is posted to `payout_adjustments` with an alarm."""
    return row_type == OWN_ROW or _rule(row_type) is not None


def amount_role(row_type: str) -> str:
    """The role a row's amount posts to, with its sign reversed."""
    return _rule(row_type) or OTHER


def fee_role(row_type: str) -> str:
    """The role a row's fee posts to: what a dispute costs stands apart from what processing costs."""
    return "chargeback_fees" if row_type.startswith(("DISPUTE", "CHARGEBACK")) else "merchant_fees"


def wording(row_type: str) -> str:
    """The type as a person reads it: "Charge", "Dispute withdrawal"."""
    return row_type.replace("_", " ").strip().capitalize()
