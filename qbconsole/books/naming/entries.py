"""List entries we would add where QuickBooks lacks a name: what kind, and which accounts they post to."""

from __future__ import annotations

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
    PaymentMethod,
    StandardTerms,
    Vendor,
)
from qbconsole.books.naming.namer import Namer, Need, Wanted
from qbconsole.books.plan import LineKind, PlanLine
from qbconsole.books.roles import CLEARING, CLEARING_TYPES, ROLES
from qbconsole.shop.orders import OrderLine, Terms

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


def want_account(namer: Namer, full_name: str, role: str) -> str:
    """Use an account; should it be missing it would be added with the role's type, parents first."""
    name = namer.need("account", full_name)
    parent, own = split_name(name)
    if role.startswith(CLEARING):
        account_type = CLEARING_TYPES[0]
    else:
        account_type = ROLES[role].types[0] if role in ROLES else "Expense"
    needs: tuple[Need, ...] = ()
    if parent:
        needs = (Need("account", want_account(namer, parent, role)),)
    entry = Account(name=own, parent_ref=parent, account_type=account_type)
    _want(namer, Need("account", name), entry, needs)
    return name


def want_customer(namer: Namer, full_name: str) -> str:
    """Use a customer; a real buyer is added with the e-mail, a house customer with the name alone."""
    name = namer.need("customer", full_name)
    buyer = namer.order.buyer
    own = namer.settings.modes.customers == "detailed" or namer.order.terms is not None
    real = own and full_name in (buyer.name, buyer.email, buyer.company)
    entry = Customer(
        name=name,
        company_name=buyer.company or None if real else None,
        email=buyer.email or None if real else None,
    )
    _want(namer, Need("customer", name), entry)
    return name


def want_vendor(namer: Namer, full_name: str) -> str:
    """Use a vendor, such as a tax agency."""
    name = namer.need("vendor", full_name)
    _want(namer, Need("vendor", name), Vendor(name=name))
    return name


def want_class(namer: Namer, full_name: str) -> str:
    """Use a class, parents first."""
    name = namer.need("class", full_name)
    parent, own = split_name(name)
    needs = (Need("class", want_class(namer, parent)),) if parent else ()
    _want(namer, Need("class", name), Class(name=own, parent_ref=parent), needs)
    return name


def want_payment_method(namer: Namer, name: str, handle: str) -> str:
    """Use a payment method."""
    legal = namer.need("payment_method", name)
    entry = PaymentMethod(name=legal, payment_method_type=_METHODS.get(handle, "Other"))
    _want(namer, Need("payment_method", legal), entry)
    return legal


def want_terms(namer: Namer, terms: Terms) -> str:
    """Use terms of payment; missing ones are added with their days."""
    name = namer.need("terms", terms.name)
    _want(namer, Need("terms", name), StandardTerms(name=name, std_due_days=terms.due_in_days))
    return name


def want_charge(namer: Namer, full_name: str, account: str, role: str) -> str:
    """Use an other-charge item that posts to the role's account."""
    name = namer.need("item", full_name)
    parent, own = split_name(name)
    needs = [Need("account", want_account(namer, account, role))]
    if parent:
        needs.append(Need("item", parent))
    entry = ItemOtherCharge(
        name=own, parent_ref=parent, sales_or_purchase=SalesOrPurchase(account_ref=account)
    )
    _want(namer, Need("item", name), entry, tuple(needs))
    return name


def want_tax_item(namer: Namer, name: str, agency: str) -> str:
    """Use a sales-tax item of 0 %: its lines carry Shopify's amount, QuickBooks computes nothing."""
    legal = namer.need("item", name)
    vendor = want_vendor(namer, agency)
    entry = ItemSalesTax(name=legal, tax_rate=None, tax_vendor_ref=vendor)
    _want(namer, Need("item", legal), entry, (Need("vendor", vendor),))
    return legal


def want_subtotal(namer: Namer, name: str) -> str:
    """Use the subtotal item that parts a tax line from a line of another sign."""
    legal = namer.need("item", name)
    _want(namer, Need("item", legal), ItemSubtotal(name=legal))
    return legal


def want_product(namer: Namer, full_name: str, line: PlanLine, sold: OrderLine | None, income: str) -> str:
    """Use a product's item: counted by QuickBooks where the merchant keeps stock there, else not."""
    name = namer.need("item", full_name)
    parent, own = split_name(name)
    needs = [Need("account", want_account(namer, income, "sales_income"))]
    if parent:
        needs.append(Need("item", parent))
    counted = (
        namer.settings.modes.inventory == "detailed"
        and line.kind is LineKind.PRODUCT
        and sold is not None
        and sold.tracked
        and bool(sold.sku)
    )
    if counted and sold is not None:
        cogs, _ = namer.account("cogs")
        asset, _ = namer.account("inventory_asset")
        needs += [Need("account", want_account(namer, cogs, "cogs"))]
        needs += [Need("account", want_account(namer, asset, "inventory_asset"))]
        entry: object = ItemInventory(
            name=own,
            parent_ref=parent,
            sales_desc=sold.title,
            income_account_ref=income,
            cogs_account_ref=cogs,
            asset_account_ref=asset,
            purchase_cost=sold.unit_cost.amount if sold.unit_cost else None,
        )
    else:
        desc = sold.title if sold is not None and sold.sku else None
        entry = ItemNonInventory(
            name=own,
            parent_ref=parent,
            sales_or_purchase=SalesOrPurchase(desc=desc, account_ref=income),
        )
    _want(namer, Need("item", name), entry, tuple(needs))
    return name


def _want(namer: Namer, need: Need, entry: object, needs: tuple[Need, ...] = ()) -> None:
    namer.wanted.setdefault(need, Wanted(need=need, entry=entry, needs=needs))
