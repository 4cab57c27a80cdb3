"""Every type of balance row has a role by rule; a type newer than this program is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from qbconsole.books.facts.payout.roles import amount_role, fee_role, is_known
from qbconsole.books.roles import CLEARING, ROLES

SHARED = Path(__file__).parents[4] / "shared/reference/shopify"
BALANCE = "clearing:shopify_payments"

#: By hand, from accounting.md section 7; what is not here goes to payout_adjustments.
BY_ROLE = {
    BALANCE: "CHARGE CHARGE_ADJUSTMENT REFUND REFUND_ADJUSTMENT REFUND_FAILURE",
    "chargebacks": "DISPUTE_REVERSAL DISPUTE_WITHDRAWAL",
    "chargeback_fees": "CHARGEBACK_FEE CHARGEBACK_FEE_REFUND",
    "reserve": "CHARGEBACK_HOLD CHARGEBACK_HOLD_RELEASE RESERVED_FUNDS RESERVED_FUNDS_REVERSAL"
    " RESERVED_FUNDS_WITHDRAWAL RISK_REVERSAL RISK_WITHDRAWAL",
    "shipping_labels": "SHIPPING_LABEL SHIPPING_LABEL_ADJUSTMENT SHIPPING_LABEL_ADJUSTMENT_BASE"
    " SHIPPING_LABEL_ADJUSTMENT_SURCHARGE",
    "duties_payable": "CUSTOMS_DUTY CUSTOMS_DUTY_ADJUSTMENT IMPORT_TAX IMPORT_TAX_ADJUSTMENT IMPORT_TAX_REFUND",
    "loan_payable": "ADVANCE ADVANCE_FUNDING LENDING_CREDIT LENDING_CAPITAL_REMITTANCE LENDING_DEBIT_REVERSAL",
    "merchant_fee_tax": "REFERRAL_FEE_TAX VAT_REFUND_CREDIT VAT_REFUND_CREDIT_REVERSAL",
    "merchant_fees": "STRIPE_FEE REFERRAL_FEE ACH_BANK_FAILURE_DEBIT_FEE BILLING_DEBIT BILLING_DEBIT_REVERSAL",
    "payouts_in_transit": "TRANSFER_FAILURE TRANSFER_CANCEL TRANSFER_REFUND",
    "clearing:shop_cash": "SHOP_CASH_CREDIT SHOP_CASH_BILLING_DEBIT SHOP_CASH_REFUND_DEBIT_REVERSAL",
    "clearing:channel": "MARKETPLACE_FEE_CREDIT CHANNEL_CREDIT CHANNEL_TRANSFER_DEBIT_REVERSAL",
    "payout_adjustments": "ADJUSTMENT ANOMALY_DEBIT APPLICATION_FEE_REFUND CHARGEBACK_PROTECTION_CREDIT"
    " MARKETS_PRO_CREDIT SHOPIFY_COLLECTIVE_DEBIT SHIPPING_OTHER_CARRIER_CHARGE_ADJUSTMENT TAX_ADJUSTMENT_DEBIT",
}


@pytest.mark.parametrize(("role", "types"), BY_ROLE.items())
def test_a_type_posts_to_the_role_of_its_rule(role, types):
    assert {amount_role(row_type) for row_type in types.split()} == {role}


@pytest.mark.parametrize("version", ["2026-04", "2026-07", "2026-10"])
def test_all_types_of_the_api_are_known(version):
    schema = SHARED / f"subset-{version}.graphql"
    if not schema.exists():
        pytest.skip("the SDL subsets are not here")
    line = next(
        line for line in schema.read_text().splitlines() if "enum ShopifyPaymentsTransactionType" in line
    )
    types = line.partition("{")[2].rstrip(" }").split()
    assert len(types) == 113
    assert [row_type for row_type in types if not is_known(row_type)] == []
    roles = {amount_role(row_type) for row_type in types}
    assert {role for role in roles if role not in ROLES and not role.startswith(CLEARING)} == set()


@pytest.mark.parametrize(
    "row_type", ["", "SOMETHING_NEW", "CHARGE_X", "MERCHANT_SURPRISE", "transfer", "PAYOUT"]
)
def test_a_type_no_rule_fits_goes_to_adjustments_and_is_unknown(row_type):
    assert (amount_role(row_type), is_known(row_type)) == ("payout_adjustments", False)


def test_what_a_dispute_costs_stands_apart():
    kinds = ("DISPUTE_WITHDRAWAL", "CHARGEBACK_FEE", "CHARGEBACK_HOLD", "CHARGE", "REFUND", "ADJUSTMENT")
    assert [fee_role(kind) for kind in kinds] == ["chargeback_fees"] * 3 + ["merchant_fees"] * 3
