"""Payouts of Shopify Payments: what each row posts to, why one waits, and its documents."""
