"""List entries we would add where QuickBooks lacks a name: what kind, and which accounts they post to."""

from __future__ import annotations

from decimal import Decimal

from qbconsole.books.documents.items import (
    ItemInventory,
    ItemNonInventory,
    ItemOtherCharge,
    ItemSalesTax,
    ItemSubtotal,
    SalesOrPurchase,
)
from qbconsole.books.documents.list_entries import (
    Account,
    Class,
    Customer,
    CustomerMsg,
    PaymentMethod,
    ShipMethod,
    StandardTerms,
    Vendor,
)
from qbconsole.books.naming.namer import Namer
from qbconsole.books.naming.names import Need, Using, remembered
from qbconsole.books.plan import LineKind, PlanLine
from qbconsole.books.roles import CLEARING, CLEARING_TYPES, ROLES
from qbconsole.shop.orders import OrderLine

#: Agency of a sales-tax item where the mapping names none.
DEFAULT_AGENCY = "Sales Tax Agency"
_METHODS = {
    "cash": "Cash",
    "check": "Check",
    "gift_card": "GiftCard",
    "shopify_payments": "OtherCreditCard",
    "paypal": "Other",
}


def split_name(full_name: str) -> tuple[str | None, str]:
    """Parent and own name of a full name: "Sales:Shopify" -> ("Sales", "Shopify")."""
    parent, _, own = full_name.rpartition(":")
    return parent or None, own


@remembered
def want_account(using: Using, full_name: str, role: str) -> str:
    """Use an account; should it be missing it would be added with the role's type, parents first."""
    need = _needed(using, "account", full_name)
    parent, own = split_name(need.full_name)
    if role.startswith(CLEARING):
        account_type = CLEARING_TYPES[0]
    else:
        account_type = ROLES[role].types[0] if role in ROLES else "Expense"
    needs: tuple[Need, ...] = ()
    if parent:
        needs = (_account(using, parent, role),)
    using.want(need, Account(name=own, parent_ref=parent, account_type=account_type), needs)
    return need.full_name


def want_customer(namer: Namer, full_name: str) -> str:
    """Use a customer; a real buyer is added with the e-mail, a house customer with the name alone."""
    buyer = namer.order.buyer
    own = namer.settings.modes.customers == "detailed" or namer.order.terms is not None
    if own and full_name in (buyer.name, buyer.email, buyer.company):
        return _want_customer(namer, full_name, buyer.company or None, buyer.email or None)
    return _want_customer(namer, full_name, None, None)


@remembered
def _want_customer(using: Using, full_name: str, company: str | None, email: str | None) -> str:
    need = _needed(using, "customer", full_name)
    using.want(need, Customer(name=need.full_name, company_name=company, email=email))
    return need.full_name


@remembered
def want_vendor(using: Using, full_name: str) -> str:
    """Use a vendor, such as a tax agency."""
    need = _needed(using, "vendor", full_name)
    using.want(need, Vendor(name=need.full_name))
    return need.full_name


@remembered
def want_class(using: Using, full_name: str) -> str:
    """Use a class, parents first."""
    need = _needed(using, "class", full_name)
    parent, own = split_name(need.full_name)
    needs = (using.names.need("class", want_class(using, parent)),) if parent else ()
    using.want(need, Class(name=own, parent_ref=parent), needs)
    return need.full_name


@remembered
def want_payment_method(using: Using, name: str, handle: str) -> str:
    """Use a payment method."""
    need = _needed(using, "payment_method", name)
    kind = _METHODS.get(handle, "Other")
    using.want(need, PaymentMethod(name=need.full_name, payment_method_type=kind))
    return need.full_name


@remembered
def _want_terms(using: Using, name: str, due_in_days: int | None, known: bool) -> str:
    need = _needed(using, "terms", name)
    if known:
        using.want(need, StandardTerms(name=need.full_name, std_due_days=due_in_days))
    return need.full_name


def want_terms(using: Using, name: str, due_in_days: int | None, *, known: bool) -> str:
    """Use terms of payment; missing ones are added with their days where those are known, else nobody adds them."""
    return _want_terms(using, name, due_in_days, known)


@remembered
def want_entry(using: Using, list_kind: str, name: str) -> str:
    """Use a name of a short list that has nothing but its name; some of them only a person can add."""
    need = _needed(using, list_kind, name)
    if list_kind == "ship_method":
        using.want(need, ShipMethod(name=need.full_name))
    elif list_kind == "customer_message":
        using.want(need, CustomerMsg(name=need.full_name))
    return need.full_name


