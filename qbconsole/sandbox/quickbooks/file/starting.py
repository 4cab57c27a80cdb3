"""What a new company file holds: a realistic chart of accounts, codes, terms and payment methods.

The almost empty file has only the accounts QuickBooks makes by itself.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from qbconsole.sandbox.quickbooks.file.records import Reference, Value

if TYPE_CHECKING:
    from qbconsole.sandbox.quickbooks.file.books import Books

#: name, AccountType, SpecialAccountType
_SPECIAL_ACCOUNTS = (
    ("Accounts Receivable", "AccountsReceivable", "AccountsReceivable"),
    ("Undeposited Funds", "OtherCurrentAsset", "UndepositedFunds"),
    ("Inventory Asset", "OtherCurrentAsset", "InventoryAssets"),
    ("Accounts Payable", "AccountsPayable", "AccountsPayable"),
    ("Sales Tax Payable", "OtherCurrentLiability", "SalesTaxPayable"),
    ("Opening Balance Equity", "Equity", "OpeningBalanceEquity"),
    ("Retained Earnings", "Equity", "RetainedEarnings"),
    ("Cost of Goods Sold", "CostOfGoodsSold", "CostOfGoodsSold"),
    ("Uncategorized Income", "Income", "UncategorizedIncome"),
    ("Uncategorized Expenses", "Expense", "UncategorizedExpenses"),
    ("Purchase Orders", "NonPosting", "PurchaseOrders"),
)
_USUAL_ACCOUNTS = (
    ("Bank", "Checking|Savings"),
    ("OtherCurrentAsset", "Prepaid Expenses|Employee Advances"),
    ("FixedAsset", "Furniture and Equipment|Accumulated Depreciation"),
    ("CreditCard", "Business Credit Card"),
    ("OtherCurrentLiability", "Payroll Liabilities|Customer Deposits"),
    ("LongTermLiability", "Equipment Loan"),
    ("Equity", "Owner's Draw|Owner's Investment"),
    ("Income", "Merchandise Sales|Service Income|Shipping and Delivery Income|Sales Discounts"),
    (
        "Expense",
        "Advertising and Promotion|Bank Service Charges|Computer and Internet Expenses|Insurance Expense"
        "|Merchant Account Fees|Office Supplies|Postage and Delivery|Professional Fees|Rent Expense"
        "|Travel Expense|Utilities",
    ),
    ("CostOfGoodsSold", "Freight and Shipping Costs|Purchases"),
    ("OtherIncome", "Interest Income"),
    ("OtherExpense", "Ask My Accountant"),
)
_METHODS = (
    ("Cash", "Cash"),
    ("Check", "Check"),
    ("American Express", "AmericanExpress"),
    ("Discover", "Discover"),
    ("MasterCard", "MasterCard"),
    ("Visa", "Visa"),
    ("Debit Card", "DebitCard"),
    ("Gift Card", "GiftCard"),
    ("E-Check", "ECheck"),
)
_TERMS = (("Due on receipt", 0), ("Net 15", 15), ("Net 30", 30), ("Net 60", 60))
_AGENCIES = ("State Board of Equalization", "City Department of Revenue")
_TAX_ITEM = "Tax Calculated On Invoice"


def fill_bare(books: Books, now: datetime) -> None:
    """Only what QuickBooks itself cannot do without."""
    for name, sort, special in _SPECIAL_ACCOUNTS:
        fields: dict[str, Value] = {"AccountType": sort, "SpecialAccountType": special}
        books.enlist("Account", name, now, fields=fields)
    if books.country == "US":
        _fill_tax_codes(books, now)


def fill_usual(books: Books, now: datetime) -> None:
    """The file a small American shop would have after its first week."""
    fill_bare(books, now)
    for sort, names in _USUAL_ACCOUNTS:
        for name in names.split("|"):
            books.enlist("Account", name, now, fields={"AccountType": sort})
    for name, sort in _METHODS:
        books.enlist("PaymentMethod", name, now, fields={"PaymentMethodType": sort})
    for name, days in _TERMS:
        books.enlist("Terms", name, now, fields={"StdDueDays": str(days)})
    for name in ("UPS", "FedEx", "USPS", "DHL"):
        books.enlist("ShipMethod", name, now)
    for name in ("Thank you for your business.", "We appreciate your prompt payment."):
        books.enlist("CustomerMsg", name, now)
    for name, sort in (("Custom Sales Receipt", "SalesReceipt"), ("Intuit Product Invoice", "Invoice")):
        books.enlist("Template", name, now, fields={"TemplateType": sort})
    agencies = [books.enlist("Vendor", name, now, fields={"IsTaxAgency": "true"}) for name in _AGENCIES]
    if books.preferences.sales_tax:
        fields: dict[str, Value] = {
            "ItemDesc": "Sales tax is calculated by the shop",
            "TaxRate": "0.0",
            "TaxVendorRef": Reference("Vendor", agencies[0].list_id),
        }
        item = books.enlist("ItemSalesTax", _TAX_ITEM, now, fields=fields)
        books.preferences.tax_item = item.list_id


def _fill_tax_codes(books: Books, now: datetime) -> None:
    taxable: dict[str, Value] = {"IsTaxable": "true", "Desc": "Taxable Sales"}
    exempt: dict[str, Value] = {"IsTaxable": "false", "Desc": "Non-Taxable Sales"}
    books.preferences.taxable_code = books.enlist("SalesTaxCode", "Tax", now, fields=taxable).list_id
    books.preferences.nontaxable_code = books.enlist("SalesTaxCode", "Non", now, fields=exempt).list_id
