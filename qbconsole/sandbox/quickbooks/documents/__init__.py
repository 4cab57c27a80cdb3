"""What QuickBooks does with requests that add documents: sales, payments, refunds, checks, journals."""
