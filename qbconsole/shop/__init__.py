"""PURE. What happened in the shop, in Shopify's words: frozen values, no clock, no files, no network."""
