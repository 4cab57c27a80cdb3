"""mappings.toml as JSON Schema, for editors that check and complete TOML (taplo, Even Better TOML).

Made from the models, so that it cannot differ from them; what only code can check (companies that exist, spans that
end after they begin, roles that fit) stays to `mapping check`. Every key carries a sentence from `WORDS`.
"""

from __future__ import annotations

from typing import Any

from qbconsole.books.documents.fields import FIELDS
from qbconsole.books.roles import ROLES
from qbconsole.rules.mapping.schema import OUTCOMES, MappingFile

DRAFT = "http://json-schema.org/draft-07/schema#"
_PATTERNS = "patternProperties"
#: Table -> key -> what it says. "*" stands for every key of a table that people fill themselves.
WORDS: dict[str, dict[str, str]] = {
    "MappingFile": {
        "schema": "Version of this file's shape.",
        "companies": "The QuickBooks company files, each under an id of your own.",
        "defaults": "What holds for every merchant that does not say otherwise.",
        "merchants": "The shops, or parts of shops, each posting into one company file.",
    },
    "CompanyTable": {
        "name": "As QuickBooks shows it; another open file is refused.",
        "file": "Path of the .qbw on the PC where QuickBooks runs.",
        "country": "Edition of QuickBooks; only US is written to.",
        "closing_date": "Books are closed up to and with this day.",
        "fiscal_year_start": "First month of the fiscal year, 1 to 12; left out, QuickBooks says.",
    },
    "LevelTables": {
        "accounts": "Role -> account, by full name, number, or both.",
        "clearing": "Gateway -> account where its money waits between a sale and the bank.",
        "items": "Which item a line is written with.",
        "taxes": "Tax title (or province, see policy.tax_by) -> sales-tax item and agency; * is every other.",
        "payment_methods": "Gateway -> payment method; * is every other.",
        "customers": "The house customer, and buyers and companies by name.",
        "vendors": "The house vendor, and vendors by name.",
        "classes": "The class of a sale.",
        "plugin": "Plugin -> its options; what each takes stands in docs/plugins-shipped.md or in the plugin's file.",
        "documents": "What a sale that is paid at once becomes.",
        "terms": "Terms of payment on invoices and orders.",
        "sales_reps": "The sales rep of a sale, by initials.",
        "ship_methods": "Title of the shipping line -> ship method, 15 characters; * is every other.",
        "sites": "Shopify location -> inventory site (Advanced Inventory); * is every other.",
        "templates": "Kind of document -> the form it is printed on.",
        "messages": "Kind of document -> the message printed for the customer.",
        "memos": "Kind of document -> the words of its memo; {what} is what stands there otherwise.",
        "channels": "Shopify's word or number for a channel -> yours.",
        "registered": "Provinces where tax is owed: true, false, or { from, until }. Tax of others holds delivery.",
        "numbers": "How the number printed on a document is made.",
        "policy": "How events are booked.",
        "modes": "How much detail QuickBooks gets.",
        "create": "May we add to QuickBooks what it lacks?",
        "rules": "If-then rules, in order; the first that fits answers.",
    },
    "MerchantTable": {
        "company": "Id of the company file it posts into.",
        "shop": "The shop's domain: oak-ember.myshopify.com.",
        "webhooks": "Where Shopify reaches serve: https://books.example.com; left out: no webhooks.",
        "plugins": "Plugins it opts in to, asked in this order.",
        "start": "First shop day that is booked; left out: everything pulled.",
        "schedule": "When to sync unasked.",
        "filters": "Which orders are this merchant's to book; the rest is listed as filtered.",
    },
    "AmountBounds": {"at_least": "From this amount on.", "below": "Up to, but not including, this amount."},
    "DateSpan": {"from": "From this shop day on.", "until": "Up to, but not including, this shop day."},
    "RegisteredTable": {"registered": "Whether tax is owed there."},
    "TaxTable": {
        "item": "Sales-tax item.",
        "group": 'Tax group; with tax = "quickbooks".',
        "agency": "Vendor the tax is owed to.",
        "charge": 'Other-charge item; with tax = "liability_line".',
    },
    "AccountsTable": {role.name: f"{role.use.capitalize()}." for role in ROLES.values()},
    "ItemsTable": {role.name: f"Item of lines for {role.use}." for role in ROLES.values() if role.item}
    | {
        "product": "sku: the item of the SKU, else misc; single: the item of sales_income.",
        "misc": "Item of product lines without a SKU.",
        "zero_tax": "0 % sales-tax item that every document states.",
        "subtotal": "Subtotal item, put before a tax line that follows a line of the other sign.",
        "payment": "Item for a day's money of gateways beside the largest, on its sales receipt.",
        "match": "Fields of QuickBooks' items a SKU (or bar code) is looked up in, in this order.",
        "sku": "SKU -> item.",
        "variant": "Shopify's variant id -> item.",
        "barcode": "Bar code of the variant -> item.",
        "product_type": "Product type -> item.",
    },
    "CustomersTable": {
        "house": "Customer of sales in summary; {channel} is the channel's label.",
        "buyers": "E-mail or Shopify customer id -> customer.",
        "companies": "Company that buys (B2B) -> customer.",
    },
    "VendorsTable": {
        "house": "Vendor of purchases in summary, or without a vendor.",
        "names": "Vendor's name in the shop -> vendor.",
    },
    "_ByPlace": {
        "sale": "Every sale that nothing nearer names.",
        "locations": "By Shopify location.",
        "channels": "By channel.",
        "staff": "By the member of staff who made the sale.",
    },
    "TermsTable": {
        "names": "Shopify's name for the terms -> yours; * is every other.",
        "companies": "Buying company, or its location -> terms.",
        "buyers": "E-mail or Shopify customer id -> terms.",
    },
    "_ByKind": {},
    "Numbers": {
        "style": "order: the order's name; digits: its digits; made: a letter and ten signs. Booked numbers stay.",
        "prefix": "Up to five characters before it.",
    },
    "Policy": {
        "recognise_on": "When a sale counts.",
        "authorized": "Money promised but not captured.",
        "cogs": "Who posts the cost of goods: QuickBooks (inventory items), we (unit_cost), or nobody (off).",
        "closed_period": "What falls into a closed period waits, or moves to the first open day.",
        "fees_date": "Day of the processor's fees.",
        "restock_loss_role": "Where returned goods go that are not put back.",
        "tax": "How tax reaches QuickBooks: a tax line, a charge on a liability, or computed by QuickBooks.",
        "tax_by": "What the keys of [taxes] are.",
        "approve": "manual: a batch waits for an operator.",
        "receipts": "Goods received: a bill, or an item receipt that staff make a bill.",
        "summary_document": "In summary, what was paid at once: amounts alone, or by item.",
        "summary_by": "In summary: one entry a shop day, or one a Shopify Payments payout.",
        "orders": "What an unpaid order is until it ships.",
        "transfers": "Stock moved between locations.",
        "before_start": "What happens to orders from before `start`.",
        "breakage": "Whether expired cards and credit become income.",
    },
    "Modes": {
        "customers": "One house customer per channel, or one per buyer.",
        "inventory": "QuickBooks counts stock, or does not.",
        "vendors": "The shop's own vendors, or the house vendor.",
        "sales": "A document per order, or one a day and channel.",
    },
    "Creation": dict.fromkeys(
        ("customers", "items", "vendors", "accounts"), "yes, ask (an operator), or no."
    ),
    "WhenTable": {
        "role": "Role of the amount.",
        "product_type": "Product type of the line.",
        "sku": "SKU of the line.",
        "barcode": "Bar code of the line's variant.",
        "vendor": "Vendor of the line's product, or of the purchase.",
        "title": "Title of the line, or of the tax.",
        "location": "Shopify location.",
        "channel": "Channel, by its label or Shopify's word.",
        "gateway": "Gateway; in a rule for accounts: of its clearing account.",
        "tag": "Tag of the order.",
        "customer": "Buyer's name, e-mail, id or company.",
        "order": "Name of the order.",
        "province": "Code or name of the province it ships to.",
        "status": "Financial status, such as PAID or PENDING.",
        "shipping": "Title of a shipping line.",
        "terms": "Shopify's name for the terms of payment.",
        "staff": "Member of staff who made the sale.",
        "document": "Kind of document; only for fields like terms, template and memo.",
        "amount": "The line's amount without sign, else the order's total.",
    },
    "RuleTable": {
        "when": "What must hold: all of it; of several texts any one will do; * stands for anything.",
        "account": "Then this account.",
        "item": "Then this item.",
        "class": "Then this class.",
        "customer": "Then this customer.",
        "tax": "Then this sales-tax item.",
        "vendor": "Then this vendor.",
        "payment_method": "Then this payment method.",
        "document": "Then this kind of document.",
        "hold": "Then wait, with this sentence.",
    }
    | {field.name: f"Then this {field.label}." for field in FIELDS.values()},
    "PickTable": {"only": "Only these pass.", "except": "These do not pass."},
    "FiltersTable": {
        "value": "By the order's total.",
        "location": "By Shopify location.",
        "channel": "By channel.",
        "tag": "By tag of the order.",
        "status": "By financial status.",
        "date": "By the order's shop day.",
    },
    "ScheduleTable": {
        "mode": "Once a day, every so many minutes, or only when asked.",
        "at": "daily: time of day in the shop's zone.",
        "minutes": "every: how many minutes apart.",
    },
}
#: Tables whose keys are told elsewhere too.
_ALSO = {
    "ClassesTable": ("_ByPlace",),
    "DocumentsTable": ("_ByPlace",),
    "SalesRepsTable": ("_ByPlace",),
    "TemplatesTable": ("_ByKind",),
    "MessagesTable": ("_ByKind",),
    "MemosTable": ("_ByKind",),
    "RegisteredTable": ("DateSpan",),
    "RuleTable": ("DateSpan",),
    "MerchantTable": ("LevelTables",),
}


