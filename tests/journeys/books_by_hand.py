"""The books that seeded shops must end with, added up from their raw orders and facts by other means than ours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

Books = dict[str, Decimal]
CLEARING = {
    "shopify_payments": "Shopify Payments Clearing",
    "paypal": "PayPal Clearing",
    "cash": "Cash Drawer Clearing",
    "manual": "Manual Payments Clearing",
    "gift_card": "Gift Cards Outstanding",
}
REVENUE = (
    "Sales:Shopify",
    "Sales:Shopify Discounts",
    "Sales:Shopify Returns",
    "Sales:Shopify Shipping",
    "Sales:Shopify Shipping Discounts",
    "Sales:Shopify Shipping Refunds",
)
#: Beginning of a balance entry's type -> the account its amount comes off.
ENTRIES = {
    "CHARGE": "Shopify Payments Clearing",
    "REFUND": "Shopify Payments Clearing",
    "SHIPPING_LABEL": "Shipping Labels",
    "RESERVED_FUNDS": "Shopify Reserve",
    "DISPUTE": "Chargebacks",
    "TRANSFER_FAILURE": "Shopify Payouts in Transit",
    "STARDUST": "Shopify Payout Adjustments",
}


def shop_money(bag) -> Decimal:
    return Decimal(bag["shopMoney"]["amount"])


def is_held(order) -> bool:
    """Test orders and money promised but not taken stay out of the books."""
    kinds = {(tender["kind"], tender["status"]) for tender in order["transactions"]}
    promised = ("AUTHORIZATION", "SUCCESS") in kinds
    taken = {("SALE", "SUCCESS"), ("CAPTURE", "SUCCESS")} & kinds
    return order["test"] or (promised and not taken)


def of_orders(orders: Iterable[Mapping]) -> Books:
    """Balances by account, from Shopify's own current totals and from the tenders; debit positive."""
    books: Books = defaultdict(Decimal)
    for order in orders:
        if is_held(order):
            continue
        current, tax = shop_money(order["currentTotalPriceSet"]), shop_money(order["currentTotalTaxSet"])
        tip = shop_money(order["totalTipReceivedSet"])
        cards = sum((_paid(line) for line in order["lineItems"]["nodes"] if line["isGiftCard"]), Decimal(0))
        books["Sales Tax Payable"] -= tax
        books["Tips Payable"] -= tip
        books["Gift Cards Outstanding"] -= cards
        books["revenue"] -= current - tax - tip - cards
        books["Accounts Receivable"] += current
        for tender in order["transactions"]:
            sign = {"SALE": 1, "CAPTURE": 1, "REFUND": -1}.get(tender["kind"], 0)
            if tender["status"] == "SUCCESS" and sign:
                moved = sign * shop_money(tender["amountSet"])
                books["Accounts Receivable"] -= moved
                books[CLEARING[tender["gateway"]]] += moved
    return books


def _paid(line) -> Decimal:
    off = (shop_money(part["allocatedAmountSet"]) for part in line["discountAllocations"])
    return shop_money(line["originalTotalSet"]) - sum(off, Decimal(0))


def of_facts(facts) -> Books:
    """The same of what happened beside the orders; goods bought are on `goods`, stock counts are QuickBooks' own."""
    books: Books = defaultdict(Decimal)

    def move(debit: str, credit: str, amount: str | Decimal) -> None:
        books[debit] += Decimal(amount)
        books[credit] -= Decimal(amount)

    for entry in facts.entries:
        _paid_out(entry, books)
    for card in facts.gift_cards:
        if card["order"] is None:
            move("Gift Cards Given Away", "Gift Cards Outstanding", card["initialValue"]["amount"])
    for accounts in facts.store_credit.values():
        for account in accounts:
            for row in account["transactions"]["nodes"]:
                move("Store Credit Given Away", "Store Credit Outstanding", row["amount"]["amount"])
    for drawer in facts.cash_sessions:
        if drawer["closingTime"]:
            move("Cash Drawer Clearing", "Cash Over or Short", drawer["totalDiscrepancy"]["amount"])
    for order in facts.purchase_orders:
        cost = {
            row["inventoryItem"]["id"]: Decimal(row["unitCost"]["amount"])
            for row in order["lineItems"]["nodes"]
        }
        for transfer in order["transfers"]["nodes"]:
            for shipment in transfer["shipments"]["nodes"]:
                for line in shipment["lineItems"]["nodes"]:
                    units = line["acceptedQuantity"]
                    move("goods", "Accounts Payable", units * cost[line["inventoryItem"]["id"]])
    return books


def _paid_out(entry, books: Books) -> None:
    status = entry["associatedPayout"]["status"]
    if status not in ("PAID", "FAILED") or entry["type"] == "TRANSFER":
        return
    account = next(
        ENTRIES[start] for start in sorted(ENTRIES, reverse=True) if entry["type"].startswith(start)
    )
    fees = "Chargeback Fees" if entry["type"].startswith("DISPUTE") else "Merchant Fees"
    books["Checking" if status == "PAID" else "Shopify Payouts in Transit"] += Decimal(entry["net"]["amount"])
    books[fees] += Decimal(entry["fee"]["amount"])
    books[account] -= Decimal(entry["amount"]["amount"])


def expected(shops) -> Books:
    """All shops together, zeros left out."""
    books: Books = defaultdict(Decimal)
    for shop in shops:
        for part in (of_orders(shop.orders), of_facts(shop.facts)):
            for account, amount in part.items():
                books[account] += amount
    return {account: amount for account, amount in books.items() if amount}


def ledger_of(company_file, *, goods: str = "Inventory Asset", without: Iterable[str] = ()) -> Books:
    """The simulation's ledger without what it found by itself, income accounts as one, bought goods as "goods"."""
    books: Books = defaultdict(Decimal)
    for account, amount in company_file.trial_balance(own_cost=False, own_value=False).items():
        if account not in without:
            books["revenue" if account in REVENUE else "goods" if account == goods else account] += amount
    return {account: amount for account, amount in books.items() if amount}
