"""qbconsole: the bridge from Shopify to QuickBooks Desktop."""