def json_schema() -> dict[str, Any]:
    """The whole schema, draft 7; dates of TOML are texts of format "date" to it."""
    made = MappingFile.model_json_schema(by_alias=True, mode="validation")
    tables: dict[str, Any] = made.pop("$defs")
    tables["RuleTable"]["anyOf"] = [{"required": [name]} for name in OUTCOMES]
    tables["TaxTable"]["anyOf"] = [{"required": [name]} for name in ("item", "charge", "group")]
    for name, table in {**tables, "MappingFile": made}.items():
        _describe(name, table)
    return {
        "$schema": DRAFT,
        "title": "mappings.toml of qbconsole",
        **{key: _plain(value) for key, value in made.items() if key != "title"},
        "definitions": {name: _plain(table) for name, table in tables.items()},
    }


def words_of(table: str) -> dict[str, str]:
    """What the keys of one table say."""
    told: dict[str, str] = {}
    for name in (*_ALSO.get(table, ()), table):
        told |= WORDS.get(name, {})
    return told


def _describe(name: str, table: dict[str, Any]) -> None:
    told = words_of(name)
    for key, value in table.get("properties", {}).items():
        value["description"] = told.get(key) or f"On documents of the kind {key}."


def _plain(value: Any) -> Any:
    """Without what TOML does not have (null) and what says nothing (titles, the default null)."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, dict):
        return value.replace("#/$defs/", "#/definitions/") if isinstance(value, str) else value
    left = {key: _plain(one) for key, one in value.items() if not _says_nothing(key, one)}
    choices = [one for one in left.get("anyOf", ()) if one != {"type": "null"}]
    if len(choices) == 1:
        del left["anyOf"]
        left |= choices[0]
    elif choices:
        left["anyOf"] = choices
    if "$ref" in left and len(left) > 1:  # draft 7 looks at nothing beside a reference
        left["allOf"] = [{"$ref": left.pop("$ref")}]
    if _PATTERNS in left:
        left["additionalProperties"] = False
    return left


def _says_nothing(key: str, value: Any) -> bool:
    return (key == "title" and isinstance(value, str)) or (key == "default" and value in (None, {}, []))
