"""Roles: what an amount is in the books, before a merchant's mapping gives it an account's name.

One row a role: which QuickBooks account types it may have, which role's account stands in when it is
unmapped, and the kind of item its lines are written with. Source: accounting.md section 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from qbconsole.value import Value

INCOME = ("Income", "OtherIncome")
EXPENSE = ("Expense", "OtherExpense", "CostOfGoodsSold")
LIABILITY = ("OtherCurrentLiability",)


class Role(Value):
    """One row of the table."""

    name: str
    #: QuickBooks account types, the first is the one we create.
    types: tuple[str, ...]
    #: What it is for, in a bookkeeper's words.
    use: str
    #: The role whose account stands in when this one is unmapped; "" = it must be mapped.
    default: str = ""
    #: True where a document line is written with an item (a sales document's line posts through its item).
    item: bool = False
    #: QuickBooks has this account itself (SpecialAccountType); it is found, never created.
    special: str = ""


def _role(name: str, types: tuple[str, ...], use: str, **more: object) -> Role:
    return Role(name=name, types=types, use=use, **more)  # type: ignore[arg-type]


_CONTRA = (*INCOME, "Expense")
ROLES: dict[str, Role] = {
    role.name: role
    for role in (
        _role("sales_income", INCOME, "product sales before discount, without tax", item=True),
        _role("shipping_income", INCOME, "shipping before discount", default="sales_income", item=True),
        _role("discounts", _CONTRA, "line and order discounts", default="sales_income", item=True),
        _role("shipping_discounts", _CONTRA, "free or cheaper shipping", default="discounts", item=True),
        _role("returns", _CONTRA, "returned or removed items", default="sales_income", item=True),
        _role("shipping_refunds", _CONTRA, "shipping given back", default="shipping_income", item=True),
        _role("refund_discrepancy", _CONTRA, "money given back without parts", default="returns", item=True),
        _role("return_fees_income", INCOME, "return and restocking fees", default="returns", item=True),
        _role("sales_tax_payable", LIABILITY, "sales tax owed", item=True, special="SalesTaxPayable"),
        _role("marketplace_tax", LIABILITY, "tax a marketplace remits", item=True),
        _role("duties_payable", LIABILITY, "duties collected", item=True),
        _role(
            "additional_fees",
            (*LIABILITY, *INCOME),
            "import and other fees",
            default="duties_payable",
            item=True,
        ),
        _role("tips_payable", LIABILITY, "tips owed to staff", item=True),
        _role("gift_card_liability", LIABILITY, "gift cards sold and not yet used", item=True),
        _role("gift_card_expense", (*EXPENSE, *INCOME), "cards given away", default="discounts"),
        _role(
            "store_credit_liability",
            LIABILITY,
            "store credit granted and not yet used",
            default="gift_card_liability",
            item=True,
        ),
        _role("store_credit_expense", (*EXPENSE, *INCOME), "goodwill credit", default="refund_discrepancy"),
        _role("breakage_income", INCOME, "expired cards and credit"),
        _role("customer_deposits", LIABILITY, "money received before the sale counts", item=True),
        _role(
            "accounts_receivable", ("AccountsReceivable",), "what customers owe", special="AccountsReceivable"
        ),
        _role("undeposited_funds", ("OtherCurrentAsset",), "cash and checks", special="UndepositedFunds"),
        _role("payouts_in_transit", ("OtherCurrentAsset",), "payouts not arrived"),
        _role("bank", ("Bank",), "where payouts arrive"),
        _role("reserve", ("OtherCurrentAsset",), "funds Shopify holds back"),
        _role("merchant_fees", EXPENSE, "processing fees"),
        _role("merchant_fee_tax", (*EXPENSE, "OtherCurrentAsset"), "tax on fees", default="merchant_fees"),
        _role("chargebacks", EXPENSE, "disputed sales", default="merchant_fees"),
        _role("chargeback_fees", EXPENSE, "dispute fees", default="merchant_fees"),
        _role("shipping_labels", EXPENSE, "labels bought through the balance"),
        _role("loan_payable", ("LongTermLiability", *LIABILITY), "Shopify Capital", default="suspense"),
        _role("payout_adjustments", (*INCOME, *EXPENSE), "other balance rows", default="suspense"),
        _role("fx_gain_loss", EXPENSE, "exchange differences"),
        _role("rounding", EXPENSE, "what two decimals leave over", item=True),
        _role("cash_rounding", (*EXPENSE, *INCOME), "counter rounding", default="rounding", item=True),
        _role("cash_over_short", EXPENSE, "drawer differences"),
        _role("cogs", ("CostOfGoodsSold",), "cost of what was sold"),
        _role("inventory_asset", ("OtherCurrentAsset",), "stock at cost"),
        _role("inventory_adjustment", EXPENSE, "shrinkage and counts", default="cogs"),
        _role(
            "inventory_in_transit", ("OtherCurrentAsset",), "stock between sites", default="inventory_asset"
        ),
        _role("accounts_payable", ("AccountsPayable",), "what we owe vendors", special="AccountsPayable"),
        _role("freight_in", EXPENSE, "freight on bills", default="cogs"),
        _role("purchases", EXPENSE, "goods bought without stock keeping", default="cogs"),
        _role("purchase_tax", (*EXPENSE, "OtherCurrentAsset"), "tax on bills", default="cogs"),
        _role("suspense", LIABILITY, "unknown things; must be empty"),
    )
}

#: Any role that starts like this is a clearing account of one gateway: "clearing:paypal".
CLEARING = "clearing:"
#: What a clearing account should be: it must take deposits and give refunds.
CLEARING_TYPES = ("Bank", "OtherCurrentAsset")


@lru_cache(maxsize=1024)
def clearing_role(gateway: str) -> str:
    """The clearing role of a gateway: "PayPal (Express)" -> "clearing:paypal" (convention 2)."""
    return CLEARING + gateway_handle(gateway)


@lru_cache(maxsize=1024)
def gateway_handle(gateway: str) -> str:
    """Bracketed text dropped, lower case, each run of other characters one underscore."""
    kept, depth = [], 0
    for sign in gateway.lower():
        depth += sign in "([{"
        if depth == 0:
            kept.append(sign if sign.isascii() and sign.isalnum() else "_")
        depth = max(0, depth - (sign in ")]}"))
    words = [word for word in "".join(kept).split("_") if word]
    return "_".join(words) or "other"


def stand_ins(role: str) -> Iterator[str]:
    """The role itself and then every role whose account may stand in for it, nearest first."""
    name = role
    while name:
        yield name
        if name.startswith(CLEARING):
            name = "" if name == CLEARING + "other" else CLEARING + "other"
        else:
            name = ROLES[name].default if name in ROLES else ""