@remembered
def want_charge(using: Using, full_name: str, account: str, role: str) -> str:
    """Use an other-charge item that posts to the role's account."""
    need = _needed(using, "item", full_name)
    parent, own = split_name(need.full_name)
    needs = [_account(using, account, role)]
    if parent:
        needs.append(using.names.need("item", parent))
    entry = ItemOtherCharge(
        name=own, parent_ref=parent, sales_or_purchase=SalesOrPurchase(account_ref=account)
    )
    using.want(need, entry, tuple(needs))
    return need.full_name


@remembered
def want_tax_item(using: Using, name: str, agency: str) -> str:
    """Use a sales-tax item of 0 %: its lines carry Shopify's amount, QuickBooks computes nothing."""
    need = _needed(using, "item", name)
    vendor = want_vendor(using, agency)
    entry = ItemSalesTax(name=need.full_name, tax_rate=None, tax_vendor_ref=vendor)
    using.want(need, entry, (using.names.need("vendor", vendor),))
    return need.full_name


@remembered
def want_subtotal(using: Using, name: str) -> str:
    """Use the subtotal item that parts a tax line from a line of another sign."""
    need = _needed(using, "item", name)
    using.want(need, ItemSubtotal(name=need.full_name))
    return need.full_name


def want_product(namer: Namer, full_name: str, line: PlanLine, sold: OrderLine | None, income: str) -> str:
    """Use a product's item: counted by QuickBooks where the merchant keeps stock there, else not.

    Where Shopify withholds what the product is, its item is used and never added: one of the wrong type would stand in
    QuickBooks for good, and nothing could ever adjust its stock.
    """
    stocked = (
        namer.settings.modes.inventory == "detailed"
        and line.kind is LineKind.PRODUCT
        and sold is not None
        and bool(sold.sku)
    )
    if stocked and sold is not None and sold.is_withheld:
        return _want_unknown(namer, full_name)
    counted = stocked and sold is not None and sold.tracked
    if not counted or sold is None:
        desc = sold.title if sold is not None and sold.sku else None
        return _want_uncounted(namer, full_name, desc, income)
    cogs, _ = namer.account("cogs")
    asset, _ = namer.account("inventory_asset")
    cost = sold.unit_cost.amount if sold.unit_cost else None
    return _want_counted(namer, full_name, sold.title, income, cogs, asset, cost)


@remembered
def _want_unknown(using: Using, full_name: str) -> str:
    need = _needed(using, "item", full_name)
    using.want(need, None)
    return need.full_name


@remembered
def _want_uncounted(using: Using, full_name: str, desc: str | None, income: str) -> str:
    need, parent, own, needs = _product(using, full_name, income)
    posting = SalesOrPurchase(desc=desc, account_ref=income)
    using.want(need, ItemNonInventory(name=own, parent_ref=parent, sales_or_purchase=posting), needs)
    return need.full_name


@remembered
def _want_counted(
    using: Using, full_name: str, title: str, income: str, cogs: str, asset: str, cost: Decimal | None
) -> str:
    need, parent, own, needs = _product(using, full_name, income)
    entry = ItemInventory(
        name=own,
        parent_ref=parent,
        sales_desc=title,
        income_account_ref=income,
        cogs_account_ref=cogs,
        asset_account_ref=asset,
        purchase_cost=cost,
    )
    stock = (_account(using, cogs, "cogs"), _account(using, asset, "inventory_asset"))
    using.want(need, entry, (*needs, *stock))
    return need.full_name


def _product(using: Using, full_name: str, income: str) -> tuple[Need, str | None, str, tuple[Need, ...]]:
    """What every product's item has: its name, its parent, its own name, and what it needs."""
    need = _needed(using, "item", full_name)
    parent, own = split_name(need.full_name)
    needs = (_account(using, income, "sales_income"),)
    return need, parent, own, (*needs, using.names.need("item", parent)) if parent else needs


def _needed(using: Using, list_kind: str, full_name: str) -> Need:
    return using.names.need(list_kind, using.need(list_kind, full_name))


def _account(using: Using, full_name: str, role: str) -> Need:
    return using.names.need("account", want_account(using, full_name, role))
