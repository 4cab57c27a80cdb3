"""The simulated ends: Shopify, QuickBooks and the Web Connector; imports nothing of ours."""
