"""Scopes: which fields an app may read only with a scope of their own, and how a refusal reads."""

from __future__ import annotations

from graphql import GraphQLError

DOCUMENTATION = "https://shopify.dev/api/usage/"
#: type.field -> the scope it needs; what is not listed needs none of its own.
SCOPES = {
    "QueryRoot.order": "read_orders",
    "QueryRoot.orders": "read_orders",
    "QueryRoot.ordersCount": "read_orders",
    "QueryRoot.refund": "read_orders",
    "QueryRoot.return": "read_returns",
    "QueryRoot.customer": "read_customers",
    "QueryRoot.customers": "read_customers",
    "QueryRoot.locations": "read_locations",
    "QueryRoot.productVariants": "read_products",
    "Order.customer": "read_customers",
    "Order.paymentTerms": "read_payment_terms",
    "Order.purchasingEntity": "read_customers",
    "Order.returns": "read_returns",
    "LineItem.variant": "read_products",
    "LineItem.product": "read_products",
    "ProductVariant.inventoryItem": "read_inventory",
    "QueryRoot.shopifyPaymentsAccount": "read_shopify_payments_accounts",
    "ShopifyPaymentsAccount.payouts": "read_shopify_payments_payouts",
    "ShopifyPaymentsAccount.balanceTransactions": "read_shopify_payments_payouts",
    "QueryRoot.disputes": "read_shopify_payments_disputes",
    "ShopifyPaymentsDispute.order": "read_orders",
    "QueryRoot.giftCard": "read_gift_cards",
    "QueryRoot.giftCards": "read_gift_cards",
    "GiftCard.order": "read_orders",
    "GiftCard.transactions": "read_gift_card_transactions",
    "QueryRoot.storeCreditAccount": "read_store_credit_accounts",
    "Customer.storeCreditAccounts": "read_store_credit_accounts",
    "StoreCreditAccount.transactions": "read_store_credit_account_transactions",
    "QueryRoot.cashTrackingSessions": "read_cash_tracking",
    "QueryRoot.inventoryItem": "read_inventory",
    "QueryRoot.inventoryItems": "read_inventory",
    "QueryRoot.inventoryTransfer": "read_inventory_transfers",
    "QueryRoot.inventoryTransfers": "read_inventory_transfers",
    "InventoryTransfer.shipments": "read_inventory_shipments",
    "QueryRoot.inventoryShipment": "read_inventory_shipments",
    "QueryRoot.inventoryPurchaseOrder": "read_inventory_purchase_orders",
    "QueryRoot.inventoryPurchaseOrders": "read_inventory_purchase_orders",
    "InventoryPurchaseOrder.transfers": "read_inventory_transfers",
}


def denied(name: str, scope: str) -> GraphQLError:
    """The error of a field whose scope the app was not given."""
    need = f"`{scope}` access scope."
    return GraphQLError(
        f"Access denied for {name} field. Required access: {need}",
        extensions={
            "code": "ACCESS_DENIED",
            "documentation": DOCUMENTATION + "access-scopes",
            "requiredAccess": need,
        },
    )
